#include "replay/congestion.h"

const struct rnet_congestion *
rnet_congestion_find(enum rnet_congestion_control which)
{
    switch (which) {
    case RNET_CC_RENO:
        return &rnet_congestion_reno;
    case RNET_CC_CUBIC_PLUS:
        return &rnet_congestion_cubic_plus;
    case RNET_CC_BBR:
        return &rnet_congestion_bbr;
    case RNET_CC_CUBIC:
        break;
    }
    return &rnet_congestion_cubic;
}

uint32_t
rnet_window_slow_start(struct rnet_window *window, uint32_t acked)
{
    const uint32_t room = window->ssthresh - window->segments;
    const uint32_t used = acked < room ? acked : room;

    window->segments += used;
    return acked - used;
}

void
rnet_window_grow_by(struct rnet_window *window, uint32_t per_segment, uint32_t acked)
{
    /* Credit from a slower pace is worth one segment at most. */
    if (window->credit >= per_segment) {
        window->credit = 0;
        window->segments++;
    }
    window->credit += acked;
    if (window->credit >= per_segment) {
        window->segments += window->credit / per_segment;
        window->credit %= per_segment;
    }
}

bool
rnet_window_is_limiting(const struct rnet_window *window)
{
    if (window->limited)
        return true;
    /* In slow start the window may run ahead of use by a factor of two. */
    return rnet_window_in_slow_start(window) && window->segments < 2 * window->flight_peak;
}
