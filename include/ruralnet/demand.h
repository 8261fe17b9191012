/**
 * Demand: what an office asked of its line, freed from the line it was asked on.
 *
 * Flows are turned into conversations. A closed-loop conversation (TCP, QUIC) is a sequence of
 * messages: how many bytes, in which direction, and what each one waited for. An open-loop
 * conversation (voice, video calls, tunnels) is a sequence of datagrams at their captured times.
 * The replay runs a demand over any line; nothing in it tells who spoke to whom or said what.
 *
 * The a-b-t model of Weigle et al. (2006), "Tmix", extended by dependencies between the
 * connections of one activity.
 */
#ifndef RURALNET_DEMAND_H
#define RURALNET_DEMAND_H

#include <ruralnet/base.h>
#include <ruralnet/usage.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a conversation is carried, which decides how it is replayed. */
enum rnet_transport {
    RNET_TRANSPORT_TCP = 0,  /**< closed loop: messages over a simulated TCP */
    /** Closed loop: messages over a simulated QUIC. Open from its start: a QUIC handshake is among
     *  its messages. Lookups (DNS, NTP, Kerberos) are such conversations too: a question, an answer. */
    RNET_TRANSPORT_QUIC = 1,
    RNET_TRANSPORT_OPEN = 2, /**< open loop: datagrams at captured times */
};

/** What a message, or the opening of a conversation, waits for. */
enum rnet_release {
    /** The capture's clock: starts at start_ns, whatever the line did. */
    RNET_RELEASE_CLOCK = 0,
    /** The conversation being open (TCP: handshake done, seen from the sender's side). */
    RNET_RELEASE_OPEN = 1,
    /** Message `after_message` of conversation `after_conversation` having arrived whole at its
     *  receiver. Usually the same conversation, opposite direction: a question's answer. With
     *  another conversation of the same office host: what a page's later requests wait for. */
    RNET_RELEASE_DELIVERY = 2,
    /** Message `after_message` of this conversation and direction having been handed whole to the
     *  transport: the sender paused by itself. */
    RNET_RELEASE_WRITTEN = 3,
};

#define RNET_NONE UINT32_MAX /**< "no such index" */

enum rnet_message_flag {
    /** Opens an exchange: a question of the client. Up to the next such message of the
     *  conversation, all messages belong to the same exchange. */
    RNET_MESSAGE_OPENS_EXCHANGE = 1u << 0,
    /** May not start before every earlier message of the other direction has arrived
     *  (half-duplex protocols such as HTTP/1.1, IMAP, SQL). */
    RNET_MESSAGE_SERIAL = 1u << 1,
    /** Part of connection set-up above TCP (TLS and the like): not counted as use. */
    RNET_MESSAGE_HANDSHAKE = 1u << 2,
    /** A segment of paced media: its question waits for the player's buffer (see
     *  rnet_conversation.media_pace_ns), not for the capture's clock. */
    RNET_MESSAGE_MEDIA_SEGMENT = 1u << 3,
    /** The sender was seen to be held back by itself (own window or disk), not by the network:
     *  at most app_bytes_per_round are in flight. */
    RNET_MESSAGE_APP_LIMITED = 1u << 4,
};

/** One message of a closed-loop conversation: application bytes one way, sent in one go. */
struct rnet_message {
    int64_t start_ns;            /**< capture clock: first byte seen at the capture point */
    int64_t end_ns;              /**< capture clock: last byte seen */
    int64_t wait_ns;             /**< the sender's own time from its release to the first byte, >= 0 */
    uint64_t bytes;              /**< application bytes, >= 1 */
    uint32_t after_conversation; /**< index into conversations, for RNET_RELEASE_DELIVERY */
    uint32_t after_message;      /**< index within that conversation, or RNET_NONE */
    uint32_t activity;           /**< number of the activity (page, call, job) it belongs to */
    uint8_t direction;           /**< enum rnet_direction of the bytes */
    uint8_t release;             /**< enum rnet_release */
    uint16_t flags;              /**< enum rnet_message_flag */
};

/** One datagram of an open-loop conversation. */
struct rnet_datagram {
    int64_t time_ns;    /**< capture clock */
    uint32_t ip_bytes;  /**< IP packet length; at most 65 575 */
    uint8_t direction;  /**< enum rnet_direction */
    uint8_t substream;  /**< e.g. audio and video of a call told apart; 0 if not */
    uint16_t sequence;  /**< RTP sequence number where seen, else 0 */
};

enum rnet_conversation_flag {
    RNET_CONVERSATION_HANDSHAKE_SEEN = 1u << 0, /**< its beginning is in the capture */
    RNET_CONVERSATION_TIMESTAMPS = 1u << 1,     /**< TCP timestamps in use (12 bytes a segment) */
    RNET_CONVERSATION_SACK = 1u << 2,           /**< selective acknowledgements permitted */
    RNET_CONVERSATION_IPV6 = 1u << 3,
    RNET_CONVERSATION_TRUNCATED = 1u << 4,      /**< still open at the end, or closed early by a limit */
    RNET_CONVERSATION_SERVER_OPENS = 1u << 5,   /**< the internet side opened it (an office server) */
    RNET_CONVERSATION_FAILED = 1u << 6,         /**< never answered or refused in the capture */
    RNET_CONVERSATION_PART_MISSING = 1u << 7,   /**< the capture lacks one direction of it, or some of
                                                     its bytes: nobody can tell what became of it */
    RNET_CONVERSATION_LABEL_DOUBTFUL = 1u << 8, /**< its usage is named with less confidence than
                                                     RNET_LABEL_DOUBTFUL */
};

/**
 * A TCP connection, QUIC connection or datagram stream crossing the line. Conversations are sorted
 * by start_ns; an index is its place in that order.
 */
struct rnet_conversation {
    int64_t start_ns;          /**< capture clock: first packet */
    int64_t end_ns;            /**< capture clock: last packet */
    int64_t rtt_internet_ns;   /**< smallest round trip capture point <-> server; -1 = not seen */
    int64_t rtt_office_ns;     /**< smallest round trip capture point <-> office host; -1 = not seen */
    int64_t open_wait_ns;      /**< the opener's own time between its release and the opening */
    int64_t media_pace_ns;     /**< seconds of media per segment, in ns, for paced media; 0 = not */
    uint64_t bytes[RNET_DIRECTIONS];   /**< IP bytes in the capture, original lengths */
    uint64_t packets[RNET_DIRECTIONS]; /**< packets in the capture */
    uint32_t window_bytes[RNET_DIRECTIONS]; /**< largest receive window seen for data of that
                                                 direction, scaled; 0 = not seen */
    uint32_t app_bytes_per_round[RNET_DIRECTIONS]; /**< application's own limit in flight; 0 = none */
    uint32_t first_item;       /**< of its messages, or (open loop) of its datagrams */
    uint32_t items;            /**< how many */
    uint32_t host;             /**< anonymous number of the office host */
    uint32_t server;           /**< anonymous number of the internet host */
    uint32_t after_conversation; /**< what its opening waited for (RNET_RELEASE_DELIVERY), or RNET_NONE */
    uint32_t after_message;
    uint16_t mss_bytes[RNET_DIRECTIONS]; /**< largest TCP payload of a segment; 0 = not known */
    uint16_t flags;            /**< enum rnet_conversation_flag */
    uint8_t transport;         /**< enum rnet_transport */
    uint8_t usage;             /**< enum rnet_usage */
    uint8_t open_release;      /**< RNET_RELEASE_CLOCK or RNET_RELEASE_DELIVERY */
    uint8_t dscp;              /**< most common DSCP upwards, 0..63 */
};

/**
 * Demand of an office over a period, as flat arrays. Whoever made it owns the arrays
 * (rnet_demand_clear() for those a profile filled); the replay only reads.
 */
struct rnet_demand {
    struct rnet_conversation *conversations;
    struct rnet_message *messages;
    struct rnet_datagram *datagrams;
    size_t conversation_count;
    size_t message_count;
    size_t datagram_count;
    int64_t begin_ns; /**< capture clock: the period it covers */
    int64_t end_ns;
};

/** Free the arrays and reset to {0}. {0} is fine. */
RNET_API void rnet_demand_clear(struct rnet_demand *demand);

/**
 * Check what the replay relies on: indices in range, dependencies that point to earlier-starting
 * items and form no cycle, durations not negative, sizes in range.
 * @return RNET_OK, or RNET_EFORMAT with the first offence in err.
 */
RNET_API enum rnet_status rnet_demand_check(const struct rnet_demand *demand,
                                            struct rnet_error *err);

/**
 * What tunnels (RNET_USAGE_VPN) carry. Their usages cannot be named; sizes and times of their packets
 * tell a clock, a transfer and the rest apart, second by second. Of a tunnel over TCP its messages stand
 * for packets.
 */
struct rnet_tunnel_demand {
    uint64_t bytes;           /**< both ways; 0 = no tunnels, and ratios are NAN */
    double bulk_ratio;        /**< share where 25 kB and more went one way within a second */
    double realtime_ratio;    /**< share at a codec's clock both ways at once, as calls have */
    double interactive_ratio; /**< the rest: questions, answers, keys, screens, keep-alives */
};

/** What the tunnels of a demand carry, in all. The demand is sound: see rnet_demand_check(). */
RNET_API void rnet_demand_tunnels(const struct rnet_demand *demand,
                                  struct rnet_tunnel_demand *tunnels);

#ifdef __cplusplus
}
#endif
#endif
