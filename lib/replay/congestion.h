/* Congestion control: how much may be under way. One table of functions per algorithm. */
#ifndef RNET_REPLAY_CONGESTION_H
#define RNET_REPLAY_CONGESTION_H

#include "base/base.h"

#include <ruralnet/replay.h>

#define RNET_INITIAL_WINDOW 10 /* segments; RFC 6928; verified: standards.md §9 */
#define RNET_SSTHRESH_INFINITE UINT32_MAX

struct rnet_hystart {
    uint64_t round_end; /* sequence number */
    int64_t round_begun_ns;
    int64_t train_ns; /* last acknowledgement of the train */
    int64_t round_minimum_ns;
    uint32_t samples;
    bool found; /* slow start has been told to end */
};

/* RFC 9406 */
struct rnet_hystart_plus {
    uint64_t round_end;       /* sequence number */
    int64_t last_minimum_ns;  /* smallest round trip of the round before; INT64_MAX = none */
    int64_t round_minimum_ns; /* and of this one */
    int64_t baseline_ns;      /* and when conservative slow start began */
    uint32_t samples;
    uint32_t rounds; /* of conservative slow start that are over */
    uint32_t credit; /* acknowledged segments in it that did not yet make one of growth */
    bool conservative;
};

struct rnet_cubic {
    double plateau_segments; /* W_max */
    double origin_segments;  /* where the cubic levels out in this epoch */
    double k_s;              /* when it does */
    double reno_segments;    /* what RFC 5681 would have, W_est */
    double count;            /* acknowledged segments per segment of growth */
    uint32_t reno_acked;
    uint32_t window_seen; /* at the last computation */
    int64_t epoch_ns;     /* -1 = none */
    int64_t computed_ns;
    int64_t delay_ns;              /* smallest round trip; 0 = none */
    struct rnet_hystart hystart;   /* Linux's */
    struct rnet_hystart_plus plus; /* Windows's */
};

#define RNET_BBR_ROUNDS 10
struct rnet_bbr {
    double bandwidth[RNET_BBR_ROUNDS]; /* segments per second: largest of each of the last rounds */
    double full_bandwidth;
    double pacing_gain;
    double window_gain;
    uint64_t round;
    uint64_t round_end_delivered;
    int64_t minimum_rtt_ns;
    int64_t minimum_at_ns;
    int64_t cycle_begun_ns;
    int64_t probe_done_ns;
    uint32_t full_rounds;
    uint32_t window_before_probe;
    uint8_t state;
    uint8_t phase;
    bool full;
    bool round_started;
};

/* The part of a sender that congestion control sees and sets. */
struct rnet_window {
    uint32_t segments; /* cwnd */
    uint32_t ssthresh;
    uint32_t credit;      /* acknowledged segments not yet turned into growth */
    bool limited;         /* the window, not the application, held the last flight back */
    uint32_t flight_peak; /* largest flight of the present round */
    union {
        struct rnet_cubic cubic;
        struct rnet_bbr bbr;
    } u;
};

/* What an acknowledgement told. */
struct rnet_ack_sample {
    int64_t now_ns;
    int64_t rtt_ns;           /* of the newest segment it covers; -1 = none */
    uint64_t acked;           /* sequence number: oldest not acknowledged */
    uint64_t next;            /* sequence number: next to send */
    uint64_t delivered;       /* segments delivered since the connection began */
    uint64_t prior_delivered; /* the same when the newest segment it covers was sent */
    int64_t interval_ns;      /* since then, as the sender sees the pace; 0 = unknown */
    uint32_t newly_delivered;
    uint32_t in_flight;
    bool application_limited;
};

struct rnet_congestion {
    const char *name;
    void (*init)(struct rnet_window *window, int64_t now_ns);
    /* Grow for `acked` segments, outside of recovery. */
    void (*grow)(struct rnet_window *window, uint32_t acked, int64_t now_ns);
    /* The slow-start threshold after a loss now. */
    uint32_t (*reduce)(struct rnet_window *window);
    /* A round-trip sample; may be NULL. */
    void (*sample)(struct rnet_window *window, const struct rnet_ack_sample *ack);
    /* A time-out; may be NULL. */
    void (*timed_out)(struct rnet_window *window);
    /* Sending starts again after idling; may be NULL. */
    void (*resumed)(struct rnet_window *window, int64_t idle_ns);
    /* Takes the place of growth and of recovery's window; NULL for loss-based algorithms. */
    void (*control)(struct rnet_window *window, const struct rnet_ack_sample *ack);
    /* Time to leave between segments of `bytes`; NULL or 0: none. */
    int64_t (*pace_ns)(const struct rnet_window *window, uint32_t bytes, uint32_t mss);
};

extern const struct rnet_congestion rnet_congestion_cubic;
extern const struct rnet_congestion rnet_congestion_cubic_plus; /* with HyStart++ */
extern const struct rnet_congestion rnet_congestion_reno;
extern const struct rnet_congestion rnet_congestion_bbr;

const struct rnet_congestion *
rnet_congestion_find(enum rnet_congestion_control which);

static inline bool
rnet_window_in_slow_start(const struct rnet_window *window)
{
    return window->segments < window->ssthresh;
}

/* Slow start for `acked` segments; returns those left over at the threshold. */
uint32_t
rnet_window_slow_start(struct rnet_window *window, uint32_t acked);
/* One segment more for every `per_segment` acknowledged. */
void
rnet_window_grow_by(struct rnet_window *window, uint32_t per_segment, uint32_t acked);
/* Growth means something only where the window was in use: RFC 7661 in spirit, Linux in detail. */
bool
rnet_window_is_limiting(const struct rnet_window *window);

/* hystart.c */
void
rnet_hystart_reset(struct rnet_hystart *hystart, int64_t now_ns, uint64_t next);
/* True when slow start should end at the present window. */
bool
rnet_hystart_sample(struct rnet_hystart *hystart, uint32_t window_segments, int64_t delay_ns,
                    const struct rnet_ack_sample *ack);

/* hystart-plus.c */
void
rnet_hystart_plus_reset(struct rnet_hystart_plus *hystart, uint64_t next);
/* True when slow start should end at the present window. */
bool
rnet_hystart_plus_sample(struct rnet_hystart_plus *hystart, const struct rnet_ack_sample *ack);
/* By how many segments slow start may grow for `acked` of them. */
uint32_t
rnet_hystart_plus_growth(struct rnet_hystart_plus *hystart, uint32_t acked);

#endif
