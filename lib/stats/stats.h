/* Stats, inside. */
#ifndef RNET_STATS_INTERNAL_H
#define RNET_STATS_INTERNAL_H

#include "base/base.h"

#include <ruralnet/stats.h>

/* P(X = x), P(X <= x), P(X >= x) of x successes in n tries of chance p in 0..1. */
double
binomial_at(uint64_t x, uint64_t n, double p);
double
binomial_up_to(uint64_t x, uint64_t n, double p);
double
binomial_from(uint64_t x, uint64_t n, double p);

/* The share of rnet_ratio_estimate_mean() and its standard error (NAN for one office).
 * @param room  for 2 * domains sums. */
enum rnet_status
share_with_error(const struct rnet_cluster *clusters, size_t count, size_t domains, double *room,
                 double *share, double *error);

/* Shares of "no more probable than what was seen" forgive this much rounding, as SciPy does. */
#define AS_PROBABLE (1 + 1e-7)

#endif
