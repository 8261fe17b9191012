/* Raw outcomes of a replay, one row each, as NDJSON or CSV. */
#include "report/rows.h"

#include <ruralnet/quality.h>
#include <ruralnet/replay.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One row; NAN and negative counts are "not applicable" or "never happened". */
struct row {
    const char *kind, *usage, *direction, *metric, *state;
    int64_t conversation, item;
    int64_t bytes, packets, lost, retransmissions;
    double released_s, started_s, first_byte_s, done_s;
    double delay_min_ms, delay_p50_ms, delay_p95_ms, delay_max_ms;
    double asked_bps, got_bps;
    double value;
};

static const struct row empty_row = {
    .conversation = -1,
    .item = -1,
    .bytes = -1,
    .packets = -1,
    .lost = -1,
    .retransmissions = -1,
    .released_s = (double)NAN,
    .started_s = (double)NAN,
    .first_byte_s = (double)NAN,
    .done_s = (double)NAN,
    .delay_min_ms = (double)NAN,
    .delay_p50_ms = (double)NAN,
    .delay_p95_ms = (double)NAN,
    .delay_max_ms = (double)NAN,
    .asked_bps = (double)NAN,
    .got_bps = (double)NAN,
    .value = (double)NAN,
};

struct table {
    struct rows rows;
    const char *link;
};

/* The one list of columns; the heading below is in the same order. */
static void
add_row(struct table *table, const struct row *row)
{
    struct rows *rows = &table->rows;

    rows_begin_row(rows);
    rows_add_word(rows, "kind", row->kind);
    rows_add_word(rows, "link", table->link);
    rows_add_count(rows, "conversation", row->conversation);
    rows_add_count(rows, "item", row->item);
    rows_add_word(rows, "usage", row->usage);
    rows_add_word(rows, "direction", row->direction);
    rows_add_word(rows, "state", row->state);
    rows_add_count(rows, "bytes", row->bytes);
    rows_add_count(rows, "packets", row->packets);
    rows_add_count(rows, "lost", row->lost);
    rows_add_count(rows, "retransmissions", row->retransmissions);
    rows_add_number(rows, "released_s", row->released_s);
    rows_add_number(rows, "started_s", row->started_s);
    rows_add_number(rows, "first_byte_s", row->first_byte_s);
    rows_add_number(rows, "done_s", row->done_s);
    rows_add_number(rows, "delay_min_ms", row->delay_min_ms);
    rows_add_number(rows, "delay_p50_ms", row->delay_p50_ms);
    rows_add_number(rows, "delay_p95_ms", row->delay_p95_ms);
    rows_add_number(rows, "delay_max_ms", row->delay_max_ms);
    rows_add_number(rows, "asked_bps", row->asked_bps);
    rows_add_number(rows, "got_bps", row->got_bps);
    rows_add_word(rows, "metric", row->metric);
    rows_add_number(rows, "value", row->value);
    rows_end_row(rows);
}

static const char heading[] =
    "kind,link,conversation,item,usage,direction,state,bytes,packets,lost,retransmissions,released_"
    "s,started_s,"
    "first_byte_s,done_s,delay_min_ms,delay_p50_ms,delay_p95_ms,delay_max_ms,asked_bps,got_bps,"
    "metric,value\n";

static const char *
direction_id(int direction)
{
    return direction == RNET_UP ? "up" : "down";
}

static const char *
state_id(uint32_t state)
{
    static const char *const ids[] = {[RNET_OUTCOME_NOT_STARTED] = "not-started",
                                      [RNET_OUTCOME_UNFINISHED] = "unfinished",
                                      [RNET_OUTCOME_DONE] = "done",
                                      [RNET_OUTCOME_FAILED] = "failed",
                                      [RNET_OUTCOME_LOST] = "lost"};

    return state < sizeof ids / sizeof *ids ? ids[state] : "unknown";
}

static double
seconds(int64_t time_ns)
{
    return time_ns < 0 ? (double)NAN : (double)time_ns / 1e9;
}

/* How long packets waited: a row for each class of delay that holds any. */
static void
add_queue(struct table *table, const struct rnet_line_outcome *line, int direction)
{
    struct row row = empty_row;
    double above_ms = 0;

    row.kind = "queue";
    row.direction = direction_id(direction);
    for (size_t i = 0; i < RNET_DELAY_CLASSES; i++) {
        row.delay_min_ms = above_ms;
        above_ms = rnet_delay_class_edge_ms(i);
        row.delay_max_ms = above_ms;
        row.packets = (int64_t)line->delay_packets[i];
        if (row.packets > 0)
            add_row(table, &row);
    }
}

static void
add_line(struct table *table, const struct rnet_line_outcome *line, int direction, double span_s)
{
    struct row row = empty_row;

    row.kind = "line";
    row.direction = direction_id(direction);
    row.bytes = (int64_t)line->bytes_out;
    row.packets = (int64_t)line->packets_out;
    row.lost = (int64_t)line->packets_dropped;
    row.delay_max_ms = (double)line->max_delay_ns / 1e6;
    row.metric = "busy_s";
    row.value = (double)line->busy_ns / 1e9;
    add_row(table, &row);
    row.metric = "busy_ratio";
    row.value = span_s > 0 ? fmin(1, (double)line->busy_ns / 1e9 / span_s) : (double)NAN;
    add_row(table, &row);
    add_queue(table, line, direction);
}

static void
add_message(struct table *table, const struct rnet_demand *demand,
            const struct rnet_outcomes *outcomes, uint32_t conversation, uint32_t item)
{
    const struct rnet_conversation *c = &demand->conversations[conversation];
    const struct rnet_message *message = &demand->messages[c->first_item + item];
    const struct rnet_message_outcome *outcome = &outcomes->messages[c->first_item + item];
    struct row row = empty_row;

    row.kind = "message";
    row.conversation = conversation;
    row.item = item;
    row.usage = rnet_usage_info((enum rnet_usage)c->usage)->id;
    row.direction = direction_id(message->direction);
    row.state = state_id(outcome->state);
    row.bytes = (int64_t)message->bytes;
    row.retransmissions = outcome->retransmissions;
    row.released_s = seconds(outcome->released_ns);
    row.started_s = seconds(outcome->started_ns);
    row.first_byte_s = seconds(outcome->first_byte_ns);
    row.done_s = seconds(outcome->done_ns);
    add_row(table, &row);
}

static int
compare_doubles(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void
add_stream(struct table *table, const struct rnet_demand *demand,
           const struct rnet_outcomes *outcomes, uint32_t conversation, int direction,
           double *delays_ms)
{
    const struct rnet_conversation *c = &demand->conversations[conversation];
    struct row row = empty_row;
    size_t arrived = 0;

    row.packets = row.lost = row.bytes = 0;
    for (uint32_t i = c->first_item; i < c->first_item + c->items; i++) {
        if (demand->datagrams[i].direction != direction)
            continue;
        row.packets++;
        row.bytes += demand->datagrams[i].ip_bytes;
        if (outcomes->datagrams[i].delay_ns < 0)
            row.lost++;
        else
            delays_ms[arrived++] = (double)outcomes->datagrams[i].delay_ns / 1e6;
    }
    if (row.packets == 0)
        return;
    qsort(delays_ms, arrived, sizeof *delays_ms, compare_doubles);
    row.kind = "stream";
    row.conversation = conversation;
    row.usage = rnet_usage_info((enum rnet_usage)c->usage)->id;
    row.direction = direction_id(direction);
    row.asked_bps = outcomes->conversations[conversation].asked_bps[direction];
    row.got_bps = outcomes->conversations[conversation].got_bps[direction];
    if (arrived > 0) {
        row.delay_min_ms = delays_ms[0];
        row.delay_p50_ms = delays_ms[(arrived - 1) / 2];
        row.delay_p95_ms = delays_ms[(arrived * 95 + 99) / 100 - 1];
        row.delay_max_ms = delays_ms[arrived - 1];
    }
    add_row(table, &row);
}

static void
add_use(struct table *table, const struct rnet_use *use, size_t index, int64_t begin_ns)
{
    static const char *const states[] = {
        [RNET_USE_MEASURED] = "done", [RNET_USE_FAILED] = "failed", [RNET_USE_UNKNOWN] = "unknown",
        [RNET_USE_PART_MISSING] = "part-missing"};
    struct row row = empty_row;

    row.kind = "use";
    row.item = (int64_t)index;
    row.usage = rnet_usage_info((enum rnet_usage)use->usage)->id;
    row.state = states[use->state];
    row.bytes = (int64_t)use->bytes;
    row.started_s = (double)(use->start_ns - begin_ns) / 1e9;
    if (use->values == 0)
        add_row(table, &row);
    for (size_t i = 0; i < use->values && i < RNET_USE_VALUES; i++) {
        row.metric = rnet_metric_info((enum rnet_metric)use->metric[i])->id;
        row.value = (double)use->value[i];
        add_row(table, &row);
    }
}

static uint32_t
longest_stream(const struct rnet_demand *demand)
{
    uint32_t most = 1;

    for (size_t i = 0; i < demand->conversation_count; i++)
        if (demand->conversations[i].transport == RNET_TRANSPORT_OPEN &&
            demand->conversations[i].items > most)
            most = demand->conversations[i].items;
    return most;
}

enum rnet_status
rnet_report_outcomes(const struct rnet_demand *demand, const struct rnet_link *link,
                     const struct rnet_outcomes *outcomes, const struct rnet_quality *quality,
                     const struct rnet_outcome_sink *sink)
{
    struct table table = {.link = link->name};
    double *delays_ms = rnet_alloc_zero(longest_stream(demand), sizeof *delays_ms);
    const double replayed_s = (double)outcomes->end_ns / 1e9;

    if (delays_ms == NULL)
        return RNET_ENOMEM;
    rows_begin(&table.rows, sink, heading);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        add_line(&table, &outcomes->line[d], d, replayed_s);
    for (uint32_t c = 0; c < demand->conversation_count && !table.rows.failed; c++) {
        const bool open = demand->conversations[c].transport == RNET_TRANSPORT_OPEN;

        for (int d = 0; open && d < RNET_DIRECTIONS; d++)
            add_stream(&table, demand, outcomes, c, d, delays_ms);
        for (uint32_t i = 0; !open && i < demand->conversations[c].items && !table.rows.failed; i++)
            add_message(&table, demand, outcomes, c, i);
    }
    for (size_t i = 0; i < quality->use_count && !table.rows.failed; i++)
        add_use(&table, &quality->uses[i], i, demand->begin_ns);
    rnet_free(delays_ms);
    return rows_end(&table.rows);
}
