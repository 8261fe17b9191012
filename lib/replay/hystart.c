/*
 * HyStart (Ha and Rhee 2011) as Linux has it: slow start ends when, within a round trip, the
 * acknowledgements form a train as long as half the smallest round trip, or when the smallest
 * of eight samples shows that a queue is building.
 *
 * Constants from memory of Linux's tcp_cubic.c; standards.md §9 confirms the low window. The train
 * is compared with half the delay because nothing paces the sender here.
 */
#include "replay/congestion.h"

#define LOW_WINDOW_SEGMENTS 16
#define MIN_SAMPLES 8
#define TRAIN_GAP_NS (2 * RNET_NS_PER_MS)
#define DELAY_MIN_NS (4 * RNET_NS_PER_MS)
#define DELAY_MAX_NS (16 * RNET_NS_PER_MS)

void
rnet_hystart_reset(struct rnet_hystart *hystart, int64_t now_ns, uint64_t next)
{
    hystart->round_begun_ns = now_ns;
    hystart->train_ns = now_ns;
    hystart->round_end = next;
    hystart->round_minimum_ns = INT64_MAX;
    hystart->samples = 0;
}

/* How much longer than the smallest round trip counts as a queue. */
static int64_t
delay_margin_ns(int64_t delay_ns)
{
    const int64_t margin_ns = delay_ns / 8;

    if (margin_ns < DELAY_MIN_NS)
        return DELAY_MIN_NS;
    return margin_ns < DELAY_MAX_NS ? margin_ns : DELAY_MAX_NS;
}

static bool
train_is_long(struct rnet_hystart *hystart, int64_t delay_ns, int64_t now_ns)
{
    if (now_ns - hystart->train_ns > TRAIN_GAP_NS)
        return false;
    hystart->train_ns = now_ns;
    return now_ns - hystart->round_begun_ns > delay_ns / 2;
}

static bool
delay_has_grown(struct rnet_hystart *hystart, int64_t delay_ns, int64_t rtt_ns)
{
    if (rtt_ns < hystart->round_minimum_ns)
        hystart->round_minimum_ns = rtt_ns;
    if (hystart->samples < MIN_SAMPLES) {
        hystart->samples++;
        return false;
    }
    return hystart->round_minimum_ns > delay_ns + delay_margin_ns(delay_ns);
}

bool
rnet_hystart_sample(struct rnet_hystart *hystart, uint32_t window_segments, int64_t delay_ns,
                    const struct rnet_ack_sample *ack)
{
    if (ack->acked > hystart->round_end)
        rnet_hystart_reset(hystart, ack->now_ns, ack->next);
    if (hystart->found || window_segments < LOW_WINDOW_SEGMENTS)
        return false;
    hystart->found = train_is_long(hystart, delay_ns, ack->now_ns) ||
                     delay_has_grown(hystart, delay_ns, ack->rtt_ns);
    return hystart->found;
}
