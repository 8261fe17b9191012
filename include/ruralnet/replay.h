/**
 * Replay: what a demand would have got on a link.
 *
 * A discrete-event simulation of the whole office sharing one line. Time is integer nanoseconds,
 * 0 being the demand's begin_ns; the same demand, link, options and version give the same outcomes,
 * bit for bit.
 *
 *     struct rnet_outcomes outcomes = {0};
 *     if (rnet_replay_run(&demand, &link, NULL, &outcomes, &err) == RNET_OK) …
 *     rnet_outcomes_clear(&outcomes);
 */
#ifndef RURALNET_REPLAY_H
#define RURALNET_REPLAY_H

#include <ruralnet/base.h>
#include <ruralnet/demand.h>
#include <ruralnet/link.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rnet_congestion_control {
    RNET_CC_CUBIC = 0,      /**< RFC 9438 with HyStart, as Linux has it */
    RNET_CC_RENO = 1,       /**< RFC 5681, 6582 */
    RNET_CC_BBR = 2,        /**< an approximation of BBRv1 */
    RNET_CC_CUBIC_PLUS = 3, /**< RFC 9438 with HyStart++ (RFC 9406), as Windows has it */
};

/** {0} = sensible defaults. */
struct rnet_replay_options {
    uint64_t seed;                        /**< of every random stream */
    enum rnet_congestion_control congestion_control;
    bool open_loop;                       /**< packets at captured times: the baseline, not a prediction */
    int64_t max_time_ns;                  /**< simulated time at most past the demand's end; 0 = 12
                                               hours, longer than any limit of the shipped criteria */
    uint64_t max_events;                  /**< 0 = no limit */
    uint64_t max_memory_bytes;            /**< of the whole process's heap, looked at now and then; 0 = no
                                               limit */
    int64_t max_cpu_ns;                   /**< processor time of the calling thread, looked at now and
                                               then; 0 = no limit */
    double think_jitter;                  /**< relative spread of think times and round trips between
                                               replications; 0 = none */
    double rate_jitter;                   /**< the same of the line's rates, each direction its own:
                                               what the model does not know of a line; 0 = none */
    int64_t access_rtt_ns;                /**< unloaded round trip of the line the capture was made
                                               behind: taken off what the capture saw beyond it; 0 = not
                                               known, or none */
    const volatile int *stop;             /**< set non-zero from outside to stop; may be NULL */
};

enum rnet_outcome_state {
    RNET_OUTCOME_NOT_STARTED = 0, /**< its turn never came */
    RNET_OUTCOME_UNFINISHED = 1,  /**< still under way when the replay ended */
    RNET_OUTCOME_DONE = 2,
    RNET_OUTCOME_FAILED = 3,      /**< past a usual time-out of clients or servers: would have failed */
    RNET_OUTCOME_LOST = 4,        /**< datagrams: dropped by the line */
};

/** What became of a message; parallel to demand->messages. Times are -1 when not reached. */
struct rnet_message_outcome {
    int64_t released_ns;   /**< what it waited for had happened (before its own wait) */
    int64_t started_ns;    /**< handed to the transport */
    int64_t first_byte_ns; /**< first byte arrived at its receiver */
    int64_t done_ns;       /**< last byte arrived, in order */
    uint32_t state;        /**< enum rnet_outcome_state */
    uint32_t retransmissions;
};

/** What became of a datagram; parallel to demand->datagrams. */
struct rnet_datagram_outcome {
    int64_t sent_ns;
    int64_t delay_ns; /**< one way, end to end: office host, line, internet path; -1 = lost */
};

/** What became of a conversation; parallel to demand->conversations. */
struct rnet_conversation_outcome {
    int64_t opened_ns; /**< opening began; -1 = not */
    int64_t ready_ns;  /**< handshake done at the opener; -1 = not */
    int64_t closed_ns; /**< last event; -1 = not */
    uint32_t state;    /**< enum rnet_outcome_state */
    /** Open loop: IP bits a second over its length in the capture (at least a second), as captured
     *  and as they arrived. A call that adapts would ask for no more than it got, and get that
     *  without the loss and delay its surplus causes. 0 = nothing that way, or closed loop. */
    double asked_bps[RNET_DIRECTIONS];
    double got_bps[RNET_DIRECTIONS];
};

/** Upper edges of the queueing-delay histogram, in ms; the last class is open-ended. */
#define RNET_DELAY_CLASSES 16

/** One direction of the line. Bytes in = bytes out + dropped + queued at the end. */
struct rnet_line_outcome {
    uint64_t packets_in;
    uint64_t packets_out;
    uint64_t packets_dropped;
    uint64_t bytes_in;          /**< IP bytes */
    uint64_t bytes_out;
    uint64_t bytes_dropped;
    uint64_t bytes_queued;      /**< at the end */
    int64_t busy_ns;            /**< time spent sending */
    int64_t max_delay_ns;       /**< largest queueing delay, own serialisation excluded */
    int64_t total_delay_ns;     /**< summed over packets out */
    uint64_t delay_packets[RNET_DELAY_CLASSES]; /**< see rnet_delay_class_edge_ms() */
};

/** Everything a replay yields; arrays owned by the outcomes. */
struct rnet_outcomes {
    struct rnet_message_outcome *messages;
    struct rnet_datagram_outcome *datagrams;
    struct rnet_conversation_outcome *conversations;
    struct rnet_line_outcome line[RNET_DIRECTIONS];
    int64_t end_ns;       /**< when the last packet moved */
    uint64_t events;
    uint64_t packets;     /**< that entered the line, both ways */
    bool complete;        /**< everything that could end did */
    bool cut;             /**< ended before its time, by the stop flag or a limit other than time: of what
                               had not ended nobody can tell */
};

/**
 * Run a demand over a link. The demand must have passed rnet_demand_check().
 * @param options   NULL = defaults.
 * @param outcomes  {0} or results of an earlier run (their arrays are reused).
 * @return RNET_OK; RNET_PARTIAL (a limit ended it; outcomes hold what happened till then);
 *         RNET_EINTERRUPTED; RNET_EINVAL; RNET_ENOMEM (outcomes cleared).
 */
RNET_API enum rnet_status rnet_replay_run(const struct rnet_demand *demand,
                                          const struct rnet_link *link,
                                          const struct rnet_replay_options *options,
                                          struct rnet_outcomes *outcomes, struct rnet_error *err);

/** Upper edge of a class of the delay histogram, in ms; infinity for the last. */
RNET_API double rnet_delay_class_edge_ms(size_t index);

/** Free the arrays and reset to {0}; {0} is fine. */
RNET_API void rnet_outcomes_clear(struct rnet_outcomes *outcomes);

#ifdef __cplusplus
}
#endif
#endif
