/* What a packet costs on the line: see lib/link. */
#ifndef RNET_REPLAY_WIRE_H
#define RNET_REPLAY_WIRE_H

#include <ruralnet/link.h>

static inline uint64_t
rnet_wire_bytes(const struct rnet_link *link, uint32_t ip_bytes)
{
    const uint64_t frame = (uint64_t)ip_bytes + link->overhead_bytes;

    if (link->framing == RNET_FRAMING_ATM)
        return 53 * ((frame + 47) / 48);
    return frame < link->minimum_frame_bytes ? link->minimum_frame_bytes : frame;
}

static inline int64_t
rnet_wire_ns(const struct rnet_link *link, enum rnet_direction direction, uint32_t ip_bytes)
{
    const uint64_t rate_bps = link->direction[direction].rate_bps;

    return (int64_t)((rnet_wire_bytes(link, ip_bytes) * 8000000000u + rate_bps / 2) / rate_bps);
}

#endif
