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

/* Mean over domains of met over size; domains without size are left out; NAN when all are. */
double
share_of(const double *size, const double *met, size_t domains);

/* Shares of "no more probable than what was seen" forgive this much rounding, as SciPy does. */
#define AS_PROBABLE (1 + 1e-7)

#endif
