/*
 * What tunnels carry, by the sizes and times of their packets. Nobody can name the usages inside,
 * but a call's clock, a large transfer and exchanges of a person look different from outside.
 */
#include "base/base.h"

#include <ruralnet/demand.h>

#include <math.h>
#include <string.h>

/* Every window of each tunnel is looked at by itself. */
#define WINDOW_NS RNET_NS_PER_S

/* Packets of less are a codec's frames, questions or acknowledgements; of more, pieces of something
 * larger. A tunnel adds 50 to 80 bytes to a packet. Chosen. */
#define LARGE_BYTES 1000
/* So many bytes one way within a window, a call's apart, are a transfer. Chosen: 0.2 Mbit/s, so
 * that the slowest line of the ladder, full one way, counts. */
#define BULK_BYTES 25000
/* A clock: codecs send a frame every 10 to 60 ms and pictures 15 to 60 a second, all at the same
 * pace but for the network's jitter: the gaps' deviation is below this share of their mean. Gaps of
 * many programs at once lie as close together, but anyhow (0.4 and more). Eight gaps make a clock.
 * Chosen. */
#define CLOCK_LEAST_NS (8 * RNET_NS_PER_MS)
#define CLOCK_MOST_NS (70 * RNET_NS_PER_MS)
#define CLOCK_GAPS 8
#define CLOCK_DEVIATION 0.3
/* The two sides of a call are not further apart; data and its acknowledgements are (1400 bytes
 * for every 112 or two of them). */
#define CALL_RATIO 6

/* Gaps between packets that could be a clock's, in ms. */
struct gaps {
    double packets, count, sum, squares;
};

/* What went one way within a window. */
struct side {
    uint64_t bytes[2];   /* of small packets, of large ones */
    struct gaps gaps[2]; /* between small packets, between any */
};

/* A tunnel's current window, and when each kind of packet was last sent each way. */
struct watch {
    struct rnet_tunnel_demand *demand;
    struct side side[RNET_DIRECTIONS];
    int64_t begin_ns;
    int64_t last_small_ns[RNET_DIRECTIONS];
    int64_t last_ns[RNET_DIRECTIONS];
    double bulk, realtime; /* bytes */
};

static void
add_gap(struct gaps *gaps, int64_t *last_ns, int64_t time_ns)
{
    /* Times of a hostile capture may be anything: differences wrap instead of overflowing. */
    const uint64_t gap_ns = (uint64_t)time_ns - (uint64_t)*last_ns;
    const double gap_ms = (double)gap_ns / RNET_NS_PER_MS;

    *last_ns = time_ns;
    gaps->packets++;
    if (gap_ns < CLOCK_LEAST_NS || gap_ns > CLOCK_MOST_NS)
        return;
    gaps->count++;
    gaps->sum += gap_ms;
    gaps->squares += gap_ms * gap_ms;
}

/* Packets that follow each other at once are pieces of one picture, if they are large. */
static bool
are_a_clock(const struct gaps *gaps, bool mostly_large)
{
    const double mean = gaps->sum / gaps->count;

    return gaps->count >= CLOCK_GAPS && (mostly_large || gaps->count > gaps->packets / 2) &&
           gaps->squares / gaps->count - mean * mean < pow(CLOCK_DEVIATION * mean, 2);
}

static bool
are_alike(uint64_t up_bytes, uint64_t down_bytes)
{
    return up_bytes <= CALL_RATIO * down_bytes && down_bytes <= CALL_RATIO * up_bytes;
}

/* A call, with or without pictures, and nothing beside it. */
static bool
is_all_a_call(const struct side *up, const struct side *down)
{
    return are_alike(up->bytes[0] + up->bytes[1], down->bytes[0] + down->bytes[1]) &&
           are_a_clock(&up->gaps[1], up->bytes[1] > up->bytes[0]) &&
           are_a_clock(&down->gaps[1], down->bytes[1] > down->bytes[0]);
}

static bool
has_a_voice(const struct side *up, const struct side *down)
{
    return are_alike(up->bytes[0], down->bytes[0]) && are_a_clock(&up->gaps[0], false) &&
           are_a_clock(&down->gaps[0], false);
}

static void
judge_window(struct watch *watch)
{
    const struct side *up = &watch->side[RNET_UP], *down = &watch->side[RNET_DOWN];
    const bool voice = has_a_voice(up, down), call = is_all_a_call(up, down);

    for (int way = 0; way < RNET_DIRECTIONS; way++) {
        const struct side *side = &watch->side[way];
        const uint64_t all = side->bytes[0] + side->bytes[1];
        const uint64_t of_call = call ? all : voice ? side->bytes[0] : 0;

        watch->demand->bytes += all;
        watch->realtime += (double)of_call;
        if (all - of_call >= BULK_BYTES)
            watch->bulk += (double)(all - of_call);
    }
    memset(watch->side, 0, sizeof watch->side);
}

static void
watch_packet(struct watch *watch, int64_t time_ns, uint64_t bytes, uint8_t direction)
{
    const int way = direction & 1;
    const bool large = bytes >= LARGE_BYTES;
    struct side *side = &watch->side[way];

    if ((uint64_t)time_ns - (uint64_t)watch->begin_ns >= (uint64_t)WINDOW_NS) {
        judge_window(watch);
        watch->begin_ns = time_ns;
    }
    side->bytes[large] += bytes;
    add_gap(&side->gaps[1], &watch->last_ns[way], time_ns);
    if (!large)
        add_gap(&side->gaps[0], &watch->last_small_ns[way], time_ns);
}

static void
watch_tunnel(struct watch *watch, const struct rnet_demand *demand,
             const struct rnet_conversation *tunnel)
{
    watch->begin_ns = tunnel->start_ns;
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        watch->last_ns[way] = watch->last_small_ns[way] = tunnel->start_ns;
    for (uint32_t i = tunnel->first_item; i < tunnel->first_item + tunnel->items; i++) {
        if (tunnel->transport == RNET_TRANSPORT_OPEN)
            watch_packet(watch, demand->datagrams[i].time_ns, demand->datagrams[i].ip_bytes,
                         demand->datagrams[i].direction);
        else if ((demand->messages[i].flags & RNET_MESSAGE_HANDSHAKE) == 0)
            watch_packet(watch, demand->messages[i].start_ns, demand->messages[i].bytes,
                         demand->messages[i].direction);
    }
    judge_window(watch);
}

void
rnet_demand_tunnels(const struct rnet_demand *demand, struct rnet_tunnel_demand *tunnels)
{
    struct watch watch = {.demand = tunnels};
    double all;

    *tunnels = (struct rnet_tunnel_demand){.bytes = 0};
    for (size_t i = 0; i < demand->conversation_count; i++)
        if (demand->conversations[i].usage == RNET_USAGE_VPN)
            watch_tunnel(&watch, demand, &demand->conversations[i]);
    all = (double)tunnels->bytes;
    tunnels->bulk_ratio = all > 0 ? watch.bulk / all : NAN;
    tunnels->realtime_ratio = all > 0 ? watch.realtime / all : NAN;
    tunnels->interactive_ratio = all > 0 ? (all - watch.bulk - watch.realtime) / all : NAN;
}
