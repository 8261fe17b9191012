#include "flow/flow.h"

/* Jumps longer than this are not believed at once, */
#define WILD_NS (86400 * RNET_NS_PER_S)
/* but when this many packets in a row agree, the capture really goes on there. */
#define AGREEING_PACKETS 100

/* Times are kept between 1970 and 2077, so that the sums and differences of a few of them fit. */
#define LATEST_NS (INT64_C(3400000000) * RNET_NS_PER_S)

static int64_t
distance(int64_t a, int64_t b)
{
    /* Times come from files: the difference may not fit. */
    const uint64_t apart = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;

    return apart > INT64_MAX ? INT64_MAX : (int64_t)apart;
}

int64_t
flow_clock_advance(struct flow_clock *clock, int64_t time_ns)
{
    if (time_ns < 0)
        time_ns = 0;
    if (time_ns > LATEST_NS)
        time_ns = LATEST_NS;
    if (!clock->is_set) {
        *clock = (struct flow_clock){.now_ns = time_ns, .is_set = true};
        return time_ns;
    }
    if (distance(time_ns, clock->now_ns) <= WILD_NS) {
        clock->odd_packets = 0;
        if (time_ns > clock->now_ns)
            clock->now_ns = time_ns;
        return time_ns;
    }
    if (clock->odd_packets > 0 && distance(time_ns, clock->odd_ns) <= WILD_NS)
        clock->odd_packets++;
    else
        clock->odd_packets = 1;
    clock->odd_ns = time_ns;
    if (clock->odd_packets < AGREEING_PACKETS)
        return clock->now_ns;
    clock->odd_packets = 0;
    clock->now_ns = time_ns;
    return time_ns;
}
