/* A line of progress on a terminal, for what takes over a second. */
#ifndef NETSUFF_PROGRESS_H
#define NETSUFF_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct progress {
    bool wanted;  /* stderr is a terminal and nobody asked for quiet */
    bool written; /* the line is not empty */
    struct timespec begun, last;
    double lasts_s; /* of a capture; 0 = until it is stopped */
    const char *doing; /* what progress_counting() counts, English */
};

void
progress_begin(struct progress *progress, bool quiet);
/* Take the line away. */
void
progress_end(struct progress *progress);

/* For the library's hooks; the context is a struct progress. Total 0 = not known. */
void
progress_reading(void *context, uint64_t done_bytes, uint64_t total_bytes);
void
progress_listening(void *context, uint64_t seen_bytes, uint64_t nothing);
void
progress_counting(void *context, size_t done, size_t total);

/* Inputs of a survey and their bytes. */
struct progress_inputs {
    size_t read, all, there, failed;
    uint64_t done_bytes, all_bytes;
};
void
progress_adding(struct progress *progress, const struct progress_inputs *inputs);

#endif
