/* Whether a line is as fast as the one a capture was made behind, which was full. */
#include "assess/assess.h"

/* The estimate may be so much too high: bench/suppressed-demand finds 1 % in the median and 31 %
 * once, and lines differ by a factor of two. A doubt too many is the smaller error. */
#define ESTIMATE_PART 0.75

/* IP bits per second of full packets, the unit of the estimate. */
static double
ip_rate_bps(const struct rnet_link *link, int direction)
{
    const uint32_t full = link->mtu_bytes;
    const uint64_t shaper_bps = link->direction[direction].shaper_bps;
    uint64_t rate_bps = link->direction[direction].rate_bps;

    if (shaper_bps != 0 && shaper_bps < rate_bps)
        rate_bps = shaper_bps;
    return (double)rate_bps * full / (double)rnet_link_wire_bytes(link, full);
}

bool
line_frees_demand(const struct rnet_captured_line *captured, const struct rnet_link *link)
{
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        if (captured->rate_bps[d] > 0 &&
            ip_rate_bps(link, d) >= ESTIMATE_PART * captured->rate_bps[d])
            return true;
    return false;
}
