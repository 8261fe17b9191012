/*
 * Detection of the protocols of many flows, by nDPI here or in a child (helper.h). With a child, a
 * flow over which it dies is lost to detection, and only that one: the others' packets so far are
 * kept until they are decided, and shown to the next child.
 */
#ifndef RNET_USAGE_DETECT_H
#define RNET_USAGE_DETECT_H

#include "usage/helper.h"

struct rnet_detector;
struct rnet_detection;

enum rnet_detected {
    RNET_DETECTED_MORE, /* feed it on */
    RNET_DETECTED_DONE,
    RNET_DETECTED_LOST, /* nothing can be said of this flow */
};

/* As rnet_dpi_new(). */
enum rnet_status rnet_detector_new(const char *directory, bool isolated,
                                   struct rnet_detector **detector, struct rnet_error *err);
/* Every detection must have been freed. */
void rnet_detector_free(struct rnet_detector *detector);

/* One flow's; NULL when out of memory. */
struct rnet_detection *rnet_detection_new(struct rnet_detector *detector);
void rnet_detection_free(struct rnet_detector *detector, struct rnet_detection *detection);

enum rnet_detected rnet_detection_feed(struct rnet_detector *detector,
                                       struct rnet_detection *detection,
                                       const struct rnet_headers *headers);
/* No more packets will come, and what it came to is read later: work on it may begin. */
void rnet_detection_expect(struct rnet_detector *detector, struct rnet_detection *detection);
/* Read what it came to; false (and an empty result) when it is lost. Only to be freed afterwards. */
bool rnet_detection_finish(struct rnet_detector *detector, struct rnet_detection *detection,
                           struct rnet_dpi_result *result);

/* For tests: the n-th feed from now on (1 = the next) goes wrong in the child. */
void rnet_detector_break(struct rnet_detector *detector, uint64_t n, enum rnet_fault fault);

#endif
