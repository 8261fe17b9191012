/* The tracker of a flow, whichever kind it is. */
#include "flow/table.h"
#include "flow/tcp.h"

#include <stddef.h>

#define CACHE_LINE_BYTES 64
/* Of a TCP track, what comes before its own short rings is read for every packet. */
#define PREFETCHED_BYTES offsetof(struct tcp_track, few_marks)

void
track_prefetch(const struct flow_record *record)
{
    const char *at = record->track;
    const size_t bytes = record->kind == FLOW_KIND_TCP ? PREFETCHED_BYTES : 2 * CACHE_LINE_BYTES;

    if (at == NULL)
        return;
    for (size_t i = 0; i < bytes; i += CACHE_LINE_BYTES)
        __builtin_prefetch(at + i);
}

enum rnet_status
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

enum rnet_status
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

enum rnet_status
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

enum rnet_status
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

void
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
