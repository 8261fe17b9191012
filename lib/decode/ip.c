/* IPv4 and IPv6 with its extension headers. */
#include "decode/decode.h"

#include <string.h>

#define IPV4_MIN_BYTES 20
#define IPV6_BYTES 40
#define FRAGMENT_OFFSET_MASK 0x1fff
#define MORE_FRAGMENTS 0x2000
#define MAX_EXTENSIONS 16 /* chosen: RFC 8200 4.1 lists eight, each but one at most once */

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_NO_NEXT = 59,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_DCCP = 33,
    PROTOCOL_SCTP = 132,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_UDP_LITE = 136,
    PROTOCOL_HIP = 139,
    PROTOCOL_SHIM6 = 140,
};

/* Forget the IP packet around this one, except what the line sees. */
static void
leave_outer_ip(struct rnet_headers *headers)
{
    const struct rnet_headers outer = *headers;

    *headers = (struct rnet_headers){
        .time_ns = outer.time_ns,
        .packet_number = outer.packet_number,
        .line_source = outer.line_source,
        .line_destination = outer.line_destination,
        .line_ip_bytes = outer.line_ip_bytes,
        .tunnels = outer.tunnels,
        .has_mac = outer.has_mac,
    };
    memcpy(headers->source_mac, outer.source_mac, sizeof outer.source_mac);
    memcpy(headers->destination_mac, outer.destination_mac, sizeof outer.destination_mac);
}

bool
rnet_address_is_group(const struct rnet_address *address)
{
    if (address->version == 6)
        return address->bytes[0] == 0xff;
    return (address->bytes[0] & 0xf0) == 224 || rnet_be32(address->bytes) == UINT32_MAX;
}

static void
begin_ip(struct rnet_decoding *decoding, uint32_t ip_bytes)
{
    struct rnet_headers *headers = decoding->headers;

    if (decoding->in_ip)
        leave_outer_ip(headers);
    rnet_view_bound(&decoding->view, ip_bytes);
    headers->ip = decoding->view.at;
    headers->ip_captured_bytes = decoding->view.captured;
    headers->ip_bytes = ip_bytes;
}

/* The addresses are known: they are the line's, unless a packet around this one has said so. */
static void
note_addresses(struct rnet_decoding *decoding, const uint8_t *source, const uint8_t *destination,
               uint8_t version)
{
    struct rnet_headers *headers = decoding->headers;
    const size_t bytes = version == 4 ? 4 : 16;

    memcpy(headers->source.bytes, source, bytes);
    memcpy(headers->destination.bytes, destination, bytes);
    headers->source.version = headers->destination.version = version;
    if (decoding->in_ip)
        return;
    decoding->in_ip = true;
    headers->line_source = headers->source;
    headers->line_destination = headers->destination;
    headers->line_ip_bytes = headers->ip_bytes;
}

/*
 * The length an IP header states, made to agree with the packet. 0 is what the segmentation
 * hardware has not filled in yet. More than there was on the wire: the wire is believed.
 */
static uint32_t
believable_length(struct rnet_decoding *decoding, uint32_t stated, bool unstated)
{
    const uint32_t wire = decoding->view.wire;

    if (unstated)
        return wire;
    if (stated <= wire)
        return stated;
    decoding->contradiction = true;
    return wire;
}

static void
note_fragment(struct rnet_headers *headers, bool more, unsigned offset, uint32_t id)
{
    headers->is_fragment = more || offset != 0;
    headers->is_later_fragment = offset != 0;
    headers->fragment_id = id;
}

/*
 * Authentication header (RFC 4302 2.2) and IPv6 extension headers (RFC 8200 4): next header, then
 * the length in units of four and eight bytes. Answers false when the chain cannot be followed to
 * its end; `protocol` is then the header it stopped at.
 */
static bool
skip_extension(struct rnet_decoding *decoding, uint8_t *protocol)
{
    struct rnet_view *view = &decoding->view;
    uint32_t bytes = 8;

    if (!rnet_view_has(view, 8))
        return false;
    if (*protocol == PROTOCOL_AH)
        bytes = (view->at[1] + 2u) * 4;
    else if (*protocol != PROTOCOL_FRAGMENT)
        bytes = (view->at[1] + 1u) * 8;
    if (!rnet_view_has(view, bytes))
        return false;
    if (*protocol == PROTOCOL_FRAGMENT)
        note_fragment(decoding->headers, (view->at[3] & 1) != 0, rnet_be16(view->at + 2) >> 3,
                      rnet_be32(view->at + 4));
    *protocol = view->at[0];
    rnet_view_skip(view, bytes);
    return true;
}

static bool
is_extension(uint8_t protocol, uint8_t ip_version)
{
    switch (protocol) {
    case PROTOCOL_AH:
        return true;
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_FRAGMENT:
    case PROTOCOL_DESTINATION:
    case PROTOCOL_MOBILITY:
    case PROTOCOL_HIP:
    case PROTOCOL_SHIM6:
        return ip_version == 6;
    default:
        return false;
    }
}

static void
note_payload(struct rnet_decoding *decoding)
{
    struct rnet_headers *headers = decoding->headers;

    headers->payload_bytes = decoding->view.wire;
    headers->payload_captured_bytes = decoding->view.captured;
    headers->payload = decoding->view.captured > 0 ? decoding->view.at : NULL;
}

/* Behind the fixed header: extensions, then the transport unless this is a later fragment. */
static enum rnet_layer
read_rest(struct rnet_decoding *decoding, uint8_t protocol)
{
    struct rnet_headers *headers = decoding->headers;
    bool followed = true;

    for (int i = 0; followed && is_extension(protocol, headers->source.version); i++) {
        followed = i < MAX_EXTENSIONS && skip_extension(decoding, &protocol);
        if (headers->is_later_fragment)
            break;
    }
    headers->protocol = protocol;
    note_payload(decoding);
    if (!followed || headers->is_later_fragment)
        return rnet_layer_end(decoding, RNET_OK);
    return rnet_follow_protocol(decoding, protocol);
}

enum rnet_layer
rnet_follow_protocol(struct rnet_decoding *decoding, uint8_t protocol)
{
    /* Only whole packets: a tunnel's fragments would have to be put together first. */
    const bool whole = !decoding->headers->is_fragment;

    switch (protocol) {
    case RNET_IPPROTO_TCP:
        return RNET_LAYER_TCP;
    case RNET_IPPROTO_UDP:
        return RNET_LAYER_UDP;
    case PROTOCOL_SCTP:
    case PROTOCOL_DCCP:
    case PROTOCOL_UDP_LITE:
        return RNET_LAYER_PORTS;
    case PROTOCOL_GRE:
        return whole ? RNET_LAYER_GRE : rnet_layer_end(decoding, RNET_OK);
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
        if (!whole)
            return rnet_layer_end(decoding, RNET_OK);
        rnet_enter_tunnel(decoding);
        return protocol == PROTOCOL_IPV4 ? RNET_LAYER_IPV4 : RNET_LAYER_IPV6;
    default:
        return rnet_layer_end(decoding, RNET_OK);
    }
}

enum rnet_layer
rnet_read_ipv4(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    struct rnet_headers *headers = decoding->headers;
    const uint8_t *at = view->at;
    uint32_t header_bytes, ip_bytes;

    if (!rnet_view_has(view, IPV4_MIN_BYTES))
        return rnet_layer_short(decoding, IPV4_MIN_BYTES);
    header_bytes = (at[0] & 0x0fu) * 4;
    ip_bytes = believable_length(decoding, rnet_be16(at + 2), rnet_be16(at + 2) == 0);
    if (at[0] >> 4 != 4 || header_bytes < IPV4_MIN_BYTES || ip_bytes < header_bytes)
        return rnet_layer_end(decoding, RNET_EFORMAT);
    begin_ip(decoding, ip_bytes);
    note_addresses(decoding, at + 12, at + 16, 4);
    headers->dscp = at[1] >> 2;
    headers->ttl = at[8];
    headers->is_broadcast |= rnet_address_is_group(&headers->destination);
    note_fragment(headers, (rnet_be16(at + 6) & MORE_FRAGMENTS) != 0,
                  rnet_be16(at + 6) & FRAGMENT_OFFSET_MASK, rnet_be16(at + 4));
    if (!rnet_view_has(view, header_bytes)) {
        headers->protocol = at[9];
        headers->payload_bytes = ip_bytes - header_bytes;
        return rnet_layer_end(decoding, RNET_OK);
    }
    rnet_view_skip(view, header_bytes);
    return read_rest(decoding, at[9]);
}

/* A payload length of 0 with something to carry: larger than 65 535 (RFC 2675), or not filled in.
 */
enum rnet_layer
rnet_read_ipv6(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    struct rnet_headers *headers = decoding->headers;
    const uint8_t *at = view->at;
    uint32_t stated;

    if (!rnet_view_has(view, IPV6_BYTES))
        return rnet_layer_short(decoding, IPV6_BYTES);
    if (at[0] >> 4 != 6)
        return rnet_layer_end(decoding, RNET_EFORMAT);
    stated = rnet_be16(at + 4);
    begin_ip(decoding, believable_length(decoding, IPV6_BYTES + stated,
                                         stated == 0 && at[6] != PROTOCOL_NO_NEXT));
    note_addresses(decoding, at + 8, at + 24, 6);
    headers->dscp = (uint8_t)(rnet_be16(at) >> 6 & 0x3f);
    headers->ttl = at[7];
    headers->is_broadcast |= rnet_address_is_group(&headers->destination);
    rnet_view_skip(view, IPV6_BYTES);
    return read_rest(decoding, at[6]);
}
