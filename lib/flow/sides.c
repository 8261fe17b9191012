/*
 * Sides: which end of a flow is the office.
 *
 * Given office networks decide alone. Without them, private, link-local, unique-local, loopback and
 * carrier-shared addresses are the office; two such ends are taken to be in the same office. When
 * both ends are public (a capture outside the modem's address translation) the side is a guess,
 * flagged as one, from the first of these that is clear: the internet is behind the hardware address
 * that many addresses are reached by (the gateway's); the office is the address that took part in
 * many more flows than its peer (fan-out: one office speaks to many servers); the office opened the
 * flow. How often each is right was measured with bench/flow-sides; the notices say it.
 */
#include "flow/flow.h"

#include <string.h>

static const struct rnet_network default_offices[] = {
    {.address = {.bytes = {10}, .version = 4}, .prefix_bits = 8},        /* RFC 1918 */
    {.address = {.bytes = {172, 16}, .version = 4}, .prefix_bits = 12},  /* RFC 1918 */
    {.address = {.bytes = {192, 168}, .version = 4}, .prefix_bits = 16}, /* RFC 1918 */
    {.address = {.bytes = {169, 254}, .version = 4}, .prefix_bits = 16}, /* RFC 3927 */
    {.address = {.bytes = {100, 64}, .version = 4}, .prefix_bits = 10},  /* RFC 6598 */
    {.address = {.bytes = {127}, .version = 4}, .prefix_bits = 8},
    {.address = {.bytes = {0}, .version = 4}, .prefix_bits = 32},   /* DHCP: no address yet */
    {.address = {.bytes = {0xfc}, .version = 6}, .prefix_bits = 7}, /* RFC 4193 */
    {.address = {.bytes = {0xfe, 0x80}, .version = 6}, .prefix_bits = 10}, /* RFC 4291 */
    {.address = {.bytes = {[15] = 1}, .version = 6}, .prefix_bits = 128},  /* loopback */
    {.address = {.bytes = {0}, .version = 6}, .prefix_bits = 128},         /* unspecified */
};

/* Ports above 1023 at which servers listen as well; needed only when no handshake was seen. */
static const uint16_t high_service_ports[] = {
    1194, 1433, 1494, 1521, 1723, 1883, 2049, 2598,  3128,  3306, 3389,
    3478, 4500, 5060, 5061, 5222, 5228, 5432, 5900,  5901,  5938, 6379,
    7070, 8000, 8080, 8443, 8883, 9100, 9443, 27017, 51820,
};

static bool
network_contains(const struct rnet_network *network, const struct rnet_address *address)
{
    const unsigned whole = network->prefix_bits / 8, rest = network->prefix_bits % 8;

    if (network->address.version != address->version ||
        memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 ||
           ((network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool
flow_address_is_office(const struct rnet_flow_options *options, const struct rnet_address *address)
{
    const struct rnet_network *networks = options->offices;
    size_t count = options->office_count;

    if (networks == NULL || count == 0) {
        networks = default_offices;
        count = sizeof default_offices / sizeof *default_offices;
    }
    for (size_t i = 0; i < count; i++)
        if (network_contains(&networks[i], address))
            return true;
    return false;
}

static bool
is_service_port(uint16_t port)
{
    if (port < 1024)
        return port != 0;
    for (size_t i = 0; i < sizeof high_service_ports / sizeof *high_service_ports; i++)
        if (port == high_service_ports[i])
            return true;
    return false;
}

/* Whether the sender of a flow's first packet seen is the one who opened it. */
static bool
source_opened(const struct rnet_headers *headers)
{
    bool from_service, to_service;

    if (headers->protocol == RNET_IPPROTO_TCP && headers->has_transport &&
        flow_is_syn(headers->tcp_flags))
        return (headers->tcp_flags & RNET_TCP_ACK) == 0;
    from_service = is_service_port(headers->source_port);
    to_service = is_service_port(headers->destination_port);
    return from_service == to_service || to_service;
}

/* One count must clearly outweigh the other. Chosen; no deeper reason. */
#define CLEAR_LEAST 8
#define CLEAR_RATIO 4

static bool
outweighs(uint64_t count, uint64_t other)
{
    return count >= CLEAR_LEAST && count > CLEAR_RATIO * other;
}

static void
guess(const struct flow_hosts *hosts, const struct rnet_headers *headers, struct flow_sides *sides)
{
    const bool direct = headers->has_mac && headers->tunnels == 0;
    const uint32_t behind_source = direct ? flow_hosts_behind(hosts, headers->source_mac) : 0;
    const uint32_t behind_destination =
        direct ? flow_hosts_behind(hosts, headers->destination_mac) : 0;
    const uint64_t source = flow_hosts_flows(hosts, &headers->source);
    const uint64_t destination = flow_hosts_flows(hosts, &headers->destination);

    if (outweighs(behind_destination, behind_source) ||
        outweighs(behind_source, behind_destination)) {
        sides->evidence = RNET_SIDES_GATEWAY;
        sides->source_is_office = behind_source < behind_destination;
    } else if (outweighs(source, destination) || outweighs(destination, source)) {
        sides->evidence = RNET_SIDES_FAN_OUT;
        sides->source_is_office = source > destination;
    } else {
        sides->evidence = RNET_SIDES_OPENER;
        sides->source_is_office = sides->opened_by_source;
    }
}

struct flow_sides
flow_sides_decide(const struct rnet_flow_options *options, const struct flow_hosts *hosts,
                  const struct rnet_headers *headers)
{
    /* In a tunnel, what counts is where its outer packet goes: a branch office's private address
     * inside one is across the line. */
    const bool tunnelled = headers->tunnels > 0 && headers->line_source.version != 0;
    const bool source_in =
        flow_address_is_office(options, tunnelled ? &headers->line_source : &headers->source);
    const bool destination_in = flow_address_is_office(
        options, tunnelled ? &headers->line_destination : &headers->destination);
    struct flow_sides sides = {.scope = RNET_SCOPE_CROSSES,
                               .opened_by_source = source_opened(headers)};

    if (source_in != destination_in) {
        sides.source_is_office = source_in;
    } else if (source_in) {
        sides.scope = RNET_SCOPE_INTERNAL;
        sides.source_is_office = sides.opened_by_source;
    } else {
        guess(hosts, headers, &sides);
    }
    return sides;
}
