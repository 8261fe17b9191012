/* Distributions: GSL's, with arguments checked first, since GSL ends the program on bad ones. */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

static bool
is_share(double q)
{
    return q >= 0 && q <= 1;
}

double
rnet_quantile_normal(double q)
{
    if (!is_share(q))
        return NAN;
    return q == 0 ? -INFINITY : q == 1 ? INFINITY : gsl_cdf_ugaussian_Pinv(q);
}

double
rnet_quantile_t(double q, double degrees)
{
    if (!is_share(q) || !(degrees > 0))
        return NAN;
    return q == 0 ? -INFINITY : q == 1 ? INFINITY : gsl_cdf_tdist_Pinv(q, degrees);
}

double
rnet_quantile_chi2(double q, double degrees)
{
    if (!is_share(q) || !(degrees > 0))
        return NAN;
    return q == 1 ? INFINITY : gsl_cdf_chisq_Pinv(q, degrees);
}

/*
 * GSL 2.7 inverts the beta distribution by Newton steps that lose digits, or do not end well, for
 * shapes of thousands. Bisection on its cumulative form needs some fifty evaluations and cannot go
 * wrong: it is increasing.
 */
double
rnet_quantile_beta(double q, double a, double b)
{
    double low = 0, high = 1;

    if (!is_share(q) || !(a > 0) || !(b > 0) || !isfinite(a) || !isfinite(b))
        return NAN;
    if (q == 0 || q == 1)
        return q;
    for (int i = 0; i < 1100; i++) {
        const double middle = low + (high - low) / 2;

        if (middle <= low || middle >= high)
            break;
        if (gsl_cdf_beta_P(middle, a, b) < q)
            low = middle;
        else
            high = middle;
        if (high - low <= 1e-15 * high)
            break;
    }
    return low + (high - low) / 2;
}

double
binomial_at(uint64_t x, uint64_t n, double p)
{
    double log_ways;

    if (x > n)
        return 0;
    if (p <= 0 || p >= 1)
        return x == (p >= 1 ? n : 0) ? 1 : 0;
    log_ways = gsl_sf_lngamma((double)n + 1) - gsl_sf_lngamma((double)x + 1) -
               gsl_sf_lngamma((double)(n - x) + 1);
    return exp(log_ways + (double)x * log(p) + (double)(n - x) * log1p(-p));
}

double
binomial_up_to(uint64_t x, uint64_t n, double p)
{
    if (x >= n)
        return 1;
    if (p <= 0 || p >= 1)
        return p <= 0 ? 1 : 0;
    return gsl_cdf_beta_Q(p, (double)x + 1, (double)(n - x));
}

double
binomial_from(uint64_t x, uint64_t n, double p)
{
    if (x == 0)
        return 1;
    if (x > n || p <= 0)
        return 0;
    if (p >= 1)
        return 1;
    return gsl_cdf_beta_P(p, (double)x, (double)(n - x) + 1);
}

double
rnet_beta_binomial_at(uint64_t x, uint64_t n, double a, double b)
{
    if (!(a > 0) || !(b > 0))
        return NAN;
    if (x > n)
        return 0;
    return exp(gsl_sf_lngamma((double)n + 1) - gsl_sf_lngamma((double)x + 1) -
               gsl_sf_lngamma((double)(n - x) + 1) +
               gsl_sf_lnbeta((double)x + a, (double)(n - x) + b) - gsl_sf_lnbeta(a, b));
}

double
rnet_beta_binomial_up_to(uint64_t x, uint64_t n, double a, double b)
{
    double sum = 0;

    for (uint64_t i = 0; i <= x && i <= n; i++)
        sum += rnet_beta_binomial_at(i, n, a, b);
    return sum > 1 ? 1 : sum;
}

double
rnet_beta_binomial_variance(uint64_t n, double a, double b)
{
    const double mean = a / (a + b), correlation = 1 / (a + b + 1);

    if (!(a > 0) || !(b > 0))
        return NAN;
    return (double)n * mean * (1 - mean) * rnet_design_effect((double)n, correlation);
}
