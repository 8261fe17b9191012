/*
 * HyStart++, RFC 9406 section 4.2: when the smallest round trip of a round exceeds that of the
 * round before, slow start first becomes conservative, a quarter as fast; five rounds later it
 * ends, unless the round trip has fallen again and the growth was none of ours. Windows has it.
 *
 * Constants: section 4.3; verified: standards.md §9.
 */
#include "replay/congestion.h"

#define MIN_SAMPLES 8
#define DELAY_MIN_NS (4 * RNET_NS_PER_MS)
#define DELAY_MAX_NS (16 * RNET_NS_PER_MS)
#define DELAY_DIVISOR 8
#define GROWTH_DIVISOR 4
#define CONSERVATIVE_ROUNDS 5
#define MOST_PER_ACK 8 /* segments; L of a sender that does not pace */

void
rnet_hystart_plus_reset(struct rnet_hystart_plus *hystart, uint64_t next)
{
    *hystart = (struct rnet_hystart_plus){
        .round_end = next, .last_minimum_ns = INT64_MAX, .round_minimum_ns = INT64_MAX};
}

static int64_t
margin_ns(int64_t delay_ns)
{
    const int64_t part_ns = delay_ns / DELAY_DIVISOR;

    if (part_ns < DELAY_MIN_NS)
        return DELAY_MIN_NS;
    return part_ns < DELAY_MAX_NS ? part_ns : DELAY_MAX_NS;
}

/* True when the last of the conservative rounds is over. */
static bool
end_round(struct rnet_hystart_plus *hystart, uint64_t next)
{
    hystart->round_end = next;
    hystart->last_minimum_ns = hystart->round_minimum_ns;
    hystart->round_minimum_ns = INT64_MAX;
    hystart->samples = 0;
    return hystart->conservative && ++hystart->rounds == CONSERVATIVE_ROUNDS;
}

bool
rnet_hystart_plus_sample(struct rnet_hystart_plus *hystart, const struct rnet_ack_sample *ack)
{
    if (ack->acked > hystart->round_end && end_round(hystart, ack->next))
        return true;
    if (ack->rtt_ns < hystart->round_minimum_ns)
        hystart->round_minimum_ns = ack->rtt_ns;
    if (++hystart->samples < MIN_SAMPLES)
        return false;
    if (hystart->conservative) {
        hystart->conservative = hystart->round_minimum_ns >= hystart->baseline_ns;
    } else if (hystart->last_minimum_ns != INT64_MAX &&
               hystart->round_minimum_ns >=
                   hystart->last_minimum_ns + margin_ns(hystart->last_minimum_ns)) {
        hystart->conservative = true;
        hystart->baseline_ns = hystart->round_minimum_ns;
        hystart->rounds = 0;
    }
    return false;
}

uint32_t
rnet_hystart_plus_growth(struct rnet_hystart_plus *hystart, uint32_t acked)
{
    if (acked > MOST_PER_ACK)
        acked = MOST_PER_ACK;
    if (!hystart->conservative)
        return acked;
    hystart->credit += acked;
    acked = hystart->credit / GROWTH_DIVISOR;
    hystart->credit %= GROWTH_DIVISOR;
    return acked;
}
