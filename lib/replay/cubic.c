/*
 * CUBIC, RFC 9438, with Linux's habits: the cubic is evaluated at most every 31 ms for an unchanged
 * window, growth is at least 5 % per round trip before the first loss and at most half a segment
 * per segment acknowledged.
 *
 *     W(t) = C (t - K)^3 + W_max,   K = cbrt((W_max - W_epoch) / C)
 */
#include "replay/congestion.h"

#include <math.h>

#define C 0.4                 /* RFC 9438 section 5; verified: standards.md §9 */
#define BETA (717.0 / 1024.0) /* RFC 9438: 0.7; Linux's fraction; verified: ibid. */
#define RENO_ALPHA (3.0 * (1.0 - BETA) / (1.0 + BETA)) /* RFC 9438 section 4.3 */
#define RECOMPUTE_NS (RNET_NS_PER_S / 32)              /* Linux; from memory */
#define SLOWEST_FIRST_COUNT 20.0                       /* Linux; from memory */
#define SLOWEST_PER_WINDOW 100.0                       /* windows per segment; Linux; from memory */

static void
forget(struct rnet_cubic *cubic)
{
    cubic->plateau_segments = 0;
    cubic->count = 0;
    cubic->epoch_ns = -1;
    cubic->delay_ns = 0;
    cubic->reno_acked = 0;
    cubic->window_seen = 0;
    cubic->hystart.found = false;
    rnet_hystart_plus_reset(&cubic->plus, 0);
}

static void
init(struct rnet_window *window, int64_t now_ns)
{
    forget(&window->u.cubic);
    rnet_hystart_reset(&window->u.cubic.hystart, now_ns, 0);
}

static void
begin_epoch(struct rnet_cubic *cubic, uint32_t window, uint32_t acked, int64_t now_ns)
{
    cubic->epoch_ns = now_ns;
    cubic->reno_acked = acked;
    cubic->reno_segments = window;
    cubic->k_s = 0;
    cubic->origin_segments = window;
    if (cubic->plateau_segments > window) {
        cubic->k_s = cbrt((cubic->plateau_segments - window) / C);
        cubic->origin_segments = cubic->plateau_segments;
    }
}

/* W(t) of the present epoch. */
static double
target(const struct rnet_cubic *cubic, int64_t now_ns)
{
    const double t_s = (double)(now_ns - cubic->epoch_ns + cubic->delay_ns) * 1e-9 - cubic->k_s;

    return cubic->origin_segments + C * t_s * t_s * t_s;
}

static void
compute_count(struct rnet_cubic *cubic, uint32_t window, int64_t now_ns)
{
    const double aim = target(cubic, now_ns);

    cubic->count = SLOWEST_PER_WINDOW * window;
    if (aim > window && window / (aim - window) < cubic->count)
        cubic->count = window / (aim - window);
    if (cubic->plateau_segments <= 0 && cubic->count > SLOWEST_FIRST_COUNT)
        cubic->count = SLOWEST_FIRST_COUNT;
}

/* Never slower than the additive increase of RFC 5681 with this beta would be. */
static void
be_friendly(struct rnet_cubic *cubic, uint32_t window)
{
    cubic->reno_segments += RENO_ALPHA * cubic->reno_acked / window;
    cubic->reno_acked = 0;
    if (cubic->reno_segments > window) {
        const double count = window / (cubic->reno_segments - window);

        if (cubic->count > count)
            cubic->count = count;
    }
}

static void
update(struct rnet_cubic *cubic, uint32_t window, uint32_t acked, int64_t now_ns)
{
    cubic->reno_acked += acked;
    if (cubic->window_seen == window && now_ns - cubic->computed_ns <= RECOMPUTE_NS)
        return;
    if (cubic->epoch_ns < 0 || now_ns != cubic->computed_ns) {
        if (cubic->epoch_ns < 0)
            begin_epoch(cubic, window, acked, now_ns);
        cubic->window_seen = window;
        cubic->computed_ns = now_ns;
        compute_count(cubic, window, now_ns);
    }
    be_friendly(cubic, window);
    if (cubic->count < 2.0)
        cubic->count = 2.0;
}

static void
grow(struct rnet_window *window, uint32_t acked, int64_t now_ns)
{
    if (rnet_window_in_slow_start(window)) {
        acked = rnet_window_slow_start(window, acked);
        if (acked == 0)
            return;
    }
    update(&window->u.cubic, window->segments, acked, now_ns);
    rnet_window_grow_by(window, (uint32_t)window->u.cubic.count, acked);
}

static uint32_t
reduce(struct rnet_window *window)
{
    struct rnet_cubic *cubic = &window->u.cubic;
    const uint32_t reduced = (uint32_t)(window->segments * BETA);

    cubic->epoch_ns = -1;
    /* Fast convergence: a window that never got back to its plateau leaves room for others. */
    if (window->segments < cubic->plateau_segments)
        cubic->plateau_segments = window->segments * (1.0 + BETA) / 2.0;
    else
        cubic->plateau_segments = window->segments;
    return reduced > 2 ? reduced : 2;
}

/* False if the sample says nothing of a queue. */
static bool
note_delay(struct rnet_cubic *cubic, const struct rnet_ack_sample *ack)
{
    if (ack->rtt_ns < 0)
        return false;
    /* Just after a loss the queue is draining: no time to judge delays. */
    if (cubic->epoch_ns >= 0 && ack->now_ns - cubic->epoch_ns < RNET_NS_PER_S)
        return false;
    if (cubic->delay_ns == 0 || ack->rtt_ns < cubic->delay_ns)
        cubic->delay_ns = ack->rtt_ns > 0 ? ack->rtt_ns : 1;
    return true;
}

static void
sample(struct rnet_window *window, const struct rnet_ack_sample *ack)
{
    struct rnet_cubic *cubic = &window->u.cubic;

    if (note_delay(cubic, ack) && rnet_window_in_slow_start(window) &&
        rnet_hystart_sample(&cubic->hystart, window->segments, cubic->delay_ns, ack))
        window->ssthresh = window->segments;
}

static void
grow_plus(struct rnet_window *window, uint32_t acked, int64_t now_ns)
{
    if (rnet_window_in_slow_start(window))
        acked = rnet_hystart_plus_growth(&window->u.cubic.plus, acked);
    grow(window, acked, now_ns);
}

static void
sample_plus(struct rnet_window *window, const struct rnet_ack_sample *ack)
{
    if (note_delay(&window->u.cubic, ack) && rnet_window_in_slow_start(window) &&
        rnet_hystart_plus_sample(&window->u.cubic.plus, ack))
        window->ssthresh = window->segments;
}
static void
timed_out(struct rnet_window *window)
{
    forget(&window->u.cubic);
    window->u.cubic.hystart.round_end = 0; /* the next sample begins a round */
}

/* Idling is not part of an epoch: the cubic stood still. */
static void
resumed(struct rnet_window *window, int64_t idle_ns)
{
    if (window->u.cubic.epoch_ns >= 0 && idle_ns > 0)
        window->u.cubic.epoch_ns += idle_ns;
}

const struct rnet_congestion rnet_congestion_cubic = {
    .name = "cubic",
    .init = init,
    .grow = grow,
    .reduce = reduce,
    .sample = sample,
    .timed_out = timed_out,
    .resumed = resumed,
};

const struct rnet_congestion rnet_congestion_cubic_plus = {
    .name = "cubic with HyStart++",
    .init = init,
    .grow = grow_plus,
    .reduce = reduce,
    .sample = sample_plus,
    .timed_out = timed_out,
    .resumed = resumed,
};
