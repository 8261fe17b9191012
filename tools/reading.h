/* What every command that reads captures takes: whose addresses are the office's, and limits. */
#ifndef NETSUFF_READING_H
#define NETSUFF_READING_H

#include "commands.h"
#include "confine.h"
#include "options.h"

#define READING_MOST_OFFICES 64
/* Defaults of the limits. A flow takes about 1 kB, so a million of them fit; an hour of one core is
 * a hundred times what the largest capture tried has taken. */
#define READING_MEMORY_BYTES (UINT64_C(2) << 30)
#define READING_TIME_NS (INT64_C(3600) * 1000000000)

struct reading {
    struct rnet_network offices[READING_MOST_OFFICES];
    struct rnet_observe_options observe; /* its flows.offices: reading_options() */
    uint64_t max_expanded_bytes;
    const char *filter; /* libpcap's language, or NULL */
    bool keep_names;    /* servers' names, for an account of labels */
};

/* What holds where nothing is asked for. */
#define READING_DEFAULTS                                                                           \
    {                                                                                              \
        .observe = {.max_memory_bytes = READING_MEMORY_BYTES, .max_time_ns = READING_TIME_NS}      \
    }

/* For a command's table of options, beside its own codes, which begin at 256. */
enum reading_option {
    READING_OFFICE = 1024,
    READING_NO_DPI,
    READING_MAX_MEMORY,
    READING_MAX_FLOWS,
    READING_MAX_TIME,
    READING_MAX_EXPANDED,
    READING_END,
};

static inline bool
reading_has(int code)
{
    return code >= READING_OFFICE && code < READING_END;
}

/* Take one of the options above; complains itself. */
bool
reading_set(struct reading *reading, int code, const char *text);

/* What to observe with; borrows from it. */
const struct rnet_observe_options *
reading_options(struct reading *reading);

/*
 * Set nDPI and the tables up, give up rights, open captures as one. The classifier goes into
 * reading->observe. reading_close() afterwards, whatever this yields.
 */
enum rnet_status
reading_open(struct reading *reading, const char *const *paths, size_t count,
             struct confinement *confinement, struct rnet_capture **capture,
             struct rnet_error *err);
void
reading_close(struct reading *reading, struct rnet_capture *capture);

#endif
