#include "replay/fq-codel.h"

#include <assert.h>
#include <math.h>

enum codel_list {
    LIST_NEW = 0,
    LIST_OLD = 1,
    LIST_NONE = 2,
};

struct rnet_fq_codel *
rnet_fq_codel_new(const struct rnet_link *link, enum rnet_direction direction, uint64_t seed,
                  struct rnet_packet_pool *pool)
{
    struct rnet_fq_codel *fair = rnet_alloc(sizeof *fair);

    if (fair == NULL)
        return NULL;
    *fair = (struct rnet_fq_codel){
        .pool = pool,
        .queue_count = link->codel_flows != 0 ? link->codel_flows : 1024,
        .quantum_bytes = link->codel_quantum_bytes != 0 ? link->codel_quantum_bytes : 1514,
        .mtu_bytes = link->mtu_bytes,
        .limit_bytes = link->direction[direction].buffer_bytes,
        .limit_packets = link->direction[direction].buffer_packets,
        .target_ns = link->codel_target_ns != 0 ? link->codel_target_ns : 5 * RNET_NS_PER_MS,
        .interval_ns =
            link->codel_interval_ns != 0 ? link->codel_interval_ns : 100 * RNET_NS_PER_MS,
        .seed = seed,
        .lists = {{RNET_NONE, RNET_NONE}, {RNET_NONE, RNET_NONE}}};
    fair->queues = rnet_alloc_zero(fair->queue_count, sizeof *fair->queues);
    if (fair->queues == NULL) {
        rnet_free(fair);
        return NULL;
    }
    for (uint32_t i = 0; i < fair->queue_count; i++)
        fair->queues[i] = (struct rnet_codel_queue){
            .head = RNET_NONE, .tail = RNET_NONE, .next = RNET_NONE, .list = LIST_NONE};
    return fair;
}

void
rnet_fq_codel_free(struct rnet_fq_codel *fair)
{
    if (fair == NULL)
        return;
    rnet_free(fair->queues);
    rnet_free(fair);
}

static uint32_t
queue_of(const struct rnet_fq_codel *fair, const struct rnet_packet *packet)
{
    struct rnet_random hash = rnet_random_stream(fair->seed, packet->conversation);

    return (uint32_t)rnet_random_below(&hash, fair->queue_count);
}

static void
list_append(struct rnet_fq_codel *fair, enum codel_list which, uint32_t queue)
{
    struct rnet_codel_list *list = &fair->lists[which];

    fair->queues[queue].next = RNET_NONE;
    fair->queues[queue].list = (uint8_t)which;
    if (list->tail == RNET_NONE)
        list->head = queue;
    else
        fair->queues[list->tail].next = queue;
    list->tail = queue;
}

static void
list_remove_first(struct rnet_fq_codel *fair, enum codel_list which)
{
    struct rnet_codel_list *list = &fair->lists[which];

    fair->queues[list->head].list = LIST_NONE;
    list->head = fair->queues[list->head].next;
    if (list->head == RNET_NONE)
        list->tail = RNET_NONE;
}

static uint32_t
queue_take(struct rnet_fq_codel *fair, struct rnet_codel_queue *queue)
{
    const uint32_t index = queue->head;

    if (index == RNET_NONE)
        return RNET_NONE;
    queue->head = fair->pool->packets[index].next;
    fair->queued_bytes -= fair->pool->packets[index].ip_bytes;
    fair->queued_packets--;
    if (queue->head == RNET_NONE)
        queue->tail = RNET_NONE;
    return index;
}

/* Rare, so a plain search: the longest queue gives up its oldest packet (RFC 8290 section 4.1). */
static uint32_t
take_from_fattest(struct rnet_fq_codel *fair)
{
    uint64_t most = 0;
    uint32_t fattest = 0;

    for (uint32_t i = 0; i < fair->queue_count; i++) {
        uint64_t bytes = 0;

        for (uint32_t p = fair->queues[i].head; p != RNET_NONE; p = fair->pool->packets[p].next)
            bytes += fair->pool->packets[p].ip_bytes;
        if (bytes > most) {
            most = bytes;
            fattest = i;
        }
    }
    return queue_take(fair, &fair->queues[fattest]);
}

uint32_t
rnet_fq_codel_put(struct rnet_fq_codel *fair, uint32_t index, int64_t now_ns)
{
    struct rnet_packet *packet = &fair->pool->packets[index];
    const uint32_t number = queue_of(fair, packet);
    struct rnet_codel_queue *queue = &fair->queues[number];

    packet->entered_ns = now_ns;
    packet->next = RNET_NONE;
    if (queue->tail == RNET_NONE)
        queue->head = index;
    else
        fair->pool->packets[queue->tail].next = index;
    queue->tail = index;
    fair->queued_bytes += packet->ip_bytes;
    fair->queued_packets++;
    if (queue->list == LIST_NONE) {
        queue->credit_bytes = (int32_t)fair->quantum_bytes;
        list_append(fair, LIST_NEW, number);
    }
    if ((fair->limit_bytes != 0 && fair->queued_bytes > fair->limit_bytes) ||
        (fair->limit_packets != 0 && fair->queued_packets > fair->limit_packets))
        return take_from_fattest(fair);
    return RNET_NONE;
}

/* RFC 8289 section 4.4: drops come closer together with the square root of their number. */
static int64_t
control_law_ns(const struct rnet_fq_codel *fair, int64_t from_ns, uint32_t drops)
{
    return from_ns + llround((double)fair->interval_ns / sqrt((double)drops));
}

/*
 * Take a packet and say whether it has waited above the target for a whole interval. The backlog
 * that excuses waiting is the whole line's, as Linux has it: on a slow line any packet waits longer
 * than the target for the one ahead of it. A queue begins anew when it is asked and has nothing
 * (RFC 8289 section 5.2), not when its last packet is taken: a call's queue that is never found
 * empty behind an upload's long packets loses some.
 */
static uint32_t
codel_take(struct rnet_fq_codel *fair, struct rnet_codel_queue *queue, int64_t now_ns, bool *late)
{
    const uint32_t index = queue_take(fair, queue);

    *late = false;
    if (index == RNET_NONE || now_ns - fair->pool->packets[index].entered_ns < fair->target_ns ||
        fair->queued_bytes <= fair->mtu_bytes) {
        queue->first_above_ns = 0;
        return index;
    }
    if (queue->first_above_ns == 0)
        queue->first_above_ns = now_ns + fair->interval_ns;
    else
        *late = now_ns >= queue->first_above_ns;
    return index;
}

static void
start_dropping(struct rnet_fq_codel *fair, struct rnet_codel_queue *queue, int64_t now_ns)
{
    const uint32_t since = queue->drops - queue->drops_before;

    queue->dropping = true;
    /* Soon after the last phase, go on at about the rate that worked then. */
    queue->drops = since > 1 && now_ns - queue->drop_next_ns < 16 * fair->interval_ns ? since : 1;
    queue->drops_before = queue->drops;
    queue->drop_next_ns = control_law_ns(fair, now_ns, queue->drops);
}

struct drop_sink {
    void (*dropped)(void *context, uint32_t packet);
    void *context;
};

static uint32_t
codel_dequeue(struct rnet_fq_codel *fair, struct rnet_codel_queue *queue, int64_t now_ns,
              const struct drop_sink *sink)
{
    bool late;
    uint32_t index = codel_take(fair, queue, now_ns, &late);

    if (!queue->dropping) {
        if (late) {
            sink->dropped(sink->context, index);
            index = codel_take(fair, queue, now_ns, &late);
            start_dropping(fair, queue, now_ns);
        }
        return index;
    }
    queue->dropping = late;
    while (queue->dropping && now_ns >= queue->drop_next_ns) {
        queue->drops++;
        sink->dropped(sink->context, index);
        index = codel_take(fair, queue, now_ns, &late);
        queue->dropping = late;
        if (late)
            queue->drop_next_ns = control_law_ns(fair, queue->drop_next_ns, queue->drops);
    }
    return index;
}

uint32_t
rnet_fq_codel_take(struct rnet_fq_codel *fair, int64_t now_ns,
                   void (*dropped)(void *context, uint32_t packet), void *context)
{
    const struct drop_sink sink = {dropped, context};

    for (;;) {
        const enum codel_list which = fair->lists[LIST_NEW].head != RNET_NONE ? LIST_NEW : LIST_OLD;
        const uint32_t number = fair->lists[which].head;
        struct rnet_codel_queue *queue;
        uint32_t index;

        if (number == RNET_NONE)
            return RNET_NONE;
        queue = &fair->queues[number];
        if (queue->credit_bytes <= 0) {
            queue->credit_bytes += (int32_t)fair->quantum_bytes;
            list_remove_first(fair, which);
            list_append(fair, LIST_OLD, number);
            continue;
        }
        assert((fair->queued_packets == 0) == (fair->queued_bytes == 0));
        assert(queue->head != RNET_NONE || queue->tail == RNET_NONE);
        index = codel_dequeue(fair, queue, now_ns, &sink);
        if (index != RNET_NONE) {
            queue->credit_bytes -= (int32_t)fair->pool->packets[index].ip_bytes;
            return index;
        }
        /* An emptied new queue takes a turn among the old before it may be new again. */
        list_remove_first(fair, which);
        if (which == LIST_NEW && fair->lists[LIST_OLD].head != RNET_NONE)
            list_append(fair, LIST_OLD, number);
    }
}
