/* The table: takes packets, hands out flows and what they said. */
#include "flow/table.h"
#include "flow/tcp.h"

#include <string.h>
#include <sys/random.h>

#define FIRST_BUCKETS 1024u
#define DEFAULT_MAX_FLOWS 1000000u
#define DEFAULT_TCP_TIMEOUT_NS (3600 * RNET_NS_PER_S)
#define DEFAULT_UDP_TIMEOUT_NS (120 * RNET_NS_PER_S)

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
    struct flow_record *record = table_record(table, index);
    const uint8_t direction = record->office_is_low == source_is_low ? RNET_UP : RNET_DOWN;
    const bool is_first = record->packets[RNET_UP] + record->packets[RNET_DOWN] == 0;
    struct flow_packet packet;
    enum rnet_status status = RNET_OK;

    track_prefetch(record);
    packet = flow_packet_make(headers, time_ns);
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
    else if (direction == RNET_DOWN || record->kind != FLOW_KIND_TCP || packet.payload_bytes == 0)
        pressure_add_packet(table->pressure, &packet, headers->line_ip_bytes,
                            record->kind != FLOW_KIND_DATAGRAMS);
    if (!is_first && !(headers->is_later_fragment && record->kind != FLOW_KIND_DATAGRAMS))
        status = track_add(table, record, &packet);
    table_queue_leave(table, index);
    table_queue_join(table, index,
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

    if (record->kind != FLOW_KIND_TCP || !flow_is_syn(headers->tcp_flags))
        return false;
    if (record->tcp == NULL)
        return record->first.direction == direction && (headers->tcp_flags & RNET_TCP_ACK) == 0 &&
               record->first.sequence != headers->tcp_sequence;
    packet = flow_packet_make(headers, 0);
    packet.direction = direction;
    return tcp_track_is_reused(record->tcp, &packet);
}

/* A later fragment counts in the live flow of its first one. It tells trackers of TCP and QUIC
 * nothing: what it holds was announced by no header of its own. */
static enum rnet_status
add_later_fragment(struct rnet_flow_table *table, const struct rnet_headers *headers,
                   int64_t time_ns, bool *done)
{
    struct rnet_headers completed = *headers;
    bool source_is_low;
    struct flow_key key;
    uint32_t index;

    *done = false;
    if (!flow_fragments_complete(&table->fragments, &completed, time_ns))
        return RNET_OK;
    key = flow_key_make(&completed, &source_is_low);
    index = table_find(table, &key, table_hash(table, &key));
    if (index == FLOW_NO_RECORD)
        return RNET_OK;
    *done = true;
    table->viewed = index;
    return count_packet(table, index, &completed, time_ns, source_is_low);
}

static enum rnet_status
add(struct rnet_flow_table *table, const struct rnet_headers *headers)
{
    const int64_t time_ns = flow_clock_advance(&table->clock, headers->time_ns);
    bool source_is_low, done = false;
    const struct flow_key key = flow_key_make(headers, &source_is_low);
    const uint32_t hash = table_hash(table, &key);
    uint32_t index;
    enum rnet_status status = table_end_idle(table);

    if (status == RNET_OK && headers->is_later_fragment)
        status = add_later_fragment(table, headers, time_ns, &done);
    if (status != RNET_OK || done)
        return status;
    if (headers->is_fragment && headers->has_transport)
        flow_fragments_note(&table->fragments, headers, time_ns);
    index = table_find(table, &key, hash);
    if (index != FLOW_NO_RECORD &&
        is_reused(table_record(table, index), headers,
                  table_record(table, index)->office_is_low == source_is_low ? RNET_UP
                                                                             : RNET_DOWN)) {
        status = table_end_flow(table, index);
        index = FLOW_NO_RECORD;
    }
    if (status == RNET_OK && index == FLOW_NO_RECORD)
        status = table_start_flow(table, headers, &key, hash, source_is_low, &index);
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
    table_take_back_view(table);
    if (table->failed != RNET_OK)
        return table->failed;
    if (flow_duplicates_knows(table->duplicates, headers)) {
        rnet_notice_add(&table->notices, RNET_NOTICE_DUPLICATE_PACKET);
        return RNET_OK;
    }
    if (headers->is_broadcast) {
        rnet_notice_add(&table->notices, RNET_NOTICE_INTERNAL_TRAFFIC);
        return RNET_OK;
    }
    status = add(table, headers);
    if (status != RNET_OK && status != RNET_ENOMEM)
        table->failed = status;
    if (status == RNET_OK && flow != NULL) {
        table_describe_counts(table_record(table, table->viewed), &table->view);
        *flow = &table->view;
    } else {
        table->viewed = FLOW_NO_RECORD;
    }
    return status;
}

enum rnet_status
rnet_flow_table_finish(struct rnet_flow_table *table)
{
    table_take_back_view(table);
    for (uint32_t at = table->born.first; at != FLOW_NO_RECORD;
         at = table_record(table, at)->born_after)
        table_share_rtt(table, table_record(table, at));
    while (table->failed == RNET_OK && table->born.first != FLOW_NO_RECORD) {
        struct flow_record *record = table_record(table, table->born.first);

        record->cut_short = record->kind == FLOW_KIND_TCP && record->queue != FLOW_QUEUE_CLOSED;
        table->failed = table_end_flow(table, table->born.first);
    }
    pressure_conclude(table->pressure, &table->captured_line);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        if (table->captured_line.rate_bps[d] > 0)
            rnet_notice_add(&table->notices, RNET_NOTICE_SUPPRESSED_DEMAND);
    if (table->one_way > table->both_ways)
        table->notices.count[RNET_NOTICE_ONE_DIRECTION] = table->one_way;
    return table->failed;
}

struct flow_pressure *
flow_table_pressure(struct rnet_flow_table *table)
{
    return table->pressure;
}

const struct rnet_captured_line *
rnet_flow_table_captured_line(const struct rnet_flow_table *table)
{
    return &table->captured_line;
}

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
    memcpy(table->fragments.key, table->hash_key, sizeof table->fragments.key);
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
    made->pressure = pressure_new();
    made->duplicates = flow_duplicates_new();
    if (status == RNET_OK) {
        made->bucket_count = FIRST_BUCKETS;
        made->buckets = rnet_realloc_array(NULL, FIRST_BUCKETS, sizeof *made->buckets);
        status = made->buckets != NULL && made->depend != NULL && made->pressure != NULL &&
                         made->duplicates != NULL
                     ? RNET_OK
                     : RNET_ENOMEM;
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

        track_free(table_record(table, index));
        table_born_leave(table, index);
    }
    for (uint32_t i = 0; i < table->slab_count; i++)
        rnet_free(table->slabs[i]);
    rnet_free(table->slabs);
    rnet_free(table->buckets);
    rnet_free(table->offices);
    flow_hosts_clear(&table->hosts);
    depend_free(table->depend);
    pressure_free(table->pressure);
    flow_duplicates_free(table->duplicates);
    rnet_free(table);
}
