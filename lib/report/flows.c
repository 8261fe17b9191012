/* The flows of a profile, one row each, as NDJSON or CSV. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Rows go out in pieces, so that a large profile needs little memory. */
#define PIECE_BYTES 65536

struct table {
    struct text text;
    const struct rnet_outcome_sink *sink;
    int64_t begin_ns;
    bool failed; /* the sink */
    bool first;  /* of its row */
};

static bool
flush(struct table *table)
{
    if (table->text.length > 0 &&
        !table->sink->write(table->sink->context, table->text.bytes, table->text.length))
        table->failed = true;
    table->text.length = 0;
    return !table->failed && !table->text.failed;
}

/* What stands before a value. */
static void
begin_value(struct table *table, const char *name, bool known)
{
    if (table->sink->csv)
        text_add(&table->text, table->first ? "" : ",");
    else if (known)
        text_add(&table->text, "%s\"%s\":", table->first ? "" : ",", name);
    table->first = table->first && !known && !table->sink->csv;
}

static void
add_count(struct table *table, const char *name, uint64_t value)
{
    begin_value(table, name, true);
    text_add(&table->text, "%" PRIu64, value);
}

static void
add_number(struct table *table, const char *name, double value)
{
    begin_value(table, name, isfinite(value));
    if (isfinite(value))
        text_add(&table->text, "%.9g", value);
}

static void
add_word(struct table *table, const char *name, const char *word)
{
    begin_value(table, name, true);
    text_add(&table->text, table->sink->csv ? "%s" : "\"%s\"", word);
}

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
    const struct rnet_conversation *c = &flow->conversation;

    table->first = true;
    if (!table->sink->csv)
        text_add(&table->text, "{");
    add_count(table, "flow", flow->number);
    add_word(table, "scope", flow->scope == RNET_SCOPE_CROSSES ? "crosses" : "internal");
    add_count(table, "ip_protocol", flow->protocol);
    add_word(table, "replayed_as", transports[c->transport]);
    add_word(table, "usage", rnet_usage_info((enum rnet_usage)c->usage)->id);
    add_word(table, "evidence", rnet_evidence_id(flow->evidence));
    add_number(table, "confidence", flow->confidence);
    add_number(table, "start_s", (double)(c->start_ns - table->begin_ns) / 1e9);
    add_number(table, "duration_s", (double)(c->end_ns - c->start_ns) / 1e9);
    add_count(table, "bytes_up", c->bytes[RNET_UP]);
    add_count(table, "bytes_down", c->bytes[RNET_DOWN]);
    add_count(table, "packets_up", c->packets[RNET_UP]);
    add_count(table, "packets_down", c->packets[RNET_DOWN]);
    add_number(table, "rtt_internet_ms", milliseconds(c->rtt_internet_ns));
    add_number(table, "rtt_office_ms", milliseconds(c->rtt_office_ns));
    add_count(table, "office_host", c->host);
    add_count(table, "internet_host", c->server);
    add_word(table, "opened_by",
             (c->flags & RNET_CONVERSATION_SERVER_OPENS) != 0 ? "internet" : "office");
    add_count(table, "beginning_seen", (c->flags & RNET_CONVERSATION_HANDSHAKE_SEEN) != 0);
    add_count(table, "failed", (c->flags & RNET_CONVERSATION_FAILED) != 0);
    add_count(table, "part_missing", (c->flags & RNET_CONVERSATION_PART_MISSING) != 0);
    text_add(&table->text, table->sink->csv ? "\n" : "}\n");
    return table->text.length < PIECE_BYTES ? !table->text.failed : flush(table);
}

static const char heading[] =
    "flow,scope,ip_protocol,replayed_as,usage,evidence,confidence,start_s,duration_s,bytes_up,"
    "bytes_down,packets_up,packets_down,rtt_internet_ms,rtt_office_ms,office_host,internet_host,"
    "opened_by,beginning_seen,failed,part_missing\n";

enum rnet_status
rnet_report_flows(struct rnet_profile *profile, const struct rnet_outcome_sink *sink)
{
    struct table table = {.sink = sink, .begin_ns = rnet_profile_get_summary(profile)->begin_ns};
    enum rnet_status status;

    if (sink->csv && sink->heading)
        text_add(&table.text, "%s", heading);
    status = rnet_profile_each_flow(profile, add_flow, &table);
    if (status == RNET_OK || status == RNET_END)
        status = flush(&table) ? RNET_OK : table.failed ? RNET_EIO : RNET_ENOMEM;
    rnet_free(table.text.bytes);
    return status;
}
