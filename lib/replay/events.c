#include "replay/events.h"

#define ARITY 4

static bool
comes_before(const struct rnet_event *a, const struct rnet_event *b)
{
    return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->order_kind < b->order_kind);
}

void
rnet_events_push(struct rnet_events *events, int64_t time_ns, enum rnet_event_kind kind,
                 uint32_t target)
{
    const struct rnet_event event = {time_ns, events->asked++ << 8 | (uint64_t)kind, target};
    size_t at = events->count;

    if (at == events->capacity && rnet_array_reserve((void **)&events->heap, &events->capacity,
                                                     at + 1, sizeof *events->heap) != RNET_OK) {
        events->out_of_memory = true;
        return;
    }
    events->count++;
    while (at > 0) {
        const size_t parent = (at - 1) / ARITY;

        if (!comes_before(&event, &events->heap[parent]))
            break;
        events->heap[at] = events->heap[parent];
        at = parent;
    }
    events->heap[at] = event;
}

static size_t
earliest_child(const struct rnet_events *events, size_t at)
{
    const size_t first = at * ARITY + 1;
    const size_t end = first + ARITY < events->count ? first + ARITY : events->count;
    size_t earliest = first;

    for (size_t child = first + 1; child < end; child++)
        if (comes_before(&events->heap[child], &events->heap[earliest]))
            earliest = child;
    return earliest;
}

bool
rnet_events_pop(struct rnet_events *events, struct rnet_event *event)
{
    struct rnet_event last;
    size_t at = 0;

    if (events->count == 0)
        return false;
    *event = events->heap[0];
    last = events->heap[--events->count];
    while (at * ARITY + 1 < events->count) {
        const size_t child = earliest_child(events, at);

        if (!comes_before(&events->heap[child], &last))
            break;
        events->heap[at] = events->heap[child];
        at = child;
    }
    if (events->count > 0)
        events->heap[at] = last;
    return true;
}

void
rnet_events_clear(struct rnet_events *events)
{
    rnet_free(events->heap);
    *events = (struct rnet_events){0};
}
