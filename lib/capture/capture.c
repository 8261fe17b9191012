#include "capture/capture.h"

/*
 * Sources that hold a packet stand in a binary heap by (time, order of the files); `given` is the
 * one whose packet the caller has, which must move on before anything else. With one source all of
 * this is two comparisons.
 */
struct rnet_capture {
    struct rnet_source *sources;
    size_t source_count;
    size_t *heap; /* indices of sources */
    size_t heap_count;
    bool given; /* the packet of heap[0] is with the caller */
    bool is_live;
    struct rnet_live live;
    uint64_t number;
    struct rnet_notices notices;
    struct rnet_error failure; /* the first source's that did not end well */
    int64_t time_ns;           /* of the packet before */
};

static bool
comes_before(const struct rnet_capture *capture, size_t a, size_t b)
{
    const int64_t a_ns = capture->sources[a].next.time_ns, b_ns = capture->sources[b].next.time_ns;

    return a_ns < b_ns || (a_ns == b_ns && a < b);
}

static void
sift_down(struct rnet_capture *capture, size_t at)
{
    size_t *heap = capture->heap;

    for (;;) {
        size_t first = at;

        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < capture->heap_count && comes_before(capture, heap[child], heap[first]))
                first = child;
        if (first == at)
            return;
        const size_t swapped = heap[at];
        heap[at] = heap[first];
        heap[first] = swapped;
        at = first;
    }
}

static void
keep_failure(struct rnet_capture *capture, const struct rnet_source *source)
{
    if (source->status != RNET_END && capture->failure.status == RNET_OK)
        capture->failure = source->failure;
}

/* Put every source that has a packet into the heap. */
static void
fill_heap(struct rnet_capture *capture)
{
    for (size_t i = 0; i < capture->source_count; i++) {
        if (capture->sources[i].status == RNET_OK)
            capture->heap[capture->heap_count++] = i;
        else
            keep_failure(capture, &capture->sources[i]);
    }
    for (size_t i = capture->heap_count / 2; i-- > 0;)
        sift_down(capture, i);
}

static enum rnet_status
open_sources(struct rnet_capture *capture, const char *const *paths, size_t count,
             const struct rnet_capture_options *options, struct rnet_error *err)
{
    capture->sources = rnet_alloc_zero(count, sizeof *capture->sources);
    capture->heap = rnet_alloc_zero(count, sizeof *capture->heap);
    if (capture->sources == NULL || capture->heap == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const enum rnet_status status =
            rnet_source_open(&capture->sources[i], paths[i], options, err);

        if (status != RNET_OK)
            return status;
        capture->source_count++;
    }
    return RNET_OK;
}

/* Tell the caller that everything is open. */
static enum rnet_status
get_ready(const struct rnet_capture_options *options, struct rnet_error *err)
{
    return options->ready != NULL ? options->ready(options->ready_context, err) : RNET_OK;
}

static enum rnet_status
begin_sources(struct rnet_capture *capture, const struct rnet_capture_options *options,
              struct rnet_error *err)
{
    enum rnet_status status = options->filter == NULL ? get_ready(options, err) : RNET_OK;

    for (size_t i = 0; i < capture->source_count && status == RNET_OK; i++)
        status =
            rnet_source_begin(&capture->sources[i], options->filter, &capture->notices, err);
    if (status == RNET_OK && options->filter != NULL)
        status = get_ready(options, err);
    for (size_t i = 0; i < capture->source_count && status == RNET_OK; i++)
        status = rnet_source_read_first(&capture->sources[i], &capture->notices, err);
    if (status == RNET_OK)
        fill_heap(capture);
    return status;
}

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

    if (count == 0)
        return rnet_error_set(err, RNET_EINVAL, "no capture was named");
    opened = rnet_alloc_zero(1, sizeof *opened);
    if (opened == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    if (options == NULL)
        options = &defaults;
    status = open_sources(opened, paths, count, options, err);
    if (status == RNET_OK)
        status = begin_sources(opened, options, err);
    if (status != RNET_OK) {
        rnet_capture_close(opened);
        return status;
    }
    *capture = opened;
    return RNET_OK;
}

enum rnet_status
rnet_capture_open_live(const char *interface, const struct rnet_live_options *options,
                       struct rnet_capture **capture, struct rnet_error *err)
{
    static const struct rnet_live_options defaults;
    struct rnet_capture *opened = rnet_alloc_zero(1, sizeof *opened);
    enum rnet_status status;

    if (opened == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    opened->is_live = true;
    status = rnet_live_open(&opened->live, interface, options != NULL ? options : &defaults, err);
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
    if (capture->number > 0 && step < 0)
        rnet_notice_add(&capture->notices, RNET_NOTICE_TIME_BACKWARDS);
    if (capture->number > 0 && (step > RNET_DAY_NS || step < -RNET_DAY_NS))
        rnet_notice_add(&capture->notices, RNET_NOTICE_TIME_WILD);
    capture->time_ns = packet->time_ns;
}

/* The caller is done with the packet of heap[0]: read that source's next. */
static void
move_on(struct rnet_capture *capture)
{
    struct rnet_source *source = &capture->sources[capture->heap[0]];

    capture->given = false;
    if (rnet_source_read(source, &capture->notices) != RNET_OK) {
        keep_failure(capture, source);
        capture->heap[0] = capture->heap[--capture->heap_count];
    }
    sift_down(capture, 0);
}

static enum rnet_status
next_of_files(struct rnet_capture *capture, struct rnet_packet *packet, struct rnet_error *err)
{
    if (capture->given)
        move_on(capture);
    if (capture->heap_count > 0) {
        *packet = capture->sources[capture->heap[0]].next;
        capture->given = true;
        return RNET_OK;
    }
    if (capture->failure.status == RNET_OK)
        return RNET_END;
    if (err != NULL)
        *err = capture->failure;
    return capture->failure.status;
}

enum rnet_status
rnet_capture_next(struct rnet_capture *capture, struct rnet_packet *packet, struct rnet_error *err)
{
    const enum rnet_status status =
        capture->is_live ? rnet_live_read(&capture->live, packet, &capture->notices, err)
                         : next_of_files(capture, packet, err);

    if (status != RNET_OK)
        return status;
    count_oddities(capture, packet);
    packet->number = ++capture->number;
    return RNET_OK;
}

enum rnet_status
rnet_capture_statistics(struct rnet_capture *capture, struct rnet_capture_statistics *statistics)
{
    *statistics = (struct rnet_capture_statistics){0};
    if (!capture->is_live)
        return RNET_ECANTTELL;
    rnet_live_poll_counters(&capture->live, &capture->notices);
    if (!capture->live.counts)
        return RNET_ECANTTELL;
    statistics->received = capture->live.received.total;
    statistics->dropped = capture->live.dropped.total;
    statistics->interface_dropped = capture->live.interface_dropped.total;
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
    bool all_known = true;

    *done_bytes = capture->live.wire_bytes; /* 0 unless live */
    *total_bytes = 0;
    for (size_t i = 0; i < capture->source_count; i++) {
        const struct rnet_input *input = &capture->sources[i].input;

        *done_bytes += rnet_input_done(input);
        *total_bytes += input->total_bytes;
        all_known = all_known && input->total_bytes > 0;
    }
    if (!all_known)
        *total_bytes = 0;
}

void
rnet_capture_close(struct rnet_capture *capture)
{
    if (capture == NULL)
        return;
    for (size_t i = 0; i < capture->source_count; i++)
        rnet_source_close(&capture->sources[i]);
    if (capture->is_live)
        rnet_live_close(&capture->live);
    rnet_free(capture->sources);
    rnet_free(capture->heap);
    rnet_free(capture);
}
