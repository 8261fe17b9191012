/* Verdicts from hand-made uses: the definitions, the band, the cause, the sentence. */
#include "verdict/verdict.h"
#include "suite.h"

#include <ruralnet/link.h>

#include <math.h>
#include <string.h>

#define REPLICATIONS 5
#define USES 100

static struct rnet_criteria criteria;
static struct rnet_verdict verdict;
static struct rnet_use uses[REPLICATIONS][USES];
static struct rnet_quality replications[REPLICATIONS];

static void
setup(void)
{
    memset(uses, 0, sizeof uses);
    memset(replications, 0, sizeof replications);
    ck_assert_int_eq(rnet_criteria_load(NULL, NULL, &criteria, NULL), RNET_OK);
    for (size_t r = 0; r < REPLICATIONS; r++) {
        replications[r].uses = uses[r];
        replications[r].conversations[RNET_USAGE_WEB] = 1;
    }
    verdict = (struct rnet_verdict){0};
}

static void
teardown(void)
{
    rnet_verdict_clear(&verdict);
    rnet_criteria_clear(&criteria);
}

static struct rnet_use *
add(struct rnet_quality *quality, enum rnet_usage usage, enum rnet_metric metric, double value)
{
    struct rnet_use *use = &quality->uses[quality->use_count++];

    int kind = 0;

    while ((rnet_use_kind_metrics((enum rnet_use_kind)kind) & (1u << metric)) == 0)
        kind++;
    *use = (struct rnet_use){.weight = 1,
                             .usage = (uint8_t)usage,
                             .kind = (uint8_t)kind,
                             .bytes = 1000,
                             .values = 1,
                             .metric = {(uint8_t)metric},
                             .value = {(float)value}};
    quality->conversations[usage] = 1;
    return use;
}

static void
pages(struct rnet_quality *quality, size_t good, size_t acceptable, size_t insufficient)
{
    for (size_t i = 0; i < good; i++)
        add(quality, RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 1);
    for (size_t i = 0; i < acceptable; i++)
        add(quality, RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 3);
    for (size_t i = 0; i < insufficient; i++)
        add(quality, RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 6);
}

static const struct rnet_usage_verdict *
decide(size_t count)
{
    ck_assert_int_eq(rnet_verdict_decide(&criteria, replications, count, NULL, 0, &verdict, NULL),
                     RNET_OK);
    return rnet_verdict_of(&verdict, RNET_USAGE_WEB);
}

static const struct {
    size_t good, acceptable, insufficient;
    enum rnet_answer met;
    enum rnet_grade grade;
    const char *why;
} shares[] = {
    {95, 0, 5, RNET_ANSWER_YES, RNET_GRADE_GOOD, "95 of 100 is enough"},
    {94, 0, 6, RNET_ANSWER_NO, RNET_GRADE_INSUFFICIENT, "94 of 100 is not"},
    {94, 1, 5, RNET_ANSWER_YES, RNET_GRADE_ACCEPTABLE, "95 acceptable, 94 good"},
    {0, 100, 0, RNET_ANSWER_YES, RNET_GRADE_ACCEPTABLE, "all acceptable"},
    {1, 0, 0, RNET_ANSWER_YES, RNET_GRADE_GOOD, "one page is judged, and marked"},
    {0, 0, 1, RNET_ANSWER_NO, RNET_GRADE_INSUFFICIENT, "one page is judged, and marked"},
};

START_TEST(a_usage_is_met_when_its_share_of_use_is_acceptable)
{
    const struct rnet_usage_verdict *web;

    pages(&replications[0], shares[_i].good, shares[_i].acceptable, shares[_i].insufficient);
    web = decide(1);
    ck_assert_msg(web->met == shares[_i].met && web->grade == shares[_i].grade, "%s",
                  shares[_i].why);
    ck_assert(web->judged && web->used);
    ck_assert_int_eq(web->little_seen, web->uses < 20);
    ck_assert_int_eq(verdict.satisfied, shares[_i].met);
    ck_assert_uint_eq(verdict.judged, 1);
}
END_TEST

START_TEST(a_band_over_the_limit_cannot_say)
{
    const struct rnet_usage_verdict *web;

    for (size_t r = 0; r < REPLICATIONS; r++)
        pages(&replications[r], 93 + r, 0, 7 - r);
    web = decide(REPLICATIONS);
    ck_assert_int_eq(web->met, RNET_ANSWER_CANNOT_SAY);
    ck_assert_int_eq(web->doubt, RNET_DOUBT_BAND);
    ck_assert_double_eq_tol(web->acceptable_share.low, 0.93, 1e-12);
    ck_assert_double_eq_tol(web->acceptable_share.middle, 0.95, 1e-12);
    ck_assert_double_eq_tol(web->acceptable_share.high, 0.97, 1e-12);
    ck_assert_int_eq(verdict.satisfied, RNET_ANSWER_CANNOT_SAY);
    ck_assert_uint_eq(verdict.cannot_say, 1);
}
END_TEST

static const struct {
    double page_s;
    enum rnet_answer met;
    enum rnet_grade grade;
} nears[] = {
    {1.5, RNET_ANSWER_YES, RNET_GRADE_GOOD},
    {1.9, RNET_ANSWER_YES, RNET_GRADE_ACCEPTABLE},
    {3.2, RNET_ANSWER_YES, RNET_GRADE_ACCEPTABLE},
    {3.9, RNET_ANSWER_CANNOT_SAY, RNET_GRADE_CANNOT_SAY},
    {4.1, RNET_ANSWER_CANNOT_SAY, RNET_GRADE_CANNOT_SAY},
    {5.5, RNET_ANSWER_NO, RNET_GRADE_INSUFFICIENT},
};

/* Page loads repeat within 12 % and 0.2 s: nearer to the limit than that, nobody can say. */
START_TEST(no_verdict_is_surer_than_repetitions_are)
{
    const struct rnet_usage_verdict *web;

    add(&replications[0], RNET_USAGE_WEB, RNET_METRIC_PAGE_S, nears[_i].page_s);
    web = decide(1);
    ck_assert_int_eq(web->met, nears[_i].met);
    ck_assert_int_eq(web->grade, nears[_i].grade);
    ck_assert_double_eq_tol(web->median.low, nears[_i].page_s * 0.88 - 0.2, 1e-6);
    ck_assert_double_eq_tol(web->median.high, nears[_i].page_s * 1.12 + 0.2, 1e-6);
}
END_TEST

START_TEST(ignorance_widens_the_band_and_never_tips_it)
{
    const struct rnet_usage_verdict *web;

    pages(&replications[0], 94, 0, 1);
    for (int i = 0; i < 5; i++)
        add(&replications[0], RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 0)->state = RNET_USE_UNKNOWN;
    web = decide(1);
    ck_assert_int_eq(web->met, RNET_ANSWER_CANNOT_SAY);
    ck_assert_double_eq_tol(web->acceptable_share.low, 0.94, 1e-12);
    ck_assert_double_eq_tol(web->acceptable_share.high, 0.99, 1e-12);
    ck_assert_double_eq_tol(web->unknown_share, 0.05, 1e-12);
}
END_TEST

static const struct {
    size_t good, insufficient;                /* named surely */
    size_t doubted_good, doubted_insufficient;
    enum rnet_answer met;
    const char *why;
} labels[] = {
    {95, 0, 0, 5, RNET_ANSWER_YES, "enough whatever the doubtful ones are"},
    {90, 0, 0, 10, RNET_ANSWER_CANNOT_SAY, "too few with them, enough without"},
    {50, 10, 20, 0, RNET_ANSWER_NO, "too few either way"},
    {10, 1, 89, 0, RNET_ANSWER_CANNOT_SAY, "enough only with them"},
    {0, 0, 0, 10, RNET_ANSWER_CANNOT_SAY, "perhaps none of it is web"},
    {0, 0, 10, 0, RNET_ANSWER_YES, "nothing is lacking, be it web or not"},
};

START_TEST(a_verdict_holds_with_and_without_what_is_named_on_weak_evidence)
{
    const struct rnet_usage_verdict *web;
    size_t sure;

    pages(&replications[0], labels[_i].good, 0, labels[_i].insufficient);
    sure = replications[0].use_count;
    pages(&replications[0], labels[_i].doubted_good, 0, labels[_i].doubted_insufficient);
    for (size_t i = sure; i < replications[0].use_count; i++)
        uses[0][i].doubtful = 1;
    web = decide(1);
    ck_assert_msg(web->met == labels[_i].met, "%s", labels[_i].why);
    ck_assert_int_eq(web->doubt,
                     web->met == RNET_ANSWER_CANNOT_SAY ? RNET_DOUBT_LABEL : RNET_DOUBT_NONE);
    ck_assert_int_eq(verdict.satisfied, labels[_i].met);
}
END_TEST

/* 3 of 20 films stall; those whose players may adapt leave it open. */
START_TEST(a_player_that_may_adapt_has_not_failed_for_sure)
{
    for (int adapting = 0; adapting <= 3; adapting++) {
        const struct rnet_usage_verdict *films;

        replications[0].use_count = 0;
        for (int i = 0; i < 20; i++)
            add(&replications[0], RNET_USAGE_VIDEO_STREAMING, RNET_METRIC_STALL_PERCENT,
                i < 3 ? 20 : 0)
                ->may_adapt = i < adapting;
        decide(1);
        films = rnet_verdict_of(&verdict, RNET_USAGE_VIDEO_STREAMING);
        ck_assert_int_eq(films->met, adapting < 2 ? RNET_ANSWER_NO : RNET_ANSWER_CANNOT_SAY);
        ck_assert_int_eq(films->doubt, adapting < 2 ? RNET_DOUBT_NONE : RNET_DOUBT_ADAPTS);
    }
}
END_TEST

START_TEST(nothing_measurable_is_not_zero)
{
    const struct rnet_usage_verdict *web;

    add(&replications[0], RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 0)->state = RNET_USE_UNKNOWN;
    uses[0][0].values = 0;
    web = decide(1);
    ck_assert_int_eq(web->grade, RNET_GRADE_CANNOT_SAY);
    ck_assert_int_eq(web->doubt, RNET_DOUBT_NOT_MEASURED);
    ck_assert(!web->has_metric);
    ck_assert(isnan(web->median.middle));
}
END_TEST

START_TEST(an_unused_usage_is_not_part_of_the_answer)
{
    pages(&replications[0], 10, 0, 0);
    decide(1);
    ck_assert_uint_eq(verdict.judged, 1);
    ck_assert(!rnet_verdict_of(&verdict, RNET_USAGE_VOIP)->used);
    ck_assert(!rnet_verdict_of(&verdict, RNET_USAGE_VOIP)->judged);
    ck_assert_ptr_null(rnet_verdict_of(&verdict, RNET_USAGE_NETWORK));
}
END_TEST

START_TEST(leisure_is_graded_and_never_judged)
{
    pages(&replications[0], 10, 0, 0);
    add(&replications[0], RNET_USAGE_LEISURE, RNET_METRIC_DELAY_MS, 900)->kind = RNET_USE_FEED;
    decide(1);
    ck_assert_int_eq(rnet_verdict_of(&verdict, RNET_USAGE_LEISURE)->grade, RNET_GRADE_INSUFFICIENT);
    ck_assert_int_eq(verdict.satisfied, RNET_ANSWER_YES);
}
END_TEST

START_TEST(margin_and_typical_value_are_in_the_criterions_unit)
{
    const struct rnet_usage_verdict *web;

    for (int i = 0; i < 100; i++)
        add(&replications[0], RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 0.02 * (i + 1));
    web = decide(1);
    ck_assert_int_eq(web->metric, RNET_METRIC_PAGE_S);
    ck_assert_double_eq_tol(web->median.middle, 1.0, 1e-6);
    ck_assert_double_eq_tol(web->p95.middle, 1.9, 1e-6);
    ck_assert_double_eq_tol(web->margin.middle, 4 - 1.92, 0.021);
    ck_assert_double_eq_tol(web->acceptable, 4, 1e-12);
}
END_TEST

START_TEST(a_larger_transfer_may_take_longer_up_to_ten_minutes)
{
    const struct rnet_criterion *files = rnet_criteria_find(&criteria, "file_transfer");
    struct rnet_use use = {.weight = 1,
                           .usage = RNET_USAGE_FILE_TRANSFER,
                           .kind = RNET_USE_TRANSFER,
                           .values = 1,
                           .metric = {RNET_METRIC_TRANSFER_S}};
    static const struct {
        uint64_t bytes;
        float seconds;
        enum rnet_grade grade;
    } steps[] = {
        {1000000, 15, RNET_GRADE_GOOD},           {10000000, 46, RNET_GRADE_ACCEPTABLE},
        {10000000, 60, RNET_GRADE_ACCEPTABLE},    {10000000, 61, RNET_GRADE_INSUFFICIENT},
        {100000000, 100, RNET_GRADE_ACCEPTABLE},  {100000000, 101, RNET_GRADE_INSUFFICIENT},
        {5000000000, 600, RNET_GRADE_ACCEPTABLE}, {5000000000, 601, RNET_GRADE_INSUFFICIENT},
    };

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        use.bytes = steps[i].bytes;
        use.value[0] = steps[i].seconds;
        ck_assert_int_eq(rnet_use_grade(files, &use), steps[i].grade);
    }
}
END_TEST

/* standards.md 5: what fits the waits it names. */
START_TEST(attachments_and_nightly_volumes_fit_as_the_sheet_has_it)
{
    const struct rnet_criterion *email = rnet_criteria_find(&criteria, "email");
    const struct rnet_criterion *backup = rnet_criteria_find(&criteria, "backup");
    /* 5 MB at 800 kbit/s x 0.86 take 40 000 / U s: 58 */
    struct rnet_use send = {.weight = 1,
                            .usage = RNET_USAGE_EMAIL,
                            .kind = RNET_USE_TRANSACTION,
                            .bytes = 5000000,
                            .values = 1,
                            .metric = {RNET_METRIC_TRANSACTION_S},
                            .value = {(float)(40000 / (800 * 0.86))}};
    struct rnet_use job = {.weight = 1,
                           .usage = RNET_USAGE_BACKUP,
                           .kind = RNET_USE_JOB,
                           .values = 1,
                           .metric = {RNET_METRIC_JOB_H}};
    struct rnet_link link;
    double goodput_bps;

    ck_assert_double_eq_tol((double)send.value[0], 58, 0.2);
    ck_assert_int_eq(rnet_use_grade(email, &send), RNET_GRADE_ACCEPTABLE);
    send.value[0] = 61;
    ck_assert_int_eq(rnet_use_grade(email, &send), RNET_GRADE_INSUFFICIENT);
    /* 1440 bytes in 1696 on the wire: a night of 10 h moves 3.06 GB up at 800 kbit/s */
    ck_assert_int_eq(rnet_link_parse("adsl:8192/800", &link, NULL), RNET_OK);
    goodput_bps = (double)link.direction[RNET_UP].rate_bps * 1440 /
                  (double)rnet_link_wire_bytes(&link, 1492);
    ck_assert_double_eq_tol(goodput_bps * 36000 / 8, 3.06e9, 0.005e9);
    job.value[0] = (float)(3.05e9 * 8 / goodput_bps / 3600);
    ck_assert_int_eq(rnet_use_grade(backup, &job), RNET_GRADE_ACCEPTABLE);
    job.value[0] = (float)(3.07e9 * 8 / goodput_bps / 3600);
    ck_assert_int_eq(rnet_use_grade(backup, &job), RNET_GRADE_INSUFFICIENT);
}
END_TEST

START_TEST(a_rate_delivered_as_asked_is_good_however_small)
{
    const struct rnet_criterion *video = rnet_criteria_find(&criteria, "videoconference");
    struct rnet_use use = {.weight = 10,
                           .usage = RNET_USAGE_VIDEOCONFERENCE,
                           .kind = RNET_USE_VIDEO,
                           .values = 1,
                           .metric = {RNET_METRIC_RATE_UP_KBPS},
                           .value = {(float)INFINITY}};

    ck_assert_int_eq(rnet_use_grade(video, &use), RNET_GRADE_GOOD);
    use.value[0] = 700;
    ck_assert_int_eq(rnet_use_grade(video, &use), RNET_GRADE_ACCEPTABLE);
    use.value[0] = 599;
    ck_assert_int_eq(rnet_use_grade(video, &use), RNET_GRADE_INSUFFICIENT);
}
END_TEST

/* A call's R with base 30; counterfactuals of given R. */
static void
call_with(struct rnet_quality *quality, struct rnet_use *use, double r)
{
    *quality = (struct rnet_quality){.uses = use};
    add(quality, RNET_USAGE_VOIP, RNET_METRIC_VOICE_R, r)->kind = RNET_USE_VOICE;
}

static const struct {
    double up, down, queue;
    enum rnet_cause cause;
    double support;
} cures[] = {
    {50, 30, 85, RNET_CAUSE_QUEUE_UP, 1},  /* fair queueing cures it */
    {75, 30, 75, RNET_CAUSE_QUEUE_UP, 1},  /* both do: the cheaper one */
    {50, 30, 30, RNET_CAUSE_UP_RATE, 0.5}, /* half of what lacks to 70 */
    {30, 90, 31, RNET_CAUSE_DOWN_RATE, 1}, {30, 30, 30, RNET_CAUSE_NOT_THE_LINE, 0},
};

START_TEST(the_cause_is_what_cures_the_most)
{
    struct rnet_use use[3];
    struct rnet_quality other[3];
    const struct rnet_counterfactual counterfactuals[] = {{RNET_CAUSE_UP_RATE, &other[0]},
                                                          {RNET_CAUSE_DOWN_RATE, &other[1]},
                                                          {RNET_CAUSE_QUEUE_UP, &other[2]}};
    const struct rnet_usage_verdict *voice;

    call_with(&replications[0], uses[0], 30);
    replications[0].line[RNET_UP].mean_queue_ms = 700;
    replications[0].bytes[RNET_USAGE_BACKUP][RNET_UP] = 5000000;
    call_with(&other[0], &use[0], cures[_i].up);
    call_with(&other[1], &use[1], cures[_i].down);
    call_with(&other[2], &use[2], cures[_i].queue);
    ck_assert_int_eq(
        rnet_verdict_decide(&criteria, replications, 1, counterfactuals, 3, &verdict, NULL),
        RNET_OK);
    voice = rnet_verdict_of(&verdict, RNET_USAGE_VOIP);
    ck_assert_int_eq(voice->cause, cures[_i].cause);
    ck_assert_double_eq_tol(voice->cause_support, cures[_i].support, 1e-6);
    if (voice->cause == RNET_CAUSE_QUEUE_UP) {
        ck_assert_int_eq(voice->behind, RNET_USAGE_BACKUP);
        ck_assert_ptr_nonnull(strstr(verdict.sentence, "waiting behind backup on the way up"));
    }
}
END_TEST

static const struct {
    const char *why;
    double cured_r; /* of the call, with a fair queue */
    uint64_t backup_bytes, transfer_bytes;
    enum rnet_answer met;
} breakers[] = {
    {"the call waits behind the backup", 85, 5000000, 1000, RNET_ANSWER_NO},
    {"the call waits behind a transfer that somebody waits for", 85, 1000, 5000000, RNET_ANSWER_YES},
    {"no queue is to blame", 30, 5000000, 1000, RNET_ANSWER_YES},
};

START_TEST(a_backup_in_time_is_not_met_while_it_breaks_what_people_wait_for)
{
    struct rnet_use use[2];
    struct rnet_quality other = {0};
    const struct rnet_counterfactual fair = {RNET_CAUSE_QUEUE_UP, &other};
    const struct rnet_usage_verdict *backup;

    call_with(&replications[0], uses[0], 30);
    add(&replications[0], RNET_USAGE_BACKUP, RNET_METRIC_JOB_H, 1);
    replications[0].line[RNET_UP].mean_queue_ms = 700;
    replications[0].bytes[RNET_USAGE_BACKUP][RNET_UP] = breakers[_i].backup_bytes;
    replications[0].bytes[RNET_USAGE_FILE_TRANSFER][RNET_UP] = breakers[_i].transfer_bytes;
    call_with(&other, use, breakers[_i].cured_r);
    add(&other, RNET_USAGE_BACKUP, RNET_METRIC_JOB_H, 1);
    ck_assert_int_eq(rnet_verdict_decide(&criteria, replications, 1, &fair, 1, &verdict, NULL),
                     RNET_OK);
    backup = rnet_verdict_of(&verdict, RNET_USAGE_BACKUP);
    ck_assert_msg(backup->met == breakers[_i].met, "%s", breakers[_i].why);
    ck_assert_uint_eq(backup->breaks, breakers[_i].met == RNET_ANSWER_NO);
    if (backup->met == RNET_ANSWER_NO) {
        ck_assert_int_eq(backup->cause, RNET_CAUSE_BREAKS_OTHERS);
        ck_assert_int_eq(backup->grade, RNET_GRADE_INSUFFICIENT);
        ck_assert_ptr_nonnull(strstr(verdict.sentence, "others wait behind it"));
    }
}
END_TEST

START_TEST(without_counterfactuals_the_load_of_the_line_hints)
{
    const struct rnet_usage_verdict *voice;

    call_with(&replications[0], uses[0], 30);
    replications[0].line[RNET_UP].mean_queue_ms = 700;
    replications[0].bytes[RNET_USAGE_FILE_TRANSFER][RNET_UP] = 5000000;
    decide(1);
    voice = rnet_verdict_of(&verdict, RNET_USAGE_VOIP);
    ck_assert_int_eq(voice->cause, RNET_CAUSE_QUEUE_UP);
    ck_assert(isnan(voice->cause_support));
}
END_TEST

START_TEST(the_sentence_gives_counts_names_and_reasons)
{
    pages(&replications[0], 30, 0, 0);
    replications[0].bytes[RNET_USAGE_FILE_TRANSFER][RNET_UP] = 5000000;
    replications[0].line[RNET_UP].mean_queue_ms = 700;
    for (int i = 0; i < 7; i++) {
        struct rnet_use *use = add(&replications[0], RNET_USAGE_VOIP, RNET_METRIC_VOICE_R, 31);

        use->weight = 10;
        use->kind = RNET_USE_VOICE;
    }
    decide(1);
    ck_assert_str_eq(
        verdict.sentence,
        "No: 1 of the 2 usages seen is met; not met: voice calls (waiting behind file transfer on "
        "the way up).");
}
END_TEST

START_TEST(failed_uses_never_end_in_the_sentence)
{
    add(&replications[0], RNET_USAGE_WEB, RNET_METRIC_PAGE_S, 0)->state = RNET_USE_FAILED;
    replications[0].uses[0].values = 0;
    decide(1);
    ck_assert_int_eq(verdict.satisfied, RNET_ANSWER_NO);
    ck_assert_ptr_nonnull(strstr(verdict.sentence, "never end"));
    ck_assert(isinf(verdict.items[0].p95.middle));
    ck_assert_ptr_eq(strstr(verdict.sentence, "No: the one usage seen is not met: web ("),
                     verdict.sentence);
}
END_TEST

START_TEST(essential_usages_may_be_met_where_all_are_not)
{
    pages(&replications[0], 30, 0, 0);
    add(&replications[0], RNET_USAGE_REMOTE_SHELL, RNET_METRIC_ECHO_MS, 900);
    decide(1);
    ck_assert_int_eq(verdict.satisfied, RNET_ANSWER_NO);
    ck_assert_int_eq(verdict.satisfied_essential, RNET_ANSWER_YES);
}
END_TEST

START_TEST(the_sentence_fits_whatever_happens)
{
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        for (int m = 0; m < RNET_METRIC_COUNT && replications[0].use_count < USES; m += 4)
            add(&replications[0], (enum rnet_usage)u, (enum rnet_metric)m, 1e30);
    decide(1);
    ck_assert_uint_lt(strlen(verdict.sentence), sizeof verdict.sentence);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    enum rnet_status status = RNET_ENOMEM;

    pages(&replications[0], 5, 5, 5);
    for (uint64_t n = 1; status != RNET_OK; n++) {
        ck_assert_uint_lt(n, 20);
        rnet_alloc_fail_at(n);
        status = rnet_verdict_decide(&criteria, replications, 1, NULL, 0, &verdict, NULL);
        rnet_alloc_fail_at(0);
        if (status != RNET_OK)
            ck_assert_ptr_null(verdict.items);
    }
    ck_assert_int_eq(rnet_verdict_decide(&criteria, replications, 0, NULL, 0, &verdict, NULL),
                     RNET_EINVAL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("verdict-decide");
    TCase *tcase = tcase_create("decide");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_usage_is_met_when_its_share_of_use_is_acceptable, 0,
                        sizeof shares / sizeof shares[0]);
    tcase_add_test(tcase, a_band_over_the_limit_cannot_say);
    tcase_add_loop_test(tcase, no_verdict_is_surer_than_repetitions_are, 0,
                        sizeof nears / sizeof nears[0]);
    tcase_add_test(tcase, ignorance_widens_the_band_and_never_tips_it);
    tcase_add_loop_test(tcase, a_verdict_holds_with_and_without_what_is_named_on_weak_evidence, 0,
                        (int)(sizeof labels / sizeof *labels));
    tcase_add_test(tcase, a_player_that_may_adapt_has_not_failed_for_sure);
    tcase_add_test(tcase, nothing_measurable_is_not_zero);
    tcase_add_test(tcase, an_unused_usage_is_not_part_of_the_answer);
    tcase_add_test(tcase, leisure_is_graded_and_never_judged);
    tcase_add_test(tcase, margin_and_typical_value_are_in_the_criterions_unit);
    tcase_add_test(tcase, a_larger_transfer_may_take_longer_up_to_ten_minutes);
    tcase_add_test(tcase, attachments_and_nightly_volumes_fit_as_the_sheet_has_it);
    tcase_add_loop_test(tcase, a_backup_in_time_is_not_met_while_it_breaks_what_people_wait_for, 0,
                        sizeof breakers / sizeof breakers[0]);
    tcase_add_test(tcase, a_rate_delivered_as_asked_is_good_however_small);
    tcase_add_loop_test(tcase, the_cause_is_what_cures_the_most, 0, sizeof cures / sizeof cures[0]);
    tcase_add_test(tcase, without_counterfactuals_the_load_of_the_line_hints);
    tcase_add_test(tcase, the_sentence_gives_counts_names_and_reasons);
    tcase_add_test(tcase, failed_uses_never_end_in_the_sentence);
    tcase_add_test(tcase, essential_usages_may_be_met_where_all_are_not);
    tcase_add_test(tcase, the_sentence_fits_whatever_happens);
    tcase_add_test(tcase, every_allocation_may_fail);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
