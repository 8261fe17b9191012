/* Copper, for neighbours inside lib/link: cables, tone plans, crosstalk, loading. */
#ifndef RNET_LINK_COPPER_H
#define RNET_LINK_COPPER_H

#include "base/base.h"

#include <ruralnet/copper.h>

#include <complex.h>

/* The published model of a cable, per km; see cable.c. */
struct copper_cable {
    const char *name;
    const char *alias;
    double r0c, ac; /* ohm, ohm^4/Hz^2 */
    double l0_h, linf_h, fm_hz, b;
    double cinf_f, c0_f, ce;
    double g0_s, ge;
    double planning_db_per_km; /* French figure at 300 kHz; NAN = none */
};

extern const struct copper_cable copper_cables[RNET_CABLE_COUNT];

/* Propagation constant per km and characteristic impedance. */
struct copper_wave {
    double complex gamma_per_km;
    double complex z0_ohm;
};

struct copper_wave
copper_cable_wave(const struct copper_cable *cable, double f_hz);

/* A chain matrix from the exchange to the office. */
struct copper_chain {
    double complex a, b, c, d;
};

struct copper_chain
copper_chain_start(void);
void
copper_chain_section(struct copper_chain *chain, const struct copper_wave *wave, double km);
void
copper_chain_tap(struct copper_chain *chain, const struct copper_wave *wave, double km);
/* Power insertion gain between 100 ohm ends. */
double
copper_chain_gain(const struct copper_chain *chain);

/* A stretch of tones that one direction uses; PSD straight in dB between its ends. */
struct copper_band {
    uint32_t first, last;
    enum rnet_direction way;
    double first_dbm_hz, last_dbm_hz;
};

/* What a technology is allowed to do. */
struct copper_plan {
    const char *name;
    const struct copper_band *bands;
    uint32_t band_count;
    uint32_t tone_count;
    uint32_t grid_from; /* tone from which gains are interpolated; 0 = none is */
    uint32_t pilot;     /* tone without data; 0 = none */
    unsigned min_bits;  /* fewer are not used */
    double coding_gain_db;
    double overhead_bps;                    /* framing */
    double check_byte_bps[RNET_DIRECTIONS]; /* what each takes off a cap that codewords set */
    double cap_bps[RNET_DIRECTIONS];
};

extern const struct copper_plan copper_plans[RNET_DSL_COUNT];

/* Power coupling of N like disturbers, 1 % worst case. */
double
copper_next_ratio(double disturbers, double f_hz);
double
copper_fext_ratio(double disturbers, double f_hz, double length_m); /* |H|^2 not included */
double
copper_disturber_psd_w_hz(enum rnet_disturber kind, double f_hz);

#define COPPER_GAP_DB 9.75 /* uncoded QAM at an error rate of 1e-7 */
#define COPPER_MAX_BITS 15
#define COPPER_SYMBOLS_PER_S 4000

/* What a pair may really be, drawn once for every solver. */
#define COPPER_SCENARIOS 30
#define COPPER_CABLE_LEVELS                                                                        \
    5 /* the cable's share is taken at this many quantiles of equal weight */

/* Arrays side by side, so that a tone is loaded for several scenarios at once. */
struct copper_scenarios {
    double noise[COPPER_SCENARIOS];      /* factor of the point's */
    double disturbers[COPPER_SCENARIOS]; /* factor */
    unsigned level[COPPER_SCENARIOS];
    bool interleaved[COPPER_SCENARIOS];
};

/* Standard deviations towards better lines and towards worse. */
struct copper_spreads {
    double noise_db[2];
    double disturbers_db[2]; /* of their number */
    double cable[2];         /* of the attenuation, relative */
};

extern const struct copper_spreads copper_spreads;

struct copper_solver_cable {
    struct copper_wave *wave; /* by tone */
    uint32_t tones;
};

struct rnet_copper_solver {
    struct copper_solver_cable cable[RNET_CABLE_COUNT];
    struct copper_scenarios scenarios;
    double level[COPPER_CABLE_LEVELS]; /* factor of the attenuation in dB */
};

/* @return RNET_OK, RNET_ENOMEM. */
enum rnet_status
copper_make_scenarios(struct rnet_copper_solver *solver, const struct copper_spreads *spreads);

/* Cable tables for a pair; the next three need them. @return RNET_OK, RNET_ENOMEM. */
enum rnet_status
copper_prepare(struct rnet_copper_solver *solver, const struct rnet_copper *copper);
/* Power gain on tones first to last, at gain[tone]: exact on every copper_grid_step()th tone,
 * within 0.01 dB of it between. */
uint32_t
copper_grid_step(const struct copper_plan *plan, uint32_t tone);
void
copper_gains(const struct rnet_copper_solver *solver, const struct rnet_copper *copper,
             uint32_t first, uint32_t last, double *gain);
double
copper_attenuation_db(const struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                      enum rnet_direction way);
/* The point, without its band. */
double
copper_point_bps(const struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                 enum rnet_direction way);

/* Whole bits an SNR carries: min(15, floor(log2(1 + snr / gap))). */
unsigned
copper_bits(double snr_over_gap);

#endif
