/* The flows of a profile, one row each, as NDJSON or CSV. */
#include "report/rows.h"

#include <math.h>

struct table {
    struct rows rows;
    int64_t begin_ns;
};

static double
milliseconds(int64_t ns)
{
    return ns >= 0 ? (double)ns / 1e6 : (double)NAN;
}

/* The one list of columns; the heading below is in the same order. */
static bool
add_flow(void *context, const struct rnet_profile_flow *flow)
{
    static const char *const transports[] = {[RNET_TRANSPORT_TCP] = "tcp",
                                             [RNET_TRANSPORT_QUIC] = "messages",
                                             [RNET_TRANSPORT_OPEN] = "datagrams"};
    struct table *table = context;
    struct rows *rows = &table->rows;
    const struct rnet_conversation *c = &flow->conversation;

    rows_begin_row(rows);
    rows_add_count(rows, "flow", (int64_t)flow->number);
    rows_add_word(rows, "scope", flow->scope == RNET_SCOPE_CROSSES ? "crosses" : "internal");
    rows_add_count(rows, "ip_protocol", flow->protocol);
    rows_add_word(rows, "replayed_as", transports[c->transport]);
    rows_add_word(rows, "usage", rnet_usage_info((enum rnet_usage)c->usage)->id);
    rows_add_word(rows, "evidence", rnet_evidence_id(flow->evidence));
    rows_add_number(rows, "confidence", flow->confidence);
    rows_add_number(rows, "start_s", (double)(c->start_ns - table->begin_ns) / 1e9);
    rows_add_number(rows, "duration_s", (double)(c->end_ns - c->start_ns) / 1e9);
    rows_add_count(rows, "bytes_up", (int64_t)c->bytes[RNET_UP]);
    rows_add_count(rows, "bytes_down", (int64_t)c->bytes[RNET_DOWN]);
    rows_add_count(rows, "packets_up", (int64_t)c->packets[RNET_UP]);
    rows_add_count(rows, "packets_down", (int64_t)c->packets[RNET_DOWN]);
    rows_add_number(rows, "rtt_internet_ms", milliseconds(c->rtt_internet_ns));
    rows_add_number(rows, "rtt_office_ms", milliseconds(c->rtt_office_ns));
    rows_add_count(rows, "office_host", c->host);
    rows_add_count(rows, "internet_host", c->server);
    rows_add_word(rows, "opened_by",
                  (c->flags & RNET_CONVERSATION_SERVER_OPENS) != 0 ? "internet" : "office");
    rows_add_count(rows, "beginning_seen", (c->flags & RNET_CONVERSATION_HANDSHAKE_SEEN) != 0);
    rows_add_count(rows, "failed", (c->flags & RNET_CONVERSATION_FAILED) != 0);
    rows_add_count(rows, "part_missing", (c->flags & RNET_CONVERSATION_PART_MISSING) != 0);
    rows_end_row(rows);
    return !rows->failed;
}

static const char heading[] =
    "flow,scope,ip_protocol,replayed_as,usage,evidence,confidence,start_s,duration_s,bytes_up,"
    "bytes_down,packets_up,packets_down,rtt_internet_ms,rtt_office_ms,office_host,internet_host,"
    "opened_by,beginning_seen,failed,part_missing\n";

enum rnet_status
rnet_report_flows(struct rnet_profile *profile, const struct rnet_outcome_sink *sink)
{
    struct table table = {.begin_ns = rnet_profile_get_summary(profile)->begin_ns};
    enum rnet_status read, written;

    rows_begin(&table.rows, sink, heading);
    read = rnet_profile_each_flow(profile, add_flow, &table);
    written = rows_end(&table.rows);
    return written != RNET_OK || read == RNET_END ? written : read;
}
