/* TCP tracking of one flow, for the files tcp*.c and messages.c. */
#ifndef RNET_FLOW_TCP_H
#define RNET_FLOW_TCP_H

#include "flow/flow.h"

/* When bytes passed: the last moment at which everything below `end` had. */
struct tcp_mark {
    uint64_t end;
    int64_t time_ns;
};

/* Powers of two. Most connections are short: what they need of a ring is in the track itself, and
 * tcp_track_reserve() gets whole ones before the first entry would be overwritten. */
#define TCP_MARKS 16
#define TCP_HEARD 16
#define TCP_FEW 4

/* What a receiver had told by a time: sequence numbers' low halves. */
struct tcp_heard {
    int64_t time_ns;
    uint32_t acked;
    uint32_t window;
};

struct tcp_rings {
    struct tcp_mark marks[RNET_DIRECTIONS][TCP_MARKS];
    struct tcp_heard heard[RNET_DIRECTIONS][TCP_HEARD];
};

/* One direction's data, and what its sender told about itself. Sequence numbers are unwrapped to
 * 64 bits; they start near 2^32 so that older ones do not wrap below 0. */
struct tcp_stream {
    uint64_t first;   /* sequence number of the first byte */
    uint64_t next;    /* one past the highest byte seen */
    uint64_t acked;   /* highest acknowledgement of this data */
    int64_t next_ns;  /* when `next` last moved */
    int64_t acked_ns; /* when `acked` last moved */
    int64_t syn_ns;   /* last SYN of this sender, -1 = none */
    int64_t rtt_ns;   /* smallest round trip capture point <-> receiver, -1 = not seen */
    struct tcp_mark *marks; /* a ring of mark_mask + 1 */
    uint32_t mark_mask;
    uint32_t mark_first; /* oldest mark not yet acknowledged */
    uint32_t mark_end;
    uint32_t retransmitted; /* counters of rnet_flow; no capture has 2^32 of a connection's */
    uint32_t out_of_order;
    uint32_t duplicate_acks; /* sent by the receiver of this data */
    uint32_t zero_windows;   /* likewise */
    uint32_t duplicates_in_row;
    uint32_t window; /* receive window its receiver last advertised, scaled */
    uint32_t window_most;
    uint32_t largest_payload;
    uint16_t mss_option;  /* its receiver's SYN; 0 = not seen */
    uint8_t window_scale; /* its sender's SYN; 255 = none or not seen */
    bool known;
    bool ack_known;
    bool syn_seen;
    bool fin_seen;
    bool keep_alive_last; /* its last segment was a keep-alive */
    bool sack;
    bool timestamps;

    /* messages.c */
    uint64_t spoke_ack;  /* what the sender had received of the other stream when it last sent */
    uint64_t open_ack;   /* likewise, when it began its message */
    uint64_t began;      /* sequence number at which its last message began */
    uint64_t burst_from; /* first byte since its last gap */
    int64_t data_ns;     /* last new data */
    int64_t pace_ns;     /* usual pause between messages it wrote by itself; 0 = not known */
    uint32_t previous;   /* index of the message before its last one, or RNET_NONE */
    bool last_partial;   /* the last segment was not a full one: the sender had nothing more */
    bool spoke;
    bool tls_data; /* a TLS application record was seen */
};

/* What holds one direction's sender back (tcp-limit.c). */
struct tcp_limit {
    struct tcp_heard *heard; /* a ring of heard_mask + 1: the latest is heard_end - 1 */
    uint32_t heard_mask;
    uint32_t heard_end;
    uint32_t stretches;                /* ended */
    uint64_t bytes[RNET_RATE_LIMITS];  /* of those, by what held them back */
    uint64_t stretch_bytes;            /* of the stretch under way; 0 = none */
    uint32_t lost_before;              /* retransmissions counted when it began */
    int64_t busy_ns;                   /* its duration */
    int64_t edge_ns;                   /* of it, waiting at the end of the receiver's window */
    int64_t rtt_sum_ns;                /* of the smallest samples of its rounds */
    int64_t rtt_least_ns;              /* of all samples; 0 = none yet */
    int64_t round_ns;                  /* when the round under way began */
    uint64_t told_bytes;               /* delivered as duplicate acknowledgements told */
    int64_t round_rtt_ns;              /* smallest sample of the round under way; 0 = none */
    int64_t echo_ns;                   /* when the timestamp followed passed */
    uint32_t echo_value;
    uint32_t rtt_count;
    uint32_t stretch_flight;           /* most in flight in this stretch */
    uint32_t round_flight;             /* and in this round */
    uint32_t level_flight;             /* in flight in the rounds alike so far */
    uint32_t level_rounds;             /* how many they are */
    uint32_t level_most;               /* the longest such row of the stretch */
    uint32_t own_window;               /* largest level of an application's own; 0 = none */
    bool at_edge;
    bool echo_wanted;
};

struct tcp_track {
    struct flow_talk talk; /* first: see flow_record.talk */
    struct tcp_stream stream[RNET_DIRECTIONS];
    struct tcp_limit limit[RNET_DIRECTIONS];
    int64_t initial_rtt_ns;
    int64_t open_ns; /* handshake done, at the capture point; -1 = not seen */
    uint32_t keep_alives;
    uint32_t typed_ahead; /* questions sent while the answer to the last was under way */
    uint8_t opener; /* direction of the first SYN */
    bool handshake_seen;
    bool reset;
    struct tcp_mark few_marks[RNET_DIRECTIONS][TCP_FEW];
    struct tcp_heard few_heard[RNET_DIRECTIONS][TCP_FEW];
    struct tcp_rings *rings; /* in place of the two above; NULL = not needed yet */
};

/* Sequence number near a known one, unwrapped. */
static inline uint64_t
tcp_unwrap(uint64_t near, uint32_t sequence)
{
    return near + (uint64_t)(int64_t)(int32_t)(sequence - (uint32_t)near);
}

/* A segment's place among what was seen before. */
enum tcp_place {
    TCP_NEW,
    TCP_RETRANSMITTED,
    TCP_OUT_OF_ORDER,
    TCP_KEEP_ALIVE,
    TCP_EMPTY,
};

struct tcp_track *
tcp_track_new(void);
enum rnet_status
tcp_track_reserve(struct tcp_track *track, struct rnet_flow_table *table,
                  struct flow_record *record);
enum rnet_status
tcp_track_add(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record,
              const struct flow_packet *packet);
enum rnet_status
tcp_track_finish(struct tcp_track *track, struct rnet_flow_table *table,
                 struct flow_record *record);
/* Adds to a flow whose packets and bytes are filled in. */
void
tcp_track_describe(const struct tcp_track *track, struct rnet_flow *flow);
bool
tcp_track_is_closed(const struct tcp_track *track);
/* Whether a SYN starts another connection between the same ports. */
bool
tcp_track_is_reused(const struct tcp_track *track, const struct flow_packet *packet);
void
tcp_track_free(struct tcp_track *track);

/* tcp-rtt.c: note that data up to `end` passed, that it was sent again, that it is acknowledged. */
void
tcp_marks_sent(struct tcp_stream *stream, uint64_t end, int64_t time_ns);
void
tcp_marks_resent(struct tcp_stream *stream);
/* The latest round trip this tells; -1 = none. */
int64_t
tcp_marks_acked(struct tcp_stream *stream, uint64_t acked, int64_t time_ns);
/* When the byte before `end` passed, as far as marks tell. */
int64_t
tcp_marks_time(const struct tcp_stream *stream, uint64_t end);

/* Payload of a full segment of a direction; 0 = not known. */
uint16_t tcp_full_segment_bytes(const struct tcp_track *track, int direction);

/* tcp-limit.c: the receiver of a direction's data told something; new data was sent, after its
 * application had rested or not; a round trip was seen beside the smallest known so far. */
void
limit_heard(struct tcp_track *track, const struct flow_packet *packet);
void
limit_data(struct tcp_track *track, int direction, int64_t time_ns, uint64_t end, uint64_t fresh,
           bool rested);
void
limit_rtt(struct tcp_track *track, int direction, int64_t rtt_ns, int64_t known_least_ns);
/* The round trip to the sender of a packet with data, from its timestamp; -1 = it does not tell. */
int64_t
limit_echo_rtt(struct tcp_track *track, const struct flow_packet *packet, bool rested);
void
limit_end_stretch(struct tcp_track *track, int direction);
/* What limited a direction so far. */
enum rnet_rate_limit
limit_of(const struct tcp_track *track, int direction);

/* messages.c: new bytes in order or filling a hole. */
void messages_add(struct tcp_track *track, struct rnet_flow_table *table,
                  struct flow_record *record, const struct flow_packet *packet, uint64_t new_bytes);

#endif
