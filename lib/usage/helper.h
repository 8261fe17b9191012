/*
 * A child process in which nDPI looks at packets: what crashes or hangs there is the
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
enum rnet_fault { RNET_FAULT_NONE = 0, RNET_FAULT_CRASH, RNET_FAULT_HANG, RNET_FAULT_STOP };

/* dpi is borrowed. NULL when out of memory. */
struct rnet_helper *rnet_helper_new(struct rnet_dpi *dpi);
void rnet_helper_free(struct rnet_helper *helper);

#define RNET_HELPER_NOBODY UINT32_MAX

/* Counts children: a flow's state is in the child of the generation in which it was fed. */
uint32_t rnet_helper_generation(const struct rnet_helper *helper);
/* RNET_HELPER_NOBODY = over a flow that is no more. */
uint32_t rnet_helper_culprit(const struct rnet_helper *helper);

/* As rnet_dpi_feed(); slot is the caller's number for the flow. No packet is waited for: a later call
 * says that it decided, or that the child died over it (then this one's was not taken). */
enum rnet_helped rnet_helper_feed(struct rnet_helper *helper, uint32_t slot,
                                  const struct rnet_headers *headers, enum rnet_fault fault);
/* The result, if it is known already that nothing more can be learnt from the flow. */
bool rnet_helper_take(struct rnet_helper *helper, uint32_t slot, struct rnet_dpi_result *result);
/* No more packets of the flow will come, and rnet_helper_finish() will be called some time: the child may
 * go about it. RNET_HELPED_MORE, or that the child had died. */
enum rnet_helped rnet_helper_expect(struct rnet_helper *helper, uint32_t slot);
/* As rnet_dpi_finish(), waiting for it; the state is freed. Nothing in the result is beyond its range, whatever the
 * child wrote. */
enum rnet_helped rnet_helper_finish(struct rnet_helper *helper, uint32_t slot,
                                    struct rnet_dpi_result *result);
/* Free the state of a flow; the slot is another's from now on. RNET_HELPED_MORE, or that the child
 * had died. */
enum rnet_helped rnet_helper_forget(struct rnet_helper *helper, uint32_t slot);

#endif
