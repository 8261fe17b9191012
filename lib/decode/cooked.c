/* Link layers made by the capturing machine: Linux cooked, BSD loopback, bare IP. */
#include "decode/decode.h"

#define COOKED_V1_BYTES 16 /* pcap's LINKTYPE_LINUX_SLL */
#define COOKED_V2_BYTES 20 /* pcap's LINKTYPE_LINUX_SLL2 */
#define COOKED_BROADCAST 1
#define COOKED_MULTICAST 2
#define COOKED_8022 0x0004 /* in place of an EtherType: 802.2 follows */

static enum rnet_layer
follow_cooked(struct rnet_decoding *decoding, uint16_t protocol, unsigned packet_type)
{
    decoding->headers->is_broadcast =
        packet_type == COOKED_BROADCAST || packet_type == COOKED_MULTICAST;
    if (protocol == COOKED_8022)
        return RNET_LAYER_LLC;
    return rnet_follow_ethertype(decoding, protocol);
}

enum rnet_layer
rnet_read_cooked_v1(struct rnet_decoding *decoding)
{
    const uint8_t *at = decoding->view.at;

    if (!rnet_view_has(&decoding->view, COOKED_V1_BYTES))
        return rnet_layer_short(decoding, COOKED_V1_BYTES);
    rnet_view_skip(&decoding->view, COOKED_V1_BYTES);
    return follow_cooked(decoding, rnet_be16(at + 14), rnet_be16(at));
}

enum rnet_layer
rnet_read_cooked_v2(struct rnet_decoding *decoding)
{
    const uint8_t *at = decoding->view.at;

    if (!rnet_view_has(&decoding->view, COOKED_V2_BYTES))
        return rnet_layer_short(decoding, COOKED_V2_BYTES);
    rnet_view_skip(&decoding->view, COOKED_V2_BYTES);
    return follow_cooked(decoding, rnet_be16(at), at[10]);
}

/* By the first nibble: all that bare IP offers. */
enum rnet_layer
rnet_read_raw(struct rnet_decoding *decoding)
{
    if (!rnet_view_has(&decoding->view, 1))
        return rnet_layer_short(decoding, 1);
    switch (decoding->view.at[0] >> 4) {
    case 4:
        return RNET_LAYER_IPV4;
    case 6:
        return RNET_LAYER_IPV6;
    default:
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    }
}

/*
 * An address family of the system that captured, in its own byte order: 2 is IPv4 everywhere; IPv6
 * is 10 on Linux and Solaris 26, NetBSD 24, FreeBSD 28, macOS 30. All are below 256, so whichever
 * end is not zero holds it.
 */
enum rnet_layer
rnet_read_null(struct rnet_decoding *decoding)
{
    const uint8_t *at = decoding->view.at;
    unsigned family;

    if (!rnet_view_has(&decoding->view, 4))
        return rnet_layer_short(decoding, 4);
    family = at[0] != 0 ? at[0] : at[3];
    if (at[1] != 0 || at[2] != 0 || (at[0] != 0 && at[3] != 0))
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    rnet_view_skip(&decoding->view, 4);
    switch (family) {
    case 2:
        return RNET_LAYER_IPV4;
    case 10:
    case 24:
    case 26:
    case 28:
    case 30:
        return RNET_LAYER_IPV6;
    default:
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    }
}
