/**
 * Profile: what an office uses its line for, and the demand behind it.
 *
 * Holds no payload, no address and no host name. Much smaller than the capture; can be saved, sent
 * and replayed over any line without it.
 */
#ifndef RURALNET_PROFILE_H
#define RURALNET_PROFILE_H

#include <ruralnet/base.h>
#include <ruralnet/demand.h>
#include <ruralnet/flow.h>
#include <ruralnet/usage.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rnet_profile;

/** Length of a hexadecimal digest, terminator included. */
#define RNET_DIGEST_TEXT 33

/** What was seen of one usage, over the flows that cross the line. */
struct rnet_usage_summary {
    enum rnet_usage usage;
    uint64_t flows;
    uint64_t bytes[RNET_DIRECTIONS];     /**< IP bytes, original lengths */
    uint64_t packets[RNET_DIRECTIONS];
    double active_s;                     /**< time in windows with any traffic of it */
    double peak_bps[RNET_DIRECTIONS];    /**< largest mean rate over one window */
    double p95_bps[RNET_DIRECTIONS];     /**< 95th percentile over its active windows */
    double confidence;                   /**< of its labels, weighted by bytes; 0..1 */
    uint64_t flows_by_evidence[RNET_EVIDENCE_COUNT];
};

/** What was seen in all. */
struct rnet_profile_summary {
    struct rnet_usage_summary usages[RNET_USAGE_COUNT]; /**< indexed by usage */
    struct rnet_notices notices;
    uint64_t packets;            /**< read from the capture, all kinds */
    uint64_t wire_bytes;         /**< original lengths at the capture's link layer */
    uint64_t flows;              /**< that cross the line */
    uint64_t tcp_flows;
    uint64_t internal_flows;
    uint64_t internal_bytes;
    uint64_t office_hosts;       /**< distinct office addresses in flows that cross */
    int64_t begin_ns;            /**< first and last packet, capture clock; 0, 0 = no packets */
    int64_t end_ns;
    int64_t window_ns;           /**< what peak and percentile rates are means over */
    double peak_bps[RNET_DIRECTIONS]; /**< all usages together */
    struct rnet_captured_line captured_line; /**< the line it was captured behind, where seen full */
    bool complete;               /**< the whole input was read */
    bool what_if_internal;       /**< nothing crosses: summary and demand are of internal flows */
    char digest[RNET_DIGEST_TEXT]; /**< XXH3-128 of the packets read, whatever their container */
};

/** @return RNET_OK, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_profile_new(struct rnet_profile **profile);

/** Free; NULL is fine. */
RNET_API void rnet_profile_free(struct rnet_profile *profile);

/* What follows is called by rnet_observe(); another source of flows may call it too. ------------ */

/** Pieces of a flow's demand, as the flow table hands them out. RNET_OK, RNET_ENOMEM, RNET_EIO. */
RNET_API enum rnet_status rnet_profile_add_messages(struct rnet_profile *profile, uint64_t flow_id,
                                                    const struct rnet_message *messages,
                                                    uint32_t first_index, size_t count);
RNET_API enum rnet_status rnet_profile_add_datagrams(struct rnet_profile *profile, uint64_t flow_id,
                                                     const struct rnet_datagram *datagrams,
                                                     uint32_t first_index, size_t count);
/** A flow that ended, with its label. RNET_OK, RNET_ENOMEM, RNET_EIO. */
RNET_API enum rnet_status rnet_profile_add_flow(struct rnet_profile *profile,
                                                const struct rnet_flow *flow,
                                                const struct rnet_label *label);

/** When and by whom a part of a composed profile is played. */
struct rnet_placement {
    int64_t shift_ns;    /**< added to every time of the part */
    uint32_t first_host; /**< added to the number of every office host of the part */
};

/**
 * Add all flows of another, finished profile, moved. What either profile saw of flows, labels and
 * dependencies stays; flows, servers and activities get numbers of their own, so that the same part
 * may be added any number of times. Not to be mixed with the calls above on one profile.
 * @return RNET_OK; RNET_EINVAL (@p part is not finished, or @p profile is; a shift of
 *         more than 2^61 ns); RNET_EFULL (2^32 flows);
 *         RNET_EFORMAT (the part's records are damaged); RNET_ENOMEM; RNET_EIO. After a failure
 *         @p profile is of no use but to be freed.
 */
RNET_API enum rnet_status rnet_profile_add_profile(struct rnet_profile *profile,
                                                   struct rnet_profile *part,
                                                   const struct rnet_placement *placement);

/** Facts of the capture as a whole, once it has been read. */
struct rnet_capture_facts {
    struct rnet_notices notices;
    struct rnet_captured_line captured_line;
    uint64_t packets;
    uint64_t wire_bytes;
    uint64_t office_hosts;
    int64_t begin_ns;
    int64_t end_ns;
    bool complete;
    char digest[RNET_DIGEST_TEXT];
};

/** Close the profile: no more flows; the summary is made. RNET_OK, RNET_ENOMEM, RNET_EIO. */
RNET_API enum rnet_status rnet_profile_finish(struct rnet_profile *profile,
                                              const struct rnet_capture_facts *facts);

/* Reading ------------------------------------------------------------------------------------- */

/** The summary of a finished profile; borrowed, valid until _free(). */
RNET_API const struct rnet_profile_summary *
rnet_profile_get_summary(const struct rnet_profile *profile);

/** Bytes over time, for pictures; borrowed from a finished profile, valid until _free(). */
struct rnet_timeline {
    int64_t begin_ns;   /**< of the first window, capture clock */
    int64_t window_ns;
    size_t windows;
    const float *bytes[RNET_USAGE_COUNT][RNET_DIRECTIONS]; /**< IP bytes per window; NULL = none */
};
RNET_API void rnet_profile_get_timeline(const struct rnet_profile *profile,
                                        struct rnet_timeline *timeline);

/**
 * The demand of a period: conversations that start in [begin_ns, end_ns), with what of them lies in
 * it. A dependency on something outside the period becomes a start by the clock.
 * @param demand  {0}; filled on RNET_OK, clear with rnet_demand_clear(). Passes
 *                rnet_demand_check().
 * @return RNET_OK, RNET_ENOMEM, RNET_EIO, RNET_EFORMAT (a loaded profile contradicts itself).
 */
RNET_API enum rnet_status rnet_profile_demand(struct rnet_profile *profile, int64_t begin_ns,
                                              int64_t end_ns, struct rnet_demand *demand,
                                              struct rnet_error *err);

/**
 * The busiest stretch of at most @p length_ns in which people are at work: load counts up to what 2048/256
 * carries (each upward byte as 8 downward ones, the usual ratio of ADSL rates), by how much of the minute
 * around it has traffic that people wait for. Where nobody is at work at all, the load alone.
 * The whole capture when it is no longer than that.
 */
RNET_API void rnet_profile_busiest(const struct rnet_profile *profile, int64_t length_ns,
                                   int64_t *begin_ns, int64_t *end_ns);

/** One flow of a profile. Hosts are anonymous numbers. */
struct rnet_profile_flow {
    uint64_t number;         /**< in the capture, as explanations name it */
    uint8_t scope;           /**< RNET_SCOPE_CROSSES or RNET_SCOPE_INTERNAL */
    uint8_t protocol;        /**< of IP: 6 TCP, 17 UDP, … */
    enum rnet_evidence evidence;
    double confidence;       /**< of its label, 0..1 */
    struct rnet_conversation conversation; /**< its usage, times and volumes; first_item and items mean
                                                nothing here */
};

/**
 * Every flow, in the order they ended. @param visit  returns false to stop.
 * @return RNET_OK; RNET_END (stopped); RNET_EFORMAT, RNET_EIO, RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_profile_each_flow(struct rnet_profile *profile,
                                                 bool (*visit)(void *context,
                                                               const struct rnet_profile_flow *flow),
                                                 void *context);

/** Write to a file: whole or not at all (temporary name, fsync, rename). RNET_OK, RNET_EIO, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_profile_save(struct rnet_profile *profile, const char *path,
                                            struct rnet_error *err);

/** Whether a file begins like a saved profile. */
RNET_API bool rnet_profile_is_file(const char *path);

/**
 * Read a saved profile; any bytes are safe.
 * @return RNET_OK, RNET_EIO, RNET_EFORMAT (damaged: err says where), RNET_EUNSUPPORTED (made by a
 *         later version), RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_profile_load(const char *path, struct rnet_profile **profile,
                                            struct rnet_error *err);

/** The bytes rnet_profile_save() would write, in memory; free(3) them. RNET_OK, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_profile_write(struct rnet_profile *profile, uint8_t **bytes,
                                             size_t *count, struct rnet_error *err);

/** Read a profile from memory, as rnet_profile_load() does; the bytes may go afterwards. */
RNET_API enum rnet_status rnet_profile_read(const void *bytes, size_t count,
                                            struct rnet_profile **profile, struct rnet_error *err);

#ifdef __cplusplus
}
#endif
#endif
