/* Demand over time in as many windows as a picture shows. */
#include "report/report.h"

#include <math.h>

/* Bytes of windows [first, end) of a lane, whole ones so that writing them loses nothing. */
static float
window_bytes(const float *lane, size_t first, size_t end)
{
    double sum = 0;

    for (size_t i = first; i < end; i++)
        sum += (double)lane[i];
    return (float)round(sum);
}

enum rnet_status
timeline_condense(const struct rnet_timeline *timeline, struct rnet_timeline *condensed)
{
    const size_t each = (timeline->windows + TIMELINE_WINDOWS - 1) / TIMELINE_WINDOWS;

    *condensed = (struct rnet_timeline){.begin_ns = timeline->begin_ns,
                                        .window_ns = timeline->window_ns * (int64_t)each};
    if (timeline->windows == 0)
        return RNET_OK;
    condensed->windows = (timeline->windows + each - 1) / each;
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++) {
        for (int way = 0; way < RNET_DIRECTIONS; way++) {
            const float *lane = timeline->bytes[usage][way];
            float *few;

            if (lane == NULL)
                continue;
            few = rnet_alloc_zero(condensed->windows, sizeof *few);
            if (few == NULL) {
                condensed_clear(condensed);
                return RNET_ENOMEM;
            }
            for (size_t i = 0; i < condensed->windows; i++)
                few[i] =
                    window_bytes(lane, i * each,
                                 i + 1 < condensed->windows ? (i + 1) * each : timeline->windows);
            condensed->bytes[usage][way] = few;
        }
    }
    return RNET_OK;
}

void
condensed_clear(struct rnet_timeline *condensed)
{
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            rnet_free((void *)(uintptr_t)condensed->bytes[usage][way]);
    *condensed = (struct rnet_timeline){0};
}
