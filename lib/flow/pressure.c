/*
 * Whether the line that the capture was made behind was full, and what it carried then.
 *
 * The capture point stands at the office's end. What comes down has passed the line: behind a slow
 * one, packets never follow each other faster than it lets them, whatever flow they are of. So the
 * rates of trains of full packets pile up at the line's:
 *
 *     bytes                        ▁█     slow line: a wall on the right
 *     by rate of    ▁ ▁▁ ▁▁▂▁▁▂▂▃▂▆██
 *     their train   ▁▂▁▃▂▃▄▂▃▄▂▃▂▄▃▂▃▂▂▁▂▁   fast line: as servers and windows have it
 *
 * What goes up has not passed it yet and comes in bursts of the office's own network; but what is
 * acknowledged has, so the rates of seconds of that pile up in the same way.
 *
 * A pile alone proves nothing: one sender with a constant rate makes one too. A line is called full
 * only where the pile goes with waiting (round trips to the internet grow with the load) or with
 * loss (most TCP bytes were limited by the network, tcp-limit.c).
 *
 * Small packets cost more of an ATM line than their bytes say, so a pile in IP bytes is smeared
 * where acknowledgements and data mix. Rates are therefore sorted twice, in IP bytes and in ATM
 * cells, and the sharper pile counts.
 */
#include "flow/flow.h"

#include <math.h>

/* Rates are sorted into steps of a tenth, from 8 kbit/s to 10 Gbit/s. */
#define LEAST_BPS 8000.0
#define STEP 1.1
#define STEPS 148
/* Packets in a train: long enough that one packet's delay does not matter (16 last 10 ms at
 * 20 Mbit/s), short enough for a page. Counted are those that can only be data, not answers to it.
 */
#define TRAIN_PACKETS 16
#define TRAIN_PACKET_BYTES 1000
#define TRAIN_GAP_NS RNET_NS_PER_S
/* A gap of this many of its usual distances ends a train: its sender paused. */
#define TRAIN_GAPS 3
#define TRAIN_USUAL 4 /* packets after which there is a usual distance */
#define WINDOW_NS RNET_NS_PER_S
/* The pile: what lies within this of the highest rate that this part of the bytes reached. Chosen: one
 * train in twenty may have been stamped late and then all at once. Of seconds there are fewer, and one
 * in five may be told by an acknowledgement that makes up for a loss, of much at once. */
#define TOP_PART_DOWN 0.05
#define TOP_PART_UP 0.20
#define PILE_WIDTH 0.15
/* Of the bytes that passed at a quarter of the pile's rate or more, in it at least. Chosen: full lines
 * showed 0.41 (128 kbit/s up, a few packets a second) to 1.00. */
#define PILE_PART 0.4
/* And so many trains (200 kB), and seconds in all. */
#define PILE_TRAINS 8
#define PILE_SECONDS 2
/* What takes longer when the line is full: at least a packet of 1500 bytes at 2.4 Mbit/s, and three
 * times as long as at other times. Chosen. */
#define WAIT_LEAST_MS 5.0
#define WAIT_FACTOR 3.0
/* And a queue of so many full packets. Upwards one: who sends a packet now and then may have it
 * acknowledged 40 ms late (RFC 1122 4.2.3.2 allows 500) without any queue. Downwards, where it is the
 * answer of a sender, more: one that paces itself (Linux: in twos) answers an acknowledgement up to two
 * packets late. */
#define WAIT_PACKETS_UP 1
#define WAIT_PACKETS_DOWN 4
/* Loss without waiting is not a full line, but a disturbed one. Timestamps tell milliseconds. */
#define WAIT_NONE_MS 2.0
#define LIMITED_PART 0.5
/* Of a pile, this much must be data: acknowledgements come as fast as the other direction lets
 * them. */
#define DATA_PART 0.5
/* Cells of 48 bytes in 53; beside the IP packet PPP, Ethernet, LLC and AAL5 take 40 (PPPoE LLC, RFC
 * 2516, 2684; computed), the usual way of an ADSL line. */
#define CELL_BYTES 53.0
#define CELL_PAYLOAD 48.0
#define CELL_OVERHEAD 40.0
/* A full packet, in whose IP bytes rates are told. */
#define FULL_IP_BYTES 1492.0
/* Faster is not slow: five times the best line of the ladder. */
#define FASTEST_BPS 100e6

enum unit { UNIT_IP, UNIT_CELLS, UNITS };

/* What passed at one rate. */
struct step {
    double bytes;      /* in the unit of its table */
    double data_bytes; /* IP */
    double ip_bytes;
    double seconds;
    double wait_ms; /* sum over measures */
    uint32_t waits;
    uint32_t count; /* trains, or seconds */
};

/* What is being measured: a train, or a second. */
struct measure {
    int64_t begin_ns;
    int64_t last_ns;
    double bytes[UNITS];
    double data_bytes;
    double wait_ms; /* the least in it; NAN = not seen */
    uint32_t packets;
};

struct flow_pressure {
    struct step steps[RNET_DIRECTIONS][UNITS][STEPS]; /* up: of seconds; down: of trains */
    struct measure second;                            /* of what goes up */
    struct measure train;                             /* of what comes down */
    double limited[RNET_DIRECTIONS][RNET_RATE_LIMITS];
};

struct flow_pressure *
pressure_new(void)
{
    struct flow_pressure *pressure = rnet_alloc_zero(1, sizeof *pressure);

    if (pressure != NULL)
        pressure->second.wait_ms = pressure->train.wait_ms = (double)NAN;
    return pressure;
}

void
pressure_free(struct flow_pressure *pressure)
{
    rnet_free(pressure);
}

static double
cell_bytes(double ip_bytes)
{
    return CELL_BYTES * ceil((ip_bytes + CELL_OVERHEAD) / CELL_PAYLOAD);
}

static void
sort_in(struct step steps[UNITS][STEPS], const struct measure *measure, double seconds)
{
    for (int unit = 0; unit < UNITS; unit++) {
        const double bps = measure->bytes[unit] * 8 / seconds;
        double at = bps > LEAST_BPS ? log(bps / LEAST_BPS) / log(STEP) : 0;
        struct step *step;

        if (at > STEPS - 1)
            at = STEPS - 1;
        step = &steps[unit][(int)at];
        step->bytes += measure->bytes[unit];
        step->ip_bytes += measure->bytes[UNIT_IP];
        step->data_bytes += measure->data_bytes;
        step->seconds += seconds;
        step->count++;
        if (!isnan(measure->wait_ms)) {
            step->wait_ms += measure->wait_ms;
            step->waits++;
        }
    }
}

/* Count towards the second under way; seconds follow each other while there is traffic. */
static void
add_up(struct flow_pressure *pressure, int64_t time_ns, double ip_bytes, double cells, bool data)
{
    struct measure *second = &pressure->second;

    if (second->packets == 0 || time_ns - second->begin_ns >= WINDOW_NS) {
        const bool goes_on = second->packets != 0 && time_ns - second->begin_ns < 2 * WINDOW_NS;

        if (second->packets != 0)
            sort_in(pressure->steps[RNET_UP], second, (double)WINDOW_NS / 1e9);
        *second = (struct measure){.begin_ns = goes_on ? second->begin_ns + WINDOW_NS : time_ns,
                                   .wait_ms = (double)NAN};
    }
    second->packets++;
    second->bytes[UNIT_IP] += ip_bytes;
    second->bytes[UNIT_CELLS] += cells;
    second->data_bytes += data ? ip_bytes : 0;
}

/* The first packet opens a train; the bytes after it took the time until the last. */
static void
add_down(struct flow_pressure *pressure, int64_t time_ns, double ip_bytes, bool data)
{
    const struct measure fresh = {
        .begin_ns = time_ns, .last_ns = time_ns, .wait_ms = (double)NAN, .packets = 1};
    struct measure *train = &pressure->train;
    const int64_t gap_ns = time_ns - train->last_ns;

    if (train->packets != 0 &&
        (gap_ns > TRAIN_GAP_NS ||
         (train->packets > TRAIN_USUAL &&
          gap_ns / TRAIN_GAPS > (train->last_ns - train->begin_ns) / (train->packets - 1))))
        train->packets = 0;
    if (train->packets == 0) {
        if (data)
            *train = fresh;
        return;
    }
    train->bytes[UNIT_IP] += ip_bytes;
    train->bytes[UNIT_CELLS] += cell_bytes(ip_bytes);
    train->data_bytes += data ? ip_bytes : 0;
    train->last_ns = time_ns;
    train->packets += data;
    if (train->packets < TRAIN_PACKETS)
        return;
    if (time_ns > train->begin_ns)
        sort_in(pressure->steps[RNET_DOWN], train, (double)(time_ns - train->begin_ns) / 1e9);
    *train = fresh;
}

void
pressure_add_packet(struct flow_pressure *pressure, const struct flow_packet *packet,
                    uint32_t ip_bytes, bool closed_loop)
{
    const bool data = closed_loop && ip_bytes >= TRAIN_PACKET_BYTES;

    if (packet->direction == RNET_DOWN)
        add_down(pressure, packet->time_ns, ip_bytes, data);
    else
        add_up(pressure, packet->time_ns, ip_bytes, cell_bytes(ip_bytes), data);
}

void
pressure_add_delivered(struct flow_pressure *pressure, int64_t time_ns, uint64_t payload_bytes,
                       uint32_t segment_bytes, uint32_t header_bytes)
{
    const double segments = (double)payload_bytes / segment_bytes;
    const double ip_bytes = segment_bytes + header_bytes;

    add_up(pressure, time_ns, segments * ip_bytes, segments * cell_bytes(ip_bytes), true);
}

void
pressure_add_delay(struct flow_pressure *pressure, int64_t delay_ns)
{
    struct measure *const both[] = {&pressure->second, &pressure->train};

    /* The least in a measure: a sender's own pauses only add. */
    for (int i = 0; i < 2; i++)
        both[i]->wait_ms = fmin(both[i]->wait_ms, (double)delay_ns / 1e6);
}

void
pressure_add_stretches(struct flow_pressure *pressure, int direction,
                       const uint64_t bytes[RNET_RATE_LIMITS])
{
    for (int i = 0; i < RNET_RATE_LIMITS; i++)
        pressure->limited[direction][i] += (double)bytes[i];
}

/* Sum of the steps between two rates. */
static struct step
between(const struct step *steps, double from_bps, double to_bps)
{
    struct step sum = {0};

    for (int i = 0; i < STEPS; i++) {
        const double bps = steps[i].seconds > 0 ? steps[i].bytes * 8 / steps[i].seconds : 0;

        if (bps <= 0 || bps < from_bps || bps > to_bps)
            continue;
        sum.bytes += steps[i].bytes;
        sum.ip_bytes += steps[i].ip_bytes;
        sum.data_bytes += steps[i].data_bytes;
        sum.seconds += steps[i].seconds;
        sum.wait_ms += steps[i].wait_ms;
        sum.waits += steps[i].waits;
        sum.count += steps[i].count;
    }
    return sum;
}

/* The highest rate that a part of the bytes passed at, or above. */
static double
top_rate(const struct step *steps, double part)
{
    const double all = between(steps, 0, (double)INFINITY).bytes;
    double above = 0;

    for (int i = STEPS; i-- > 0;) {
        above += steps[i].bytes;
        if (above > 0 && above >= part * all)
            return steps[i].bytes * 8 / steps[i].seconds;
    }
    return 0;
}

static double
mean_wait_ms(const struct step *sum)
{
    return sum->waits > 0 ? sum->wait_ms / sum->waits : (double)NAN;
}

static bool
was_limited(const double limited[RNET_RATE_LIMITS])
{
    double all = 0;

    for (int i = 0; i < RNET_RATE_LIMITS; i++)
        all += limited[i];
    return all > 0 && limited[RNET_LIMIT_NETWORK] >= LIMITED_PART * all;
}

static bool
is_full(const struct step *pile, const struct step *calm, double packets,
        const double limited[RNET_RATE_LIMITS])
{
    const double full = mean_wait_ms(pile), free = mean_wait_ms(calm);
    const double packet_ms = FULL_IP_BYTES * pile->seconds / pile->ip_bytes * 1000;

    if (full >= fmax(WAIT_LEAST_MS, packets * packet_ms) && !(full < WAIT_FACTOR * free))
        return true;
    return was_limited(limited) && !(full < WAIT_NONE_MS);
}

/* A pile at the top of a table, and what speaks for a full line. */
struct pile {
    double rate_bps; /* of full packets, in IP bytes */
    double delay_ms;
    double full_s;
    double part; /* of the busy bytes; 0 = no full line */
};

static struct pile
find_pile(const struct flow_pressure *pressure, int direction, enum unit unit)
{
    const struct step *steps = pressure->steps[direction][unit];
    const uint32_t least = direction == RNET_UP ? PILE_SECONDS : PILE_TRAINS;
    const double top = top_rate(steps, direction == RNET_UP ? TOP_PART_UP : TOP_PART_DOWN);
    const struct step pile = between(steps, top * (1 - PILE_WIDTH), top * (1 + PILE_WIDTH));
    const struct step busy = between(steps, top / 4, (double)INFINITY);
    const struct step calm = between(steps, 0, top / 4);
    const double per_byte = unit == UNIT_CELLS ? FULL_IP_BYTES / cell_bytes(FULL_IP_BYTES) : 1;
    struct pile found = {0};

    if (pile.count < least || pile.seconds < PILE_SECONDS || pile.bytes < PILE_PART * busy.bytes ||
        pile.data_bytes < DATA_PART * pile.ip_bytes ||
        pile.bytes * 8 > FASTEST_BPS * pile.seconds ||
        !is_full(&pile, &calm, direction == RNET_UP ? WAIT_PACKETS_UP : WAIT_PACKETS_DOWN,
                 pressure->limited[direction]))
        return found;
    found.rate_bps = per_byte * pile.bytes * 8 / pile.seconds;
    found.delay_ms = mean_wait_ms(&pile);
    found.full_s = pile.seconds;
    found.part = pile.bytes / busy.bytes;
    return found;
}

void
pressure_conclude(struct flow_pressure *pressure, struct rnet_captured_line *line)
{
    *line = (struct rnet_captured_line){.delay_ms = {(double)NAN, (double)NAN}};
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        struct pile best = {0};

        for (int unit = 0; unit < UNITS; unit++) {
            const struct pile pile = find_pile(pressure, d, (enum unit)unit);

            if (pile.part > best.part)
                best = pile;
        }
        if (best.part > 0) {
            line->rate_bps[d] = best.rate_bps;
            line->delay_ms[d] = best.delay_ms;
            line->full_s[d] = best.full_s;
        }
    }
}
