/* What a capture lacks of its office's demand: what people would do on a line faster than the full
 * one it was made behind, and directions that were not captured. */
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

/* Verdicts must hold for this share of use, so that much of the load may be unknown to them. */
#define TOLERATED_SHARE 0.05

static bool
is_one_sided(const struct rnet_conversation *conversation)
{
    return conversation->packets[RNET_UP] == 0 || conversation->packets[RNET_DOWN] == 0;
}

bool
demand_lacks_direction(struct rnet_demand *demand, bool one_direction)
{
    double all = 0, one_sided = 0;

    for (size_t i = 0; i < demand->conversation_count; i++) {
        struct rnet_conversation *conversation = &demand->conversations[i];
        const double bytes =
            (double)conversation->bytes[RNET_UP] + (double)conversation->bytes[RNET_DOWN];

        /* A lone stream may be all there was; beside others that lack a direction it is not. */
        if (one_direction && is_one_sided(conversation))
            conversation->flags |= RNET_CONVERSATION_PART_MISSING;
        all += bytes;
        if (is_one_sided(conversation) &&
            (conversation->flags & RNET_CONVERSATION_PART_MISSING) != 0)
            one_sided += bytes;
    }
    return one_sided > TOLERATED_SHARE * all;
}
