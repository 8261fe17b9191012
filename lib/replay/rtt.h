/* Round-trip time and the retransmission time-out made of it. */
#ifndef RNET_REPLAY_RTT_H
#define RNET_REPLAY_RTT_H

#include "base/base.h"

#define RNET_RTO_INITIAL_NS RNET_NS_PER_S        /* RFC 6298 (2.1); verified: standards.md §9 */
#define RNET_RTO_MAX_NS (120 * RNET_NS_PER_S)    /* Linux TCP_RTO_MAX; verified: ibid. */
#define RNET_RTO_FLOOR_NS (200 * RNET_NS_PER_MS) /* Linux TCP_RTO_MIN; verified: ibid. */
#define RNET_MIN_RTT_WINDOW_NS (300 * RNET_NS_PER_S) /* Linux tcp_min_rtt_wlen; from memory */

struct rnet_rtt {
    int64_t smoothed_ns;    /* SRTT; 0 = no sample yet */
    int64_t deviation_ns;   /* RFC 6298's RTTVAR as Linux has it: mdev / 4 */
    int64_t margin_ns;      /* what is added to SRTT: 4 * RTTVAR, at least the floor */
    int64_t margin_peak_ns; /* largest within this round trip */
    uint64_t round_end;     /* sequence number at which the round trip ends */
    int64_t rto_ns;         /* without back-off */
    int64_t minimum_ns;     /* smallest sample lately; INT64_MAX = none */
    int64_t minimum_at_ns;
    int64_t floor_ns; /* of the margin */
};

void
rnet_rtt_init(struct rnet_rtt *rtt, int64_t floor_ns);
/* A sample; `acked` and `next` are the sender's oldest unacknowledged and next sequence numbers. */
void
rnet_rtt_add(struct rnet_rtt *rtt, int64_t sample_ns, uint64_t acked, uint64_t next);
void
rnet_rtt_add_minimum(struct rnet_rtt *rtt, int64_t sample_ns, int64_t now_ns);

#endif
