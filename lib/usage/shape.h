/* Sizes, times and directions of a flow's packets, kept in little memory, and what they look like.
 * Works on any capture: encrypted, header-only, without nDPI. */
#ifndef RNET_USAGE_SHAPE_H
#define RNET_USAGE_SHAPE_H

#include "usage/opinion.h"

#include <ruralnet/flow.h>

/* Classes of payload size, by their upper edge in bytes: keys and acknowledgements, voice frames,
 * small requests, answers, nearly full and full packets. Chosen; no deeper reason. */
enum { SIZE_40, SIZE_120, SIZE_320, SIZE_800, SIZE_1200, SIZE_MORE, SIZE_CLASSES };
/* Classes of the gap between two packets one way, by their upper edge in ms. Voice codecs send
 * every 10, 20, 30, 40 or 60 ms (RFC 3551 §4.2), video a burst per frame. */
enum { GAP_3, GAP_14, GAP_26, GAP_38, GAP_70, GAP_250, GAP_1000, GAP_10000, GAP_MORE, GAP_CLASSES };

/* One direction. Counts of classes are halved together when one is full: shares stay. */
struct rnet_shape_side {
    int64_t last_ns;
    uint64_t bytes;       /* payload */
    uint64_t burst_bytes; /* of the burst under way */
    uint64_t bulk_bytes;  /* of the bursts counted as large */
    uint32_t packets;     /* with payload */
    uint16_t large_bursts;
    uint16_t sizes[SIZE_CLASSES];
    uint16_t gaps[GAP_CLASSES];
};

struct rnet_shape {
    struct rnet_shape_side side[RNET_DIRECTIONS];
    uint32_t turns; /* how often the direction of payload changed */
    uint8_t last_direction;
};

void
rnet_shape_add(struct rnet_shape *shape, enum rnet_direction direction,
               const struct rnet_headers *headers);
/* Close the bursts under way: nothing is added afterwards. */
void
rnet_shape_finish(struct rnet_shape *shape);

/* Share, 0..1, of one side's packets in size (gap) classes first..last. 0 when it has none. */
double
rnet_shape_size_share(const struct rnet_shape_side *side, int first, int last);
double
rnet_shape_gap_share(const struct rnet_shape_side *side, int first, int last);

/* What the traffic is like, whatever it is called. */
struct rnet_shape_traits {
    double seconds;
    double packets_per_second[RNET_DIRECTIONS];
    double bits_per_second[RNET_DIRECTIONS];
    double clock[RNET_DIRECTIONS]; /* share of gaps that fit a codec's clock */
    double large[RNET_DIRECTIONS]; /* share of packets above 800 bytes */
    bool call;                     /* a real-time conversation, both ways on a clock */
    bool call_video;               /* and large packets in it */
    bool uplink_feed;              /* steady large stream out, next to nothing back */
    bool downlink_feed;
    bool segments; /* bursts down with pauses, as adaptive streaming fetches them */
    double segment_bytes;
    double bulk_ratio; /* share of all bytes that came in large bursts */
    bool bulk_up;      /* one long run of data */
    bool bulk_down;
    bool typing; /* small packets, answered one by one, at a person's pace */
    bool screen; /* small packets up, bursts down all the time */
    bool report; /* little, rarely, regularly */
};
void
rnet_shape_traits(const struct rnet_shape *shape, const struct rnet_flow *flow,
                  struct rnet_shape_traits *traits);

/* Judge by traits alone. Abstains with confidence 0. */
void
rnet_shape_judge(const struct rnet_shape_traits *traits, const struct rnet_flow *flow,
                 struct rnet_opinion *opinion);

#endif
