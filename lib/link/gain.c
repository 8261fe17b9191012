/* What a pair lets through, tone by tone. */
#include "link/copper.h"

#include <math.h>

static double
tone_gain(const struct rnet_copper_solver *solver, const struct rnet_copper *copper, uint32_t tone)
{
    struct copper_chain chain = copper_chain_start();

    for (uint32_t i = 0; i < copper->sections; i++) {
        const struct rnet_copper_section *section = &copper->section[i];
        const struct copper_wave *wave = &solver->cable[section->cable].wave[tone];

        if (section->is_tap)
            copper_chain_tap(&chain, wave, section->length_m / 1000);
        else
            copper_chain_section(&chain, wave, section->length_m / 1000);
    }
    return copper_chain_gain(&chain);
}

static bool
has_tap(const struct rnet_copper *copper)
{
    for (uint32_t i = 0; i < copper->sections; i++)
        if (copper->section[i].is_tap)
            return true;
    return false;
}

/* A straight line in dB between two tones that are known. */
static void
fill_between(double *gain, uint32_t first, uint32_t last)
{
    const double ratio = gain[first] > 0 ? pow(gain[last] / gain[first], 1.0 / (last - first)) : 0;

    for (uint32_t tone = first + 1; tone < last; tone++)
        gain[tone] = gain[tone - 1] * ratio;
}

/*
 * The loss in dB is a sqrt(f) nearly, so a straight line over h tones misses it by (h/f)^2 / 32 of
 * itself: with h = f/32, by 0.003 dB of 100.
 */
uint32_t
copper_grid_step(const struct copper_plan *plan, uint32_t tone)
{
    return plan->grid_from == 0 || tone < plan->grid_from ? 1 : tone / 32;
}

/* On pairs with taps every tone is computed: no grid may jump over their notches. */
void
copper_gains(const struct rnet_copper_solver *solver, const struct rnet_copper *copper,
             uint32_t first, uint32_t last, double *gain)
{
    const struct copper_plan *plan = &copper_plans[copper->dsl];
    const bool every = has_tap(copper);
    uint32_t tone = first;

    gain[first] = tone_gain(solver, copper, first);
    while (tone < last) {
        const uint32_t step = every ? 1 : copper_grid_step(plan, tone);
        const uint32_t next = last - tone < step ? last : tone + step;

        gain[next] = tone_gain(solver, copper, next);
        if (next > tone + 1)
            fill_between(gain, tone, next);
        tone = next;
    }
}
