/* For flow tests: headers built by hand, and a sink that assembles a whole demand. */
#ifndef RNET_TESTS_FLOW_FIXTURE_H
#define RNET_TESTS_FLOW_FIXTURE_H

#include "base/base.h"
#include "suite.h"

#include <ruralnet/capture.h>
#include <ruralnet/flow.h>
#include <ruralnet/packet.h>

#include <arpa/inet.h>
#include <string.h>

#define MS RNET_NS_PER_MS

/* Everything a table handed out, in a demand that can be checked. */
struct collected {
    struct rnet_demand demand;
    struct rnet_flow *flows; /* parallel to demand.conversations once built */
    size_t flow_count;
    struct item {
        uint64_t flow;
        uint32_t index;
        struct rnet_message message;
    } * messages;
    size_t message_count, message_capacity;
    struct datagram_item {
        uint64_t flow;
        uint32_t index;
        struct rnet_datagram datagram;
    } * datagrams;
    size_t datagram_count, datagram_capacity;
    size_t flow_capacity;
    size_t pieces, largest_piece;
};

static enum rnet_status
collect_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
                 uint32_t first_index, size_t count)
{
    struct collected *all = context;

    all->pieces++;
    if (count > all->largest_piece)
        all->largest_piece = count;
    if (rnet_array_reserve((void **)&all->messages, &all->message_capacity,
                           all->message_count + count, sizeof *all->messages) != RNET_OK)
        return RNET_ENOMEM;
    for (size_t i = 0; i < count; i++)
        all->messages[all->message_count++] =
            (struct item){flow->id, first_index + (uint32_t)i, messages[i]};
    return RNET_OK;
}

static enum rnet_status
collect_datagrams(void *context, const struct rnet_flow *flow,
                  const struct rnet_datagram *datagrams, uint32_t first_index, size_t count)
{
    struct collected *all = context;

    all->pieces++;
    if (rnet_array_reserve((void **)&all->datagrams, &all->datagram_capacity,
                           all->datagram_count + count, sizeof *all->datagrams) != RNET_OK)
        return RNET_ENOMEM;
    for (size_t i = 0; i < count; i++)
        all->datagrams[all->datagram_count++] =
            (struct datagram_item){flow->id, first_index + (uint32_t)i, datagrams[i]};
    return RNET_OK;
}

static enum rnet_status
collect_ended(void *context, const struct rnet_flow *flow)
{
    struct collected *all = context;

    if (rnet_array_reserve((void **)&all->flows, &all->flow_capacity, all->flow_count + 1,
                           sizeof *all->flows) != RNET_OK)
        return RNET_ENOMEM;
    all->flows[all->flow_count++] = *flow;
    return RNET_OK;
}

static inline struct rnet_flow_sink
collector(struct collected *all)
{
    return (struct rnet_flow_sink){.context = all,
                                   .messages = collect_messages,
                                   .datagrams = collect_datagrams,
                                   .ended = collect_ended};
}

static inline void
collected_clear(struct collected *all)
{
    rnet_demand_clear(&all->demand);
    rnet_free(all->flows);
    rnet_free(all->messages);
    rnet_free(all->datagrams);
    *all = (struct collected){0};
}

static int
by_start(const void *a, const void *b)
{
    const struct rnet_flow *left = a, *right = b;

    if (left->conversation.start_ns != right->conversation.start_ns)
        return left->conversation.start_ns < right->conversation.start_ns ? -1 : 1;
    return left->id < right->id ? -1 : left->id > right->id;
}

/* The index of the flow of an id, after sorting; RNET_NONE if it was not handed out. */
static inline uint32_t
place_of(const struct collected *all, uint64_t id)
{
    for (uint32_t i = 0; i < all->flow_count; i++)
        if ((uint32_t)all->flows[i].id == (uint32_t)id)
            return i;
    return RNET_NONE;
}

/* Assemble the demand the slow, obvious way; fails the test when a piece is missing. */
static inline void
collected_build(struct collected *all)
{
    struct rnet_demand *demand = &all->demand;
    struct rnet_error err = {0};

    qsort(all->flows, all->flow_count, sizeof *all->flows, by_start);
    demand->conversations = rnet_alloc_zero(all->flow_count, sizeof *demand->conversations);
    demand->messages = rnet_alloc_zero(all->message_count, sizeof *demand->messages);
    demand->datagrams = rnet_alloc_zero(all->datagram_count, sizeof *demand->datagrams);
    for (size_t i = 0; i < all->flow_count; i++) {
        struct rnet_conversation *made = &demand->conversations[i];
        uint32_t next = 0;

        *made = all->flows[i].conversation;
        if (made->after_conversation != RNET_NONE)
            made->after_conversation = place_of(all, made->after_conversation);
        made->first_item =
            (uint32_t)(made->transport == RNET_TRANSPORT_OPEN ? demand->datagram_count
                                                              : demand->message_count);
        for (size_t k = 0; k < all->message_count; k++)
            if (all->messages[k].flow == all->flows[i].id) {
                ck_assert_uint_eq(all->messages[k].index, next++);
                demand->messages[demand->message_count] = all->messages[k].message;
                if (all->messages[k].message.release == RNET_RELEASE_DELIVERY)
                    demand->messages[demand->message_count].after_conversation =
                        place_of(all, all->messages[k].message.after_conversation);
                demand->message_count++;
            }
        for (size_t k = 0; k < all->datagram_count; k++)
            if (all->datagrams[k].flow == all->flows[i].id) {
                ck_assert_uint_eq(all->datagrams[k].index, next++);
                demand->datagrams[demand->datagram_count++] = all->datagrams[k].datagram;
            }
        ck_assert_msg(next == made->items, "flow %zu: %u items handed out, %u announced", i, next,
                      made->items);
    }
    demand->conversation_count = all->flow_count;
    ck_assert_msg(rnet_demand_check(demand, &err) == RNET_OK, "%s", err.message);
}

/* Read a capture through a table; the collected demand is built. */
static inline void
collect_capture(struct collected *all, const char *path, const struct rnet_flow_options *options)
{
    struct rnet_capture *capture;
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_flow_table *table;
    const struct rnet_flow_sink sink = collector(all);

    ck_assert_int_eq(rnet_capture_open(path, NULL, &capture, NULL), RNET_OK);
    ck_assert_int_eq(rnet_flow_table_new(options, &sink, &table), RNET_OK);
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK)
        if (rnet_packet_decode(&packet, &headers, NULL) == RNET_OK)
            ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_OK);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    rnet_flow_table_free(table);
    rnet_capture_close(capture);
    collected_build(all);
}

static inline struct rnet_address
address(const char *text)
{
    struct rnet_network network;

    ck_assert_int_eq(rnet_network_parse(text, &network, NULL), RNET_OK);
    return network.address;
}

/* A packet between two ends, IPv4 or IPv6, without payload bytes to look at. */
static inline struct rnet_headers
packet_of(int64_t time_ns, const char *source, uint16_t source_port, const char *destination,
          uint16_t destination_port, uint8_t protocol, uint32_t payload_bytes)
{
    struct rnet_headers headers = {.time_ns = time_ns,
                                   .source = address(source),
                                   .destination = address(destination),
                                   .source_port = source_port,
                                   .destination_port = destination_port,
                                   .protocol = protocol,
                                   .payload_bytes = payload_bytes,
                                   .tcp_window_scale = 255,
                                   .has_transport = true};

    headers.ip_bytes = (headers.source.version == 4 ? 20 : 40) + payload_bytes +
                       (protocol == RNET_IPPROTO_TCP ? 20 : 8);
    headers.line_ip_bytes = headers.ip_bytes;
    return headers;
}

#endif
