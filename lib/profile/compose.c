/*
 * A profile made of others: the flows of a part, played at another time by another host. The
 * records are copied one by one, so that everything the part knew of its flows, labels and
 * dependencies included, stays as it was seen; only numbers and times are moved.
 */
#include "profile/profile.h"

#define PIECE 256 /* items copied at once; bounds memory, no deeper reason */
/* Times beyond this are of a damaged file: within it, moving one cannot overflow. */
#define MOST_NS (INT64_C(1) << 61)

struct copying {
    struct rnet_profile *profile;
    struct log_reader reader;
    const struct rnet_placement *placement;
    struct numbers first;
    struct numbers seen;
};

static void
raise_to(uint64_t *most, uint64_t value)
{
    if (value > *most)
        *most = value;
}

static bool
move(const struct copying *copying, int64_t *start_ns, int64_t *end_ns)
{
    if (*start_ns < -MOST_NS || *end_ns > MOST_NS || *end_ns < *start_ns)
        return false;
    *start_ns += copying->placement->shift_ns;
    *end_ns += copying->placement->shift_ns;
    return true;
}

static enum rnet_status
copy_messages(struct copying *copying, struct record *record)
{
    struct rnet_message messages[PIECE];
    enum rnet_status status = RNET_OK;
    uint32_t first = record->first_index;

    while (record->items > 0 && status == RNET_OK) {
        const size_t count = record->items < PIECE ? (size_t)record->items : PIECE;

        for (size_t i = 0; i < count; i++) {
            struct rnet_message *message = &messages[i];

            record_read_message(&copying->reader, record, message);
            if (copying->reader.failed || !move(copying, &message->start_ns, &message->end_ns))
                return RNET_EFORMAT;
            message->after_conversation += (uint32_t)copying->first.flow;
            raise_to(&copying->seen.activity, message->activity);
            message->activity += (uint32_t)copying->first.activity;
        }
        status = record_write_messages(&copying->profile->log,
                                       copying->first.flow + record->flow.flow_id, messages, first,
                                       count);
        record->items -= count;
        first += (uint32_t)count;
    }
    return status;
}

static enum rnet_status
copy_datagrams(struct copying *copying, struct record *record)
{
    struct rnet_datagram datagrams[PIECE];
    enum rnet_status status = RNET_OK;
    uint32_t first = record->first_index;

    while (record->items > 0 && status == RNET_OK) {
        const size_t count = record->items < PIECE ? (size_t)record->items : PIECE;

        for (size_t i = 0; i < count; i++) {
            int64_t end_ns;

            record_read_datagram(&copying->reader, record, &datagrams[i]);
            end_ns = datagrams[i].time_ns;
            if (copying->reader.failed || !move(copying, &datagrams[i].time_ns, &end_ns))
                return RNET_EFORMAT;
        }
        status = record_write_datagrams(&copying->profile->log,
                                        copying->first.flow + record->flow.flow_id, datagrams,
                                        first, count);
        record->items -= count;
        first += (uint32_t)count;
    }
    return status;
}

static enum rnet_status
copy_flow(struct copying *copying, struct flow_record *flow)
{
    struct rnet_conversation *c = &flow->conversation;

    raise_to(&copying->seen.flow, flow->flow_id);
    raise_to(&copying->seen.server, c->server);
    if (!move(copying, &c->start_ns, &c->end_ns))
        return RNET_EFORMAT;
    flow->flow_id += copying->first.flow;
    c->host += copying->placement->first_host;
    c->server += (uint32_t)copying->first.server;
    if (c->open_release == RNET_RELEASE_DELIVERY)
        c->after_conversation += (uint32_t)copying->first.flow;
    copying->profile->flow_records++;
    return record_write_flow(&copying->profile->log, flow);
}

static enum rnet_status
copy_records(struct copying *copying, struct log *from)
{
    struct record record;
    enum rnet_status status = log_reader_init(&copying->reader, from);

    while (status == RNET_OK && (status = record_next(&copying->reader, &record)) == RNET_OK) {
        if (record.kind == RECORD_FLOW)
            status = copy_flow(copying, &record.flow);
        else if (record.kind == RECORD_MESSAGES)
            status = copy_messages(copying, &record);
        else
            status = copy_datagrams(copying, &record);
    }
    log_reader_clear(&copying->reader);
    return status == RNET_END ? RNET_OK : status;
}

/* Give the next part numbers past those this one took. */
static bool
count_up(uint64_t *used, uint64_t taken)
{
    *used += taken;
    return taken <= UINT32_MAX && *used <= UINT32_MAX;
}

enum rnet_status
rnet_profile_add_profile(struct rnet_profile *profile, struct rnet_profile *part,
                         const struct rnet_placement *placement)
{
    struct copying copying = {
        .profile = profile, .placement = placement, .first = profile->composed};
    enum rnet_status status;

    if (part == profile || profile->finished || !part->finished || placement->shift_ns < -MOST_NS ||
        placement->shift_ns > MOST_NS)
        return RNET_EINVAL;
    status = copy_records(&copying, &part->log);
    if (status != RNET_OK)
        return status;
    return count_up(&profile->composed.flow, copying.seen.flow) &&
                   count_up(&profile->composed.server, copying.seen.server + 1) &&
                   count_up(&profile->composed.activity, copying.seen.activity)
               ? RNET_OK
               : RNET_EFULL;
}
