/* The modelled half and its report: the same bytes for any number of threads, sane along the
 * ladder. */
#include "assess/assess.h"
#include "base/base.h"
#include "suite.h"

#include <ruralnet/report.h>

#include <jansson.h>
#include <string.h>

#define S RNET_NS_PER_S

/* A G.711 call of 20 s beside an upload of `upload_bytes`, which is of `usage`. */
static struct rnet_profile *
make_office_with(enum rnet_usage usage, uint64_t upload_bytes)
{
    enum { PACKETS = 1000 };
    static struct rnet_datagram call[2 * PACKETS];
    const struct rnet_message upload = {.start_ns = 2 * S,
                                        .end_ns = 3 * S,
                                        .bytes = upload_bytes,
                                        .release = RNET_RELEASE_OPEN,
                                        .flags = RNET_MESSAGE_OPENS_EXCHANGE};
    const struct rnet_label voice = {.usage = RNET_USAGE_VOIP, .confidence = 1};
    const struct rnet_label bulk = {.usage = usage, .confidence = 1};
    const struct rnet_capture_facts facts = {
        .packets = 1, .end_ns = 21 * S, .complete = true, .digest = "d"};
    struct rnet_flow flow = {.id = 1,
                             .conversation = {.end_ns = 20 * S,
                                              .transport = RNET_TRANSPORT_OPEN,
                                              .rtt_internet_ns = 20000000,
                                              .rtt_office_ns = 1000,
                                              .bytes = {200 * PACKETS, 200 * PACKETS},
                                              .packets = {PACKETS, PACKETS}}};
    struct rnet_profile *profile;

    for (int i = 0; i < 2 * PACKETS; i++)
        call[i] = (struct rnet_datagram){.time_ns = i / 2 * 20 * RNET_NS_PER_MS + (i & 1),
                                         .ip_bytes = 200,
                                         .direction = (uint8_t)(i & 1),
                                         .sequence = (uint16_t)(i / 2 + 1)};
    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_datagrams(profile, 1, call, 0, 2 * PACKETS), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_flow(profile, &flow, &voice), RNET_OK);
    flow = (struct rnet_flow){.id = 2,
                              .conversation = {.start_ns = 2 * S - 1,
                                               .end_ns = 3 * S,
                                               .rtt_internet_ns = 20000000,
                                               .rtt_office_ns = 1000,
                                               .bytes = {upload_bytes, 1000},
                                               .packets = {upload_bytes / 1460 + 1, 20},
                                               .mss_bytes = {1460, 1460},
                                               .open_release = RNET_RELEASE_CLOCK,
                                               .flags = RNET_CONVERSATION_HANDSHAKE_SEEN}};
    ck_assert_int_eq(rnet_profile_add_messages(profile, 2, &upload, 0, 1), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_flow(profile, &flow, &bulk), RNET_OK);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    return profile;
}

static struct rnet_profile *
make_office(uint64_t upload_bytes)
{
    return make_office_with(RNET_USAGE_FILE_TRANSFER, upload_bytes);
}

static char *
json_report(struct rnet_profile *profile, uint32_t threads)
{
    const char *const lines[] = {"adsl:2048/256", "ethernet:300000/300000"};
    const struct rnet_assess_options options = {
        .links = lines, .link_count = 2, .threads = threads, .seed = 7, .replications = 3};
    struct rnet_assessment assessment = {0};
    const struct rnet_report report = {.profile = rnet_profile_get_summary(profile),
                                       .assessment = &assessment};
    struct rnet_error err = {0};
    char *text;
    size_t length;

    ck_assert_int_eq(rnet_assess(profile, &options, &assessment, &err), RNET_OK);
    ck_assert_int_eq(rnet_report_json(&report, &text, &length), RNET_OK);
    ck_assert_uint_eq(strlen(text), length);
    rnet_assessment_clear(&assessment);
    return text;
}

START_TEST(the_report_is_the_same_for_any_number_of_threads)
{
    struct rnet_profile *profile = make_office(2000000);
    char *one = json_report(profile, 1), *many = json_report(profile, (uint32_t)_i);

    ck_assert_str_eq(one, many);
    rnet_report_free(one);
    rnet_report_free(many);
    rnet_profile_free(profile);
}
END_TEST

static const char *
grade_of_voice(const json_t *root, size_t link)
{
    const json_t *usages =
        json_object_get(json_array_get(json_object_get(root, "links"), link), "usages");

    for (size_t i = 0; i < json_array_size(usages); i++) {
        const json_t *usage = json_array_get(usages, i);

        if (strcmp(json_string_value(json_object_get(usage, "usage")), "voip") == 0)
            return json_string_value(json_object_get(usage, "grade"));
    }
    return "absent";
}

START_TEST(an_upload_ruins_the_call_on_a_slow_uplink_and_only_there)
{
    struct rnet_profile *profile = make_office(2000000);
    char *text = json_report(profile, 2);
    json_t *root = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(root);
    ck_assert_str_eq(grade_of_voice(root, 0), "insufficient");
    ck_assert_str_eq(grade_of_voice(root, 1), "good");
    json_decref(root);
    rnet_report_free(text);
    rnet_profile_free(profile);
}
END_TEST

static volatile int stop;

static void
stop_after(void *context, size_t done, size_t total)
{
    const size_t *limit = context;

    (void)total;
    stop = done >= *limit;
}

static struct rnet_assessment
assess_backup(bool no_causes, size_t limit)
{
    static const char *const lines[] = {"adsl:2048/256", "ethernet:300000/300000"};
    const struct rnet_assess_options options = {.links = lines,
                                                .link_count = 2,
                                                .threads = 1,
                                                .replications = 2,
                                                .no_causes = no_causes,
                                                .stop = &stop,
                                                .progress = stop_after,
                                                .progress_context = &limit};
    struct rnet_profile *profile = make_office_with(RNET_USAGE_BACKUP, 2000000);
    struct rnet_assessment assessment = {0};

    stop = limit == 0;
    ck_assert_int_ge(rnet_assess(profile, &options, &assessment, NULL), RNET_OK);
    rnet_profile_free(profile);
    return assessment;
}

/* Two lines and the ideal one, twice each; then six changes to the line that lacks something. */
#define REPLAYS 6
#define REPLAYS_AND_CAUSES 12

START_TEST(a_backup_that_ruins_a_call_is_not_met_whoever_asks)
{
    struct rnet_assessment assessment = assess_backup(_i != 0, SIZE_MAX);
    const struct rnet_usage_verdict *backup =
        rnet_verdict_of(&assessment.links[0].verdict, RNET_USAGE_BACKUP);

    ck_assert_int_eq(backup->met, RNET_ANSWER_NO);
    ck_assert_int_eq(backup->cause, RNET_CAUSE_BREAKS_OTHERS);
    ck_assert_int_eq(rnet_verdict_of(&assessment.links[1].verdict, RNET_USAGE_BACKUP)->met,
                     RNET_ANSWER_YES);
    ck_assert(assessment.links[0].complete && assessment.links[1].complete);
    rnet_assessment_clear(&assessment);
}
END_TEST

START_TEST(an_interrupt_at_any_replay_is_said_and_answers_nothing_unproven)
{
    struct rnet_assessment assessment = assess_backup(false, (size_t)_i);
    const struct rnet_usage_verdict *backup =
        rnet_verdict_of(&assessment.links[0].verdict, RNET_USAGE_BACKUP);

    ck_assert_int_ne(backup->met, RNET_ANSWER_YES);
    if (_i < REPLAYS_AND_CAUSES) {
        ck_assert(!assessment.links[0].complete);
        ck_assert_ptr_nonnull(strstr(assessment.sentence, "in part only"));
    } else {
        ck_assert(assessment.links[0].complete);
        ck_assert_ptr_null(strstr(assessment.sentence, "in part only"));
    }
    /* What had not begun when it was stopped has not failed. */
    if (_i == 0)
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(assessment.links[i].verdict.satisfied, RNET_ANSWER_CANNOT_SAY);
    ck_assert(assessment.links[1].complete == (_i >= REPLAYS));
    ck_assert((strstr(assessment.sentence, "Everything is met") != NULL) == (_i >= REPLAYS));
    rnet_assessment_clear(&assessment);
}
END_TEST

/* 40 MB upwards take over an hour and a half on 64 kbit/s, and five on 24: a night's job has ten. */
START_TEST(a_night_is_long_enough_for_a_slow_line)
{
    static const char *const lines[] = {"adsl:512/64", "adsl:512/24"};
    const struct rnet_assess_options options = {
        .links = lines, .link_count = 2, .threads = 1, .replications = 1};
    struct rnet_profile *profile = make_office_with(RNET_USAGE_BACKUP, 40000000);
    struct rnet_assessment assessment = {0};
    const struct rnet_usage_verdict *backup;

    ck_assert_int_ge(rnet_assess(profile, &options, &assessment, NULL), RNET_OK);
    backup = rnet_verdict_of(&assessment.links[0].verdict, RNET_USAGE_BACKUP);
    ck_assert_double_eq(backup->acceptable_share.high, 1);
    ck_assert_double_gt(backup->p95.middle, 1.5);
    ck_assert_double_lt(backup->p95.middle, 2);
    backup = rnet_verdict_of(&assessment.links[1].verdict, RNET_USAGE_BACKUP);
    ck_assert_double_gt(backup->p95.middle, 4);
    ck_assert(assessment.links[0].complete && assessment.links[1].complete);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

/* What a replay may not hold it does not hold, and says so. */
START_TEST(past_its_memory_a_replay_is_cut_and_nothing_has_failed)
{
    const struct rnet_assess_options options = {
        .threads = 1, .replications = 1, .max_memory_bytes = 1};
    struct rnet_profile *profile = make_office_with(RNET_USAGE_BACKUP, 2000000);
    struct rnet_assessment assessment = {0};

    if (rnet_heap_bytes() == 0) { /* the allocators of sanitizers and valgrind do not count */
        rnet_profile_free(profile);
        return;
    }
    ck_assert_int_eq(rnet_assess(profile, &options, &assessment, NULL), RNET_PARTIAL);
    for (size_t i = 0; i < assessment.link_count; i++) {
        ck_assert(!assessment.links[i].complete);
        ck_assert_uint_eq(assessment.links[i].verdict.met + assessment.links[i].verdict.not_met, 0);
    }
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

/* A question whose server takes three seconds for each half of its answer: too slow on any line, so
 * no line is blamed for it.
 */
START_TEST(what_is_too_slow_on_any_line_says_nothing_about_one)
{
    const struct rnet_message talk[3] = {
        {.start_ns = S,
         .end_ns = S,
         .bytes = 300,
         .release = RNET_RELEASE_OPEN,
         .flags = RNET_MESSAGE_OPENS_EXCHANGE},
        {.start_ns = 4 * S,
         .end_ns = 4 * S,
         .bytes = 900,
         .direction = RNET_DOWN,
         .wait_ns = 3 * S,
         .release = RNET_RELEASE_DELIVERY,
         .after_conversation = 1},
        {.start_ns = 7 * S,
         .end_ns = 7 * S,
         .bytes = 900,
         .direction = RNET_DOWN,
         .wait_ns = 3 * S,
         .release = RNET_RELEASE_WRITTEN,
         .after_message = 1},
    };
    const struct rnet_label label = {.usage = RNET_USAGE_BUSINESS_APP, .confidence = 1};
    const struct rnet_capture_facts facts = {.packets = 9, .end_ns = 62 * S, .complete = true};
    const struct rnet_flow flow = {.id = 1,
                                   .conversation = {.end_ns = 9 * S,
                                                    .rtt_internet_ns = 20000000,
                                                    .bytes = {600, 1200},
                                                    .packets = {5, 4},
                                                    .mss_bytes = {1460, 1460}}};
    struct rnet_profile *profile;
    struct rnet_assessment assessment = {0};
    const struct rnet_usage_verdict *verdict;

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_messages(profile, 1, talk, 0, 3), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_flow(profile, &flow, &label), RNET_OK);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    ck_assert_int_eq(rnet_assess(profile, NULL, &assessment, NULL), RNET_OK);
    verdict = rnet_verdict_of(&assessment.links[0].verdict, RNET_USAGE_BUSINESS_APP);
    ck_assert(verdict->used && !verdict->judged);
    ck_assert_int_eq(verdict->doubt, RNET_DOUBT_NOT_THE_LINE);
    ck_assert_double_eq_tol(verdict->excused_share, 1, 1e-9);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(a_wrong_link_is_named_and_leaves_nothing_behind)
{
    const char *const lines[] = {"adsl:2048/256", "adsll:1/1"};
    const struct rnet_assess_options options = {.links = lines, .link_count = 2};
    struct rnet_profile *profile = make_office(1000);
    struct rnet_assessment assessment = {0};
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_assess(profile, &options, &assessment, &err), RNET_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "adsll"));
    ck_assert_ptr_null(assessment.links);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(text_keeps_to_its_columns)
{
    struct rnet_profile *profile = make_office(2000000);
    struct rnet_assessment assessment = {0};
    const struct rnet_report report = {.profile = rnet_profile_get_summary(profile),
                                       .assessment = &assessment};
    char *text;
    size_t length;

    ck_assert_int_eq(rnet_assess(profile, NULL, &assessment, NULL), RNET_OK);
    ck_assert_int_eq(rnet_report_text(&report, &(struct rnet_text_options){.columns = _i}, &text, &length), RNET_OK);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        int columns = 0;

        for (const char *at = line; *at != '\n' && *at != '\0'; at++)
            columns += ((unsigned char)*at & 0xc0) != 0x80;
        ck_assert_msg(columns <= (_i < 40 ? 40 : _i), "%d columns: %.*s", columns,
                      (int)strcspn(line, "\n"), line);
    }
    rnet_report_free(text);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(the_page_needs_nothing_from_outside_and_closes_what_it_opens)
{
    static const char *const paired[] = {"table", "tr", "td",     "th",   "div",
                                         "svg",   "p",  "figure", "small"};
    struct rnet_profile *profile = make_office(2000000);
    struct rnet_assessment assessment = {0};
    struct rnet_timeline timeline;
    const struct rnet_report report = {.profile = rnet_profile_get_summary(profile),
                                       .assessment = &assessment,
                                       .timeline = &timeline};
    char *page;
    size_t length;

    rnet_profile_get_timeline(profile, &timeline);
    ck_assert_int_eq(rnet_assess(profile, NULL, &assessment, NULL), RNET_OK);
    /* A name with markup, as a criteria file could bring one. */
    snprintf(assessment.criteria.items[0].name, sizeof assessment.criteria.items[0].name,
             "<b>&\"x");
    snprintf(assessment.sentence, sizeof assessment.sentence, "Yes <script>alert(1)</script>.");
    ck_assert_int_eq(rnet_report_html(&report, &page, &length), RNET_OK);
    ck_assert_uint_lt(length, 1000000);
    ck_assert_ptr_null(strstr(page, "<script"));
    ck_assert_ptr_null(strstr(page, "<b>"));
    ck_assert_ptr_null(strstr(page, "http"));
    for (size_t i = 0; i < sizeof paired / sizeof *paired; i++) {
        char open[16], close[16];
        int balance = 0;

        snprintf(open, sizeof open, "<%s", paired[i]);
        snprintf(close, sizeof close, "</%s>", paired[i]);
        for (const char *at = page; (at = strstr(at, open)) != NULL; at++)
            balance += at[strlen(open)] == '>' || at[strlen(open)] == ' ';
        for (const char *at = page; (at = strstr(at, close)) != NULL; at++)
            balance--;
        ck_assert_msg(balance == 0, "%s: %d not closed", paired[i], balance);
    }
    rnet_report_free(page);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(every_failed_allocation_of_an_assessment_ends_in_a_status)
{
    const char *const lines[] = {"adsl:2048/256"};
    const struct rnet_assess_options options = {
        .links = lines, .link_count = 1, .threads = 1, .replications = 1};
    struct rnet_profile *profile = make_office(20000);
    enum rnet_status status = RNET_ENOMEM;

    for (uint64_t n = 1; status != RNET_OK; n++) {
        struct rnet_assessment assessment = {0};

        rnet_alloc_fail_at(n);
        status = rnet_assess(profile, &options, &assessment, NULL);
        rnet_alloc_fail_at(0);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        rnet_assessment_clear(&assessment);
        ck_assert_uint_lt(n, 2000);
    }
    rnet_profile_free(profile);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("assess");
    TCase *tcase = tcase_create("assess");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, the_report_is_the_same_for_any_number_of_threads, 2, 5);
    tcase_add_test(tcase, an_upload_ruins_the_call_on_a_slow_uplink_and_only_there);
    tcase_add_loop_test(tcase, a_backup_that_ruins_a_call_is_not_met_whoever_asks, 0, 2);
    tcase_add_loop_test(tcase, an_interrupt_at_any_replay_is_said_and_answers_nothing_unproven, 0,
                        REPLAYS_AND_CAUSES + 1);
    tcase_add_test(tcase, a_night_is_long_enough_for_a_slow_line);
    tcase_add_test(tcase, past_its_memory_a_replay_is_cut_and_nothing_has_failed);
    tcase_add_test(tcase, what_is_too_slow_on_any_line_says_nothing_about_one);
    tcase_add_test(tcase, a_wrong_link_is_named_and_leaves_nothing_behind);
    tcase_add_loop_test(tcase, text_keeps_to_its_columns, 40, 43);
    tcase_add_loop_test(tcase, text_keeps_to_its_columns, 80, 81);
    tcase_add_loop_test(tcase, text_keeps_to_its_columns, 120, 121);
    tcase_add_test(tcase, the_page_needs_nothing_from_outside_and_closes_what_it_opens);
    tcase_add_test(tcase, every_failed_allocation_of_an_assessment_ends_in_a_status);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
