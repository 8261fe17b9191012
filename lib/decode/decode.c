#include "decode/decode.h"

#include <string.h>

/*
 * More headers than this in one packet is an attack on the reader, not a network: Ethernet, two
 * VLAN tags, PPPoE, PPP, a few MPLS labels, IP and three tunnels with their own Ethernet are 20.
 */
#define MAX_LAYERS 32

static rnet_layer_read *const layers[RNET_LAYER_COUNT] = {
    [RNET_LAYER_ETHERNET] = rnet_read_ethernet,
    [RNET_LAYER_COOKED_V1] = rnet_read_cooked_v1,
    [RNET_LAYER_COOKED_V2] = rnet_read_cooked_v2,
    [RNET_LAYER_NULL] = rnet_read_null,
    [RNET_LAYER_RAW] = rnet_read_raw,
    [RNET_LAYER_PPP] = rnet_read_ppp,
    [RNET_LAYER_PPPOE] = rnet_read_pppoe,
    [RNET_LAYER_RADIOTAP] = rnet_read_radiotap,
    [RNET_LAYER_WIFI] = rnet_read_wifi,
    [RNET_LAYER_LLC] = rnet_read_llc,
    [RNET_LAYER_VLAN] = rnet_read_vlan,
    [RNET_LAYER_MPLS] = rnet_read_mpls,
    [RNET_LAYER_IPV4] = rnet_read_ipv4,
    [RNET_LAYER_IPV6] = rnet_read_ipv6,
    [RNET_LAYER_TCP] = rnet_read_tcp,
    [RNET_LAYER_UDP] = rnet_read_udp,
    [RNET_LAYER_PORTS] = rnet_read_ports,
    [RNET_LAYER_GRE] = rnet_read_gre,
    [RNET_LAYER_VXLAN] = rnet_read_vxlan,
    [RNET_LAYER_GENEVE] = rnet_read_geneve,
    [RNET_LAYER_GTP] = rnet_read_gtp,
    [RNET_LAYER_L2TP] = rnet_read_l2tp,
};

/* DLT_* numbers as libpcap hands them out on Linux (pcap/dlt.h; a test compares them): verified. */
static const struct {
    int link_type;
    enum rnet_layer first;
} link_types[] = {
    {1, RNET_LAYER_ETHERNET},    /* EN10MB */
    {113, RNET_LAYER_COOKED_V1}, /* LINUX_SLL */
    {276, RNET_LAYER_COOKED_V2}, /* LINUX_SLL2 */
    {12, RNET_LAYER_RAW},        /* RAW */
    {228, RNET_LAYER_RAW},       /* IPV4 */
    {229, RNET_LAYER_RAW},       /* IPV6 */
    {0, RNET_LAYER_NULL},        /* NULL: address family in the writer's byte order */
    {108, RNET_LAYER_NULL},      /* LOOP: the same, network byte order */
    {9, RNET_LAYER_PPP},         /* PPP */
    {50, RNET_LAYER_PPP},        /* PPP_SERIAL */
    {51, RNET_LAYER_PPPOE},      /* PPP_ETHER: PPPoE session without its Ethernet header */
    {127, RNET_LAYER_RADIOTAP},  /* IEEE802_11_RADIO */
    {105, RNET_LAYER_WIFI},      /* IEEE802_11 */
};

static enum rnet_layer
first_layer(int link_type)
{
    for (size_t i = 0; i < sizeof link_types / sizeof link_types[0]; i++)
        if (link_types[i].link_type == link_type)
            return link_types[i].first;
    return RNET_LAYER_DONE;
}

bool
rnet_link_type_is_known(int link_type)
{
    return first_layer(link_type) != RNET_LAYER_DONE;
}

enum rnet_layer
rnet_layer_end(struct rnet_decoding *decoding, enum rnet_status status)
{
    decoding->status = status;
    return RNET_LAYER_DONE;
}

enum rnet_layer
rnet_layer_short(struct rnet_decoding *decoding, uint32_t bytes)
{
    return rnet_layer_end(decoding, decoding->view.wire >= bytes ? RNET_ECANTTELL : RNET_EFORMAT);
}

void
rnet_note_macs(struct rnet_decoding *decoding, const uint8_t *source, const uint8_t *destination)
{
    struct rnet_headers *headers = decoding->headers;

    if (headers->has_mac || decoding->in_ip)
        return;
    memcpy(headers->source_mac, source, 6);
    memcpy(headers->destination_mac, destination, 6);
    headers->has_mac = true;
    headers->is_broadcast = (destination[0] & 1) != 0;
}

void
rnet_enter_tunnel(struct rnet_decoding *decoding)
{
    *decoding->outer = *decoding->headers;
    decoding->outer_contradiction = decoding->contradiction;
    decoding->headers->tunnels++;
}

/*
 * Read layer after layer. A tunnel is entered on trust: when its inside ends badly, the headers as
 * they were at its entrance stand.
 */
static enum rnet_status
read_layers(struct rnet_decoding *decoding, enum rnet_layer layer)
{
    for (int depth = 0; layer != RNET_LAYER_DONE && depth < MAX_LAYERS; depth++)
        layer = layers[layer](decoding);
    if (layer != RNET_LAYER_DONE)
        rnet_layer_end(decoding, RNET_EFORMAT);
    if (decoding->status != RNET_OK && decoding->headers->tunnels > 0) {
        *decoding->headers = *decoding->outer;
        decoding->contradiction = decoding->outer_contradiction;
        return RNET_OK;
    }
    return decoding->status;
}

static void
count_oddities(const struct rnet_decoding *decoding, enum rnet_status status,
               struct rnet_notices *notices)
{
    const struct rnet_headers *headers = decoding->headers;

    if (status == RNET_ENOTFOUND)
        rnet_notice_add(notices, RNET_NOTICE_NOT_IP);
    if (status == RNET_EFORMAT || (status == RNET_OK && decoding->contradiction))
        rnet_notice_add(notices, RNET_NOTICE_BAD_HEADER);
    if (status != RNET_OK)
        return;
    if (headers->is_fragment)
        rnet_notice_add(notices, RNET_NOTICE_FRAGMENT);
    if (headers->tunnels > 0)
        rnet_notice_add(notices, RNET_NOTICE_TUNNEL);
    if (headers->line_ip_bytes > RNET_LINE_MTU_BYTES)
        rnet_notice_add(notices, RNET_NOTICE_SUPER_PACKET);
}

enum rnet_status
rnet_packet_decode(const struct rnet_packet *packet, struct rnet_headers *headers,
                   struct rnet_notices *notices)
{
    struct rnet_headers outer;
    struct rnet_decoding decoding = {
        .view = {packet->data, packet->captured_bytes, packet->wire_bytes},
        .headers = headers,
        .status = RNET_EUNSUPPORTED,
        .outer = &outer,
    };
    enum rnet_status status;

    if (decoding.view.captured > decoding.view.wire)
        decoding.view.captured = decoding.view.wire;
    memset(headers, 0, sizeof *headers);
    headers->time_ns = packet->time_ns;
    headers->packet_number = packet->number;
    status = read_layers(&decoding, first_layer(packet->link_type));
    if (notices != NULL)
        count_oddities(&decoding, status, notices);
    return status;
}

bool
rnet_address_equal(const struct rnet_address *a, const struct rnet_address *b)
{
    return a->version == b->version && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
