#include "link/link.h"

#define ATM_CELL_BYTES 53
#define ATM_CELL_PAYLOAD_BYTES 48
#define ETHERNET_MIN_FRAME_BYTES 64 /* IEEE 802.3: header, payload and FCS */
#define ETHERNET_FCS_BYTES 4
#define ETHERNET_VLAN_TAG_BYTES 4

/*
 * Overhead per packet. ATM: RFC 2684 (bridged, routed), RFC 2364 (PPPoA), RFC 2516 (PPPoE), the
 * AAL5 trailer of 8 counted, padding to whole cells not; sums as in tc-cake(8) of iproute2 (read).
 *
 *   PPPoE LLC/SNAP: AAL5 8 + LLC/SNAP 8 + pad 2 + Ethernet 14 + PPPoE 6 + PPP 2 = 40
 *
 * header_bytes: what is not part of the Ethernet frame (AAL5 8, LLC/SNAP 8, pad 2), needed to know
 * when a preserved FCS makes a short frame be padded.
 */
const struct link_encap link_encaps[] = {
    {"ipoa-vcmux", NULL, RNET_FRAMING_ATM, 8, 0, 0, 1500},
    {"ipoa-llc", "ipoa-llcsnap", RNET_FRAMING_ATM, 16, 0, 0, 1500},
    {"pppoa-vcmux", NULL, RNET_FRAMING_ATM, 10, 0, 0, 1500},
    {"pppoa-llc", NULL, RNET_FRAMING_ATM, 14, 0, 0, 1500},
    {"bridged-vcmux", NULL, RNET_FRAMING_ATM, 24, 0, 10, 1500},
    {"bridged-llc", "bridged-llcsnap", RNET_FRAMING_ATM, 32, 0, 18, 1500},
    {"pppoe-vcmux", NULL, RNET_FRAMING_ATM, 32, 0, 10, 1492},
    {"pppoe-llc", "pppoe-llcsnap", RNET_FRAMING_ATM, 40, 0, 18, 1492},
    {"conservative", NULL, RNET_FRAMING_ATM, 48, 0, 0, 1492},
    /* Ethernet 14 + FCS 4 + PTM 4; PPPoE 8 more (tc-cake(8)). */
    {"bridged", "bridged-ptm", RNET_FRAMING_PTM, 22, 0, 0, 1500},
    {"pppoe", "pppoe-ptm", RNET_FRAMING_PTM, 30, 0, 0, 1492},
    /* Preamble 8, header 14, FCS 4, gap 12; at least 84 on the wire (tc-cake(8)). */
    {"ethernet", NULL, RNET_FRAMING_ETHERNET, 38, 84, 0, 1500},
    {"ethernet-pppoe", NULL, RNET_FRAMING_ETHERNET, 46, 84, 0, 1492},
    /* DOCSIS schedules frames without preamble and gap (tc-cake(8): overhead 18 mpu 64). */
    {"docsis", NULL, RNET_FRAMING_ETHERNET, 18, 64, 0, 1500},
    {"ip", NULL, RNET_FRAMING_IP, 0, 0, 0, 1500},
    {.name = NULL},
};

const struct link_encap *
link_encap_find(const char *name, size_t length)
{
    for (const struct link_encap *encap = link_encaps; encap->name != NULL; encap++)
        if (link_word_is(name, length, encap->name) ||
            (encap->alias != NULL && link_word_is(name, length, encap->alias)))
            return encap;
    return NULL;
}

void
link_encap_apply(const struct link_encap *encap, bool fcs, uint32_t vlan_tags,
                 struct rnet_link *link)
{
    link->framing = encap->framing;
    link->overhead_bytes = encap->overhead_bytes + vlan_tags * ETHERNET_VLAN_TAG_BYTES;
    link->minimum_frame_bytes = encap->minimum_bytes;
    link->mtu_bytes = encap->mtu_bytes;
    if (fcs) {
        link->overhead_bytes += ETHERNET_FCS_BYTES;
        link->minimum_frame_bytes = ETHERNET_MIN_FRAME_BYTES + encap->header_bytes;
    }
}

/*
 * AAL5 pads every packet up to a whole number of 48-byte cell payloads, so the price of a packet is
 * a staircase:
 *
 *   PPPoA VC-mux: PPP 2 + AAL5 trailer 8 = 10
 *
 *   IP bytes     40     86     87   1478   1479   1500
 *   cells         2      2      3     31     32     32
 *   wire bytes  106    106    159   1643   1696   1696
 *
 * The last byte can cost 53: sum the staircase packet by packet, never a mean size.
 */
static uint64_t
atm_bytes(uint64_t sdu)
{
    return (sdu + ATM_CELL_PAYLOAD_BYTES - 1) / ATM_CELL_PAYLOAD_BYTES * ATM_CELL_BYTES;
}

/* A sync octet for every 64 of data (IEEE 802.3 clause 61). Codewords run on across frames, so the
 * true price is n * 65/64; a frame's own share is rounded up, by less than a byte. */
static uint64_t
ptm_bytes(uint64_t frame)
{
    return frame + (frame + 63) / 64;
}

uint64_t
rnet_link_wire_bytes(const struct rnet_link *link, uint32_t ip_bytes)
{
    uint64_t frame = (uint64_t)ip_bytes + link->overhead_bytes;

    if (frame < link->minimum_frame_bytes)
        frame = link->minimum_frame_bytes;
    switch (link->framing) {
    case RNET_FRAMING_ATM:
        return atm_bytes(frame);
    case RNET_FRAMING_PTM:
        return ptm_bytes(frame);
    case RNET_FRAMING_ETHERNET:
    case RNET_FRAMING_IP:
        break;
    }
    return frame;
}

static int64_t
time_at_ns(const struct rnet_link *link, uint64_t rate_bps, uint32_t ip_bytes)
{
    /* The longest IP packet makes 8e9 * 72 504 < 2^63 / 10: no overflow. */
    const uint64_t scaled = rnet_link_wire_bytes(link, ip_bytes) * 8 * (uint64_t)RNET_NS_PER_S;

    return (int64_t)((scaled + rate_bps / 2) / rate_bps);
}

int64_t
rnet_link_serialise_ns(const struct rnet_link *link, enum rnet_direction direction,
                       uint32_t ip_bytes)
{
    return time_at_ns(link, link->direction[direction].rate_bps, ip_bytes);
}

int64_t
rnet_link_service_ns(const struct rnet_link *link, enum rnet_direction direction, uint32_t ip_bytes)
{
    const struct rnet_link_direction *way = &link->direction[direction];

    return time_at_ns(link, way->shaper_bps != 0 ? way->shaper_bps : way->rate_bps, ip_bytes);
}
