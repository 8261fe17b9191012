/* Flows begin, end, grow old and make room for others. */
#include "flow/table.h"

/* Stragglers after a close: twice the maximum segment lifetime of RFC 9293, which is 2 min, halved
 * as hosts do in practice. */
#define CLOSED_TIMEOUT_NS (120 * RNET_NS_PER_S)

/* Whether one direction of a flow was captured or both. A connection that was never open tells
 * nothing: nobody may have answered. */
static void
count_directions(struct rnet_flow_table *table, const struct rnet_conversation *conversation)
{
    const uint64_t *packets = conversation->packets;
    const bool lacks_part = (conversation->flags & RNET_CONVERSATION_PART_MISSING) != 0;

    if (packets[RNET_UP] > 0 && packets[RNET_DOWN] > 0)
        table->both_ways++;
    else if (packets[RNET_UP] + packets[RNET_DOWN] >= FLOW_TELLING_PACKETS &&
             (conversation->transport != RNET_TRANSPORT_TCP || lacks_part))
        table->one_way++;
    if (lacks_part)
        rnet_notice_add(&table->notices, RNET_NOTICE_PART_MISSING);
}

enum rnet_status
table_end_flow(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = table_record(table, index);
    struct rnet_flow flow;
    enum rnet_status status;

    if (table->viewed == index)
        table_take_back_view(table);
    table_share_rtt(table, record);
    status = track_finish(table, record);
    table_describe(table, record, &flow);
    count_directions(table, &flow.conversation);
    if (table->sink.ended != NULL && (status == RNET_OK || status == RNET_ENOMEM)) {
        const enum rnet_status said = table->sink.ended(table->sink.context, &flow);

        status = status == RNET_OK ? said : status;
    }
    track_free(record);
    table_take_from_bucket(table, index);
    table_queue_leave(table, index);
    table_born_leave(table, index);
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

enum rnet_status
table_end_idle(struct rnet_flow_table *table)
{
    for (int q = 0; q < FLOW_QUEUES; q++) {
        const int64_t timeout_ns = timeout_of(table, (enum flow_queue)q);

        while (table->queues[q].first != FLOW_NO_RECORD) {
            const uint32_t index = table->queues[q].first;
            const struct flow_record *record = table_record(table, index);
            enum rnet_status status;

            if (record->last_ns >= table->clock.now_ns ||
                (uint64_t)table->clock.now_ns - (uint64_t)record->last_ns <= (uint64_t)timeout_ns)
                break;
            status = table_end_flow(table, index);
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
             table_record(table, index)->last_ns < table_record(table, oldest)->last_ns))
            oldest = index;
    }
    table_record(table, oldest)->cut_short = true;
    rnet_notice_add(&table->notices, RNET_NOTICE_FLOW_EVICTED);
    return table_end_flow(table, oldest);
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
    switch ((enum rnet_sides_evidence)record->sides_evidence) {
    case RNET_SIDES_KNOWN:
        break;
    case RNET_SIDES_GATEWAY:
        rnet_notice_add(&table->notices, RNET_NOTICE_SIDES_GATEWAY);
        break;
    case RNET_SIDES_FAN_OUT:
        rnet_notice_add(&table->notices, RNET_NOTICE_SIDES_FAN_OUT);
        break;
    case RNET_SIDES_OPENER:
        rnet_notice_add(&table->notices, RNET_NOTICE_SIDES_GUESSED);
        break;
    }
    if (record->kind == FLOW_KIND_TCP && !flow_is_syn(headers->tcp_flags))
        rnet_notice_add(&table->notices, RNET_NOTICE_MIDSTREAM_FLOW);
}

enum rnet_status
table_start_flow(struct rnet_flow_table *table, const struct rnet_headers *headers,
                 const struct flow_key *key, uint32_t hash, bool source_is_low, uint32_t *index)
{
    const struct flow_sides sides = flow_sides_decide(&table->options, &table->hosts, headers);
    struct flow_record *record;
    uint32_t source, destination;
    enum rnet_status status = RNET_OK;

    if (table->live >= table->options.max_flows)
        status = evict_one(table);
    if (status == RNET_OK)
        status = table_ensure_free_record(table);
    if (status == RNET_OK)
        status = flow_hosts_add(&table->hosts, &headers->source, &source);
    if (status == RNET_OK)
        status = flow_hosts_add(&table->hosts, &headers->destination, &destination);
    if (status != RNET_OK)
        return status;
    if (headers->has_mac && headers->tunnels == 0) {
        flow_hosts_reached(&table->hosts, &headers->source, headers->source_mac);
        flow_hosts_reached(&table->hosts, &headers->destination, headers->destination_mac);
    }
    table_grow_buckets(table);
    *index = table->free_records;
    record = table_record(table, *index);
    table->free_records = record->chain;
    *record = (struct flow_record){.key = *key, .id = ++table->ids, .hash = hash, .place = *index};
    record->kind = (uint8_t)kind_of(headers);
    record->scope = sides.scope;
    record->sides_evidence = sides.evidence;
    record->office_is_low = sides.source_is_office == source_is_low;
    record->opened_by_office = sides.opened_by_source == sides.source_is_office;
    record->host = sides.source_is_office ? source : destination;
    record->server = sides.source_is_office ? destination : source;
    table_put_in_bucket(table, *index);
    table_queue_join(table, *index,
                     record->kind == FLOW_KIND_TCP ? FLOW_QUEUE_TCP : FLOW_QUEUE_OTHER);
    table_born_join(table, *index);
    table->live++;
    count_new_flow(table, record, headers);
    return RNET_OK;
}
