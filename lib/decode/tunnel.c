/* Tunnels that carry frames or packets in IP: GRE and VXLAN. (IP-in-IP and 6in4 have no header of
 * their own, see ip.c; L2TP is in ppp.c.) */
#include "decode/decode.h"

#define VXLAN_BYTES 8
#define ETHERTYPE_PPP 0x880b
#define ETHERTYPE_BRIDGED 0x6558 /* a whole Ethernet frame */

/*
 * GRE (RFC 2784, 2890): a flag each for checksum, key and sequence number, four bytes each.
 * Version 1 is PPTP's (RFC 2637 4.1), with an acknowledgement number more and PPP inside.
 */
enum rnet_layer
rnet_read_gre(struct rnet_decoding *decoding)
{
    enum {
        CHECKSUM = 0x8000,
        ROUTING = 0x4000,
        KEY = 0x2000,
        SEQUENCE = 0x1000,
        ACKNOWLEDGEMENT = 0x0080,
        VERSION = 0x0007
    };
    struct rnet_view *view = &decoding->view;
    uint32_t bytes = 4;
    unsigned flags;
    uint16_t type;

    if (!rnet_view_has(view, 4))
        return rnet_layer_end(decoding, RNET_OK);
    flags = rnet_be16(view->at);
    type = rnet_be16(view->at + 2);
    if ((flags & ROUTING) != 0 || (flags & VERSION) > 1)
        return rnet_layer_end(decoding, RNET_OK);
    bytes += (flags & CHECKSUM) != 0 ? 4 : 0;
    bytes += (flags & KEY) != 0 ? 4 : 0;
    bytes += (flags & SEQUENCE) != 0 ? 4 : 0;
    bytes += (flags & VERSION) == 1 && (flags & ACKNOWLEDGEMENT) != 0 ? 4 : 0;
    if (!rnet_view_has(view, bytes))
        return rnet_layer_end(decoding, RNET_OK);
    rnet_enter_tunnel(decoding);
    rnet_view_skip(view, bytes);
    if (type == ETHERTYPE_PPP)
        return RNET_LAYER_PPP;
    if (type == ETHERTYPE_BRIDGED)
        return RNET_LAYER_ETHERNET;
    return rnet_follow_ethertype(decoding, type);
}

/* RFC 7348 5: flags with only "I" set, reserved, network number, reserved; then an Ethernet frame.
 */
enum rnet_layer
rnet_read_vxlan(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;

    if (!rnet_view_has(view, VXLAN_BYTES))
        return rnet_layer_short(decoding, VXLAN_BYTES);
    if (view->at[0] != 0x08 || view->at[1] != 0 || view->at[2] != 0 || view->at[3] != 0)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    rnet_view_skip(view, VXLAN_BYTES);
    return RNET_LAYER_ETHERNET;
}
