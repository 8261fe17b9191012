/*
 * A child process in which nDPI looks at packets, one at a time: what crashes or hangs there is the
 * child's end, not ours. It is forked from this process when it is first needed, so it has whatever
 * confinement this process has by then, and a module as fresh as ours, which is never fed.
 */
#ifndef RNET_USAGE_HELPER_H
#define RNET_USAGE_HELPER_H

#include "usage/dpi.h"

struct rnet_helper;

enum rnet_helped {
    RNET_HELPED_MORE, /* it wants to see more of this flow */
    RNET_HELPED_DONE,
    RNET_HELPED_DIED, /* rnet_helper_culprit() says over which flow; all its states are gone */
};

/* For tests: what the child does instead of its next work. */
enum rnet_fault { RNET_FAULT_NONE = 0, RNET_FAULT_CRASH, RNET_FAULT_HANG };

/* dpi is borrowed. NULL when out of memory. */
struct rnet_helper *rnet_helper_new(struct rnet_dpi *dpi);
void rnet_helper_free(struct rnet_helper *helper);

/* Counts children: a flow's state is in the child of the generation in which it was fed. */
uint32_t rnet_helper_generation(const struct rnet_helper *helper);
uint32_t rnet_helper_culprit(const struct rnet_helper *helper);

/* As rnet_dpi_feed(); slot is the caller's number for the flow. A packet that cannot decide anything
 * (no payload) is not waited for: if the child dies over it, the next call says so. */
enum rnet_helped rnet_helper_feed(struct rnet_helper *helper, uint32_t slot,
                                  const struct rnet_headers *headers, enum rnet_fault fault);
/* As rnet_dpi_finish(); the state is freed. Nothing in the result is beyond its range, whatever the
 * child wrote. */
enum rnet_helped rnet_helper_finish(struct rnet_helper *helper, uint32_t slot,
                                    struct rnet_dpi_result *result);
/* Free the state of a flow. */
void rnet_helper_forget(struct rnet_helper *helper, uint32_t slot);

#endif
