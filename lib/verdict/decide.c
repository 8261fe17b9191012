/*
 * The verdict: shares of use over replications, their 90 % band, and what follows.
 *
 *     share of use acceptable or better        0.95
 *        ├──[low ─── middle ─── high]───────────┼──────┤   not met
 *        ├──────────────────────[low ── middle ─┼─ high]   cannot say
 *        ├──────────────────────────────────────┼─[low…    met
 *
 * A use that cannot be told counts as insufficient at the low end of the band and as acceptable at
 * the high end: ignorance widens the band, it never tips it. A use whose usage is doubtful may be
 * no use of this one: the band holds with such uses and without. A player that asked for a larger
 * picture than the line gives may do with a smaller one: insufficient at the low end, acceptable at
 * the high.
 */
#include "verdict/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BAND 0.90 /* of outcomes over replications (design, section 3) */

struct weighted {
    double value;
    double weight;
};

/* How a set of uses does, by weight: at the worse end of repetitions, as replayed, at the better.
 */
enum end { END_WORSE, END_AS_REPLAYED, END_BETTER, ENDS };

struct shares {
    double all, unknown;
    double good[ENDS], acceptable[ENDS];
    double adapts; /* insufficient at the better end, but its player may adapt: acceptable there */
};

/* What one replication says of one criterion. */
struct tally {
    struct shares every;
    struct shares sure;                /* without uses whose usage is doubtful */
    double missing;                    /* of the unknown, because the capture lacks a part */
    double excused;                    /* insufficient on any line: in no share */
    double lacking[RNET_METRIC_COUNT]; /* weight made insufficient by this metric */
    double not_good[RNET_METRIC_COUNT];
    double seen[RNET_METRIC_COUNT];
    double by_kind[RNET_USE_KINDS];
    size_t uses, failed;
};

#define NUMBERS 6

struct decision {
    const struct rnet_quality *replications;
    size_t count;
    struct weighted *values; /* room for the uses of one replication */
    double *over[NUMBERS];   /* room for one number per replication, each */
};

static int
compare_weighted(const void *a, const void *b)
{
    const struct weighted *x = a, *y = b;

    return x->value < y->value ? -1 : x->value > y->value;
}

static int
compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Smallest value that a share p of the weight does not exceed; values get sorted. */
static double
weighted_quantile(struct weighted *values, size_t count, double p)
{
    double all = 0, sum = 0;

    qsort(values, count, sizeof *values, compare_weighted);
    for (size_t i = 0; i < count; i++)
        all += values[i].weight;
    for (size_t i = 0; i < count; i++) {
        sum += values[i].weight;
        if (sum >= p * all * (1 - 1e-12))
            return values[i].value;
    }
    return (double)NAN;
}

/*
 * Two things make the band: replications (other seeds), and what repetitions of the same real work
 * on the same line differ by (rnet_metric_info), which no replay can undercut.
 *
 * The band over replications is from order statistics taken outwards: with fewer than 21
 * replications it is all of them: interpolating inwards would promise more than few replications
 * can tell.
 */
static struct rnet_band
band_of(double *low, double *middle, double *high, size_t count)
{
    const double at = (1 - BAND) / 2 * (double)(count - 1);
    struct rnet_band band;

    qsort(low, count, sizeof *low, compare_double);
    if (high != low)
        qsort(high, count, sizeof *high, compare_double);
    if (middle != low)
        qsort(middle, count, sizeof *middle, compare_double);
    band.low = low[(size_t)floor(at)];
    band.high = high[(size_t)ceil((double)(count - 1) - at)];
    band.middle = (middle[(count - 1) / 2] + middle[count / 2]) / 2;
    if (isnan(band.middle)) /* infinities of both signs */
        band.middle = middle[(count - 1) / 2];
    return band;
}

static void
tally_metrics(const struct rnet_criterion *criterion, const struct rnet_use *use,
              struct tally *tally)
{
    for (size_t i = 0; i < use->values; i++) {
        const enum rnet_metric metric = (enum rnet_metric)use->metric[i];
        const struct rnet_rule *rule = rule_of(criterion, metric);
        struct rnet_use alone = *use;
        enum rnet_grade grade;

        if (rule == NULL || !rule_speaks_of(rule, (enum rnet_use_kind)use->kind))
            continue;
        alone.metric[0] = use->metric[i];
        alone.value[0] = use->value[i];
        alone.values = 1;
        grade = rnet_use_grade(criterion, &alone);
        tally->seen[metric] += use->weight;
        tally->not_good[metric] += grade != RNET_GRADE_GOOD ? use->weight : 0;
        tally->lacking[metric] += grade == RNET_GRADE_INSUFFICIENT ? use->weight : 0;
    }
}

/* A use's grades at the ends, and as it is. */
static void
add_to_shares(const struct rnet_use *use, const enum rnet_grade grades[ENDS], bool unknown,
              struct shares *shares)
{
    shares->all += use->weight;
    shares->unknown += unknown ? use->weight : 0;
    for (int end = 0; end < ENDS; end++) {
        shares->good[end] += grades[end] == RNET_GRADE_GOOD ? use->weight : 0;
        shares->acceptable[end] +=
            grades[end] == RNET_GRADE_GOOD || grades[end] == RNET_GRADE_ACCEPTABLE ? use->weight
                                                                                   : 0;
    }
    shares->adapts +=
        use->may_adapt && grades[END_BETTER] == RNET_GRADE_INSUFFICIENT ? use->weight : 0;
}

static struct tally
tally_uses(const struct rnet_criterion *criterion, const struct rnet_quality *quality)
{
    struct tally tally = {0};

    for (size_t i = 0; i < quality->use_count; i++) {
        const struct rnet_use *use = &quality->uses[i];
        enum rnet_grade grades[ENDS];
        bool unknown;

        if (!use_is_of(criterion, use))
            continue;
        if (use_is_excused(criterion, quality, i)) {
            tally.excused += use->weight;
            continue;
        }
        unknown = rnet_use_grade(criterion, use) == RNET_GRADE_CANNOT_SAY;
        for (int end = 0; end < ENDS; end++) {
            const struct rnet_use shifted = use_shifted(use, END_AS_REPLAYED - end);

            grades[end] = rnet_use_grade(criterion, &shifted);
        }
        add_to_shares(use, grades, unknown, &tally.every);
        if (!use->doubtful)
            add_to_shares(use, grades, unknown, &tally.sure);
        tally.uses++;
        tally.by_kind[use->kind] += use->weight;
        tally.missing += use->state == RNET_USE_PART_MISSING ? use->weight : 0;
        tally.failed += use->state == RNET_USE_FAILED;
        tally_metrics(criterion, use, &tally);
    }
    return tally;
}

static int
largest(const double *weights, int count)
{
    int best = -1;

    for (int i = 0; i < count; i++)
        if (weights[i] > 0 && (best < 0 || weights[i] > weights[best]))
            best = i;
    return best;
}

/* The metric that decides: what most often falls short, else what is most often not good, else what
 * was seen most. A failed use falls short in whatever else is seen of its kind. */
static void
choose_metric(const struct rnet_criterion *criterion, const struct tally *sum,
              struct rnet_usage_verdict *verdict)
{
    int metric = largest(sum->lacking, RNET_METRIC_COUNT);

    if (metric < 0)
        metric = largest(sum->not_good, RNET_METRIC_COUNT);
    if (metric < 0)
        metric = largest(sum->seen, RNET_METRIC_COUNT);
    if (metric < 0 && criterion->rule_count > 0 && sum->failed > 0)
        metric = (int)criterion->rules[0].metric;
    verdict->has_metric = metric >= 0;
    if (metric >= 0)
        verdict->metric = (enum rnet_metric)metric;
}

/* Uses that have a value of the metric, or failed; returns how many. */
static size_t
gather(const struct decision *decision, const struct rnet_quality *quality,
       const struct rnet_usage_verdict *verdict, bool margins)
{
    const struct rnet_rule *rule = rule_of(verdict->criterion, verdict->metric);
    const double worst = rnet_metric_info(verdict->metric)->higher_is_better ? 0 : (double)INFINITY;
    size_t count = 0;

    for (size_t i = 0; i < quality->use_count; i++) {
        const struct rnet_use *use = &quality->uses[i];
        double value;

        if (!use_counts(verdict->criterion, quality, i))
            continue;
        value = use->state == RNET_USE_FAILED ? worst : rnet_use_value(use, verdict->metric);
        if (isnan(value) || !rule_speaks_of(rule, (enum rnet_use_kind)use->kind))
            continue;
        if (margins)
            value = use_margin(rule, use);
        decision->values[count++] = (struct weighted){value, use->weight};
    }
    return count;
}

/* A metric's band over replications, and over what repetitions of the same work differ by. */
static struct rnet_band
widened(double *values, size_t count, enum rnet_metric metric)
{
    struct rnet_band band = band_of(values, values, values, count);
    const double sign = rnet_metric_info(metric)->higher_is_better ? -1 : 1;

    band.low = value_shifted(metric, band.low, -sign);
    band.high = value_shifted(metric, band.high, sign);
    return band;
}

static const double quantile_points[RNET_VERDICT_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

static void
describe_metric(const struct decision *decision, struct rnet_usage_verdict *verdict)
{
    const bool higher = rnet_metric_info(verdict->metric)->higher_is_better;

    for (size_t r = 0; r < decision->count; r++) {
        const struct rnet_quality *quality = &decision->replications[r];
        size_t count = gather(decision, quality, verdict, false);

        for (size_t i = 0; r == 0 && i < RNET_VERDICT_QUANTILES; i++)
            verdict->quantiles[i] = weighted_quantile(decision->values, count, quantile_points[i]);
        decision->over[0][r] = weighted_quantile(decision->values, count, 0.5);
        decision->over[1][r] = weighted_quantile(decision->values, count, higher ? 0.05 : 0.95);
        count = gather(decision, quality, verdict, true);
        decision->over[2][r] =
            weighted_quantile(decision->values, count, fmax(1 - verdict->criterion->share, 1e-9));
    }
    verdict->median = widened(decision->over[0], decision->count, verdict->metric);
    verdict->p95 = widened(decision->over[1], decision->count, verdict->metric);
    verdict->margin =
        band_of(decision->over[2], decision->over[2], decision->over[2], decision->count);
    if (isfinite(verdict->margin.low) && isfinite(verdict->p95.middle)) {
        /* a margin differs by as much as the value it is the margin of */
        verdict->margin.low -=
            fabs(value_shifted(verdict->metric, verdict->p95.middle, 1) - verdict->p95.middle);
        verdict->margin.high +=
            fabs(value_shifted(verdict->metric, verdict->p95.middle, -1) - verdict->p95.middle);
    }
}

static void
describe_limits(const struct rnet_quality *quality, struct rnet_usage_verdict *verdict,
                struct weighted *values)
{
    const struct rnet_rule *rule = rule_of(verdict->criterion, verdict->metric);
    size_t count = 0;
    uint64_t bytes;

    for (size_t i = 0; i < quality->use_count; i++)
        if (use_counts(verdict->criterion, quality, i) &&
            !isnan(rnet_use_value(&quality->uses[i], verdict->metric)))
            values[count++] = (struct weighted){(double)quality->uses[i].bytes, 1};
    bytes = count != 0 ? (uint64_t)weighted_quantile(values, count, 0.5) : 0;
    verdict->good = rule_good(rule, bytes);
    verdict->acceptable = rule_acceptable(rule, bytes);
}

static double
mean_mos(const struct rnet_quality *quality, const struct rnet_criterion *criterion)
{
    double sum = 0, weight = 0;

    for (size_t i = 0; i < quality->use_count; i++) {
        const double mos = rnet_use_mos(&quality->uses[i]);

        if (!use_counts(criterion, quality, i) || isnan(mos))
            continue;
        sum += mos * quality->uses[i].weight;
        weight += quality->uses[i].weight;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

static bool
has_score(enum rnet_use_kind kind)
{
    return kind == RNET_USE_VOICE || kind == RNET_USE_VIDEO || kind == RNET_USE_PAGE ||
           kind == RNET_USE_PLAYBACK;
}

static void
grade_usage(const struct tally *first, struct rnet_usage_verdict *verdict)
{
    const double share = verdict->criterion->share;
    const struct rnet_band *acceptable = &verdict->acceptable_share;

    if (acceptable->low >= share) {
        verdict->met = RNET_ANSWER_YES;
        verdict->grade = verdict->good_share.low >= share ? RNET_GRADE_GOOD : RNET_GRADE_ACCEPTABLE;
    } else if (acceptable->high < share) {
        verdict->met = RNET_ANSWER_NO;
        verdict->grade = RNET_GRADE_INSUFFICIENT;
    } else {
        const double open = (1 - share) * first->every.all;

        verdict->doubt = first->every.adapts > open ? RNET_DOUBT_ADAPTS
                         : first->every.unknown <= open && first->every.all - first->sure.all > open
                             ? RNET_DOUBT_LABEL
                         : first->every.unknown <= open              ? RNET_DOUBT_BAND
                         : first->missing > first->every.unknown / 2 ? RNET_DOUBT_PART_MISSING
                                                                     : RNET_DOUBT_NOT_MEASURED;
    }
}

static void
add_tally(struct tally *sum, const struct tally *one)
{
    sum->failed += one->failed;
    for (int m = 0; m < RNET_METRIC_COUNT; m++) {
        sum->lacking[m] += one->lacking[m];
        sum->not_good[m] += one->not_good[m];
        sum->seen[m] += one->seen[m];
    }
}

static bool
has_uses(const struct rnet_quality *quality, uint32_t usages)
{
    for (size_t i = 0; i < quality->use_count; i++)
        if (quality->uses[i].weight > 0 && (usages & (1u << quality->uses[i].usage)) != 0)
            return true;
    return false;
}

static double
bytes_of(uint32_t usages, const struct rnet_quality *quality)
{
    double bytes = 0;

    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if ((usages & (1u << u)) != 0)
            bytes += (double)quality->bytes[u][RNET_UP] + (double)quality->bytes[u][RNET_DOWN];
    return bytes;
}

/* The share that is acceptable at best; `none` where there is nothing to be a share of. */
static double
at_best(const struct shares *shares, const double weights[ENDS], double adapts, double none)
{
    return shares->all > 0 ? (weights[END_BETTER] + adapts + shares->unknown) / shares->all : none;
}

static double
at_worst(const struct shares *shares, const double weights[ENDS], double none)
{
    return shares->all > 0 ? weights[END_WORSE] / shares->all : none;
}

/* The ends of one replication's shares, with doubtful uses and without: where none is sure, the
 * usage may not be there at all, and nothing of it is lacking. */
static void
note_shares(const struct tally *one, const struct decision *decision, size_t replication)
{
    const struct shares *every = &one->every, *sure = &one->sure;
    const double all = every->all > 0 ? every->all : 1;
    double *const *over = decision->over;

    over[0][replication] =
        fmin(at_worst(every, every->acceptable, 0), at_worst(sure, sure->acceptable, 1));
    over[1][replication] = every->acceptable[END_AS_REPLAYED] / all;
    over[2][replication] = fmax(at_best(every, every->acceptable, every->adapts, 0),
                                at_best(sure, sure->acceptable, sure->adapts, 1));
    over[3][replication] = fmin(at_worst(every, every->good, 0), at_worst(sure, sure->good, 1));
    over[4][replication] = every->good[END_AS_REPLAYED] / all;
    over[5][replication] = fmax(at_best(every, every->good, 0, 0), at_best(sure, sure->good, 0, 1));
}

static void
decide_usage(const struct decision *decision, struct rnet_usage_verdict *verdict)
{
    const struct rnet_criterion *criterion = verdict->criterion;
    struct tally sum = {0}, first = {0};
    int kind;

    for (size_t r = 0; r < decision->count; r++) {
        const struct tally one = tally_uses(criterion, &decision->replications[r]);

        add_tally(&sum, &one);
        note_shares(&one, decision, r);
        first = r == 0 ? one : first;
    }
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if ((criterion->usages & (1u << u)) != 0 && decision->replications[0].conversations[u] != 0)
            verdict->used = true;
    verdict->bytes = bytes_of(criterion->usages, &decision->replications[0]);
    verdict->uses = first.uses;
    verdict->weight = first.every.all;
    verdict->failed = first.failed;
    verdict->judged = criterion->judged && first.every.all > 0;
    verdict->little_seen = first.every.all < criterion->minimum;
    if (first.excused > 0)
        verdict->excused_share = first.excused / (first.every.all + first.excused);
    if (!(first.every.all > 0)) {
        verdict->doubt = !verdict->used      ? RNET_DOUBT_NONE
                         : first.excused > 0 ? RNET_DOUBT_NOT_THE_LINE
                         : has_uses(&decision->replications[0], criterion->usages)
                             ? RNET_DOUBT_NO_RULE
                             : RNET_DOUBT_NOT_MEASURED;
        return;
    }
    verdict->unknown_share = first.every.unknown / first.every.all;
    verdict->acceptable_share =
        band_of(decision->over[0], decision->over[1], decision->over[2], decision->count);
    verdict->good_share =
        band_of(decision->over[3], decision->over[4], decision->over[5], decision->count);
    kind = largest(first.by_kind, RNET_USE_KINDS);
    verdict->kind = kind >= 0 ? (enum rnet_use_kind)kind : RNET_USE_PAGE;
    verdict->by_time = verdict->kind >= RNET_USE_VOICE && verdict->kind <= RNET_USE_FEED;
    grade_usage(&first, verdict);
    choose_metric(criterion, &sum, verdict);
    if (verdict->has_metric) {
        describe_metric(decision, verdict);
        describe_limits(&decision->replications[0], verdict, decision->values);
    }
    if (has_score(verdict->kind))
        verdict->mos = mean_mos(&decision->replications[0], criterion);
}

static enum rnet_usage
first_usage(uint32_t usages)
{
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if ((usages & (1u << u)) != 0)
            return (enum rnet_usage)u;
    return RNET_USAGE_UNKNOWN;
}

static enum rnet_answer
all_met(const struct rnet_verdict *verdict, bool essential_only)
{
    enum rnet_answer answer = RNET_ANSWER_CANNOT_SAY;
    bool doubtful = false;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct rnet_usage_verdict *item = &verdict->items[i];

        if (!item->judged || (essential_only && !item->criterion->essential))
            continue;
        if (item->met == RNET_ANSWER_NO)
            return RNET_ANSWER_NO;
        doubtful = doubtful || item->met == RNET_ANSWER_CANNOT_SAY;
        answer = RNET_ANSWER_YES;
    }
    return doubtful ? RNET_ANSWER_CANNOT_SAY : answer;
}

static void
sum_up(struct rnet_verdict *verdict)
{
    double met = 0, all = 0;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct rnet_usage_verdict *item = &verdict->items[i];

        if (!item->judged)
            continue;
        verdict->judged++;
        verdict->met += item->met == RNET_ANSWER_YES;
        verdict->not_met += item->met == RNET_ANSWER_NO;
        verdict->cannot_say += item->met == RNET_ANSWER_CANNOT_SAY;
        all += item->bytes;
        met += item->met == RNET_ANSWER_YES ? item->bytes : 0;
    }
    verdict->met_volume_ratio = all > 0 ? met / all : (double)NAN;
    verdict->satisfied = all_met(verdict, false);
    verdict->satisfied_essential = all_met(verdict, true);
}

static enum rnet_status
decision_init(struct decision *decision, struct rnet_verdict *verdict, size_t criteria)
{
    size_t uses = 0;

    for (size_t r = 0; r < decision->count; r++)
        if (decision->replications[r].use_count > uses)
            uses = decision->replications[r].use_count;
    decision->values = rnet_alloc_zero(uses, sizeof *decision->values);
    decision->over[0] = rnet_alloc_zero(decision->count, NUMBERS * sizeof *decision->over[0]);
    verdict->items = rnet_alloc_zero(criteria, sizeof *verdict->items);
    if (decision->values == NULL || decision->over[0] == NULL || verdict->items == NULL)
        return RNET_ENOMEM;
    for (size_t i = 1; i < NUMBERS; i++)
        decision->over[i] = decision->over[0] + i * decision->count;
    return RNET_OK;
}

enum rnet_status
rnet_verdict_decide(const struct rnet_criteria *criteria, const struct rnet_quality *replications,
                    size_t count, const struct rnet_counterfactual *counterfactuals,
                    size_t counterfactual_count, struct rnet_verdict *verdict,
                    struct rnet_error *err)
{
    const struct rnet_band nothing = {(double)NAN, (double)NAN, (double)NAN};
    struct decision decision = {.replications = replications, .count = count};
    enum rnet_status status;

    rnet_verdict_clear(verdict);
    if (count == 0)
        return rnet_error_set(err, RNET_EINVAL, "a verdict needs at least one replay");
    status = decision_init(&decision, verdict, criteria->count);
    if (status != RNET_OK) {
        rnet_verdict_clear(verdict);
        rnet_error_set(err, status, "out of memory deciding on %zu replays", count);
        goto out;
    }
    verdict->count = criteria->count;
    verdict->replications = count;
    for (size_t i = 0; i < criteria->count; i++) {
        verdict->items[i] = (struct rnet_usage_verdict){
            .criterion = &criteria->items[i],
            .usage = first_usage(criteria->items[i].usages),
            .acceptable_share = nothing,
            .good_share = nothing,
            .median = nothing,
            .p95 = nothing,
            .margin = nothing,
            .mos = (double)NAN,
            .cause_support = (double)NAN,
        };
        decide_usage(&decision, &verdict->items[i]);
        if (verdict->items[i].judged && verdict->items[i].met != RNET_ANSWER_YES)
            explain(&replications[0], counterfactuals, counterfactual_count, &verdict->items[i]);
    }
    if (counterfactual_count > 0)
        mark_breakers(verdict);
    else
        doubt_breakers(verdict);
    sum_up(verdict);
    write_sentence(verdict);
out:
    rnet_free(decision.values);
    rnet_free(decision.over[0]);
    return status;
}

const struct rnet_usage_verdict *
rnet_verdict_of(const struct rnet_verdict *verdict, enum rnet_usage usage)
{
    for (size_t i = 0; i < verdict->count; i++)
        if ((unsigned)usage < RNET_USAGE_COUNT &&
            (verdict->items[i].criterion->usages & (1u << usage)) != 0)
            return &verdict->items[i];
    return NULL;
}

void
rnet_verdict_clear(struct rnet_verdict *verdict)
{
    rnet_free(verdict->items);
    *verdict = (struct rnet_verdict){0};
}
