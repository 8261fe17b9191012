/**
 * Copper: from a telephone pair to the rate a modem pair would sync at.
 *
 *     struct rnet_copper copper = rnet_copper_default(RNET_DSL_ADSL2PLUS);
 *     copper.section[0] = (struct rnet_copper_section){3200, RNET_CABLE_PE_040, false};
 *     copper.sections = 1;
 *     if (rnet_copper_solver_new(&solver) == RNET_OK &&
 *         rnet_copper_solve(solver, &copper, &result, &err) == RNET_OK)
 *         printf("%" PRIu64 "\n", result.direction[RNET_DOWN].rate_bps);
 *     rnet_copper_solver_free(solver);
 *
 * Published tables of rate against length differ by 1.5 to 2: a rate comes as the point of the
 * stated model, and a band over noise, disturbers and what is not known of the cable.
 */
#ifndef RURALNET_COPPER_H
#define RURALNET_COPPER_H

#include <ruralnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rnet_dsl {
    RNET_DSL_ADSL = 0,        /**< G.992.1 Annex A */
    RNET_DSL_ADSL2 = 1,       /**< G.992.3 Annex A */
    RNET_DSL_READSL2 = 2,     /**< G.992.3 Annex L */
    RNET_DSL_ADSL2PLUS = 3,   /**< G.992.5 Annex A */
    RNET_DSL_ADSL2PLUS_M = 4, /**< G.992.5 Annex M */
    RNET_DSL_VDSL2 = 5,       /**< G.993.2 profile 17a */
    RNET_DSL_VDSL2_8B = 6,    /**< G.993.2 profile 8b */
    RNET_DSL_COUNT
};

enum rnet_cable {
    RNET_CABLE_PE_032 = 0, /**< polyethylene, 0.32 mm */
    RNET_CABLE_PE_040 = 1,
    RNET_CABLE_PE_050 = 2,
    RNET_CABLE_PE_063 = 3, /**< the French "0.6" */
    RNET_CABLE_PE_090 = 4, /**< the French "0.8" */
    RNET_CABLE_AWG_26 = 5,
    RNET_CABLE_AWG_24 = 6,
    RNET_CABLE_DWUG = 7, /**< British dropwire */
    RNET_CABLE_CAD55 = 8,
    RNET_CABLE_COUNT
};

/** What else is in the binder and reaches into this line's band. */
enum rnet_disturber {
    RNET_DISTURBER_HDSL = 0, /**< 2B1Q, 784 kbit/s a pair */
    RNET_DISTURBER_ISDN = 1, /**< 2B1Q basic access */
    RNET_DISTURBER_COUNT
};

#define RNET_COPPER_SECTIONS 8
#define RNET_COPPER_TONES 4096
#define RNET_COPPER_TONE_HZ 4312.5

/** A length of cable from the exchange towards the office. */
struct rnet_copper_section {
    double length_m; /**< 0..20 000 */
    enum rnet_cable cable;
    bool is_tap; /**< open at its end, hung between the neighbouring sections */
};

/** A pair, what disturbs it, and how the modems use it. */
struct rnet_copper {
    enum rnet_dsl dsl;
    struct rnet_copper_section section[RNET_COPPER_SECTIONS];
    uint32_t sections;
    struct rnet_copper_section other; /**< what the whole pair may be instead, when its cable is
                                           not known: the band covers both; length 0 = known */
    double noise_dbm_hz;              /**< steady noise at both ends */
    double fext;                      /**< disturbers of the line's own kind in the binder */
    double next;                      /**< disturbers of another kind */
    enum rnet_disturber next_kind;
    double margin_db[RNET_DIRECTIONS]; /**< noise margin kept */
    double coding_gain_db; /**< net of the redundancy it costs, unless that is stated: */
    uint32_t check_bytes[RNET_DIRECTIONS];    /**< R of a Reed-Solomon codeword, 0..16 */
    uint32_t codeword_bytes[RNET_DIRECTIONS]; /**< N, check bytes included, 2..255 and more than R;
                                                   0 = not stated */
    bool rate_is_reported; /**< the noise was chosen so that a reported rate comes out */
    uint64_t cap_bps[RNET_DIRECTIONS]; /**< profile of the offer; 0 = the technology's own */
};

struct rnet_copper_direction {
    uint64_t gross_bps; /**< 4000 times the bits loaded */
    uint64_t rate_bps;  /**< net of framing, and capped: the point */
    uint64_t p10_bps;   /**< 10th, 50th and 90th percentile of the band */
    uint64_t p50_bps;
    uint64_t p90_bps;
    double attenuation_db; /**< of the total power over the band, as modems report (G.992.3
                                8.12.3.1, from memory: the mean of |H|^2 over its tones) */
    uint32_t tones;        /**< that carry bits */
};

struct rnet_copper_result {
    struct rnet_copper_direction direction[RNET_DIRECTIONS];
    double length_m;              /**< taps not counted */
    double attenuation_300khz_db; /**< insertion loss of the pair at 300 kHz */
    double planning_db;           /**< French planning figure at 300 kHz; NAN where it has none */
    uint32_t tone_count;          /**< of the technology */
    uint8_t bits[RNET_COPPER_TONES]; /**< loaded on each tone */
    uint8_t way[RNET_COPPER_TONES];  /**< enum rnet_direction, or RNET_DIRECTIONS: unused */
};

/** What one tone hears at the far end of the pair. Unused tones are NAN throughout. */
struct rnet_copper_tone {
    double sent_dbm_hz;     /**< PSD sent */
    double received_dbm_hz; /**< and what of it arrives */
    double noise_dbm_hz;    /**< background, FEXT and NEXT together */
    double snr_db;
};

struct rnet_copper_solver;

/** The stated model: what holds when only the cable is known. */
RNET_API struct rnet_copper
rnet_copper_default(enum rnet_dsl dsl);

/** The name of a technology, a cable (e.g. "0.4mm") or a disturber; static storage. */
RNET_API const char *
rnet_dsl_name(enum rnet_dsl dsl);
RNET_API const char *
rnet_cable_name(enum rnet_cable cable);
RNET_API const char *
rnet_disturber_name(enum rnet_disturber kind);

/** The French planning figure at 300 kHz, in dB/km; NAN where there is none. */
RNET_API double
rnet_cable_planning_db_per_km(enum rnet_cable cable);

/** A solver holds cable tables; one for each thread. @return RNET_OK, RNET_ENOMEM. */
RNET_API enum rnet_status
rnet_copper_solver_new(struct rnet_copper_solver **solver);
RNET_API void
rnet_copper_solver_free(struct rnet_copper_solver *solver);

/**
 * Point, band and bit loading of a pair.
 * @return RNET_OK; RNET_EINVAL (out of range; err says what); RNET_ENOMEM. The result is untouched
 *         on failure.
 */
RNET_API enum rnet_status
rnet_copper_solve(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                  struct rnet_copper_result *result, struct rnet_error *err);

/**
 * What stands behind the bit loading of the point, tone by tone.
 * @param tones  RNET_COPPER_TONES of them.
 * @return as rnet_copper_solve().
 */
RNET_API enum rnet_status
rnet_copper_tones(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                  struct rnet_copper_tone *tones, struct rnet_error *err);

#ifdef __cplusplus
}
#endif
#endif
