/* Profile, inside: an append-only log of records, and what is made from it. */
#ifndef RNET_PROFILE_INTERNAL_H
#define RNET_PROFILE_INTERNAL_H

#include "base/base.h"

#include <ruralnet/profile.h>

#include <stdio.h>

/*
 * The log: bytes appended in order, read back from the start as often as needed. It stays in
 * memory up to LOG_MEMORY_BYTES; then what is full goes to an unlinked temporary file, so that a
 * capture of any length needs bounded memory.
 */
#define LOG_MEMORY_BYTES (4u << 20)

struct log {
    uint8_t *memory;
    size_t used;
    size_t capacity;
    FILE *spill; /* NULL until the first spill */
    uint64_t spilled_bytes;
};

enum rnet_status
log_append(struct log *log, const uint8_t *bytes, size_t count);
uint64_t
log_bytes(const struct log *log);
void
log_clear(struct log *log);

struct log_reader {
    struct log *log;
    uint64_t spill_left;
    uint8_t *buffer; /* for the spilled part */
    const uint8_t *at;
    const uint8_t *end;
    bool in_memory;
    bool failed; /* read error or end in the middle of a record */
};

/* Only one reader of a log at a time (they share the spill file's position). */
enum rnet_status
log_reader_init(struct log_reader *reader, struct log *log);
void
log_reader_clear(struct log_reader *reader);
/* Next byte; at the end sets failed and yields 0. */
uint8_t
log_read_byte(struct log_reader *reader);
bool
log_at_end(struct log_reader *reader);
/* LEB128; more than 64 bits sets failed. */
uint64_t
log_read_varint(struct log_reader *reader);
/* Zigzag-coded. */
int64_t
log_read_signed(struct log_reader *reader);

/* Small encoder into a fixed buffer, flushed to the log by the caller. */
struct encoder {
    uint8_t bytes[512];
    size_t used;
};

void
encode_byte(struct encoder *encoder, uint8_t byte);
void
encode_varint(struct encoder *encoder, uint64_t value);
void
encode_signed(struct encoder *encoder, int64_t value);

/* Record kinds; numbers are part of the file format. */
enum record_kind {
    RECORD_MESSAGES = 1,
    RECORD_DATAGRAMS = 2,
    RECORD_FLOW = 3,
};

/* A flow's end, as recorded. */
struct flow_record {
    uint64_t flow_id;
    struct rnet_conversation conversation; /* indices inside are flow ids until remapped */
    uint8_t scope;
    uint8_t evidence;
    uint8_t confidence_percent;
    uint8_t protocol;
};

/* One record read back. items says how many messages or datagrams follow in the reader. */
struct record {
    enum record_kind kind;
    struct flow_record flow; /* RECORD_FLOW whole; else only flow.flow_id */
    uint32_t first_index;
    uint64_t items;
    int64_t base_ns; /* running time for the delta coding of items */
};

enum rnet_status
record_write_messages(struct log *log, uint64_t flow_id, const struct rnet_message *messages,
                      uint32_t first_index, size_t count);
enum rnet_status
record_write_datagrams(struct log *log, uint64_t flow_id, const struct rnet_datagram *datagrams,
                       uint32_t first_index, size_t count);
enum rnet_status
record_write_flow(struct log *log, const struct flow_record *flow);
/* Next record's head. RNET_OK, RNET_END, RNET_EFORMAT. */
enum rnet_status
record_next(struct log_reader *reader, struct record *record);
/* Its items, exactly record->items times. */
void
record_read_message(struct log_reader *reader, struct record *record, struct rnet_message *message);
void
record_read_datagram(struct log_reader *reader, struct record *record,
                     struct rnet_datagram *datagram);

/* Read past all items of a record. RNET_OK or RNET_EFORMAT. */
enum rnet_status
record_skip_items(struct log_reader *reader, struct record *record);

/* Every flow of a log. RNET_OK, or the first other status of the visit, or of reading. */
enum rnet_status
record_visit_flows(struct log *log,
                   enum rnet_status (*visit)(void *context, const struct flow_record *flow),
                   void *context);

/* Bytes per window and usage, for rates and for finding the busy hours. */
struct timeline {
    int64_t begin_ns;
    int64_t window_ns;
    size_t windows;
    float *bytes[RNET_USAGE_COUNT][RNET_DIRECTIONS]; /* NULL where a usage has none */
};

void
timeline_clear(struct timeline *timeline);

/* Numbers that tell flows, servers and activities of one profile apart; all fit 32 bits. */
struct numbers {
    uint64_t flow;
    uint64_t server;
    uint64_t activity;
};

struct rnet_profile {
    struct log log;
    struct timeline timeline;
    struct rnet_profile_summary summary;
    uint64_t flow_records;
    struct numbers composed; /* given away by rnet_profile_add_profile() so far */
    bool finished;
};

/* Build summary.usages and the timeline from the log. */
enum rnet_status
summary_build(struct rnet_profile *profile);

#endif
