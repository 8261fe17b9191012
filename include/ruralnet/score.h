/**
 * Scores: pure functions from what the network did to what people would say of it.
 *
 * Each is in a file of its own in lib/quality, with its source. None fails: values
 * out of range are clamped to the range the source gives. Marks: (v) verified against public
 * implementations, (m) from memory of the standard; see docs/quality.md.
 */
#ifndef RURALNET_SCORE_H
#define RURALNET_SCORE_H

#include <ruralnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Inputs of the E-model, ITU-T G.107 (v). Start from rnet_emodel_defaults(). */
struct rnet_emodel {
    double slr_db, rlr_db;         /**< send and receive loudness ratings */
    double stmr_db;                /**< sidetone masking rating */
    double ds, dr;                 /**< D-factors, send and receive */
    double telr_db, wepl_db;       /**< talker echo loudness rating, weighted echo path loss */
    double echo_ms;                /**< T: mean one-way delay of the echo path */
    double round_trip_ms;          /**< Tr: in the four-wire loop */
    double delay_ms;               /**< Ta: absolute one-way delay */
    double qdu;                    /**< quantising distortion units */
    double ie, bpl;                /**< equipment impairment and robustness, see rnet_codec */
    double loss_percent;           /**< Ppl, after the jitter buffer */
    double burst_ratio;            /**< BurstR, at least 1 */
    double nc_dbm0p, nfor_dbmp;    /**< circuit noise, noise floor */
    double ps_dba, pr_dba;         /**< room noise, send and receive */
    double advantage;              /**< A */
    double delay_steepness;        /**< sT */
    double delay_threshold_ms;     /**< mT */
};

/** The default values of G.107 (R = 93.2). */
RNET_API struct rnet_emodel rnet_emodel_defaults(void);

/** Rating R by the complete computation of G.107. May be negative. */
RNET_API double rnet_emodel_r(const struct rnet_emodel *in);

/** Terms of the complete computation, for tests and for explaining a result. */
struct rnet_emodel_terms {
    double nos, pre, nor, nfo, no, ro, xolr, iolr, stmro, ist, g, y, z, iq, is, idte, rle, idle, idd,
        id, ie_eff, r;
};
RNET_API struct rnet_emodel_terms rnet_emodel_compute(const struct rnet_emodel *in);

/** Rating R of a digital call without echo: 93.2 - Idd - Ie_eff. */
RNET_API double rnet_emodel_r_simple(double delay_ms, double ie, double bpl, double loss_percent,
                                     double burst_ratio);

/** Delay impairment Idd of G.107. Defaults: steepness 1, threshold 100 ms. */
RNET_API double rnet_emodel_idd(double delay_ms, double steepness, double threshold_ms);

/** Effective equipment impairment Ie_eff of G.107. */
RNET_API double rnet_emodel_ie_eff(double ie, double bpl, double loss_percent, double burst_ratio);

/** The older short form of Cole and Rosenbluth (v), for comparison with published figures: its delay
 *  impairment, and R = 94.2 - Id - Ie. */
RNET_API double rnet_cole_rosenbluth_id(double delay_ms);
RNET_API double rnet_cole_rosenbluth_r(double delay_ms, double ie);

/** A call as a whole (Clark; constants v): what is perceived lags behind the rating, and the end counts
 *  more. Used by no verdict: verdicts count the time that is good enough. */
struct rnet_call_score {
    double mean_r; /**< time-averaged perceived rating */
    double end_r;  /**< the same as told at the end of the call */
};
/** @param r, seconds  ratings of successive windows and how long each lasts, count of them. NAN for
 *                     no time at all. */
RNET_API struct rnet_call_score rnet_call_score(const double *r, const double *seconds, size_t count);

/** MOS (1..4.5) of a rating R; G.107 Annex B, never below 1. */
RNET_API double rnet_mos_of_r(double r);
/** Rating R (6.5..100) of a MOS; the inverse of rnet_mos_of_r(). */
RNET_API double rnet_r_of_mos(double mos);
/** Percentage of users who would say "good or better", G.107 Annex B (m). */
RNET_API double rnet_good_or_better_percent(double r);
/** Percentage of users who would say "poor or worse", G.107 Annex B (m). */
RNET_API double rnet_poor_or_worse_percent(double r);
/** "very satisfied" … "not recommended": categories of G.109; static storage. */
RNET_API const char *rnet_r_category(double r);

/** Wideband (scale to 129) and fullband (148) ratings, G.107.1 and G.107.2 (m). */
RNET_API double rnet_emodel_r_wideband(double delay_ms, double ie_wb, double bpl_wb,
                                       double loss_percent);
RNET_API double rnet_mos_of_r_wideband(double r_wb);
RNET_API double rnet_mos_of_r_fullband(double r_fb);

/** A row of the table of codecs, G.113 Appendix I; static storage. */
struct rnet_codec {
    const char *id;         /**< e.g. "g711-plc" */
    const char *name;
    double ie, bpl;
    double frame_ms;        /**< of usual packets */
    double look_ahead_ms;
    const char *source;     /**< where Ie and Bpl come from, with its mark */
};
/** The index-th row; NULL past the end. */
RNET_API const struct rnet_codec *rnet_codec_at(size_t index);
/** A row by its id; NULL if there is none. */
RNET_API const struct rnet_codec *rnet_codec_find(const char *id);

/** Loss seen packet by packet: share lost and how it clusters. */
struct rnet_loss_pattern {
    double loss_percent;
    double burst_ratio; /**< mean burst over the mean burst of independent losses, at least 1 */
};
/** From a row of lost (true) and received (false) packets. */
RNET_API struct rnet_loss_pattern rnet_loss_pattern_of(const bool *lost, size_t count);
/** Of a two-state (Gilbert) chain: p = P(good to lost), q = P(lost to good). */
RNET_API struct rnet_loss_pattern rnet_loss_pattern_gilbert(double p, double q);

/** Coefficient sets of ITU-T G.1070, 1..5. */
#define RNET_G1070_SETS 5
/** Terms of the video function of G.1070, for tests and for explaining a result. */
struct rnet_g1070_terms {
    double ofr, iofr, dfr, icoding, dppl, vq;
};
/**
 * Video quality Vq (1..5) by ITU-T G.1070. Its sets are for screens up to VGA of its time: an aid
 * for ordering, never a verdict on today's video calls.
 * @param set 1..RNET_G1070_SETS; out of range counts as 5.
 */
RNET_API struct rnet_g1070_terms rnet_g1070_video(int set, double rate_kbps, double frames_per_s,
                                                  double loss_percent);

/** Video of one second, ITU-T P.1203.1 mode 0 for H.264 (v): O22, 1..5. */
RNET_API double rnet_p1203_video(double coded_pixels, double display_pixels, double rate_kbps,
                                 double frames_per_s, bool handheld);
enum rnet_audio_codec { RNET_AUDIO_AAC_LC, RNET_AUDIO_HE_AAC, RNET_AUDIO_MP2, RNET_AUDIO_AC3 };
/** Audio, ITU-T P.1203.2 (v): O21, 1..5. */
RNET_API double rnet_p1203_audio(enum rnet_audio_codec codec, double rate_kbps);

/** A stall of playback; the initial loading is one at media position 0. */
struct rnet_stall {
    double position_s; /**< in the media */
    double length_s;
};
/**
 * The closed-form part of ITU-T P.1203.3 (v for each term): derived from P.1203 and NOT compliant
 * with it, because the Recommendation's random-forest term is left out (its tables are licensed).
 */
struct rnet_p1203 {
    double o35;  /**< audiovisual quality over the session, 1..5 */
    double o23;  /**< stalling quality, 1..5 */
    double si;   /**< stalling factor, 0..1 */
    double mos;  /**< 0.02833052 + 0.98117059 * (1 + (O35 - 1) * SI) */
};
/** @param o21, o22 one value a second, seconds of them. All NAN for 0 seconds or out of memory. */
RNET_API struct rnet_p1203 rnet_p1203_session(const double *o21, const double *o22, size_t seconds,
                                              const struct rnet_stall *stalls, size_t stall_count);
/** Stalling factor SI alone. */
RNET_API double rnet_p1203_stalling(const struct rnet_stall *stalls, size_t count, double seconds);

/** Stall-only MOS for short videos, Hossfeld et al. 2011 (m): 1.5..5. */
RNET_API double rnet_stall_mos(double stalls, double mean_length_s);

/** Web MOS by ITU-T G.1030 Annex A, one page (m): 1..5.
 *  @param worst_s the time the user expects at worst: 6 fast, 15 medium, 60 slow context. */
RNET_API double rnet_web_mos(double page_s, double worst_s);
/** The same shape with constants of one's own: 5 up to best_s (above 0), 1 from worst_s on. */
RNET_API double rnet_web_mos_between(double t_s, double best_s, double worst_s);
/** The same shape for a two-page search session. */
RNET_API double rnet_web_search_mos(double session_s, double worst_s);
/** IQX: quality falls exponentially with the impairment (Fiedler 2010). */
RNET_API double rnet_iqx(double impairment, double alpha, double beta, double gamma);

/** Apdex: (satisfied + tolerating / 2) / all; satisfied within threshold_s, tolerating within four
 *  times that. NAN for count 0; a time of INFINITY is one that never ended. */
RNET_API double rnet_apdex(const double *times_s, size_t count, double threshold_s);
/** "excellent", "good", "fair", "poor", "unacceptable"; static storage. */
RNET_API const char *rnet_apdex_band(double apdex);

#ifdef __cplusplus
}
#endif
#endif
