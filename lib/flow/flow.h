/* Flow, for its own files: the record of a live flow, the packet as trackers see it, the table. */
#ifndef RNET_FLOW_INTERNAL_H
#define RNET_FLOW_INTERNAL_H

#include "base/base.h"

#include <ruralnet/flow.h>

/* What trackers need of one packet. Small, because a live flow keeps its first one. */
struct flow_packet {
    int64_t time_ns;
    union {
        uint32_t sequence; /* TCP */
        uint32_t ssrc;     /* RTP, see has_rtp */
    };
    uint32_t acknowledgement;
    uint32_t timestamp;
    uint32_t timestamp_echo;
    uint32_t payload_bytes; /* original length */
    uint16_t pieces;        /* packets it becomes on a line, and their lengths */
    uint16_t full_ip_bytes;
    uint16_t last_ip_bytes;
    uint16_t window; /* unscaled */
    union {
        uint16_t mss;          /* SYN */
        uint16_t rtp_sequence; /* RTP */
    };
    uint8_t tcp_flags;
    uint8_t window_scale; /* SYN; 255 = none */
    uint8_t direction;    /* enum rnet_direction, once the sides are known */
    uint8_t head_bytes;   /* how many of head were captured */
    uint8_t head[6];      /* first payload bytes: TLS record or QUIC header */
    bool has_timestamps : 1;
    bool sack_permitted : 1;
    bool has_rtp : 1;
    bool is_ipv6 : 1;
};

/* The direction is left to the caller, who knows the sides. */
struct flow_packet
flow_packet_make(const struct rnet_headers *headers, int64_t time_ns);

/* Packets seen a moment ago, to know one that was captured twice (duplicates.c). */
struct flow_duplicates;

/* NULL when out of memory. */
struct flow_duplicates *
flow_duplicates_new(void);
void
flow_duplicates_free(struct flow_duplicates *duplicates);
/* Whether the same packet was seen a moment ago; it is remembered either way. */
bool
flow_duplicates_knows(struct flow_duplicates *duplicates, const struct rnet_headers *headers);

/* A reset is nothing else, whatever flags come with it (RFC 9293 §3.10.7). */
static inline bool
flow_is_syn(uint8_t tcp_flags)
{
    return (tcp_flags & (RNET_TCP_SYN | RNET_TCP_RST)) == RNET_TCP_SYN;
}

/* Endpoints in byte order, so that both directions have one key. No padding: hashed as bytes. */
struct flow_key {
    uint8_t low_address[16];
    uint8_t high_address[16];
    uint16_t low_port;
    uint16_t high_port;
    uint8_t protocol;
    uint8_t version;
    uint8_t has_transport; /* packets without a transport header keep to themselves */
    uint8_t zero;
};

enum flow_kind {
    FLOW_KIND_DATAGRAMS = 0, /* open loop */
    FLOW_KIND_TCP = 1,
    FLOW_KIND_QUIC = 2, /* and other questions and answers over UDP */
};

#define FLOW_NO_RECORD UINT32_MAX

/* Live flows wait for their end in the queue of their kind, the least recently active first. */
enum flow_queue {
    FLOW_QUEUE_TCP,
    FLOW_QUEUE_OTHER,
    FLOW_QUEUE_CLOSED, /* TCP after FIN both ways or RST: only stragglers are expected */
    FLOW_QUEUES
};

/* Class of a flow for dependencies: its service port, the ports of the web taken together. */
#define FLOW_CLASS_DNS 53
#define FLOW_CLASS_WEB 443

struct flow_talk;
struct tcp_track;
struct quic_track;
struct datagram_track;

/* A live flow: at most 256 bytes until its second packet (tests pin it). */
struct flow_record {
    struct flow_key key;
    uint64_t id;
    void *user;
    union {
        struct tcp_track *tcp; /* NULL until the second packet, whatever the kind */
        struct quic_track *quic;
        struct datagram_track *datagrams;
        struct flow_talk *talk; /* what TCP and QUIC tracks begin with */
        void *track;
    };
    int64_t start_ns;
    int64_t last_ns;
    int64_t open_wait_ns;
    uint64_t bytes[RNET_DIRECTIONS];
    uint64_t packets[RNET_DIRECTIONS];
    uint64_t payload_bytes[RNET_DIRECTIONS];
    struct flow_packet first;
    uint32_t hash;
    uint32_t place; /* its own index */
    uint32_t chain;                   /* next of the same bucket, or of the free list */
    uint32_t older, newer;            /* queue of its kind */
    uint32_t born_before, born_after; /* every live flow in order of appearance */
    uint32_t host;
    uint32_t server;
    uint32_t after_flow; /* low 32 bits of the flow whose answer released the opening, or RNET_NONE */
    uint32_t after_message;
    uint32_t activity;
    uint16_t dscp_votes;
    uint8_t dscp; /* majority vote (Boyer, Moore 1981) over packets going up */
    uint8_t kind;
    uint8_t queue;
    uint8_t scope;
    uint8_t sides_evidence; /* enum rnet_sides_evidence */
    bool office_is_low : 1;
    bool opened_by_office : 1;
    bool cut_short : 1; /* evicted, or live at the end of the capture */
};

/* Fewer packets are a question nobody answered, or the end of something: chosen. */
#define FLOW_TELLING_PACKETS 4

/* Sides --------------------------------------------------------------------------------------- */

struct flow_sides {
    bool source_is_office;
    bool opened_by_source;
    uint8_t evidence; /* enum rnet_sides_evidence */
    uint8_t scope;
};

struct flow_hosts;

/* Whether an address belongs to an office by what is known beforehand. */
bool
flow_address_is_office(const struct rnet_flow_options *options, const struct rnet_address *address);
struct flow_sides
flow_sides_decide(const struct rnet_flow_options *options, const struct flow_hosts *hosts,
                  const struct rnet_headers *headers);

/* Hosts: addresses and their anonymous numbers, in order of appearance. */
struct flow_host {
    struct rnet_address address;
    uint8_t way; /* place in `ways` + 1 of the hardware address it is reached by; 0 = not known */
    uint32_t number;
    int32_t rtt_us; /* smallest round trip to it seen in any flow; 0 = none yet */
    uint32_t flows; /* flows it took part in */
};

/* Hardware addresses told apart, in order of appearance; a gateway is among the first. Chosen. */
#define FLOW_MAX_WAYS 64

struct flow_hosts {
    struct flow_host *slots; /* open addressing; version 0 = free */
    size_t slot_count;       /* a power of two, or 0 */
    size_t count;
    uint8_t key[16];
    struct flow_way {
        uint8_t mac[6];
        uint32_t addresses; /* that lie behind it */
    } ways[FLOW_MAX_WAYS];
    uint8_t way_count;
};

/* Addresses remembered at most; those beyond share one number. Chosen: 28 MB. */
#define FLOW_MAX_HOSTS 524288

/* Number of an address, counting one more flow for it. RNET_OK or RNET_ENOMEM (nothing changed). */
enum rnet_status
flow_hosts_add(struct flow_hosts *hosts, const struct rnet_address *address, uint32_t *number);
/* An address known to flow_hosts_add() was reached by a hardware address; the first one stays. */
void
flow_hosts_reached(struct flow_hosts *hosts, const struct rnet_address *address,
                   const uint8_t mac[6]);
/* Addresses that lie behind a hardware address. */
uint32_t
flow_hosts_behind(const struct flow_hosts *hosts, const uint8_t mac[6]);
/* Flows an address took part in so far. */
uint32_t
flow_hosts_flows(const struct flow_hosts *hosts, const struct rnet_address *address);
/* Learn of a round trip to an address; the smallest known, -1 = none. */
void flow_hosts_learn_rtt(struct flow_hosts *hosts, const struct rnet_address *address,
                          int64_t rtt_ns);
int64_t flow_hosts_rtt_ns(const struct flow_hosts *hosts, const struct rnet_address *address);
void flow_hosts_clear(struct flow_hosts *hosts);

/* Fragments: which flow a fragment without ports belongs to (fragments.c) ------------------------ */

/* Packets remembered whose first fragment was seen. Chosen: 16 kB. */
#define FLOW_FRAGMENTS 256

struct flow_fragments {
    struct flow_fragment {
        struct rnet_address source, destination;
        uint16_t source_port, destination_port;
        uint8_t protocol;
        uint32_t id;
        int64_t time_ns;
    } places[FLOW_FRAGMENTS];
    uint8_t key[16];
};

/* A first fragment with its ports. */
void
flow_fragments_note(struct flow_fragments *fragments, const struct rnet_headers *headers,
                    int64_t now_ns);
/* Give a later fragment the ports of its first; false (headers untouched) if that is not known. */
bool
flow_fragments_complete(struct flow_fragments *fragments, struct rnet_headers *headers,
                        int64_t now_ns);

/* Clock: the capture's time, contained -------------------------------------------------------- */

struct flow_clock {
    int64_t now_ns; /* largest believable time so far */
    int64_t odd_ns; /* where the last unbelievable packets were */
    uint32_t odd_packets;
    bool is_set;
};

/* The time to book a packet at: its own, or, when it is a day off, the clock's. */
int64_t
flow_clock_advance(struct flow_clock *clock, int64_t time_ns);

/* Output: what a tracker hands to the sink ---------------------------------------------------- */

struct rnet_flow_table;

enum rnet_status
flow_emit_messages(struct rnet_flow_table *table, struct flow_record *record,
                   const struct rnet_message *messages, uint32_t first_index, size_t count);
enum rnet_status
flow_emit_datagrams(struct rnet_flow_table *table, struct flow_record *record,
                    const struct rnet_datagram *datagrams, uint32_t first_index, size_t count);

/* Talk: the messages of a closed-loop flow while they are being built (talk.c) ------------------ */

struct flow_talk {
    struct rnet_message *messages; /* those not handed on yet */
    size_t count;
    size_t capacity;
    uint32_t handed_on;             /* index of messages[0] */
    uint32_t open[RNET_DIRECTIONS]; /* index of the message being built, or RNET_NONE */
    uint32_t last[RNET_DIRECTIONS]; /* index of the latest message, or RNET_NONE */
    int64_t end_ns[RNET_DIRECTIONS]; /* when its last byte so far passed */
    bool resting[RNET_DIRECTIONS];  /* its last packet was not a full one: probably complete */
    uint32_t activity;
    int64_t media_pace_ns;  /* of segmented media; 0 = none found */
    uint64_t segment_bytes; /* of one such answer */
};

void talk_init(struct flow_talk *talk);
void talk_clear(struct flow_talk *talk);
/* Room for what one packet can add; may hand on a piece. */
enum rnet_status talk_make_room(struct flow_talk *talk, struct rnet_flow_table *table,
                                struct flow_record *record);
/* The message of an index while it is here, else NULL. */
struct rnet_message *talk_at(struct flow_talk *talk, uint32_t index);
/* Begin a message now; released by the clock until told otherwise. Room must have been made. */
struct rnet_message *talk_begin(struct flow_talk *talk, const struct flow_record *record,
                                int64_t now_ns, uint8_t direction);
enum rnet_status talk_finish(struct flow_talk *talk, struct rnet_flow_table *table,
                             struct flow_record *record);

/* Find paced media among the messages held, and flag its questions (media.c). */
void media_mark(struct flow_talk *talk);

/* Dependencies between the flows of an office host (depend.c) ----------------------------------- */

/* An answer that something may have waited for. */
struct flow_cause {
    uint32_t flow; /* low 32 bits of its id */
    uint32_t message;
    int64_t end_ns;
};

struct flow_depend;

struct flow_depend *depend_new(void);
void depend_free(struct flow_depend *depend);
struct flow_depend *flow_table_depend(struct rnet_flow_table *table);
/* The live flow at a place, or NULL when it is another one by now. */
struct flow_record *flow_table_record(struct rnet_flow_table *table, uint32_t place, uint64_t id);

/* A flow begins: find what its opening waited for and the activity it belongs to. */
void depend_open(struct rnet_flow_table *table, struct flow_record *record);
/* A message begins in this flow: its host is at work. */
void depend_join(struct rnet_flow_table *table, const struct flow_record *record);
/* A question begins in this flow: its activity, and the latest answer of a related flow that
 * completed after since_ns; false if none. */
bool depend_question(struct rnet_flow_table *table, struct flow_record *record, int64_t now_ns,
                     int64_t since_ns, struct flow_cause *cause);

/* Pressure: whether the line that the capture was made behind was full (pressure.c) ------------- */

struct flow_pressure;

/* NULL when out of memory. */
struct flow_pressure *pressure_new(void);
void pressure_free(struct flow_pressure *pressure);
struct flow_pressure *flow_table_pressure(struct rnet_flow_table *table);
/* A packet crosses the line; whether it is of a closed-loop flow. TCP's data going up is counted when it
 * is acknowledged instead, in segments of a size and with headers of a size. */
void pressure_add_packet(struct flow_pressure *pressure, const struct flow_packet *packet,
                         uint32_t ip_bytes, bool closed_loop);
void pressure_add_delivered(struct flow_pressure *pressure, int64_t time_ns,
                            uint64_t payload_bytes, uint32_t segment_bytes, uint32_t header_bytes);
/* A round trip to the internet side took this much longer than its smallest. */
void pressure_add_delay(struct flow_pressure *pressure, int64_t delay_ns);
/* A TCP flow ended: bytes of one direction by what limited them (enum rnet_rate_limit). */
void pressure_add_stretches(struct flow_pressure *pressure, int direction,
                            const uint64_t bytes[RNET_RATE_LIMITS]);
/* All has been seen. */
void pressure_conclude(struct flow_pressure *pressure, struct rnet_captured_line *line);
/* The smallest round trip known to a flow's internet end, from whatever flow; -1 = none. */
int64_t flow_known_rtt_ns(const struct rnet_flow_table *table, const struct flow_record *record);

/* Trackers: one per kind. _new returns NULL when out of memory. _add must not fail for want of
 * memory once _reserve has succeeded. _finish hands out what is left. ------------------------- */

struct datagram_track *
datagram_track_new(void);
enum rnet_status
datagram_track_reserve(struct datagram_track *track);
enum rnet_status
datagram_track_add(struct datagram_track *track, struct rnet_flow_table *table,
                   struct flow_record *record, const struct flow_packet *packet);
enum rnet_status
datagram_track_finish(struct datagram_track *track, struct rnet_flow_table *table,
                      struct flow_record *record);
void
datagram_track_describe(const struct datagram_track *track, struct rnet_flow *flow);
void
datagram_track_free(struct datagram_track *track);

/* Questions and answers over UDP: DNS and its like, QUIC. */
bool quic_is_closed_loop(const struct rnet_headers *headers);
struct quic_track *quic_track_new(void);
enum rnet_status quic_track_reserve(struct quic_track *track, struct rnet_flow_table *table,
                                    struct flow_record *record);
void quic_track_add(struct quic_track *track, struct rnet_flow_table *table,
                    struct flow_record *record, const struct flow_packet *packet);
enum rnet_status quic_track_finish(struct quic_track *track, struct rnet_flow_table *table,
                                   struct flow_record *record);
void quic_track_describe(const struct quic_track *track, struct rnet_flow *flow);
void quic_track_free(struct quic_track *track);

#endif
