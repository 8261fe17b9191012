/* TCP with its options, UDP, and the ports of the others. */
#include "decode/decode.h"

#define TCP_MIN_BYTES 20
#define UDP_BYTES 8
#define PORT_VXLAN 4789
#define PORT_GENEVE 6081
#define PORT_GTP 2152
#define PORT_VXLAN_LINUX 8472 /* Linux's default, from before the number was assigned */
#define PORT_L2TP 1701

/* What is in view is the payload. */
static void
note_payload(struct rnet_decoding *decoding)
{
    struct rnet_headers *headers = decoding->headers;

    headers->payload_bytes = decoding->view.wire;
    headers->payload_captured_bytes = decoding->view.captured;
    headers->payload = decoding->view.captured > 0 ? decoding->view.at : NULL;
}

/* Behind `bytes` of header, of which maybe not all were captured, stands the payload. */
static void
skip_to_payload(struct rnet_decoding *decoding, uint32_t bytes)
{
    struct rnet_view *view = &decoding->view;

    if (!rnet_view_has(view, bytes)) {
        view->wire = view->wire > bytes ? view->wire - bytes : 0;
        view->captured = 0;
    } else {
        rnet_view_skip(view, bytes);
    }
    note_payload(decoding);
}

/* The ports stand first in every transport that has them, and may be all that was captured. */
static bool
note_ports(struct rnet_decoding *decoding)
{
    if (!rnet_view_has(&decoding->view, 4))
        return false;
    decoding->headers->source_port = rnet_be16(decoding->view.at);
    decoding->headers->destination_port = rnet_be16(decoding->view.at + 2);
    return true;
}

static void
note_sack(struct rnet_headers *headers, const uint8_t *blocks, uint32_t bytes)
{
    headers->tcp_sack_blocks = (uint8_t)(bytes / 8 < 4 ? bytes / 8 : 4);
    for (uint32_t i = 0; i < headers->tcp_sack_blocks * 2u; i++)
        headers->tcp_sack[i] = rnet_be32(blocks + 4 * i);
}

/* One option; `at` points to its kind, `bytes` is its length as stated, all captured. */
static void
note_option(struct rnet_headers *headers, const uint8_t *at, uint32_t bytes)
{
    const bool syn = (headers->tcp_flags & RNET_TCP_SYN) != 0;

    if (at[0] == 2 && bytes == 4 && syn) /* RFC 9293 3.1 */
        headers->tcp_mss = rnet_be16(at + 2);
    else if (at[0] == 3 && bytes == 3 && syn) /* RFC 7323 2.2; more than 14 means 14 (2.3) */
        headers->tcp_window_scale = at[2] < 14 ? at[2] : 14;
    else if (at[0] == 4 && bytes == 2 && syn) /* RFC 2018 2 */
        headers->tcp_sack_permitted = true;
    else if (at[0] == 5 && bytes >= 10 && bytes % 8 == 2) /* RFC 2018 3 */
        note_sack(headers, at + 2, bytes - 2);
    else if (at[0] == 8 && bytes == 10) { /* RFC 7323 3.2 */
        headers->tcp_has_timestamps = true;
        headers->tcp_timestamp = rnet_be32(at + 2);
        headers->tcp_timestamp_echo = rnet_be32(at + 6);
    }
}

/* Answers whether the list ended well: kind 0, or exactly at the header's end. */
static bool
read_options(struct rnet_headers *headers, const uint8_t *at, uint32_t bytes)
{
    while (bytes > 0 && at[0] != 0) {
        const uint32_t option = at[0] == 1 ? 1 : bytes >= 2 ? at[1] : 0;

        if (option == 0 || option > bytes || (at[0] != 1 && option < 2))
            return false;
        note_option(headers, at, option);
        at += option;
        bytes -= option;
    }
    return true;
}

static void
read_tcp_header(struct rnet_decoding *decoding, uint32_t header_bytes)
{
    struct rnet_headers *headers = decoding->headers;
    const struct rnet_view *view = &decoding->view;
    const uint8_t *at = view->at;
    const uint32_t readable = view->captured < header_bytes ? view->captured : header_bytes;
    bool well_formed;

    headers->has_transport = true;
    headers->tcp_sequence = rnet_be32(at + 4);
    headers->tcp_acknowledgement = rnet_be32(at + 8);
    headers->tcp_flags = at[13];
    headers->tcp_window = rnet_be16(at + 14);
    well_formed = read_options(headers, at + TCP_MIN_BYTES, readable - TCP_MIN_BYTES);
    headers->tcp_options_whole = readable == header_bytes && well_formed;
    if (readable == header_bytes && !well_formed)
        decoding->contradiction = true;
}

enum rnet_layer
rnet_read_tcp(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    uint32_t header_bytes;

    decoding->headers->tcp_window_scale = 255;
    if (!note_ports(decoding) || !rnet_view_has(view, TCP_MIN_BYTES)) {
        decoding->contradiction |= view->wire < TCP_MIN_BYTES && !decoding->headers->is_fragment;
        skip_to_payload(decoding, TCP_MIN_BYTES);
        return rnet_layer_end(decoding, RNET_OK);
    }
    header_bytes = (uint32_t)(view->at[12] >> 4) * 4;
    if (header_bytes < TCP_MIN_BYTES || header_bytes > view->wire) {
        decoding->contradiction = true;
        skip_to_payload(decoding, TCP_MIN_BYTES);
        return rnet_layer_end(decoding, RNET_OK);
    }
    read_tcp_header(decoding, header_bytes);
    /* TCP has one receiver; clusters are reached by a group's hardware address. */
    decoding->headers->is_broadcast = rnet_address_is_group(&decoding->headers->destination);
    skip_to_payload(decoding, header_bytes);
    return rnet_layer_end(decoding, RNET_OK);
}

/* UDP's own length may end before IP's; 0 is a jumbogram's or a super-packet's. */
static void
bound_datagram(struct rnet_decoding *decoding, uint32_t stated)
{
    if (stated >= UDP_BYTES && stated <= decoding->view.wire)
        rnet_view_bound(&decoding->view, stated);
    else if (stated != 0 && !decoding->headers->is_fragment)
        decoding->contradiction = true;
}

static enum rnet_layer
tunnel_of_ports(const struct rnet_headers *headers)
{
    switch (headers->destination_port) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
        return RNET_LAYER_VXLAN;
    case PORT_GENEVE:
        return RNET_LAYER_GENEVE;
    case PORT_GTP:
        return RNET_LAYER_GTP;
    case PORT_L2TP:
        return RNET_LAYER_L2TP;
    default:
        return headers->source_port == PORT_L2TP ? RNET_LAYER_L2TP : RNET_LAYER_DONE;
    }
}

enum rnet_layer
rnet_read_udp(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    enum rnet_layer tunnel;

    if (!note_ports(decoding) || !rnet_view_has(view, UDP_BYTES)) {
        decoding->contradiction |= view->wire < UDP_BYTES && !decoding->headers->is_fragment;
        skip_to_payload(decoding, UDP_BYTES);
        return rnet_layer_end(decoding, RNET_OK);
    }
    decoding->headers->has_transport = true;
    bound_datagram(decoding, rnet_be16(view->at + 4));
    skip_to_payload(decoding, UDP_BYTES);
    tunnel = tunnel_of_ports(decoding->headers);
    if (tunnel == RNET_LAYER_DONE || decoding->headers->is_fragment)
        return rnet_layer_end(decoding, RNET_OK);
    rnet_enter_tunnel(decoding);
    return tunnel;
}

enum rnet_layer
rnet_read_ports(struct rnet_decoding *decoding)
{
    note_ports(decoding);
    return rnet_layer_end(decoding, RNET_OK);
}
