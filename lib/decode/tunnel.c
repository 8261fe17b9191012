/* Tunnels that carry frames or packets in IP: GRE, VXLAN, GENEVE, GTP-U. (IP-in-IP and 6in4 have no
 * header of their own, see ip.c; L2TP is in ppp.c.) */
#include "decode/decode.h"

#define VXLAN_BYTES 8
#define GENEVE_BYTES 8
#define GTP_BYTES 8
#define GTP_MAX_EXTENSIONS 8 /* chosen: TS 29.281 defines seven types */
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

/* RFC 8926 §3.4 (from memory): version 0 and the options' length in words, flags, EtherType of the
 * inside, network number; then the options. */
enum rnet_layer
rnet_read_geneve(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    uint32_t bytes;
    uint16_t type;

    if (!rnet_view_has(view, GENEVE_BYTES))
        return rnet_layer_short(decoding, GENEVE_BYTES);
    bytes = GENEVE_BYTES + (view->at[0] & 0x3fu) * 4;
    type = rnet_be16(view->at + 2);
    if (view->at[0] >> 6 != 0)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    if (!rnet_view_has(view, bytes))
        return rnet_layer_short(decoding, bytes);
    rnet_view_skip(view, bytes);
    return type == ETHERTYPE_BRIDGED ? RNET_LAYER_ETHERNET : rnet_follow_ethertype(decoding, type);
}

/*
 * GTP-U, the mobile operators' tunnel (3GPP TS 29.281 §5.1, 5.2, from memory): version 1, protocol
 * type 1, message 255 = a user's packet. Any of the flags E, S, PN brings four bytes more, the last
 * of which names the first extension header; each extension gives its length in words and ends with
 * the name of the next.
 */
enum rnet_layer
rnet_read_gtp(struct rnet_decoding *decoding)
{
    enum { VERSION_AND_TYPE = 0xf0, VERSION_1_GTP = 0x30, OPTIONAL = 0x07, EXTENDED = 0x04 };
    struct rnet_view *view = &decoding->view;
    uint32_t bytes = GTP_BYTES;
    uint8_t flags, next;

    if (!rnet_view_has(view, GTP_BYTES))
        return rnet_layer_short(decoding, GTP_BYTES);
    flags = view->at[0];
    if ((flags & VERSION_AND_TYPE) != VERSION_1_GTP || view->at[1] != 255)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    rnet_view_bound(view, GTP_BYTES + rnet_be16(view->at + 2));
    if ((flags & OPTIONAL) != 0)
        bytes += 4;
    if (!rnet_view_has(view, bytes))
        return rnet_layer_short(decoding, bytes);
    next = (flags & EXTENDED) != 0 ? view->at[bytes - 1] : 0;
    for (int i = 0; next != 0; i++) {
        const uint32_t words = rnet_view_has(view, bytes + 1) ? view->at[bytes] : 0;

        if (words == 0 || i == GTP_MAX_EXTENSIONS || !rnet_view_has(view, bytes + words * 4))
            return rnet_layer_end(decoding, RNET_ECANTTELL);
        bytes += words * 4;
        next = view->at[bytes - 1];
    }
    rnet_view_skip(view, bytes);
    return RNET_LAYER_RAW;
}
