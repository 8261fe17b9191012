/**
 * Flow: headers in, flows and their demand out.
 *
 * The table keeps one record per conversation, tells the office side from the internet side,
 * tracks TCP, and turns each flow into the messages or datagrams of <ruralnet/demand.h>.
 */
#ifndef RURALNET_FLOW_H
#define RURALNET_FLOW_H

#include <ruralnet/base.h>
#include <ruralnet/demand.h>
#include <ruralnet/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rnet_flow_table;

/** What limited a TCP flow's rate, per direction (Siekkinen et al., PAM 2007). */
enum rnet_rate_limit {
    RNET_LIMIT_UNKNOWN = 0, /**< too little data to tell */
    RNET_LIMIT_APPLICATION,
    RNET_LIMIT_RECEIVER,
    RNET_LIMIT_NETWORK,
    RNET_RATE_LIMITS,
};

/**
 * The line a capture was made behind, as far as it was seen full. Demand seen through a full line
 * is what people did with what they got ("suppressed demand"), not what they would do.
 */
struct rnet_captured_line {
    double rate_bps[RNET_DIRECTIONS]; /**< IP bits per second it carried when full; 0 = never seen
                                           full (which does not say that it is fast) */
    double full_s[RNET_DIRECTIONS];   /**< seconds it was seen full */
    double delay_ms[RNET_DIRECTIONS]; /**< what round trips to the internet took longer when full,
                                           on average; NAN = not seen */
};

/** Where a flow goes. */
enum rnet_flow_scope {
    RNET_SCOPE_CROSSES = 0,  /**< between the office and the internet */
    RNET_SCOPE_INTERNAL = 1, /**< both ends in the office, or broadcast/multicast */
};

/** How it is known which end is the office, the surest first. */
enum rnet_sides_evidence {
    RNET_SIDES_KNOWN = 0, /**< by address: given, or private, link-local, unique-local */
    RNET_SIDES_GATEWAY,   /**< many addresses lie behind the other end's hardware address */
    RNET_SIDES_FAN_OUT,   /**< one end takes part in many more flows than the other */
    RNET_SIDES_OPENER,    /**< who opened the flow, or has no service port */
};

/** A flow, as handed out when it ends and, live, by rnet_flow_table_add(). */
struct rnet_flow {
    uint64_t id;                 /**< 1, 2, … in order of appearance */
    struct rnet_address office;  /**< internal flows: whoever opened it */
    struct rnet_address internet;
    uint16_t office_port;
    uint16_t internet_port;
    uint8_t protocol;            /**< IP protocol */
    uint8_t scope;               /**< enum rnet_flow_scope */
    uint8_t sides_guessed;       /**< which side is the office was inferred */
    uint8_t sides_evidence;      /**< enum rnet_sides_evidence: from what */
    uint8_t opened_by_office;
    uint8_t rate_limit[RNET_DIRECTIONS]; /**< enum rnet_rate_limit */
    uint8_t closed;              /**< FIN both ways or RST seen */
    uint64_t retransmitted_packets[RNET_DIRECTIONS];
    uint64_t out_of_order_packets[RNET_DIRECTIONS];
    uint64_t duplicate_acks[RNET_DIRECTIONS];
    uint64_t zero_windows[RNET_DIRECTIONS];
    uint64_t keep_alives;
    uint64_t payload_bytes[RNET_DIRECTIONS];
    int64_t initial_rtt_ns;      /**< SYN to the handshake's last ACK; -1 = not seen */
    struct rnet_conversation conversation; /**< times, volumes, round trips, transport */
    void *user;                  /**< the caller's (labelling state); NULL at first */
};

/** An address range, e.g. 192.168.0.0/16. */
struct rnet_network {
    struct rnet_address address;
    uint8_t prefix_bits;
};

/** {0} = sensible defaults. */
struct rnet_flow_options {
    uint32_t max_flows;                  /**< live flows at most; 0 = 1 000 000 */
    const struct rnet_network *offices;  /**< addresses of the office; NULL = private, link-local, ULA */
    size_t office_count;
    int64_t tcp_timeout_ns;              /**< idle; 0 = 1 hour */
    int64_t udp_timeout_ns;              /**< idle; 0 = 120 s */
    uint64_t hash_seed[2];               /**< key of the table's hash; {0, 0} = drawn at random */
};

/**
 * Where a table hands its results. A call that returns anything but RNET_OK stops the table, which
 * passes the status on. Flows and arrays are borrowed for the call. In messages,
 * after_conversation holds the low 32 bits of a flow's id.
 */
struct rnet_flow_sink {
    void *context;
    /** A piece of a closed-loop flow's messages; first_index counts from 0 for the flow. */
    enum rnet_status (*messages)(void *context, const struct rnet_flow *flow,
                                 const struct rnet_message *messages, uint32_t first_index,
                                 size_t count);
    /** A piece of an open-loop flow's datagrams. */
    enum rnet_status (*datagrams)(void *context, const struct rnet_flow *flow,
                                  const struct rnet_datagram *datagrams, uint32_t first_index,
                                  size_t count);
    /** The flow is over: everything about it is now known. The last call for it. */
    enum rnet_status (*ended)(void *context, const struct rnet_flow *flow);
};

/** @param options NULL = defaults. @return RNET_OK, RNET_EINVAL, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_flow_table_new(const struct rnet_flow_options *options,
                                              const struct rnet_flow_sink *sink,
                                              struct rnet_flow_table **table);

/**
 * Count one packet into the flow it belongs to, starting the flow if new; may end idle flows.
 * @param flow  if not NULL, receives the flow, borrowed until the next call on the table; NULL for
 *              packets that belong to none (broadcast is counted, not tracked; a packet captured
 *              twice is left out and counted in RNET_NOTICE_DUPLICATE_PACKET). Who takes part and
 *              what was counted so far; what only the whole flow shows (round trips, losses,
 *              limits, windows) when it ends.
 * @return RNET_OK, RNET_ENOMEM (nothing counted), or what the sink returned.
 */
RNET_API enum rnet_status rnet_flow_table_add(struct rnet_flow_table *table,
                                              const struct rnet_headers *headers,
                                              struct rnet_flow **flow);

/** End every live flow, in order of appearance. @return RNET_OK or what the sink returned. */
RNET_API enum rnet_status rnet_flow_table_finish(struct rnet_flow_table *table);

/** The line the capture was made behind; meaningful after _finish(). Every direction seen full is
 *  counted in the notice RNET_NOTICE_SUPPRESSED_DEMAND. */
RNET_API const struct rnet_captured_line *
rnet_flow_table_captured_line(const struct rnet_flow_table *table);

/** What was odd so far; borrowed, valid until _free(). */
RNET_API const struct rnet_notices *rnet_flow_table_notices(const struct rnet_flow_table *table);

/** Free, without ending flows; NULL is fine. */
RNET_API void rnet_flow_table_free(struct rnet_flow_table *table);

/** Read "192.0.2.0/24", "2001:db8::/32" or a single address. RNET_OK or RNET_EINVAL. */
RNET_API enum rnet_status rnet_network_parse(const char *text, struct rnet_network *network,
                                             struct rnet_error *err);

#ifdef __cplusplus
}
#endif
#endif
