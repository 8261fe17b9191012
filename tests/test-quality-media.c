/* Check values: standards.md 2.1, 3.1 to 3.3, 4.1, 4.2. */
#include "suite.h"

#include <ruralnet/score.h>

#include <math.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
    int set;
    double rate, frames, loss, vq;
} g1070[] = {
    {1, 256, 15, 0, 2.990893},  {1, 512, 25, 0, 3.653486},  {1, 512, 25, 1, 3.082931},
    {5, 256, 15, 0, 2.864990},  {5, 512, 15, 0, 3.545824},  {5, 512, 25, 1, 2.871503},
    {5, 1000, 30, 0, 3.799114}, {5, 1000, 30, 1, 2.930044}, {5, 1000, 30, 3, 1.917615},
    {2, 128, 15, 0, 2.897067},  {3, 500, 25, 0, 2.918432},  {4, 1000, 25, 0, 3.536221},
};

START_TEST(g1070_gives_the_tabulated_video_quality)
{
    ck_assert_double_eq_tol(
        rnet_g1070_video(g1070[_i].set, g1070[_i].rate, g1070[_i].frames, g1070[_i].loss).vq,
        g1070[_i].vq, 1e-6);
}
END_TEST

START_TEST(g1070_gives_its_terms)
{
    const struct rnet_g1070_terms t = rnet_g1070_video(5, 512, 25, 1);

    ck_assert_double_eq_tol(t.ofr, 12.121800, 1e-6);
    ck_assert_double_eq_tol(t.iofr, 2.578609, 1e-6);
    ck_assert_double_eq_tol(t.dfr, 1.331760, 1e-6);
    ck_assert_double_eq_tol(t.icoding, 2.224495, 1e-6);
    ck_assert_double_eq_tol(t.dppl, 5.787435, 1e-6);
}
END_TEST

START_TEST(g1070_stays_on_its_scale_for_any_input)
{
    static const double odd[] = {-1, 0, 1e-9, 1, 1e9, INFINITY};

    for (int set = -1; set <= 6; set++)
        for (size_t a = 0; a < COUNT(odd); a++)
            for (size_t b = 0; b < COUNT(odd); b++)
                for (size_t c = 0; c < COUNT(odd); c++) {
                    const double vq = rnet_g1070_video(set, odd[a], odd[b], odd[c]).vq;

                    ck_assert_double_ge(vq, 1);
                    ck_assert_double_le(vq, 5);
                }
}
END_TEST

static const struct {
    double coded, display, rate, frames, pc, mobile; /* mobile 0 = not published */
} videos[] = {
    {426 * 240, 1920 * 1080, 250, 25, 1.092974, 1.321625},
    {640 * 360, 1920 * 1080, 400, 25, 1.863888, 2.293189},
    {640 * 360, 1920 * 1080, 800, 25, 2.035838, 2.477606},
    {640 * 360, 640 * 360, 500, 25, 4.055474, 4.209149},
    {640 * 360, 1920 * 1080, 500, 15, 1.713417, 2.123175},
    {854 * 480, 1920 * 1080, 1000, 25, 2.799307, 3.195733},
    {1280 * 720, 1920 * 1080, 1000, 25, 3.625362, 3.866451},
    {1280 * 720, 1280 * 720, 1500, 30, 4.229774, 4.351889},
    {1280 * 720, 1920 * 1080, 2500, 25, 3.843049, 4.038811},
    {1920 * 1080, 1920 * 1080, 691.72, 25, 4.072543327408124, 4.222988},
    {1920 * 1080, 1920 * 1080, 1500, 25, 4.207298, 4.333289},
    {1920 * 1080, 1920 * 1080, 4158.04, 25, 4.387760507756067, 0},
    {1920 * 1080, 1920 * 1080, 6593.59, 25, 4.457277347608129, 4.544142},
    {1920 * 1080, 1920 * 1080, 7172.66, 25, 4.468355547928019, 0},
};

START_TEST(p1203_video_gives_the_reference_outputs)
{
    ck_assert_double_eq_tol(rnet_p1203_video(videos[_i].coded, videos[_i].display, videos[_i].rate,
                                             videos[_i].frames, false),
                            videos[_i].pc, 2e-6);
    if (videos[_i].mobile > 0)
        ck_assert_double_eq_tol(rnet_p1203_video(videos[_i].coded, videos[_i].display,
                                                 videos[_i].rate, videos[_i].frames, true),
                                videos[_i].mobile, 2e-6);
}
END_TEST

static const struct {
    enum rnet_audio_codec codec;
    double rate, o21;
} audios[] = {
    {RNET_AUDIO_AAC_LC, 32, 3.643341},  {RNET_AUDIO_AAC_LC, 64, 4.407675},
    {RNET_AUDIO_AAC_LC, 128, 4.553814}, {RNET_AUDIO_AAC_LC, 331.46, 4.5595879322084585},
    {RNET_AUDIO_HE_AAC, 32, 4.224362},  {RNET_AUDIO_HE_AAC, 64, 4.347891},
    {RNET_AUDIO_MP2, 128, 4.215867},    {RNET_AUDIO_AC3, 192, 4.509241},
};

START_TEST(p1203_audio_gives_the_reference_outputs)
{
    ck_assert_double_eq_tol(rnet_p1203_audio(audios[_i].codec, audios[_i].rate), audios[_i].o21,
                            1e-6);
}
END_TEST

#define CORE(o46, rf) (((o46)-0.02833052) / 0.98117059 - 0.25 * (rf)) / 0.75

static const struct {
    double q;
    struct rnet_stall stalls[3];
    size_t count;
    double o23, o35, rf, o46;
} sessions[] = {
    {4.0, {{0, 0}}, 0, 5, 5, 4.337151, 4.771591},
    {4.0, {{0, 2}}, 1, 4.530737, 5, 4.337151, 4.426271},
    {4.0, {{0, 5}}, 1, 4.437434, 5, 4.318786, 4.353107},
    {4.0, {{0, 10}}, 1, 4.287377, 5, 4.003946, 4.165455},
    {4.0, {{30, 2}}, 1, 4.523517, 5, 4.040878, 4.348285},
    {4.0, {{30, 5}}, 1, 4.419890, 5, 3.761374, 4.203467},
    {4.0, {{20, 3}, {40, 3}}, 2, 3.947102, 5, 3.287114, 3.739221},
    {4.0, {{10, 4}, {25, 4}, {50, 4}}, 3, 3.476347, 5, 3.339606, 3.405678},
    {3.0, {{0, 0}}, 0, 5, 3.938107, 3.817711, 3.862753},
    {4.5, {{0, 0}}, 0, 5, 5, 4.462420, 4.802319},
};

START_TEST(a_session_gives_the_reference_outputs_but_for_the_forest)
{
    double o21[60], o22[60];
    struct rnet_p1203 score;

    for (int t = 0; t < 60; t++) {
        o21[t] = 4.5;
        o22[t] = sessions[_i].q;
    }
    score = rnet_p1203_session(o21, o22, 60, sessions[_i].stalls, sessions[_i].count);
    ck_assert_double_eq_tol(score.o23, sessions[_i].o23, 1e-6);
    ck_assert_double_eq_tol(score.o35, sessions[_i].o35, 1e-6);
    /* The reference's own result, less its forest, is our closed form. */
    ck_assert_double_eq_tol((score.mos - 0.02833052) / 0.98117059,
                            CORE(sessions[_i].o46, sessions[_i].rf), 1e-5);
}
END_TEST

static const struct {
    struct rnet_stall stalls[2];
    size_t count;
    double seconds, si;
} stallings[] = {
    {{{0, 5}}, 1, 60, 0.859359},
    {{{30, 5}}, 1, 60, 0.854973},
    {{{55, 5}}, 1, 60, 0.832003},
    {{{0, 10}}, 1, 300, 0.882942},
    {{{0, 2}}, 1, 298, (4.5816540429887915 - 1) / 4},
    {{{0, 5}, {5, 30}}, 2, 20, (1.9003358607261784 - 1) / 4},
};

START_TEST(stalling_alone_gives_the_reference_outputs)
{
    ck_assert_double_eq_tol(
        rnet_p1203_stalling(stallings[_i].stalls, stallings[_i].count, stallings[_i].seconds),
        stallings[_i].si, 1e-6);
}
END_TEST

/* L of the Recommendation, from SI = exp(-S/9.35158684 - (L/n)/0.91890815) of a single stall. */
static const double weighted_s[] = {2.460946, 2.743063, 4.244524};

START_TEST(a_stall_weighs_by_how_long_ago_it_was)
{
    const double si = rnet_p1203_stalling(stallings[_i].stalls, 1, 60);

    ck_assert_double_eq_tol(-(log(si) + 1 / 9.35158684) * 0.91890815 * 60, weighted_s[_i], 1e-5);
}
END_TEST

START_TEST(swings_of_quality_cost_and_steady_quality_does_not)
{
    double o21[120], steady[120], swinging[120], falling[120];

    for (int t = 0; t < 120; t++) {
        o21[t] = 4.5;
        steady[t] = 3;
        swinging[t] = t / 6 % 2 == 0 ? 2 : 4;
        falling[t] = t < 60 ? 4 : 2;
    }
    /* same mean: the one that swings is worse, and so is the one that ends badly */
    ck_assert_double_lt(rnet_p1203_session(o21, swinging, 120, NULL, 0).o35,
                        rnet_p1203_session(o21, steady, 120, NULL, 0).o35 - 0.3);
    ck_assert_double_lt(rnet_p1203_session(o21, falling, 120, NULL, 0).o35,
                        rnet_p1203_session(o21, steady, 120, NULL, 0).o35);
    ck_assert(isnan(rnet_p1203_session(o21, steady, 0, NULL, 0).mos));
}
END_TEST

START_TEST(stalls_alone_cost_as_hossfeld_found)
{
    ck_assert_double_eq_tol(rnet_stall_mos(0, 0), 5, 1e-12);
    ck_assert_double_eq_tol(rnet_stall_mos(1, 4), 3.5 * exp(-0.79) + 1.5, 1e-12);
    ck_assert_double_eq_tol(rnet_stall_mos(100, 10), 1.5, 1e-9);
}
END_TEST

static const struct {
    double t, mos[3];
} webs[] = {
    {0.5, {3.6349, 4.0167, 4.6143}}, {1, {2.8999, 3.4019, 4.0911}}, {2, {2.1649, 2.7871, 3.5678}},
    {4, {1.4299, 2.1723, 3.0445}},   {10, {1, 1.3596, 2.3527}},     {30, {1, 1, 1.5233}},
};

START_TEST(waiting_for_a_page_costs_by_its_logarithm)
{
    static const double worst[] = {6, 15, 60};

    for (size_t i = 0; i < COUNT(worst); i++)
        ck_assert_double_eq_tol(rnet_web_mos(webs[_i].t, worst[i]), webs[_i].mos[i], 1e-4);
    ck_assert_double_eq(rnet_web_mos(0, 6), 5);
    ck_assert_double_eq(rnet_web_mos((double)INFINITY, 6), 1);
    ck_assert(isnan(rnet_web_mos((double)NAN, 6)));
    ck_assert_double_eq_tol(rnet_web_search_mos(0.011 * 15 + 0.47, 15), 5, 1e-9);
    ck_assert_double_eq_tol(rnet_web_mos_between(2, 0.003 * 15 + 0.12, 15), 2.7871, 1e-4);
    ck_assert_double_eq_tol(rnet_web_mos_between(3, 1, 9), 3, 1e-12); /* half way in logarithms */
    ck_assert_double_eq(rnet_web_mos_between(3, 0, 9), 1);
    ck_assert_double_eq(rnet_web_mos_between(3, 2, 2), 1);
    ck_assert_double_eq_tol(rnet_web_search_mos(15, 15), 1, 1e-9);
    ck_assert_double_eq_tol(rnet_iqx(0, 3, 2, 1), 4, 1e-12);
}
END_TEST

START_TEST(apdex_counts_satisfied_tolerating_and_frustrated)
{
    double times[100];

    for (int i = 0; i < 100; i++)
        times[i] = i < 60 ? 1 : i < 90 ? 8 : i < 95 ? 8.1 : (double)INFINITY;
    ck_assert_double_eq_tol(rnet_apdex(times, 100, 2), 0.75, 1e-12);
    ck_assert(isnan(rnet_apdex(times, 0, 2)));
    ck_assert_str_eq(rnet_apdex_band(0.94), "excellent");
    ck_assert_str_eq(rnet_apdex_band(0.85), "good");
    ck_assert_str_eq(rnet_apdex_band(0.75), "fair");
    ck_assert_str_eq(rnet_apdex_band(0.70), "fair");
    ck_assert_str_eq(rnet_apdex_band(0.50), "poor");
    ck_assert_str_eq(rnet_apdex_band(0.49), "unacceptable");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("quality-media");
    TCase *tcase = tcase_create("media");

    tcase_add_loop_test(tcase, g1070_gives_the_tabulated_video_quality, 0, COUNT(g1070));
    tcase_add_test(tcase, g1070_gives_its_terms);
    tcase_add_test(tcase, g1070_stays_on_its_scale_for_any_input);
    tcase_add_loop_test(tcase, p1203_video_gives_the_reference_outputs, 0, COUNT(videos));
    tcase_add_loop_test(tcase, p1203_audio_gives_the_reference_outputs, 0, COUNT(audios));
    tcase_add_loop_test(tcase, a_session_gives_the_reference_outputs_but_for_the_forest, 0,
                        COUNT(sessions));
    tcase_add_loop_test(tcase, stalling_alone_gives_the_reference_outputs, 0, COUNT(stallings));
    tcase_add_loop_test(tcase, a_stall_weighs_by_how_long_ago_it_was, 0, COUNT(weighted_s));
    tcase_add_test(tcase, swings_of_quality_cost_and_steady_quality_does_not);
    tcase_add_test(tcase, stalls_alone_cost_as_hossfeld_found);
    tcase_add_loop_test(tcase, waiting_for_a_page_costs_by_its_logarithm, 0, COUNT(webs));
    tcase_add_test(tcase, apdex_counts_satisfied_tolerating_and_frustrated);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
