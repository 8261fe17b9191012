/*
 * What a sender has sent and not yet seen acknowledged, segment by segment: a ring in the order of
 * sequence numbers, threaded by a list in the order of sending.
 *
 *     sacked + lost + travelling = count, where a lost segment sent again travels once more.
 */
#ifndef RNET_REPLAY_SCOREBOARD_H
#define RNET_REPLAY_SCOREBOARD_H

#include "base/base.h"

#include <ruralnet/demand.h>

enum rnet_sent_flag {
    RNET_SENT_SACKED = 1u << 0,
    RNET_SENT_LOST = 1u << 1,
    RNET_SENT_AGAIN = 1u << 2,      /* a retransmission of it is under way */
    RNET_SENT_EVER_AGAIN = 1u << 3, /* it was retransmitted at some time */
    RNET_SENT_LISTED = 1u << 4,     /* in the list by time */
};

struct rnet_sent {
    uint64_t begin;
    int64_t sent_ns;      /* the last time */
    uint64_t delivered;   /* segments the connection had delivered when this one was sent */
    int64_t delivered_ns; /* and when the last of them was */
    uint32_t bytes;
    uint32_t earlier; /* neighbours in the list by time: numbers */
    uint32_t later;
    uint32_t message; /* its first byte belongs to */
    uint8_t flags;
};

/* Segments are numbered from 0; number & mask is the place in the ring. A connection of 2^32 - 1
 * segments (6 TB) would reuse RNET_NONE; simulated time ends long before. */
struct rnet_scoreboard {
    struct rnet_sent *ring;
    uint32_t capacity; /* power of two, or 0 */
    uint32_t first;    /* number of the oldest */
    uint32_t count;
    uint32_t oldest; /* list by time, RNET_NONE if empty */
    uint32_t newest;
    uint32_t sacked;
    uint32_t lost;
    uint32_t again;
};

void
rnet_scoreboard_clear(struct rnet_scoreboard *board);
/* Forget all segments, keep the memory. */
void
rnet_scoreboard_reset(struct rnet_scoreboard *board);

static inline struct rnet_sent *
rnet_scoreboard_at(const struct rnet_scoreboard *board, uint32_t number)
{
    return &board->ring[number & (board->capacity - 1)];
}

static inline uint64_t
rnet_sent_end(const struct rnet_sent *sent)
{
    return sent->begin + sent->bytes;
}

/* Segments believed to be in the network. */
static inline uint32_t
rnet_scoreboard_in_flight(const struct rnet_scoreboard *board)
{
    return board->count - board->sacked - board->lost + board->again;
}

/* Append a segment just sent; NULL when out of memory. */
struct rnet_sent *
rnet_scoreboard_add(struct rnet_scoreboard *board, uint64_t begin, uint32_t bytes, int64_t now_ns);
/* Remove the oldest. */
void
rnet_scoreboard_drop_first(struct rnet_scoreboard *board);
/* Number of the segment that holds `sequence`, or one past the last. */
uint32_t
rnet_scoreboard_find(const struct rnet_scoreboard *board, uint64_t sequence);
void
rnet_scoreboard_mark_sacked(struct rnet_scoreboard *board, uint32_t number);
void
rnet_scoreboard_mark_lost(struct rnet_scoreboard *board, uint32_t number);
/* It is sent again now: last in the list by time. */
void
rnet_scoreboard_mark_again(struct rnet_scoreboard *board, uint32_t number, int64_t now_ns);
/* None is lost after all. */
void
rnet_scoreboard_unmark_lost(struct rnet_scoreboard *board);

#endif
