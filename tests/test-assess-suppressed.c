/* Suppressed demand: what a full line at the capture takes away from verdicts, and that reports say
 * it. */
#include "assess/assess.h"
#include "suite.h"
#include "verdict/verdict.h"

#include <ruralnet/report.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *why;
    double up_bps, down_bps; /* estimated, IP; 0 = never full */
    const char *line;
    bool frees;
} lines[] = {
    {"nothing was full", 0, 0, "adsl:2048/256", false},
    {"the same line: 2048 kbit/s of cells are 1802 of full packets", 0, 1.8e6, "adsl:2048/256",
     true},
    {"the estimate may be a fifth too high", 0, 2.2e6, "adsl:2048/256", true},
    {"a step of the ladder below", 0, 1.8e6, "adsl:1024/256", false},
    {"faster down, where nothing was full", 0.225e6, 0, "adsl:8192/128", false},
    {"faster up, where it was", 0.225e6, 0, "adsl:1024/512", true},
    {"one of two full directions is enough", 0.225e6, 1.8e6, "adsl:1024/512", true},
    {"without cells", 0, 10e6, "ethernet:10000/10000", true},
};

START_TEST(a_line_frees_demand_when_it_is_as_fast_where_the_captured_one_was_full)
{
    const struct rnet_captured_line captured = {
        .rate_bps = {[RNET_UP] = lines[_i].up_bps, [RNET_DOWN] = lines[_i].down_bps}};
    struct rnet_link link;

    ck_assert_int_eq(rnet_link_parse(lines[_i].line, &link, NULL), RNET_OK);
    ck_assert_msg(line_frees_demand(&captured, &link) == lines[_i].frees, "%s", lines[_i].why);
}
END_TEST

/* Thirty small pages over ten minutes, and one upload that only a fast uplink carries in time. */
static struct rnet_profile *
make_profile(const struct rnet_captured_line *captured)
{
    const struct rnet_label web = {
        .usage = RNET_USAGE_WEB, .evidence = RNET_EVIDENCE_NAME, .confidence = 1};
    const struct rnet_label sync = {
        .usage = RNET_USAGE_CLOUD_SYNC, .evidence = RNET_EVIDENCE_NAME, .confidence = 1};
    struct rnet_capture_facts facts = {.end_ns = 600 * RNET_NS_PER_S, .complete = true};
    struct rnet_profile *profile;

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    for (uint64_t id = 1; id <= 31; id++) {
        const int64_t start_ns = (int64_t)id * 10 * RNET_NS_PER_S;
        const bool up = id == 31;
        const struct rnet_message messages[2] = {
            {.start_ns = start_ns,
             .end_ns = start_ns,
             .bytes = up ? 5000000 : 400,
             .release = RNET_RELEASE_OPEN,
             .after_message = RNET_NONE,
             .flags = RNET_MESSAGE_OPENS_EXCHANGE,
             .activity = (uint32_t)id},
            {.start_ns = start_ns + 1,
             .end_ns = start_ns + 1,
             .bytes = up ? 100 : 20000,
             .direction = RNET_DOWN,
             .release = RNET_RELEASE_DELIVERY,
             .after_conversation = (uint32_t)id,
             .activity = (uint32_t)id},
        };
        const struct rnet_flow flow = {.id = id,
                                       .conversation = {.start_ns = start_ns,
                                                        .end_ns = start_ns + 1,
                                                        .bytes = {1000, 22000},
                                                        .packets = {10, 20},
                                                        .rtt_internet_ns = 10000000,
                                                        .rtt_office_ns = -1,
                                                        .after_conversation = RNET_NONE,
                                                        .after_message = RNET_NONE,
                                                        .items = 2,
                                                        .flags = RNET_CONVERSATION_HANDSHAKE_SEEN}};

        ck_assert_int_eq(rnet_profile_add_messages(profile, id, messages, 0, 2), RNET_OK);
        ck_assert_int_eq(rnet_profile_add_flow(profile, &flow, up ? &sync : &web), RNET_OK);
    }
    facts.captured_line = *captured;
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        facts.notices.count[RNET_NOTICE_SUPPRESSED_DEMAND] += captured->rate_bps[d] > 0;
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    return profile;
}

static const struct rnet_captured_line slow = {
    .rate_bps = {0, 1802000}, .full_s = {0, 12.5}, .delay_ms = {(double)NAN, 260}};

static struct rnet_assessment assessment;

static void
assess_lines(struct rnet_profile *profile, const char *first, const char *second)
{
    const char *both[] = {first, second};
    const struct rnet_assess_options options = {
        .links = both, .link_count = 2, .seed = 1, .replications = 2, .threads = 1};

    assessment = (struct rnet_assessment){0};
    ck_assert_int_eq(rnet_assess(profile, &options, &assessment, NULL), RNET_OK);
}

START_TEST(what_is_met_on_a_line_as_fast_becomes_cannot_say_and_what_is_not_stays)
{
    const struct rnet_captured_line nothing = {.delay_ms = {(double)NAN, (double)NAN}};
    struct rnet_profile *profile = make_profile(&nothing);
    const struct rnet_verdict *verdict;

    assess_lines(profile, "adsl:1024/256", "adsl:8192/256");
    ck_assert_int_eq(rnet_verdict_of(&assessment.links[1].verdict, RNET_USAGE_WEB)->met,
                     RNET_ANSWER_YES);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);

    profile = make_profile(&slow);
    assess_lines(profile, "adsl:1024/256", "adsl:8192/256");
    /* Slower than the captured line: as it is. */
    ck_assert_int_eq(rnet_verdict_of(&assessment.links[0].verdict, RNET_USAGE_WEB)->met,
                     RNET_ANSWER_YES);
    verdict = &assessment.links[1].verdict;
    ck_assert_int_eq(rnet_verdict_of(verdict, RNET_USAGE_WEB)->met, RNET_ANSWER_CANNOT_SAY);
    ck_assert_int_eq(rnet_verdict_of(verdict, RNET_USAGE_WEB)->grade, RNET_GRADE_CANNOT_SAY);
    ck_assert_int_eq(rnet_verdict_of(verdict, RNET_USAGE_WEB)->doubt, RNET_DOUBT_SUPPRESSED);
    ck_assert_int_eq(rnet_verdict_of(verdict, RNET_USAGE_CLOUD_SYNC)->met, RNET_ANSWER_NO);
    ck_assert_int_eq(verdict->satisfied, RNET_ANSWER_NO);
    ck_assert_uint_eq(verdict->met, 0);
    ck_assert_uint_eq(verdict->cannot_say, 1);
    ck_assert_uint_eq(verdict->not_met, 1);
    ck_assert_double_eq(verdict->met_volume_ratio, 0);
    ck_assert_ptr_nonnull(strstr(verdict->sentence, "captured behind a full line"));
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(the_answer_does_not_say_that_no_line_would_do_where_it_cannot_say)
{
    struct rnet_profile *profile = make_profile(&slow);

    assess_lines(profile, "adsl:4096/800", "adsl:8192/1000");
    ck_assert_int_eq(assessment.links[1].verdict.satisfied, RNET_ANSWER_CANNOT_SAY);
    ck_assert_uint_eq(assessment.first_satisfied, 2);
    ck_assert_ptr_nonnull(strstr(assessment.sentence, "surely meets everything"));
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(every_format_says_so_with_the_rates_and_a_saved_profile_keeps_them)
{
    char path[] = "/tmp/test-suppressed-XXXXXX";
    const int file = mkstemp(path);
    struct rnet_profile *profile = make_profile(&slow), *again;
    struct rnet_report report = {.assessment = &assessment};
    char *text[3];
    size_t length;

    ck_assert_int_ge(file, 0);
    close(file);
    ck_assert_int_eq(rnet_profile_save(profile, path, NULL), RNET_OK);
    rnet_profile_free(profile);
    ck_assert_int_eq(rnet_profile_load(path, &again, NULL), RNET_OK);
    unlink(path);
    report.profile = rnet_profile_get_summary(again);
    ck_assert_double_eq(report.profile->captured_line.rate_bps[RNET_DOWN], 1802000);
    ck_assert_double_eq(report.profile->captured_line.rate_bps[RNET_UP], 0);
    ck_assert_double_eq(report.profile->captured_line.full_s[RNET_DOWN], 12.5);
    ck_assert_double_eq(report.profile->captured_line.delay_ms[RNET_DOWN], 260);
    ck_assert(isnan(report.profile->captured_line.delay_ms[RNET_UP]));
    assess_lines(again, "adsl:1024/256", "adsl:8192/256");
    ck_assert_int_eq(
        rnet_report_text(&report, &(struct rnet_text_options){.columns = 200}, &text[0], &length),
        RNET_OK);
    ck_assert_int_eq(rnet_report_html(&report, &text[1], &length), RNET_OK);
    ck_assert_int_eq(rnet_report_json(&report, &text[2], &length), RNET_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(strstr(text[i], "1.8 Mbit/s of IP packets down") != NULL, "format %d", i);
        rnet_report_free(text[i]);
    }
    rnet_assessment_clear(&assessment);
    rnet_profile_free(again);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("assess-suppressed");
    TCase *tcase = tcase_create("suppressed");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase,
                        a_line_frees_demand_when_it_is_as_fast_where_the_captured_one_was_full, 0,
                        sizeof lines / sizeof *lines);
    tcase_add_test(tcase, what_is_met_on_a_line_as_fast_becomes_cannot_say_and_what_is_not_stays);
    tcase_add_test(tcase, the_answer_does_not_say_that_no_line_would_do_where_it_cannot_say);
    tcase_add_test(tcase, every_format_says_so_with_the_rates_and_a_saved_profile_keeps_them);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
