/* Addresses and the anonymous numbers they go by from here on. */
#include "flow/flow.h"

#include <sodium.h>
#include <string.h>

static size_t
slot_of(const struct flow_hosts *hosts, const struct rnet_address *address)
{
    uint64_t hash;
    size_t slot;

    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)address, sizeof *address,
                     hosts->key);
    slot = (size_t)hash & (hosts->slot_count - 1);
    while (hosts->slots[slot].address.version != 0 &&
           memcmp(&hosts->slots[slot].address, address, sizeof *address) != 0)
        slot = (slot + 1) & (hosts->slot_count - 1);
    return slot;
}

/* At most half full, so that a search ends soon. */
static enum rnet_status
make_room(struct flow_hosts *hosts)
{
    struct flow_hosts grown = *hosts;

    if (hosts->count < hosts->slot_count / 2)
        return RNET_OK;
    grown.slot_count = hosts->slot_count == 0 ? 64 : hosts->slot_count * 2;
    grown.slots = rnet_alloc_zero(grown.slot_count, sizeof *grown.slots);
    if (grown.slots == NULL)
        return RNET_ENOMEM;
    for (size_t i = 0; i < hosts->slot_count; i++)
        if (hosts->slots[i].address.version != 0)
            grown.slots[slot_of(&grown, &hosts->slots[i].address)] = hosts->slots[i];
    rnet_free(hosts->slots);
    *hosts = grown;
    return RNET_OK;
}

enum rnet_status
flow_hosts_add(struct flow_hosts *hosts, const struct rnet_address *address, uint32_t *number)
{
    struct flow_host *host;

    if (make_room(hosts) != RNET_OK)
        return RNET_ENOMEM;
    host = &hosts->slots[slot_of(hosts, address)];
    if (host->address.version == 0) {
        if (hosts->count >= FLOW_MAX_HOSTS) {
            *number = FLOW_MAX_HOSTS;
            return RNET_OK;
        }
        host->address = *address;
        host->number = (uint32_t)hosts->count++;
    }
    if (host->flows < UINT32_MAX)
        host->flows++;
    *number = host->number;
    return RNET_OK;
}

/* The place of a hardware address, or way_count. */
static int
find_way(const struct flow_hosts *hosts, const uint8_t mac[6])
{
    int at = 0;

    while (at < hosts->way_count && memcmp(hosts->ways[at].mac, mac, 6) != 0)
        at++;
    return at;
}

void
flow_hosts_reached(struct flow_hosts *hosts, const struct rnet_address *address,
                   const uint8_t mac[6])
{
    struct flow_host *host = &hosts->slots[slot_of(hosts, address)];
    const int at = find_way(hosts, mac);

    if (host->address.version == 0 || host->way != 0 || at == FLOW_MAX_WAYS)
        return;
    if (at == hosts->way_count) {
        memcpy(hosts->ways[at].mac, mac, 6);
        hosts->way_count++;
    }
    host->way = (uint8_t)(at + 1);
    hosts->ways[at].addresses++;
}

uint32_t
flow_hosts_behind(const struct flow_hosts *hosts, const uint8_t mac[6])
{
    const int at = find_way(hosts, mac);

    return at < hosts->way_count ? hosts->ways[at].addresses : 0;
}

uint32_t
flow_hosts_flows(const struct flow_hosts *hosts, const struct rnet_address *address)
{
    if (hosts->slot_count == 0)
        return 0;
    return hosts->slots[slot_of(hosts, address)].flows;
}

void
flow_hosts_learn_rtt(struct flow_hosts *hosts, const struct rnet_address *address, int64_t rtt_ns)
{
    struct flow_host *host;
    const int64_t rtt_us = rtt_ns / RNET_NS_PER_US > 0 ? rtt_ns / RNET_NS_PER_US : 1;

    if (hosts->slot_count == 0 || rtt_ns < 0 || rtt_us > INT32_MAX)
        return;
    host = &hosts->slots[slot_of(hosts, address)];
    if (host->address.version != 0 && (host->rtt_us == 0 || rtt_us < host->rtt_us))
        host->rtt_us = (int32_t)rtt_us;
}

int64_t
flow_hosts_rtt_ns(const struct flow_hosts *hosts, const struct rnet_address *address)
{
    const struct flow_host *host;

    if (hosts->slot_count == 0)
        return -1;
    host = &hosts->slots[slot_of(hosts, address)];
    return host->rtt_us != 0 ? host->rtt_us * RNET_NS_PER_US : -1;
}

void
flow_hosts_clear(struct flow_hosts *hosts)
{
    rnet_free(hosts->slots);
    hosts->slots = NULL;
    hosts->slot_count = 0;
    hosts->count = 0;
}
