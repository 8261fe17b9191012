#include "link/copper.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_qrng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
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
 * the worst tenth; 20 degrees less are 4 % of the dB.
 */
#define MODEL_NOISE_DBM_HZ (-140.0)
#define MODEL_DISTURBERS 1.0
#define MODEL_MARGIN_DB 6.0
#define SPREAD_NOISE_UP_DB 11.0 /* standard deviations of either half */
#define SPREAD_NOISE_DOWN_DB 1.5
#define SPREAD_DISTURBERS_UP 12.0 /* factors */
#define SPREAD_DISTURBERS_DOWN 3.0
#define SPREAD_CABLE_UP 0.14
#define SPREAD_CABLE_DOWN 0.04

#define SCENARIOS 30
#define CABLE_LEVELS 5 /* the cable's share is taken at this many quantiles of equal weight */
#define BAND_STRIDE 4  /* the band looks at every fourth tone */

struct scenario {
    double noise;      /* factor of the point's */
    double disturbers; /* factor */
    unsigned level;
};

struct copper_solver_cable {
    struct copper_wave *wave; /* by tone */
    uint32_t tones;
};

struct rnet_copper_solver {
    struct copper_solver_cable cable[RNET_CABLE_COUNT];
    struct scenario scenario[SCENARIOS];
    double level[CABLE_LEVELS]; /* factor of the attenuation in dB */
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

/* Evenly spread over three unknowns (Sobol), so that few scenarios give steady percentiles. */
static enum rnet_status
make_scenarios(struct rnet_copper_solver *solver)
{
    gsl_qrng *sobol = gsl_qrng_alloc(gsl_qrng_sobol, 3);

    if (sobol == NULL)
        return RNET_ENOMEM;
    for (unsigned i = 0; i < SCENARIOS; i++) {
        double u[3], noise, disturbers;

        gsl_qrng_get(sobol, u);
        noise = gsl_cdf_ugaussian_Pinv(u[0]);
        disturbers = gsl_cdf_ugaussian_Pinv(u[1]);
        noise *= noise > 0 ? SPREAD_NOISE_UP_DB : SPREAD_NOISE_DOWN_DB;
        solver->scenario[i] = (struct scenario){
            .noise = pow(10, noise / 10),
            .disturbers =
                pow(disturbers > 0 ? SPREAD_DISTURBERS_UP : SPREAD_DISTURBERS_DOWN, disturbers),
            .level = (unsigned)(u[2] * CABLE_LEVELS),
        };
    }
    gsl_qrng_free(sobol);
    for (unsigned i = 0; i < CABLE_LEVELS; i++) {
        const double cable = gsl_cdf_ugaussian_Pinv((i + 0.5) / CABLE_LEVELS);

        solver->level[i] = 1 + cable * (cable > 0 ? SPREAD_CABLE_UP : SPREAD_CABLE_DOWN);
    }
    return RNET_OK;
}

enum rnet_status
rnet_copper_solver_new(struct rnet_copper_solver **solver)
{
    struct rnet_copper_solver *made = rnet_alloc_zero(1, sizeof *made);

    if (made == NULL || make_scenarios(made) != RNET_OK) {
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

static bool
in_range(double value, double min, double max)
{
    return value >= min && value <= max; /* false for NAN */
}

static enum rnet_status
check_copper(const struct rnet_copper *copper, struct rnet_error *err)
{
    double total = 0;

    if (copper->dsl >= RNET_DSL_COUNT || copper->next_kind >= RNET_DISTURBER_COUNT ||
        copper->sections == 0 || copper->sections > RNET_COPPER_SECTIONS)
        return rnet_error_set(err, RNET_EINVAL,
                              "copper: no such technology, or not 1 to %d sections",
                              RNET_COPPER_SECTIONS);
    for (uint32_t i = 0; i < copper->sections; i++) {
        const struct rnet_copper_section *section = &copper->section[i];

        if (section->cable >= RNET_CABLE_COUNT || !in_range(section->length_m, 0, 20000))
            return rnet_error_set(err, RNET_EINVAL,
                                  "copper: section %u: no such cable, or %g m not in 0..20000",
                                  i + 1, section->length_m);
        total += section->length_m;
    }
    if (total > 20000)
        return rnet_error_set(err, RNET_EINVAL, "copper: %g m of cable in all, more than 20000",
                              total);
    if (!in_range(copper->noise_dbm_hz, -174, -60) || !in_range(copper->fext, 0, 1000) ||
        !in_range(copper->next, 0, 1000) || !in_range(copper->margin_db[RNET_UP], 0, 40) ||
        !in_range(copper->margin_db[RNET_DOWN], 0, 40) || !in_range(copper->coding_gain_db, 0, 8))
        return rnet_error_set(err, RNET_EINVAL,
                              "copper: noise, disturbers, margin or coding gain out of range");
    return RNET_OK;
}

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

/*
 * The exponent of a double in binary is floor(log2()), exactly, and costs next to nothing: loading
 * is done some 15 000 times for one line's band.
 */
unsigned
copper_bits(double snr_over_gap)
{
    const double value = 1 + snr_over_gap;
    uint64_t word;
    unsigned bits;

    memcpy(&word, &value, sizeof word);
    bits = (unsigned)(word >> 52) - 1023;
    return bits < COPPER_MAX_BITS ? bits : COPPER_MAX_BITS;
}

static double
power(double db)
{
    return pow(10, db / 10);
}

static double
band_psd_mw(const struct copper_band *band, uint32_t tone)
{
    const double share =
        band->last > band->first ? (double)(tone - band->first) / (band->last - band->first) : 0;

    return power(band->first_dbm_hz + share * (band->last_dbm_hz - band->first_dbm_hz));
}

/* What one tone hears, in mW/Hz, apart from the signal. */
struct tone_noise {
    double steady;
    double fext; /* times the gain */
    double next;
};

/* FSAN's sum of kinds: (sum P^(1/0.6))^0.6, between the larger and the sum. */
static double
add_kinds(double p, double q)
{
    if (p <= 0 || q <= 0)
        return p + q;
    return pow(pow(p, 1 / 0.6) + pow(q, 1 / 0.6), 0.6);
}

static unsigned
load_tone(double signal, double gain, const struct tone_noise *noise, double inverse_gap,
          unsigned min_bits)
{
    const double fext = noise->fext * gain;
    const double heard = noise->steady + (noise->next > 0 ? add_kinds(fext, noise->next) : fext);
    const unsigned bits = copper_bits(signal * gain / heard * inverse_gap);

    return bits >= min_bits ? bits : 0;
}

static double
net_rate(const struct rnet_copper *copper, enum rnet_direction way, double bits)
{
    const struct copper_plan *plan = &copper_plans[copper->dsl];
    const double net = COPPER_SYMBOLS_PER_S * bits - plan->overhead_bps;
    double cap = plan->cap_bps[way];

    if (copper->cap_bps[way] != 0 && (double)copper->cap_bps[way] < cap)
        cap = (double)copper->cap_bps[way];
    return net < 0 ? 0 : net < cap ? net : cap;
}

static double
cable_length_m(const struct rnet_copper *copper)
{
    double length = 0;

    for (uint32_t i = 0; i < copper->sections; i++)
        if (!copper->section[i].is_tap)
            length += copper->section[i].length_m;
    return length;
}

struct solving {
    struct rnet_copper_solver *solver;
    const struct rnet_copper *copper;
    const struct copper_plan *plan;
    struct rnet_copper_result *result;
    double fext_per_hz2; /* coupling is this times f^2 times the gain */
    double noise;
    double inverse_gap[RNET_DIRECTIONS];
    double scenario_bits[RNET_DIRECTIONS][SCENARIOS];
};

static struct tone_noise
tone_noise(const struct solving *s, double signal, double f_hz)
{
    struct tone_noise noise = {s->noise, signal * s->fext_per_hz2 * f_hz * f_hz, 0};

    if (s->copper->next > 0)
        noise.next = 1000 * copper_disturber_psd_w_hz(s->copper->next_kind, f_hz) *
                     copper_next_ratio(s->copper->next, f_hz);
    return noise;
}

/* Every scenario's bits on one tone, which stands for BAND_STRIDE of them. */
static void
load_scenarios(struct solving *s, const struct copper_band *band, double signal, double gain,
               const struct tone_noise *noise, unsigned weight)
{
    const double log_gain = log(gain);
    double scaled[CABLE_LEVELS];

    for (unsigned i = 0; i < CABLE_LEVELS; i++)
        scaled[i] = exp(log_gain * s->solver->level[i]);
    for (unsigned i = 0; i < SCENARIOS; i++) {
        const struct scenario *scenario = &s->solver->scenario[i];
        const struct tone_noise other = {noise->steady * scenario->noise,
                                         noise->fext * scenario->disturbers, noise->next};

        s->scenario_bits[band->way][i] +=
            weight * load_tone(signal, scaled[scenario->level], &other, s->inverse_gap[band->way],
                               s->plan->min_bits);
    }
}

static void
load_band(struct solving *s, const struct copper_band *band)
{
    struct rnet_copper_direction *direction = &s->result->direction[band->way];
    const bool flat = band->last_dbm_hz >= band->first_dbm_hz;
    double signal = band_psd_mw(band, band->first);

    for (uint32_t tone = band->first; tone <= band->last; tone++) {
        const double gain = tone_gain(s->solver, s->copper, tone);
        struct tone_noise noise;
        unsigned bits = 0;

        s->result->way[tone] = (uint8_t)band->way;
        direction->attenuation_db += log(gain); /* made dB and mean at the end */
        if (!flat)
            signal = band_psd_mw(band, tone);
        noise = tone_noise(s, signal, tone * RNET_COPPER_TONE_HZ);
        if (tone != s->plan->pilot)
            bits = load_tone(signal, gain, &noise, s->inverse_gap[band->way], s->plan->min_bits);
        s->result->bits[tone] = (uint8_t)bits;
        direction->gross_bps += bits * COPPER_SYMBOLS_PER_S;
        direction->tones += bits > 0;
        if ((tone - band->first) % BAND_STRIDE == 0)
            load_scenarios(s, band, signal, gain, &noise,
                           band->last - tone < BAND_STRIDE ? band->last - tone + 1 : BAND_STRIDE);
    }
}

static void
finish_direction(struct solving *s, enum rnet_direction way)
{
    struct rnet_copper_direction *direction = &s->result->direction[way];
    double *rates = s->scenario_bits[way];
    uint32_t tones = 0;

    for (uint32_t i = 0; i < s->plan->band_count; i++)
        if (s->plan->bands[i].way == way)
            tones += s->plan->bands[i].last - s->plan->bands[i].first + 1;
    direction->attenuation_db *= -10 / M_LN10 / tones;
    direction->rate_bps =
        (uint64_t)net_rate(s->copper, way, (double)direction->gross_bps / COPPER_SYMBOLS_PER_S);
    for (unsigned i = 0; i < SCENARIOS; i++)
        rates[i] = net_rate(s->copper, way, rates[i]);
    gsl_sort(rates, 1, SCENARIOS);
    direction->p10_bps = (uint64_t)gsl_stats_quantile_from_sorted_data(rates, 1, SCENARIOS, 0.1);
    direction->p50_bps = (uint64_t)gsl_stats_quantile_from_sorted_data(rates, 1, SCENARIOS, 0.5);
    direction->p90_bps = (uint64_t)gsl_stats_quantile_from_sorted_data(rates, 1, SCENARIOS, 0.9);
}

static void
describe_pair(struct solving *s)
{
    const struct rnet_copper *copper = s->copper;
    struct copper_chain chain = copper_chain_start();

    s->result->planning_db = 0;
    for (uint32_t i = 0; i < copper->sections; i++) {
        const struct rnet_copper_section *section = &copper->section[i];
        const struct copper_cable *cable = &copper_cables[section->cable];
        const struct copper_wave wave = copper_cable_wave(cable, 300e3);

        if (section->is_tap) {
            copper_chain_tap(&chain, &wave, section->length_m / 1000);
        } else {
            copper_chain_section(&chain, &wave, section->length_m / 1000);
            s->result->planning_db += cable->planning_db_per_km * section->length_m / 1000;
        }
    }
    s->result->attenuation_300khz_db = -10 * log10(copper_chain_gain(&chain));
    s->result->length_m = cable_length_m(copper);
    s->result->tone_count = s->plan->tone_count;
}

enum rnet_status
rnet_copper_solve(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                  struct rnet_copper_result *result, struct rnet_error *err)
{
    enum rnet_status status = check_copper(copper, err);
    struct solving s;

    if (status != RNET_OK)
        return status;
    for (uint32_t i = 0; i < copper->sections; i++)
        if (prepare_cable(solver, copper->section[i].cable, copper_plans[copper->dsl].tone_count) !=
            RNET_OK)
            return rnet_error_set(err, RNET_ENOMEM, "copper: out of memory for cable tables");
    memset(&s, 0, sizeof s);
    s.solver = solver;
    s.copper = copper;
    s.plan = &copper_plans[copper->dsl];
    s.result = result;
    s.fext_per_hz2 = copper_fext_ratio(copper->fext, 1, cable_length_m(copper));
    s.noise = power(copper->noise_dbm_hz);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        s.inverse_gap[way] =
            1 / power(COPPER_GAP_DB + copper->margin_db[way] - copper->coding_gain_db);
    memset(result, 0, sizeof *result);
    memset(result->way, RNET_DIRECTIONS, sizeof result->way);
    for (uint32_t i = 0; i < s.plan->band_count; i++)
        load_band(&s, &s.plan->bands[i]);
    describe_pair(&s);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        finish_direction(&s, (enum rnet_direction)way);
    return RNET_OK;
}
