/*
 * One direction of the access line: a queue, a server that sends one packet at a time, and a delay.
 *
 *     packets in = packets out + dropped + queued (the one in service included), bytes likewise.
 */
#ifndef RNET_REPLAY_LINE_H
#define RNET_REPLAY_LINE_H

#include "base/base.h"
#include "replay/fq-codel.h"
#include "replay/packet.h"

#include <ruralnet/link.h>
#include <ruralnet/replay.h>

struct rnet_line {
    const struct rnet_link *link;
    const struct rnet_link_direction *spec;
    enum rnet_direction direction;
    struct rnet_packet_pool *pool;
    struct rnet_line_outcome *counts;
    struct rnet_fq_codel *fair; /* NULL: drop tail */
    uint32_t head;              /* drop tail: packets waiting */
    uint32_t tail;
    uint32_t in_service;     /* or RNET_NONE */
    uint32_t queued_packets; /* the one in service included */
    uint64_t queued_bytes;
    double rate_factor;      /* on all its rates, between replications; 1 = as specified */
    int64_t last_arrival_ns; /* keeps the order of packets when the delay varies */
    struct rnet_random random;
    struct rnet_random
        others; /* load on the shared backhaul: own stream, so that it moves nothing else */
    bool others_are_on;
    int64_t others_until_ns; /* how long that lasts */
};

/* When the packet in service will have left; meaningful only if rnet_line_put() or _sent() say so.
 */
struct rnet_line_service {
    bool started;
    int64_t done_ns;
};

/* counts and pool are borrowed for the line's lifetime. */
enum rnet_status
rnet_line_init(struct rnet_line *line, const struct rnet_link *link, enum rnet_direction direction,
               uint64_t seed, struct rnet_packet_pool *pool, struct rnet_line_outcome *counts);
void
rnet_line_clear(struct rnet_line *line);

/* A packet reaches the queue. Dropped packets go back to the pool. */
struct rnet_line_service
rnet_line_put(struct rnet_line *line, uint32_t packet, int64_t now_ns);

/*
 * The packet in service has left. Returns it, or RNET_NONE if it was lost behind the queue, with
 * the time it takes to the far end in *flight_ns; *next says whether another one started.
 */
uint32_t
rnet_line_sent(struct rnet_line *line, int64_t now_ns, int64_t *flight_ns,
               struct rnet_line_service *next);

#endif
