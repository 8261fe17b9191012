/* Ethernet and what may stand between it and IP: VLAN tags, LLC/SNAP, MPLS. */
#include "decode/decode.h"

#define ETHERNET_BYTES 14
#define ETHERTYPE_MIN 0x0600 /* below: a length (IEEE 802.3 3.2.6) */
#define ETHERNET_MAX_LENGTH 1500
#define MAC_BYTES 6

enum rnet_layer
rnet_layer_of_ethertype(uint16_t type)
{
    switch (type) {
    case 0x0800:
        return RNET_LAYER_IPV4;
    case 0x86dd:
        return RNET_LAYER_IPV6;
    case 0x8100: /* 802.1Q */
    case 0x88a8: /* 802.1ad (QinQ) */
    case 0x9100: /* QinQ before it was a standard */
    case 0x9200:
        return RNET_LAYER_VLAN;
    case 0x8847: /* MPLS, unicast and multicast */
    case 0x8848:
        return RNET_LAYER_MPLS;
    case 0x8864: /* PPPoE session; its discovery stage, 0x8863, carries nothing */
        return RNET_LAYER_PPPOE;
    default:
        return RNET_LAYER_DONE;
    }
}

enum rnet_layer
rnet_follow_ethertype(struct rnet_decoding *decoding, uint16_t type)
{
    const enum rnet_layer next = rnet_layer_of_ethertype(type);

    return next != RNET_LAYER_DONE ? next : rnet_layer_end(decoding, RNET_ENOTFOUND);
}

enum rnet_layer
rnet_read_ethernet(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    const uint8_t *at = view->at;
    uint16_t type;

    if (!rnet_view_has(view, ETHERNET_BYTES))
        return rnet_layer_short(decoding, ETHERNET_BYTES);
    rnet_note_macs(decoding, at + MAC_BYTES, at);
    type = rnet_be16(at + 2 * MAC_BYTES);
    rnet_view_skip(view, ETHERNET_BYTES);
    if (type >= ETHERTYPE_MIN)
        return rnet_follow_ethertype(decoding, type);
    if (type > ETHERNET_MAX_LENGTH)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    rnet_view_bound(view, type);
    return RNET_LAYER_LLC;
}

enum rnet_layer
rnet_read_vlan(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    uint16_t type;

    if (!rnet_view_has(view, 4))
        return rnet_layer_short(decoding, 4);
    type = rnet_be16(view->at + 2);
    rnet_view_skip(view, 4);
    if (type >= ETHERTYPE_MIN)
        return rnet_follow_ethertype(decoding, type);
    rnet_view_bound(view, type);
    return RNET_LAYER_LLC;
}

/* IP in LLC comes as SNAP (RFC 1042: aa aa 03, organisation 0, EtherType), rarely as SAP 06. */
enum rnet_layer
rnet_read_llc(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    const uint8_t *at = view->at;

    if (rnet_view_has(view, 3) && at[0] == 0x06 && at[1] == 0x06 && at[2] == 0x03) {
        rnet_view_skip(view, 3);
        return RNET_LAYER_IPV4;
    }
    if (!rnet_view_has(view, 3) || at[0] != 0xaa || at[1] != 0xaa || at[2] != 0x03)
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    if (!rnet_view_has(view, 8))
        return rnet_layer_short(decoding, 8);
    /* 00:00:f8 is the bridge-tunnel form of the same (IEEE 802.1H). */
    if (at[3] != 0 || at[4] != 0 || (at[5] != 0 && at[5] != 0xf8))
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    rnet_view_skip(view, 8);
    return rnet_follow_ethertype(decoding, rnet_be16(at + 6));
}

/* Whether an Ethernet header that leads somewhere stands `skip` bytes ahead. */
static bool
looks_like_ethernet(const struct rnet_view *view, uint32_t skip)
{
    return rnet_view_has(view, skip + ETHERNET_BYTES) &&
           rnet_layer_of_ethertype(rnet_be16(view->at + skip + 2 * MAC_BYTES)) != RNET_LAYER_DONE;
}

/*
 * A stack of labels says nothing about what follows the last one; by custom the first nibble does
 * (RFC 4928 2): 4 and 6 are IP. Else it may be an Ethernet pseudowire, with or without the control
 * word of RFC 4385, whose first nibble is 0.
 */
enum rnet_layer
rnet_read_mpls(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    bool bottom;

    if (!rnet_view_has(view, 5))
        return rnet_layer_short(decoding, 5);
    bottom = (view->at[2] & 1) != 0;
    rnet_view_skip(view, 4);
    if (!bottom)
        return RNET_LAYER_MPLS;
    if (view->at[0] >> 4 == 4)
        return RNET_LAYER_IPV4;
    if (view->at[0] >> 4 == 6)
        return RNET_LAYER_IPV6;
    if (view->at[0] >> 4 == 0 && looks_like_ethernet(view, 4))
        rnet_view_skip(view, 4);
    else if (!looks_like_ethernet(view, 0))
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    return RNET_LAYER_ETHERNET;
}
