/* One use against its criterion. */
#include "verdict/verdict.h"

#include <math.h>

#define MB 1e6

static double
sized(double limit, double per_mb, double cap, uint64_t bytes)
{
    const double grown = fmax(limit, per_mb * (double)bytes / MB);

    return cap > 0 ? fmin(grown, fmax(cap, limit)) : grown;
}

double
rule_good(const struct rnet_rule *rule, uint64_t bytes)
{
    return sized(rule->good, rule->good_per_mb, rule->good_cap, bytes);
}

double
rule_acceptable(const struct rnet_rule *rule, uint64_t bytes)
{
    return sized(rule->acceptable, rule->acceptable_per_mb, rule->acceptable_cap, bytes);
}

const struct rnet_rule *
rule_of(const struct rnet_criterion *criterion, enum rnet_metric metric)
{
    for (size_t i = 0; i < criterion->rule_count; i++)
        if (criterion->rules[i].metric == metric)
            return &criterion->rules[i];
    return NULL;
}

bool
rule_speaks_of(const struct rnet_rule *rule, enum rnet_use_kind kind)
{
    return (rule->kinds == 0 || (rule->kinds & (1u << kind)) != 0) &&
           (rnet_use_kind_metrics(kind) & (1u << rule->metric)) != 0;
}

static enum rnet_grade
value_grade(const struct rnet_rule *rule, double value, uint64_t bytes)
{
    const double sign = rnet_metric_info(rule->metric)->higher_is_better ? -1 : 1;

    if (isnan(value))
        return RNET_GRADE_CANNOT_SAY;
    if (sign * value <= sign * rule_good(rule, bytes))
        return RNET_GRADE_GOOD;
    return sign * value <= sign * rule_acceptable(rule, bytes) ? RNET_GRADE_ACCEPTABLE
                                                               : RNET_GRADE_INSUFFICIENT;
}

/* The worst of the values that a rule speaks of; one that cannot be told leaves the rest to decide
 * only when the rest is insufficient already. */
enum rnet_grade
rnet_use_grade(const struct rnet_criterion *criterion, const struct rnet_use *use)
{
    enum rnet_grade worst = RNET_GRADE_CANNOT_SAY;
    bool unknown = false;

    if (use->state == RNET_USE_FAILED)
        return RNET_GRADE_INSUFFICIENT;
    if (use->state == RNET_USE_UNKNOWN || use->state == RNET_USE_PART_MISSING)
        return RNET_GRADE_CANNOT_SAY;
    for (size_t i = 0; i < use->values && i < RNET_USE_VALUES; i++) {
        const struct rnet_rule *rule = rule_of(criterion, (enum rnet_metric)use->metric[i]);
        enum rnet_grade grade;

        if (rule == NULL || !rule_speaks_of(rule, (enum rnet_use_kind)use->kind))
            continue;
        grade = value_grade(rule, (double)use->value[i], use->bytes);
        unknown = unknown || grade == RNET_GRADE_CANNOT_SAY;
        worst = grade > worst ? grade : worst;
    }
    return unknown && worst != RNET_GRADE_INSUFFICIENT ? RNET_GRADE_CANNOT_SAY : worst;
}

double
use_margin(const struct rnet_rule *rule, const struct rnet_use *use)
{
    const double value = rnet_use_value(use, rule->metric);
    const double limit = rule_acceptable(rule, use->bytes);

    if (use->state == RNET_USE_FAILED)
        return -(double)INFINITY;
    return rnet_metric_info(rule->metric)->higher_is_better ? value - limit : limit - value;
}

double
value_shifted(enum rnet_metric metric, double value, double worse)
{
    const struct rnet_metric_info *info = rnet_metric_info(metric);
    const double spread = fabs(value) * info->spread_ratio + info->spread_floor;

    if (!isfinite(value) || value == 0) /* what did not happen has no spread */
        return value;
    return fmax(0, value + (info->higher_is_better ? -worse : worse) * spread);
}

struct rnet_use
use_shifted(const struct rnet_use *use, double worse)
{
    struct rnet_use shifted = *use;

    for (size_t i = 0; i < use->values && i < RNET_USE_VALUES; i++)
        shifted.value[i] =
            (float)value_shifted((enum rnet_metric)use->metric[i], (double)use->value[i], worse);
    return shifted;
}

bool
use_is_of(const struct rnet_criterion *criterion, const struct rnet_use *use)
{
    if (!(use->weight > 0) || (criterion->usages & (1u << use->usage)) == 0)
        return false;
    for (size_t i = 0; i < criterion->rule_count; i++)
        if (rule_speaks_of(&criterion->rules[i], (enum rnet_use_kind)use->kind))
            return true;
    return false;
}

bool
use_is_excused(const struct rnet_criterion *criterion, const struct rnet_quality *quality,
               size_t index)
{
    const struct rnet_quality *ideal = quality->ideal;

    return ideal != NULL && index < ideal->use_count &&
           rnet_use_grade(criterion, &ideal->uses[index]) == RNET_GRADE_INSUFFICIENT;
}

bool
use_counts(const struct rnet_criterion *criterion, const struct rnet_quality *quality, size_t index)
{
    return use_is_of(criterion, &quality->uses[index]) &&
           !use_is_excused(criterion, quality, index);
}
