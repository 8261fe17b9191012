/* From a loop, an attenuation or what a modem shows to a pair, and from there to a line. */
#include "link/copper.h"
#include "link/link.h"
#include "suite.h"

#include <math.h>
#include <string.h>

static struct rnet_copper_solver *solver;

static void
make_solver(void)
{
    ck_assert_int_eq(rnet_copper_solver_new(&solver), RNET_OK);
}

static void
drop_solver(void)
{
    rnet_copper_solver_free(solver);
}

static struct rnet_copper
pair(const char *specification)
{
    struct rnet_copper copper;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_link_copper(specification, solver, &copper, &err) == RNET_OK, "%s: %s",
                  specification, err.message);
    return copper;
}

static struct rnet_copper_result
solve(const struct rnet_copper *copper)
{
    struct rnet_copper_result result;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_copper_solve(solver, copper, &result, &err) == RNET_OK, "%s", err.message);
    return result;
}

static struct rnet_link
line(const char *specification)
{
    struct rnet_link link;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_link_parse(specification, &link, &err) == RNET_OK, "%s: %s", specification,
                  err.message);
    return link;
}

START_TEST(a_loop_is_taken_section_by_section)
{
    const struct rnet_copper copper =
        pair("adsl2+:loop=3.2km@0.4mm+200m@26awg:tap+1.1km@0.5mm,noise=-133,fext=4,margin=6/9,"
             "next=3@isdn,gain=4,cap=8M/1M");

    ck_assert_uint_eq(copper.sections, 3);
    ck_assert_double_eq_tol(copper.section[0].length_m, 3200, 1e-9);
    ck_assert_int_eq(copper.section[0].cable, RNET_CABLE_PE_040);
    ck_assert(!copper.section[0].is_tap && copper.section[1].is_tap && !copper.section[2].is_tap);
    ck_assert_int_eq(copper.section[1].cable, RNET_CABLE_AWG_26);
    ck_assert_int_eq(copper.section[2].cable, RNET_CABLE_PE_050);
    ck_assert_double_eq_tol(copper.noise_dbm_hz, -133, 1e-9);
    ck_assert_double_eq_tol(copper.fext, 4, 1e-9);
    ck_assert_double_eq_tol(copper.next, 3, 1e-9);
    ck_assert_int_eq(copper.next_kind, RNET_DISTURBER_ISDN);
    ck_assert_double_eq_tol(copper.margin_db[RNET_DOWN], 6, 1e-9);
    ck_assert_double_eq_tol(copper.margin_db[RNET_UP], 9, 1e-9);
    ck_assert_double_eq_tol(copper.coding_gain_db, 4, 1e-9);
    ck_assert_uint_eq(copper.cap_bps[RNET_DOWN], 8000000);
    ck_assert_uint_eq(copper.cap_bps[RNET_UP], 1000000);
}
END_TEST

START_TEST(a_line_has_the_rates_of_its_pair)
{
    static const char specification[] = "adsl2+:loop=2km@0.4mm+1km@0.6mm";
    const struct rnet_copper copper = pair(specification);
    const struct rnet_copper_result result = solve(&copper);
    char at[100];

    for (int way = 0; way < RNET_DIRECTIONS; way++) {
        const struct rnet_copper_direction *direction = &result.direction[way];

        ck_assert_uint_eq(line(specification).direction[way].rate_bps, direction->rate_bps);
        snprintf(at, sizeof at, "%s,rate=p10", specification);
        ck_assert_uint_eq(line(at).direction[way].rate_bps, direction->p10_bps);
        snprintf(at, sizeof at, "%s,rate=p50", specification);
        ck_assert_uint_eq(line(at).direction[way].rate_bps, direction->p50_bps);
        snprintf(at, sizeof at, "%s,rate=p90", specification);
        ck_assert_uint_eq(line(at).direction[way].rate_bps, direction->p90_bps);
    }
    /* 3 km at two thirds of the speed of light. */
    ck_assert_int_eq(line(specification).direction[RNET_UP].delay_ns,
                     line("adsl2+:8000/1000").direction[RNET_UP].delay_ns + 15750);
}
END_TEST

/* Length times coefficient is how France Telecom planned: standards.md §6.1. */
START_TEST(a_planning_attenuation_is_a_length_of_each_gauge)
{
    const struct rnet_copper thin = pair("adsl2+:attenuation=45@0.4mm");
    const struct rnet_copper wide = pair("adsl2+:attenuation=45dB@0.8mm");
    const struct rnet_copper unknown = pair("adsl2+:attenuation=45");

    ck_assert_double_eq_tol(thin.section[0].length_m, 3000, 1e-6);
    ck_assert_double_eq_tol(wide.section[0].length_m, 45 / 7.9 * 1000, 1e-6);
    ck_assert_double_eq_tol(solve(&thin).planning_db, 45, 1e-9);
    ck_assert_double_eq_tol(solve(&wide).planning_db, 45, 1e-9);
    ck_assert_double_le(thin.other.length_m, 0);
    ck_assert_double_eq_tol(unknown.section[0].length_m, 3000, 1e-6);
    ck_assert_double_eq_tol(unknown.other.length_m, 45 / 10.3 * 1000, 1e-6);
    ck_assert_int_eq(unknown.other.cable, RNET_CABLE_PE_063);
}
END_TEST

START_TEST(an_unknown_gauge_widens_the_band_and_leaves_the_point)
{
    const struct rnet_copper unknown = pair("adsl2+:attenuation=45");
    const struct rnet_copper thin = pair("adsl2+:attenuation=45@0.4mm");
    const struct rnet_copper wide = pair("adsl2+:attenuation=45@0.6mm");
    const struct rnet_copper_result any = solve(&unknown), a = solve(&thin), b = solve(&wide);

    for (int way = 0; way < RNET_DIRECTIONS; way++) {
        ck_assert_uint_eq(any.direction[way].rate_bps, a.direction[way].rate_bps);
        ck_assert_uint_le(any.direction[way].p10_bps, a.direction[way].p10_bps);
        ck_assert_uint_le(any.direction[way].p10_bps, b.direction[way].p10_bps);
        ck_assert_uint_ge(any.direction[way].p90_bps, a.direction[way].p90_bps);
        ck_assert_uint_ge(any.direction[way].p90_bps, b.direction[way].p90_bps);
    }
    ck_assert_uint_gt(any.direction[RNET_DOWN].p90_bps, a.direction[RNET_DOWN].p90_bps);
}
END_TEST

START_TEST(a_modem_would_show_over_the_found_pair_what_was_stated)
{
    static const char *const families[] = {"adsl",    "readsl2", "adsl2+",
                                           "adsl2+m", "vdsl2",   "vdsl2-8b"};
    static const char *const cables[] = {"", "@0.4mm", "@0.6mm", "@24awg"};
    static const double shown[] = {0, 1, 4.1, 12.5, 29.7, 39.6, 60.8};

    for (size_t cable = 0; cable < 4; cable++)
        for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
            char specification[100];
            struct rnet_copper copper;

            snprintf(specification, sizeof specification, "%s:modem=%.1fdB%s", families[_i],
                     shown[i], cables[cable]);
            copper = pair(specification);
            ck_assert_double_eq_tol(solve(&copper).direction[RNET_DOWN].attenuation_db, shown[i],
                                    0.005);
        }
}
END_TEST

/* The attenuation of G.992.3 by its definition: total power sent over total power received. */
START_TEST(modem_attenuation_compares_total_powers)
{
    const struct rnet_copper copper = pair("adsl2:loop=2km@0.4mm");
    double received = 0;

    for (int tone = 33; tone <= 255; tone++) {
        const struct copper_wave wave =
            copper_cable_wave(&copper_cables[RNET_CABLE_PE_040], tone * 4312.5);
        struct copper_chain chain = copper_chain_start();

        copper_chain_section(&chain, &wave, 2);
        received += copper_chain_gain(&chain);
    }
    ck_assert_double_eq_tol(solve(&copper).direction[RNET_DOWN].attenuation_db,
                            -10 * log10(received / (255 - 32)), 1e-9);
}
END_TEST

START_TEST(rate_attenuation_and_margin_of_a_modem_say_how_noisy_the_pair_is)
{
    const struct rnet_copper said = pair("adsl2+:7400/900,modem=39.6dB,margin=8dB");
    const struct rnet_copper quieter = pair("adsl2+:9000/900,modem=39.6dB,margin=8dB");
    struct rnet_copper spare = said;

    ck_assert_double_eq_tol((double)solve(&said).direction[RNET_DOWN].rate_bps, 7.4e6, 4000);
    ck_assert_double_lt(quieter.noise_dbm_hz, said.noise_dbm_hz);
    spare.margin_db[RNET_DOWN] = 6;
    ck_assert_uint_gt(solve(&spare).direction[RNET_DOWN].rate_bps, 7400000);
    /* No noise at all would let so long a loop sync at 20 Mbit/s: the default stays. */
    ck_assert_double_eq_tol(pair("adsl2+:24000/900,modem=60dB").noise_dbm_hz, -140, 1e-9);
}
END_TEST

START_TEST(rates_alone_say_nothing_of_a_pair)
{
    static const char *const rates[] = {"adsl:2048/256", "adsl-2m", "4g",
                                        "adsl2+:8000/900,margin=6"};
    struct rnet_copper copper;
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_link_copper(rates[_i], solver, &copper, &err), RNET_ECANTTELL);
    ck_assert_uint_gt(strlen(err.message), 10);
    ck_assert_int_eq(rnet_link_copper("adsl:2048", solver, &copper, NULL), RNET_EINVAL);
}
END_TEST

/* 8128 kbit/s on the fast path and 7616 interleaved, as BT Max had (standards.md §6.5). */
START_TEST(a_short_adsl_loop_is_bound_by_its_codeword)
{
    const struct rnet_copper copper = pair("adsl:loop=300m@0.4mm");
    const struct rnet_copper_result result = solve(&copper);

    ck_assert_uint_eq(result.direction[RNET_DOWN].rate_bps, 8128000);
    ck_assert_uint_eq(result.direction[RNET_DOWN].p10_bps, 7616000);
    ck_assert_uint_eq(result.direction[RNET_DOWN].p90_bps, 8128000);
}
END_TEST

START_TEST(an_offer_caps_the_rate)
{
    const struct rnet_link link = line("adsl2+:loop=500m@0.4mm,cap=2048/256");

    ck_assert_uint_eq(link.direction[RNET_DOWN].rate_bps, 2048000);
    ck_assert_uint_eq(link.direction[RNET_UP].rate_bps, 256000);
}
END_TEST

START_TEST(every_failed_allocation_is_reported_and_survived)
{
    static const char *const lines[] = {"adsl2+:loop=2km@0.4mm", "adsl2+:modem=30",
                                        "adsl2+:attenuation=40"};
    enum rnet_status status = RNET_ENOMEM;
    struct rnet_link link;

    for (uint64_t n = 1; status != RNET_OK; n++) {
        ck_assert_uint_lt(n, 200);
        rnet_alloc_fail_at(n);
        status = rnet_link_parse(lines[_i], &link, NULL);
        rnet_alloc_fail_at(0);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link pair");
    TCase *tcase = tcase_create("pair");

    tcase_add_checked_fixture(tcase, make_solver, drop_solver);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_loop_is_taken_section_by_section);
    tcase_add_test(tcase, a_line_has_the_rates_of_its_pair);
    tcase_add_test(tcase, a_planning_attenuation_is_a_length_of_each_gauge);
    tcase_add_test(tcase, an_unknown_gauge_widens_the_band_and_leaves_the_point);
    tcase_add_loop_test(tcase, a_modem_would_show_over_the_found_pair_what_was_stated, 0, 6);
    tcase_add_test(tcase, modem_attenuation_compares_total_powers);
    tcase_add_test(tcase, rate_attenuation_and_margin_of_a_modem_say_how_noisy_the_pair_is);
    tcase_add_loop_test(tcase, rates_alone_say_nothing_of_a_pair, 0, 4);
    tcase_add_test(tcase, a_short_adsl_loop_is_bound_by_its_codeword);
    tcase_add_test(tcase, an_offer_caps_the_rate);
    tcase_add_loop_test(tcase, every_failed_allocation_is_reported_and_survived, 0, 3);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
