#include "capture/capture.h"

#include <stdio.h>

#define DAY_NS (INT64_C(86400) * RNET_NS_PER_S)

struct rnet_capture {
    struct rnet_source source;
    struct rnet_notices notices;
    int64_t time_ns; /* of the packet before */
    bool started;
};

enum rnet_status
rnet_capture_open(const char *path, const struct rnet_capture_options *options,
                  struct rnet_capture **capture, struct rnet_error *err)
{
    return rnet_capture_open_many(&path, 1, options, capture, err);
}

enum rnet_status
rnet_capture_open_many(const char *const *paths, size_t count,
                       const struct rnet_capture_options *options, struct rnet_capture **capture,
                       struct rnet_error *err)
{
    static const struct rnet_capture_options defaults;
    struct rnet_capture *opened;
    enum rnet_status status;

    if (count != 1)
        return rnet_error_set(err, RNET_EUNSUPPORTED, "%zu files at once are not read yet", count);
    opened = rnet_alloc_zero(1, sizeof *opened);
    if (opened == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    status =
        rnet_source_open(&opened->source, paths[0], options != NULL ? options : &defaults, err);
    if (status != RNET_OK) {
        rnet_capture_close(opened);
        return status;
    }
    *capture = opened;
    return RNET_OK;
}

static void
count_oddities(struct rnet_capture *capture, const struct rnet_packet *packet)
{
    const int64_t step = packet->time_ns - capture->time_ns;

    if (packet->captured_bytes < packet->wire_bytes)
        rnet_notice_add(&capture->notices, RNET_NOTICE_SNAPPED_PACKET);
    if (capture->started && step < 0)
        rnet_notice_add(&capture->notices, RNET_NOTICE_TIME_BACKWARDS);
    if (capture->started && (step > DAY_NS || step < -DAY_NS))
        rnet_notice_add(&capture->notices, RNET_NOTICE_TIME_WILD);
    capture->started = true;
    capture->time_ns = packet->time_ns;
}

enum rnet_status
rnet_capture_next(struct rnet_capture *capture, struct rnet_packet *packet, struct rnet_error *err)
{
    const enum rnet_status status = rnet_source_read(&capture->source, &capture->notices, err);

    if (status != RNET_OK)
        return status;
    *packet = capture->source.next;
    count_oddities(capture, packet);
    return RNET_OK;
}

const struct rnet_notices *
rnet_capture_notices(const struct rnet_capture *capture)
{
    return &capture->notices;
}

void
rnet_capture_progress(const struct rnet_capture *capture, uint64_t *done_bytes,
                      uint64_t *total_bytes)
{
    const long at = ftell(capture->source.file);

    *done_bytes = at >= 0 ? (uint64_t)at : capture->source.read_bytes;
    *total_bytes = capture->source.total_bytes;
}

void
rnet_capture_close(struct rnet_capture *capture)
{
    if (capture == NULL)
        return;
    rnet_source_close(&capture->source);
    rnet_free(capture);
}
