#include "link/copper.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* ADSL1 interleaved with its usual 16 check bytes syncs at 7616 kbit/s at most, on the fast path
 * without any at 8128: BT Max has both (standards.md §6.5, verified). Which, an operator chooses.
 */
#define INTERLEAVED_CHECK_BYTES 16

#define BAND_STRIDE 4 /* the band looks at every fourth tone */

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
    if (copper->other.cable >= RNET_CABLE_COUNT || !in_range(copper->other.length_m, 0, 20000))
        return rnet_error_set(err, RNET_EINVAL, "copper: the other cable is out of range");
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

static double
heard_noise(double gain, const struct tone_noise *noise)
{
    const double fext = noise->fext * gain;

    return noise->steady + (noise->next > 0 ? add_kinds(fext, noise->next) : fext);
}

static unsigned
load_tone(double signal, double gain, const struct tone_noise *noise, double inverse_gap,
          unsigned min_bits)
{
    const unsigned bits = copper_bits(signal * gain / heard_noise(gain, noise) * inverse_gap);

    return bits >= min_bits ? bits : 0;
}

static double
net_rate(const struct rnet_copper *copper, enum rnet_direction way, double bits,
         unsigned check_bytes)
{
    const struct copper_plan *plan = &copper_plans[copper->dsl];
    const double net = COPPER_SYMBOLS_PER_S * bits - plan->overhead_bps;
    double cap = plan->cap_bps[way] - check_bytes * plan->check_byte_bps[way];

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
    const struct rnet_copper_solver *solver;
    const struct rnet_copper *copper;
    const struct copper_plan *plan;
    struct rnet_copper_result *result;
    double fext_per_hz2; /* coupling is this times f^2 times the gain */
    double noise;
    bool point_only; /* no band */
    double inverse_gap[RNET_DIRECTIONS];
    double scenario_bits[RNET_DIRECTIONS][COPPER_SCENARIOS];
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
    double scaled[COPPER_CABLE_LEVELS];

    for (unsigned i = 0; i < COPPER_CABLE_LEVELS; i++)
        scaled[i] = exp(log_gain * s->solver->level[i]);
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++) {
        const struct copper_scenario *scenario = &s->solver->scenario[i];
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
        direction->attenuation_db += gain; /* made a mean in dB at the end */
        if (!flat)
            signal = band_psd_mw(band, tone);
        noise = tone_noise(s, signal, tone * RNET_COPPER_TONE_HZ);
        if (tone != s->plan->pilot)
            bits = load_tone(signal, gain, &noise, s->inverse_gap[band->way], s->plan->min_bits);
        s->result->bits[tone] = (uint8_t)bits;
        direction->gross_bps += bits * COPPER_SYMBOLS_PER_S;
        direction->tones += bits > 0;
        if ((tone - band->first) % BAND_STRIDE == 0 && !s->point_only)
            load_scenarios(s, band, signal, gain, &noise,
                           band->last - tone < BAND_STRIDE ? band->last - tone + 1 : BAND_STRIDE);
    }
}

static uint32_t
tones_of(const struct copper_plan *plan, enum rnet_direction way)
{
    uint32_t tones = 0;

    for (uint32_t i = 0; i < plan->band_count; i++)
        if (plan->bands[i].way == way)
            tones += plan->bands[i].last - plan->bands[i].first + 1;
    return tones;
}

static void
finish_direction(struct solving *s, enum rnet_direction way)
{
    struct rnet_copper_direction *direction = &s->result->direction[way];
    double *rates = s->scenario_bits[way];

    direction->attenuation_db = -10 * log10(direction->attenuation_db / tones_of(s->plan, way));
    direction->rate_bps =
        (uint64_t)net_rate(s->copper, way, (double)direction->gross_bps / COPPER_SYMBOLS_PER_S, 0);
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++)
        rates[i] = net_rate(s->copper, way, rates[i],
                            s->solver->scenario[i].interleaved ? INTERLEAVED_CHECK_BYTES : 0);
    gsl_sort(rates, 1, COPPER_SCENARIOS);
    direction->p10_bps =
        (uint64_t)gsl_stats_quantile_from_sorted_data(rates, 1, COPPER_SCENARIOS, 0.1);
    direction->p50_bps =
        (uint64_t)gsl_stats_quantile_from_sorted_data(rates, 1, COPPER_SCENARIOS, 0.5);
    direction->p90_bps =
        (uint64_t)gsl_stats_quantile_from_sorted_data(rates, 1, COPPER_SCENARIOS, 0.9);
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

static void
begin_solving(struct solving *s, const struct rnet_copper_solver *solver,
              const struct rnet_copper *copper, struct rnet_copper_result *result)
{
    memset(s, 0, sizeof *s);
    s->solver = solver;
    s->copper = copper;
    s->plan = &copper_plans[copper->dsl];
    s->result = result;
    s->fext_per_hz2 = copper_fext_ratio(copper->fext, 1, cable_length_m(copper));
    s->noise = power(copper->noise_dbm_hz);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        s->inverse_gap[way] =
            1 / power(COPPER_GAP_DB + copper->margin_db[way] - copper->coding_gain_db);
    memset(result, 0, sizeof *result);
    memset(result->way, RNET_DIRECTIONS, sizeof result->way);
}

double
copper_point_bps(const struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                 enum rnet_direction way)
{
    struct rnet_copper_result result;
    struct solving s;

    begin_solving(&s, solver, copper, &result);
    s.point_only = true;
    for (uint32_t i = 0; i < s.plan->band_count; i++)
        if (s.plan->bands[i].way == way)
            load_band(&s, &s.plan->bands[i]);
    return net_rate(copper, way, (double)result.direction[way].gross_bps / COPPER_SYMBOLS_PER_S, 0);
}

double
copper_attenuation_db(const struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                      enum rnet_direction way)
{
    const struct copper_plan *plan = &copper_plans[copper->dsl];
    double gain = 0;

    for (uint32_t i = 0; i < plan->band_count; i++)
        for (uint32_t tone = plan->bands[i].first;
             plan->bands[i].way == way && tone <= plan->bands[i].last; tone++)
            gain += tone_gain(solver, copper, tone);
    return -10 * log10(gain / tones_of(plan, way));
}

static enum rnet_status
solve_pair(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
           struct rnet_copper_result *result, struct rnet_error *err)
{
    struct solving s;

    if (copper_prepare(solver, copper) != RNET_OK)
        return rnet_error_set(err, RNET_ENOMEM, "copper: out of memory for cable tables");
    begin_solving(&s, solver, copper, result);
    for (uint32_t i = 0; i < s.plan->band_count; i++)
        load_band(&s, &s.plan->bands[i]);
    describe_pair(&s);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        finish_direction(&s, (enum rnet_direction)way);
    return RNET_OK;
}

/* The band of a pair whose cable is one of two: as wide as both together. */
static enum rnet_status
widen_band(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
           struct rnet_copper_result *result, struct rnet_error *err)
{
    struct rnet_copper other = *copper;
    struct rnet_copper_result second;
    enum rnet_status status;

    other.section[0] = copper->other;
    other.sections = 1;
    status = solve_pair(solver, &other, &second, err);
    for (int way = 0; way < RNET_DIRECTIONS && status == RNET_OK; way++) {
        struct rnet_copper_direction *to = &result->direction[way];
        const struct rnet_copper_direction *from = &second.direction[way];

        to->p10_bps = from->p10_bps < to->p10_bps ? from->p10_bps : to->p10_bps;
        to->p50_bps = (from->p50_bps + to->p50_bps) / 2;
        to->p90_bps = from->p90_bps > to->p90_bps ? from->p90_bps : to->p90_bps;
    }
    return status;
}

enum rnet_status
rnet_copper_solve(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                  struct rnet_copper_result *result, struct rnet_error *err)
{
    struct rnet_copper_result made;
    enum rnet_status status = check_copper(copper, err);

    if (status == RNET_OK)
        status = solve_pair(solver, copper, &made, err);
    if (status == RNET_OK && copper->other.length_m > 0)
        status = widen_band(solver, copper, &made, err);
    if (status == RNET_OK)
        *result = made;
    return status;
}

enum rnet_status
rnet_copper_tones(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                  struct rnet_copper_tone *tones, struct rnet_error *err)
{
    struct rnet_copper_result result;
    struct solving s;
    enum rnet_status status = check_copper(copper, err);

    if (status == RNET_OK && copper_prepare(solver, copper) != RNET_OK)
        status = rnet_error_set(err, RNET_ENOMEM, "copper: out of memory for cable tables");
    if (status != RNET_OK)
        return status;
    begin_solving(&s, solver, copper, &result);
    for (uint32_t i = 0; i < RNET_COPPER_TONES; i++)
        tones[i] = (struct rnet_copper_tone){NAN, NAN, NAN, NAN};
    for (uint32_t i = 0; i < s.plan->band_count; i++)
        for (uint32_t tone = s.plan->bands[i].first; tone <= s.plan->bands[i].last; tone++) {
            const double signal = band_psd_mw(&s.plan->bands[i], tone);
            const double gain = tone_gain(solver, copper, tone);
            const struct tone_noise noise = tone_noise(&s, signal, tone * RNET_COPPER_TONE_HZ);
            const double heard = heard_noise(gain, &noise);

            tones[tone] =
                (struct rnet_copper_tone){10 * log10(signal), 10 * log10(signal * gain),
                                          10 * log10(heard), 10 * log10(signal * gain / heard)};
        }
    return RNET_OK;
}
