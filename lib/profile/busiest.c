/* The stretch of a capture worth replaying when all of it would be too much. */
#include "profile/profile.h"

/* An upward byte weighs as much as this many downward ones: sync rates of ADSL lines are 4 to 20
 * times lower upwards (512/128 … 20000/1000); chosen between, no deeper reason. */
#define UP_WEIGHT 8

static double
load_of_window(const struct timeline *timeline, size_t window)
{
    double load = 0;

    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++) {
        if (timeline->bytes[usage][RNET_UP] != NULL)
            load += UP_WEIGHT * (double)timeline->bytes[usage][RNET_UP][window];
        if (timeline->bytes[usage][RNET_DOWN] != NULL)
            load += timeline->bytes[usage][RNET_DOWN][window];
    }
    return load;
}

void
rnet_profile_busiest(const struct rnet_profile *profile, int64_t length_ns, int64_t *begin_ns,
                     int64_t *end_ns)
{
    const struct timeline *timeline = &profile->timeline;
    const size_t width = (size_t)(length_ns / timeline->window_ns);
    double load = 0, best = 0;
    size_t best_end = width;

    *begin_ns = profile->summary.begin_ns;
    *end_ns = profile->summary.end_ns + 1;
    if (width == 0 || timeline->windows <= width)
        return;
    for (size_t i = 0; i < timeline->windows; i++) {
        load += load_of_window(timeline, i);
        if (i >= width)
            load -= load_of_window(timeline, i - width);
        if (i + 1 >= width && load > best) {
            best = load;
            best_end = i + 1;
        }
    }
    *begin_ns = timeline->begin_ns + (int64_t)(best_end - width) * timeline->window_ns;
    *end_ns = timeline->begin_ns + (int64_t)best_end * timeline->window_ns;
}
