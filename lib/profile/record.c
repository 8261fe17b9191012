/* The records of a profile's log: a flow's messages, its datagrams, its end. */
#include "profile/profile.h"

/* Times of a hostile file may be anything: adding wraps instead of overflowing, and what comes out
 * of order is refused where it matters. */
static int64_t
time_add(int64_t base_ns, int64_t delta_ns)
{
    return (int64_t)((uint64_t)base_ns + (uint64_t)delta_ns);
}

/* An item never needs more than this: 8 varints of at most 10 bytes and 5 single bytes. */
#define ITEM_BYTES 96

static enum rnet_status
flush(struct log *log, struct encoder *encoder)
{
    const enum rnet_status status = log_append(log, encoder->bytes, encoder->used);

    encoder->used = 0;
    return status;
}

static enum rnet_status
flush_if_full(struct log *log, struct encoder *encoder)
{
    return encoder->used + ITEM_BYTES > sizeof encoder->bytes ? flush(log, encoder) : RNET_OK;
}

static void
encode_head(struct encoder *encoder, enum record_kind kind, uint64_t flow_id, uint32_t first_index,
            size_t count)
{
    encode_byte(encoder, (uint8_t)kind);
    encode_varint(encoder, flow_id);
    encode_varint(encoder, first_index);
    encode_varint(encoder, count);
}

static void
encode_message(struct encoder *encoder, const struct rnet_message *message, int64_t *base_ns,
               uint64_t flow_id)
{
    encode_signed(encoder, message->start_ns - *base_ns);
    encode_varint(encoder, (uint64_t)(message->end_ns - message->start_ns));
    encode_varint(encoder, (uint64_t)message->wait_ns);
    encode_varint(encoder, message->bytes);
    encode_byte(encoder, (uint8_t)(message->direction | message->release << 1));
    encode_varint(encoder, message->flags);
    encode_varint(encoder, message->activity);
    if (message->release == RNET_RELEASE_DELIVERY)
        encode_signed(encoder, (int64_t)message->after_conversation - (int64_t)(uint32_t)flow_id);
    if (message->release >= RNET_RELEASE_DELIVERY)
        encode_varint(encoder, message->after_message);
    *base_ns = message->start_ns;
}

enum rnet_status
record_write_messages(struct log *log, uint64_t flow_id, const struct rnet_message *messages,
                      uint32_t first_index, size_t count)
{
    struct encoder encoder = {.used = 0};
    int64_t base_ns = 0;

    encode_head(&encoder, RECORD_MESSAGES, flow_id, first_index, count);
    for (size_t i = 0; i < count; i++) {
        const enum rnet_status status = flush_if_full(log, &encoder);

        if (status != RNET_OK)
            return status;
        encode_message(&encoder, &messages[i], &base_ns, flow_id);
    }
    return flush(log, &encoder);
}

void
record_read_message(struct log_reader *reader, struct record *record, struct rnet_message *message)
{
    uint8_t bits;

    message->start_ns = time_add(record->base_ns, log_read_signed(reader));
    message->end_ns = time_add(message->start_ns, (int64_t)(log_read_varint(reader) & INT64_MAX));
    message->wait_ns = (int64_t)(log_read_varint(reader) & INT64_MAX);
    message->bytes = log_read_varint(reader);
    bits = log_read_byte(reader);
    message->direction = bits & 1;
    message->release = bits >> 1;
    message->flags = (uint16_t)log_read_varint(reader);
    message->activity = (uint32_t)log_read_varint(reader);
    message->after_conversation = (uint32_t)record->flow.flow_id;
    message->after_message = RNET_NONE;
    if (message->release == RNET_RELEASE_DELIVERY)
        message->after_conversation =
            (uint32_t)(record->flow.flow_id + (uint64_t)log_read_signed(reader));
    if (message->release >= RNET_RELEASE_DELIVERY)
        message->after_message = (uint32_t)log_read_varint(reader);
    record->base_ns = message->start_ns;
}

enum rnet_status
record_write_datagrams(struct log *log, uint64_t flow_id, const struct rnet_datagram *datagrams,
                       uint32_t first_index, size_t count)
{
    struct encoder encoder = {.used = 0};
    int64_t base_ns = 0;

    encode_head(&encoder, RECORD_DATAGRAMS, flow_id, first_index, count);
    for (size_t i = 0; i < count; i++) {
        const enum rnet_status status = flush_if_full(log, &encoder);

        if (status != RNET_OK)
            return status;
        encode_signed(&encoder, datagrams[i].time_ns - base_ns);
        encode_varint(&encoder, (uint64_t)datagrams[i].ip_bytes << 1 | datagrams[i].direction);
        encode_byte(&encoder, datagrams[i].substream);
        encode_varint(&encoder, datagrams[i].sequence);
        base_ns = datagrams[i].time_ns;
    }
    return flush(log, &encoder);
}

void
record_read_datagram(struct log_reader *reader, struct record *record,
                     struct rnet_datagram *datagram)
{
    uint64_t bits;

    datagram->time_ns = time_add(record->base_ns, log_read_signed(reader));
    bits = log_read_varint(reader);
    datagram->ip_bytes = (uint32_t)(bits >> 1);
    datagram->direction = bits & 1;
    datagram->substream = log_read_byte(reader);
    datagram->sequence = (uint16_t)log_read_varint(reader);
    record->base_ns = datagram->time_ns;
}

static void
encode_both(struct encoder *encoder, uint64_t up, uint64_t down)
{
    encode_varint(encoder, up);
    encode_varint(encoder, down);
}

enum rnet_status
record_write_flow(struct log *log, const struct flow_record *flow)
{
    const struct rnet_conversation *c = &flow->conversation;
    struct encoder encoder = {.used = 0};

    encode_byte(&encoder, RECORD_FLOW);
    encode_varint(&encoder, flow->flow_id);
    encode_byte(&encoder, flow->scope);
    encode_byte(&encoder, flow->protocol);
    encode_byte(&encoder, flow->evidence);
    encode_byte(&encoder, flow->confidence_percent);
    encode_byte(&encoder, c->usage);
    encode_byte(&encoder, c->transport);
    encode_byte(&encoder, c->dscp);
    encode_varint(&encoder, c->flags);
    encode_signed(&encoder, c->start_ns);
    encode_varint(&encoder, (uint64_t)(c->end_ns - c->start_ns));
    encode_signed(&encoder, c->rtt_internet_ns);
    encode_signed(&encoder, c->rtt_office_ns);
    encode_varint(&encoder, (uint64_t)c->media_pace_ns);
    encode_both(&encoder, c->bytes[RNET_UP], c->bytes[RNET_DOWN]);
    encode_both(&encoder, c->packets[RNET_UP], c->packets[RNET_DOWN]);
    encode_both(&encoder, c->window_bytes[RNET_UP], c->window_bytes[RNET_DOWN]);
    encode_both(&encoder, c->app_bytes_per_round[RNET_UP], c->app_bytes_per_round[RNET_DOWN]);
    encode_both(&encoder, c->mss_bytes[RNET_UP], c->mss_bytes[RNET_DOWN]);
    encode_both(&encoder, c->host, c->server);
    encode_byte(&encoder, c->open_release);
    encode_varint(&encoder, (uint64_t)c->open_wait_ns);
    encode_both(&encoder, c->after_conversation, c->after_message);
    return flush(log, &encoder);
}

static void
read_both_u64(struct log_reader *reader, uint64_t both[RNET_DIRECTIONS])
{
    both[RNET_UP] = log_read_varint(reader);
    both[RNET_DOWN] = log_read_varint(reader);
}

static void
read_both_u32(struct log_reader *reader, uint32_t *up, uint32_t *down)
{
    *up = (uint32_t)log_read_varint(reader);
    *down = (uint32_t)log_read_varint(reader);
}

static void
read_flow(struct log_reader *reader, struct flow_record *flow)
{
    struct rnet_conversation *c = &flow->conversation;
    uint64_t mss[RNET_DIRECTIONS];

    flow->scope = log_read_byte(reader);
    flow->protocol = log_read_byte(reader);
    flow->evidence = log_read_byte(reader);
    flow->confidence_percent = log_read_byte(reader);
    c->usage = log_read_byte(reader);
    c->transport = log_read_byte(reader);
    c->dscp = log_read_byte(reader);
    c->flags = (uint16_t)log_read_varint(reader);
    c->start_ns = log_read_signed(reader);
    c->end_ns = time_add(c->start_ns, (int64_t)(log_read_varint(reader) & INT64_MAX));
    c->rtt_internet_ns = log_read_signed(reader);
    c->rtt_office_ns = log_read_signed(reader);
    c->media_pace_ns = (int64_t)(log_read_varint(reader) & INT64_MAX);
    read_both_u64(reader, c->bytes);
    read_both_u64(reader, c->packets);
    read_both_u32(reader, &c->window_bytes[RNET_UP], &c->window_bytes[RNET_DOWN]);
    read_both_u32(reader, &c->app_bytes_per_round[RNET_UP], &c->app_bytes_per_round[RNET_DOWN]);
    read_both_u64(reader, mss);
    c->mss_bytes[RNET_UP] = (uint16_t)mss[RNET_UP];
    c->mss_bytes[RNET_DOWN] = (uint16_t)mss[RNET_DOWN];
    read_both_u32(reader, &c->host, &c->server);
    c->open_release = log_read_byte(reader);
    c->open_wait_ns = (int64_t)(log_read_varint(reader) & INT64_MAX);
    read_both_u32(reader, &c->after_conversation, &c->after_message);
}

/* What a damaged file could hold and no writer produces. */
static bool
flow_is_sound(const struct flow_record *flow)
{
    const struct rnet_conversation *c = &flow->conversation;

    return flow->scope <= RNET_SCOPE_INTERNAL && flow->evidence < RNET_EVIDENCE_COUNT &&
           flow->confidence_percent <= 100 && c->usage < RNET_USAGE_COUNT &&
           c->transport <= RNET_TRANSPORT_OPEN && c->end_ns >= c->start_ns;
}

enum rnet_status
record_next(struct log_reader *reader, struct record *record)
{
    uint8_t kind;

    if (log_at_end(reader))
        return RNET_END;
    kind = log_read_byte(reader);
    *record = (struct record){.kind = (enum record_kind)kind};
    record->flow.flow_id = log_read_varint(reader);
    if (kind == RECORD_FLOW) {
        read_flow(reader, &record->flow);
        return reader->failed || !flow_is_sound(&record->flow) ? RNET_EFORMAT : RNET_OK;
    }
    record->first_index = (uint32_t)log_read_varint(reader);
    record->items = log_read_varint(reader);
    if (reader->failed || (kind != RECORD_MESSAGES && kind != RECORD_DATAGRAMS))
        return RNET_EFORMAT;
    return RNET_OK;
}

enum rnet_status
record_skip_items(struct log_reader *reader, struct record *record)
{
    struct rnet_message message;
    struct rnet_datagram datagram;

    for (uint64_t i = 0; i < record->items && !reader->failed; i++) {
        if (record->kind == RECORD_MESSAGES)
            record_read_message(reader, record, &message);
        else
            record_read_datagram(reader, record, &datagram);
    }
    return reader->failed ? RNET_EFORMAT : RNET_OK;
}

enum rnet_status
record_visit_flows(struct log *log,
                   enum rnet_status (*visit)(void *context, const struct flow_record *flow),
                   void *context)
{
    struct log_reader reader;
    struct record record;
    enum rnet_status status = log_reader_init(&reader, log);

    while (status == RNET_OK) {
        status = record_next(&reader, &record);
        if (status != RNET_OK) {
            status = status == RNET_END ? RNET_OK : status;
            break;
        }
        status = record_skip_items(&reader, &record);
        if (status == RNET_OK && record.kind == RECORD_FLOW)
            status = visit(context, &record.flow);
    }
    log_reader_clear(&reader);
    return status;
}
