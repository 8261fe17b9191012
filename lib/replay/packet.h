/* Packets under way, and the pool they live in. */
#ifndef RNET_REPLAY_PACKET_H
#define RNET_REPLAY_PACKET_H

#include "base/base.h"

#include <ruralnet/demand.h>

enum rnet_packet_kind {
    RNET_PACKET_DATAGRAM, /* item = index of the datagram */
    RNET_PACKET_FRAGMENT, /* open loop: a packet of message `item` */
    RNET_PACKET_FILLER,   /* open loop: an acknowledgement nobody reads */
    RNET_PACKET_SEGMENT,  /* TCP or QUIC */
};

enum rnet_segment_flag {
    RNET_SEGMENT_SYN = 1u << 0,
    RNET_SEGMENT_ACK = 1u << 1,
    RNET_SEGMENT_PUSH = 1u << 2,  /* the sender had nothing more to say */
    RNET_SEGMENT_DSACK = 1u << 3, /* the first block reports a duplicate (RFC 2883) */
};

#define RNET_SACK_BLOCKS 4

struct rnet_byte_range {
    uint64_t begin;
    uint64_t end;
};

/* What a TCP header says; sequence numbers count from 0 and do not wrap. */
struct rnet_segment {
    uint64_t sequence;
    uint64_t acknowledged;
    uint64_t window_bytes;
    int64_t sent_ns;   /* TSval: the sender's clock */
    int64_t echoed_ns; /* TSecr */
    uint32_t bytes;
    uint8_t flags;
    uint8_t sack_count;
    struct rnet_byte_range sack[RNET_SACK_BLOCKS];
};

struct rnet_packet {
    int64_t entered_ns; /* into the line's queue */
    uint32_t next;      /* in a queue or in the pool's free list */
    uint32_t conversation;
    uint32_t item;
    uint32_t ip_bytes;
    uint8_t kind;
    uint8_t direction;
    struct rnet_segment segment;
};

/* Slots are reused, newest first, so a steady state allocates nothing and stays in the cache. */
struct rnet_packet_pool {
    struct rnet_packet *packets;
    size_t capacity;
    size_t used;   /* slots ever handed out */
    uint32_t free; /* first free slot, or RNET_NONE */
    bool out_of_memory;
};

void
rnet_packet_pool_init(struct rnet_packet_pool *pool);
void
rnet_packet_pool_clear(struct rnet_packet_pool *pool);
/* A slot with undefined contents, or RNET_NONE when out of memory. */
uint32_t
rnet_packet_take(struct rnet_packet_pool *pool);
void
rnet_packet_give_back(struct rnet_packet_pool *pool, uint32_t index);

#endif
