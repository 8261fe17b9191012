/* What a solver keeps from line to line: the stated model's scenarios, and tables of cables. */
#include "link/copper.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <string.h>

/*
 * The stated model. Point: background noise of -140 dBm/Hz at both ends (convention of ETSI and
 * ANSI), 6 dB margin, coding gain 3 dB where Reed-Solomon stands alone and 5 with trellis (all
 * standards.md §6.3), and one active disturber of the line's own kind. Only the last is a choice:
 * tables of real rates lie between none and a full binder (bench/link-tables).
 *
 * Band: what an operator does not tell mostly makes a line worse than that, so spreads are split.
 * The worst tenth of lines has -126 dBm/Hz and more (hardly any falls below what a receiver makes
 * itself), and 24 disturbers and more, the full binder of the rate tables. Cable: French
 * planning figures are 1.05 to 1.30 times the unscaled cables, 1.18 on average, which is taken for
 * the worst tenth; 25 degrees less are 5 % of the dB. The better halves were chosen so that the
 * tables' rates, rounded to whole Mbit/s, are mostly inside.
 */
#define MODEL_NOISE_DBM_HZ (-140.0)
#define MODEL_DISTURBERS 1.0
#define MODEL_MARGIN_DB 6.0

const struct copper_spreads copper_spreads = {
    .noise_db = {2.0, 11.0},
    .disturbers_db = {4.77, 10.8}, /* factors of 3 and 12 */
    .cable = {0.05, 0.14},
};

struct rnet_copper
rnet_copper_default(enum rnet_dsl dsl)
{
    struct rnet_copper copper;

    memset(&copper, 0, sizeof copper);
    copper.dsl = dsl;
    copper.noise_dbm_hz = MODEL_NOISE_DBM_HZ;
    copper.fext = MODEL_DISTURBERS;
    copper.margin_db[RNET_UP] = MODEL_MARGIN_DB;
    copper.margin_db[RNET_DOWN] = MODEL_MARGIN_DB;
    copper.coding_gain_db = dsl < RNET_DSL_COUNT ? copper_plans[dsl].coding_gain_db : 0;
    return copper;
}

/* A value of a normal distribution whose halves have their own standard deviations. */
static double
split_normal(double u, const double deviation[2])
{
    const double value = gsl_cdf_ugaussian_Pinv(u);

    return value * deviation[value > 0];
}

/* Evenly spread over four unknowns (Sobol), so that few scenarios give steady percentiles. */
enum rnet_status
copper_make_scenarios(struct rnet_copper_solver *solver, const struct copper_spreads *spreads)
{
    struct copper_scenarios *all = &solver->scenarios;
    gsl_qrng *sobol = gsl_qrng_alloc(gsl_qrng_sobol, 4);

    if (sobol == NULL)
        return RNET_ENOMEM;
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++) {
        double u[4];

        gsl_qrng_get(sobol, u);
        all->noise[i] = pow(10, split_normal(u[0], spreads->noise_db) / 10);
        all->disturbers[i] = pow(10, split_normal(u[1], spreads->disturbers_db) / 10);
        all->level[i] = (unsigned)(u[2] * COPPER_CABLE_LEVELS);
        all->interleaved[i] = u[3] > 0.5;
    }
    gsl_qrng_free(sobol);
    for (unsigned i = 0; i < COPPER_CABLE_LEVELS; i++)
        solver->level[i] = 1 + split_normal((i + 0.5) / COPPER_CABLE_LEVELS, spreads->cable);
    return RNET_OK;
}

enum rnet_status
rnet_copper_solver_new(struct rnet_copper_solver **solver)
{
    struct rnet_copper_solver *made = rnet_alloc_zero(1, sizeof *made);

    if (made == NULL || copper_make_scenarios(made, &copper_spreads) != RNET_OK) {
        rnet_free(made);
        return RNET_ENOMEM;
    }
    *solver = made;
    return RNET_OK;
}

void
rnet_copper_solver_free(struct rnet_copper_solver *solver)
{
    if (solver == NULL)
        return;
    for (int i = 0; i < RNET_CABLE_COUNT; i++)
        rnet_free(solver->cable[i].wave);
    rnet_free(solver);
}

static enum rnet_status
prepare_cable(struct rnet_copper_solver *solver, enum rnet_cable which, uint32_t tones)
{
    struct copper_solver_cable *cable = &solver->cable[which];
    struct copper_wave *wave;

    if (cable->tones >= tones)
        return RNET_OK;
    wave = rnet_realloc_array(cable->wave, tones, sizeof *wave);
    if (wave == NULL)
        return RNET_ENOMEM;
    cable->wave = wave;
    for (uint32_t tone = cable->tones; tone < tones; tone++)
        wave[tone] =
            copper_cable_wave(&copper_cables[which], (tone > 0 ? tone : 0.5) * RNET_COPPER_TONE_HZ);
    cable->tones = tones;
    return RNET_OK;
}

enum rnet_status
copper_prepare(struct rnet_copper_solver *solver, const struct rnet_copper *copper)
{
    for (uint32_t i = 0; i < copper->sections; i++)
        if (prepare_cable(solver, copper->section[i].cable, copper_plans[copper->dsl].tone_count) !=
            RNET_OK)
            return RNET_ENOMEM;
    return RNET_OK;
}
