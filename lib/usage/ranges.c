/* Who an address belongs to, where its owner publishes it. */
#include "usage/ranges.h"

#include "base/base.h"
#include "usage/table.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { TRANSPORT_TCP = 1, TRANSPORT_UDP = 2 };

struct range {
    struct rnet_address network;
    struct rnet_opinion opinion;
    uint16_t first_port, last_port;
    uint8_t bits, transports;
    uint32_t next; /* of the same front: index + 1, 0 = last */
};

/* A network is found by the version and the first byte of its addresses; the few that leave that
 * byte open (less than 8 bits) are in a list that is always searched. */
#define OPEN_FRONT 512
#define FRONTS 513

struct rnet_ranges {
    void *ranges; /* struct range, in the table's order */
    size_t count, capacity;
    uint32_t first[FRONTS]; /* index + 1, 0 = none */
};

static size_t
front_of(const struct rnet_address *address)
{
    return (address->version == 6 ? 256u : 0u) + address->bytes[0];
}

static bool
has_network(const struct rnet_address *network, unsigned bits, const struct rnet_address *address)
{
    const unsigned whole = bits / 8, rest = bits % 8;

    if (network->version != address->version || memcmp(network->bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

static enum rnet_status
take_network(struct range *range, const struct rnet_table_line *line, struct rnet_error *err)
{
    char text[INET6_ADDRSTRLEN + 5];
    unsigned bits, limit;
    int used = 0;
    char *slash;

    snprintf(text, sizeof text, "%s", line->field[0]);
    slash = strchr(text, '/');
    if (slash == NULL || sscanf(slash + 1, "%3u%n", &bits, &used) != 1 || slash[1 + used] != '\0')
        return rnet_table_refuse(err, line, "'%.50s' is not ADDRESS/BITS", line->field[0]);
    *slash = '\0';
    if (inet_pton(AF_INET, text, range->network.bytes) == 1)
        range->network.version = 4;
    else if (inet_pton(AF_INET6, text, range->network.bytes) == 1)
        range->network.version = 6;
    limit = range->network.version == 4 ? 32 : 128;
    if (range->network.version == 0 || bits < 1 || bits > limit)
        return rnet_table_refuse(err, line, "'%.50s' is not ADDRESS/BITS", line->field[0]);
    range->bits = (uint8_t)bits;
    for (unsigned bit = bits; bit < limit; bit++) {
        if (range->network.bytes[bit / 8] >> (7 - bit % 8) & 1)
            return rnet_table_refuse(err, line, "'%.50s' has bits set past its length",
                                     line->field[0]);
    }
    return RNET_OK;
}

static enum rnet_status
take_ports(struct range *range, const struct rnet_table_line *line, struct rnet_error *err)
{
    const char *const transport = line->field[1];

    if (strcmp(transport, "tcp") == 0)
        range->transports = TRANSPORT_TCP;
    else if (strcmp(transport, "udp") == 0)
        range->transports = TRANSPORT_UDP;
    else if (strcmp(transport, "both") == 0)
        range->transports = TRANSPORT_TCP | TRANSPORT_UDP;
    else
        return rnet_table_refuse(err, line, "tcp, udp or both is needed, not '%.40s'", transport);
    if (strcmp(line->field[2], "*") != 0)
        return rnet_table_range(line, 2, &range->first_port, &range->last_port, err);
    range->last_port = UINT16_MAX;
    return RNET_OK;
}

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct rnet_ranges *ranges = context;
    struct range range = {.opinion.evidence = RNET_EVIDENCE_ADDRESS};
    unsigned year, month;
    enum rnet_status status;

    if (line->fields != 8)
        return rnet_table_refuse(err, line, "8 fields are needed, not %zu", line->fields);
    if ((status = take_network(&range, line, err)) != RNET_OK ||
        (status = take_ports(&range, line, err)) != RNET_OK ||
        (status = rnet_table_usage(line, 3, &range.opinion.usage, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 4, &range.opinion.confidence, err)) != RNET_OK)
        return status;
    if (sscanf(line->field[7], "%4u-%2u", &year, &month) != 2 || month < 1 || month > 12)
        return rnet_table_refuse(err, line, "a date is YYYY-MM, not '%.40s'", line->field[7]);
    rnet_table_note(line, RNET_TABLE_RANGES, &range.opinion);
    snprintf(range.opinion.application, sizeof range.opinion.application, "%s", line->field[5]);
    status =
        rnet_array_reserve(&ranges->ranges, &ranges->capacity, ranges->count + 1, sizeof range);
    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s: out of memory", line->file);
    memcpy((struct range *)ranges->ranges + ranges->count++, &range, sizeof range);
    return RNET_OK;
}

static void
index_fronts(struct rnet_ranges *ranges)
{
    for (size_t i = ranges->count; i-- > 0;) {
        struct range *range = (struct range *)ranges->ranges + i;
        uint32_t *front = &ranges->first[range->bits < 8 ? OPEN_FRONT : front_of(&range->network)];

        range->next = *front;
        *front = (uint32_t)(i + 1);
    }
}

enum rnet_status
rnet_ranges_new(const char *directory, struct rnet_ranges **ranges, struct rnet_error *err)
{
    struct rnet_ranges *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status;

    if (made == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "ranges.txt: out of memory");
    status = rnet_table_read(directory, rnet_table_name(RNET_TABLE_RANGES), take_line, made, err);
    if (status != RNET_OK) {
        rnet_ranges_free(made);
        return status;
    }
    index_fronts(made);
    *ranges = made;
    return RNET_OK;
}

void
rnet_ranges_free(struct rnet_ranges *ranges)
{
    if (ranges == NULL)
        return;
    rnet_free(ranges->ranges);
    rnet_free(ranges);
}

/* Longest prefix first, then narrowest ports. */
static bool
is_narrower(const struct range *a, const struct range *b)
{
    if (a->bits != b->bits)
        return a->bits > b->bits;
    return a->last_port - a->first_port < b->last_port - b->first_port;
}

void
rnet_ranges_judge(const struct rnet_ranges *ranges, const struct rnet_address *address,
                  uint16_t port, uint8_t protocol, struct rnet_opinion *opinion)
{
    const uint8_t transport = protocol == RNET_IPPROTO_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
    const struct range *best = NULL;

    memset(opinion, 0, sizeof *opinion);
    if (protocol != RNET_IPPROTO_TCP && protocol != RNET_IPPROTO_UDP)
        return;
    for (int list = 0; list < 2; list++) {
        const struct range *range;
        uint32_t at = ranges->first[list == 0 ? front_of(address) : OPEN_FRONT];

        for (; at != 0; at = range->next) {
            range = (const struct range *)ranges->ranges + (at - 1);
            if ((range->transports & transport) != 0 && port >= range->first_port &&
                port <= range->last_port && has_network(&range->network, range->bits, address) &&
                (best == NULL || is_narrower(range, best)))
                best = range;
        }
    }
    if (best != NULL)
        *opinion = best->opinion;
}
