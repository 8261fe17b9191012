/* Usages nested in offices, against values computed with SciPy 1.10.1 (standards, section 11.5). */
#include "stats/stats.h"
#include "suite.h"

#include <math.h>
#include <string.h>

#define TENTH 1.5e-10

static const struct rnet_cluster ten[] = {
    {17, 17, 1}, {17, 16, 1}, {12, 12, 1}, {15, 13, 1}, {17, 17, 1},
    {8, 8, 1},   {14, 14, 1}, {16, 15, 1}, {17, 17, 1}, {10, 9, 1},
};

START_TEST(design_effects_shrink_the_sample_as_published)
{
    static const double correlation[] = {.05, .1, .2, .3}, effect[] = {1.8, 2.6, 4.2, 5.8},
                        effective[] = {944.44, 653.85, 404.76, 293.10};

    for (int i = 0; i < 4; i++) {
        ck_assert_double_eq_tol(rnet_design_effect(17, correlation[i]), effect[i], 1e-12);
        ck_assert_double_eq_tol(1700 / rnet_design_effect(17, correlation[i]), effective[i], .005);
    }
}
END_TEST

START_TEST(the_ratio_estimator_gives_the_published_values)
{
    struct rnet_ratio ratio;

    ck_assert_int_eq(rnet_ratio_estimate(ten, 10, true, .95, &ratio), RNET_OK);
    ck_assert_double_eq_tol(ratio.share, .9650349650, TENTH);
    ck_assert_double_eq_tol(ratio.standard_error, .0156587019, TENTH);
    ck_assert_double_eq_tol(ratio.simple_error, .0153610354, TENTH);
    ck_assert_double_eq_tol(ratio.design_effect, 1.039132, 5e-7);
    ck_assert_double_eq_tol(ratio.linear.low, .92961252, 5e-9);
    ck_assert_double_eq_tol(ratio.linear.high, 1.00045741, 5e-9);
    ck_assert_double_eq_tol(ratio.effective, 105.087304, 5e-7);
    ck_assert_double_eq_tol(ratio.korn_graubard.low, .9097172357, TENTH);
    ck_assert_double_eq_tol(ratio.korn_graubard.high, .9910907353, TENTH);
    ck_assert_double_eq_tol(ratio.intra_cluster, .00180205, 5e-9);
    /* The guarded number never claims more than the plain one. */
    ck_assert_double_lt(ratio.guarded, ratio.effective);
    ck_assert(ratio.degrees >= 1 && ratio.degrees < 9);
}
END_TEST

START_TEST(a_weight_is_as_many_equal_offices_for_the_share)
{
    struct rnet_cluster doubled[20], weighted[10];
    struct rnet_ratio a, b;

    memcpy(weighted, ten, sizeof ten);
    memcpy(doubled, ten, sizeof ten);
    for (int i = 0; i < 5; i++) {
        weighted[i].weight = 2;
        doubled[10 + i] = ten[i];
    }
    ck_assert_int_eq(rnet_ratio_estimate(doubled, 15, true, .95, &a), RNET_OK);
    ck_assert_int_eq(rnet_ratio_estimate(weighted, 10, true, .95, &b), RNET_OK);
    ck_assert_double_eq_tol(a.share, b.share, 1e-14);
    /* A weight is no second observation: it must not make the answer surer. */
    ck_assert_double_gt(b.standard_error, a.standard_error);
}
END_TEST

START_TEST(offices_that_all_agree_count_once_each)
{
    static const struct rnet_cluster agreed[] = {{17, 17, 1}, {17, 17, 1}, {3, 3, 1}};
    struct rnet_ratio ratio;

    ck_assert_int_eq(rnet_ratio_estimate(agreed, 3, true, .95, &ratio), RNET_OK);
    ck_assert_double_eq(ratio.share, 1);
    ck_assert_double_eq(ratio.effective, 3);
    ck_assert_double_eq_tol(ratio.korn_graubard.low, rnet_share_exact(3, 3, .95).low, 1e-14);
    ck_assert_int_eq(rnet_ratio_estimate(agreed, 1, true, .95, &ratio), RNET_OK);
    ck_assert(isnan(ratio.standard_error));
    ck_assert_double_eq(ratio.effective, 1);
}
END_TEST

START_TEST(the_bootstrap_is_the_same_for_the_same_seed_and_near_the_linear_interval)
{
    struct rnet_interval first, again, other;
    struct rnet_ratio ratio;

    ck_assert_int_eq(rnet_cluster_bootstrap(ten, 10, 4000, 7, .95, &first), RNET_OK);
    ck_assert_int_eq(rnet_cluster_bootstrap(ten, 10, 4000, 7, .95, &again), RNET_OK);
    ck_assert_int_eq(rnet_cluster_bootstrap(ten, 10, 4000, 8, .95, &other), RNET_OK);
    ck_assert_int_eq(rnet_ratio_estimate(ten, 10, true, .95, &ratio), RNET_OK);
    ck_assert_int_eq(memcmp(&first, &again, sizeof first), 0);
    ck_assert(first.low != other.low);
    ck_assert(first.low >= 0 && first.high <= 1);
    /* Standardised, the logit's skew shows: wider below, and inside 0..1 where the other leaves it. */
    ck_assert(first.low < ratio.linear.low && first.low > ratio.share - 6 * ratio.standard_error);
    ck_assert(first.high > ratio.share && first.high < 1);
    ck_assert_double_eq_tol(other.low, first.low, ratio.standard_error / 4);
}
END_TEST

START_TEST(the_bootstrap_does_not_bound_what_offices_drawn_do_not_tell)
{
    static const struct rnet_cluster alike[] = {{4, 4, 1}, {6, 6, 1}, {5, 5, 1}},
                                     one_differs[] = {{4, 4, 1}, {6, 6, 1}, {5, 5, 1}, {4, 2, 1}};
    struct rnet_interval interval;

    ck_assert_int_eq(rnet_cluster_bootstrap(alike, 3, 400, 1, .95, &interval), RNET_ECANTTELL);
    ck_assert(isnan(interval.low) && isnan(interval.high));
    /* A third of the draws leave out the office that differs. */
    ck_assert_int_eq(rnet_cluster_bootstrap(one_differs, 4, 400, 1, .95, &interval), RNET_OK);
    ck_assert_double_eq(interval.low, 0);
    ck_assert(interval.high > 17. / 19 && interval.high <= 1);
}
END_TEST

START_TEST(beta_binomials_give_the_published_values)
{
    ck_assert_double_eq_tol(rnet_beta_binomial_variance(10, 9.5, .5), .8636363636, TENTH);
    ck_assert_double_eq_tol(rnet_beta_binomial_at(10, 10, 9.5, .5), .693292272576, 1e-12);
    ck_assert_double_eq_tol(rnet_beta_binomial_at(9, 10, 9.5, .5), .187376289886, 1e-12);
    ck_assert_double_eq_tol(rnet_beta_binomial_variance(17, 19, 1), 1.4227380952, TENTH);
    ck_assert_double_eq_tol(rnet_beta_binomial_at(17, 17, 19, 1), .527777777778, 1e-12);
    ck_assert_double_eq_tol(rnet_beta_binomial_at(16, 17, 19, 1), .256349206349, 1e-12);
    ck_assert_double_eq_tol(rnet_beta_binomial_variance(17, 4.75, .25), 2.9608333333, TENTH);
    ck_assert_double_eq_tol(rnet_beta_binomial_at(17, 17, 4.75, .25), .672943128024, 1e-12);
    ck_assert_double_eq_tol(rnet_beta_binomial_up_to(15, 17, 4.75, .25), .189225146959, 1e-12);
}
END_TEST

START_TEST(nothing_to_estimate_from_is_said)
{
    static const struct rnet_cluster empty[] = {{0, 0, 1}, {0, 0, 1}}, wrong[] = {{3, 4, 1}},
                                     weightless[] = {{3, 2, 0}},
                                     heavy[] = {{1, 1, 1e308}, {1, 0, 1e308}};
    struct rnet_ratio ratio;
    struct rnet_interval interval;

    ck_assert_int_eq(rnet_ratio_estimate(empty, 2, true, .95, &ratio), RNET_ECANTTELL);
    ck_assert(isnan(ratio.share));
    ck_assert_int_eq(rnet_ratio_estimate(NULL, 0, true, .95, &ratio), RNET_ECANTTELL);
    ck_assert_int_eq(rnet_ratio_estimate(wrong, 1, true, .95, &ratio), RNET_EINVAL);
    ck_assert_int_eq(rnet_ratio_estimate(weightless, 1, true, .95, &ratio), RNET_EINVAL);
    ck_assert_int_eq(rnet_ratio_estimate(heavy, 2, true, .95, &ratio), RNET_EINVAL);
    ck_assert_int_eq(rnet_cluster_bootstrap(empty, 2, 100, 1, .95, &interval), RNET_ECANTTELL);
    ck_assert_int_eq(rnet_cluster_bootstrap(ten, 10, 1, 1, .95, &interval), RNET_EINVAL);
    rnet_alloc_fail_at(1);
    ck_assert_int_eq(rnet_cluster_bootstrap(ten, 10, 100, 1, .95, &interval), RNET_ENOMEM);
    rnet_alloc_fail_at(0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("stats-clusters");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, design_effects_shrink_the_sample_as_published);
    tcase_add_test(tcase, the_ratio_estimator_gives_the_published_values);
    tcase_add_test(tcase, a_weight_is_as_many_equal_offices_for_the_share);
    tcase_add_test(tcase, offices_that_all_agree_count_once_each);
    tcase_add_test(tcase, the_bootstrap_does_not_bound_what_offices_drawn_do_not_tell);
    tcase_add_test(tcase, the_bootstrap_is_the_same_for_the_same_seed_and_near_the_linear_interval);
    tcase_add_test(tcase, beta_binomials_give_the_published_values);
    tcase_add_test(tcase, nothing_to_estimate_from_is_said);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
