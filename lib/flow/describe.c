/* What others see of a flow, and how they are told. */
#include "flow/table.h"
#include "flow/tcp.h"

#include <string.h>

static struct rnet_address
address_of(const struct flow_record *record, bool office)
{
    struct rnet_address address = {.version = record->key.version};

    memcpy(address.bytes,
           office == record->office_is_low ? record->key.low_address : record->key.high_address,
           16);
    return address;
}

int64_t
flow_known_rtt_ns(const struct rnet_flow_table *table, const struct flow_record *record)
{
    const struct rnet_address internet = address_of(record, false);

    return flow_hosts_rtt_ns(&table->hosts, &internet);
}

static uint8_t
transport_of(const struct flow_record *record)
{
    return record->kind == FLOW_KIND_TCP    ? RNET_TRANSPORT_TCP
           : record->kind == FLOW_KIND_QUIC ? RNET_TRANSPORT_QUIC
                                            : RNET_TRANSPORT_OPEN;
}

void
table_describe_counts(const struct flow_record *record, struct rnet_flow *flow)
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
                               .sides_guessed = record->sides_evidence != RNET_SIDES_KNOWN,
                               .sides_evidence = record->sides_evidence,
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
    conversation->transport = transport_of(record);
}

void
table_describe(const struct rnet_flow_table *table, const struct flow_record *record,
               struct rnet_flow *flow)
{
    struct rnet_conversation *conversation = &flow->conversation;

    table_describe_counts(record, flow);
    switch ((enum flow_kind)record->kind) {
    case FLOW_KIND_TCP:
        if (record->tcp != NULL)
            tcp_track_describe(record->tcp, flow);
        break;
    case FLOW_KIND_QUIC:
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

void
table_share_rtt(struct rnet_flow_table *table, const struct flow_record *record)
{
    struct rnet_flow flow;

    table_describe(table, record, &flow);
    flow_hosts_learn_rtt(&table->hosts, &flow.internet, flow.conversation.rtt_internet_ns);
}

void
table_take_back_view(struct rnet_flow_table *table)
{
    if (table->viewed != FLOW_NO_RECORD)
        table_record(table, table->viewed)->user = table->view.user;
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
    table_describe(table, record, &flow);
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
    table_describe(table, record, &flow);
    status = table->sink.datagrams(table->sink.context, &flow, datagrams, first_index, count);
    record->user = flow.user;
    return status;
}
