/* How many offices to ask before asking them. */
#include "claim/claim.h"

#include <math.h>

/* Sizes of surveys that people think of, and of standards' check tables. */
static const uint64_t usual_sizes[RNET_PLAN_SIZES] = {30, 59, 100, 124, 181, 286, 500, 1000};
static const double usual_truths[] = {0.90, 0.97, 0.98, 0.99};

#define MOST_OFFICES 100000u

static double
or_default(double value, double otherwise)
{
    return value > 0 ? value : otherwise;
}

static enum rnet_status
complete(struct rnet_plan_options *options, struct rnet_error *err)
{
    options->share = or_default(options->share, 0.95);
    options->usages_share = or_default(options->usages_share, 0.5);
    options->margin = or_default(options->margin, 0.1);
    options->level = or_default(options->level, 0.95);
    options->usages = or_default(options->usages, 6);
    options->per_group = or_default(options->per_group, 1);
    options->response = or_default(options->response, 1);
    if (options->correlation < 0)
        options->correlation = 0.2;
    if (options->group_correlation < 0)
        options->group_correlation = 0.05;
    for (size_t i = 0; options->truth_count == 0 && i < sizeof usual_truths / sizeof(double); i++)
        options->truths[i] = usual_truths[i];
    if (options->truth_count == 0)
        options->truth_count = sizeof usual_truths / sizeof(double);
    if (!(options->share < 1) || !(options->level < 1) || !(options->usages_share < 1) ||
        options->truth_count > RNET_PLAN_TRUTHS)
        return rnet_error_set(err, RNET_EINVAL, "shares and the level lie between 0 and 1");
    if (options->correlation > 1 || options->group_correlation > 1 || options->response > 1)
        return rnet_error_set(err, RNET_EINVAL,
                              "correlations and the response lie between 0 and 1");
    if (options->usages < 1 || options->per_group < 1)
        return rnet_error_set(err, RNET_EINVAL,
                              "an office has at least one usage, a group one office");
    for (size_t i = 0; i < options->truth_count; i++)
        if (!(options->truths[i] > 0 && options->truths[i] <= 1))
            return rnet_error_set(err, RNET_EINVAL, "a true share lies between 0 and 1, not at %g",
                                  options->truths[i]);
    return RNET_OK;
}

/* Refuting "at least p" is supporting "more than 1 - p" of those not satisfied. */
static double
power_of(uint64_t n, double p, double truth, double level)
{
    return truth >= p ? rnet_plan_power(n, p, truth, level)
                      : rnet_plan_power(n, 1 - p, 1 - truth, level);
}

static uint64_t
stable_size(double p, double truth, double level, double power)
{
    return truth >= p ? rnet_plan_stable(p, truth, level, power)
                      : rnet_plan_stable(1 - p, 1 - truth, level, power);
}

static uint64_t
to_ask(uint64_t offices, const struct rnet_plan *plan)
{
    const double asked = ceil((double)offices * plan->group_effect / plan->options.response - 1e-9);

    return (uint64_t)asked;
}

static void
fill_row(const struct rnet_plan *plan, double truth, struct rnet_plan_power_row *row)
{
    const struct rnet_plan_options *options = &plan->options;

    row->truth = truth;
    for (size_t i = 0; i < RNET_PLAN_SIZES; i++)
        row->power[i] = power_of(plan->sizes[i], options->share, truth, options->level);
    row->for_80 = stable_size(options->share, truth, options->level, 0.8);
    row->for_90 = stable_size(options->share, truth, options->level, 0.9);
    row->asked_80 = to_ask(row->for_80, plan);
    row->asked_90 = to_ask(row->for_90, plan);
}

/*
 * Usages "as claimed, give or take the margin": both one-sided tests must reject when the truth is
 * the claimed share. By the normal distribution: n = p (1 - p) ((z_level + z_(1 + power) / 2) /
 * margin)², observations, each office's usages being worth usages / design effect.
 */
static uint64_t
equivalence_size(const struct rnet_plan *plan, double power)
{
    const struct rnet_plan_options *options = &plan->options;
    const double p = options->usages_share,
                 z = rnet_quantile_normal(options->level) + rnet_quantile_normal((1 + power) / 2),
                 observations = p * (1 - p) * (z / options->margin) * (z / options->margin),
                 offices = ceil(observations * plan->usage_effect / options->usages);

    return offices > MOST_OFFICES ? 0 : (uint64_t)offices;
}

enum rnet_status
rnet_plan_make(const struct rnet_plan_options *options, struct rnet_plan *plan,
               struct rnet_error *err)
{
    enum rnet_status status;

    *plan = (struct rnet_plan){.options = {.correlation = -1, .group_correlation = -1}};
    if (options != NULL)
        plan->options = *options;
    status = complete(&plan->options, err);
    if (status != RNET_OK)
        return status;
    options = &plan->options;
    plan->group_effect = rnet_design_effect(options->per_group, options->group_correlation);
    plan->usage_effect = rnet_design_effect(options->usages, options->correlation);
    for (uint64_t failures = 0; failures < RNET_PLAN_FAILURES; failures++)
        plan->least[failures] = rnet_plan_offices(failures, options->share, options->level);
    for (size_t i = 0; i < RNET_PLAN_SIZES; i++)
        plan->sizes[i] = usual_sizes[i];
    plan->row_count = options->truth_count;
    for (size_t i = 0; i < plan->row_count; i++)
        fill_row(plan, options->truths[i], &plan->rows[i]);
    plan->usages_80 = equivalence_size(plan, 0.8);
    plan->usages_90 = equivalence_size(plan, 0.9);
    plan->usages_asked_80 = to_ask(plan->usages_80, plan);
    plan->usages_asked_90 = to_ask(plan->usages_90, plan);
    return RNET_OK;
}
