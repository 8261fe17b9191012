/*
 * Why a usage is lacking: what its cure would take away.
 *
 * The same replay is repeated with one thing better (uplink doubled, fair queueing, no delay, …).
 * Uses are paired: the n-th use is the same use in both. A use that the change makes acceptable is
 * cured; one that it brings closer is cured by that part of its shortfall. The change that cures
 * the most names the cause. Changes that cost nothing but a setting come first when they cure as
 * much.
 *
 * Without counterfactuals the line's load decides, and cause_support is NAN: an inference only.
 */
#include "verdict/verdict.h"

#include <math.h>

#define AS_GOOD 0.05  /* of the shortfall: two cures closer than this are alike */
#define NO_CURE 0.10  /* cures less than this of the shortfall: not the cause */
#define QUEUE_MS 20.0 /* mean queueing delay that calls and echoes feel */
#define LOSS_RATIO 0.005

static double
shortfall(const struct rnet_criterion *criterion, const struct rnet_use *use,
          enum rnet_metric metric)
{
    const struct rnet_rule *rule = rule_of(criterion, metric);

    return rule != NULL ? fmax(0, -use_margin(rule, use)) : 0;
}

/* The metric in which a use falls short; relative to its limit, the furthest. */
static bool
worst_metric(const struct rnet_criterion *criterion, const struct rnet_use *use,
             enum rnet_metric *metric)
{
    double worst = 0;

    for (size_t i = 0; i < use->values; i++) {
        const enum rnet_metric candidate = (enum rnet_metric)use->metric[i];
        const struct rnet_rule *rule = rule_of(criterion, candidate);
        const double short_of = shortfall(criterion, use, candidate);

        if (rule != NULL && rule_speaks_of(rule, (enum rnet_use_kind)use->kind) && short_of > 0 &&
            short_of / fmax(rule_acceptable(rule, use->bytes), 1e-9) > worst) {
            worst = short_of / fmax(rule_acceptable(rule, use->bytes), 1e-9);
            *metric = candidate;
        }
    }
    return worst > 0;
}

/* 0..1: how much of what a use lacks is gone in its counterpart. */
static double
cured(const struct rnet_criterion *criterion, const struct rnet_use *use,
      const struct rnet_use *counterpart)
{
    const enum rnet_grade grade = rnet_use_grade(criterion, counterpart);
    enum rnet_metric metric = RNET_METRIC_PAGE_S;
    double before, after;

    if (grade == RNET_GRADE_GOOD || grade == RNET_GRADE_ACCEPTABLE)
        return 1;
    if (use->state == RNET_USE_FAILED) /* it ends now, if late: half a cure */
        return counterpart->state == RNET_USE_MEASURED ? 0.5 : 0;
    if (counterpart->state != RNET_USE_MEASURED || !worst_metric(criterion, use, &metric))
        return 0;
    before = shortfall(criterion, use, metric);
    after = shortfall(criterion, counterpart, metric);
    return isfinite(before) && before > 0 ? fmin(1, fmax(0, (before - after) / before)) : 0;
}

static double
support_of(const struct rnet_criterion *criterion, const struct rnet_quality *base,
           const struct rnet_quality *other)
{
    double lacking = 0, gone = 0;

    if (other->use_count != base->use_count)
        return 0; /* of another demand */
    for (size_t i = 0; i < base->use_count; i++) {
        const struct rnet_use *use = &base->uses[i];

        if (!use_counts(criterion, base, i) ||
            rnet_use_grade(criterion, use) != RNET_GRADE_INSUFFICIENT)
            continue;
        lacking += use->weight;
        gone += use->weight * cured(criterion, use, &other->uses[i]);
    }
    return lacking > 0 ? gone / lacking : 0;
}

static bool
is_queue(enum rnet_cause cause)
{
    return cause == RNET_CAUSE_QUEUE_UP || cause == RNET_CAUSE_QUEUE_DOWN;
}

/* Cheapest first: a setting of the modem, a repair, another line. */
static int
price(enum rnet_cause cause)
{
    return is_queue(cause)                    ? 0
           : cause == RNET_CAUSE_LOSS         ? 1
           : cause == RNET_CAUSE_DELAY        ? 2
           : cause == RNET_CAUSE_NOT_THE_LINE ? 4
                                              : 3;
}

static enum rnet_direction
fuller_queue(const struct rnet_quality *quality)
{
    return quality->line[RNET_UP].mean_queue_ms >= quality->line[RNET_DOWN].mean_queue_ms
               ? RNET_UP
               : RNET_DOWN;
}

static enum rnet_usage
heaviest(const struct rnet_quality *quality, enum rnet_direction direction)
{
    int best = RNET_USAGE_UNKNOWN;

    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if (quality->bytes[u][direction] > quality->bytes[best][direction])
            best = u;
    return (enum rnet_usage)best;
}

static void
name_queue(const struct rnet_quality *base, struct rnet_usage_verdict *verdict)
{
    const enum rnet_direction direction = fuller_queue(base);

    verdict->cause = direction == RNET_UP ? RNET_CAUSE_QUEUE_UP : RNET_CAUSE_QUEUE_DOWN;
    verdict->behind = heaviest(base, direction);
}

static double
own_bytes(const struct rnet_criterion *criterion, const struct rnet_quality *quality,
          enum rnet_direction direction, double *all)
{
    double own = 0;

    *all = 0;
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        *all += (double)quality->bytes[u][direction];
        if ((criterion->usages & (1u << u)) != 0)
            own += (double)quality->bytes[u][direction];
    }
    return own;
}

static bool
needs_volume(const struct rnet_usage_verdict *verdict)
{
    return verdict->kind == RNET_USE_PAGE || verdict->kind == RNET_USE_TRANSFER ||
           verdict->kind == RNET_USE_JOB || verdict->kind == RNET_USE_PLAYBACK ||
           verdict->metric == RNET_METRIC_RATE_UP_KBPS ||
           verdict->metric == RNET_METRIC_RATE_DOWN_KBPS;
}

static void
infer(const struct rnet_quality *base, struct rnet_usage_verdict *verdict)
{
    const enum rnet_direction fuller = fuller_queue(base);
    double all_up, all_down;
    const double up = own_bytes(verdict->criterion, base, RNET_UP, &all_up);
    const double down = own_bytes(verdict->criterion, base, RNET_DOWN, &all_down);

    if (needs_volume(verdict)) {
        const bool upwards = verdict->metric == RNET_METRIC_RATE_UP_KBPS || up > down;

        if ((upwards ? up : down) >= (upwards ? all_up : all_down) / 2)
            verdict->cause = upwards ? RNET_CAUSE_UP_RATE : RNET_CAUSE_DOWN_RATE;
        else
            name_queue(base, verdict);
    } else if (base->line[fuller].mean_queue_ms >= QUEUE_MS) {
        name_queue(base, verdict);
    } else {
        verdict->cause =
            base->line[fuller].loss_ratio >= LOSS_RATIO ? RNET_CAUSE_LOSS : RNET_CAUSE_DELAY;
    }
}

void
explain(const struct rnet_quality *base, const struct rnet_counterfactual *counterfactuals,
        size_t count, struct rnet_usage_verdict *verdict)
{
    bool rates_tried = false;
    double best = 0;

    for (size_t i = 0; i < count; i++) {
        const enum rnet_cause cause = counterfactuals[i].cause;
        const double support = support_of(verdict->criterion, base, counterfactuals[i].quality);
        const bool cheaper = price(cause) < price(verdict->cause);

        rates_tried = rates_tried || cause == RNET_CAUSE_UP_RATE || cause == RNET_CAUSE_DOWN_RATE;
        if (support < NO_CURE)
            continue;
        if (verdict->cause == RNET_CAUSE_NONE || support > best + AS_GOOD ||
            (cheaper && support > best - AS_GOOD)) {
            verdict->cause = cause;
            best = support;
        }
    }
    if (count == 0) {
        infer(base, verdict);
        return;
    }
    /* What no line could cure is excused already where the ideal line was replayed: then it is the
     * line, and no single change is enough. */
    if (verdict->cause == RNET_CAUSE_NONE)
        verdict->cause = !rates_tried          ? RNET_CAUSE_UNKNOWN
                         : base->ideal != NULL ? RNET_CAUSE_SEVERAL
                                               : RNET_CAUSE_NOT_THE_LINE;
    if (is_queue(verdict->cause))
        name_queue(base, verdict);
    verdict->cause_support = best;
}
