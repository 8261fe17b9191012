/* What a super-packet becomes on a line. */
#include "decode/decode.h"

/* A fragment's data is a multiple of eight bytes, except the last (RFC 791 3.2). */
#define FRAGMENT_UNIT_BYTES 8

static struct rnet_segments
cut(uint32_t data_bytes, uint32_t header_bytes, uint32_t piece_bytes)
{
    const uint32_t pieces = data_bytes == 0 ? 1 : (data_bytes - 1) / piece_bytes + 1;
    const uint32_t full = pieces == 1 ? data_bytes : piece_bytes;

    return (struct rnet_segments){
        .packets = pieces,
        .full_ip_bytes = header_bytes + full,
        .last_ip_bytes = header_bytes + (data_bytes - (pieces - 1) * full),
    };
}

struct rnet_segments
rnet_packet_segments(const struct rnet_headers *headers, uint32_t mtu_bytes)
{
    const uint32_t line = headers->line_ip_bytes;
    const uint32_t mtu = mtu_bytes != 0 ? mtu_bytes : RNET_LINE_MTU_BYTES;
    const uint32_t ip_header = headers->line_source.version == 6 ? 40 : 20;
    /* Everything around the innermost payload, the tunnel's headers included. */
    const uint32_t around = line > headers->payload_bytes ? line - headers->payload_bytes : line;

    if (line <= mtu)
        return cut(0, line, 1);
    if (headers->has_transport && around < mtu)
        return cut(line - around, around, mtu - around);
    if (mtu < ip_header + FRAGMENT_UNIT_BYTES || line < ip_header)
        return cut(0, line, 1);
    return cut(line - ip_header, ip_header,
               (mtu - ip_header) / FRAGMENT_UNIT_BYTES * FRAGMENT_UNIT_BYTES);
}
