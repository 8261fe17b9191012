/*
 * How losses cluster: BurstR of G.107 (standards.md 1.5): the mean length of observed loss bursts
 * over the mean length, 1/(1 - loss), that independent losses at the same rate would have; never
 * below 1, as the Recommendation clamps it.
 */
#include <ruralnet/score.h>

#include <math.h>

struct rnet_loss_pattern
rnet_loss_pattern_of(const bool *lost, size_t count)
{
    size_t losses = 0, bursts = 0;
    double loss, burst;

    for (size_t i = 0; i < count; i++) {
        if (!lost[i])
            continue;
        losses++;
        if (i == 0 || !lost[i - 1])
            bursts++;
    }
    if (losses == 0 || losses == count)
        return (struct rnet_loss_pattern){count != 0 && losses == count ? 100 : 0, 1};
    loss = (double)losses / (double)count;
    burst = (double)losses / (double)bursts;
    return (struct rnet_loss_pattern){100 * loss, fmax(1, burst * (1 - loss))};
}

struct rnet_loss_pattern
rnet_loss_pattern_gilbert(double p, double q)
{
    if (!(p + q > 0))
        return (struct rnet_loss_pattern){0, 1};
    return (struct rnet_loss_pattern){100 * p / (p + q), fmax(1, 1 / (p + q))};
}
