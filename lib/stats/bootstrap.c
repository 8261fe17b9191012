/* The cluster bootstrap: whole offices are drawn, with everything in them. */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* Quantile of sorted values by linear interpolation (Hyndman and Fan's type 7). */
static double
quantile_of(const double *sorted, size_t count, double q)
{
    const double place = q * (double)(count - 1);
    const size_t below = (size_t)place;

    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

/*
 * A percentile interval is too narrow by sqrt((K - 1) / K), and uses the normal's tails where
 * Student's would be due. Hesterberg (2015, "What Teachers Should Know About the Bootstrap")
 * takes the percentiles further out by both; from memory.
 */
static double
widened_tail(size_t offices, double level)
{
    const double k = (double)offices, t = rnet_quantile_t((1 - level) / 2, k - 1);

    return gsl_cdf_ugaussian_P(sqrt(k / (k - 1)) * t);
}

struct drawing {
    const struct rnet_cluster *clusters;
    size_t count, domains;
    double *size, *met; /* sums of one draw, by domain */
};

static double
draw_share(const struct drawing *drawing, gsl_rng *random)
{
    double share = NAN;

    /* A draw of offices that all have nothing is no draw. */
    while (isnan(share)) {
        memset(drawing->size, 0, drawing->domains * sizeof *drawing->size);
        memset(drawing->met, 0, drawing->domains * sizeof *drawing->met);
        for (size_t i = 0; i < drawing->count; i++) {
            const size_t office = gsl_rng_uniform_int(random, drawing->count);
            const struct rnet_cluster *c = &drawing->clusters[office * drawing->domains];

            for (size_t d = 0; d < drawing->domains; d++) {
                drawing->size[d] += c[d].weight * c[d].size;
                drawing->met[d] += c[d].weight * c[d].met;
            }
        }
        share = share_of(drawing->size, drawing->met, drawing->domains);
    }
    return share;
}

static size_t
offices_with_anything(const struct rnet_cluster *clusters, size_t count, size_t domains)
{
    size_t offices = 0;

    for (size_t i = 0; i < count; i++) {
        bool any = false;

        for (size_t d = 0; d < domains; d++)
            any = any || clusters[i * domains + d].size > 0;
        offices += any;
    }
    return offices;
}

enum rnet_status
rnet_cluster_bootstrap_mean(const struct rnet_cluster *clusters, size_t count, size_t domains,
                            uint32_t draws, uint64_t seed, double level,
                            struct rnet_interval *interval)
{
    const size_t offices = offices_with_anything(clusters, count, domains);
    double *shares, tail;
    struct drawing drawing = {.clusters = clusters, .count = count, .domains = domains};
    gsl_rng *random;

    *interval = (struct rnet_interval){NAN, NAN};
    if (draws < 2 || !(level > 0 && level < 1))
        return RNET_EINVAL;
    if (offices < 2)
        return RNET_ECANTTELL;
    shares = rnet_alloc_zero(draws + 2 * domains, sizeof *shares);
    random = shares != NULL ? gsl_rng_alloc(gsl_rng_mt19937) : NULL;
    if (random == NULL) {
        rnet_free(shares);
        return RNET_ENOMEM;
    }
    drawing.size = shares + draws;
    drawing.met = drawing.size + domains;
    gsl_rng_set(random, (unsigned long)seed);
    for (uint32_t i = 0; i < draws; i++)
        shares[i] = draw_share(&drawing, random);
    qsort(shares, draws, sizeof *shares, compare);
    tail = widened_tail(offices, level);
    *interval = (struct rnet_interval){quantile_of(shares, draws, tail),
                                       quantile_of(shares, draws, 1 - tail)};
    gsl_rng_free(random);
    rnet_free(shares);
    return RNET_OK;
}

enum rnet_status
rnet_cluster_bootstrap(const struct rnet_cluster *clusters, size_t count, uint32_t draws,
                       uint64_t seed, double level, struct rnet_interval *interval)
{
    return rnet_cluster_bootstrap_mean(clusters, count, 1, draws, seed, level, interval);
}
