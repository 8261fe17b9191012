#include "replay/line.h"

#include <assert.h>
#include <math.h>

#define OTHERS_NODE (UINT64_C(0xbac) << 48) /* of random streams; no other node is there */

static const double delay_class_edges_ms[RNET_DELAY_CLASSES] = {
    0.5, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 1000, 2000, 5000, INFINITY};

double
rnet_delay_class_edge_ms(size_t index)
{
    return index < RNET_DELAY_CLASSES ? delay_class_edges_ms[index] : INFINITY;
}

enum rnet_status
rnet_line_init(struct rnet_line *line, const struct rnet_link *link, enum rnet_direction direction,
               uint64_t seed, struct rnet_packet_pool *pool, struct rnet_line_outcome *counts)
{
    *line = (struct rnet_line){.link = link,
                               .spec = &link->direction[direction],
                               .direction = direction,
                               .pool = pool,
                               .counts = counts,
                               .head = RNET_NONE,
                               .tail = RNET_NONE,
                               .in_service = RNET_NONE,
                               .rate_factor = 1.0,
                               .others = rnet_random_stream(seed, OTHERS_NODE + direction),
                               .others_until_ns = INT64_MIN,
                               .random = rnet_random_stream(seed, direction)};
    if (line->spec->queue == RNET_QUEUE_FQ_CODEL) {
        line->fair = rnet_fq_codel_new(link, direction, seed, pool);
        if (line->fair == NULL)
            return RNET_ENOMEM;
    }
    return RNET_OK;
}

void
rnet_line_clear(struct rnet_line *line)
{
    rnet_fq_codel_free(line->fair);
    line->fair = NULL;
}

static void
check_balance(const struct rnet_line *line)
{
    assert(line->counts->packets_in ==
           line->counts->packets_out + line->counts->packets_dropped + line->queued_packets);
    assert(line->counts->bytes_in ==
           line->counts->bytes_out + line->counts->bytes_dropped + line->queued_bytes);
    (void)line;
}

static void
drop(void *context, uint32_t index)
{
    struct rnet_line *line = context;
    const uint32_t bytes = line->pool->packets[index].ip_bytes;

    line->counts->packets_dropped++;
    line->counts->bytes_dropped += bytes;
    line->queued_packets--;
    line->queued_bytes -= bytes;
    rnet_packet_give_back(line->pool, index);
}

static bool
fits(const struct rnet_line *line)
{
    return (line->spec->buffer_bytes == 0 || line->queued_bytes <= line->spec->buffer_bytes) &&
           (line->spec->buffer_packets == 0 || line->queued_packets <= line->spec->buffer_packets);
}

static void
append(struct rnet_line *line, uint32_t index)
{
    struct rnet_packet *packets = line->pool->packets;

    packets[index].next = RNET_NONE;
    if (line->tail == RNET_NONE)
        line->head = index;
    else
        packets[line->tail].next = index;
    line->tail = index;
}

static uint32_t
take_first(struct rnet_line *line)
{
    const uint32_t index = line->head;

    if (index == RNET_NONE)
        return RNET_NONE;
    line->head = line->pool->packets[index].next;
    if (line->head == RNET_NONE)
        line->tail = RNET_NONE;
    return index;
}

/* What others leave of the shared backhaul while they are on; on for how long, on average (both
 * chosen: a burst of one subscriber's page or segment lasts about a second). */
#define OTHERS_LEAVE 0.05
#define OTHERS_ON_NS RNET_NS_PER_S

static int64_t
others_last_ns(struct rnet_line *line, double share)
{
    const double mean_ns =
        (double)OTHERS_ON_NS * (line->others_are_on ? 1.0 : (1.0 - share) / share);

    return 1 + llround(-log(1.0 - rnet_random_unit(&line->others)) * mean_ns);
}

/*
 * Others on the backhaul come and go (on and off, both exponential). On, they take all but
 * OTHERS_LEAVE of it, so they are on for load / (1 - OTHERS_LEAVE) of the time; a higher load than
 * that is there all the time.
 */
static double
backhaul_left_bps(struct rnet_line *line, int64_t now_ns)
{
    const double rate_bps = (double)line->spec->backhaul_bps, load = line->spec->backhaul_load;
    const double share = load / (1.0 - OTHERS_LEAVE);

    if (share >= 1.0 || share <= 0.0)
        return rate_bps * (1.0 - load);
    if (line->others_until_ns == INT64_MIN) {
        line->others_are_on = rnet_random_unit(&line->others) < share;
        line->others_until_ns = now_ns + others_last_ns(line, share);
    }
    while (line->others_until_ns <= now_ns) {
        line->others_are_on = !line->others_are_on;
        line->others_until_ns += others_last_ns(line, share);
    }
    return line->others_are_on ? rate_bps * OTHERS_LEAVE : rate_bps;
}

/*
 * Time until the next packet may start. What a shared backhaul leaves to this line takes the place of
 * the line, or of its shaper, where it is slower: the slowest serves the one queue.
 */
static int64_t
service_ns(struct rnet_line *line, uint32_t ip_bytes, int64_t now_ns)
{
    const struct rnet_link_direction *spec = line->spec;
    int64_t slowest = rnet_link_service_ns(line->link, line->direction, ip_bytes);

    if (spec->backhaul_bps != 0 && spec->backhaul_load < 1.0) {
        const int64_t behind =
            llround(8.0 * (double)ip_bytes * 1e9 / backhaul_left_bps(line, now_ns));

        slowest = behind > slowest ? behind : slowest;
    }
    return line->rate_factor == 1.0 ? slowest : llround((double)slowest / line->rate_factor);
}

static void
count_delay(struct rnet_line_outcome *counts, int64_t delay_ns)
{
    size_t class = 0;

    while (class < RNET_DELAY_CLASSES - 1 && (double)delay_ns > delay_class_edges_ms[class] * 1e6)
        class ++;
    counts->delay_packets[class]++;
    counts->total_delay_ns += delay_ns;
    if (delay_ns > counts->max_delay_ns)
        counts->max_delay_ns = delay_ns;
}

static struct rnet_line_service
serve_next(struct rnet_line *line, int64_t now_ns)
{
    const uint32_t index =
        line->fair != NULL ? rnet_fq_codel_take(line->fair, now_ns, drop, line) : take_first(line);
    int64_t took_ns;

    line->in_service = index;
    check_balance(line);
    if (index == RNET_NONE)
        return (struct rnet_line_service){.started = false};
    took_ns = service_ns(line, line->pool->packets[index].ip_bytes, now_ns);
    count_delay(line->counts, now_ns - line->pool->packets[index].entered_ns);
    line->counts->busy_ns += took_ns;
    return (struct rnet_line_service){.started = true, .done_ns = now_ns + took_ns};
}

struct rnet_line_service
rnet_line_put(struct rnet_line *line, uint32_t index, int64_t now_ns)
{
    struct rnet_packet *packet = &line->pool->packets[index];

    packet->entered_ns = now_ns;
    line->counts->packets_in++;
    line->counts->bytes_in += packet->ip_bytes;
    line->queued_packets++;
    line->queued_bytes += packet->ip_bytes;
    if (line->fair != NULL) {
        const uint32_t surplus = rnet_fq_codel_put(line->fair, index, now_ns);

        if (surplus != RNET_NONE)
            drop(line, surplus);
    } else if (fits(line)) {
        append(line, index);
    } else {
        drop(line, index);
    }
    if (line->in_service != RNET_NONE) {
        check_balance(line);
        return (struct rnet_line_service){.started = false};
    }
    return serve_next(line, now_ns);
}

/* The fixed delay and what varies; packets never overtake. */
static int64_t
flight_time_ns(struct rnet_line *line, int64_t now_ns)
{
    int64_t arrival_ns = now_ns + line->spec->delay_ns;

    if (line->link->jitter == RNET_JITTER_EXPONENTIAL && line->spec->jitter_ns > 0)
        arrival_ns +=
            llround(-log(1.0 - rnet_random_unit(&line->random)) * (double)line->spec->jitter_ns);
    if (arrival_ns < line->last_arrival_ns)
        arrival_ns = line->last_arrival_ns;
    line->last_arrival_ns = arrival_ns;
    return arrival_ns - now_ns;
}

uint32_t
rnet_line_sent(struct rnet_line *line, int64_t now_ns, int64_t *flight_ns,
               struct rnet_line_service *next)
{
    uint32_t index = line->in_service;
    const uint32_t bytes = line->pool->packets[index].ip_bytes;

    if (line->spec->loss_ratio > 0.0 && rnet_random_unit(&line->random) < line->spec->loss_ratio) {
        drop(line, index);
        index = RNET_NONE;
    } else {
        line->counts->packets_out++;
        line->counts->bytes_out += bytes;
        line->queued_packets--;
        line->queued_bytes -= bytes;
        *flight_ns = flight_time_ns(line, now_ns);
    }
    *next = serve_next(line, now_ns);
    return index;
}
