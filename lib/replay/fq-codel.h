/*
 * Flow queueing with controlled delay, RFC 8290 and RFC 8289 [from memory]: packets are hashed into
 * queues that take turns by bytes, new ones first, and a queue whose packets keep waiting too long
 * drops some.
 */
#ifndef RNET_REPLAY_FQ_CODEL_H
#define RNET_REPLAY_FQ_CODEL_H

#include "base/base.h"
#include "replay/packet.h"

#include <ruralnet/link.h>

struct rnet_codel_queue {
    uint32_t head;
    uint32_t tail;
    uint32_t next;  /* queue in the same list, or RNET_NONE */
    uint32_t drops; /* in this dropping phase: CoDel's count */
    uint32_t drops_before;
    int32_t credit_bytes;
    int64_t first_above_ns; /* 0 = the delay was below target */
    int64_t drop_next_ns;
    uint8_t list; /* enum codel_list */
    bool dropping;
};

struct rnet_codel_list {
    uint32_t head;
    uint32_t tail;
};

struct rnet_fq_codel {
    struct rnet_codel_queue *queues;
    struct rnet_packet_pool *pool;
    uint32_t queue_count;
    uint32_t quantum_bytes;
    uint32_t mtu_bytes;
    uint32_t queued_packets;
    uint64_t queued_bytes;
    uint64_t limit_bytes;   /* 0 = none */
    uint32_t limit_packets; /* 0 = none */
    int64_t target_ns;
    int64_t interval_ns;
    uint64_t seed;
    struct rnet_codel_list lists[2];
};

/* NULL when out of memory. */
struct rnet_fq_codel *
rnet_fq_codel_new(const struct rnet_link *link, enum rnet_direction direction, uint64_t seed,
                  struct rnet_packet_pool *pool);
void
rnet_fq_codel_free(struct rnet_fq_codel *fair);

/*
 * Add a packet. If the limits are exceeded, the packet at the head of the longest queue is taken
 * out and returned (it is the caller's to drop); RNET_NONE otherwise.
 */
uint32_t
rnet_fq_codel_put(struct rnet_fq_codel *fair, uint32_t packet, int64_t now_ns);

/*
 * Next packet to send, or RNET_NONE. Packets that CoDel drops are handed to the callback, which
 * owns them from then on.
 */
uint32_t
rnet_fq_codel_take(struct rnet_fq_codel *fair, int64_t now_ns,
                   void (*dropped)(void *context, uint32_t packet), void *context);

#endif
