/* From the log to the flat arrays a replay reads, for a period of the capture. */
#include "profile/profile.h"

#include <stdlib.h>
#include <string.h>

/* A conversation of the period, while its place is being found. */
struct slot {
    uint64_t flow_id;
    int64_t start_ns;
    uint32_t index;   /* in the demand */
    uint32_t skipped; /* items before the period: its first item's own index */
    uint32_t items;
    bool any; /* an item of it lies in the period */
};

struct loading {
    struct rnet_profile *profile;
    struct rnet_demand *demand;
    struct slot *slots; /* sorted by flow id */
    size_t slot_count;
    size_t slot_capacity;
    size_t conversation_capacity;
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

static enum rnet_status
add_conversation(struct loading *loading, const struct flow_record *flow)
{
    struct rnet_demand *demand = loading->demand;
    enum rnet_status status;

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
        demand->conversations[demand->conversation_count].flags |=
            RNET_CONVERSATION_LABEL_DOUBTFUL;
    if (flow->conversation.start_ns < loading->begin_ns)
        demand->conversations[demand->conversation_count].start_ns = loading->begin_ns;
    loading->slots[loading->slot_count++] =
        (struct slot){.flow_id = flow->flow_id,
                      .start_ns = demand->conversations[demand->conversation_count].start_ns,
                      .index = (uint32_t)demand->conversation_count};
    demand->conversation_count++;
    return RNET_OK;
}

static bool
is_wanted(const struct loading *loading, const struct flow_record *flow)
{
    const uint8_t scope =
        loading->profile->summary.what_if_internal ? RNET_SCOPE_INTERNAL : RNET_SCOPE_CROSSES;

    return flow->scope == scope && flow->conversation.start_ns < loading->end_ns &&
           flow->conversation.end_ns >= loading->begin_ns;
}

static enum rnet_status
load_conversations(struct loading *loading)
{
    struct log_reader reader;
    struct record record;
    enum rnet_status status = log_reader_init(&reader, &loading->profile->log);

    while (status == RNET_OK && (status = record_next(&reader, &record)) == RNET_OK) {
        status = record_skip_items(&reader, &record);
        if (status == RNET_OK && record.kind == RECORD_FLOW && is_wanted(loading, &record.flow))
            status = add_conversation(loading, &record.flow);
    }
    log_reader_clear(&reader);
    return status == RNET_END ? RNET_OK : status;
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

static bool
in_period(const struct loading *loading, int64_t time_ns)
{
    return time_ns >= loading->begin_ns && time_ns < loading->end_ns;
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
    if (!in_period(loading, message != NULL ? message->start_ns : datagram->time_ns))
        return;
    if (!slot->any)
        slot->skipped = own_index;
    slot->any = true;
    slot->items++;
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
    return demand->messages != NULL && demand->datagrams != NULL ? RNET_OK : RNET_ENOMEM;
}

static void
store_item(struct loading *loading, struct slot *slot, uint32_t own_index,
           const struct rnet_message *message, const struct rnet_datagram *datagram)
{
    struct rnet_demand *demand = loading->demand;
    struct rnet_conversation *c = &demand->conversations[slot->index];
    const uint32_t place = own_index - slot->skipped;

    if (!in_period(loading, message != NULL ? message->start_ns : datagram->time_ns) ||
        place >= c->items)
        return;
    if (message != NULL)
        demand->messages[c->first_item + place] = *message;
    else
        demand->datagrams[c->first_item + place] = *datagram;
}

/* Turn "message m of flow f" into places in the demand; false when it is not in the period. */
static bool
remap(const struct loading *loading, uint32_t *conversation, uint32_t *message, int64_t before_ns)
{
    const struct slot *slot = find_slot(loading, *conversation);
    const struct rnet_conversation *c;

    if (slot == NULL || *message < slot->skipped || *message - slot->skipped >= slot->items)
        return false;
    c = &loading->demand->conversations[slot->index];
    if (c->transport == RNET_TRANSPORT_OPEN)
        return false;
    *message -= slot->skipped;
    *conversation = slot->index;
    return loading->demand->messages[c->first_item + *message].start_ns < before_ns;
}

static void
start_by_clock(struct rnet_message *message)
{
    message->release = RNET_RELEASE_CLOCK;
    message->after_message = RNET_NONE;
    message->after_conversation = RNET_NONE;
}

static void
resolve_message(const struct loading *loading, const struct slot *slot, uint32_t place,
                struct rnet_message *message)
{
    const struct rnet_conversation *c = &loading->demand->conversations[slot->index];

    if (message->release == RNET_RELEASE_WRITTEN) {
        message->after_conversation = slot->index;
        message->after_message -= slot->skipped;
        if (message->after_message >= place ||
            loading->demand->messages[c->first_item + message->after_message].direction !=
                message->direction)
            start_by_clock(message);
    } else if (message->release == RNET_RELEASE_DELIVERY) {
        const bool own = message->after_conversation == (uint32_t)slot->flow_id;

        if (own) {
            message->after_conversation = slot->index;
            message->after_message -= slot->skipped;
            if (message->after_message >= place)
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
    status = load_conversations(&loading);
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
    if (status != RNET_OK)
        rnet_demand_clear(demand);
    return status;
}
