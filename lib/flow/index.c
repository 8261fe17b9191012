/* Finding the flow of a packet: keys, a keyed hash over them, chained buckets. */
#include "flow/table.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

struct flow_key
flow_key_make(const struct rnet_headers *headers, bool *source_is_low)
{
    struct flow_key key = {.protocol = headers->protocol,
                           .version = headers->source.version,
                           .has_transport = headers->has_transport};
    int order = memcmp(headers->source.bytes, headers->destination.bytes, 16);

    if (order == 0)
        order = headers->source_port < headers->destination_port ? -1 : 1;
    *source_is_low = order < 0;
    memcpy(order < 0 ? key.low_address : key.high_address, headers->source.bytes, 16);
    memcpy(order < 0 ? key.high_address : key.low_address, headers->destination.bytes, 16);
    key.low_port = order < 0 ? headers->source_port : headers->destination_port;
    key.high_port = order < 0 ? headers->destination_port : headers->source_port;
    return key;
}

uint32_t
table_hash(const struct rnet_flow_table *table, const struct flow_key *key)
{
    const size_t after_addresses = offsetof(struct flow_key, low_port);
    const unsigned char *bytes = (const unsigned char *)key;
    size_t count = sizeof *key;
    unsigned char dense[16];
    uint64_t hash;

    if (key->version == 4) { /* without the addresses' 24 zeros: half of the hash's work */
        memcpy(dense, key->low_address, 4);
        memcpy(dense + 4, key->high_address, 4);
        memcpy(dense + 8, bytes + after_addresses, sizeof *key - after_addresses);
        bytes = dense;
        count = sizeof dense;
    }
    crypto_shorthash((unsigned char *)&hash, bytes, count, table->hash_key);
    return (uint32_t)(hash ^ hash >> 32);
}

uint32_t
table_find(const struct rnet_flow_table *table, const struct flow_key *key, uint32_t hash)
{
    uint32_t index = table->buckets[hash & (table->bucket_count - 1)];

    while (index != FLOW_NO_RECORD) {
        const struct flow_record *record = table_record(table, index);

        if (record->hash == hash && memcmp(&record->key, key, sizeof *key) == 0)
            return index;
        index = record->chain;
    }
    return FLOW_NO_RECORD;
}

void
table_put_in_bucket(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = table_record(table, index);
    uint32_t *bucket = &table->buckets[record->hash & (table->bucket_count - 1)];

    record->chain = *bucket;
    *bucket = index;
}

void
table_take_from_bucket(struct rnet_flow_table *table, uint32_t index)
{
    const struct flow_record *record = table_record(table, index);
    uint32_t *at = &table->buckets[record->hash & (table->bucket_count - 1)];

    while (*at != index)
        at = &table_record(table, *at)->chain;
    *at = record->chain;
}

void
table_grow_buckets(struct rnet_flow_table *table)
{
    const uint32_t count = table->bucket_count * 2;
    uint32_t *buckets;

    if (table->live < table->bucket_count || count == 0)
        return;
    buckets = rnet_realloc_array(NULL, count, sizeof *buckets);
    if (buckets == NULL)
        return;
    memset(buckets, 0xff, (size_t)count * sizeof *buckets);
    rnet_free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = count;
    for (uint32_t at = table->born.first; at != FLOW_NO_RECORD;
         at = table_record(table, at)->born_after)
        table_put_in_bucket(table, at);
}
