/**
 * Quality: what people got, use by use, from the outcomes of a replay.
 *
 * A use is what a person (or a job) wanted from the line at once: a page, a call's ten seconds, a
 * file, a keystroke's echo. Which messages and datagrams make a use depends on the demand alone,
 * never on the line, so that the n-th use of one replay is the n-th use of every other replay of the
 * same demand, on any line and with any seed.
 *
 *     struct rnet_quality quality = {0};
 *     if (rnet_quality_measure(&demand, &outcomes, NULL, &quality, &err) == RNET_OK)
 *         for (size_t i = 0; i < quality.use_count; i++) …
 *     rnet_quality_clear(&quality);
 *
 * The scores behind it (E-model, G.1070, P.1203-derived, G.1030, …) are in <ruralnet/score.h>.
 */
#ifndef RURALNET_QUALITY_H
#define RURALNET_QUALITY_H

#include <ruralnet/base.h>
#include <ruralnet/demand.h>
#include <ruralnet/replay.h>
#include <ruralnet/usage.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is measured of a use; one unit each. Numbers are permanent. */
enum rnet_metric {
    RNET_METRIC_PAGE_S = 0,        /**< click to the last byte of everything it set off */
    RNET_METRIC_TRANSACTION_S = 1, /**< question to the end of its answer(s) */
    RNET_METRIC_TRANSFER_S = 2,    /**< beginning to end of a large transfer */
    RNET_METRIC_ECHO_MS = 3,       /**< input's way out and the first answer's way back */
    RNET_METRIC_VOICE_R = 4,       /**< E-model rating, 0..100; higher is better */
    RNET_METRIC_RATE_UP_KBPS = 5,  /**< delivered media; higher is better, see rnet_use */
    RNET_METRIC_RATE_DOWN_KBPS = 6,
    RNET_METRIC_DELAY_MS = 7,      /**< one way, the worse direction, 95th percentile */
    RNET_METRIC_JITTER_MS = 8,     /**< RFC 3550 interarrival jitter, mean, the worse direction */
    RNET_METRIC_LOSS_PERCENT = 9,  /**< packets lost, the worse direction */
    RNET_METRIC_STARTUP_S = 10,    /**< asking for media to its first picture or sound */
    RNET_METRIC_STALL_PERCENT = 11, /**< time stalled of time watched */
    RNET_METRIC_STALLS_PER_MIN = 12,
    RNET_METRIC_LAG_S = 13,        /**< how far behind its source a feed arrives */
    RNET_METRIC_JOB_H = 14,        /**< a background job, beginning to end */
    RNET_METRIC_COUNT
};

/** One row of the table of metrics; static storage. */
struct rnet_metric_info {
    enum rnet_metric metric;
    const char *id;   /**< stable identifier in criteria files and outputs, e.g. "page_s" */
    const char *name; /**< English words, e.g. "page completion time" */
    const char *unit; /**< e.g. "s"; "" for R */
    bool higher_is_better;
    double spread_ratio; /**< how far a repetition of the same work differs on the same line… */
    double spread_floor; /**< …at least, in the unit: no prediction can be surer */
};

/** The row of a metric; never NULL for a value below RNET_METRIC_COUNT, else NULL. */
RNET_API const struct rnet_metric_info *rnet_metric_info(enum rnet_metric metric);

/** Find a metric by its identifier. RNET_OK or RNET_ENOTFOUND (metric untouched). */
RNET_API enum rnet_status rnet_metric_find(const char *id, enum rnet_metric *metric);

/** What sort of thing a use is. */
enum rnet_use_kind {
    RNET_USE_PAGE = 0,
    RNET_USE_TRANSACTION = 1,
    RNET_USE_TRANSFER = 2,
    RNET_USE_ECHO = 3,
    RNET_USE_VOICE = 4,    /**< ten seconds of a call */
    RNET_USE_VIDEO = 5,    /**< ten seconds of a video call */
    RNET_USE_PLAYBACK = 6, /**< a film, a song, as far as it was watched */
    RNET_USE_FEED = 7,     /**< ten seconds of a one-way stream (camera, radio) or of a tunnel */
    RNET_USE_JOB = 8,
    RNET_USE_KINDS
};

/** An English noun for a kind of use, e.g. "pages"; static storage. */
RNET_API const char *rnet_use_kind_name(enum rnet_use_kind kind);
/** Stable identifier of a kind of use, e.g. "page"; static storage. */
RNET_API const char *rnet_use_kind_id(enum rnet_use_kind kind);
/** Find a kind by its identifier. RNET_OK or RNET_ENOTFOUND (kind untouched). */
RNET_API enum rnet_status rnet_use_kind_find(const char *id, enum rnet_use_kind *kind);
/** The metrics that uses of a kind may carry: bit (1u << metric) for each. */
RNET_API uint32_t rnet_use_kind_metrics(enum rnet_use_kind kind);

enum rnet_use_state {
    RNET_USE_MEASURED = 0,
    RNET_USE_FAILED = 1,  /**< never ended, gave up, or could not begin: insufficient, no values */
    RNET_USE_UNKNOWN = 2, /**< the replay cannot tell; why is counted in rnet_quality */
    RNET_USE_PART_MISSING = 3, /**< the capture lacks a part of it: no values */
};

#define RNET_USE_VALUES 6

/**
 * One use. For rates, a value is INFINITY when the line delivered all that was asked, however
 * little that was.
 */
struct rnet_use {
    int64_t start_ns;  /**< capture clock: when it began in the capture */
    uint64_t bytes;    /**< application bytes (closed loop) or IP bytes, both ways */
    double weight;     /**< 1 for what is counted, seconds for what lasts; 0 = shown, not judged */
    float value[RNET_USE_VALUES];
    uint8_t metric[RNET_USE_VALUES]; /**< enum rnet_metric of each value */
    uint8_t values;
    uint8_t usage;     /**< enum rnet_usage */
    uint8_t kind;      /**< enum rnet_use_kind */
    uint8_t state;     /**< enum rnet_use_state */
    uint8_t doubtful;  /**< 1 = all of it is in conversations whose usage is doubtful */
    uint8_t may_adapt; /**< 1 = asked for more than the line gave, by a player that may do with less */
};

/** How loaded a direction of the line was during the replay. */
struct rnet_quality_line {
    double busy_ratio;     /**< of the period the demand covers, at most 1 */
    double mean_queue_ms;  /**< over packets that crossed */
    double max_queue_ms;
    double loss_ratio;     /**< packets dropped of packets offered */
};

/** Everything measured of one replay. Arrays owned. */
struct rnet_quality {
    const struct rnet_quality *ideal; /**< the same uses on a line without limits, same seed; NULL =
                                           not replayed. Borrowed; set by the caller */
    struct rnet_use *uses; /**< grouped by usage; same order for every replay of a demand */
    size_t use_count;
    size_t use_capacity;
    struct rnet_quality_line line[RNET_DIRECTIONS];
    uint64_t bytes[RNET_USAGE_COUNT][RNET_DIRECTIONS]; /**< IP bytes of the demand */
    uint64_t conversations[RNET_USAGE_COUNT];
    uint64_t handshakes;   /**< messages of connection set-up: never counted as use */
    uint64_t signalling;   /**< sparse datagram conversations (set-up of calls, keep-alives) left out */
    double span_s;         /**< of the period the demand covers */
    bool complete;         /**< the replay was not cut: what had not ended by then never does */
};

/** What codec a call is taken to use where packet sizes do not tell. */
enum rnet_codec_guess {
    RNET_CODEC_BY_SIZE = 0, /**< G.711 or G.729 by their packet sizes, else Opus-like */
    RNET_CODEC_WORST = 1,   /**< G.711 without concealment: the strictest reading */
};

/** {0} = sensible defaults. */
struct rnet_quality_options {
    enum rnet_codec_guess codec;
    double window_s; /**< of calls and feeds; 0 = 10 */
};

/**
 * Turn the outcomes of a replay into uses.
 * @param demand    what was replayed; the same object or an equal one.
 * @param outcomes  of rnet_replay_run() on it.
 * @param options   NULL = defaults.
 * @param quality   {0} or results of an earlier call (its array is reused).
 * @return RNET_OK; RNET_EINVAL (outcomes without arrays); RNET_ENOMEM (quality cleared).
 */
RNET_API enum rnet_status rnet_quality_measure(const struct rnet_demand *demand,
                                               const struct rnet_outcomes *outcomes,
                                               const struct rnet_quality_options *options,
                                               struct rnet_quality *quality,
                                               struct rnet_error *err);

/** The value of a metric of a use; NAN when it has none. */
RNET_API double rnet_use_value(const struct rnet_use *use, enum rnet_metric metric);

/** Mean opinion score 1..5 of a use by the score of its kind (E-model, G.1030, stalls; video calls by
 *  G.1070, an aid for ordering only); NAN if there is none for it. 1 for a failed use. Never part of a
 *  verdict. */
RNET_API double rnet_use_mos(const struct rnet_use *use);

/** Free the array and reset to {0}; {0} is fine. */
RNET_API void rnet_quality_clear(struct rnet_quality *quality);

#ifdef __cplusplus
}
#endif
#endif
