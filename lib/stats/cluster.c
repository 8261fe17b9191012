/*
 * Shares of usages, which come office by office: two usages of one office share a line, a building
 * and people, so they tell less than two of different offices.
 */
#include "stats/stats.h"

#include <math.h>
#include <string.h>

double
rnet_design_effect(double size, double correlation)
{
    return 1 + (size - 1) * correlation;
}

struct sums {
    size_t clusters;
    double observations; /* unweighted */
    double share;
};

/* Fourth powers of what lies between, and sums of them, are far from where numbers end. */
#define LEAST_WEIGHT 1e-60
#define MOST_WEIGHT 1e60

static bool
is_cluster(const struct rnet_cluster *c)
{
    const double counts = c->size * c->weight;

    return c->size >= 0 && c->met >= 0 && c->met <= c->size * (1 + 1e-12) &&
           c->weight >= LEAST_WEIGHT && c->weight <= MOST_WEIGHT && c->size <= MOST_WEIGHT &&
           (c->size == 0 || counts >= LEAST_WEIGHT);
}

/* Mean over domains of met over size; domains without size are left out; NAN when all are. */
static double
share_of(const double *size, const double *met, size_t domains)
{
    double sum = 0, used = 0;

    for (size_t d = 0; d < domains; d++) {
        if (!(size[d] > 0))
            continue;
        sum += met[d] / size[d] > 1 ? 1 : met[d] / size[d];
        used++;
    }
    return used > 0 ? sum / used : (double)NAN;
}

/* size and met receive each domain's weighted sums. */
static enum rnet_status
sum_up(const struct rnet_cluster *clusters, size_t count, size_t domains, double *size, double *met,
       struct sums *sums)
{
    *sums = (struct sums){0};
    for (size_t i = 0; i < count; i++) {
        bool any = false;

        for (size_t d = 0; d < domains; d++) {
            const struct rnet_cluster *c = &clusters[i * domains + d];

            if (!is_cluster(c))
                return RNET_EINVAL;
            any = any || c->size > 0;
            sums->observations += c->size;
            size[d] += c->weight * c->size;
            met[d] += c->weight * c->met;
        }
        sums->clusters += any;
    }
    sums->share = share_of(size, met, domains);
    return sums->clusters > 0 ? RNET_OK : RNET_ECANTTELL;
}

/* What the linearised parts of a mean of ratios, an office's each, come to. */
struct parts {
    double squares;   /* sum of their squares */
    double fourths;   /* …of their fourth powers */
    double corrected; /* …of squares, each part over 1 less the office's own pull on the mean */
    double pulls;     /* sum of squared pulls: 1 over the number of equal offices they are worth */
};

/* No office's part is taken for more than a hundred times itself. */
#define MOST_PULL 0.99

static struct parts
linearise(const struct rnet_cluster *clusters, size_t count, size_t domains, const double *size,
          const double *met)
{
    struct parts parts = {0};
    double used = 0;

    for (size_t d = 0; d < domains; d++)
        used += size[d] > 0;
    for (size_t i = 0; i < count; i++) {
        double rest = 0, pull = 0;

        for (size_t d = 0; d < domains; d++) {
            const struct rnet_cluster *c = &clusters[i * domains + d];

            if (!(size[d] > 0))
                continue;
            rest += c->weight * (c->met - met[d] / size[d] * c->size) / size[d] / used;
            pull += c->weight * c->size / size[d] / used;
        }
        parts.squares += rest * rest;
        parts.fourths += rest * rest * rest * rest;
        parts.pulls += pull * pull;
        rest /= 1 - fmin(pull, MOST_PULL);
        parts.corrected += rest * rest;
    }
    return parts;
}

/* Analysis of variance of 0/1 observations between and within offices, unweighted. */
static double
anova_correlation(const struct rnet_cluster *clusters, size_t count, const struct sums *sums)
{
    const double n = sums->observations, k = (double)sums->clusters;
    double met = 0, squared_sizes = 0, between = 0, within = 0, typical;

    if (k < 2 || n <= k)
        return NAN;
    for (size_t i = 0; i < count; i++)
        met += clusters[i].met;
    for (size_t i = 0; i < count; i++) {
        const double size = clusters[i].size, own = size > 0 ? clusters[i].met / size : 0;

        squared_sizes += size * size;
        between += size * (own - met / n) * (own - met / n);
        within += size * own * (1 - own);
    }
    between /= k - 1;
    within /= n - k;
    typical = (n - squared_sizes / n) / (k - 1);
    if (between + (typical - 1) * within <= 0)
        return NAN;
    return (between - within) / (between + (typical - 1) * within);
}

/*
 * Korn and Graubard (1998): the number of independent observations that would give the variance
 * seen, corrected for how well that variance is known. Where all offices agree the variance is 0
 * and tells nothing about clustering; then an office counts as one observation.
 */
static double
effective_number(const struct rnet_ratio *ratio, double variance, double degrees, double level)
{
    const double tail = 1 - (1 - level) / 2, p = ratio->share;
    double effective = p * (1 - p) / variance;

    if (ratio->observations > 1) {
        const double t =
            rnet_quantile_t(tail, ratio->observations - 1) / rnet_quantile_t(tail, degrees);

        effective *= t * t;
    }
    return fmin(effective, ratio->observations);
}

/*
 * Few offices, unequal ones, or few that differ from the rest know their variance worse than K - 1
 * degrees of freedom say: bench/claim-simulation found coverage down to 0.89. The guarded number
 * takes each office's pull out of its own residual (as the jackknife does), degrees of freedom from
 * the spread of the residuals' squares (Satterthwaite's match of moments), and no more offices than
 * their unequal pulls are worth.
 */
static void
count_effective(const struct parts *parts, double level, struct rnet_ratio *ratio)
{
    const double k = (double)ratio->clusters, worth = fmin(1 / parts->pulls, k),
                 spread = parts->fourths - parts->squares * parts->squares / k;

    ratio->effective = k;
    ratio->guarded = worth;
    ratio->degrees = fmin(k, worth) - 1;
    if (ratio->clusters < 2 || !(parts->squares > 0) || ratio->share <= 0 || ratio->share >= 1)
        return;
    if (spread > 0)
        ratio->degrees = fmin(ratio->degrees, 2 * parts->squares * parts->squares / spread);
    ratio->degrees = fmax(ratio->degrees, 1);
    ratio->effective =
        effective_number(ratio, ratio->standard_error * ratio->standard_error, k - 1, level);
    ratio->guarded = fmin(effective_number(ratio, parts->corrected, ratio->degrees, level),
                          ratio->observations * worth / k);
}

static void
fill_ratio(const struct parts *parts, double level, struct rnet_ratio *ratio)
{
    const double t = ratio->clusters > 1
                         ? rnet_quantile_t(1 - (1 - level) / 2, (double)ratio->clusters - 1)
                         : (double)NAN;

    ratio->simple_error = sqrt(ratio->share * (1 - ratio->share) / ratio->observations);
    if (ratio->simple_error > 0)
        ratio->design_effect = pow(ratio->standard_error / ratio->simple_error, 2);
    ratio->linear = (struct rnet_interval){ratio->share - t * ratio->standard_error,
                                           ratio->share + t * ratio->standard_error};
    count_effective(parts, level, ratio);
    ratio->korn_graubard =
        rnet_share_exact(ratio->share * ratio->effective, ratio->effective, level);
}

static double
standard_error(const struct parts *parts, size_t clusters)
{
    const double k = (double)clusters;

    return clusters > 1 ? sqrt(k / (k - 1) * parts->squares) : (double)NAN;
}

enum rnet_status
share_with_error(const struct rnet_cluster *clusters, size_t count, size_t domains, double *room,
                 double *share, double *error)
{
    struct sums sums;
    struct parts parts;
    enum rnet_status status;

    memset(room, 0, 2 * domains * sizeof *room);
    status = sum_up(clusters, count, domains, room, room + domains, &sums);
    if (status != RNET_OK)
        return status;
    parts = linearise(clusters, count, domains, room, room + domains);
    *share = sums.share;
    *error = standard_error(&parts, sums.clusters);
    return RNET_OK;
}

enum rnet_status
rnet_ratio_estimate_mean(const struct rnet_cluster *clusters, size_t count, size_t domains,
                         bool counted, double level, struct rnet_ratio *ratio)
{
    double *sizes = rnet_alloc_zero(domains, 2 * sizeof *sizes);
    double *met = sizes != NULL ? sizes + domains : NULL;
    struct sums sums;
    struct parts parts;
    enum rnet_status status;

    *ratio = (struct rnet_ratio){.share = NAN,
                                 .standard_error = NAN,
                                 .simple_error = NAN,
                                 .design_effect = NAN,
                                 .intra_cluster = NAN,
                                 .effective = NAN,
                                 .guarded = NAN,
                                 .degrees = NAN,
                                 .linear = {NAN, NAN},
                                 .korn_graubard = {NAN, NAN}};
    if (sizes == NULL)
        return RNET_ENOMEM;
    status = sum_up(clusters, count, domains, sizes, met, &sums);
    if (status == RNET_OK && !(level > 0 && level < 1))
        status = RNET_EINVAL;
    if (status == RNET_OK) {
        ratio->share = sums.share;
        ratio->clusters = sums.clusters;
        ratio->observations = counted ? sums.observations : (double)sums.clusters;
        parts = linearise(clusters, count, domains, sizes, met);
        ratio->standard_error = standard_error(&parts, sums.clusters);
        if (counted && domains == 1)
            ratio->intra_cluster = anova_correlation(clusters, count, &sums);
        fill_ratio(&parts, level, ratio);
    }
    rnet_free(sizes);
    return status;
}

enum rnet_status
rnet_ratio_estimate(const struct rnet_cluster *clusters, size_t count, bool counted, double level,
                    struct rnet_ratio *ratio)
{
    return rnet_ratio_estimate_mean(clusters, count, 1, counted, level, ratio);
}
