#include "usage/shape.h"

#include "base/base.h"

/* A pause that ends a burst. Longer than a round trip, shorter than the pauses between segments
 * of a player. Chosen; no deeper reason. */
#define BURST_PAUSE_NS (400 * RNET_NS_PER_MS)
/* A burst worth counting: two seconds of audio at 160 kbit/s, or of the poorest video. */
#define LARGE_BURST_BYTES 40000

static void
count(uint16_t *classes, int number, int index)
{
    if (classes[index] == UINT16_MAX) {
        for (int i = 0; i < number; i++)
            classes[i] /= 2;
    }
    classes[index]++;
}

static int
class_of(const int64_t *edges, int number, int64_t value)
{
    int index = 0;

    while (index < number - 1 && value > edges[index])
        index++;
    return index;
}

static void
end_burst(struct rnet_shape_side *side)
{
    if (side->burst_bytes >= LARGE_BURST_BYTES) {
        if (side->large_bursts < UINT16_MAX)
            side->large_bursts++;
        side->bulk_bytes += side->burst_bytes;
    }
    side->burst_bytes = 0;
}

void
rnet_shape_add(struct rnet_shape *shape, enum rnet_direction direction,
               const struct rnet_headers *headers)
{
    static const int64_t size_edges[] = {40, 120, 320, 800, 1200};
    static const int64_t gap_edges_ms[] = {3, 14, 26, 38, 70, 250, 1000, 10000};
    struct rnet_shape_side *side = &shape->side[direction];

    if (headers->payload_bytes == 0)
        return;
    if (side->packets > 0) {
        /* Clocks may jump either way: a gap is never negative, and its class bounds it. */
        const int64_t gap_ns =
            headers->time_ns > side->last_ns ? headers->time_ns - side->last_ns : 0;

        count(side->gaps, GAP_CLASSES,
              class_of(gap_edges_ms, GAP_CLASSES, gap_ns / RNET_NS_PER_MS));
        if (gap_ns > BURST_PAUSE_NS)
            end_burst(side);
    }
    if (shape->side[RNET_UP].packets + shape->side[RNET_DOWN].packets > 0 &&
        shape->last_direction != direction)
        shape->turns++;
    shape->last_direction = (uint8_t)direction;
    count(side->sizes, SIZE_CLASSES, class_of(size_edges, SIZE_CLASSES, headers->payload_bytes));
    side->last_ns = headers->time_ns;
    side->bytes += headers->payload_bytes;
    side->burst_bytes += headers->payload_bytes;
    side->packets++;
}

void
rnet_shape_finish(struct rnet_shape *shape)
{
    for (int i = 0; i < RNET_DIRECTIONS; i++)
        end_burst(&shape->side[i]);
}

static double
share(const uint16_t *classes, int number, int first, int last)
{
    uint32_t all = 0, some = 0;

    for (int i = 0; i < number; i++) {
        all += classes[i];
        if (i >= first && i <= last)
            some += classes[i];
    }
    return all > 0 ? (double)some / all : 0;
}

double
rnet_shape_size_share(const struct rnet_shape_side *side, int first, int last)
{
    return share(side->sizes, SIZE_CLASSES, first, last);
}

double
rnet_shape_gap_share(const struct rnet_shape_side *side, int first, int last)
{
    return share(side->gaps, GAP_CLASSES, first, last);
}
