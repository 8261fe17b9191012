/* RFC 5681: slow start, then one segment per window; half the window at a loss. */
#include "replay/congestion.h"

static void
init(struct rnet_window *window, int64_t now_ns)
{
    (void)window;
    (void)now_ns;
}

static void
grow(struct rnet_window *window, uint32_t acked, int64_t now_ns)
{
    (void)now_ns;
    if (rnet_window_in_slow_start(window)) {
        acked = rnet_window_slow_start(window, acked);
        if (acked == 0)
            return;
    }
    rnet_window_grow_by(window, window->segments, acked);
}

static uint32_t
reduce(struct rnet_window *window)
{
    return window->segments / 2 > 2 ? window->segments / 2 : 2;
}

const struct rnet_congestion rnet_congestion_reno = {
    .name = "reno",
    .init = init,
    .grow = grow,
    .reduce = reduce,
};
