/* Hand-made packets for the tests of lib/usage: whole IPv4 packets, with the headers found. */
#ifndef RNET_TESTS_USAGE_PACKETS_H
#define RNET_TESTS_USAGE_PACKETS_H

#include <ruralnet/flow.h>

#include <string.h>

#define PACKET_BYTES 2048

struct made_packet {
    uint8_t ip[PACKET_BYTES];
    struct rnet_headers headers;
};

/* A flow between the office 192.168.1.10:office_port and 203.0.113.5:internet_port (documentation
 * addresses, RFC 5737), opened by the office. */
static inline struct rnet_flow
made_flow(uint8_t protocol, uint16_t office_port, uint16_t internet_port)
{
    static const struct rnet_flow none;
    struct rnet_flow flow = none;

    flow.id = 1;
    flow.office = (struct rnet_address){{192, 168, 1, 10}, 4};
    flow.internet = (struct rnet_address){{203, 0, 113, 5}, 4};
    flow.office_port = office_port;
    flow.internet_port = internet_port;
    flow.protocol = protocol;
    flow.opened_by_office = 1;
    flow.initial_rtt_ns = -1;
    flow.conversation.start_ns = INT64_MAX;
    flow.conversation.flags = RNET_CONVERSATION_HANDSHAKE_SEEN;
    flow.conversation.rtt_internet_ns = -1;
    flow.conversation.flags = RNET_CONVERSATION_HANDSHAKE_SEEN;
    return flow;
}

/* A packet of that flow, counted into its totals as the flow table would. */
static inline const struct rnet_headers *
made_packet(struct made_packet *packet, struct rnet_flow *flow, enum rnet_direction direction,
            int64_t time_ns, uint8_t tcp_flags, const void *payload, uint32_t payload_bytes)
{
    const uint32_t transport = flow->protocol == RNET_IPPROTO_TCP ? 20 : 8;
    const uint32_t bytes = 20 + transport + payload_bytes;
    const bool up = direction == RNET_UP;
    uint8_t *ip = packet->ip;
    struct rnet_headers *headers = &packet->headers;

    memset(packet, 0, sizeof *packet);
    ip[0] = 0x45;
    ip[2] = (uint8_t)(bytes >> 8);
    ip[3] = (uint8_t)bytes;
    ip[8] = 64;
    ip[9] = flow->protocol;
    headers->source = up ? flow->office : flow->internet;
    headers->destination = up ? flow->internet : flow->office;
    headers->source_port = up ? flow->office_port : flow->internet_port;
    headers->destination_port = up ? flow->internet_port : flow->office_port;
    memcpy(ip + 12, headers->source.bytes, 4);
    memcpy(ip + 16, headers->destination.bytes, 4);
    ip[20] = (uint8_t)(headers->source_port >> 8);
    ip[21] = (uint8_t)headers->source_port;
    ip[22] = (uint8_t)(headers->destination_port >> 8);
    ip[23] = (uint8_t)headers->destination_port;
    if (flow->protocol == RNET_IPPROTO_TCP) {
        ip[32] = 5 << 4;
        ip[33] = tcp_flags;
    } else {
        ip[24] = (uint8_t)((8 + payload_bytes) >> 8);
        ip[25] = (uint8_t)(8 + payload_bytes);
    }
    if (payload_bytes > 0 && payload != NULL)
        memcpy(ip + 20 + transport, payload, payload_bytes);
    headers->time_ns = time_ns;
    headers->ip = ip;
    headers->ip_captured_bytes = headers->ip_bytes = headers->line_ip_bytes = bytes;
    headers->payload = payload_bytes > 0 ? ip + 20 + transport : NULL;
    headers->payload_captured_bytes = headers->payload_bytes = payload_bytes;
    headers->protocol = flow->protocol;
    headers->has_transport = true;
    headers->ttl = 64;
    headers->tcp_flags = tcp_flags;

    if (time_ns < flow->conversation.start_ns)
        flow->conversation.start_ns = time_ns;
    if (time_ns > flow->conversation.end_ns)
        flow->conversation.end_ns = time_ns;
    flow->conversation.bytes[direction] += bytes;
    flow->conversation.packets[direction]++;
    flow->payload_bytes[direction] += payload_bytes;
    return headers;
}

#endif
