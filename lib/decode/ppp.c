/* PPP and its carriers: PPPoE sessions, L2TP. */
#include "decode/decode.h"

#define PPPOE_BYTES 6
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281

/* Cisco HDLC shares PPP's link type on serial lines: 0f (unicast) or 8f, 00, EtherType. */
static bool
is_cisco_hdlc(const struct rnet_view *view)
{
    return rnet_view_has(view, 4) && (view->at[0] == 0x0f || view->at[0] == 0x8f) &&
           view->at[1] == 0;
}

/* Address and control may be left out, and so may the first byte of the protocol (RFC 1661 6.5,
 * 6.6); an odd byte ends the protocol field. */
enum rnet_layer
rnet_read_ppp(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    uint16_t protocol;

    if (is_cisco_hdlc(view)) {
        protocol = rnet_be16(view->at + 2);
        rnet_view_skip(view, 4);
        return rnet_follow_ethertype(decoding, protocol);
    }
    if (rnet_view_has(view, 2) && view->at[0] == 0xff && view->at[1] == 0x03)
        rnet_view_skip(view, 2);
    if (!rnet_view_has(view, 2))
        return rnet_layer_short(decoding, 2);
    protocol = view->at[0];
    if ((protocol & 1) != 0) {
        rnet_view_skip(view, 1);
    } else {
        protocol = rnet_be16(view->at);
        rnet_view_skip(view, 2);
    }
    switch (protocol) {
    case PPP_IPV4:
        return RNET_LAYER_IPV4;
    case PPP_IPV6:
        return RNET_LAYER_IPV6;
    case PPP_MPLS:
        return RNET_LAYER_MPLS;
    default:
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    }
}

/* RFC 2516 4: version 1, type 1, code 0 for the session stage, session, length. */
enum rnet_layer
rnet_read_pppoe(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    const uint8_t *at = view->at;

    if (!rnet_view_has(view, PPPOE_BYTES))
        return rnet_layer_short(decoding, PPPOE_BYTES);
    if (at[0] != 0x11)
        return rnet_layer_end(decoding, RNET_EFORMAT);
    if (at[1] != 0)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    rnet_view_skip(view, PPPOE_BYTES);
    /* Super-packets leave the length 0 or stale; IP's own length bounds what follows. */
    if (rnet_be16(at + 4) != 0 && view->wire <= RNET_LINE_MTU_BYTES)
        rnet_view_bound(view, rnet_be16(at + 4));
    return RNET_LAYER_PPP;
}

/* L2TP version 2 data message (RFC 2661 3.1): optional fields by flag, then PPP. */
enum rnet_layer
rnet_read_l2tp(struct rnet_decoding *decoding)
{
    enum {
        CONTROL = 0x8000,
        HAS_LENGTH = 0x4000,
        HAS_SEQUENCE = 0x0800,
        HAS_OFFSET = 0x0200,
        RESERVED = 0x34f0,
        VERSION = 0x000f,
    };
    struct rnet_view *view = &decoding->view;
    uint32_t bytes = 6;
    unsigned flags;

    if (!rnet_view_has(view, 2))
        return rnet_layer_short(decoding, 2);
    flags = rnet_be16(view->at);
    if ((flags & (CONTROL | RESERVED)) != 0 || (flags & VERSION) != 2)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    bytes += (flags & HAS_LENGTH) != 0 ? 2 : 0;
    bytes += (flags & HAS_SEQUENCE) != 0 ? 4 : 0;
    if ((flags & HAS_OFFSET) != 0) {
        bytes += 2;
        if (!rnet_view_has(view, bytes))
            return rnet_layer_short(decoding, bytes);
        bytes += rnet_be16(view->at + bytes - 2);
    }
    if (!rnet_view_has(view, bytes))
        return rnet_layer_short(decoding, bytes);
    rnet_view_skip(view, bytes);
    return RNET_LAYER_PPP;
}
