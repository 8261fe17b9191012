/*
 * An approximation of BBRv1 (Cardwell et al. 2016): a model of bandwidth and round trip instead of
 * loss. Constants: standards.md §9 (verified there).
 */
#include "replay/congestion.h"

#include <math.h>

#define HIGH_GAIN 2.885
#define WINDOW_GAIN 2.0
#define FULL_GROWTH 1.25
#define FULL_ROUNDS 3
#define MIN_RTT_WINDOW_NS (10 * RNET_NS_PER_S)
#define PROBE_RTT_NS (200 * RNET_NS_PER_MS)
#define PROBE_RTT_SEGMENTS 4
#define PACING_MARGIN 0.99

enum state {
    STARTUP,
    DRAIN,
    PROBE_BANDWIDTH,
    PROBE_RTT,
};

static const double cycle[8] = {1.25, 0.75, 1, 1, 1, 1, 1, 1};

static void
init(struct rnet_window *window, int64_t now_ns)
{
    window->u.bbr = (struct rnet_bbr){.pacing_gain = HIGH_GAIN,
                                      .window_gain = HIGH_GAIN,
                                      .minimum_rtt_ns = INT64_MAX,
                                      .minimum_at_ns = now_ns};
}

static double
bandwidth(const struct rnet_bbr *bbr)
{
    double most = 0;

    for (int i = 0; i < RNET_BBR_ROUNDS; i++)
        most = bbr->bandwidth[i] > most ? bbr->bandwidth[i] : most;
    return most;
}

static double
product_segments(const struct rnet_bbr *bbr)
{
    if (bbr->minimum_rtt_ns == INT64_MAX)
        return RNET_INITIAL_WINDOW;
    return bandwidth(bbr) * (double)bbr->minimum_rtt_ns * 1e-9;
}

static void
count_round(struct rnet_bbr *bbr, const struct rnet_ack_sample *ack)
{
    bbr->round_started =
        ack->newly_delivered > 0 && ack->prior_delivered >= bbr->round_end_delivered;
    if (!bbr->round_started)
        return;
    bbr->round_end_delivered = ack->delivered;
    bbr->round++;
    bbr->bandwidth[bbr->round % RNET_BBR_ROUNDS] = 0;
}

static void
measure(struct rnet_bbr *bbr, const struct rnet_ack_sample *ack)
{
    double rate;

    if (ack->newly_delivered == 0 || ack->interval_ns <= 0)
        return;
    rate = (double)(ack->delivered - ack->prior_delivered) / ((double)ack->interval_ns * 1e-9);
    if ((!ack->application_limited || rate > bandwidth(bbr)) &&
        rate > bbr->bandwidth[bbr->round % RNET_BBR_ROUNDS])
        bbr->bandwidth[bbr->round % RNET_BBR_ROUNDS] = rate;
}

static void
check_full(struct rnet_bbr *bbr, const struct rnet_ack_sample *ack)
{
    if (bbr->full || !bbr->round_started || ack->application_limited)
        return;
    if (bandwidth(bbr) >= bbr->full_bandwidth * FULL_GROWTH) {
        bbr->full_bandwidth = bandwidth(bbr);
        bbr->full_rounds = 0;
        return;
    }
    bbr->full = ++bbr->full_rounds >= FULL_ROUNDS;
}

static void
probe_bandwidth(struct rnet_bbr *bbr, int64_t now_ns)
{
    bbr->state = PROBE_BANDWIDTH;
    bbr->phase = 2;
    bbr->cycle_begun_ns = now_ns;
    bbr->window_gain = WINDOW_GAIN;
    bbr->pacing_gain = cycle[bbr->phase];
}

static void
move_on(struct rnet_bbr *bbr, const struct rnet_ack_sample *ack)
{
    if (bbr->state == STARTUP && bbr->full) {
        bbr->state = DRAIN;
        bbr->pacing_gain = 1.0 / HIGH_GAIN;
    }
    if (bbr->state == DRAIN && ack->in_flight <= product_segments(bbr))
        probe_bandwidth(bbr, ack->now_ns);
    if (bbr->state == PROBE_BANDWIDTH && ack->now_ns - bbr->cycle_begun_ns > bbr->minimum_rtt_ns) {
        bbr->phase = (uint8_t)((bbr->phase + 1) % 8);
        bbr->cycle_begun_ns = ack->now_ns;
        bbr->pacing_gain = cycle[bbr->phase];
    }
}

static void
watch_rtt(struct rnet_window *window, const struct rnet_ack_sample *ack)
{
    struct rnet_bbr *bbr = &window->u.bbr;
    const bool expired = ack->now_ns - bbr->minimum_at_ns > MIN_RTT_WINDOW_NS;

    if (ack->rtt_ns >= 0 && (ack->rtt_ns <= bbr->minimum_rtt_ns || expired)) {
        bbr->minimum_rtt_ns = ack->rtt_ns > 0 ? ack->rtt_ns : 1;
        bbr->minimum_at_ns = ack->now_ns;
    }
    if (expired && bbr->state != PROBE_RTT) {
        bbr->state = PROBE_RTT;
        bbr->pacing_gain = 1;
        bbr->window_before_probe = window->segments;
        bbr->probe_done_ns = 0;
    }
    if (bbr->state != PROBE_RTT)
        return;
    if (bbr->probe_done_ns == 0) {
        if (ack->in_flight <= PROBE_RTT_SEGMENTS)
            bbr->probe_done_ns = ack->now_ns + PROBE_RTT_NS;
    } else if (ack->now_ns >= bbr->probe_done_ns) {
        bbr->minimum_at_ns = ack->now_ns;
        if (bbr->window_before_probe > window->segments)
            window->segments = bbr->window_before_probe;
        probe_bandwidth(bbr, ack->now_ns);
        if (!bbr->full) {
            bbr->state = STARTUP;
            bbr->pacing_gain = HIGH_GAIN;
            bbr->window_gain = HIGH_GAIN;
        }
    }
}

static void
set_window(struct rnet_window *window, const struct rnet_ack_sample *ack)
{
    const struct rnet_bbr *bbr = &window->u.bbr;
    const double aim = bbr->window_gain * product_segments(bbr) + 3;

    if (bbr->full)
        window->segments = window->segments + ack->newly_delivered < aim
                               ? window->segments + ack->newly_delivered
                               : (uint32_t)aim;
    else if (window->segments < aim || ack->delivered < RNET_INITIAL_WINDOW)
        window->segments += ack->newly_delivered;
    if (window->segments < PROBE_RTT_SEGMENTS)
        window->segments = PROBE_RTT_SEGMENTS;
    if (bbr->state == PROBE_RTT && window->segments > PROBE_RTT_SEGMENTS)
        window->segments = PROBE_RTT_SEGMENTS;
}

static void
control(struct rnet_window *window, const struct rnet_ack_sample *ack)
{
    struct rnet_bbr *bbr = &window->u.bbr;

    count_round(bbr, ack);
    measure(bbr, ack);
    check_full(bbr, ack);
    move_on(bbr, ack);
    watch_rtt(window, ack);
    set_window(window, ack);
}

static uint32_t
reduce(struct rnet_window *window)
{
    return window->ssthresh;
}

static void
grow(struct rnet_window *window, uint32_t acked, int64_t now_ns)
{
    (void)window;
    (void)acked;
    (void)now_ns;
}

static int64_t
pace_ns(const struct rnet_window *window, uint32_t bytes, uint32_t mss)
{
    const double rate = bandwidth(&window->u.bbr);

    if (rate <= 0)
        return 0; /* the initial window goes out as it is */
    return llround((double)bytes / mss / (rate * window->u.bbr.pacing_gain * PACING_MARGIN) * 1e9);
}

const struct rnet_congestion rnet_congestion_bbr = {
    .name = "bbr",
    .init = init,
    .grow = grow,
    .reduce = reduce,
    .control = control,
    .pace_ns = pace_ns,
};
