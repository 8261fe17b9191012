/* A share x of n, and how far the truth may be from it. */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static const struct rnet_interval not_known = {NAN, NAN};

static bool
is_sound(double x, double n, double level)
{
    return n > 0 && isfinite(n) && x >= 0 && x <= n && level > 0 && level < 1;
}

double
rnet_share_exact_low(double x, double n, double level)
{
    if (!is_sound(x, n, level))
        return NAN;
    return x == 0 ? 0 : rnet_quantile_beta(1 - level, x, n - x + 1);
}

double
rnet_share_exact_high(double x, double n, double level)
{
    if (!is_sound(x, n, level))
        return NAN;
    return x == n ? 1 : rnet_quantile_beta(level, x + 1, n - x);
}

struct rnet_interval
rnet_share_exact(double x, double n, double level)
{
    const double one_sided = 1 - (1 - level) / 2;

    return (struct rnet_interval){rnet_share_exact_low(x, n, one_sided),
                                  rnet_share_exact_high(x, n, one_sided)};
}

struct rnet_interval
rnet_share_wilson(double x, double n, double level)
{
    const double z = rnet_quantile_normal(1 - (1 - level) / 2), p = x / n;
    double centre, half;

    if (!is_sound(x, n, level))
        return not_known;
    centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    return (struct rnet_interval){x == 0 ? 0 : centre - half, x == n ? 1 : centre + half};
}

struct rnet_interval
rnet_share_jeffreys(double x, double n, double level)
{
    const double tail = (1 - level) / 2;

    if (!is_sound(x, n, level))
        return not_known;
    return (struct rnet_interval){x == 0 ? 0 : rnet_quantile_beta(tail, x + 0.5, n - x + 0.5),
                                  x == n ? 1 : rnet_quantile_beta(1 - tail, x + 0.5, n - x + 0.5)};
}

double
rnet_share_posterior(double x, double n, double p, double a, double b)
{
    if (!is_sound(x, n, 0.5) || !(p >= 0 && p <= 1) || !(a > 0) || !(b > 0))
        return NAN;
    return gsl_cdf_beta_Q(p, x + a, n - x + b);
}

double
rnet_share_chance_from(double x, double n, double p)
{
    if (!is_sound(x, n, 0.5) || !(p >= 0 && p <= 1))
        return NAN;
    return x == 0 ? 1 : gsl_cdf_beta_P(p, x, n - x + 1);
}

double
rnet_share_chance_up_to(double x, double n, double p)
{
    if (!is_sound(x, n, 0.5) || !(p >= 0 && p <= 1))
        return NAN;
    return x == n ? 1 : gsl_cdf_beta_Q(p, x + 1, n - x);
}
