/* What earlier packets said about an endpoint: DNS answers, announced ports, flows named before.
 * A bounded, lossy table: a newer entry may push out an older one. Addresses stay inside it. */
#ifndef RNET_USAGE_MEMORY_H
#define RNET_USAGE_MEMORY_H

#include "usage/opinion.h"

#include <ruralnet/packet.h>

struct rnet_memory;

/* What is remembered about: an address, as known to `other` (DNS: the client) when that is not
 * NULL, with port and protocol when these are not 0. */
struct rnet_memory_key {
    const struct rnet_address *address;
    const struct rnet_address *other;
    uint16_t port;
    uint8_t protocol;
};

/* `entries` is a power of two. NULL when out of memory. */
struct rnet_memory *
rnet_memory_new(size_t entries);
void
rnet_memory_free(struct rnet_memory *memory);

void
rnet_memory_add(struct rnet_memory *memory, const struct rnet_memory_key *key, int64_t time_ns,
                const struct rnet_opinion *opinion);

/* What is remembered, if it was known at some time from from_ns to to_ns: between the first time
 * and the last that it was noted down; else confidence 0. */
void
rnet_memory_find(const struct rnet_memory *memory, const struct rnet_memory_key *key,
                 int64_t from_ns, int64_t to_ns, struct rnet_opinion *opinion);

#endif
