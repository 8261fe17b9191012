/* The simulator's clock: what happens when, in the order of (time, order of asking). */
#ifndef RNET_REPLAY_EVENTS_H
#define RNET_REPLAY_EVENTS_H

#include "base/base.h"

enum rnet_event_kind {
    RNET_EVENT_ENTER_LINE, /* target = packet: it reaches the line's queue */
    RNET_EVENT_LINE_SENT,  /* target = direction: the packet in service has left */
    RNET_EVENT_ARRIVE,     /* target = packet: it reaches its receiver */
    RNET_EVENT_BEGIN,      /* no target: the next conversation of the demand */
    RNET_EVENT_OPEN,       /* target = conversation */
    RNET_EVENT_NEXT_ITEM,  /* target = conversation: its next item on the capture's clock */
    RNET_EVENT_MESSAGE,    /* target = message: its own wait is over */
    RNET_EVENT_TCP_TIMER,  /* target = endpoint */
    RNET_EVENT_TCP_ACK,    /* target = endpoint: a delayed acknowledgement */
    RNET_EVENT_TCP_PACE,   /* target = endpoint: the next segment may go */
    RNET_EVENT_PATIENCE,   /* target = conversation: has it made progress? */
};

struct rnet_event {
    int64_t time_ns;
    uint64_t order_kind; /* order of asking << 8 | kind */
    uint32_t target;
};

/*
 * Packets mostly move in the order they were sent: a line's packets leave and arrive one after the
 * other. Their events go into a few lanes, each sorted because it is only ever appended to; what
 * fits no lane, and every timer, goes into a 4-ary heap. The earliest is the first of a lane or of
 * the heap. For a steady flow of packets that costs a third of what the heap alone does.
 */
#define RNET_EVENT_LANES 8 /* a line has five streams of events; the rest for other round trips */

struct rnet_event_lane {
    struct rnet_event *events;
    size_t first;
    size_t end;
    size_t capacity;
};

struct rnet_events {
    struct rnet_event *heap;
    size_t heap_count;
    size_t heap_capacity;
    struct rnet_event_lane lanes[RNET_EVENT_LANES];
    int64_t head_ns[RNET_EVENT_LANES]; /* of each lane's first event; INT64_MAX = empty */
    uint64_t head_order[RNET_EVENT_LANES];
    int64_t tail_ns[RNET_EVENT_LANES]; /* of its last; INT64_MIN = empty */
    uint64_t asked;                    /* events ever pushed: ties replay in the order of asking */
    bool out_of_memory;                /* a push was lost; the run must end */
};

void
rnet_events_init(struct rnet_events *events);
void
rnet_events_push(struct rnet_events *events, int64_t time_ns, enum rnet_event_kind kind,
                 uint32_t target);
/* Take the earliest; false when there is none. */
bool
rnet_events_pop(struct rnet_events *events, struct rnet_event *event);
/* Frees; {0} is fine. */
void
rnet_events_clear(struct rnet_events *events);

static inline enum rnet_event_kind
rnet_event_kind(const struct rnet_event *event)
{
    return (enum rnet_event_kind)(event->order_kind & 0xff);
}

#endif
