/* What trackers need of a packet. */
#include "flow/flow.h"

#include <string.h>

static void
note_rtp(struct flow_packet *packet, const struct rnet_headers *headers)
{
    const uint8_t *p = headers->payload;

    /* RTP version 2 (RFC 3550 §5.1); payload types 72-76 would be RTCP (RFC 5761). */
    if (headers->payload_captured_bytes < 12 || headers->payload_bytes < 13 || (p[0] >> 6) != 2 ||
        ((p[1] & 0x7f) >= 72 && (p[1] & 0x7f) <= 76))
        return;
    packet->has_rtp = true;
    packet->rtp_sequence = (uint16_t)(p[2] << 8 | p[3]);
    packet->ssrc = (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11];
}

struct flow_packet
flow_packet_make(const struct rnet_headers *headers, int64_t time_ns)
{
    const struct rnet_segments segments = rnet_packet_segments(headers, 0);
    struct flow_packet packet = {.time_ns = time_ns,
                                 .payload_bytes = headers->payload_bytes,
                                 .pieces = (uint16_t)segments.packets,
                                 .full_ip_bytes = (uint16_t)segments.full_ip_bytes,
                                 .last_ip_bytes = (uint16_t)segments.last_ip_bytes,
                                 .is_ipv6 = headers->source.version == 6,
                                 .window_scale = 255};

    if (headers->is_later_fragment)
        return packet; /* its payload begins in the middle of something */
    if (headers->payload != NULL) {
        packet.head_bytes = headers->payload_captured_bytes < sizeof packet.head
                                ? (uint8_t)headers->payload_captured_bytes
                                : sizeof packet.head;
        memcpy(packet.head, headers->payload, packet.head_bytes);
    }
    if (headers->protocol == RNET_IPPROTO_TCP && headers->has_transport) {
        packet.sequence = headers->tcp_sequence;
        packet.acknowledgement = headers->tcp_acknowledgement;
        packet.timestamp = headers->tcp_timestamp;
        packet.timestamp_echo = headers->tcp_timestamp_echo;
        packet.window = headers->tcp_window;
        packet.mss = headers->tcp_mss;
        packet.tcp_flags = headers->tcp_flags;
        packet.window_scale = headers->tcp_window_scale;
        packet.has_timestamps = headers->tcp_has_timestamps;
        packet.sack_permitted = headers->tcp_sack_permitted;
    } else if (headers->protocol == RNET_IPPROTO_UDP && headers->payload != NULL) {
        note_rtp(&packet, headers);
    }
    return packet;
}
