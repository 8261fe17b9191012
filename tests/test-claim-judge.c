/* Judging shares: answers, bounds, how many more, and plans. */
#include "claim/claim.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>

static const struct rnet_claim_hypothesis firms = {.share = .95, .level = .95},
                                          usages = {.share = .5, .margin = .1, .level = .95};

/* n offices of weight 1, of which `met` satisfied and `open` not known. */
static struct rnet_claim_share
judge_offices(size_t n, size_t met, size_t open, const struct rnet_claim_hypothesis *hypothesis)
{
    struct rnet_cluster *low = calloc(n, sizeof *low), *high = calloc(n, sizeof *high);
    struct rnet_claim_share share;

    for (size_t i = 0; i < n; i++) {
        low[i] = (struct rnet_cluster){1, i < met, 1};
        high[i] = (struct rnet_cluster){1, i < met + open, 1};
    }
    ck_assert_int_eq(rnet_claim_judge(low, high, n, 1, true, hypothesis, 200, 1, &share), RNET_OK);
    free(low);
    free(high);
    return share;
}

static const struct {
    const char *why;
    size_t n, met, open;
    enum rnet_claim_answer answer;
    double more;
} decisions[] = {
    {"58 of 58 do not show it, one more would", 58, 58, 0, RNET_CLAIM_UNDECIDED, 1},
    {"59 of 59 do", 59, 59, 0, RNET_CLAIM_SUPPORTED, 0},
    {"one that cannot be told may be the one that fails", 59, 58, 1, RNET_CLAIM_UNDECIDED, -1},
    {"with one failure it takes 93", 93, 92, 0, RNET_CLAIM_SUPPORTED, 0},
    {"90 of 100 speak against it: p = .0282", 100, 90, 0, RNET_CLAIM_REFUTED, 0},
    {"but not when five of the ten might be satisfied", 100, 90, 5, RNET_CLAIM_UNDECIDED, INFINITY},
    {"exactly the claimed share stays undecided for ever", 100, 95, 0, RNET_CLAIM_UNDECIDED,
     INFINITY},
    {"nobody satisfied", 10, 0, 0, RNET_CLAIM_REFUTED, 0},
    {"nothing can be told", 200, 0, 200, RNET_CLAIM_UNDECIDED, INFINITY},
};

START_TEST(firms_are_answered_by_the_exact_test)
{
    const struct rnet_claim_share share =
        judge_offices(decisions[_i].n, decisions[_i].met, decisions[_i].open, &firms);
    const double n = (double)decisions[_i].n, x = (double)decisions[_i].met,
                 most = x + (double)decisions[_i].open;

    ck_assert_msg(share.answer == decisions[_i].answer, "%s: %s", decisions[_i].why,
                  rnet_claim_answer_name(share.answer));
    if (decisions[_i].more >= 0)
        ck_assert_msg(share.more_offices == decisions[_i].more, "%s: %g more", decisions[_i].why,
                      share.more_offices);
    ck_assert_double_eq_tol(share.exact.low, rnet_share_exact(x, n, .95).low, 1e-12);
    ck_assert_double_eq_tol(share.exact.high, rnet_share_exact(most, n, .95).high, 1e-12);
    ck_assert_double_eq_tol(share.wilson.low, rnet_share_wilson(x, n, .95).low, 1e-12);
    ck_assert_double_eq(share.effective, n);
    ck_assert(isnan(share.p_exact) == (decisions[_i].open > 0));
}
END_TEST

START_TEST(the_offices_said_to_be_lacking_do_decide)
{
    for (size_t n = 10; n < 60; n += 7) {
        const struct rnet_claim_share share = judge_offices(n, n, 0, &firms);
        const size_t then = n + (size_t)share.more_offices;

        ck_assert_int_eq(judge_offices(then, then, 0, &firms).answer, RNET_CLAIM_SUPPORTED);
        if (then > n)
            ck_assert_int_eq(judge_offices(then - 1, then - 1, 0, &firms).answer,
                             RNET_CLAIM_UNDECIDED);
    }
}
END_TEST

static const struct {
    const char *why;
    size_t n, met;
    enum rnet_claim_answer answer;
} equivalences[] = {
    {"half of 400: within ten points", 400, 200, RNET_CLAIM_SUPPORTED},
    {"half of 40: may be further away", 40, 20, RNET_CLAIM_UNDECIDED},
    {"three quarters of 200: more than ten points away", 200, 150, RNET_CLAIM_REFUTED},
    {"a tenth of 50, likewise below", 50, 5, RNET_CLAIM_REFUTED},
    {"58 % of 300: neither shown near nor far", 300, 174, RNET_CLAIM_UNDECIDED},
};

START_TEST(usages_are_answered_by_two_one_sided_tests)
{
    const struct rnet_claim_share share =
        judge_offices(equivalences[_i].n, equivalences[_i].met, 0, &usages);
    const struct rnet_equivalence tests =
        rnet_share_equivalence(equivalences[_i].met, equivalences[_i].n, .5, .1);

    ck_assert_msg(share.answer == equivalences[_i].answer, "%s", equivalences[_i].why);
    ck_assert_double_eq_tol(share.p_support, fmax(tests.above_low, tests.below_high), 1e-12);
    ck_assert_double_eq_tol(
        share.p_exact,
        rnet_share_test(equivalences[_i].met, equivalences[_i].n, .5, RNET_ALTERNATIVE_DIFFERENT),
        1e-12);
}
END_TEST

START_TEST(equal_weights_are_no_weights_and_unequal_ones_cost)
{
    struct rnet_cluster offices[60];
    struct rnet_claim_share plain, equal, unequal;

    for (int i = 0; i < 60; i++)
        offices[i] = (struct rnet_cluster){1, i % 5 != 0, 1};
    ck_assert_int_eq(rnet_claim_judge(offices, offices, 60, 1, true, &firms, 0, 1, &plain),
                     RNET_OK);
    for (int i = 0; i < 60; i++)
        offices[i].weight = 37.5;
    ck_assert_int_eq(rnet_claim_judge(offices, offices, 60, 1, true, &firms, 0, 1, &equal),
                     RNET_OK);
    for (int i = 0; i < 60; i++)
        offices[i].weight = i < 6 ? 10 : 1;
    ck_assert_int_eq(rnet_claim_judge(offices, offices, 60, 1, true, &firms, 0, 1, &unequal),
                     RNET_OK);
    ck_assert_double_eq(plain.effective, 60);
    ck_assert_double_eq(equal.effective, 60);
    ck_assert_double_eq(equal.exact.low, plain.exact.low);
    /* Kish: 114² / 654 = 19.87 */
    ck_assert_double_le(unequal.effective, 114.0 * 114.0 / 654.0 + 1e-9);
    ck_assert_double_lt(unequal.exact.low, plain.exact.low);
}
END_TEST

/* Aveyron 2014: 46 satisfied of 183 that answered, of about 1000 asked. */
START_TEST(silent_firms_bound_a_share_as_computed_by_hand)
{
    const struct rnet_claim_share share = judge_offices(183, 46, 0, &firms);
    struct rnet_interval worst, exact;
    enum rnet_claim_answer answer;

    ck_assert_double_eq_tol(share.exact.low, .19, .005);
    ck_assert_double_eq_tol(share.exact.high, .32, .005);
    share_bound(&share, 817.0 / 183.0, &firms, &worst, &exact, &answer);
    ck_assert_double_eq_tol(worst.low, 46.0 / 1000, 1e-12);
    ck_assert_double_eq_tol(worst.high, (46.0 + 817.0) / 1000, 1e-12);
    ck_assert_double_eq_tol(exact.low, rnet_share_exact_low(46, 1000, .975), 1e-9);
    /* Even were all silent firms satisfied, 86 % is less than 95. */
    ck_assert_int_eq(answer, RNET_CLAIM_REFUTED);
    share_bound(&share, 1e4, &firms, &worst, &exact, &answer);
    ck_assert_int_eq(answer, RNET_CLAIM_UNDECIDED);
}
END_TEST

START_TEST(classes_count_alike_however_many_use_them)
{
    /* Ten offices use a class that is met, one also uses one that is not. */
    struct rnet_cluster offices[20] = {{0}};
    struct rnet_claim_share share;

    for (int i = 0; i < 10; i++) {
        offices[2 * i] = (struct rnet_cluster){1, 1, 1};
        offices[2 * i + 1] = (struct rnet_cluster){i == 0, 0, 1};
    }
    ck_assert_int_eq(rnet_claim_judge(offices, offices, 10, 2, true, &usages, 400, 1, &share),
                     RNET_OK);
    ck_assert_double_eq(share.low, .5);
    ck_assert_uint_eq(share.offices, 10);
    /* One office decides: drawing offices tells nothing of how far that goes. */
    ck_assert(isnan(share.bootstrap.low) && isnan(share.bootstrap.high));
}
END_TEST

START_TEST(nothing_to_judge_is_said)
{
    struct rnet_claim_share share;
    struct rnet_cluster empty = {0, 0, 1};

    ck_assert_int_eq(rnet_claim_judge(NULL, NULL, 0, 1, true, &firms, 100, 1, &share),
                     RNET_ECANTTELL);
    ck_assert_int_eq(share.answer, RNET_CLAIM_NOTHING);
    ck_assert_int_eq(rnet_claim_judge(&empty, &empty, 1, 1, true, &firms, 100, 1, &share),
                     RNET_ECANTTELL);
    ck_assert(isnan(share.low) && isnan(share.p_support));
}
END_TEST

START_TEST(loops_share_out_all_lines)
{
    double sum = 0, under_20 = rnet_loop_class(0)->share;
    size_t count = 0;
    struct rnet_link link, last = {.name = ""};

    for (; rnet_loop_class(count) != NULL; count++) {
        ck_assert_int_eq(rnet_link_parse(rnet_loop_class(count)->specification, &link, NULL),
                         RNET_OK);
        if (count > 0)
            ck_assert_uint_lt(link.direction[RNET_DOWN].rate_bps,
                              last.direction[RNET_DOWN].rate_bps);
        last = link;
        sum += rnet_loop_class(count)->share;
    }
    ck_assert_double_eq_tol(sum, 1, 1e-12);
    ck_assert_double_eq_tol(under_20, .3029, 1e-12);
}
END_TEST

/* ARIASE's rates by attenuation, in Mbit/s; 2 and 0.5 reached by 90 and 99 % of lines, from memory. */
START_TEST(the_copper_model_gives_loops_the_rates_published_of_them)
{
    static const struct {
        const char *id;
        double least, most;
    } published[] = {{"under-20dB", 14, 22}, {"20-30dB", 11, 22}, {"30-40dB", 7, 22},
                     {"40-50dB", 4, 11},     {"50-60dB", 2, 7},   {"60-70dB", .5, 4},
                     {"over-70dB", .1, 2}};
    struct rnet_link link;

    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const struct rnet_loop_class *loops = rnet_loop_class(i);

        ck_assert_str_eq(loops->id, published[i].id);
        ck_assert_int_eq(rnet_link_parse(loops->specification, &link, NULL), RNET_OK);
        ck_assert_double_ge((double)link.direction[RNET_DOWN].rate_bps / 1e6, published[i].least);
        ck_assert_double_le((double)link.direction[RNET_DOWN].rate_bps / 1e6, published[i].most);
        ck_assert_uint_le(link.direction[RNET_UP].rate_bps, 1000000);
    }
    ck_assert(rnet_loop_class(sizeof published / sizeof *published) == NULL);
}
END_TEST

START_TEST(a_plan_has_the_published_numbers_and_asks_for_more_where_offices_cluster)
{
    struct rnet_plan_options options = {
        .correlation = .2, .usages = 17, .per_group = 5, .group_correlation = .1, .response = .25};
    struct rnet_plan plan;

    ck_assert_int_eq(rnet_plan_make(NULL, &plan, NULL), RNET_OK);
    ck_assert_uint_eq(plan.least[0], 59);
    ck_assert_uint_eq(plan.least[10], 336);
    ck_assert_uint_eq(plan.row_count, 4);
    ck_assert_uint_eq(plan.rows[2].for_80, 286); /* truth .98 */
    ck_assert_uint_eq(plan.rows[3].for_90, 181); /* truth .99 */
    ck_assert_double_eq_tol(plan.rows[3].power[1], .5527, 5e-5);
    ck_assert_uint_eq(plan.rows[3].asked_90, 181);
    ck_assert_int_eq(rnet_plan_make(&options, &plan, NULL), RNET_OK);
    ck_assert_double_eq_tol(plan.usage_effect, 4.2, 1e-12);
    ck_assert_double_eq_tol(plan.group_effect, 1.4, 1e-12);
    ck_assert_uint_eq(plan.rows[3].asked_90, 1014); /* 181 × 1.4 / .25 = 1013.6 */
    options.response = 2;
    ck_assert_int_eq(rnet_plan_make(&options, &plan, NULL), RNET_EINVAL);
}
END_TEST

START_TEST(the_power_to_refute_is_that_of_the_test_that_is_done)
{
    struct rnet_plan plan;
    double power = 0;

    ck_assert_int_eq(rnet_plan_make(NULL, &plan, NULL), RNET_OK);
    ck_assert_double_eq(plan.rows[0].truth, .9);
    /* Of 100 offices, satisfied ones binomial with .9: those counts that refute. */
    for (size_t x = 0; x <= 100; x++)
        if (judge_offices(100, x, 0, &firms).answer == RNET_CLAIM_REFUTED)
            power += exp(lgamma(101) - lgamma((double)x + 1) - lgamma(101 - (double)x) +
                         (double)x * log(.9) + (100 - (double)x) * log(.1));
    ck_assert_double_eq_tol(plan.rows[0].power[2], power, 1e-9);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

int
main(void)
{
    Suite *suite = suite_create("claim-judge");
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, firms_are_answered_by_the_exact_test, 0, COUNT(decisions));
    tcase_add_test(tcase, the_offices_said_to_be_lacking_do_decide);
    tcase_add_loop_test(tcase, usages_are_answered_by_two_one_sided_tests, 0, COUNT(equivalences));
    tcase_add_test(tcase, equal_weights_are_no_weights_and_unequal_ones_cost);
    tcase_add_test(tcase, silent_firms_bound_a_share_as_computed_by_hand);
    tcase_add_test(tcase, classes_count_alike_however_many_use_them);
    tcase_add_test(tcase, nothing_to_judge_is_said);
    tcase_add_test(tcase, loops_share_out_all_lines);
    tcase_add_test(tcase, the_copper_model_gives_loops_the_rates_published_of_them);
    tcase_add_test(tcase, a_plan_has_the_published_numbers_and_asks_for_more_where_offices_cluster);
    tcase_add_test(tcase, the_power_to_refute_is_that_of_the_test_that_is_done);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
