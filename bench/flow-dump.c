/*
 * What the flow table makes of a capture: one line per flow, with -m its messages as well, with -p
 * what each TCP packet was counted as.
 *
 *     build/bench/flow-dump [-m|-p] CAPTURE
 *
 * Columns of a flow are tab-separated, so that bench/flow-tshark can compare them.
 */
#include "flow/table.h"

#include <ruralnet/capture.h>
#include <ruralnet/flow.h>
#include <ruralnet/packet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool with_messages;
static bool with_packets;
static int64_t begin_ns = -1;

static double
seconds(int64_t ns)
{
    return (double)(ns - begin_ns) / 1e9;
}

static enum rnet_status
show_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
              uint32_t first_index, size_t count)
{
    static const char *const release[] = {"clock", "open", "delivery", "written"};

    (void)context;
    for (size_t i = 0; with_messages && i < count; i++) {
        const struct rnet_message *m = &messages[i];

        printf("m %" PRIu64 " %5" PRIu32 " %s %10.6f..%10.6f %9" PRIu64
               " B  %-8s %4d:%-5d wait %.3f ms"
               " act %" PRIu32 "%s%s%s%s%s\n",
               flow->id, first_index + (uint32_t)i, m->direction == RNET_UP ? "up  " : "down",
               seconds(m->start_ns), seconds(m->end_ns), m->bytes, release[m->release & 3],
               m->release < 2 ? -1 : (int)m->after_conversation, (int)m->after_message,
               (double)m->wait_ns / 1e6, m->activity,
               m->flags & RNET_MESSAGE_OPENS_EXCHANGE ? " opens" : "",
               m->flags & RNET_MESSAGE_SERIAL ? " serial" : "",
               m->flags & RNET_MESSAGE_HANDSHAKE ? " handshake" : "",
               m->flags & RNET_MESSAGE_MEDIA_SEGMENT ? " media" : "",
               m->flags & RNET_MESSAGE_APP_LIMITED ? " app-limited" : "");
    }
    return RNET_OK;
}

static enum rnet_status
show_flow(void *context, const struct rnet_flow *flow)
{
    const struct rnet_conversation *c = &flow->conversation;

    (void)context;
    printf("flow\t%" PRIu64 "\t%d\t%u\t%u\t%.6f\t%.6f", flow->id, flow->protocol, flow->office_port,
           flow->internet_port, seconds(c->start_ns), seconds(c->end_ns));
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        printf("\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
               "\t%u\t%u\t%u",
               c->packets[d], c->bytes[d], flow->retransmitted_packets[d],
               flow->out_of_order_packets[d], flow->duplicate_acks[d], flow->zero_windows[d],
               c->mss_bytes[d], c->window_bytes[d], flow->rate_limit[d]);
    printf("\t%.9f\t%.6f\t%.6f\t%u\t%x\titems %u\ttransport %u\topen %d:%d %.3f ms\tapp "
           "%u/%u\tpace %.3f s"
           "\tscope %u\tkeep-alives %" PRIu64 "\n",
           (double)flow->initial_rtt_ns / 1e9, (double)c->rtt_internet_ns / 1e9,
           (double)c->rtt_office_ns / 1e9, flow->closed, c->flags, c->items, c->transport,
           (int)c->after_conversation, (int)c->after_message, (double)c->open_wait_ns / 1e6,
           c->app_bytes_per_round[0], c->app_bytes_per_round[1], (double)c->media_pace_ns / 1e9,
           flow->scope, flow->keep_alives);
    free(flow->user);
    return RNET_OK;
}

#define COUNTERS 5

/*
 * What a TCP packet was counted as: how its flow's counters moved. The last ones hang on the flow.
 * Losses of a flow that goes on are not public, so they are taken from inside the table.
 */
static enum rnet_status
show_packet(uint64_t number, struct rnet_flow *flow, const struct rnet_flow_table *table)
{
    uint64_t now[COUNTERS] = {0};
    uint64_t *before = flow->user != NULL ? flow->user : calloc(COUNTERS, sizeof *before);
    struct rnet_flow whole;

    if (before == NULL)
        return RNET_ENOMEM;
    flow->user = before;
    table_describe(table, table_record(table, table->viewed), &whole);
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        now[0] += whole.retransmitted_packets[d];
        now[1] += whole.out_of_order_packets[d];
        now[2] += whole.duplicate_acks[d];
        now[3] += whole.zero_windows[d];
    }
    now[4] = whole.keep_alives;
    printf("p\t%" PRIu64 "\t%" PRIu64, number, flow->id);
    for (int i = 0; i < COUNTERS; i++)
        printf("\t%" PRIu64, now[i] - before[i]);
    printf("\n");
    memcpy(before, now, sizeof now);
    return RNET_OK;
}

int
main(int argc, char **argv)
{
    const struct rnet_flow_options options = {.tcp_timeout_ns = INT64_MAX / 2, .hash_seed = {1, 1}};
    const struct rnet_flow_sink sink = {.messages = show_messages, .ended = show_flow};
    struct rnet_capture *capture;
    struct rnet_flow_table *table;
    struct rnet_packet packet;
    struct rnet_headers headers;
    const struct rnet_captured_line *line;
    struct rnet_error err = {0};
    struct rnet_clock clock = {0};
    struct rnet_flow *flow;
    uint64_t number = 0, packets = 0, bytes = 0;

    with_messages = argc > 2 && strcmp(argv[1], "-m") == 0;
    with_packets = argc > 2 && strcmp(argv[1], "-p") == 0;
    if (argc < 2 || rnet_capture_open(argv[argc - 1], NULL, &capture, &err) != RNET_OK) {
        fprintf(stderr, "flow-dump [-m|-p] CAPTURE: %s\n", err.message);
        return 2;
    }
    if (rnet_flow_table_new(&options, &sink, &table) != RNET_OK)
        return 1;
    while (rnet_capture_next(capture, &packet, &err) == RNET_OK) {
        number++;
        packet.time_ns = rnet_clock_contain(&clock, packet.time_ns); /* as the analysis does */
        if (begin_ns < 0)
            begin_ns = packet.time_ns;
        if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
            continue;
        packets++;
        bytes += headers.line_ip_bytes;
        if (rnet_flow_table_add(table, &headers, &flow) != RNET_OK)
            return 1;
        if (with_packets && flow != NULL && flow->conversation.transport == RNET_TRANSPORT_TCP &&
            show_packet(number, flow, table) != RNET_OK)
            return 1;
    }
    if (err.status != RNET_OK)
        fprintf(stderr, "%s\n", err.message);
    if (rnet_flow_table_finish(table) != RNET_OK)
        return 1;
    line = rnet_flow_table_captured_line(table);
    printf("read\t%" PRIu64 "\n", number);
    printf("copies\t%" PRIu64 "\n",
           rnet_flow_table_notices(table)->count[RNET_NOTICE_DUPLICATE_PACKET]);
    printf("total\t%" PRIu64 "\t%" PRIu64 "\n", packets, bytes);
    printf("line\t%.0f\t%.0f\t%.1f\t%.1f\n", line->rate_bps[RNET_UP], line->rate_bps[RNET_DOWN],
           line->delay_ms[RNET_UP], line->delay_ms[RNET_DOWN]);
    rnet_flow_table_free(table);
    rnet_capture_close(capture);
    return 0;
}
