#include "replay/rtt.h"

void
rnet_rtt_init(struct rnet_rtt *rtt, int64_t floor_ns)
{
    *rtt = (struct rnet_rtt){.rto_ns = RNET_RTO_INITIAL_NS,
                             .minimum_ns = INT64_MAX,
                             .margin_ns = RNET_RTO_INITIAL_NS,
                             .floor_ns = floor_ns};
}

static int64_t
at_least(int64_t value, int64_t floor)
{
    return value > floor ? value : floor;
}

static void
set_rto(struct rnet_rtt *rtt)
{
    rtt->rto_ns = rtt->smoothed_ns + rtt->margin_ns;
    if (rtt->rto_ns > RNET_RTO_MAX_NS)
        rtt->rto_ns = RNET_RTO_MAX_NS;
}

static void
first_sample(struct rnet_rtt *rtt, int64_t sample_ns, uint64_t next)
{
    rtt->smoothed_ns = sample_ns;
    rtt->deviation_ns = sample_ns / 2;
    rtt->margin_ns = at_least(4 * rtt->deviation_ns, rtt->floor_ns);
    rtt->margin_peak_ns = rtt->margin_ns;
    rtt->round_end = next;
}

/*
 * RFC 6298 with two habits of Linux: a sample below the mean by more than the deviation widens the
 * deviation only an eighth as fast (a falling round trip is no reason to wait longer), and the
 * margin falls at most a quarter per round trip.
 */
void
rnet_rtt_add(struct rnet_rtt *rtt, int64_t sample_ns, uint64_t acked, uint64_t next)
{
    int64_t error_ns = sample_ns - rtt->smoothed_ns;

    if (sample_ns < 1)
        sample_ns = 1;
    if (rtt->smoothed_ns == 0) {
        first_sample(rtt, sample_ns, next);
        set_rto(rtt);
        return;
    }
    rtt->smoothed_ns += error_ns / 8;
    if (error_ns < 0) {
        error_ns = -error_ns - rtt->deviation_ns;
        if (error_ns > 0)
            error_ns /= 8;
    } else {
        error_ns -= rtt->deviation_ns;
    }
    rtt->deviation_ns += error_ns / 4;
    rtt->margin_peak_ns = at_least(4 * rtt->deviation_ns, rtt->margin_peak_ns);
    rtt->margin_ns = at_least(rtt->margin_peak_ns, rtt->margin_ns);
    if (acked > rtt->round_end) {
        if (rtt->margin_peak_ns < rtt->margin_ns)
            rtt->margin_ns -= (rtt->margin_ns - rtt->margin_peak_ns) / 4;
        rtt->round_end = next;
        rtt->margin_peak_ns = rtt->floor_ns;
    }
    set_rto(rtt);
}

void
rnet_rtt_add_minimum(struct rnet_rtt *rtt, int64_t sample_ns, int64_t now_ns)
{
    if (sample_ns <= rtt->minimum_ns || now_ns - rtt->minimum_at_ns > RNET_MIN_RTT_WINDOW_NS) {
        rtt->minimum_ns = sample_ns;
        rtt->minimum_at_ns = now_ns;
    }
}
