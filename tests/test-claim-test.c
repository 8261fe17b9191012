/* The claim over small surveys: against assessments one by one, kept results, threads, definitions.
 */
#include "claim/claim.h"
#include "survey-fixture.h"

#include <ruralnet/report.h>

#include <math.h>

static const char *const lines[] = {"adsl:512/128", "adsl:2048/256", "adsl:8192/800"};

static struct rnet_claim_options
quick_options(void)
{
    return (struct rnet_claim_options){
        .assess = {.links = lines, .link_count = 3, .seed = 3, .replications = 2, .threads = 1},
        .no_loops = true,
        .draws = 100};
}

/* Twelve firms whose uploads grow, one with two captures, one silent, one that has its own line. */
static struct rnet_survey *
make_survey(const char *path)
{
    struct rnet_survey *survey = open_survey(path);
    const struct rnet_firm silent = {.name = "silent"},
                           rich = {.name = "firm-003", .line = "vdsl2:50000/8000", .staff = 40};

    for (unsigned i = 0; i < 12; i++)
        ck_assert_int_eq(add_capture(survey, i, i, 60000u * (i * i + 1)), RNET_OK);
    ck_assert_int_eq(add_capture(survey, 2, 20, 60000), RNET_OK);
    ck_assert_int_eq(rnet_survey_put_firm(survey, &silent, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_put_firm(survey, &rich, NULL), RNET_OK);
    return survey;
}

static char *
claim_json(struct rnet_survey *survey, const struct rnet_claim_options *options)
{
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    char *text, *copy, *kept;
    size_t length;

    ck_assert_msg(rnet_claim_test(survey, options, &claim, &err) == RNET_OK, "%s", err.message);
    claim.replayed = claim.kept = 0; /* how it came about, not what it came to */
    ck_assert_int_eq(rnet_report_claim_json(&claim, &text, &length), RNET_OK);
    copy = kept = strdup(text);
    rnet_report_free(text);
    rnet_claim_clear(&claim);
    return kept != NULL ? copy : NULL;
}

START_TEST(offices_are_answered_as_their_own_assessment_answers)
{
    struct rnet_survey *survey = make_survey(own_path("agree.db"));
    struct rnet_claim_options options = quick_options();
    struct rnet_claim claim = {0};
    size_t satisfied[3] = {0}, not_satisfied[3] = {0};

    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, NULL), RNET_OK);
    for (unsigned i = 0; i < 12; i++) {
        struct rnet_profile *profile = make_profile(i, 60000u * (i * i + 1));
        struct rnet_assessment assessment = {0};

        ck_assert_int_eq(rnet_assess(profile, &options.assess, &assessment, NULL), RNET_OK);
        for (int l = 0; l < 3; l++) {
            satisfied[l] += assessment.links[l].verdict.satisfied == RNET_ANSWER_YES;
            not_satisfied[l] += assessment.links[l].verdict.satisfied == RNET_ANSWER_NO;
        }
        rnet_assessment_clear(&assessment);
        rnet_profile_free(profile);
    }
    ck_assert_uint_eq(claim.line_count, 4); /* own lines are the fourth */
    ck_assert_uint_eq(claim.reference, 1);
    for (int l = 0; l < 3; l++) {
        ck_assert_uint_eq(claim.lines[l].offices, 12);
        /* The small second upload of firm-002, pooled, fails no more than its first. */
        ck_assert_double_eq(claim.lines[l].satisfied, (double)satisfied[l]);
        ck_assert_double_eq(claim.lines[l].not_satisfied, (double)not_satisfied[l]);
    }
    ck_assert(satisfied[0] > 0 && satisfied[0] < satisfied[2] && not_satisfied[2] > 0);
    ck_assert_uint_eq(claim.lines[3].kind, RNET_CLAIM_OWN);
    ck_assert_uint_eq(claim.lines[3].offices, 1);
    ck_assert_uint_eq(claim.firms, 13);
    ck_assert_uint_eq(claim.answered, 12);
    ck_assert_uint_eq(claim.asked, 13);
    ck_assert_double_eq_tol(claim.lines[1].worst.low, claim.lines[1].satisfied / 13, 1e-12);
    rnet_claim_clear(&claim);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(offices_stand_on_the_loops_they_have_and_might_have)
{
    static const struct rnet_firm lines_of[] = {
        {.name = "firm-001", .line = "adsl2+:7400/900,modem=39.6@0.4mm", .modelled = true},
        {.name = "firm-002", .line = "adsl:2048/256"},
        {.name = "firm-003", .line = "ftth"},
        {.name = "firm-004", .line = "adsl2+:loop=1.5km@0.4mm+0.5km@0.6mm"}};
    struct rnet_survey *survey = make_survey(own_path("places.db"));
    struct rnet_claim_options options = quick_options();
    struct rnet_claim claim = {0};
    double satisfied = 0, share = 0;

    for (size_t i = 0; i < sizeof lines_of / sizeof *lines_of; i++)
        ck_assert_int_eq(rnet_survey_put_firm(survey, &lines_of[i], NULL), RNET_OK);
    options.no_loops = false;
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, NULL), RNET_OK);
    /* What one adsl2+ modem shows on 2326 m of 0.4 mm (docs/lines.md); rates alone have no length;
     * fibre is no loop. */
    ck_assert_uint_eq(claim.office_count, 3);
    ck_assert_double_eq_tol(claim.offices[0].length_m, 2326, 15);
    ck_assert(claim.offices[0].modelled && isnan(claim.offices[1].length_m));
    ck_assert_uint_eq(claim.offices[1].rate_bps[RNET_DOWN], 2048000);
    ck_assert_double_eq_tol(claim.offices[2].length_m, 2000, 0.5);
    /* Every office is on every class of loops: shortest first, none slower than the next. */
    ck_assert_uint_eq(claim.loop_count, 7);
    for (size_t i = 0; i < claim.loop_count; i++) {
        const struct rnet_claim_loop *place = &claim.loops[i];

        ck_assert_double_eq(place->satisfied + place->not_satisfied + place->cannot_say, 12);
        ck_assert_double_eq_tol(place->firms.low, place->satisfied / 12, 1e-12);
        ck_assert(i == 0 || (place->length_m > place[-1].length_m &&
                             place->rate_bps[RNET_DOWN] <= place[-1].rate_bps[RNET_DOWN]));
        satisfied += place->satisfied * place->loop->share;
        share += place->loop->share;
    }
    /* The mixture is made of the classes. */
    ck_assert_uint_eq(claim.lines[3].kind, RNET_CLAIM_LOOPS);
    ck_assert_double_eq_tol(claim.lines[3].satisfied, satisfied / share, 1e-9);
    ck_assert_uint_gt(claim.rate_count, 15);
    for (size_t i = 0; i < claim.rate_count; i++)
        ck_assert(claim.rates[i].p10_bps <= claim.rates[i].p50_bps &&
                  claim.rates[i].p50_bps <= claim.rates[i].p90_bps &&
                  (i == 0 || claim.rates[i].p50_bps <= claim.rates[i - 1].p50_bps));
    rnet_claim_clear(&claim);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(threads_order_and_keeping_change_nothing)
{
    struct rnet_survey *survey = make_survey(own_path("threads.db"));
    struct rnet_claim_options options = quick_options();
    char *first, *again;
    struct rnet_claim claim = {0};

    options.no_loops = false;
    first = claim_json(survey, &options);
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, NULL), RNET_OK);
    ck_assert_uint_eq(claim.replayed, 0);
    ck_assert_uint_ge(claim.kept, 13 * 10);
    rnet_claim_clear(&claim);
    again = claim_json(survey, &options);
    ck_assert_str_eq(first, again);
    free(again);
    options.fresh = true;
    for (uint32_t threads = 2; threads <= 7; threads += 5) {
        options.assess.threads = threads;
        again = claim_json(survey, &options);
        ck_assert_str_eq(first, again);
        free(again);
    }
    free(first);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_line_by_itself_comes_to_what_it_comes_to_among_others)
{
    struct rnet_survey *survey = make_survey(own_path("alone.db"));
    struct rnet_claim_options options = quick_options();
    struct rnet_claim all = {0}, one = {0};

    options.fresh = true;
    ck_assert_int_eq(rnet_claim_test(survey, &options, &all, NULL), RNET_OK);
    options.assess.links = &lines[2];
    options.assess.link_count = 1;
    ck_assert_int_eq(rnet_claim_test(survey, &options, &one, NULL), RNET_OK);
    ck_assert_int_eq(memcmp(&all.lines[2].firms, &one.lines[0].firms, sizeof one.lines[0].firms),
                     0);
    ck_assert_int_eq(memcmp(&all.lines[2].usages, &one.lines[0].usages, sizeof one.lines[0].usages),
                     0);
    rnet_claim_clear(&all);
    rnet_claim_clear(&one);
    rnet_survey_close(survey);
}
END_TEST

static uint64_t
replayed_with(struct rnet_survey *survey, const struct rnet_claim_options *options)
{
    struct rnet_claim claim = {0};
    uint64_t replayed;

    ck_assert_int_eq(rnet_claim_test(survey, options, &claim, NULL), RNET_OK);
    replayed = claim.replayed;
    rnet_claim_clear(&claim);
    return replayed;
}

START_TEST(what_is_kept_is_taken_only_where_everything_is_the_same)
{
    struct rnet_survey *survey = open_survey(own_path("stale.db"));
    struct rnet_claim_options options = quick_options();
    const char *criteria = own_path("own.yaml");
    char digest[RNET_DIGEST_TEXT];
    FILE *file = fopen(criteria, "w");

    ck_assert_int_eq(add_capture(survey, 1, 1, 400000), RNET_OK);
    ck_assert_uint_eq(replayed_with(survey, &options), 3);
    ck_assert_uint_eq(replayed_with(survey, &options), 0);
    options.assess.seed = 4;
    ck_assert_uint_eq(replayed_with(survey, &options), 3);
    options.assess.replications = 3;
    ck_assert_uint_eq(replayed_with(survey, &options), 3);
    ck_assert_uint_eq(replayed_with(survey, &options), 0);
    /* Other limits. */
    fputs("criteria:\n  - id: file_transfer\n    rules:\n      - {metric: transfer_s, acceptable: "
          "61}\n",
          file);
    fclose(file);
    options.assess.criteria_path = criteria;
    ck_assert_uint_eq(replayed_with(survey, &options), 3);
    options.assess.criteria_path = NULL;
    ck_assert_uint_eq(replayed_with(survey, &options), 0);
    /* The same packets, another profile: as another version of the observer would make it. */
    digest_of(1, digest);
    ck_assert_int_eq(rnet_survey_remove(survey, "firm-001", digest, NULL), RNET_OK);
    ck_assert_int_eq(add_capture(survey, 1, 1, 400001), RNET_OK);
    ck_assert_uint_eq(replayed_with(survey, &options), 3);
    /* Another build. */
    ck_assert_int_eq(sql_exec(survey->db, "UPDATE evaluation SET build = 'another'", NULL),
                     RNET_OK);
    ck_assert_uint_eq(replayed_with(survey, &options), 3);
    rnet_survey_close(survey);
}
END_TEST

static const struct {
    const char *why, *change;
} damages[] = {
    {"another sum", "UPDATE evaluation SET sum = 'x'"},
    {"other numbers", "UPDATE evaluation SET items = replace(items, '0x1', '0x0')"},
    {"cut short", "UPDATE evaluation SET items = substr(items, 1, 50)"},
    {"not text", "UPDATE evaluation SET items = zeroblob(1000)"},
    {"rows exchanged", "UPDATE evaluation SET items = (SELECT max(items) FROM evaluation),"
                       " sum = (SELECT sum FROM evaluation ORDER BY items DESC LIMIT 1)"},
};

START_TEST(what_is_kept_but_damaged_is_replayed)
{
    struct rnet_survey *survey = open_survey(own_path("damaged.db"));
    const struct rnet_claim_options options = quick_options();
    char *first, *again;

    ck_assert_int_eq(add_capture(survey, 1, 1, 400000), RNET_OK);
    first = claim_json(survey, &options);
    ck_assert_int_eq(sql_exec(survey->db, damages[_i].change, NULL), RNET_OK);
    ck_assert_msg(replayed_with(survey, &options) >= 2, "%s", damages[_i].why);
    again = claim_json(survey, &options);
    ck_assert_str_eq(first, again);
    free(first);
    free(again);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_profile_that_cannot_be_read_stays_cannot_say)
{
    struct rnet_survey *survey = make_survey(own_path("unreadable.db"));
    const struct rnet_claim_options options = quick_options();
    struct rnet_claim claim = {0};
    char digest[RNET_DIGEST_TEXT];

    digest_of(0, digest);
    ck_assert_int_eq(sql_run(survey->db, NULL, NULL,
                             "UPDATE capture SET profile = x'00' WHERE digest = ?1", "t", digest),
                     RNET_OK);
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, NULL), RNET_PARTIAL);
    ck_assert_uint_eq(claim.unreadable, 1);
    ck_assert_uint_eq(claim.lines[1].offices, 12);
    ck_assert_double_ge(claim.lines[1].cannot_say, 1);
    ck_assert_double_eq_tol(claim.lines[1].firms.high - claim.lines[1].firms.low,
                            claim.lines[1].cannot_say / 12, 1e-12);
    rnet_claim_clear(&claim);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_run_that_is_stopped_keeps_what_it_did)
{
    struct rnet_survey *survey = make_survey(own_path("stopped.db"));
    struct rnet_claim_options options = quick_options();
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    volatile int stop = 1;

    options.assess.stop = &stop;
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, &err), RNET_EINTERRUPTED);
    ck_assert_ptr_nonnull(strstr(err.message, "0 of 13"));
    ck_assert_ptr_null(claim.lines);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(definitions_do_what_they_say)
{
    const struct rnet_criterion web = {.id = "web",
                                       .judged = true,
                                       .essential = true,
                                       .share = .95,
                                       .minimum = 10},
                                fun = {.id = "fun", .judged = true, .share = .95};
    struct rnet_criterion items[] = {web, fun};
    const struct rnet_criteria criteria = {.items = items, .count = 2};
    struct evaluated seen[] = {{.criterion = 0,
                                .judged = true,
                                .weight = 4,
                                .acceptable = {.97, 1},
                                .good = {.5, .6},
                                .bytes = 990},
                               {.criterion = 1,
                                .judged = true,
                                .weight = 9,
                                .acceptable = {.91, .92},
                                .good = {.1, .2},
                                .bytes = 10}};
    const struct evaluation office = {.items = seen, .count = 2, .known = true};
    static const struct {
        const char *why;
        struct definition definition;
        enum rnet_answer answer;
    } cases[] = {
        {"fun fails", {0}, RNET_ANSWER_NO},
        {"fun is not essential", {.essential = true}, RNET_ANSWER_YES},
        {"99 % of the bytes are the web's", {.by_use = true}, RNET_ANSWER_YES},
        {"91 % is more than 90", {.share = .9}, RNET_ANSWER_YES},
        {"it is not good", {.good = true, .essential = true}, RNET_ANSWER_NO},
        {"97 to 100 % may be 99", {.share = .99, .essential = true}, RNET_ANSWER_CANNOT_SAY},
        {"little was seen of the web",
         {.enough_seen = true, .essential = true},
         RNET_ANSWER_CANNOT_SAY},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(office_satisfied(&criteria, &office, &cases[i].definition) == cases[i].answer,
                      "%s", cases[i].why);
}
END_TEST

START_TEST(captures_of_a_firm_are_pooled_by_use)
{
    struct evaluated monday[] = {{.criterion = 1,
                                  .judged = true,
                                  .weight = 30,
                                  .acceptable = {.9, 1},
                                  .good = {0, .5},
                                  .bytes = 5,
                                  .seconds = 2}},
                     tuesday[] = {{.criterion = 0, .judged = false, .bytes = 1},
                                  {.criterion = 1,
                                   .judged = true,
                                   .weight = 10,
                                   .acceptable = {.5, .6},
                                   .good = {.4, .5},
                                   .bytes = 7}};
    const struct evaluation days[] = {{monday, 1, true, false}, {tuesday, 2, true, false}},
                            lost = {.known = false};
    const struct evaluation *both[] = {&days[0], &days[1]}, *torn[] = {&days[0], &lost};
    struct evaluation office;

    ck_assert_int_eq(office_pool(both, 2, &office), RNET_OK);
    ck_assert_uint_eq(office.count, 2);
    ck_assert_uint_eq(office.items[0].criterion, 0);
    ck_assert_double_eq_tol(office.items[1].acceptable.low, .8, 1e-12);
    ck_assert_double_eq_tol(office.items[1].acceptable.high, .9, 1e-12);
    ck_assert_double_eq_tol(office.items[1].good.low, .1, 1e-12);
    ck_assert_double_eq(office.items[1].weight, 40);
    ck_assert_double_eq(office.items[1].bytes, 12);
    evaluation_clear(&office);
    ck_assert_int_eq(office_pool(torn, 2, &office), RNET_OK);
    ck_assert(!office.known && office.count == 0);
}
END_TEST

START_TEST(running_out_of_memory_is_said)
{
    struct rnet_survey *survey = open_survey(own_path("memory.db"));
    const struct rnet_claim_options options = quick_options();
    struct rnet_claim claim = {0};
    enum rnet_status status = RNET_ENOMEM;

    ck_assert_int_eq(add_capture(survey, 1, 1, 400000), RNET_OK);
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, NULL), RNET_OK);
    rnet_claim_clear(&claim);
    for (uint64_t n = 1; n < 4000 && status == RNET_ENOMEM; n++) {
        rnet_alloc_fail_at(n);
        status = rnet_claim_test(survey, &options, &claim, NULL);
        rnet_alloc_fail_at(0);
        if (status != RNET_OK)
            ck_assert_ptr_null(claim.lines);
    }
    ck_assert_int_eq(status, RNET_OK);
    rnet_claim_clear(&claim);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(what_cannot_be_asked_is_refused)
{
    struct rnet_survey *survey = open_survey(own_path("refuse.db"));
    struct rnet_claim_options options = quick_options();
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    static const char *const none[] = {"adsl:fast"};

    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, &err), RNET_ECANTTELL);
    ck_assert_int_eq(add_capture(survey, 1, 1, 1000), RNET_OK);
    ck_assert_int_eq(add_capture(survey, 2, 2, 1000), RNET_OK);
    options.asked = 1;
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, &err), RNET_EINVAL);
    options.asked = 0;
    options.assess.links = none;
    options.assess.link_count = 1;
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, &err), RNET_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "adsl:fast"));
    options = quick_options();
    options.assess.criteria_set = "none";
    ck_assert_int_eq(rnet_claim_test(survey, &options, &claim, &err), RNET_ENOTFOUND);
    rnet_survey_close(survey);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("claim-test");
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 100);
    tcase_add_test(tcase, offices_are_answered_as_their_own_assessment_answers);
    tcase_add_test(tcase, threads_order_and_keeping_change_nothing);
    tcase_add_test(tcase, offices_stand_on_the_loops_they_have_and_might_have);
    tcase_add_test(tcase, a_line_by_itself_comes_to_what_it_comes_to_among_others);
    tcase_add_test(tcase, what_is_kept_is_taken_only_where_everything_is_the_same);
    tcase_add_loop_test(tcase, what_is_kept_but_damaged_is_replayed, 0,
                        (int)(sizeof damages / sizeof *damages));
    tcase_add_test(tcase, a_profile_that_cannot_be_read_stays_cannot_say);
    tcase_add_test(tcase, a_run_that_is_stopped_keeps_what_it_did);
    tcase_add_test(tcase, definitions_do_what_they_say);
    tcase_add_test(tcase, captures_of_a_firm_are_pooled_by_use);
    tcase_add_test(tcase, running_out_of_memory_is_said);
    tcase_add_test(tcase, what_cannot_be_asked_is_refused);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
