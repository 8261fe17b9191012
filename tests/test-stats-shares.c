/*
 * Shares, exact tests and plans, against values computed with SciPy 1.10.1 (standards, section 11):
 *   11.1 beta quantiles                                                 here
 *   11.2 exact, Wilson, one-sided and Jeffreys' intervals of 11 shares  here
 *   11.3 exact binomial tests, mid-p                                    here
 *   11.4 failures allowed at .95 one- and two-sided, .90 and .99, power, stable power     here
 *        (its three sizes by normal approximation are nothing this library computes)
 *   11.5 design effects, ratio estimator, effective number, correlation, beta-binomials
 *                                                                       test-stats-clusters
 *        (its mean squares and n0 only through the correlation they give)
 *   11.6 non-inferiority, equivalence, posteriors, McNemar, Fisher, t, chi squared        here
 */
#include "stats/stats.h"
#include "suite.h"

#include <math.h>

/* The references carry ten digits. */
#define TENTH 1.5e-10

static const struct {
    double q, a, b, value;
} betas[] = {{.025, 95, 6, .88716508889454},
             {.975, 96, 5, .98356812081795},
             {.05, 59, 1, .95049239011177},
             {.5, 2, 3, .38572756813239},
             {.95, .5, .5, .99384417029757}};

START_TEST(beta_quantiles_are_the_published_ones)
{
    const double tolerance = 1e-13;

    ck_assert_double_eq_tol(rnet_quantile_beta(betas[_i].q, betas[_i].a, betas[_i].b),
                            betas[_i].value, tolerance);
}
END_TEST

START_TEST(other_quantiles_are_the_published_ones)
{
    ck_assert_double_eq_tol(rnet_quantile_normal(.975), 1.959963984540054, 1e-14);
    ck_assert_double_eq_tol(rnet_quantile_t(.975, 9), 2.2621571628, TENTH);
    ck_assert_double_eq_tol(rnet_quantile_t(.975, 19), 2.0930240544, TENTH);
    ck_assert_double_eq_tol(rnet_quantile_t(.975, 29), 2.0452296421, TENTH);
    ck_assert_double_eq_tol(rnet_quantile_chi2(.95, 1), 3.8414588207, TENTH);
    ck_assert_double_eq_tol(rnet_quantile_chi2(.95, 2), 5.9914645471, TENTH);
}
END_TEST

static const struct {
    double x, n;
    struct rnet_interval exact, wilson;
    double one_sided;
} intervals[] = {
    {0, 10, {0, .3084971078}, {0, .2775327999}, 0},
    {1, 10, {.0025285785, .4450161170}, {.0178762131, .4041500268}, .0051161969},
    {5, 10, {.1870860284, .8129139716}, {.2365930905, .7634069095}, .2224411010},
    {10, 10, {.6915028922, 1}, {.7224672001, 1}, .7411344491},
    {59, 59, {.9393910990, 1}, {.9388706295, 1}, .9504923901},
    {95, 100, {.8871650889, .9835681208}, {.8882495308, .9784563208}, .8977466224},
    {98, 100, {.9296160675, .9975686632}, {.9299882093, .9944980324}, .9383807996},
    {190, 200, {.9099724623, .9757658345}, {.9104218519, .9726173544}, .9166648489},
    {285, 300, {.9188726428, .9717487980}, {.9191529665, .9694683594}, .9240513017},
    {475, 500, {.9270723783, .9673848199}, {.9272318388, .9659062548}, .9308639228},
    {950, 1000, {.9346095121, .9626646024}, {.9346861798, .9618697376}, .9371365965},
};

START_TEST(intervals_of_a_share_are_the_published_ones)
{
    const double x = intervals[_i].x, n = intervals[_i].n;
    const struct rnet_interval exact = rnet_share_exact(x, n, .95),
                               wilson = rnet_share_wilson(x, n, .95);

    ck_assert_double_eq_tol(exact.low, intervals[_i].exact.low, TENTH);
    ck_assert_double_eq_tol(exact.high, intervals[_i].exact.high, TENTH);
    ck_assert_double_eq_tol(wilson.low, intervals[_i].wilson.low, TENTH);
    ck_assert_double_eq_tol(wilson.high, intervals[_i].wilson.high, TENTH);
    ck_assert_double_eq_tol(rnet_share_exact_low(x, n, .95), intervals[_i].one_sided, TENTH);
}
END_TEST

START_TEST(all_of_58_do_not_show_95_percent_and_all_of_59_do)
{
    const struct rnet_interval jeffreys = rnet_share_jeffreys(95, 100, .95);

    ck_assert_double_eq_tol(rnet_share_exact_low(58, 58, .95), .949660661670, 1e-12);
    ck_assert_double_eq_tol(rnet_share_exact_low(59, 59, .95), pow(.05, 1.0 / 59), 1e-14);
    ck_assert_double_eq_tol(jeffreys.low, .89389993, 1e-8);
    ck_assert_double_eq_tol(jeffreys.high, .98066819, 1e-8);
}
END_TEST

static const struct {
    uint64_t x, n;
    double p;
    enum rnet_alternative alternative;
    double value;
} tests[] = {
    {95, 100, .95, RNET_ALTERNATIVE_DIFFERENT, 1},
    {95, 100, .95, RNET_ALTERNATIVE_GREATER, .615999128},
    {95, 100, .95, RNET_ALTERNATIVE_LESS, .564018699},
    {90, 100, .95, RNET_ALTERNATIVE_DIFFERENT, .0341088234},
    {90, 100, .95, RNET_ALTERNATIVE_LESS, .0281882942},
    {98, 100, .95, RNET_ALTERNATIVE_DIFFERENT, .2462234598},
    {98, 100, .95, RNET_ALTERNATIVE_GREATER, .1182629812},
    {185, 200, .95, RNET_ALTERNATIVE_DIFFERENT, .1045812157},
    {59, 59, .95, RNET_ALTERNATIVE_DIFFERENT, .1223112736},
    {59, 59, .95, RNET_ALTERNATIVE_GREATER, .0484945252},
    {555, 600, .95, RNET_ALTERNATIVE_DIFFERENT, .0083374005},
    {570, 600, .95, RNET_ALTERNATIVE_DIFFERENT, 1},
    {7, 10, .5, RNET_ALTERNATIVE_DIFFERENT, .34375},
    {190, 200, .93, RNET_ALTERNATIVE_GREATER, .1661266923},
};

START_TEST(exact_tests_give_the_published_values)
{
    /* Some references carry nine digits. */
    ck_assert_double_eq_tol(
        rnet_share_test(tests[_i].x, tests[_i].n, tests[_i].p, tests[_i].alternative),
        tests[_i].value, 6e-10);
}
END_TEST

/* The same two-sided value the slow obvious way: every outcome looked at, products built up. */
static double
two_sided_slowly(unsigned x, unsigned n, double p)
{
    double chance[64] = {1}, sum = 0;

    for (unsigned tries = 1; tries <= n; tries++)
        for (unsigned k = tries + 1; k-- > 0;)
            chance[k] = (k < tries ? chance[k] * (1 - p) : 0) + (k > 0 ? chance[k - 1] * p : 0);
    for (unsigned k = 0; k <= n; k++)
        sum += chance[k] <= chance[x] * (1 + 1e-7) ? chance[k] : 0;
    return sum;
}

START_TEST(exact_tests_agree_with_adding_every_outcome)
{
    for (unsigned n = 1; n < 40; n += 3)
        for (unsigned x = 0; x <= n; x++)
            for (double p = 0.05; p < 1; p += 0.15)
                ck_assert_double_eq_tol(rnet_share_test(x, n, p, RNET_ALTERNATIVE_DIFFERENT),
                                        two_sided_slowly(x, n, p), 1e-10);
}
END_TEST

START_TEST(an_exact_limit_is_where_the_exact_test_turns)
{
    for (unsigned n = 1; n < 200; n += 7) {
        for (unsigned x = 1; x < n; x++) {
            const double low = rnet_share_exact_low(x, n, .95),
                         high = rnet_share_exact_high(x, n, .95);

            ck_assert_double_eq_tol(rnet_share_test(x, n, low, RNET_ALTERNATIVE_GREATER), .05,
                                    1e-10);
            ck_assert_double_eq_tol(rnet_share_test(x, n, high, RNET_ALTERNATIVE_LESS), .05, 1e-10);
        }
    }
}
END_TEST

START_TEST(framings_of_the_question_give_the_published_values)
{
    const struct rnet_equivalence equivalence = rnet_share_equivalence(190, 200, .95, .03);

    /* The table's tenth digit is off: in exact fractions it is .07767209525623807. */
    ck_assert_double_eq_tol(rnet_share_test_mid_p(98, 100, .95), .07767209525623807, 1e-14);
    ck_assert_double_eq_tol(equivalence.above_low, .0691265, 5e-8);
    ck_assert_double_eq_tol(equivalence.below_high, .0074793, 5e-8);
    ck_assert_double_eq_tol(rnet_share_posterior(59, 59, .95, 1, 1), .9539302010, TENTH);
    ck_assert_double_eq_tol(rnet_share_posterior(59, 59, .95, .5, .5), .9863156822, TENTH);
    ck_assert_double_eq_tol(rnet_test_mcnemar(3, 11), .0573730469, TENTH);
    ck_assert_double_eq_tol(rnet_test_fisher(95, 100, 99, 100), .2116478527, TENTH);
}
END_TEST

static const struct {
    double p, level;
    uint64_t offices[11];
} plans[] = {
    {.95, .95, {59, 93, 124, 153, 181, 208, 234, 260, 286, 311, 336}},
    {.95, .975, {72, 110, 142, 173, 202, 230, 258, 285, 312, 338, 364}},
    {.90, .95, {29, 46, 61, 76, 89, 103, 116, 129, 142, 154, 167}},
    {.99, .95, {299, 473, 628, 773, 913, 1049, 1182, 1312, 1441, 1568, 1693}},
};

START_TEST(plans_need_the_published_number_of_offices)
{
    for (unsigned failures = 0; failures <= 10; failures++) {
        const uint64_t n = rnet_plan_offices(failures, plans[_i].p, plans[_i].level);

        ck_assert_uint_eq(n, plans[_i].offices[failures]);
        ck_assert_double_ge(
            rnet_share_exact_low((double)(n - failures), (double)n, plans[_i].level), plans[_i].p);
        ck_assert_double_lt(
            rnet_share_exact_low((double)(n - 1 - failures), (double)(n - 1), plans[_i].level),
            plans[_i].p);
    }
}
END_TEST

static const struct {
    uint64_t n, critical;
    double at_97, at_98, at_99;
} powers[] = {
    {59, 59, .1658, .3036, .5527},   {124, 122, .2777, .5477, .8716},
    {181, 177, .3651, .7034, .9637}, {286, 278, .5109, .8769, .9974},
    {500, 484, .6656, .9743, 1.0},   {1000, 962, .9381, .9999, 1.0},
};

START_TEST(plans_have_the_published_power)
{
    const double four_digits = 5.1e-5;

    ck_assert_uint_eq(rnet_plan_critical(powers[_i].n, .95, .95), powers[_i].critical);
    ck_assert_double_eq_tol(rnet_plan_power(powers[_i].n, .95, .97, .95), powers[_i].at_97,
                            four_digits);
    ck_assert_double_eq_tol(rnet_plan_power(powers[_i].n, .95, .98, .95), powers[_i].at_98,
                            four_digits);
    ck_assert_double_eq_tol(rnet_plan_power(powers[_i].n, .95, .99, .95), powers[_i].at_99,
                            four_digits);
}
END_TEST

START_TEST(sizes_of_stable_power_are_the_published_ones)
{
    ck_assert_uint_eq(rnet_plan_stable(.95, .99, .95, .8), 124);
    ck_assert_uint_eq(rnet_plan_stable(.95, .99, .95, .9), 181);
    ck_assert_uint_eq(rnet_plan_stable(.95, .98, .95, .8), 286);
    ck_assert_uint_eq(rnet_plan_stable(.95, .98, .95, .9), 361);
    ck_assert_uint_eq(rnet_plan_stable(.95, .97, .95, .8), 694);
    ck_assert_uint_eq(rnet_plan_stable(.95, .97, .95, .9), 900);
}
END_TEST

START_TEST(nonsense_is_not_a_number_and_never_a_stop)
{
    ck_assert(isnan(rnet_quantile_beta(2, 1, 1)) && isnan(rnet_quantile_beta(.5, -1, 1)));
    ck_assert(isnan(rnet_quantile_beta(NAN, 1, 1)) && isnan(rnet_quantile_t(.5, 0)));
    ck_assert(isnan(rnet_share_exact(3, 2, .95).low) && isnan(rnet_share_exact(0, 0, .95).high));
    ck_assert(isnan(rnet_share_wilson(1, 2, 1.5).low) && isnan(rnet_share_test(3, 2, .5, 0)));
    ck_assert(isnan(rnet_share_posterior(1, 2, 3, 1, 1)));
    ck_assert_uint_eq(rnet_plan_offices(0, 1, .95), 0);
    ck_assert_uint_eq(rnet_plan_offices(0, .9999999999, .95), 0);
    ck_assert_uint_eq(rnet_plan_stable(.95, .95, .95, .8), 0);
    ck_assert(isinf(rnet_quantile_normal(1)) && isinf(rnet_quantile_t(0, 3)));
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

int
main(void)
{
    Suite *suite = suite_create("stats-shares");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, beta_quantiles_are_the_published_ones, 0, COUNT(betas));
    tcase_add_test(tcase, other_quantiles_are_the_published_ones);
    tcase_add_loop_test(tcase, intervals_of_a_share_are_the_published_ones, 0, COUNT(intervals));
    tcase_add_test(tcase, all_of_58_do_not_show_95_percent_and_all_of_59_do);
    tcase_add_loop_test(tcase, exact_tests_give_the_published_values, 0, COUNT(tests));
    tcase_add_test(tcase, exact_tests_agree_with_adding_every_outcome);
    tcase_add_test(tcase, an_exact_limit_is_where_the_exact_test_turns);
    tcase_add_test(tcase, framings_of_the_question_give_the_published_values);
    tcase_add_loop_test(tcase, plans_need_the_published_number_of_offices, 0, COUNT(plans));
    tcase_add_loop_test(tcase, plans_have_the_published_power, 0, COUNT(powers));
    tcase_add_test(tcase, sizes_of_stable_power_are_the_published_ones);
    tcase_add_test(tcase, nonsense_is_not_a_number_and_never_a_stop);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
