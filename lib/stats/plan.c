/* How many offices it takes. */
#include "stats/stats.h"

#include <math.h>

#define MOST_OFFICES 10000000u
#define MOST_STABLE 100000u

static bool
is_inner(double p)
{
    return p > 0 && p < 1;
}

/* Whether `failures` of n still show a share of at least p: more failures would then be too likely
 * were p true. The one-sided exact lower limit is at least p under the same condition. */
static bool
shows(uint64_t n, uint64_t failures, double p, double level)
{
    return binomial_up_to(failures, n, 1 - p) <= 1 - level;
}

uint64_t
rnet_plan_offices(uint64_t failures, double p, double level)
{
    uint64_t low = failures, high = failures + 1;

    if (!is_inner(p) || !is_inner(level))
        return 0;
    while (!shows(high, failures, p, level)) {
        if (high > MOST_OFFICES)
            return 0;
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;

        if (shows(middle, failures, p, level))
            high = middle;
        else
            low = middle;
    }
    return high;
}

uint64_t
rnet_plan_critical(uint64_t n, double p, double level)
{
    uint64_t low = 0, high = n + 1;

    if (!is_inner(p) || !is_inner(level))
        return n + 1;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;

        if (binomial_from(middle, n, p) <= 1 - level)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double
rnet_plan_power(uint64_t n, double p, double truth, double level)
{
    if (!is_inner(p) || !is_inner(level) || !(truth >= 0 && truth <= 1))
        return NAN;
    return binomial_from(rnet_plan_critical(n, p, level), n, truth);
}

/*
 * Power is a saw: it falls between the sizes at which one more failure is forgiven, and rises at
 * them. Past the last fall below the target every size will do. Teeth shrink as n grows, so once
 * the power has stayed above the target while n doubled (and grew by 500), it stays.
 */
uint64_t
rnet_plan_stable(double p, double truth, double level, double power)
{
    uint64_t last_short = 0;

    if (!is_inner(p) || !is_inner(level) || !is_inner(power) || !(truth > p && truth <= 1))
        return 0;
    for (uint64_t n = 1; n <= MOST_STABLE; n++) {
        if (rnet_plan_power(n, p, truth, level) < power)
            last_short = n;
        else if (n > 2 * last_short + 500)
            return last_short + 1;
    }
    return 0;
}
