/*
 * A replay under way: one office, one line, the internet behind it.
 *
 *     office host -- office delay -- line (queue, sending, delay) -- internet delay -- server
 *
 * Everything a run touches hangs on this object; nothing is shared between runs.
 */
#ifndef RNET_REPLAY_SIM_H
#define RNET_REPLAY_SIM_H

#include "replay/events.h"
#include "replay/line.h"
#include "replay/packet.h"

#include <ruralnet/demand.h>
#include <ruralnet/replay.h>

/* One-way delays of a conversation outside the line, the same both ways. */
struct rnet_path {
    int64_t office_ns;
    int64_t internet_ns;
};

struct rnet_sim {
    const struct rnet_demand *demand;
    const struct rnet_link *link;
    struct rnet_replay_options options;
    struct rnet_outcomes *outcomes;
    int64_t now_ns;  /* since the demand's begin_ns */
    int64_t last_ns; /* when a packet last moved */
    struct rnet_events events;
    struct rnet_packet_pool packets;
    struct rnet_line lines[RNET_DIRECTIONS];
    struct rnet_path *paths;    /* per conversation */
    uint32_t *owners;           /* per message: its conversation */
    uint32_t *next_items;       /* per conversation: next item on the capture's clock */
    uint32_t next_conversation; /* to begin on the capture's clock */
    struct rnet_source *source; /* NULL in an open-loop replay, and so is tcp */
    struct rnet_tcp_table *tcp;
    struct rnet_baseline *baseline; /* open-loop replay of messages; NULL otherwise */
    int64_t cpu_end_ns;             /* processor time at which options.max_cpu_ns is spent */
    enum rnet_status status;        /* first failure inside a handler */
};

#define RNET_TIME_MAX (INT64_MAX / 4) /* 73 years: far past any run, far from overflow */

/* The sum of a time of the run and a delay from the demand, which may be anything. */
static inline int64_t
rnet_time_add(int64_t time_ns, int64_t delay_ns)
{
    return delay_ns < RNET_TIME_MAX - time_ns ? time_ns + delay_ns : RNET_TIME_MAX;
}

/* Time of the capture's clock in simulated time, never negative. */
static inline int64_t
rnet_sim_time(const struct rnet_sim *sim, int64_t capture_ns)
{
    const uint64_t since_ns = (uint64_t)capture_ns - (uint64_t)sim->demand->begin_ns;

    if (capture_ns <= sim->demand->begin_ns)
        return 0;
    return since_ns < (uint64_t)RNET_TIME_MAX ? (int64_t)since_ns : RNET_TIME_MAX;
}

static inline void
rnet_sim_at(struct rnet_sim *sim, int64_t time_ns, enum rnet_event_kind kind, uint32_t target)
{
    rnet_events_push(&sim->events, time_ns > sim->now_ns ? time_ns : sim->now_ns, kind, target);
}

/* A packet with its addressing filled in, or NULL when out of memory (the run then ends). */
struct rnet_packet *
rnet_sim_packet(struct rnet_sim *sim, uint32_t conversation, enum rnet_packet_kind kind,
                enum rnet_direction direction, uint32_t ip_bytes, uint32_t *index);
/* Its sender lets it go: it reaches the line's queue after the sender's side of the path. */
void
rnet_sim_send(struct rnet_sim *sim, uint32_t packet);
/* It is at the line's queue now. */
void
rnet_sim_enter_line(struct rnet_sim *sim, uint32_t packet);

/* path.c: delays outside the line, and how they and think times spread between replications */
enum rnet_spread_node {
    RNET_SPREAD_PATH = 1,
    RNET_SPREAD_THINK = 2,
    RNET_SPREAD_OPEN = 3,
    RNET_SPREAD_RATE = 4,
};
enum rnet_status
rnet_paths_init(struct rnet_sim *sim);
double
rnet_sim_spread(const struct rnet_sim *sim, enum rnet_spread_node node, uint32_t index);

/* datagram.c: open loop */
void
rnet_datagrams_next(struct rnet_sim *sim, uint32_t conversation);
void
rnet_datagram_arrived(struct rnet_sim *sim, const struct rnet_packet *packet);

/* baseline.c: messages as packets at captured times */
enum rnet_status
rnet_baseline_init(struct rnet_sim *sim);
void
rnet_baseline_clear(struct rnet_sim *sim);
void
rnet_baseline_next(struct rnet_sim *sim, uint32_t conversation);
void
rnet_baseline_message(struct rnet_sim *sim, uint32_t message);
void
rnet_baseline_arrived(struct rnet_sim *sim, const struct rnet_packet *packet);

/* outcome.c */
enum rnet_status
rnet_outcomes_init(struct rnet_outcomes *outcomes, const struct rnet_demand *demand);
void
rnet_outcomes_finish(struct rnet_sim *sim);

#endif
