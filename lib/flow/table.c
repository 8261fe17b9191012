/* The table: finds the flow of a packet, starts and ends flows, keeps within its limit. */
#include "flow/flow.h"
#include "flow/tcp.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLAB_RECORDS 1024u
#define FIRST_BUCKETS 1024u
#define DEFAULT_MAX_FLOWS 1000000u
#define DEFAULT_TCP_TIMEOUT_NS (3600 * RNET_NS_PER_S)
#define DEFAULT_UDP_TIMEOUT_NS (120 * RNET_NS_PER_S)
/* Stragglers after a close: twice the maximum segment lifetime of RFC 9293, which is 2 min, halved
 * as hosts do in practice. */
#define CLOSED_TIMEOUT_NS (120 * RNET_NS_PER_S)

struct flow_list {
    uint32_t first, last;
};

struct rnet_flow_table {
    struct rnet_flow_options options;
    struct rnet_network *offices; /* own copy of options.offices */
    struct rnet_flow_sink sink;
    struct rnet_notices notices;
    struct flow_clock clock;
    struct flow_hosts hosts;
    struct flow_depend *depend;
    struct flow_record **slabs;
    size_t slab_capacity;
    uint32_t slab_count;
    uint32_t free_records; /* head of a list through `chain` */
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t live;
    uint64_t ids;
    struct flow_list queues[FLOW_QUEUES];
    struct flow_list born;
    uint8_t hash_key[16];
    struct rnet_flow view;   /* what the caller sees of the last packet's flow */
    uint32_t viewed;         /* its record */
    enum rnet_status failed; /* what the sink said when it refused */
};

static struct flow_record *
record_at(const struct rnet_flow_table *table, uint32_t index)
{
    return &table->slabs[index / SLAB_RECORDS][index % SLAB_RECORDS];
}

struct flow_depend *
flow_table_depend(struct rnet_flow_table *table)
{
    return table->depend;
}

struct flow_record *
flow_table_record(struct rnet_flow_table *table, uint32_t place, uint64_t id)
{
    struct flow_record *record = record_at(table, place);

    /* The ids of records on the free list are 0. */
    return record->id == id ? record : NULL;
}

/* Keys and hash -------------------------------------------------------------------------------- */

static struct flow_key
make_key(const struct rnet_headers *headers, bool *source_is_low)
{
    struct flow_key key = {.protocol = headers->protocol,
                           .version = headers->source.version,
                           .has_transport = headers->has_transport};
    int order = memcmp(headers->source.bytes, headers->destination.bytes, 16);

    if (order == 0)
        order = headers->source_port < headers->destination_port ? -1 : 1;
    *source_is_low = order < 0;
    memcpy(order < 0 ? key.low_address : key.high_address, headers->source.bytes, 16);
    memcpy(order < 0 ? key.high_address : key.low_address, headers->destination.bytes, 16);
    key.low_port = order < 0 ? headers->source_port : headers->destination_port;
    key.high_port = order < 0 ? headers->destination_port : headers->source_port;
    return key;
}

static uint32_t
hash_key(const struct rnet_flow_table *table, const struct flow_key *key)
{
    uint64_t hash;

    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key, sizeof *key,
                     table->hash_key);
    return (uint32_t)(hash ^ hash >> 32);
}

static uint32_t
find(const struct rnet_flow_table *table, const struct flow_key *key, uint32_t hash)
{
    uint32_t index = table->buckets[hash & (table->bucket_count - 1)];

    while (index != FLOW_NO_RECORD) {
        const struct flow_record *record = record_at(table, index);

        if (record->hash == hash && memcmp(&record->key, key, sizeof *key) == 0)
            return index;
        index = record->chain;
    }
    return FLOW_NO_RECORD;
}

static void
put_in_bucket(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = record_at(table, index);
    uint32_t *bucket = &table->buckets[record->hash & (table->bucket_count - 1)];

    record->chain = *bucket;
    *bucket = index;
}

static void
take_from_bucket(struct rnet_flow_table *table, uint32_t index)
{
    const struct flow_record *record = record_at(table, index);
    uint32_t *at = &table->buckets[record->hash & (table->bucket_count - 1)];

    while (*at != index)
        at = &record_at(table, *at)->chain;
    *at = record->chain;
}

/* Double the buckets; when memory lacks, longer chains do as well. */
static void
grow_buckets(struct rnet_flow_table *table)
{
    const uint32_t count = table->bucket_count * 2;
    uint32_t *buckets;

    if (table->live < table->bucket_count || count == 0)
        return;
    buckets = rnet_realloc_array(NULL, count, sizeof *buckets);
    if (buckets == NULL)
        return;
    memset(buckets, 0xff, (size_t)count * sizeof *buckets);
    rnet_free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = count;
    for (uint32_t at = table->born.first; at != FLOW_NO_RECORD;
         at = record_at(table, at)->born_after)
        put_in_bucket(table, at);
}

/* Queues --------------------------------------------------------------------------------------- */

static void
queue_leave(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = record_at(table, index);
    struct flow_list *queue = &table->queues[record->queue];

    if (record->older != FLOW_NO_RECORD)
        record_at(table, record->older)->newer = record->newer;
    else
        queue->first = record->newer;
    if (record->newer != FLOW_NO_RECORD)
        record_at(table, record->newer)->older = record->older;
    else
        queue->last = record->older;
}

static void
queue_join(struct rnet_flow_table *table, uint32_t index, enum flow_queue which)
{
    struct flow_record *record = record_at(table, index);
    struct flow_list *queue = &table->queues[which];

    record->queue = (uint8_t)which;
    record->older = queue->last;
    record->newer = FLOW_NO_RECORD;
    if (queue->last != FLOW_NO_RECORD)
        record_at(table, queue->last)->newer = index;
    else
        queue->first = index;
    queue->last = index;
}

static void
born_join(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = record_at(table, index);

    record->born_before = table->born.last;
    record->born_after = FLOW_NO_RECORD;
    if (table->born.last != FLOW_NO_RECORD)
        record_at(table, table->born.last)->born_after = index;
    else
        table->born.first = index;
    table->born.last = index;
}

static void
born_leave(struct rnet_flow_table *table, uint32_t index)
{
    const struct flow_record *record = record_at(table, index);

    if (record->born_before != FLOW_NO_RECORD)
        record_at(table, record->born_before)->born_after = record->born_after;
    else
        table->born.first = record->born_after;
    if (record->born_after != FLOW_NO_RECORD)
        record_at(table, record->born_after)->born_before = record->born_before;
    else
        table->born.last = record->born_before;
}

/* What the caller sees ------------------------------------------------------------------------- */

static struct rnet_address
address_of(const struct flow_record *record, bool office)
{
    struct rnet_address address = {.version = record->key.version};

    memcpy(address.bytes,
           office == record->office_is_low ? record->key.low_address : record->key.high_address,
           16);
    return address;
}

static void
describe(const struct rnet_flow_table *table, const struct flow_record *record,
         struct rnet_flow *flow)
{
    const bool low = record->office_is_low;
    struct rnet_conversation *conversation = &flow->conversation;

    *flow = (struct rnet_flow){.id = record->id,
                               .office = address_of(record, true),
                               .internet = address_of(record, false),
                               .office_port = low ? record->key.low_port : record->key.high_port,
                               .internet_port = low ? record->key.high_port : record->key.low_port,
                               .protocol = record->key.protocol,
                               .scope = record->scope,
                               .sides_guessed = record->sides_guessed,
                               .opened_by_office = record->opened_by_office,
                               .initial_rtt_ns = -1,
                               .user = record->user};
    conversation->start_ns = record->start_ns;
    conversation->end_ns = record->last_ns;
    conversation->rtt_internet_ns = -1;
    conversation->rtt_office_ns = -1;
    conversation->host = record->host;
    conversation->server = record->server;
    conversation->after_conversation = RNET_NONE;
    conversation->after_message = RNET_NONE;
    conversation->open_release = RNET_RELEASE_CLOCK;
    conversation->transport = RNET_TRANSPORT_OPEN;
    conversation->dscp = record->dscp;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        flow->payload_bytes[d] = record->payload_bytes[d];
        conversation->bytes[d] = record->bytes[d];
        conversation->packets[d] = record->packets[d];
    }
    if (record->after_flow != RNET_NONE) {
        conversation->open_release = RNET_RELEASE_DELIVERY;
        conversation->after_conversation = record->after_flow;
        conversation->after_message = record->after_message;
        conversation->open_wait_ns = record->open_wait_ns;
    }
    if (record->key.version == 6)
        conversation->flags |= RNET_CONVERSATION_IPV6;
    if (!record->opened_by_office)
        conversation->flags |= RNET_CONVERSATION_SERVER_OPENS;
    if (record->cut_short)
        conversation->flags |= RNET_CONVERSATION_TRUNCATED;
    switch ((enum flow_kind)record->kind) {
    case FLOW_KIND_TCP:
        conversation->transport = RNET_TRANSPORT_TCP;
        if (record->tcp != NULL)
            tcp_track_describe(record->tcp, flow);
        break;
    case FLOW_KIND_QUIC:
        conversation->transport = RNET_TRANSPORT_QUIC;
        if (record->quic != NULL)
            quic_track_describe(record->quic, flow);
        break;
    case FLOW_KIND_DATAGRAMS:
        if (record->datagrams != NULL)
            datagram_track_describe(record->datagrams, flow);
        break;
    }
    /* What does not show its round trip has it from other flows with the same end. */
    if (conversation->rtt_internet_ns < 0)
        conversation->rtt_internet_ns = flow_hosts_rtt_ns(&table->hosts, &flow->internet);
}

/* Let other flows with the same end know its round trip. */
static void
share_rtt(struct rnet_flow_table *table, const struct flow_record *record)
{
    struct rnet_flow flow;

    describe(table, record, &flow);
    flow_hosts_learn_rtt(&table->hosts, &flow.internet, flow.conversation.rtt_internet_ns);
}

/* The caller may have hung something on the flow it was shown. */
static void
take_back_view(struct rnet_flow_table *table)
{
    if (table->viewed != FLOW_NO_RECORD)
        record_at(table, table->viewed)->user = table->view.user;
    table->viewed = FLOW_NO_RECORD;
}

enum rnet_status
flow_emit_messages(struct rnet_flow_table *table, struct flow_record *record,
                   const struct rnet_message *messages, uint32_t first_index, size_t count)
{
    struct rnet_flow flow;
    enum rnet_status status;

    if (table->sink.messages == NULL)
        return RNET_OK;
    describe(table, record, &flow);
    status = table->sink.messages(table->sink.context, &flow, messages, first_index, count);
    record->user = flow.user;
    return status;
}

enum rnet_status
flow_emit_datagrams(struct rnet_flow_table *table, struct flow_record *record,
                    const struct rnet_datagram *datagrams, uint32_t first_index, size_t count)
{
    struct rnet_flow flow;
    enum rnet_status status;

    if (table->sink.datagrams == NULL)
        return RNET_OK;
    describe(table, record, &flow);
    status = table->sink.datagrams(table->sink.context, &flow, datagrams, first_index, count);
    record->user = flow.user;
    return status;
}

/* Trackers ------------------------------------------------------------------------------------- */

static enum rnet_status
track_reserve(struct rnet_flow_table *table, struct flow_record *record)
{
    switch ((enum flow_kind)record->kind) {
    case FLOW_KIND_TCP:
        return tcp_track_reserve(record->tcp, table, record);
    case FLOW_KIND_QUIC:
        return quic_track_reserve(record->quic, table, record);
    case FLOW_KIND_DATAGRAMS:
        break;
    }
    return datagram_track_reserve(record->datagrams);
}

static enum rnet_status
track_add(struct rnet_flow_table *table, struct flow_record *record,
          const struct flow_packet *packet)
{
    switch ((enum flow_kind)record->kind) {
    case FLOW_KIND_TCP:
        return tcp_track_add(record->tcp, table, record, packet);
    case FLOW_KIND_QUIC:
        quic_track_add(record->quic, table, record, packet);
        return RNET_OK;
    case FLOW_KIND_DATAGRAMS:
        break;
    }
    return datagram_track_add(record->datagrams, table, record, packet);
}

static void *
track_new(const struct flow_record *record)
{
    switch ((enum flow_kind)record->kind) {
    case FLOW_KIND_TCP:
        return tcp_track_new();
    case FLOW_KIND_QUIC:
        return quic_track_new();
    case FLOW_KIND_DATAGRAMS:
        break;
    }
    return datagram_track_new();
}

/* From the second packet on a flow has a tracker, which is told of the first one belatedly. */
static enum rnet_status
track_ensure(struct rnet_flow_table *table, struct flow_record *record)
{
    enum rnet_status status;

    if (record->track != NULL)
        return track_reserve(table, record);
    record->track = track_new(record);
    if (record->track == NULL)
        return RNET_ENOMEM;
    status = track_reserve(table, record);
    if (status == RNET_OK)
        status = track_add(table, record, &record->first);
    if (status == RNET_OK)
        status = track_reserve(table, record);
    return status;
}

static enum rnet_status
track_finish(struct rnet_flow_table *table, struct flow_record *record)
{
    enum rnet_status status;

    if (record->track == NULL) {
        status = track_ensure(table, record);
        if (status != RNET_OK)
            return status;
    }
    if (record->kind == FLOW_KIND_TCP)
        return tcp_track_finish(record->tcp, table, record);
    if (record->kind == FLOW_KIND_QUIC)
        return quic_track_finish(record->quic, table, record);
    return datagram_track_finish(record->datagrams, table, record);
}

static void
track_free(struct flow_record *record)
{
    if (record->kind == FLOW_KIND_TCP)
        tcp_track_free(record->tcp);
    else if (record->kind == FLOW_KIND_QUIC)
        quic_track_free(record->quic);
    else
        datagram_track_free(record->datagrams);
    record->track = NULL;
}

/* Beginning and end of flows ------------------------------------------------------------------- */

static enum rnet_status
end_flow(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = record_at(table, index);
    struct rnet_flow flow;
    enum rnet_status status;

    if (table->viewed == index)
        take_back_view(table);
    share_rtt(table, record);
    status = track_finish(table, record);
    describe(table, record, &flow);
    if (table->sink.ended != NULL && (status == RNET_OK || status == RNET_ENOMEM)) {
        const enum rnet_status said = table->sink.ended(table->sink.context, &flow);

        status = status == RNET_OK ? said : status;
    }
    track_free(record);
    take_from_bucket(table, index);
    queue_leave(table, index);
    born_leave(table, index);
    record->id = 0;
    record->chain = table->free_records;
    table->free_records = index;
    table->live--;
    return status;
}

static int64_t
timeout_of(const struct rnet_flow_table *table, enum flow_queue queue)
{
    switch (queue) {
    case FLOW_QUEUE_TCP:
        return table->options.tcp_timeout_ns;
    case FLOW_QUEUE_CLOSED:
        return CLOSED_TIMEOUT_NS;
    case FLOW_QUEUE_OTHER:
    case FLOW_QUEUES:
        break;
    }
    return table->options.udp_timeout_ns;
}

static enum rnet_status
end_idle(struct rnet_flow_table *table)
{
    for (int q = 0; q < FLOW_QUEUES; q++) {
        const int64_t timeout_ns = timeout_of(table, (enum flow_queue)q);

        while (table->queues[q].first != FLOW_NO_RECORD) {
            const uint32_t index = table->queues[q].first;
            const struct flow_record *record = record_at(table, index);
            enum rnet_status status;

            if (record->last_ns >= table->clock.now_ns ||
                (uint64_t)table->clock.now_ns - (uint64_t)record->last_ns <= (uint64_t)timeout_ns)
                break;
            status = end_flow(table, index);
            if (status != RNET_OK)
                return status;
        }
    }
    return RNET_OK;
}

/* The table is full: the flow idle for longest goes, wherever it waits. */
static enum rnet_status
evict_one(struct rnet_flow_table *table)
{
    uint32_t oldest = FLOW_NO_RECORD;

    for (int q = 0; q < FLOW_QUEUES; q++) {
        const uint32_t index = table->queues[q].first;

        if (index != FLOW_NO_RECORD &&
            (oldest == FLOW_NO_RECORD ||
             record_at(table, index)->last_ns < record_at(table, oldest)->last_ns))
            oldest = index;
    }
    record_at(table, oldest)->cut_short = true;
    rnet_notice_add(&table->notices, RNET_NOTICE_FLOW_EVICTED);
    return end_flow(table, oldest);
}

static enum rnet_status
ensure_free_record(struct rnet_flow_table *table)
{
    struct flow_record *slab;
    enum rnet_status status;

    if (table->free_records != FLOW_NO_RECORD)
        return RNET_OK;
    status = rnet_array_reserve((void **)&table->slabs, &table->slab_capacity,
                                (size_t)table->slab_count + 1, sizeof(struct flow_record *));
    if (status != RNET_OK)
        return status;
    slab = rnet_alloc_zero(SLAB_RECORDS, sizeof *slab);
    if (slab == NULL)
        return RNET_ENOMEM;
    table->slabs[table->slab_count] = slab;
    for (uint32_t i = SLAB_RECORDS; i-- > 0;) {
        slab[i].chain = table->free_records;
        table->free_records = table->slab_count * SLAB_RECORDS + i;
    }
    table->slab_count++;
    return RNET_OK;
}

static enum flow_kind
kind_of(const struct rnet_headers *headers)
{
    if (!headers->has_transport)
        return FLOW_KIND_DATAGRAMS;
    if (headers->protocol == RNET_IPPROTO_TCP)
        return FLOW_KIND_TCP;
    return quic_is_closed_loop(headers) ? FLOW_KIND_QUIC : FLOW_KIND_DATAGRAMS;
}

static void
count_new_flow(struct rnet_flow_table *table, const struct flow_record *record,
               const struct rnet_headers *headers)
{
    if (record->sides_guessed)
        rnet_notice_add(&table->notices, RNET_NOTICE_SIDES_GUESSED);
    if (record->kind == FLOW_KIND_TCP && (headers->tcp_flags & RNET_TCP_SYN) == 0)
        rnet_notice_add(&table->notices, RNET_NOTICE_MIDSTREAM_FLOW);
}

static enum rnet_status
start_flow(struct rnet_flow_table *table, const struct rnet_headers *headers,
           const struct flow_key *key, uint32_t hash, bool source_is_low, uint32_t *index)
{
    const struct flow_sides sides = flow_sides_decide(&table->options, &table->hosts, headers);
    struct flow_record *record;
    uint32_t source, destination;
    enum rnet_status status = RNET_OK;

    if (table->live >= table->options.max_flows)
        status = evict_one(table);
    if (status == RNET_OK)
        status = ensure_free_record(table);
    if (status == RNET_OK)
        status = flow_hosts_add(&table->hosts, &headers->source, &source);
    if (status == RNET_OK)
        status = flow_hosts_add(&table->hosts, &headers->destination, &destination);
    if (status != RNET_OK)
        return status;
    grow_buckets(table);
    *index = table->free_records;
    record = record_at(table, *index);
    table->free_records = record->chain;
    *record = (struct flow_record){.key = *key, .id = ++table->ids, .hash = hash, .place = *index};
    record->kind = (uint8_t)kind_of(headers);
    record->scope = sides.scope;
    record->sides_guessed = sides.guessed;
    record->office_is_low = sides.source_is_office == source_is_low;
    record->opened_by_office = sides.opened_by_source == sides.source_is_office;
    record->host = sides.source_is_office ? source : destination;
    record->server = sides.source_is_office ? destination : source;
    put_in_bucket(table, *index);
    queue_join(table, *index, record->kind == FLOW_KIND_TCP ? FLOW_QUEUE_TCP : FLOW_QUEUE_OTHER);
    born_join(table, *index);
    table->live++;
    count_new_flow(table, record, headers);
    return RNET_OK;
}

/* Packets -------------------------------------------------------------------------------------- */

static void
note_rtp(struct flow_packet *packet, const struct rnet_headers *headers)
{
    const uint8_t *p = headers->payload;

    /* RTP version 2 (RFC 3550 §5.1); payload types 72-76 would be RTCP (RFC 5761). */
    if (headers->payload_captured_bytes < 12 || headers->payload_bytes < 13 || (p[0] >> 6) != 2 ||
        ((p[1] & 0x7f) >= 72 && (p[1] & 0x7f) <= 76))
        return;
    packet->has_rtp = true;
    packet->rtp_sequence = (uint16_t)(p[2] << 8 | p[3]);
    packet->ssrc = (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11];
}

static struct flow_packet
make_packet(const struct rnet_headers *headers, int64_t time_ns)
{
    const struct rnet_segments segments = rnet_packet_segments(headers, 0);
    struct flow_packet packet = {.time_ns = time_ns,
                                 .payload_bytes = headers->payload_bytes,
                                 .pieces = (uint16_t)segments.packets,
                                 .full_ip_bytes = (uint16_t)segments.full_ip_bytes,
                                 .last_ip_bytes = (uint16_t)segments.last_ip_bytes,
                                 .is_ipv6 = headers->source.version == 6,
                                 .window_scale = 255};

    if (headers->payload != NULL) {
        packet.head_bytes = headers->payload_captured_bytes < sizeof packet.head
                                ? (uint8_t)headers->payload_captured_bytes
                                : sizeof packet.head;
        memcpy(packet.head, headers->payload, packet.head_bytes);
    }
    if (headers->protocol == RNET_IPPROTO_TCP && headers->has_transport) {
        packet.sequence = headers->tcp_sequence;
        packet.acknowledgement = headers->tcp_acknowledgement;
        packet.timestamp = headers->tcp_timestamp;
        packet.timestamp_echo = headers->tcp_timestamp_echo;
        packet.window = headers->tcp_window;
        packet.mss = headers->tcp_mss;
        packet.tcp_flags = headers->tcp_flags;
        packet.window_scale = headers->tcp_window_scale;
        packet.has_timestamps = headers->tcp_has_timestamps;
        packet.sack_permitted = headers->tcp_sack_permitted;
    } else if (headers->protocol == RNET_IPPROTO_UDP && headers->payload != NULL) {
        note_rtp(&packet, headers);
    }
    return packet;
}

static void
vote_dscp(struct flow_record *record, uint8_t dscp)
{
    if (record->dscp_votes == 0) {
        record->dscp = dscp;
        record->dscp_votes = 1;
    } else if (record->dscp == dscp) {
        if (record->dscp_votes < UINT16_MAX)
            record->dscp_votes++;
    } else {
        record->dscp_votes--;
    }
}

static enum rnet_status
count_packet(struct rnet_flow_table *table, uint32_t index, const struct rnet_headers *headers,
             int64_t time_ns, bool source_is_low)
{
    struct flow_record *record = record_at(table, index);
    const uint8_t direction = record->office_is_low == source_is_low ? RNET_UP : RNET_DOWN;
    const bool is_first = record->packets[RNET_UP] + record->packets[RNET_DOWN] == 0;
    struct flow_packet packet = make_packet(headers, time_ns);
    enum rnet_status status = RNET_OK;

    packet.direction = direction;
    if (is_first) {
        record->start_ns = record->last_ns = time_ns;
        record->first = packet;
        depend_open(table, record);
    } else {
        status = track_ensure(table, record);
        if (status != RNET_OK)
            return status;
    }
    /* Within a flow time never runs backwards: late packets are booked at the latest time. */
    if (time_ns > record->last_ns)
        record->last_ns = time_ns;
    packet.time_ns = record->last_ns;
    record->packets[direction]++;
    record->bytes[direction] += headers->line_ip_bytes;
    record->payload_bytes[direction] += headers->payload_bytes;
    if (direction == RNET_UP)
        vote_dscp(record, headers->dscp);
    if (record->scope == RNET_SCOPE_INTERNAL)
        rnet_notice_add(&table->notices, RNET_NOTICE_INTERNAL_TRAFFIC);
    if (!is_first)
        status = track_add(table, record, &packet);
    queue_leave(table, index);
    queue_join(table, index,
               record->kind != FLOW_KIND_TCP                             ? FLOW_QUEUE_OTHER
               : record->tcp != NULL && tcp_track_is_closed(record->tcp) ? FLOW_QUEUE_CLOSED
                                                                         : FLOW_QUEUE_TCP);
    return status;
}

/* Whether the packet begins another connection between the same ports. */
static bool
is_reused(const struct flow_record *record, const struct rnet_headers *headers, uint8_t direction)
{
    struct flow_packet packet;

    if (record->kind != FLOW_KIND_TCP || (headers->tcp_flags & RNET_TCP_SYN) == 0)
        return false;
    if (record->tcp == NULL)
        return record->first.direction == direction && (headers->tcp_flags & RNET_TCP_ACK) == 0 &&
               record->first.sequence != headers->tcp_sequence;
    packet = make_packet(headers, 0);
    packet.direction = direction;
    return tcp_track_is_reused(record->tcp, &packet);
}

static enum rnet_status
add(struct rnet_flow_table *table, const struct rnet_headers *headers)
{
    const int64_t time_ns = flow_clock_advance(&table->clock, headers->time_ns);
    bool source_is_low;
    const struct flow_key key = make_key(headers, &source_is_low);
    const uint32_t hash = hash_key(table, &key);
    uint32_t index;
    enum rnet_status status = end_idle(table);

    if (status != RNET_OK)
        return status;
    index = find(table, &key, hash);
    if (index != FLOW_NO_RECORD &&
        is_reused(record_at(table, index), headers,
                  record_at(table, index)->office_is_low == source_is_low ? RNET_UP : RNET_DOWN)) {
        status = end_flow(table, index);
        index = FLOW_NO_RECORD;
    }
    if (status == RNET_OK && index == FLOW_NO_RECORD)
        status = start_flow(table, headers, &key, hash, source_is_low, &index);
    if (status == RNET_OK)
        status = count_packet(table, index, headers, time_ns, source_is_low);
    if (status == RNET_OK)
        table->viewed = index;
    return status;
}

enum rnet_status
rnet_flow_table_add(struct rnet_flow_table *table, const struct rnet_headers *headers,
                    struct rnet_flow **flow)
{
    enum rnet_status status;

    if (flow != NULL)
        *flow = NULL;
    take_back_view(table);
    if (table->failed != RNET_OK)
        return table->failed;
    if (headers->is_broadcast) {
        rnet_notice_add(&table->notices, RNET_NOTICE_INTERNAL_TRAFFIC);
        return RNET_OK;
    }
    status = add(table, headers);
    if (status != RNET_OK && status != RNET_ENOMEM)
        table->failed = status;
    if (status == RNET_OK && flow != NULL) {
        describe(table, record_at(table, table->viewed), &table->view);
        *flow = &table->view;
    } else {
        table->viewed = FLOW_NO_RECORD;
    }
    return status;
}

enum rnet_status
rnet_flow_table_finish(struct rnet_flow_table *table)
{
    take_back_view(table);
    for (uint32_t at = table->born.first; at != FLOW_NO_RECORD;
         at = record_at(table, at)->born_after)
        share_rtt(table, record_at(table, at));
    while (table->failed == RNET_OK && table->born.first != FLOW_NO_RECORD) {
        struct flow_record *record = record_at(table, table->born.first);

        record->cut_short = record->kind == FLOW_KIND_TCP && record->queue != FLOW_QUEUE_CLOSED;
        table->failed = end_flow(table, table->born.first);
    }
    return table->failed;
}

/* The table itself ----------------------------------------------------------------------------- */

static enum rnet_status
set_options(struct rnet_flow_table *table, const struct rnet_flow_options *options)
{
    const uint64_t no_seed[2] = {0, 0};

    if (options != NULL)
        table->options = *options;
    if (table->options.max_flows == 0)
        table->options.max_flows = DEFAULT_MAX_FLOWS;
    if (table->options.tcp_timeout_ns == 0)
        table->options.tcp_timeout_ns = DEFAULT_TCP_TIMEOUT_NS;
    if (table->options.udp_timeout_ns == 0)
        table->options.udp_timeout_ns = DEFAULT_UDP_TIMEOUT_NS;
    if (table->options.office_count > 0) {
        table->offices = rnet_alloc_zero(table->options.office_count, sizeof *table->offices);
        if (table->offices == NULL)
            return RNET_ENOMEM;
        memcpy(table->offices, table->options.offices,
               table->options.office_count * sizeof *table->offices);
    }
    table->options.offices = table->offices;
    memcpy(table->hash_key, table->options.hash_seed, sizeof table->hash_key);
    if (memcmp(no_seed, table->options.hash_seed, sizeof no_seed) == 0 &&
        getrandom(table->hash_key, sizeof table->hash_key, 0) != sizeof table->hash_key)
        return RNET_EIO;
    memcpy(table->hosts.key, table->hash_key, sizeof table->hosts.key);
    return RNET_OK;
}

static bool
options_are_valid(const struct rnet_flow_options *options)
{
    if (options == NULL)
        return true;
    if (options->tcp_timeout_ns < 0 || options->udp_timeout_ns < 0 ||
        options->max_flows > UINT32_MAX / 2 ||
        (options->office_count > 0 && options->offices == NULL))
        return false;
    for (size_t i = 0; i < options->office_count; i++)
        if ((options->offices[i].address.version != 4 &&
             options->offices[i].address.version != 6) ||
            options->offices[i].prefix_bits > (options->offices[i].address.version == 4 ? 32 : 128))
            return false;
    return true;
}

enum rnet_status
rnet_flow_table_new(const struct rnet_flow_options *options, const struct rnet_flow_sink *sink,
                    struct rnet_flow_table **table)
{
    struct rnet_flow_table *made;
    enum rnet_status status;

    if (sink == NULL || !options_are_valid(options))
        return RNET_EINVAL;
    made = rnet_alloc_zero(1, sizeof *made);
    if (made == NULL)
        return RNET_ENOMEM;
    made->sink = *sink;
    made->viewed = FLOW_NO_RECORD;
    made->free_records = FLOW_NO_RECORD;
    made->born = (struct flow_list){FLOW_NO_RECORD, FLOW_NO_RECORD};
    for (int q = 0; q < FLOW_QUEUES; q++)
        made->queues[q] = made->born;
    status = set_options(made, options);
    made->depend = depend_new();
    if (status == RNET_OK) {
        made->bucket_count = FIRST_BUCKETS;
        made->buckets = rnet_realloc_array(NULL, FIRST_BUCKETS, sizeof *made->buckets);
        status = made->buckets != NULL && made->depend != NULL ? RNET_OK : RNET_ENOMEM;
    }
    if (status != RNET_OK) {
        rnet_flow_table_free(made);
        return status;
    }
    memset(made->buckets, 0xff, FIRST_BUCKETS * sizeof *made->buckets);
    *table = made;
    return RNET_OK;
}

const struct rnet_notices *
rnet_flow_table_notices(const struct rnet_flow_table *table)
{
    return &table->notices;
}

void
rnet_flow_table_free(struct rnet_flow_table *table)
{
    if (table == NULL)
        return;
    while (table->born.first != FLOW_NO_RECORD) {
        const uint32_t index = table->born.first;

        track_free(record_at(table, index));
        born_leave(table, index);
    }
    for (uint32_t i = 0; i < table->slab_count; i++)
        rnet_free(table->slabs[i]);
    rnet_free(table->slabs);
    rnet_free(table->buckets);
    rnet_free(table->offices);
    flow_hosts_clear(&table->hosts);
    depend_free(table->depend);
    rnet_free(table);
}
