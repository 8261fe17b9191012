/* Any bytes as a packet: the first chooses the link type, the second what the snap length cut. */
#include "fuzz.h"

#include <ruralnet/packet.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int link_types[] = {1, 113, 276, 12, 228, 229, 0, 108, 9, 50, 51, 127, 105};
    struct rnet_notices notices = {0};
    struct rnet_headers headers;
    struct rnet_packet packet;

    if (size < 2)
        return 0;
    packet = (struct rnet_packet){
        .data = data + 2,
        .captured_bytes = (uint32_t)size - 2,
        .wire_bytes = (uint32_t)size - 2 + data[1],
        .link_type = link_types[data[0] % (sizeof link_types / sizeof link_types[0])],
    };
    if (rnet_packet_decode(&packet, &headers, &notices) != RNET_OK)
        return 0;
    fuzz_reached++;
    if (headers.ip < packet.data || headers.payload_bytes > headers.ip_bytes ||
        headers.ip_bytes > packet.wire_bytes || headers.line_ip_bytes > packet.wire_bytes ||
        headers.payload_captured_bytes > headers.payload_bytes ||
        rnet_packet_segments(&headers, 0).packets == 0)
        abort();
    return 0;
}
