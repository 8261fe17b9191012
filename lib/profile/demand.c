/* From the log to the flat arrays a replay reads, for a period of the capture. */
#include "profile/profile.h"

#include <stdlib.h>
#include <string.h>

/* A conversation of the period, while its place is being found. */
struct slot {
    uint64_t flow_id;
    int64_t start_ns;
    uint32_t index;  /* in the demand */
    uint32_t items;  /* of it in the period */
    uint32_t stored; /* of those, put in their places so far */
};

struct loading {
    struct rnet_profile *profile;
    struct rnet_demand *demand;
    struct slot *slots; /* sorted by flow id */
    size_t slot_count;
    size_t slot_capacity;
    size_t conversation_capacity;
    uint32_t *own_index; /* of each message of the demand, within the whole conversation: rising */
    int64_t begin_ns;
    int64_t end_ns;
};

static int
compare_slots(const void *a, const void *b)
{
    const uint64_t left = ((const struct slot *)a)->flow_id,
                   right = ((const struct slot *)b)->flow_id;

    return (left > right) - (left < right);
}

static struct slot *
find_slot(const struct loading *loading, uint64_t flow_id)
{
    const struct slot key = {.flow_id = flow_id};

    if (loading->slot_count == 0)
        return NULL;
    return bsearch(&key, loading->slots, loading->slot_count, sizeof key, compare_slots);
}

static bool
is_wanted(const struct loading *loading, const struct flow_record *flow)
{
    const uint8_t scope =
        loading->profile->summary.what_if_internal ? RNET_SCOPE_INTERNAL : RNET_SCOPE_CROSSES;

    return flow->scope == scope && flow->conversation.start_ns < loading->end_ns &&
           flow->conversation.end_ns >= loading->begin_ns;
}

/* Of the period, as far as it is wanted. */
static enum rnet_status
add_conversation(void *context, const struct flow_record *flow)
{
    struct loading *loading = context;
    struct rnet_demand *demand = loading->demand;
    enum rnet_status status;

    if (!is_wanted(loading, flow))
        return RNET_OK;
    if (demand->conversation_count >= RNET_NONE)
        return RNET_EFULL;
    status = rnet_array_reserve((void **)&demand->conversations, &loading->conversation_capacity,
                                demand->conversation_count + 1, sizeof *demand->conversations);
    if (status == RNET_OK)
        status = rnet_array_reserve((void **)&loading->slots, &loading->slot_capacity,
                                    loading->slot_count + 1, sizeof *loading->slots);
    if (status != RNET_OK)
        return status;
    demand->conversations[demand->conversation_count] = flow->conversation;
    if (flow->confidence_percent < (int)(100 * RNET_LABEL_DOUBTFUL + 0.5))
        demand->conversations[demand->conversation_count].flags |= RNET_CONVERSATION_LABEL_DOUBTFUL;
    if (flow->conversation.start_ns < loading->begin_ns) {
        demand->conversations[demand->conversation_count].start_ns = loading->begin_ns;
        demand->conversations[demand->conversation_count].flags &=
            (uint16_t)~RNET_CONVERSATION_HANDSHAKE_SEEN;
    }
    loading->slots[loading->slot_count++] =
        (struct slot){.flow_id = flow->flow_id,
                      .start_ns = demand->conversations[demand->conversation_count].start_ns,
                      .index = (uint32_t)demand->conversation_count};
    demand->conversation_count++;
    return RNET_OK;
}

static int
compare_by_start(const void *a, const void *b)
{
    const struct slot *left = a, *right = b;

    if (left->start_ns != right->start_ns)
        return left->start_ns < right->start_ns ? -1 : 1;
    return compare_slots(a, b);
}

/* Sort conversations by start; slots by flow id, knowing their conversation's new place. */
static enum rnet_status
sort_conversations(struct loading *loading)
{
    struct rnet_demand *demand = loading->demand;
    struct rnet_conversation *sorted = rnet_alloc_zero(demand->conversation_count, sizeof *sorted);

    if (sorted == NULL)
        return RNET_ENOMEM;
    if (loading->slot_count > 0)
        qsort(loading->slots, loading->slot_count, sizeof *loading->slots, compare_by_start);
    for (size_t i = 0; i < loading->slot_count; i++) {
        sorted[i] = demand->conversations[loading->slots[i].index];
        loading->slots[i].index = (uint32_t)i;
    }
    rnet_free(demand->conversations);
    demand->conversations = sorted;
    if (loading->slot_count > 0)
        qsort(loading->slots, loading->slot_count, sizeof *loading->slots, compare_slots);
    return RNET_OK;
}

/* A message under way when the period begins belongs to it with the rest: an upload of hours loads
 * every hour. What begins in the period belongs to it whole. */
static bool
in_period(const struct loading *loading, const struct rnet_message *message,
          const struct rnet_datagram *datagram)
{
    const int64_t start_ns = message != NULL ? message->start_ns : datagram->time_ns;

    return start_ns < loading->end_ns && (start_ns >= loading->begin_ns ||
                                          (message != NULL && message->end_ns > loading->begin_ns));
}

/* One pass over the items of wanted conversations, each handed to `visit` with its own index. */
typedef void
visit_item(struct loading *loading, struct slot *slot, uint32_t own_index,
           const struct rnet_message *message, const struct rnet_datagram *datagram);

static enum rnet_status
for_each_item(struct loading *loading, visit_item *visit)
{
    struct log_reader reader;
    struct record record;
    enum rnet_status status = log_reader_init(&reader, &loading->profile->log);

    while (status == RNET_OK && (status = record_next(&reader, &record)) == RNET_OK) {
        struct slot *slot =
            record.kind == RECORD_FLOW ? NULL : find_slot(loading, record.flow.flow_id);
        const bool open = slot != NULL && loading->demand->conversations[slot->index].transport ==
                                              RNET_TRANSPORT_OPEN;

        if (slot == NULL || open != (record.kind == RECORD_DATAGRAMS)) {
            status = record_skip_items(&reader, &record);
            continue;
        }
        for (uint64_t i = 0; i < record.items && !reader.failed; i++) {
            struct rnet_message message;
            struct rnet_datagram datagram;

            if (open)
                record_read_datagram(&reader, &record, &datagram);
            else
                record_read_message(&reader, &record, &message);
            if (!reader.failed)
                visit(loading, slot, record.first_index + (uint32_t)i, open ? NULL : &message,
                      open ? &datagram : NULL);
        }
        if (reader.failed)
            status = RNET_EFORMAT;
    }
    log_reader_clear(&reader);
    return status == RNET_END ? RNET_OK : status;
}

static void
count_item(struct loading *loading, struct slot *slot, uint32_t own_index,
           const struct rnet_message *message, const struct rnet_datagram *datagram)
{
    (void)own_index;
    slot->items += in_period(loading, message, datagram);
}

/* Give every conversation its stretch of the item arrays. */
static enum rnet_status
allocate_items(struct loading *loading)
{
    struct rnet_demand *demand = loading->demand;

    for (size_t i = 0; i < loading->slot_count; i++)
        demand->conversations[loading->slots[i].index].items = loading->slots[i].items;
    for (size_t i = 0; i < demand->conversation_count; i++) {
        struct rnet_conversation *c = &demand->conversations[i];
        size_t *count =
            c->transport == RNET_TRANSPORT_OPEN ? &demand->datagram_count : &demand->message_count;

        if (*count + c->items >= RNET_NONE)
            return RNET_EFULL;
        c->first_item = (uint32_t)*count;
        *count += c->items;
    }
    demand->messages = rnet_alloc_zero(demand->message_count, sizeof *demand->messages);
    demand->datagrams = rnet_alloc_zero(demand->datagram_count, sizeof *demand->datagrams);
    loading->own_index = rnet_alloc_zero(demand->message_count, sizeof *loading->own_index);
    return demand->messages != NULL && demand->datagrams != NULL && loading->own_index != NULL
               ? RNET_OK
               : RNET_ENOMEM;
}

static void
start_by_clock(struct rnet_message *message)
{
    message->release = RNET_RELEASE_CLOCK;
    message->after_message = RNET_NONE;
    message->after_conversation = RNET_NONE;
}

/* The rest of a message that was under way, as if its bytes had come evenly. */
static void
clip(struct rnet_message *message, int64_t begin_ns)
{
    const double rest = (double)rnet_elapsed_ns(begin_ns, message->end_ns) /
                        (double)rnet_elapsed_ns(message->start_ns, message->end_ns);
    const uint64_t bytes = rest < 1 ? (uint64_t)(rest * (double)message->bytes) : message->bytes;

    message->bytes = bytes > 0 ? bytes : 1;
    message->start_ns = begin_ns;
    message->wait_ns = 0;
    message->flags |= RNET_MESSAGE_OPENS_EXCHANGE;
    start_by_clock(message);
}

static void
store_item(struct loading *loading, struct slot *slot, uint32_t own_index,
           const struct rnet_message *message, const struct rnet_datagram *datagram)
{
    struct rnet_demand *demand = loading->demand;
    struct rnet_conversation *c = &demand->conversations[slot->index];
    const size_t place = (size_t)c->first_item + slot->stored;

    if (!in_period(loading, message, datagram) || slot->stored >= c->items)
        return;
    slot->stored++;
    if (message == NULL) {
        demand->datagrams[place] = *datagram;
        return;
    }
    demand->messages[place] = *message;
    loading->own_index[place] = own_index;
    if (message->start_ns < loading->begin_ns)
        clip(&demand->messages[place], loading->begin_ns);
}

static int
compare_indices(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* From a message's index within the whole conversation to that within the period; false when it is
 * not in it. */
static bool
find_place(const struct loading *loading, const struct slot *slot, uint32_t *message)
{
    const struct rnet_conversation *c = &loading->demand->conversations[slot->index];
    const uint32_t *first, *found;

    if (c->transport == RNET_TRANSPORT_OPEN || slot->stored == 0)
        return false;
    first = loading->own_index + c->first_item;
    found = bsearch(message, first, slot->stored, sizeof *first, compare_indices);
    if (found == NULL)
        return false;
    *message = (uint32_t)(found - first);
    return true;
}

/* Turn "message m of flow f" into places in the demand; false when it is not in the period. */
static bool
remap(const struct loading *loading, uint32_t *conversation, uint32_t *message, int64_t before_ns)
{
    const struct slot *slot = find_slot(loading, *conversation);
    const struct rnet_conversation *c;

    if (slot == NULL || !find_place(loading, slot, message))
        return false;
    c = &loading->demand->conversations[slot->index];
    *conversation = slot->index;
    return loading->demand->messages[c->first_item + *message].start_ns < before_ns;
}

static void
resolve_message(const struct loading *loading, const struct slot *slot, uint32_t place,
                struct rnet_message *message)
{
    const struct rnet_conversation *c = &loading->demand->conversations[slot->index];

    if (message->release == RNET_RELEASE_WRITTEN) {
        message->after_conversation = slot->index;
        if (!find_place(loading, slot, &message->after_message) ||
            message->after_message >= place ||
            loading->demand->messages[c->first_item + message->after_message].direction !=
                message->direction)
            start_by_clock(message);
    } else if (message->release == RNET_RELEASE_DELIVERY) {
        const bool own = message->after_conversation == (uint32_t)slot->flow_id;

        if (own) {
            message->after_conversation = slot->index;
            if (!find_place(loading, slot, &message->after_message) ||
                message->after_message >= place)
                start_by_clock(message);
        } else if (!remap(loading, &message->after_conversation, &message->after_message,
                          message->start_ns)) {
            start_by_clock(message);
        }
    }
}

/* Dependencies refer to flow ids until now: turn them into indices, or into the clock. */
static void
resolve(struct loading *loading)
{
    struct rnet_demand *demand = loading->demand;

    for (size_t i = 0; i < loading->slot_count; i++) {
        const struct slot *slot = &loading->slots[i];
        struct rnet_conversation *c = &demand->conversations[slot->index];

        if (c->open_release != RNET_RELEASE_DELIVERY ||
            !remap(loading, &c->after_conversation, &c->after_message, c->start_ns)) {
            c->open_release = RNET_RELEASE_CLOCK;
            c->after_conversation = RNET_NONE;
            c->after_message = RNET_NONE;
        }
        if (c->transport == RNET_TRANSPORT_OPEN)
            continue;
        for (uint32_t place = 0; place < c->items; place++)
            resolve_message(loading, slot, place, &demand->messages[c->first_item + place]);
    }
}

enum rnet_status
rnet_profile_demand(struct rnet_profile *profile, int64_t begin_ns, int64_t end_ns,
                    struct rnet_demand *demand, struct rnet_error *err)
{
    struct loading loading = {
        .profile = profile, .demand = demand, .begin_ns = begin_ns, .end_ns = end_ns};
    enum rnet_status status;

    *demand = (struct rnet_demand){.begin_ns = begin_ns, .end_ns = end_ns};
    status = record_visit_flows(&profile->log, add_conversation, &loading);
    if (status == RNET_OK)
        status = sort_conversations(&loading);
    if (status == RNET_OK)
        status = for_each_item(&loading, count_item);
    if (status == RNET_OK)
        status = allocate_items(&loading);
    if (status == RNET_OK)
        status = for_each_item(&loading, store_item);
    if (status == RNET_OK) {
        resolve(&loading);
        status = rnet_demand_check(demand, err);
    } else {
        rnet_error_set(err, status, "the profile's demand could not be read: %s",
                       rnet_status_text(status));
    }
    rnet_free(loading.slots);
    rnet_free(loading.own_index);
    if (status != RNET_OK)
        rnet_demand_clear(demand);
    return status;
}
