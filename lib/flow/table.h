/* The flow table, for the files it is made of. */
#ifndef RNET_FLOW_TABLE_H
#define RNET_FLOW_TABLE_H

#include "flow/flow.h"

#define FLOW_SLAB_RECORDS 1024u

struct flow_list {
    uint32_t first, last;
};

struct rnet_flow_table {
    struct rnet_flow_options options;
    struct rnet_network *offices; /* own copy of options.offices */
    struct rnet_flow_sink sink;
    struct rnet_notices notices;
    struct flow_clock clock;
    struct flow_hosts hosts;
    struct flow_fragments fragments;
    struct flow_duplicates *duplicates;
    struct flow_depend *depend;
    struct flow_pressure *pressure;
    struct rnet_captured_line captured_line;
    struct flow_record **slabs;
    size_t slab_capacity;
    uint32_t slab_count;
    uint32_t free_records; /* head of a list through `chain` */
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t live;
    uint64_t ids;
    uint64_t one_way, both_ways; /* ended flows, those of a few packets one way left out */
    struct flow_list queues[FLOW_QUEUES];
    struct flow_list born;
    uint8_t hash_key[16];
    struct rnet_flow view;   /* what the caller sees of the last packet's flow */
    uint32_t viewed;         /* its record */
    enum rnet_status failed; /* what the sink said when it refused */
};

static inline struct flow_record *
table_record(const struct rnet_flow_table *table, uint32_t index)
{
    return &table->slabs[index / FLOW_SLAB_RECORDS][index % FLOW_SLAB_RECORDS];
}

/* index.c: keys, and the buckets that find a live flow by its key. */
struct flow_key
flow_key_make(const struct rnet_headers *headers, bool *source_is_low);
uint32_t
table_hash(const struct rnet_flow_table *table, const struct flow_key *key);
/* The record of a key, or FLOW_NO_RECORD. */
uint32_t
table_find(const struct rnet_flow_table *table, const struct flow_key *key, uint32_t hash);
void
table_put_in_bucket(struct rnet_flow_table *table, uint32_t index);
void
table_take_from_bucket(struct rnet_flow_table *table, uint32_t index);
/* Double the buckets when flows outnumber them; when memory lacks, longer chains do as well. */
void
table_grow_buckets(struct rnet_flow_table *table);

/* records.c: memory of records, and the lists through them. */
/* RNET_OK: the free list is not empty. RNET_ENOMEM: nothing changed. */
enum rnet_status
table_ensure_free_record(struct rnet_flow_table *table);
void
table_queue_leave(struct rnet_flow_table *table, uint32_t index);
void
table_queue_join(struct rnet_flow_table *table, uint32_t index, enum flow_queue which);
void
table_born_leave(struct rnet_flow_table *table, uint32_t index);
void
table_born_join(struct rnet_flow_table *table, uint32_t index);

/* describe.c: what the caller sees of a flow: while it lives, and with what its tracker found. */
void
table_describe_counts(const struct flow_record *record, struct rnet_flow *flow);
void
table_describe(const struct rnet_flow_table *table, const struct flow_record *record,
               struct rnet_flow *flow);
/* Let other flows with the same end know its round trip. */
void
table_share_rtt(struct rnet_flow_table *table, const struct flow_record *record);
/* The caller may have hung something on the flow it was shown. */
void
table_take_back_view(struct rnet_flow_table *table);

/* lifetime.c: beginning and end of flows. Statuses are RNET_ENOMEM or what the sink said. */
enum rnet_status
table_start_flow(struct rnet_flow_table *table, const struct rnet_headers *headers,
                 const struct flow_key *key, uint32_t hash, bool source_is_low, uint32_t *index);
enum rnet_status
table_end_flow(struct rnet_flow_table *table, uint32_t index);
/* End what has been silent for longer than its kind may be. */
enum rnet_status
table_end_idle(struct rnet_flow_table *table);

/* track.c: the tracker of a flow, whichever kind it is. */
/* Ask for the tracker's memory before it is needed: with many flows it is in no cache. */
void
track_prefetch(const struct flow_record *record);
enum rnet_status
track_reserve(struct rnet_flow_table *table, struct flow_record *record);
enum rnet_status
track_add(struct rnet_flow_table *table, struct flow_record *record,
          const struct flow_packet *packet);
/* From the second packet on a flow has a tracker, which is told of the first one belatedly. */
enum rnet_status
track_ensure(struct rnet_flow_table *table, struct flow_record *record);
enum rnet_status
track_finish(struct rnet_flow_table *table, struct flow_record *record);
void
track_free(struct flow_record *record);

#endif
