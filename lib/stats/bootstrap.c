/* The cluster bootstrap: whole offices are drawn, with everything in them. */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

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

static double
draw_share(const struct rnet_cluster *clusters, size_t count, gsl_rng *random)
{
    double size = 0, met = 0;

    /* A draw of offices that all have nothing is no draw. */
    while (size <= 0) {
        size = met = 0;
        for (size_t i = 0; i < count; i++) {
            const struct rnet_cluster *c = &clusters[gsl_rng_uniform_int(random, count)];

            size += c->weight * c->size;
            met += c->weight * c->met;
        }
    }
    return met / size;
}

enum rnet_status
rnet_cluster_bootstrap(const struct rnet_cluster *clusters, size_t count, uint32_t draws,
                       uint64_t seed, double level, struct rnet_interval *interval)
{
    size_t offices = 0;
    double *shares, tail;
    gsl_rng *random;

    *interval = (struct rnet_interval){NAN, NAN};
    for (size_t i = 0; i < count; i++)
        offices += clusters[i].size > 0;
    if (draws < 2 || !(level > 0 && level < 1))
        return RNET_EINVAL;
    if (offices < 2)
        return RNET_ECANTTELL;
    shares = rnet_alloc_zero(draws, sizeof *shares);
    random = shares != NULL ? gsl_rng_alloc(gsl_rng_mt19937) : NULL;
    if (random == NULL) {
        rnet_free(shares);
        return RNET_ENOMEM;
    }
    gsl_rng_set(random, (unsigned long)seed);
    for (uint32_t i = 0; i < draws; i++)
        shares[i] = draw_share(clusters, count, random);
    qsort(shares, draws, sizeof *shares, compare);
    tail = widened_tail(offices, level);
    *interval = (struct rnet_interval){quantile_of(shares, draws, tail),
                                       quantile_of(shares, draws, 1 - tail)};
    gsl_rng_free(random);
    rnet_free(shares);
    return RNET_OK;
}
