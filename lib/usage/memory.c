#include "usage/memory.h"

#include "base/base.h"

#include <string.h>

#define WAYS 4

struct entry {
    uint64_t key[2];  /* two hashes of the key: 128 bits do not meet by chance; {0, 0} = empty */
    int64_t first_ns; /* when that opinion was learnt first, without another in between */
    int64_t time_ns;  /* and last */
    struct rnet_opinion opinion;
};

struct rnet_memory {
    size_t sets;
    struct entry entries[];
};

struct rnet_memory *
rnet_memory_new(size_t entries)
{
    struct rnet_memory *memory =
        rnet_alloc_zero(1, sizeof *memory + entries * sizeof(struct entry));

    if (memory != NULL)
        memory->sets = entries / WAYS;
    return memory;
}

void
rnet_memory_free(struct rnet_memory *memory)
{
    rnet_free(memory);
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo; constants from memory of the draft). The table is bounded and
 * lossy, so keys chosen to collide can only make it forget. */
static uint64_t
mix(uint64_t hash, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t
hash_key(const struct rnet_memory_key *key, uint64_t start)
{
    uint64_t hash = mix(start, key->address, sizeof *key->address);

    if (key->other != NULL)
        hash = mix(hash, key->other, sizeof *key->other);
    hash = mix(hash, &key->port, sizeof key->port);
    hash = mix(hash, &key->protocol, sizeof key->protocol);
    return hash ^ hash >> 29;
}

static size_t
first_of_set(const struct rnet_memory *memory, const uint64_t hash[2])
{
    return (hash[0] & (memory->sets - 1)) * WAYS;
}

static bool
says_the_same(const struct rnet_opinion *one, const struct rnet_opinion *other)
{
    return one->usage == other->usage && one->evidence == other->evidence &&
           strcmp(one->application, other->application) == 0;
}

void
rnet_memory_add(struct rnet_memory *memory, const struct rnet_memory_key *key, int64_t time_ns,
                const struct rnet_opinion *opinion)
{
    const uint64_t hash[2] = {hash_key(key, UINT64_C(0xcbf29ce484222325)), hash_key(key, 1)};
    struct entry *set = &memory->entries[first_of_set(memory, hash)], *victim = set;
    int64_t first_ns = time_ns;

    for (struct entry *entry = set; entry < set + WAYS; entry++) {
        if (memcmp(entry->key, hash, sizeof hash) == 0) {
            victim = entry;
            if (says_the_same(&entry->opinion, opinion) && entry->first_ns < first_ns)
                first_ns = entry->first_ns;
            break;
        }
        if (entry->opinion.confidence <= 0 ||
            (victim->opinion.confidence > 0 && entry->time_ns < victim->time_ns))
            victim = entry;
    }
    memcpy(victim->key, hash, sizeof hash);
    victim->first_ns = first_ns;
    victim->time_ns = time_ns;
    victim->opinion = *opinion;
}

void
rnet_memory_find(const struct rnet_memory *memory, const struct rnet_memory_key *key,
                 int64_t from_ns, int64_t to_ns, struct rnet_opinion *opinion)
{
    const uint64_t hash[2] = {hash_key(key, UINT64_C(0xcbf29ce484222325)), hash_key(key, 1)};
    const struct entry *set = &memory->entries[first_of_set(memory, hash)];

    memset(opinion, 0, sizeof *opinion);
    for (const struct entry *entry = set; entry < set + WAYS; entry++) {
        if (memcmp(entry->key, hash, sizeof hash) == 0 && entry->time_ns >= from_ns &&
            entry->first_ns <= to_ns)
            *opinion = entry->opinion;
    }
}
