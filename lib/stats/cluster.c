/*
 * Shares of usages, which come office by office: two usages of one office share a line, a building
 * and people, so they tell less than two of different offices.
 */
#include "stats/stats.h"

#include <math.h>

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

static bool
is_cluster(const struct rnet_cluster *c)
{
    return c->size >= 0 && c->met >= 0 && c->met <= c->size * (1 + 1e-12) && c->weight > 0 &&
           isfinite(c->size * c->weight);
}

double
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

/* Linearisation of a mean of ratios of two sums over clusters; of one ratio, for one domain. */
static double
linearised_variance(const struct rnet_cluster *clusters, size_t count, size_t domains,
                    const double *size, const double *met, size_t offices)
{
    const double k = (double)offices;
    double squares = 0, used = 0;

    if (offices < 2)
        return NAN;
    for (size_t d = 0; d < domains; d++)
        used += size[d] > 0;
    for (size_t i = 0; i < count; i++) {
        double rest = 0;

        for (size_t d = 0; d < domains; d++) {
            const struct rnet_cluster *c = &clusters[i * domains + d];

            if (size[d] > 0)
                rest += c->weight * (c->met - met[d] / size[d] * c->size) / size[d];
        }
        squares += rest * rest;
    }
    return k / (k - 1) * squares / (used * used);
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
effective_number(const struct rnet_ratio *ratio, double level)
{
    const double tail = 1 - (1 - level) / 2, k = (double)ratio->clusters, p = ratio->share,
                 variance = ratio->standard_error * ratio->standard_error;
    double effective;

    if (ratio->clusters < 2 || !(variance > 0) || p <= 0 || p >= 1)
        return k;
    effective = p * (1 - p) / variance;
    if (ratio->observations > 1) {
        const double t =
            rnet_quantile_t(tail, ratio->observations - 1) / rnet_quantile_t(tail, k - 1);

        effective *= t * t;
    }
    return effective < ratio->observations ? effective : ratio->observations;
}

static void
fill_ratio(double level, struct rnet_ratio *ratio)
{
    const double t = ratio->clusters > 1
                         ? rnet_quantile_t(1 - (1 - level) / 2, (double)ratio->clusters - 1)
                         : (double)NAN;

    ratio->simple_error = sqrt(ratio->share * (1 - ratio->share) / ratio->observations);
    if (ratio->simple_error > 0)
        ratio->design_effect = pow(ratio->standard_error / ratio->simple_error, 2);
    ratio->linear = (struct rnet_interval){ratio->share - t * ratio->standard_error,
                                           ratio->share + t * ratio->standard_error};
    ratio->effective = effective_number(ratio, level);
    ratio->korn_graubard =
        rnet_share_exact(ratio->share * ratio->effective, ratio->effective, level);
}

enum rnet_status
rnet_ratio_estimate_mean(const struct rnet_cluster *clusters, size_t count, size_t domains,
                         bool counted, double level, struct rnet_ratio *ratio)
{
    double *sizes = rnet_alloc_zero(domains, 2 * sizeof *sizes);
    double *met = sizes != NULL ? sizes + domains : NULL;
    struct sums sums;
    enum rnet_status status;

    *ratio = (struct rnet_ratio){.share = NAN,
                                 .standard_error = NAN,
                                 .simple_error = NAN,
                                 .design_effect = NAN,
                                 .intra_cluster = NAN,
                                 .effective = NAN,
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
        ratio->standard_error =
            sqrt(linearised_variance(clusters, count, domains, sizes, met, sums.clusters));
        if (counted && domains == 1)
            ratio->intra_cluster = anova_correlation(clusters, count, &sums);
        fill_ratio(level, ratio);
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
