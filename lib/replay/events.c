#include "replay/events.h"

#include <string.h>

#define ARITY 4

void
rnet_events_init(struct rnet_events *events)
{
    *events = (struct rnet_events){0};
    for (int i = 0; i < RNET_EVENT_LANES; i++) {
        events->head_ns[i] = INT64_MAX;
        events->tail_ns[i] = INT64_MIN;
    }
}

void
rnet_events_clear(struct rnet_events *events)
{
    rnet_free(events->heap);
    for (int i = 0; i < RNET_EVENT_LANES; i++)
        rnet_free(events->lanes[i].events);
    rnet_events_init(events);
}

/* Without branches: which of two events comes first is a coin toss no processor can predict. */
static inline bool
is_before(int64_t a_ns, uint64_t a_order, int64_t b_ns, uint64_t b_order)
{
    return (a_ns < b_ns) | ((a_ns == b_ns) & (a_order < b_order));
}

static inline bool
comes_before(const struct rnet_event *a, const struct rnet_event *b)
{
    return is_before(a->time_ns, a->order_kind, b->time_ns, b->order_kind);
}

/* --- the lanes ------------------------------------------------------------------------------- */

static bool
travels(enum rnet_event_kind kind)
{
    return kind == RNET_EVENT_ENTER_LINE || kind == RNET_EVENT_LINE_SENT ||
           kind == RNET_EVENT_ARRIVE;
}

/* The lane whose last event is the latest that is not later; RNET_EVENT_LANES = none. */
static int
find_lane(const struct rnet_events *events, int64_t time_ns)
{
    int64_t latest_ns = INT64_MIN;
    int found = RNET_EVENT_LANES;

    for (int i = 0; i < RNET_EVENT_LANES; i++) {
        const bool fits = (events->tail_ns[i] <= time_ns) & (events->tail_ns[i] >= latest_ns);

        latest_ns = fits ? events->tail_ns[i] : latest_ns;
        found = fits ? i : found;
    }
    return found;
}

static enum rnet_status
lane_reserve(struct rnet_event_lane *lane)
{
    if (lane->end < lane->capacity)
        return RNET_OK;
    if (lane->first <= lane->capacity / 2)
        return rnet_array_reserve((void **)&lane->events, &lane->capacity, lane->end + 1,
                                  sizeof *lane->events);
    lane->end -= lane->first;
    memmove(lane->events, lane->events + lane->first, lane->end * sizeof *lane->events);
    lane->first = 0;
    return RNET_OK;
}

static enum rnet_status
lane_append(struct rnet_events *events, int which, const struct rnet_event *event)
{
    struct rnet_event_lane *lane = &events->lanes[which];

    if (lane_reserve(lane) != RNET_OK)
        return RNET_ENOMEM;
    if (lane->first == lane->end) {
        events->head_ns[which] = event->time_ns;
        events->head_order[which] = event->order_kind;
    }
    lane->events[lane->end++] = *event;
    events->tail_ns[which] = event->time_ns;
    return RNET_OK;
}

static void
lane_take(struct rnet_events *events, int which, struct rnet_event *event)
{
    struct rnet_event_lane *lane = &events->lanes[which];

    *event = lane->events[lane->first++];
    if (lane->first < lane->end) {
        events->head_ns[which] = lane->events[lane->first].time_ns;
        events->head_order[which] = lane->events[lane->first].order_kind;
        return;
    }
    lane->first = lane->end = 0;
    events->head_ns[which] = INT64_MAX;
    events->tail_ns[which] = INT64_MIN;
}

static int
earliest_lane(const struct rnet_events *events)
{
    int64_t time_ns = events->head_ns[0];
    uint64_t order = events->head_order[0];
    int found = 0;

    for (int i = 1; i < RNET_EVENT_LANES; i++) {
        const bool before =
            is_before(events->head_ns[i], events->head_order[i], time_ns, order);

        time_ns = before ? events->head_ns[i] : time_ns;
        order = before ? events->head_order[i] : order;
        found = before ? i : found;
    }
    return found;
}

/* --- the heap -------------------------------------------------------------------------------- */

static enum rnet_status
heap_push(struct rnet_events *events, const struct rnet_event *event)
{
    size_t at = events->heap_count;

    if (rnet_array_reserve((void **)&events->heap, &events->heap_capacity, at + 1,
                           sizeof *events->heap) != RNET_OK)
        return RNET_ENOMEM;
    events->heap_count++;
    while (at > 0) {
        const size_t parent = (at - 1) / ARITY;

        if (!comes_before(event, &events->heap[parent]))
            break;
        events->heap[at] = events->heap[parent];
        at = parent;
    }
    events->heap[at] = *event;
    return RNET_OK;
}

static size_t
earliest_child(const struct rnet_events *events, size_t at)
{
    const size_t first = at * ARITY + 1;
    const size_t end = first + ARITY < events->heap_count ? first + ARITY : events->heap_count;
    size_t earliest = first;

    for (size_t child = first + 1; child < end; child++)
        earliest += (child - earliest) *
                    comes_before(&events->heap[child], &events->heap[earliest]);
    return earliest;
}

static void
heap_take(struct rnet_events *events, struct rnet_event *event)
{
    struct rnet_event last;
    size_t at = 0;

    *event = events->heap[0];
    last = events->heap[--events->heap_count];
    while (at * ARITY + 1 < events->heap_count) {
        const size_t child = earliest_child(events, at);

        if (!comes_before(&events->heap[child], &last))
            break;
        events->heap[at] = events->heap[child];
        at = child;
    }
    if (events->heap_count > 0)
        events->heap[at] = last;
}

/* --- both ------------------------------------------------------------------------------------ */

void
rnet_events_push(struct rnet_events *events, int64_t time_ns, enum rnet_event_kind kind,
                 uint32_t target)
{
    const struct rnet_event event = {time_ns, events->asked++ << 8 | (uint64_t)kind, target};
    const int lane = travels(kind) ? find_lane(events, time_ns) : RNET_EVENT_LANES;
    const enum rnet_status status = lane < RNET_EVENT_LANES ? lane_append(events, lane, &event)
                                                            : heap_push(events, &event);

    if (status != RNET_OK)
        events->out_of_memory = true;
}

bool
rnet_events_pop(struct rnet_events *events, struct rnet_event *event)
{
    const int lane = earliest_lane(events);

    if (events->heap_count > 0 &&
        is_before(events->heap[0].time_ns, events->heap[0].order_kind, events->head_ns[lane],
                  events->head_order[lane])) {
        heap_take(events, event);
        return true;
    }
    if (events->head_ns[lane] == INT64_MAX)
        return false;
    lane_take(events, lane, event);
    return true;
}
