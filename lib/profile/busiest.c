/* The stretch of a capture worth replaying when all of it would be too much. */
#include "profile/profile.h"

/*
 * The stretch in which people have most to lose. An hour at night in which only a backup runs carries
 * the most bytes and disturbs nobody; so a window's load counts by how much of the minute around it
 * somebody was at work. And load counts up to what the line that is asked about most carries
 * (2048/256): past that it is too much, however much it is. All chosen.
 */
#define LINE_BYTES_PER_S 256000.0
#define LINE_BYTES_PER_S_UP 32000.0
/* An upward byte weighs as much as this many downward ones: sync rates of ADSL lines are 4 to 20
 * times lower upwards (512/128 … 20000/1000); chosen between, no deeper reason. */
#define UP_WEIGHT 8
#define NEAR 30 /* windows of a second before and after */
/* In a second: more than what keeps a connection alive. */
#define AT_WORK_BYTES 1000.0

/* What runs without anybody, or is not named. */
static const bool is_background[RNET_USAGE_COUNT] = {
    [RNET_USAGE_UNKNOWN] = true,         [RNET_USAGE_BACKUP] = true,
    [RNET_USAGE_CLOUD_SYNC] = true,      [RNET_USAGE_SOFTWARE_UPDATE] = true,
    [RNET_USAGE_TELEMETRY] = true,       [RNET_USAGE_NETWORK] = true,
    [RNET_USAGE_VIDEO_SURVEILLANCE] = true,
};

static double
bytes_of_window(const struct timeline *timeline, size_t window, int direction, bool people_only)
{
    double bytes = 0;

    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        if (timeline->bytes[usage][direction] != NULL && !(people_only && is_background[usage]))
            bytes += (double)timeline->bytes[usage][direction][window];
    return bytes;
}

static double
load_of_window(const struct timeline *timeline, size_t window)
{
    const double seconds = (double)timeline->window_ns / RNET_NS_PER_S;
    const double up = bytes_of_window(timeline, window, RNET_UP, false);
    const double down = bytes_of_window(timeline, window, RNET_DOWN, false);

    return UP_WEIGHT * (up < LINE_BYTES_PER_S_UP * seconds ? up : LINE_BYTES_PER_S_UP * seconds) +
           (down < LINE_BYTES_PER_S * seconds ? down : LINE_BYTES_PER_S * seconds);
}

static bool
is_at_work(const struct timeline *timeline, size_t window)
{
    return bytes_of_window(timeline, window, RNET_UP, true) +
               bytes_of_window(timeline, window, RNET_DOWN, true) >=
           AT_WORK_BYTES;
}

/* One end of the stretch: the next window it comes to, and how many near that one are at work. */
struct edge {
    size_t at;
    size_t near;
    bool anybody; /* weigh by people: somebody is at work at all */
};

static struct edge
edge_at_begin(const struct timeline *timeline, bool anybody)
{
    struct edge edge = {.anybody = anybody};

    for (size_t i = 0; i < NEAR && i < timeline->windows; i++)
        edge.near += is_at_work(timeline, i);
    return edge;
}

/* The weight of the window the edge comes to. */
static double
step(const struct timeline *timeline, struct edge *edge)
{
    const double load = load_of_window(timeline, edge->at);

    if (!edge->anybody) {
        edge->at++;
        return load;
    }
    if (edge->at + NEAR < timeline->windows)
        edge->near += is_at_work(timeline, edge->at + NEAR);
    if (edge->at > NEAR)
        edge->near -= is_at_work(timeline, edge->at - NEAR - 1);
    edge->at++;
    return load * (double)edge->near;
}

static bool
somebody_is_at_work(const struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->windows; i++)
        if (is_at_work(timeline, i))
            return true;
    return false;
}

void
rnet_profile_busiest(const struct rnet_profile *profile, int64_t length_ns, int64_t *begin_ns,
                     int64_t *end_ns)
{
    const struct timeline *timeline = &profile->timeline;
    const size_t width = (size_t)(length_ns / timeline->window_ns);
    struct edge head, tail;
    double load = 0, best = 0;
    size_t best_end = width;

    *begin_ns = profile->summary.begin_ns;
    *end_ns = profile->summary.end_ns + 1;
    if (width == 0 || timeline->windows <= width)
        return;
    head = tail = edge_at_begin(timeline, somebody_is_at_work(timeline));
    while (head.at < timeline->windows) {
        load += step(timeline, &head);
        if (head.at > width)
            load -= step(timeline, &tail);
        if (head.at >= width && load > best) {
            best = load;
            best_end = head.at;
        }
    }
    *begin_ns = timeline->begin_ns + (int64_t)(best_end - width) * timeline->window_ns;
    *end_ns = timeline->begin_ns + (int64_t)best_end * timeline->window_ns;
}
