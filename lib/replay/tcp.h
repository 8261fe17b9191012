/*
 * TCP between an office host and a server, both ends of it, as a present-day Linux does it.
 *
 * A connection has two endpoints, indexed by the direction of the data they send: the office host
 * is endpoint[RNET_UP]. Sequence numbers count application bytes from 0 in each direction; SYN
 * takes none. Messages are stretches of the stream.
 */
#ifndef RNET_REPLAY_TCP_H
#define RNET_REPLAY_TCP_H

#include "replay/congestion.h"
#include "replay/player.h"
#include "replay/rtt.h"
#include "replay/scoreboard.h"
#include "replay/sim.h"

enum rnet_tcp_state {
    RNET_TCP_OPEN,     /* nothing wrong */
    RNET_TCP_DISORDER, /* something missing, not yet called lost */
    RNET_TCP_CWR,      /* window being reduced without a retransmission */
    RNET_TCP_RECOVERY, /* retransmitting what was called lost */
    RNET_TCP_LOSS,     /* after a time-out */
};

enum rnet_tcp_timer {
    RNET_TIMER_NONE,
    RNET_TIMER_RTO,
    RNET_TIMER_PROBE,   /* RFC 8985 section 7 */
    RNET_TIMER_REORDER, /* RFC 8985 section 6.3 */
    RNET_TIMER_OPEN,    /* SYN or its answer */
};

/* RFC 8985 */
struct rnet_rack {
    int64_t sent_ns; /* of the delivered segment that was sent last */
    uint64_t end;    /* and where it ends */
    int64_t rtt_ns;
    bool advanced;
};

/* RFC 6937 */
struct rnet_prr {
    uint32_t delivered;
    uint32_t out;
    uint32_t window_before;
};

/* What would be taken back if a retransmission turned out needless. */
struct rnet_undo {
    bool armed;
    uint64_t from;          /* sequence number at which the episode began */
    int32_t again;          /* retransmissions not yet reported as duplicates; -1 = none sent */
    int64_t first_again_ns; /* when the first retransmission of the episode left; 0 = none */
    uint32_t window_before;
    uint32_t ssthresh_before; /* 0 = nothing to take back */
};

struct rnet_tcp_sender {
    uint64_t acked;      /* oldest byte not acknowledged */
    uint64_t next;       /* next byte to send */
    uint64_t written;    /* end of what the application handed over */
    uint64_t window_end; /* receiver's window: first byte it would not take */
    uint64_t recovery_end;
    uint64_t usage_round_end;
    uint64_t probe_end; /* end of the tail loss probe; 0 = none out */
    uint64_t delivered; /* segments */
    int64_t delivered_ns;
    int64_t last_sent_ns;
    int64_t window_used_ns; /* when the window was last in full use */
    int64_t pace_free_ns;
    uint32_t window_used; /* largest flight since */
    uint32_t mss;
    uint32_t backoff;
    uint32_t retransmit_hint; /* number: nothing lost and unsent before it */
    struct rnet_scoreboard board;
    struct rnet_window window;
    struct rnet_rtt rtt;
    struct rnet_rack rack;
    struct rnet_prr prr;
    struct rnet_undo undo;
    struct rnet_byte_range sack_seen[RNET_SACK_BLOCKS];
    const struct rnet_congestion *congestion;
    enum rnet_tcp_state state;
    bool forward_rto;     /* RFC 5682 under way */
    bool probe_was_again; /* the tail loss probe repeated old data */
    bool reordering_seen;
    /* Messages in the order written: those not yet delivered, and those not yet wholly accepted. */
    uint32_t first_undelivered;
    uint32_t first_unaccepted;
    uint32_t last_message;
};

struct rnet_tcp_receiver {
    uint64_t next;                /* next byte expected */
    uint64_t acknowledged;        /* last acknowledgement sent */
    uint64_t window_edge;         /* never moves back */
    uint64_t window_bytes;        /* what we would offer */
    uint64_t buffer_bytes;        /* the window grows up to this, */
    uint64_t window_limit_bytes;  /* and this up to that */
    struct rnet_byte_range *held; /* out of order, sorted, disjoint */
    size_t held_count;
    size_t held_capacity;
    struct rnet_byte_range recent[RNET_SACK_BLOCKS]; /* as SACK reports them: newest first */
    struct rnet_byte_range duplicate;                /* to be reported (RFC 2883); empty if not */
    uint8_t recent_count;
    uint32_t quick_acks; /* still to be sent at once */
    bool quic;           /* acknowledges and invites as QUIC does */
    bool interactive;    /* answers carry the acknowledgements: delay them */
    bool started;
    uint8_t pushed;         /* short segments waiting to be acknowledged: 0, 1, 2 or more */
    int64_t ack_timeout_ns; /* Linux's ato */
    int64_t last_data_ns;
    int64_t echo_ns;        /* timestamp to echo */
    uint32_t segment_bytes; /* estimate of the peer's full segment */
    /* dynamic right-sizing */
    int64_t rtt_ns;
    int64_t tuned_ns;
    uint64_t tuned_next;
    uint64_t tuned_bytes;
};

struct rnet_tcp_endpoint {
    struct rnet_tcp_sender sender;
    struct rnet_tcp_receiver receiver;
    int64_t timer_due_ns;   /* RNET_TIME_MAX = none */
    int64_t timer_event_ns; /* when the pending event will look; RNET_TIME_MAX = none pending */
    int64_t ack_due_ns;
    int64_t ack_event_ns;
    enum rnet_tcp_timer timer;
    uint32_t connection; /* slot */
    uint8_t direction;   /* of the data it sends */
    bool established;
    bool pace_pending;
};

struct rnet_tcp_connection {
    struct rnet_tcp_endpoint endpoint[RNET_DIRECTIONS];
    uint32_t conversation;
    uint32_t next_free;
    uint32_t header_bytes; /* IP and transport, options included */
    uint32_t syn_bytes;
    uint32_t flight_limit_bytes[RNET_DIRECTIONS]; /* the application's own; 0 = none */
    uint32_t tries;                               /* of the SYN */
    uint8_t opener;                               /* direction of the opener's data */
    bool quic;
    bool lookup; /* bare datagrams: a question, an answer, no acknowledgements */
    bool answered;
    bool watched;        /* an event will look whether it makes progress, */
    int64_t watch_ns;    /* then */
    int64_t progress_ns; /* when something last arrived */
    struct rnet_player player;
    int64_t syn_sent_ns[RNET_DIRECTIONS];
};

/* connection.c: slots, set-up and dispatch */
enum rnet_status
rnet_tcp_init(struct rnet_sim *sim);
void
rnet_tcp_clear(struct rnet_sim *sim);
/* Begin set-up of a conversation; sim->status tells of failure. */
void
rnet_tcp_open(struct rnet_sim *sim, uint32_t conversation);
void
rnet_tcp_close(struct rnet_sim *sim, uint32_t conversation);
void
rnet_tcp_arrived(struct rnet_sim *sim, const struct rnet_packet *packet);
/* Close it if all it had to say is said and acknowledged. */
void
rnet_tcp_finish(struct rnet_sim *sim, uint32_t conversation);
/* Events; targets are slot * 2 + direction. */
void
rnet_tcp_timer(struct rnet_sim *sim, uint32_t target);
void
rnet_tcp_ack_timer(struct rnet_sim *sim, uint32_t target);
void
rnet_tcp_pace(struct rnet_sim *sim, uint32_t target);
struct rnet_tcp_connection *
rnet_tcp_connection(const struct rnet_sim *sim, uint32_t slot);
struct rnet_tcp_connection *
rnet_tcp_of(const struct rnet_sim *sim, uint32_t conversation);
void
rnet_tcp_set_timer(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                   enum rnet_tcp_timer timer, int64_t due_ns);
void
rnet_tcp_set_ack_timer(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, int64_t due_ns);

/* tcp-sender.c: sending */
void
rnet_tcp_sender_init(struct rnet_tcp_sender *sender, const struct rnet_congestion *congestion,
                     uint32_t mss, int64_t now_ns);
/* `bytes` more of the stream. */
void
rnet_tcp_write(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint64_t bytes);
void
rnet_tcp_push(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
/* One segment of new data although the window is full; false if there is none. */
bool
rnet_tcp_send_probe_data(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
void
rnet_tcp_send_again(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint32_t number);
uint64_t
rnet_tcp_send_buffer_bytes(const struct rnet_tcp_sender *sender);
void
rnet_tcp_send_lost(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);

/* tcp-ack.c: acknowledgements received */
void
rnet_tcp_acknowledged(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                      const struct rnet_segment *segment);

/* tcp-recovery.c: what to make of loss */
enum rnet_ack_flag {
    RNET_ACK_ADVANCED = 1u << 0,  /* the oldest unacknowledged byte moved */
    RNET_ACK_DATA = 1u << 1,      /* data newly acknowledged */
    RNET_ACK_SACKED = 1u << 2,    /* data newly sacked */
    RNET_ACK_ORIGINAL = 1u << 3,  /* of it, never retransmitted, sent before the time-out */
    RNET_ACK_DUPLICATE = 1u << 4, /* reports a duplicate (D-SACK) */
    RNET_ACK_AGAIN = 1u << 5,     /* covers a retransmitted segment */
    RNET_ACK_SET_TIMER = 1u << 6,
    RNET_ACK_LOST_AGAIN = 1u << 7, /* a retransmission was found lost */
    RNET_ACK_HAS_DATA = 1u << 8,
    RNET_ACK_WINDOW = 1u << 9, /* the window moved */
};
enum rnet_resend {
    RNET_RESEND_NONE,
    RNET_RESEND_LOST,
    RNET_RESEND_NEW,
};
enum rnet_resend
rnet_tcp_recover(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, unsigned *flags,
                 int64_t echoed_ns);
void
rnet_tcp_enter_loss(struct rnet_tcp_sender *sender, int64_t now_ns);
void
rnet_tcp_prr(struct rnet_tcp_sender *sender, uint32_t newly_delivered, uint32_t newly_lost,
             bool advanced);
void
rnet_tcp_begin_reduction(struct rnet_tcp_sender *sender);
void
rnet_tcp_end_reduction(struct rnet_tcp_sender *sender, int64_t now_ns);
void
rnet_tcp_keep_open(struct rnet_tcp_sender *sender);

/* rack.c: what is lost */
/* Marks lost segments; returns how long until another may be (0 = nothing to wait for). */
int64_t
rnet_rack_mark(struct rnet_tcp_sender *sender, int64_t now_ns, bool *lost_again);
void
rnet_rack_delivered(struct rnet_tcp_sender *sender, const struct rnet_sent *sent, int64_t now_ns);
int64_t
rnet_rack_overdue_ns(const struct rnet_tcp_sender *sender, const struct rnet_sent *sent,
                     int64_t window_ns, int64_t now_ns);

/* tcp-timer.c */
void
rnet_tcp_rearm(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
/* A tail loss probe if one is due at all, else the retransmission time-out. */
void
rnet_tcp_arm_after_ack(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
bool
rnet_tcp_arm_probe(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, bool advancing);
void
rnet_tcp_timer_due(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
void
rnet_tcp_pace_at(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, int64_t time_ns);

/* tcp-receiver.c */
void
rnet_tcp_receiver_init(struct rnet_tcp_receiver *receiver, uint32_t mss, uint64_t window_limit,
                       bool quic);
void
rnet_tcp_receiver_clear(struct rnet_tcp_receiver *receiver);
void
rnet_tcp_received(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                  const struct rnet_segment *segment);
void
rnet_tcp_ack_due(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
void
rnet_tcp_send_ack(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
/* Fill in what every segment says about the other direction; data sent clears delayed ACKs. */
void
rnet_tcp_fill_ack(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                  struct rnet_segment *segment);
uint32_t
rnet_tcp_sack_option_bytes(const struct rnet_tcp_receiver *receiver);

#endif
