#include "capture/capture.h"

#define GAP_NS RNET_NS_PER_S /* chosen: long enough to part two files' activities */

static int64_t
distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Whether a stamp continues an epoch: at most a day on, at most the reorder window back. */
static bool
continues(const struct rnet_clock_epoch *epoch, int64_t stamp_ns)
{
    const int64_t step = stamp_ns - epoch->stamp_ns;

    return step >= -RNET_CLOCK_WINDOW_NS && step <= RNET_DAY_NS;
}

/*
 * Yield the time of a stamp in the epoch in force. An epoch left long ago may lag behind the latest
 * time by more than the window; it then goes on from there.
 */
static int64_t
advance(struct rnet_clock *clock, int64_t stamp_ns)
{
    struct rnet_clock_epoch *now = &clock->now;
    const int64_t time_ns = stamp_ns + now->offset_ns;

    if (stamp_ns > now->stamp_ns)
        now->stamp_ns = stamp_ns;
    if (time_ns < clock->latest_ns - RNET_CLOCK_WINDOW_NS) {
        now->offset_ns = clock->latest_ns - stamp_ns;
        return clock->latest_ns;
    }
    if (time_ns > clock->latest_ns)
        clock->latest_ns = time_ns;
    return time_ns;
}

/* Not confirmed yet: `latest_ns` stays, in case this stamp turns out to be alone. */
static int64_t
propose(struct rnet_clock *clock, int64_t stamp_ns)
{
    const bool forward = stamp_ns > clock->now.stamp_ns;
    const int64_t time_ns = clock->latest_ns + (forward ? GAP_NS : 0);

    clock->other = (struct rnet_clock_epoch){time_ns - stamp_ns, stamp_ns};
    clock->has_other = true;
    return time_ns;
}

/* A stamp may continue both epochs (a clock set back an hour): the nearer one has it. */
static bool
belongs_to_other(const struct rnet_clock *clock, int64_t stamp_ns)
{
    if (!clock->has_other || !continues(&clock->other, stamp_ns))
        return false;
    return !continues(&clock->now, stamp_ns) ||
           distance(stamp_ns, clock->other.stamp_ns) < distance(stamp_ns, clock->now.stamp_ns);
}

int64_t
rnet_clock_contain(struct rnet_clock *clock, int64_t stamp_ns)
{
    if (clock->epochs == 0) {
        clock->epochs = 1;
        clock->latest_ns = clock->now.stamp_ns = stamp_ns;
        return stamp_ns;
    }
    if (belongs_to_other(clock, stamp_ns)) {
        const struct rnet_clock_epoch left = clock->now;

        clock->now = clock->other;
        clock->other = left;
        clock->epochs++;
        return advance(clock, stamp_ns);
    }
    if (continues(&clock->now, stamp_ns))
        return advance(clock, stamp_ns);
    return propose(clock, stamp_ns);
}
