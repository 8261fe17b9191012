/* Criteria files: what is shipped, what overrides it, what is refused and where. */
#include "verdict/verdict.h"
#include "suite.h"

#include <string.h>
#include <unistd.h>

static struct rnet_criteria criteria;
static struct rnet_error err;

static void
setup(void)
{
    criteria = (struct rnet_criteria){0};
    err = (struct rnet_error){0};
}

static void
teardown(void)
{
    rnet_criteria_clear(&criteria);
}

static enum rnet_status
parse_over_default(const char *text)
{
    ck_assert_int_eq(rnet_criteria_load(NULL, NULL, &criteria, &err), RNET_OK);
    return criteria_parse(text, strlen(text), "mine.yaml", &criteria, &err);
}

START_TEST(every_shipped_set_loads_and_every_rule_has_its_source)
{
    size_t sets = 0;

    for (const char *set; (set = rnet_criteria_set(sets)) != NULL; sets++) {
        ck_assert_int_eq(rnet_criteria_load(set, NULL, &criteria, &err), RNET_OK);
        ck_assert_str_eq(criteria.id, set);
        for (size_t i = 0; i < criteria.count; i++) {
            const struct rnet_criterion *criterion = &criteria.items[i];

            ck_assert_uint_ne(criterion->usages, 0);
            ck_assert_double_eq(criterion->share, 0.95);
            ck_assert_uint_ge(criterion->rule_count, 1);
            for (size_t r = 0; r < criterion->rule_count; r++)
                ck_assert_msg(strlen(criterion->rules[r].source) > 5, "%s: no source",
                              criterion->id);
        }
        rnet_criteria_clear(&criteria);
    }
    ck_assert_uint_eq(sets, 2);
}
END_TEST

START_TEST(the_default_set_judges_every_judged_usage_once)
{
    uint32_t seen = 0;

    ck_assert_int_eq(rnet_criteria_load(NULL, NULL, &criteria, &err), RNET_OK);
    for (size_t i = 0; i < criteria.count; i++) {
        ck_assert_uint_eq(seen & criteria.items[i].usages, 0);
        seen |= criteria.items[i].usages;
    }
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if (rnet_usage_info((enum rnet_usage)u)->role == RNET_ROLE_JUDGED) {
            const struct rnet_criterion *criterion =
                rnet_criteria_find(&criteria, rnet_usage_info((enum rnet_usage)u)->id);

            ck_assert_msg(criterion != NULL && criterion->judged, "%s is not judged",
                          rnet_usage_info((enum rnet_usage)u)->id);
            ck_assert_uint_eq(criterion->usages, 1u << u);
        }
    ck_assert(!rnet_criteria_find(&criteria, "leisure")->judged);
}
END_TEST

/* standards.md 12, the table every limit comes from. */
static const struct {
    const char *usage;
    enum rnet_metric metric;
    double good, acceptable;
} limits[] = {
    {"web", RNET_METRIC_PAGE_S, 2, 4},
    {"email", RNET_METRIC_TRANSACTION_S, 2, 4},
    {"voip", RNET_METRIC_VOICE_R, 80, 70},
    {"videoconference", RNET_METRIC_RATE_UP_KBPS, 1200, 600},
    {"videoconference", RNET_METRIC_RATE_DOWN_KBPS, 1200, 600},
    {"messaging", RNET_METRIC_TRANSACTION_S, 1, 4},
    {"video_streaming", RNET_METRIC_STARTUP_S, 2, 5},
    {"video_streaming", RNET_METRIC_STALL_PERCENT, 0, 1},
    {"audio_streaming", RNET_METRIC_STARTUP_S, 2, 10},
    {"file_transfer", RNET_METRIC_TRANSFER_S, 15, 60},
    {"cloud_sync", RNET_METRIC_TRANSFER_S, 10, 60},
    {"backup", RNET_METRIC_JOB_H, 5, 10},
    {"remote_desktop", RNET_METRIC_ECHO_MS, 100, 150},
    {"file_sharing", RNET_METRIC_TRANSACTION_S, 1, 4},
    {"business_app", RNET_METRIC_TRANSACTION_S, 1, 4},
    {"software_update", RNET_METRIC_JOB_H, 10, 24},
    {"telemetry", RNET_METRIC_TRANSACTION_S, 2, 4},
    {"video_surveillance", RNET_METRIC_LAG_S, 1, 10},
    {"remote_shell", RNET_METRIC_ECHO_MS, 100, 200},
};

START_TEST(the_shipped_limits_are_those_of_the_fact_sheet)
{
    const struct rnet_rule *rule;

    ck_assert_int_eq(rnet_criteria_load(NULL, NULL, &criteria, &err), RNET_OK);
    rule = rule_of(rnet_criteria_find(&criteria, limits[_i].usage), limits[_i].metric);
    ck_assert_ptr_nonnull(rule);
    ck_assert_double_eq(rule->good, limits[_i].good);
    ck_assert_double_eq(rule->acceptable, limits[_i].acceptable);
}
END_TEST

START_TEST(annex_v_has_its_eleven_services)
{
    ck_assert_int_eq(rnet_criteria_load("eecc-annex-v", NULL, &criteria, &err), RNET_OK);
    ck_assert_uint_eq(criteria.count, 11);
    ck_assert_uint_eq(rnet_criteria_find(&criteria, "calls")->usages,
                      1u << RNET_USAGE_VOIP | 1u << RNET_USAGE_VIDEOCONFERENCE);
    ck_assert_uint_eq(
        rule_of(rnet_criteria_find(&criteria, "calls"), RNET_METRIC_LOSS_PERCENT)->kinds,
        1u << RNET_USE_VIDEO);
}
END_TEST

START_TEST(an_override_changes_what_it_names_and_nothing_else)
{
    const struct rnet_criterion *web;

    ck_assert_int_eq(
        parse_over_default("criteria:\n"
                           "  - id: web\n"
                           "    minimum: 3\n"
                           "    rules:\n"
                           "      - {metric: page_s, acceptable: 10}\n"
                           "  - id: pos\n"
                           "    usages: [telemetry]\n"
                           "    rules:\n"
                           "      - {metric: transaction_s, good: 1, acceptable: 3}\n"),
        RNET_OK);
    web = rnet_criteria_find(&criteria, "web");
    ck_assert_double_eq(web->minimum, 3);
    ck_assert_double_eq(rule_of(web, RNET_METRIC_PAGE_S)->acceptable, 10);
    ck_assert_double_eq(rule_of(web, RNET_METRIC_PAGE_S)->good, 2);
    ck_assert_double_eq(rule_of(web, RNET_METRIC_TRANSFER_S)->acceptable, 60);
    ck_assert(web->essential);
    ck_assert_double_eq(rnet_criteria_find(&criteria, "email")->minimum, 10);
    ck_assert_ptr_nonnull(rnet_criteria_find(&criteria, "pos"));
}
END_TEST

START_TEST(an_override_may_change_the_share_of_all)
{
    ck_assert_int_eq(parse_over_default("share: 0.9\n"), RNET_OK);
    for (size_t i = 0; i < criteria.count; i++)
        ck_assert_double_eq(criteria.items[i].share, 0.9);
}
END_TEST

static const struct {
    const char *text, *message;
} refusals[] = {
    {"criteria:\n  - id: web\n    minimun: 3\n",
     "mine.yaml: line 3, column 5: unknown key \"minimun\"; did you mean \"minimum\"?"},
    {"shares: 1\n", "line 1, column 1: unknown key \"shares\"; did you mean \"share\"?"},
    {"share: 95\n", "line 1, column 8: expected a number from 0 to 1, not \"95\""},
    {"share: high\n", "line 1, column 8: expected a number from 0 to 1, not \"high\""},
    {"share: nan\n", "expected a number"},
    {"share: [1]\n", "line 1, column 8: expected a number"},
    {"criteria:\n  - id: wep\n    minimum: 3\n",
     "line 2, column 9: a new criterion needs its usages; unknown \"wep\"; did you mean \"web\"?"},
    {"criteria:\n  - {minimum: 3}\n", "line 2, column 5: a criterion needs its id"},
    {"criteria:\n  - {id: x, usages: [emial]}\n",
     "line 2, column 22: unknown usage \"emial\"; did you mean \"email\"?"},
    {"criteria:\n  - id: web\n    rules:\n      - {metric: pages_s, good: 1}\n",
     "line 4, column 18: unknown metric \"pages_s\"; did you mean \"page_s\"?"},
    {"criteria:\n  - id: web\n    rules:\n      - {good: 1}\n",
     "line 4, column 9: a rule needs its metric"},
    {"criteria:\n  - id: web\n    rules:\n      - {metric: echo_ms, good: 1}\n",
     "a new rule needs good and acceptable"},
    {"criteria:\n  - id: web\n    rules:\n      - {metric: page_s, good: 9}\n",
     "line 4, column 9: good is worse than acceptable"},
    {"criteria:\n  - id: voip\n    rules:\n      - {metric: voice_r, good: 60}\n",
     "good is worse than acceptable"},
    {"criteria:\n  - id: web\n    rules:\n      - {metric: page_s, kinds: [pag]}\n",
     "unknown kind of use \"pag\"; did you mean \"page\"?"},
    {"criteria:\n  - {id: web, essential: yes}\n",
     "line 2, column 26: expected true or false, not \"yes\""},
    {"criteria: {web: 1}\n", "line 1, column 11: expected a list of criteria"},
    {"criteria: &a [*a]\n", "line 1, column 11: a criterion needs its id"},
    {"criteria:\n  - &a {id: web, rules: *a}\n", "expected a list of rules"},
    {"- 1\n", "line 1, column 1: expected keys and values"},
    {"share: [1\n", "line 2, column 1"},
    {"", "holds nothing"},
    {"\xff\xfe\x00", "mine.yaml"},
    {"a: *b\n", "undefined alias"},
};

START_TEST(what_is_wrong_is_refused_where_it_stands)
{
    ck_assert_int_eq(parse_over_default(refusals[_i].text), RNET_EINVAL);
    ck_assert_msg(strstr(err.message, refusals[_i].message) != NULL, "\"%s\" does not say \"%s\"",
                  err.message, refusals[_i].message);
}
END_TEST

START_TEST(an_override_file_is_read_and_a_missing_one_is_named)
{
    char path[] = "/tmp/rnet-criteria-XXXXXX";
    const int file = mkstemp(path);

    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, "share: 0.8\n", 11), 11);
    close(file);
    ck_assert_int_eq(rnet_criteria_load("default", path, &criteria, &err), RNET_OK);
    ck_assert_double_eq(criteria.items[0].share, 0.8);
    unlink(path);
    rnet_criteria_clear(&criteria);
    ck_assert_int_eq(rnet_criteria_load("default", path, &criteria, &err), RNET_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_null(criteria.items);
    ck_assert_int_eq(rnet_criteria_load("no such set", NULL, &criteria, &err), RNET_ENOTFOUND);
}
END_TEST

/* Random damage to a sound file: it is read or refused, and never more. */
START_TEST(no_damage_to_a_file_does_harm)
{
    static char text[65536];
    const char *shipped = rnet_criteria_text("eecc-annex-v");
    const size_t bytes = strlen(shipped);
    struct rnet_random random = rnet_random_stream(7, 7);

    ck_assert_uint_lt(bytes, sizeof text);
    for (int round = 0; round < 300; round++) {
        enum rnet_status status;

        memcpy(text, shipped, bytes);
        for (int i = 0; i < 1 + round % 9; i++)
            text[rnet_random_below(&random, bytes)] = (char)rnet_random_below(&random, 256);
        status = criteria_parse(text, bytes - (size_t)rnet_random_below(&random, bytes), "damaged",
                                &criteria, &err);
        ck_assert(status == RNET_OK || status == RNET_EINVAL);
        rnet_criteria_clear(&criteria);
    }
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    enum rnet_status status = RNET_ENOMEM;

    for (uint64_t n = 1; status != RNET_OK; n++) {
        ck_assert_uint_lt(n, 200);
        rnet_alloc_fail_at(n);
        status = rnet_criteria_load(NULL, NULL, &criteria, &err);
        rnet_alloc_fail_at(0);
        if (status != RNET_OK)
            ck_assert_ptr_null(criteria.items);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("verdict-criteria");
    TCase *tcase = tcase_create("criteria");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, every_shipped_set_loads_and_every_rule_has_its_source);
    tcase_add_test(tcase, the_default_set_judges_every_judged_usage_once);
    tcase_add_loop_test(tcase, the_shipped_limits_are_those_of_the_fact_sheet, 0,
                        sizeof limits / sizeof limits[0]);
    tcase_add_test(tcase, annex_v_has_its_eleven_services);
    tcase_add_test(tcase, an_override_changes_what_it_names_and_nothing_else);
    tcase_add_test(tcase, an_override_may_change_the_share_of_all);
    tcase_add_loop_test(tcase, what_is_wrong_is_refused_where_it_stands, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_test(tcase, an_override_file_is_read_and_a_missing_one_is_named);
    tcase_add_test(tcase, no_damage_to_a_file_does_harm);
    tcase_add_test(tcase, every_allocation_may_fail);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
