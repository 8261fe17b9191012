#include "link/copper.h"
#include "suite.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

static struct rnet_copper_solver *solver;

static void
make_solver(void)
{
    ck_assert_int_eq(rnet_copper_solver_new(&solver), RNET_OK);
}

static void
drop_solver(void)
{
    rnet_copper_solver_free(solver);
}

/* The sheet's conditions: AWGN at -140, gap 9.75, margin 6, coding gain 3. */
static struct rnet_copper
laboratory(enum rnet_dsl dsl, enum rnet_cable cable, double km, double fext)
{
    struct rnet_copper copper = rnet_copper_default(dsl);

    copper.noise_dbm_hz = -140;
    copper.fext = fext;
    copper.coding_gain_db = 3;
    copper.sections = 1;
    copper.section[0] = (struct rnet_copper_section){km * 1000, cable, false};
    return copper;
}

static struct rnet_copper_result
solve(const struct rnet_copper *copper)
{
    static struct rnet_copper_result result;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_copper_solve(solver, copper, &result, &err) == RNET_OK, "%s", err.message);
    return result;
}

static const double attenuation_khz[] = {40, 100, 150, 300, 500, 1000, 1104, 2208};
static const struct {
    enum rnet_cable cable;
    double db_per_km[8];
} attenuations[] = {
    {RNET_CABLE_PE_040, {8.999, 10.987, 11.845, 14.243, 17.500, 24.740, 26.072, 37.770}},
    {RNET_CABLE_PE_050, {6.169, 7.345, 8.185, 10.689, 13.655, 19.559, 20.606, 29.673}},
    {RNET_CABLE_PE_063, {4.021, 5.125, 6.037, 8.483, 11.141, 16.181, 17.058, 24.569}},
    {RNET_CABLE_PE_090, {2.272, 3.415, 4.212, 6.100, 8.015, 11.546, 12.157, 17.381}},
    {RNET_CABLE_AWG_26, {8.838, 10.771, 11.723, 14.460, 17.976, 25.405, 26.753, 38.617}},
    {RNET_CABLE_AWG_24, {6.229, 7.513, 8.418, 11.079, 14.203, 20.389, 21.483, 30.949}},
};

START_TEST(cables_attenuate_as_published)
{
    for (int i = 0; i < 8; i++) {
        const struct copper_wave wave =
            copper_cable_wave(&copper_cables[attenuations[_i].cable], attenuation_khz[i] * 1000);

        ck_assert_double_eq_tol(8.685889638 * creal(wave.gamma_per_km),
                                attenuations[_i].db_per_km[i], 0.0006);
    }
}
END_TEST

START_TEST(impedances_at_300_khz_are_the_published_ones)
{
    static const struct {
        enum rnet_cable cable;
        double real, imaginary;
    } checks[] = {{RNET_CABLE_PE_040, 106.474, -17.399},
                  {RNET_CABLE_PE_050, 113.452, -13.058},
                  {RNET_CABLE_AWG_24, 107.774, -13.524},
                  {RNET_CABLE_AWG_26, 114.117, -17.662}};
    const struct copper_wave wave = copper_cable_wave(&copper_cables[checks[_i].cable], 300e3);

    ck_assert_double_eq_tol(creal(wave.z0_ohm), checks[_i].real, 0.0006);
    ck_assert_double_eq_tol(cimag(wave.z0_ohm), checks[_i].imaginary, 0.0006);
}
END_TEST

/* R = Re(gamma Z0), L = Im(gamma Z0) / omega. */
START_TEST(resistance_and_inductance_at_300_khz_are_the_published_ones)
{
    const struct copper_wave thin = copper_cable_wave(&copper_cables[RNET_CABLE_PE_040], 300e3);
    const struct copper_wave wide = copper_cable_wave(&copper_cables[RNET_CABLE_PE_050], 300e3);
    const double omega = 2 * M_PI * 300e3;

    ck_assert_double_eq_tol(creal(thin.gamma_per_km * thin.z0_ohm), 349.188, 0.0006);
    ck_assert_double_eq_tol(cimag(thin.gamma_per_km * thin.z0_ohm) / omega * 1e6, 551.698, 0.0006);
    ck_assert_double_eq_tol(creal(wide.gamma_per_km * wide.z0_ohm), 279.241, 0.0006);
    ck_assert_double_eq_tol(cimag(wide.gamma_per_km * wide.z0_ohm) / omega * 1e6, 635.046, 0.0006);
}
END_TEST

static double
gain_of(enum rnet_cable cable, double km, double f_hz)
{
    const struct copper_wave wave = copper_cable_wave(&copper_cables[cable], f_hz);
    struct copper_chain chain = copper_chain_start();

    copper_chain_section(&chain, &wave, km);
    return copper_chain_gain(&chain);
}

static const struct {
    enum rnet_cable cable;
    double km, khz, db;
} losses[] = {
    {RNET_CABLE_PE_040, 1, 300, -14.2010},          {RNET_CABLE_PE_040, 2, 300, -28.4416},
    {RNET_CABLE_PE_040, 3, 300, -42.6846},          {RNET_CABLE_PE_050, 3, 300, -32.0779},
    {RNET_CABLE_AWG_24, 3, 300, -33.2175},          {RNET_CABLE_AWG_26, 3, 300, -43.3754},
    {RNET_CABLE_PE_040, 3, 100, -32.7992},          {RNET_CABLE_PE_040, 1, 1000, -24.7220},
    {RNET_CABLE_PE_040, 3, 33 * 4.3125, -35.0561},  {RNET_CABLE_PE_040, 3, 64 * 4.3125, -41.5053},
    {RNET_CABLE_PE_040, 3, 100 * 4.3125, -49.1464}, {RNET_CABLE_PE_040, 3, 128 * 4.3125, -54.9373},
    {RNET_CABLE_PE_040, 3, 160 * 4.3125, -61.2512}, {RNET_CABLE_PE_040, 3, 200 * 4.3125, -68.6588},
};

START_TEST(loops_between_100_ohm_lose_what_was_published)
{
    ck_assert_double_eq_tol(
        10 * log10(gain_of(losses[_i].cable, losses[_i].km, losses[_i].khz * 1000)), losses[_i].db,
        0.00006);
}
END_TEST

/* A quarter: |V_L/V_S|^2 stands 6 dB below the insertion gain. */
START_TEST(voltage_over_24_awg_is_the_published_one)
{
    ck_assert_double_eq_tol(gain_of(RNET_CABLE_AWG_24, 3, 140156.25) / 4, 0.00085271, 5e-9);
}
END_TEST

START_TEST(a_cut_anywhere_changes_nothing)
{
    const struct copper_wave wave =
        copper_cable_wave(&copper_cables[RNET_CABLE_PE_040], 100e3 * (_i + 1));
    struct copper_chain chain = copper_chain_start();

    for (int i = 0; i < 10; i++)
        copper_chain_section(&chain, &wave, 0.3);
    ck_assert_double_eq_tol(
        copper_chain_gain(&chain) / gain_of(RNET_CABLE_PE_040, 3, 100e3 * (_i + 1)), 1, 1e-9);
}
END_TEST

/* Either end may send: a passive pair between equal ends loses the same both ways. */
START_TEST(a_loop_loses_the_same_from_both_ends)
{
    const struct copper_wave thin = copper_cable_wave(&copper_cables[RNET_CABLE_PE_040], 5e5);
    const struct copper_wave wide = copper_cable_wave(&copper_cables[RNET_CABLE_PE_063], 5e5);
    struct copper_chain ahead = copper_chain_start(), back = copper_chain_start();

    copper_chain_section(&ahead, &thin, 0.5);
    copper_chain_tap(&ahead, &wide, 0.2);
    copper_chain_section(&ahead, &wide, 1.5);
    copper_chain_section(&back, &wide, 1.5);
    copper_chain_tap(&back, &wide, 0.2);
    copper_chain_section(&back, &thin, 0.5);
    ck_assert_double_eq_tol(copper_chain_gain(&ahead) / copper_chain_gain(&back), 1, 1e-9);
}
END_TEST

/* A quarter wave of open pair is a short: the tap's notch stands where its length says. */
START_TEST(a_bridged_tap_bites_where_it_is_a_quarter_wave)
{
    double worst_db = 0, worst_hz = 0;

    for (double f = 50e3; f < 1.1e6; f += 5e3) {
        const struct copper_wave wave = copper_cable_wave(&copper_cables[RNET_CABLE_PE_050], f);
        struct copper_chain chain = copper_chain_start();
        double db;

        copper_chain_section(&chain, &wave, 1);
        copper_chain_tap(&chain, &wave, 0.2);
        copper_chain_section(&chain, &wave, 1);
        db = 10 * log10(gain_of(RNET_CABLE_PE_050, 2, f) / copper_chain_gain(&chain));
        ck_assert_double_gt(db, -1.5); /* mismatched ends let a short tap help a little */
        if (db > worst_db) {
            worst_db = db;
            worst_hz = f;
        }
    }
    ck_assert_double_gt(worst_db, 6);
    {
        const struct copper_wave wave =
            copper_cable_wave(&copper_cables[RNET_CABLE_PE_050], worst_hz);

        ck_assert_double_eq_tol(cimag(wave.gamma_per_km) * 0.2, M_PI / 2, 0.1);
    }
}
END_TEST

START_TEST(crosstalk_couples_as_published)
{
    ck_assert_double_eq_tol(10 * log10(copper_next_ratio(24, 100e3)), -57.406, 0.0006);
    ck_assert_double_eq_tol(10 * log10(copper_next_ratio(24, 1e6)), -42.406, 0.0006);
    ck_assert_double_eq_tol(10 * log10(copper_next_ratio(49, 100e3)), -55.546, 0.0006);
    ck_assert_double_eq_tol(10 * log10(copper_next_ratio(49, 1e6)), -40.546, 0.0006);
    ck_assert_double_eq_tol(10 * log10(copper_fext_ratio(24, 1e6, 1000)), -37.669, 0.0006);
    ck_assert_double_eq_tol(10 * log10(copper_fext_ratio(1, 1e6, 1000)), -45.950, 0.0006);
    /* Trap: 7.74e-21 is the constant of one disturber. */
    ck_assert_double_eq_tol(copper_fext_ratio(1, 1, 1 / 3.28084), 7.744e-21, 1e-24);
}
END_TEST

START_TEST(bits_are_the_whole_part_of_the_logarithm_and_at_most_15)
{
    for (double x = 1e-9; x < 1e9; x *= 1.01) {
        const double exact = floor(log2(1 + x));

        ck_assert_uint_eq(copper_bits(x), exact < 15 ? (unsigned)exact : 15);
    }
    ck_assert_uint_eq(copper_bits(0), 0);
    ck_assert_uint_eq(copper_bits(1), 1);
    ck_assert_uint_eq(copper_bits(32767), 15);
    ck_assert_uint_eq(copper_bits(INFINITY), 15);
}
END_TEST

/* Mbit/s: ADSL2+ 33-511, ADSL2 33-255, uplink 7-31; standards.md §6.3. */
static const struct {
    enum rnet_cable cable;
    double km, fext, adsl2plus, adsl2, up;
} loadings[] = {
    {RNET_CABLE_PE_040, 1, 0, 28.740, 13.380, 1.500},
    {RNET_CABLE_PE_040, 1, 24, 15.088, 8.516, 1.464},
    {RNET_CABLE_PE_040, 2, 0, 19.916, 12.620, 1.500},
    {RNET_CABLE_PE_040, 2, 24, 12.564, 7.604, 1.400},
    {RNET_CABLE_PE_040, 3, 0, 8.640, 8.280, 1.500},
    {RNET_CABLE_PE_040, 3, 24, 6.644, 6.300, 1.348},
    {RNET_CABLE_PE_040, 4, 0, 3.748, 3.748, 1.472},
    {RNET_CABLE_PE_040, 4, 24, 3.380, 3.380, 1.292},
    {RNET_CABLE_PE_040, 5, 0, 1.496, 1.496, 1.192},
    {RNET_CABLE_PE_040, 5, 24, 1.464, 1.464, 1.136},
    {RNET_CABLE_PE_040, 6, 0, 0.444, 0.444, 0.852},
    {RNET_CABLE_PE_040, 6, 24, 0.440, 0.440, 0.836},
    {RNET_CABLE_PE_050, 1, 0, 28.740, 13.380, 1.500},
    {RNET_CABLE_PE_050, 1, 24, 15.088, 8.516, 1.464},
    {RNET_CABLE_PE_050, 2, 0, 25.284, 13.380, 1.500},
    {RNET_CABLE_PE_050, 2, 24, 13.152, 7.624, 1.400},
    {RNET_CABLE_PE_050, 3, 0, 14.836, 11.276, 1.500},
    {RNET_CABLE_PE_050, 3, 24, 9.928, 7.028, 1.356},
    {RNET_CABLE_PE_050, 4, 0, 7.720, 7.596, 1.500},
    {RNET_CABLE_PE_050, 4, 24, 5.804, 5.688, 1.320},
    {RNET_CABLE_PE_050, 5, 0, 4.248, 4.248, 1.500},
    {RNET_CABLE_PE_050, 5, 24, 3.532, 3.532, 1.280},
    {RNET_CABLE_PE_050, 6, 0, 2.320, 2.320, 1.464},
    {RNET_CABLE_PE_050, 6, 24, 2.104, 2.104, 1.248},
};

START_TEST(loading_gives_the_published_rates)
{
    struct rnet_copper copper =
        laboratory(RNET_DSL_ADSL2PLUS, loadings[_i].cable, loadings[_i].km, loadings[_i].fext);
    struct rnet_copper_result result = solve(&copper);

    ck_assert_uint_eq(result.direction[RNET_DOWN].gross_bps,
                      (uint64_t)llround(loadings[_i].adsl2plus * 1e6));
    ck_assert_uint_eq(result.direction[RNET_UP].gross_bps,
                      (uint64_t)llround(loadings[_i].up * 1e6));
    copper.dsl = RNET_DSL_ADSL2;
    result = solve(&copper);
    ck_assert_uint_eq(result.direction[RNET_DOWN].gross_bps,
                      (uint64_t)llround(loadings[_i].adsl2 * 1e6));
}
END_TEST

/* Mbit/s of standards.md §6.4's calibrated model (-133 dBm/Hz, 4 disturbers, no coding gain) over
 * the French loops, metres of 0.4 and 0.6 mm. Its ADSL column loads as ADSL2 does, up to 8.128. */
static const struct {
    double thin_m, wide_m, adsl, adsl2plus;
} calibrated[] = {
    {170, 0, 8.128, 20.948},   {458, 0, 8.128, 18.232},    {730, 0, 8.128, 17.016},
    {698, 340, 8.128, 15.952}, {1158, 143, 8.128, 15.344}, {679, 1751, 7.796, 12.448},
    {2540, 0, 6.724, 7.328},   {1240, 2669, 5.080, 5.080}, {0, 5004, 4.124, 4.124},
    {0, 5755, 2.924, 2.924},
};

START_TEST(the_calibrated_model_gives_the_sheet_s_rates)
{
    struct rnet_copper copper = laboratory(RNET_DSL_ADSL2PLUS, RNET_CABLE_PE_040, 0, 4);
    double adsl;

    copper.noise_dbm_hz = -133;
    copper.coding_gain_db = 0;
    copper.sections = 2;
    copper.section[0].length_m = calibrated[_i].thin_m;
    copper.section[1] =
        (struct rnet_copper_section){calibrated[_i].wide_m, RNET_CABLE_PE_063, false};
    ck_assert_uint_eq(solve(&copper).direction[RNET_DOWN].gross_bps,
                      (uint64_t)llround(calibrated[_i].adsl2plus * 1e6));
    copper.dsl = RNET_DSL_ADSL2;
    adsl = (double)solve(&copper).direction[RNET_DOWN].gross_bps;
    ck_assert_double_eq_tol(adsl < 8.128e6 ? adsl : 8.128e6, calibrated[_i].adsl * 1e6, 1);
}
END_TEST

/* dBm of a PSD over a plan's tones in one direction: standards.md §6.3. */
static double
total_dbm(enum rnet_dsl dsl, enum rnet_direction way)
{
    const struct copper_plan *plan = &copper_plans[dsl];
    double milliwatts = 0;

    for (uint32_t i = 0; i < plan->band_count; i++)
        if (plan->bands[i].way == way)
            milliwatts += (plan->bands[i].last - plan->bands[i].first + 1) * 4312.5 *
                          pow(10, plan->bands[i].first_dbm_hz / 10);
    return 10 * log10(milliwatts);
}

START_TEST(plans_send_the_published_total_power)
{
    ck_assert_double_eq_tol(total_dbm(RNET_DSL_ADSL, RNET_DOWN), 19.83, 0.005);
    ck_assert_double_eq_tol(total_dbm(RNET_DSL_ADSL2PLUS, RNET_DOWN), 23.15, 0.005);
    ck_assert_double_eq_tol(total_dbm(RNET_DSL_ADSL, RNET_UP), 12.33, 0.005);
    /* Annex M spreads about the power of Annex A over more tones. */
    ck_assert_double_eq_tol(total_dbm(RNET_DSL_ADSL2PLUS_M, RNET_UP), 12.33, 0.7);
}
END_TEST

/* (Qinv(1e-7 / 2))^2 / 3, from which 9.75 is rounded. */
START_TEST(the_gap_is_that_of_an_error_rate_of_1e_7)
{
    const double q = gsl_cdf_ugaussian_Qinv(1e-7 / 2);

    ck_assert_double_eq_tol(10 * log10(q * q / 3), 9.758, 0.001);
    ck_assert_double_eq_tol(COPPER_GAP_DB, 9.758, 0.01);
}
END_TEST

/* French planning over the unscaled cables: standards.md §6.1. */
START_TEST(planning_figures_stand_above_the_cables_as_published)
{
    static const struct {
        enum rnet_cable cable;
        double factor;
    } checks[] = {{RNET_CABLE_PE_040, 1.0531},
                  {RNET_CABLE_PE_050, 1.1601},
                  {RNET_CABLE_PE_063, 1.2142},
                  {RNET_CABLE_PE_090, 1.2951}};

    for (int i = 0; i < 4; i++) {
        const struct copper_wave wave = copper_cable_wave(&copper_cables[checks[i].cable], 300e3);

        ck_assert_double_eq_tol(rnet_cable_planning_db_per_km(checks[i].cable) /
                                    (8.685889638 * creal(wave.gamma_per_km)),
                                checks[i].factor, 0.0001);
    }
}
END_TEST

START_TEST(tones_carry_the_published_bits)
{
    static const struct {
        unsigned tone, bits;
    } tones[] = {{33, 15}, {64, 15}, {100, 12}, {128, 10}, {160, 8}, {200, 6}};
    const struct rnet_copper copper = laboratory(RNET_DSL_ADSL2PLUS, RNET_CABLE_PE_040, 3, 0);
    const struct rnet_copper_result result = solve(&copper);

    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(result.bits[tones[i].tone], tones[i].bits);
    ck_assert_uint_eq(result.way[31], RNET_UP);
    ck_assert_uint_eq(result.way[32], RNET_DIRECTIONS);
    ck_assert_uint_eq(result.way[33], RNET_DOWN);
}
END_TEST

START_TEST(a_very_long_loop_has_a_rate_of_nothing_not_nonsense)
{
    for (int dsl = 0; dsl < RNET_DSL_COUNT; dsl++) {
        const struct rnet_copper copper = laboratory((enum rnet_dsl)dsl, RNET_CABLE_PE_032, 20, 0);
        const struct rnet_copper_result result = solve(&copper);

        ck_assert_uint_eq(result.direction[RNET_DOWN].rate_bps, 0);
        ck_assert_uint_eq(result.direction[RNET_DOWN].p90_bps, 0);
        ck_assert(isfinite(result.direction[RNET_DOWN].attenuation_db));
    }
}
END_TEST

START_TEST(longer_noisier_or_fuller_never_helps)
{
    uint64_t last = UINT64_MAX;

    for (double km = 0.1; km < 7; km += 0.1) {
        struct rnet_copper copper = rnet_copper_default((enum rnet_dsl)_i);
        struct rnet_copper_result near, noisy, full;

        copper.sections = 1;
        copper.section[0] = (struct rnet_copper_section){km * 1000, RNET_CABLE_PE_050, false};
        near = solve(&copper);
        ck_assert_uint_le(near.direction[RNET_DOWN].p10_bps, near.direction[RNET_DOWN].p50_bps);
        ck_assert_uint_le(near.direction[RNET_DOWN].p50_bps, near.direction[RNET_DOWN].p90_bps);
        /* FEXT grows with length while a short loop hardly loses signal: exact order only from
         * where attenuation rules. */
        if (km > 1)
            ck_assert_uint_le(near.direction[RNET_DOWN].rate_bps, last);
        last = near.direction[RNET_DOWN].rate_bps;
        copper.noise_dbm_hz += 5;
        noisy = solve(&copper);
        ck_assert_uint_le(noisy.direction[RNET_DOWN].rate_bps, near.direction[RNET_DOWN].rate_bps);
        copper.fext = 24;
        copper.next = 10;
        full = solve(&copper);
        ck_assert_uint_le(full.direction[RNET_DOWN].rate_bps, noisy.direction[RNET_DOWN].rate_bps);
        ck_assert_uint_le(full.direction[RNET_UP].rate_bps, noisy.direction[RNET_UP].rate_bps);
    }
}
END_TEST

/* Loading every tone by the definition, one scenario at a time, must give the point. */
START_TEST(the_point_is_what_the_definition_gives)
{
    struct rnet_copper copper = rnet_copper_default(RNET_DSL_ADSL2PLUS);
    struct rnet_copper_result result;
    double bits = 0;

    copper.sections = 2;
    copper.section[0] = (struct rnet_copper_section){1000, RNET_CABLE_PE_040, false};
    copper.section[1] = (struct rnet_copper_section){1500, RNET_CABLE_PE_063, false};
    result = solve(&copper);
    for (int tone = 33; tone <= 511; tone++) {
        const double f = tone * 4312.5, psd = pow(10, -4.0);
        struct copper_wave thin = copper_cable_wave(&copper_cables[RNET_CABLE_PE_040], f);
        struct copper_wave wide = copper_cable_wave(&copper_cables[RNET_CABLE_PE_063], f);
        double complex a = ccosh(thin.gamma_per_km), b = thin.z0_ohm * csinh(thin.gamma_per_km);
        double complex c = csinh(thin.gamma_per_km) / thin.z0_ohm;
        double complex e = ccosh(1.5 * wide.gamma_per_km),
                       g = wide.z0_ohm * csinh(1.5 * wide.gamma_per_km);
        double complex k = csinh(1.5 * wide.gamma_per_km) / wide.z0_ohm;
        double complex h = 200 / ((a * e + b * k) * 100 + a * g + b * e + (c * e + a * k) * 1e4 +
                                  (c * g + a * e) * 100);
        double gain = cabs(h) * cabs(h);
        double noise = pow(10, copper.noise_dbm_hz / 10) +
                       psd * gain * 8e-20 * pow(copper.fext / 49, 0.6) * f * f * 3.28084 * 2500;
        double capacity =
            floor(log2(1 + psd * gain / noise / pow(10, (9.75 + 6 - copper.coding_gain_db) / 10)));

        bits += capacity < 15 ? capacity : 15;
    }
    ck_assert_double_eq_tol((double)result.direction[RNET_DOWN].gross_bps, 4000 * bits, 1);
}
END_TEST

/* Interpolated gains against every tone computed: metres of 0.4 and of another cable. */
static const struct {
    double thin_m, other_m;
    enum rnet_cable other;
    const char *why;
} gridded[] = {
    {30, 0, RNET_CABLE_PE_040, "hardly any pair"},
    {50, 20, RNET_CABLE_DWUG, "mismatch close to both ends: the slowest ripple"},
    {200, 300, RNET_CABLE_PE_063, "a usual VDSL2 pair"},
    {1500, 100, RNET_CABLE_PE_032, "the cable whose inductance falls steepest"},
    {100, 900, RNET_CABLE_CAD55, "capacitance that depends on frequency"},
    {3000, 1000, RNET_CABLE_AWG_26, "steep"},
    {0, 0, RNET_CABLE_PE_040, "no pair at all"},
};

START_TEST(interpolated_gains_are_those_of_every_tone)
{
    struct rnet_copper copper = laboratory(RNET_DSL_VDSL2, RNET_CABLE_PE_040, 0, 0);
    static double gain[RNET_COPPER_TONES];
    double worst_db = 0;

    copper.section[0].length_m = gridded[_i].thin_m;
    copper.section[1] = (struct rnet_copper_section){gridded[_i].other_m, gridded[_i].other, false};
    copper.sections = 2;
    ck_assert_int_eq(copper_prepare(solver, &copper), RNET_OK);
    copper_gains(solver, &copper, 7, 4095, gain);
    for (uint32_t tone = 7; tone <= 4095; tone++) {
        const double f = tone * RNET_COPPER_TONE_HZ;
        const struct copper_wave thin = copper_cable_wave(&copper_cables[RNET_CABLE_PE_040], f);
        const struct copper_wave other = copper_cable_wave(&copper_cables[gridded[_i].other], f);
        struct copper_chain chain = copper_chain_start();
        double exact_db;

        copper_chain_section(&chain, &thin, gridded[_i].thin_m / 1000);
        copper_chain_section(&chain, &other, gridded[_i].other_m / 1000);
        exact_db = 10 * log10(copper_chain_gain(&chain));
        if (exact_db > -120) /* below, no tone carries a bit */
            worst_db = fmax(worst_db, fabs(10 * log10(gain[tone]) - exact_db));
    }
    ck_assert_msg(worst_db <= 0.01, "%s: %.4f dB", gridded[_i].why, worst_db);
}
END_TEST

START_TEST(notches_of_taps_are_not_jumped_over)
{
    struct rnet_copper copper = laboratory(RNET_DSL_VDSL2, RNET_CABLE_PE_050, 0.3, 0);
    static double gain[RNET_COPPER_TONES];
    const struct copper_cable *cable = &copper_cables[RNET_CABLE_PE_050];

    copper.section[1] = (struct rnet_copper_section){150, RNET_CABLE_PE_050, true};
    copper.section[2] = copper.section[0];
    copper.sections = 3;
    ck_assert_int_eq(copper_prepare(solver, &copper), RNET_OK);
    copper_gains(solver, &copper, 7, 4095, gain);
    for (uint32_t tone = 7; tone <= 4095; tone++) {
        const struct copper_wave wave = copper_cable_wave(cable, tone * RNET_COPPER_TONE_HZ);
        struct copper_chain chain = copper_chain_start();

        copper_chain_section(&chain, &wave, 0.3);
        copper_chain_tap(&chain, &wave, 0.15);
        copper_chain_section(&chain, &wave, 0.3);
        ck_assert_double_eq_tol(gain[tone] / copper_chain_gain(&chain), 1, 1e-9);
    }
}
END_TEST

/* One scenario's downlink by the definition, every tone and nothing shared with the solver. */
static double
scenario_bps(const struct rnet_copper *copper, unsigned scenario)
{
    const struct copper_plan *plan = &copper_plans[copper->dsl];
    const struct copper_scenarios *all = &solver->scenarios;
    double bits = 0;

    for (uint32_t i = 0; i < plan->band_count; i++)
        for (uint32_t t = plan->bands[i].first;
             plan->bands[i].way == RNET_DOWN && t <= plan->bands[i].last; t++) {
            const struct copper_band *band = &plan->bands[i];
            const double f = t * 4312.5,
                         share = (double)(t - band->first) / (band->last - band->first);
            const double psd = pow(
                10, (band->first_dbm_hz + share * (band->last_dbm_hz - band->first_dbm_hz)) / 10);
            const double gain =
                pow(gain_of(copper->section[0].cable, copper->section[0].length_m / 1000, f),
                    solver->level[all->level[scenario]]);
            const double noise =
                pow(10, copper->noise_dbm_hz / 10) * all->noise[scenario] +
                psd * gain * all->disturbers[scenario] *
                    copper_fext_ratio(copper->fext, f, copper->section[0].length_m);
            const double snr = psd * gain / noise / pow(10, (15.75 - copper->coding_gain_db) / 10);
            const double whole = fmin(15, floor(log2(1 + snr)));

            bits += whole >= plan->min_bits ? whole : 0;
        }
    return fmin(4000 * bits - plan->overhead_bps, plan->cap_bps[RNET_DOWN]);
}

/* The band from a few tones of each stretch is that of all of them. */
START_TEST(the_band_is_that_of_every_tone)
{
    static const double km[] = {0.3, 0.8, 1.5, 3};
    static const enum rnet_dsl dsls[] = {RNET_DSL_ADSL2PLUS, RNET_DSL_VDSL2, RNET_DSL_VDSL2_8B};
    struct rnet_copper copper = rnet_copper_default(dsls[_i]);
    double rates[COPPER_SCENARIOS];

    copper.sections = 1;
    for (int i = 0; i < 4; i++) {
        struct rnet_copper_result result;

        copper.section[0] = (struct rnet_copper_section){km[i] * 1000, RNET_CABLE_PE_040, false};
        result = solve(&copper);
        for (unsigned k = 0; k < COPPER_SCENARIOS; k++)
            rates[k] = scenario_bps(&copper, k);
        gsl_sort(rates, 1, COPPER_SCENARIOS);
        for (int p = 0; p < 3; p++) {
            const double exact =
                gsl_stats_quantile_from_sorted_data(rates, 1, COPPER_SCENARIOS, 0.1 + 0.4 * p);
            const double band = (double)(p == 0   ? result.direction[RNET_DOWN].p10_bps
                                         : p == 1 ? result.direction[RNET_DOWN].p50_bps
                                                  : result.direction[RNET_DOWN].p90_bps);

            ck_assert_msg(fabs(band - exact) <= 0.01 * exact + 20e3, "%s %g km p%d: %g, exact %g",
                          rnet_dsl_name(dsls[_i]), km[i], 10 + 40 * p, band, exact);
        }
    }
}
END_TEST

/* Net is gross less R/N of it and framing (standards.md §6.3); an ADSL1 codeword of each symbol
 * loses 32 kbit/s of its cap for every check byte: 8128 without, 7616 with 16 (§6.5). */
START_TEST(check_bytes_cost_their_share)
{
    struct rnet_copper copper = rnet_copper_default(RNET_DSL_ADSL2PLUS);
    struct rnet_copper_result result;

    copper.sections = 1;
    copper.section[0] = (struct rnet_copper_section){3000, RNET_CABLE_PE_040, false};
    copper.check_bytes[RNET_DOWN] = 16;
    copper.codeword_bytes[RNET_DOWN] = 128;
    result = solve(&copper);
    ck_assert_uint_eq(result.direction[RNET_DOWN].rate_bps,
                      result.direction[RNET_DOWN].gross_bps / 8 * 7 - 16000);
    ck_assert_uint_eq(result.direction[RNET_UP].rate_bps,
                      result.direction[RNET_UP].gross_bps - 16000 < 1300000
                          ? result.direction[RNET_UP].gross_bps - 16000
                          : 1300000);
    copper.dsl = RNET_DSL_ADSL;
    copper.section[0].length_m = 500;
    copper.codeword_bytes[RNET_DOWN] = 255;
    ck_assert_uint_eq(solve(&copper).direction[RNET_DOWN].rate_bps, 7616000);
    copper.check_bytes[RNET_DOWN] = 0;
    ck_assert_uint_eq(solve(&copper).direction[RNET_DOWN].rate_bps, 8128000);
}
END_TEST

START_TEST(what_is_out_of_range_is_refused_with_words)
{
    struct rnet_copper copper = laboratory(RNET_DSL_ADSL2PLUS, RNET_CABLE_PE_040, 1, 0);
    struct rnet_copper_result result;
    struct rnet_error err = {0};

    switch (_i) {
    case 0:
        copper.sections = 0;
        break;
    case 1:
        copper.sections = 9;
        break;
    case 2:
        copper.section[0].length_m = NAN;
        break;
    case 3:
        copper.section[0].length_m = -1;
        break;
    case 4:
        copper.section[0].cable = RNET_CABLE_COUNT;
        break;
    case 5:
        copper.dsl = RNET_DSL_COUNT;
        break;
    case 6:
        copper.noise_dbm_hz = INFINITY;
        break;
    case 7:
        copper.fext = -1;
        break;
    case 8:
        copper.margin_db[RNET_UP] = NAN;
        break;
    case 9:
        copper.next_kind = RNET_DISTURBER_COUNT;
        break;
    case 11:
        copper.check_bytes[RNET_UP] = copper.codeword_bytes[RNET_UP] = 16;
        break;
    case 12:
        copper.check_bytes[RNET_DOWN] = 17;
        break;
    case 10:
        copper.sections = 2;
        copper.section[0].length_m = copper.section[1].length_m = 15000;
        break;
    }
    ck_assert_int_eq(rnet_copper_solve(solver, &copper, &result, &err), RNET_EINVAL);
    ck_assert_uint_gt(strlen(err.message), 10);
}
END_TEST

START_TEST(every_failed_allocation_is_reported_and_survived)
{
    struct rnet_copper copper = laboratory(RNET_DSL_ADSL2PLUS, RNET_CABLE_PE_040, 1, 0);
    enum rnet_status status = RNET_ENOMEM;

    for (uint64_t n = 1; status != RNET_OK; n++) {
        struct rnet_copper_solver *fresh = NULL;
        struct rnet_copper_result result;

        ck_assert_uint_lt(n, 100);
        rnet_alloc_fail_at(n);
        status = rnet_copper_solver_new(&fresh);
        if (status == RNET_OK)
            status = rnet_copper_solve(fresh, &copper, &result, NULL);
        rnet_alloc_fail_at(0);
        rnet_copper_solver_free(fresh);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link copper");
    TCase *tcase = tcase_create("copper");

    tcase_add_checked_fixture(tcase, make_solver, drop_solver);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, cables_attenuate_as_published, 0, 6);
    tcase_add_loop_test(tcase, impedances_at_300_khz_are_the_published_ones, 0, 4);
    tcase_add_test(tcase, resistance_and_inductance_at_300_khz_are_the_published_ones);
    tcase_add_loop_test(tcase, loops_between_100_ohm_lose_what_was_published, 0,
                        sizeof losses / sizeof losses[0]);
    tcase_add_test(tcase, voltage_over_24_awg_is_the_published_one);
    tcase_add_loop_test(tcase, a_cut_anywhere_changes_nothing, 0, 11);
    tcase_add_test(tcase, a_loop_loses_the_same_from_both_ends);
    tcase_add_test(tcase, a_bridged_tap_bites_where_it_is_a_quarter_wave);
    tcase_add_test(tcase, crosstalk_couples_as_published);
    tcase_add_test(tcase, bits_are_the_whole_part_of_the_logarithm_and_at_most_15);
    tcase_add_loop_test(tcase, loading_gives_the_published_rates, 0,
                        sizeof loadings / sizeof loadings[0]);
    tcase_add_loop_test(tcase, the_calibrated_model_gives_the_sheet_s_rates, 0,
                        sizeof calibrated / sizeof calibrated[0]);
    tcase_add_test(tcase, plans_send_the_published_total_power);
    tcase_add_test(tcase, the_gap_is_that_of_an_error_rate_of_1e_7);
    tcase_add_test(tcase, planning_figures_stand_above_the_cables_as_published);
    tcase_add_test(tcase, tones_carry_the_published_bits);
    tcase_add_test(tcase, a_very_long_loop_has_a_rate_of_nothing_not_nonsense);
    tcase_add_loop_test(tcase, longer_noisier_or_fuller_never_helps, 0, RNET_DSL_COUNT);
    tcase_add_test(tcase, the_point_is_what_the_definition_gives);
    tcase_add_loop_test(tcase, interpolated_gains_are_those_of_every_tone, 0,
                        sizeof gridded / sizeof gridded[0]);
    tcase_add_test(tcase, notches_of_taps_are_not_jumped_over);
    tcase_add_loop_test(tcase, the_band_is_that_of_every_tone, 0, 3);
    tcase_add_test(tcase, check_bytes_cost_their_share);
    tcase_add_loop_test(tcase, what_is_out_of_range_is_refused_with_words, 0, 13);
    tcase_add_test(tcase, every_failed_allocation_is_reported_and_survived);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
