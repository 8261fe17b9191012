/* Decode, inside: a packet is a chain of layers; each layer's function reads its header, moves the
 * view behind it and names the next layer. */
#ifndef RNET_DECODE_INTERNAL_H
#define RNET_DECODE_INTERNAL_H

#include "base/base.h"

#include <ruralnet/packet.h>

/* What is left of the packet. `captured` bounds every read, `wire` every length; captured <= wire.
 */
struct rnet_view {
    const uint8_t *at;
    uint32_t captured;
    uint32_t wire;
};

/* Largest IP packet of an Ethernet, and so of any line behind one (RFC 894: verified). */
#define RNET_LINE_MTU_BYTES 1500

enum rnet_layer {
    RNET_LAYER_DONE = 0, /* decoding ends; the status says how */
    RNET_LAYER_ETHERNET,
    RNET_LAYER_COOKED_V1,
    RNET_LAYER_COOKED_V2,
    RNET_LAYER_NULL,
    RNET_LAYER_RAW,
    RNET_LAYER_PPP,
    RNET_LAYER_PPPOE,
    RNET_LAYER_RADIOTAP,
    RNET_LAYER_WIFI,
    RNET_LAYER_LLC,
    RNET_LAYER_VLAN,
    RNET_LAYER_MPLS,
    RNET_LAYER_IPV4,
    RNET_LAYER_IPV6,
    RNET_LAYER_TCP,
    RNET_LAYER_UDP,
    RNET_LAYER_PORTS, /* SCTP, UDP-Lite, DCCP: only the ports are read */
    RNET_LAYER_GRE,
    RNET_LAYER_VXLAN,
    RNET_LAYER_GENEVE,
    RNET_LAYER_GTP,
    RNET_LAYER_L2TP,
    RNET_LAYER_COUNT
};

struct rnet_decoding {
    struct rnet_view view;
    struct rnet_headers *headers;
    enum rnet_status status;  /* meaningful once a layer answered RNET_LAYER_DONE */
    bool in_ip;               /* an IP header has been read */
    bool contradiction;       /* a length was wrong, but the packet can be used */
    bool outer_contradiction; /* both as they were before the last tunnel: */
    struct rnet_headers *outer;
};

typedef enum rnet_layer
rnet_layer_read(struct rnet_decoding *decoding);

rnet_layer_read rnet_read_ethernet, rnet_read_vlan, rnet_read_mpls, rnet_read_llc;
rnet_layer_read rnet_read_cooked_v1, rnet_read_cooked_v2, rnet_read_null, rnet_read_raw;
rnet_layer_read rnet_read_ppp, rnet_read_pppoe, rnet_read_l2tp;
rnet_layer_read rnet_read_radiotap, rnet_read_wifi;
rnet_layer_read rnet_read_ipv4, rnet_read_ipv6;
rnet_layer_read rnet_read_tcp, rnet_read_udp, rnet_read_ports;
rnet_layer_read rnet_read_gre, rnet_read_vxlan, rnet_read_geneve, rnet_read_gtp;

/* Ways to end: each answers RNET_LAYER_DONE. */
enum rnet_layer
rnet_layer_end(struct rnet_decoding *decoding, enum rnet_status status);
/* A header of `bytes` does not fit: cut by the capture, or contradicted by the packet's length. */
enum rnet_layer
rnet_layer_short(struct rnet_decoding *decoding, uint32_t bytes);

/* The layer an EtherType stands for; RNET_LAYER_DONE for what is not followed. */
enum rnet_layer
rnet_layer_of_ethertype(uint16_t type);
/* Go on with an EtherType, or end as "not IP". */
enum rnet_layer
rnet_follow_ethertype(struct rnet_decoding *decoding, uint16_t type);
/* Go on with what an IP header carries: a transport, another IP packet, a tunnel; else done. */
enum rnet_layer
rnet_follow_protocol(struct rnet_decoding *decoding, uint8_t protocol);
/* A tunnel header has been read: keep what was found so far in case its inside disappoints. */
void
rnet_enter_tunnel(struct rnet_decoding *decoding);
/* Note the hardware addresses of the outermost link header that has both. */
void
rnet_note_macs(struct rnet_decoding *decoding, const uint8_t *source, const uint8_t *destination);

/* Multicast, or the broadcast of all networks. */
bool
rnet_address_is_group(const struct rnet_address *address);

static inline bool
rnet_view_has(const struct rnet_view *view, uint32_t bytes)
{
    return view->captured >= bytes;
}

/* Move behind `bytes` already known to be captured. */
static inline void
rnet_view_skip(struct rnet_view *view, uint32_t bytes)
{
    view->at += bytes;
    view->captured -= bytes;
    view->wire -= bytes;
}

/* Nothing behind `bytes` belongs to the packet (padding, trailers). */
static inline void
rnet_view_bound(struct rnet_view *view, uint32_t bytes)
{
    if (view->wire > bytes)
        view->wire = bytes;
    if (view->captured > view->wire)
        view->captured = view->wire;
}

static inline uint16_t
rnet_be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t
rnet_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
