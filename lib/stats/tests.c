/* Exact tests of shares. */
#include "stats/stats.h"

#include <gsl/gsl_randist.h>
#include <math.h>

/* All outcomes no more probable than x, from both ends towards the middle. */
static double
two_sided(uint64_t x, uint64_t n, double p)
{
    const double limit = binomial_at(x, n, p) * AS_PROBABLE;
    uint64_t low = 0, high = n;
    double sum = 0, at;

    while (low <= n && (at = binomial_at(low, n, p)) <= limit) {
        sum += at;
        low++;
    }
    while (high > low && (at = binomial_at(high, n, p)) <= limit) {
        sum += at;
        high--;
    }
    return sum > 1 || low > n ? 1 : sum;
}

double
rnet_share_test(uint64_t x, uint64_t n, double p, enum rnet_alternative alternative)
{
    if (x > n || n == 0 || !(p >= 0 && p <= 1))
        return NAN;
    switch (alternative) {
    case RNET_ALTERNATIVE_GREATER:
        return binomial_from(x, n, p);
    case RNET_ALTERNATIVE_LESS:
        return binomial_up_to(x, n, p);
    case RNET_ALTERNATIVE_DIFFERENT:
        break;
    }
    return two_sided(x, n, p);
}

double
rnet_share_test_mid_p(uint64_t x, uint64_t n, double p)
{
    if (x > n || n == 0 || !(p >= 0 && p <= 1))
        return NAN;
    return binomial_from(x, n, p) - binomial_at(x, n, p) / 2;
}

struct rnet_equivalence
rnet_share_equivalence(uint64_t x, uint64_t n, double p, double margin)
{
    const double low = p - margin < 0 ? 0 : p - margin, high = p + margin > 1 ? 1 : p + margin;

    return (struct rnet_equivalence){rnet_share_test(x, n, low, RNET_ALTERNATIVE_GREATER),
                                     rnet_share_test(x, n, high, RNET_ALTERNATIVE_LESS)};
}

double
rnet_test_mcnemar(uint64_t only_a, uint64_t only_b)
{
    const uint64_t n = only_a + only_b;

    return n == 0 ? 1 : rnet_share_test(only_a, n, 0.5, RNET_ALTERNATIVE_DIFFERENT);
}

double
rnet_test_fisher(uint64_t x1, uint64_t n1, uint64_t x2, uint64_t n2)
{
    const uint64_t successes = x1 + x2, most = successes < n1 ? successes : n1;
    double limit, sum = 0;

    if (x1 > n1 || x2 > n2 || n1 + n2 > UINT32_MAX)
        return NAN;
    limit =
        gsl_ran_hypergeometric_pdf((unsigned)x1, (unsigned)n1, (unsigned)n2, (unsigned)successes) *
        AS_PROBABLE;
    for (uint64_t x = successes > n2 ? successes - n2 : 0; x <= most; x++) {
        const double at = gsl_ran_hypergeometric_pdf((unsigned)x, (unsigned)n1, (unsigned)n2,
                                                     (unsigned)successes);

        sum += at <= limit ? at : 0;
    }
    return sum > 1 ? 1 : sum;
}
