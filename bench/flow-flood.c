/*
 * Ten million one-packet flows: does memory stay within its bound, and what does a packet cost?
 *
 *     build/bench/flow-flood [FLOWS]
 *
 * Half the flows are TCP SYNs, half UDP datagrams, from as many addresses. Prints time, peak memory
 * and how many flows were handed out and evicted; the last two must add up to the first.
 */
#include "figure.h"

#include <ruralnet/flow.h>
#include <ruralnet/packet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t ended, items;

static enum rnet_status
count_ended(void *context, const struct rnet_flow *flow)
{
    (void)context;
    ended++;
    items += flow->conversation.items;
    return RNET_OK;
}

static struct rnet_headers
flood_packet(uint64_t i)
{
    struct rnet_headers headers = {.time_ns = (int64_t)i * 1000,
                                   .source = {.bytes = {198, 18}, .version = 4},
                                   .destination = {.bytes = {192, 168, 1, 1}, .version = 4},
                                   .source_port = (uint16_t)(1024 + i % 60000),
                                   .destination_port = i % 2 == 0 ? 80 : 9999,
                                   .protocol = i % 2 == 0 ? RNET_IPPROTO_TCP : RNET_IPPROTO_UDP,
                                   .ip_bytes = 40,
                                   .line_ip_bytes = 40,
                                   .payload_bytes = i % 2 == 0 ? 0 : 12,
                                   .tcp_flags = i % 2 == 0 ? RNET_TCP_SYN : 0,
                                   .tcp_window_scale = 255,
                                   .has_transport = true};

    headers.source.bytes[1] = (uint8_t)(i >> 16);
    headers.source.bytes[2] = (uint8_t)(i >> 8);
    headers.source.bytes[3] = (uint8_t)i;
    return headers;
}

int
main(int argc, char **argv)
{
    const uint64_t flows = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    const struct rnet_flow_sink sink = {.ended = count_ended};
    struct rnet_flow_table *table;
    struct timespec begin, end;
    struct rusage usage;
    double seconds;

    if (rnet_flow_table_new(NULL, &sink, &table) != RNET_OK)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t i = 0; i < flows; i++) {
        const struct rnet_headers headers = flood_packet(i);

        if (rnet_flow_table_add(table, &headers, NULL) != RNET_OK)
            return 1;
    }
    if (rnet_flow_table_finish(table) != RNET_OK)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_SELF, &usage);
    seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
    printf("%" PRIu64 " one-packet flows: %.1f s, %.0f ns a packet, peak %.0f MiB; %" PRIu64
           " handed out (%" PRIu64 " of them evicted early), %" PRIu64 " items\n",
           flows, seconds, seconds * 1e9 / (double)flows, (double)usage.ru_maxrss / 1024, ended,
           rnet_flow_table_notices(table)->count[RNET_NOTICE_FLOW_EVICTED], items);
    figure(seconds * 1e9 / (double)flows, "ns/packet", "less", "one-packet flows/time");
    figure((double)usage.ru_maxrss / 1024, "MiB", "less", "one-packet flows/peak memory");
    rnet_flow_table_free(table);
    return 0;
}
