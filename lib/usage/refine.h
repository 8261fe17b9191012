/* Telling two uses of one service apart, where the difference decides a verdict. */
#ifndef RNET_USAGE_REFINE_H
#define RNET_USAGE_REFINE_H

#include "usage/dpi.h"
#include "usage/realtime.h"
#include "usage/shape.h"

/* What a flow's layers know besides their opinions. */
struct rnet_refinement {
    const struct rnet_flow *flow;
    const struct rnet_shape *shape;
    const struct rnet_shape_traits *traits;
    const struct rnet_realtime *realtime;          /* may be NULL */
    uint64_t content_bytes[RNET_CONTENT_FILE + 1]; /* of HTTP answers, by what they carried */
    enum rnet_usage named; /* what names and DNS answers say, whether or not they decided */
    bool asks_device;      /* HTTP by a program, not a browser, to a private address as such */
};

/* Change `best` where the flow's behaviour says more than its name. Returns why, static storage, or
 * NULL when nothing was changed. */
const char *rnet_refine(const struct rnet_refinement *known, struct rnet_opinion *best);

#endif
