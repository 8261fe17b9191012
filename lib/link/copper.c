#include "link/copper.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* ADSL1 interleaved with its usual 16 check bytes syncs at 7616 kbit/s at most, on the fast path
 * without any at 8128: BT Max has both (standards.md §6.5, verified). Which, an operator chooses.
 */
#define INTERLEAVED_CHECK_BYTES 16

/* The band looks at one tone of so many; odd, so that one is in the middle. */
#define STRIDE_MIN 5
#define STRIDE_MAX 33

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
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        if (copper->codeword_bytes[way] > 255 || copper->check_bytes[way] > 16 ||
            (copper->codeword_bytes[way] != 0 &&
             copper->check_bytes[way] >= copper->codeword_bytes[way]))
            return rnet_error_set(err, RNET_EINVAL, "copper: no codeword has %u check bytes of %u",
                                  copper->check_bytes[way], copper->codeword_bytes[way]);
    return RNET_OK;
}

/* The exponent of a double in binary is floor(log2()), exactly, without a branch, so compilers do
 * several at once. */
static inline int
whole_bits(double value)
{
    uint64_t word;
    int bits;

    memcpy(&word, &value, sizeof word);
    bits = (int)(word >> 52) - 1023;
    return bits < COPPER_MAX_BITS ? bits : COPPER_MAX_BITS;
}

unsigned
copper_bits(double snr_over_gap)
{
    return (unsigned)whole_bits(1 + snr_over_gap);
}

static double
power(double db)
{
    return pow(10, db / 10);
}

/* mW/Hz on each tone of the band, at signal[tone]: straight in dB, so by one factor a tone. */
static void
band_psd(const struct copper_band *band, double *signal)
{
    const uint32_t steps = band->last > band->first ? band->last - band->first : 1;
    const double factor = power((band->last_dbm_hz - band->first_dbm_hz) / steps);

    signal[band->first] = power(band->first_dbm_hz);
    for (uint32_t tone = band->first + 1; tone <= band->last; tone++)
        signal[tone] = signal[tone - 1] * factor;
}

/* What one tone hears, in mW/Hz, apart from the signal; a scenario changes it. */
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
net_rate(const struct rnet_copper *copper, enum rnet_direction way, double bits,
         unsigned check_bytes)
{
    const struct copper_plan *plan = &copper_plans[copper->dsl];
    const bool stated = copper->codeword_bytes[way] != 0;
    const double data =
        stated ? 1 - (double)copper->check_bytes[way] / copper->codeword_bytes[way] : 1;
    const double net = COPPER_SYMBOLS_PER_S * bits * data - plan->overhead_bps;
    double cap = plan->cap_bps[way] -
                 (stated ? copper->check_bytes[way] : check_bytes) * plan->check_byte_bps[way];

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
    int scenario_bits[RNET_DIRECTIONS][COPPER_SCENARIOS];
};

static double
next_mw_hz(const struct rnet_copper *copper, double f_hz)
{
    return copper->next > 0 ? 1000 * copper_disturber_psd_w_hz(copper->next_kind, f_hz) *
                                  copper_next_ratio(copper->next, f_hz)
                            : 0;
}

/* What the point hears on every tone of a band, in mW/Hz. */
static void
hear_band(const struct solving *s, const struct copper_band *band, const double *signal,
          const double *gain, double *heard)
{
    const double fext = s->fext_per_hz2 * RNET_COPPER_TONE_HZ * RNET_COPPER_TONE_HZ;
    const int first = (int)band->first, last = (int)band->last;

    for (int tone = first; tone <= last; tone++)
        heard[tone] = fext * tone * tone * signal[tone] * gain[tone];
    for (int tone = first; s->copper->next > 0 && tone <= last; tone++)
        heard[tone] = add_kinds(heard[tone], next_mw_hz(s->copper, tone * RNET_COPPER_TONE_HZ));
    for (int tone = first; tone <= last; tone++)
        heard[tone] += s->noise;
}

/* What each scenario's cable lets through, and what it hears, on one tone. */
static void
hear_scenarios(const struct copper_scenarios *all, const double level[COPPER_CABLE_LEVELS],
               double gain, const struct tone_noise *noise, double *through, double *heard)
{
    const double log_gain = log(gain);
    double scaled[COPPER_CABLE_LEVELS];

    for (unsigned i = 0; i < COPPER_CABLE_LEVELS; i++)
        scaled[i] = exp(log_gain * level[i]);
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++)
        through[i] = scaled[all->level[i]];
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++)
        heard[i] = noise->fext * all->disturbers[i] * through[i];
    if (noise->next > 0)
        for (unsigned i = 0; i < COPPER_SCENARIOS; i++)
            heard[i] = add_kinds(heard[i], noise->next);
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++)
        heard[i] += noise->steady * all->noise[i];
}

/* Every scenario's bits on one tone, which stands for `weight` of them. */
static void
load_scenarios(struct solving *s, enum rnet_direction way, double signal, double gain,
               const struct tone_noise *noise, int weight)
{
    const double sent = signal * s->inverse_gap[way];
    const int min_bits = (int)s->plan->min_bits;
    int *total = s->scenario_bits[way];
    double through[COPPER_SCENARIOS], heard[COPPER_SCENARIOS];

    hear_scenarios(&s->solver->scenarios, s->solver->level, gain, noise, through, heard);
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++) {
        const int bits = whole_bits(1 + sent * through[i] / heard[i]);

        total[i] += bits >= min_bits ? weight * bits : 0;
    }
}

static uint32_t
stride_at(const struct copper_plan *plan, uint32_t tone)
{
    const uint32_t step = copper_grid_step(plan, tone) | 1;

    return step < STRIDE_MIN ? STRIDE_MIN : step < STRIDE_MAX ? step : STRIDE_MAX;
}

/* The band of percentiles, on the tone in the middle of every stride: at its begin, where least is
 * lost, a tone would promise too much. */
static void
sample_band(struct solving *s, const struct copper_band *band, const double *signal,
            const double *gain)
{
    uint32_t weight;

    for (uint32_t tone = band->first; tone <= band->last; tone += weight) {
        const uint32_t left = band->last - tone + 1;
        const uint32_t stride = stride_at(s->plan, tone);
        uint32_t middle;
        double f_hz;
        struct tone_noise noise;

        weight = left < stride ? left : stride;
        middle = tone + weight / 2;
        f_hz = middle * RNET_COPPER_TONE_HZ;
        noise = (struct tone_noise){s->noise, signal[middle] * s->fext_per_hz2 * f_hz * f_hz,
                                    next_mw_hz(s->copper, f_hz)};
        load_scenarios(s, band->way, signal[middle], gain[middle], &noise, (int)weight);
    }
}

/* Bits of the point on every tone of a band. */
static void
load_tones(const struct solving *s, const struct copper_band *band, const double *signal,
           const double *gain, const double *heard)
{
    const double inverse_gap = s->inverse_gap[band->way];
    const int min_bits = (int)s->plan->min_bits;
    uint8_t *loaded = s->result->bits;

    for (uint32_t tone = band->first; tone <= band->last; tone++) {
        const int bits = whole_bits(1 + signal[tone] * gain[tone] / heard[tone] * inverse_gap);

        loaded[tone] = (uint8_t)(bits >= min_bits ? bits : 0);
    }
    if (s->plan->pilot >= band->first && s->plan->pilot <= band->last)
        loaded[s->plan->pilot] = 0;
}

static void
load_band(struct solving *s, const struct copper_band *band)
{
    struct rnet_copper_direction *direction = &s->result->direction[band->way];
    double gain[RNET_COPPER_TONES], signal[RNET_COPPER_TONES], heard[RNET_COPPER_TONES];
    double gains = 0;
    unsigned bits = 0, used = 0;

    copper_gains(s->solver, s->copper, band->first, band->last, gain);
    band_psd(band, signal);
    hear_band(s, band, signal, gain, heard);
    load_tones(s, band, signal, gain, heard);
    for (uint32_t tone = band->first; tone <= band->last; tone++) {
        gains += gain[tone];
        bits += s->result->bits[tone];
        used += s->result->bits[tone] > 0;
    }
    memset(s->result->way + band->first, (int)band->way, band->last - band->first + 1);
    direction->attenuation_db += gains; /* made a mean in dB at the end */
    direction->gross_bps += bits * COPPER_SYMBOLS_PER_S;
    direction->tones += used;
    if (!s->point_only)
        sample_band(s, band, signal, gain);
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
    double rates[COPPER_SCENARIOS];

    direction->attenuation_db = -10 * log10(direction->attenuation_db / tones_of(s->plan, way));
    direction->rate_bps =
        (uint64_t)net_rate(s->copper, way, (double)direction->gross_bps / COPPER_SYMBOLS_PER_S, 0);
    for (unsigned i = 0; i < COPPER_SCENARIOS; i++)
        rates[i] = net_rate(s->copper, way, (double)s->scenario_bits[way][i],
                            s->solver->scenarios.interleaved[i] ? INTERLEAVED_CHECK_BYTES : 0);
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
    double gain[RNET_COPPER_TONES], sum = 0;

    for (uint32_t i = 0; i < plan->band_count; i++) {
        const struct copper_band *band = &plan->bands[i];

        if (band->way != way)
            continue;
        copper_gains(solver, copper, band->first, band->last, gain);
        for (uint32_t tone = band->first; tone <= band->last; tone++)
            sum += gain[tone];
    }
    return -10 * log10(sum / tones_of(plan, way));
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

static void
describe_band(const struct solving *s, const struct copper_band *band,
              struct rnet_copper_tone *tones)
{
    double gain[RNET_COPPER_TONES], signal[RNET_COPPER_TONES], heard[RNET_COPPER_TONES];

    copper_gains(s->solver, s->copper, band->first, band->last, gain);
    band_psd(band, signal);
    hear_band(s, band, signal, gain, heard);
    for (uint32_t tone = band->first; tone <= band->last; tone++) {
        const double arrived = signal[tone] * gain[tone];

        tones[tone] =
            (struct rnet_copper_tone){10 * log10(signal[tone]), 10 * log10(arrived),
                                      10 * log10(heard[tone]), 10 * log10(arrived / heard[tone])};
    }
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
        describe_band(&s, &s.plan->bands[i], tones);
    return RNET_OK;
}
