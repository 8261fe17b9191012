/* What was seen, by usage: counts from the flows, rates from a timeline of their items. */
#include "profile/profile.h"

#include <stdlib.h>
#include <string.h>

/* At most this many windows: longer captures get wider windows, so that memory stays bounded. */
#define MAX_WINDOWS 200000
/* Headers beside payload in full segments: 40/1460 and options, rounded up; what exceeds this in a
 * direction is acknowledgements of the other one. */
#define OWN_HEADER_FACTOR 1.06

/* A flow longer than a window: its bytes are placed where its items say. */
struct long_flow {
    uint64_t id;
    uint64_t item_bytes[RNET_DIRECTIONS];
    uint64_t bytes[RNET_DIRECTIONS];
    int64_t start_ns;
    int64_t end_ns;
    uint8_t usage;
};

struct long_flows {
    struct long_flow *items;
    size_t count;
    size_t capacity;
};

void
timeline_clear(struct timeline *timeline)
{
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        for (int direction = 0; direction < RNET_DIRECTIONS; direction++)
            rnet_free(timeline->bytes[usage][direction]);
    *timeline = (struct timeline){0};
}

static void
timeline_init(struct timeline *timeline, int64_t begin_ns, int64_t end_ns)
{
    const int64_t duration_ns = end_ns - begin_ns;

    timeline->begin_ns = begin_ns;
    timeline->window_ns = RNET_NS_PER_S;
    if (duration_ns / RNET_NS_PER_S >= MAX_WINDOWS)
        timeline->window_ns *= duration_ns / RNET_NS_PER_S / MAX_WINDOWS + 1;
    timeline->windows = (size_t)(duration_ns / timeline->window_ns) + 1;
}

static size_t
window_of(const struct timeline *timeline, int64_t time_ns)
{
    if (time_ns <= timeline->begin_ns)
        return 0;
    const size_t window = (size_t)((time_ns - timeline->begin_ns) / timeline->window_ns);
    return window < timeline->windows ? window : timeline->windows - 1;
}

/* Spread bytes evenly over [start, end]. */
static enum rnet_status
timeline_add(struct timeline *timeline, uint8_t usage, int direction, int64_t start_ns,
             int64_t end_ns, double bytes)
{
    float **lane = &timeline->bytes[usage][direction];
    const size_t first = window_of(timeline, start_ns), last = window_of(timeline, end_ns);
    const double duration = (double)(end_ns - start_ns);

    if (*lane == NULL)
        *lane = rnet_alloc_zero(timeline->windows, sizeof **lane);
    if (*lane == NULL)
        return RNET_ENOMEM;
    if (first == last || duration <= 0) {
        (*lane)[first] += (float)bytes;
        return RNET_OK;
    }
    for (size_t i = first; i <= last; i++) {
        const int64_t window_begin = timeline->begin_ns + (int64_t)i * timeline->window_ns;
        const int64_t from = i == first ? start_ns : window_begin;
        const int64_t to = i == last ? end_ns : window_begin + timeline->window_ns;

        (*lane)[i] += (float)(bytes * (double)(to - from) / duration);
    }
    return RNET_OK;
}

/* A profile being summed up, and the flows that are too long for one window. */
struct summing {
    struct rnet_profile *profile;
    struct long_flows longs;
};

/* First pass: every flow's totals; those of the other scope are only counted. */
static enum rnet_status
add_flow(void *context, const struct flow_record *flow)
{
    struct summing *summing = context;
    struct rnet_profile *profile = summing->profile;
    struct long_flows *longs = &summing->longs;
    const uint8_t wanted =
        profile->summary.what_if_internal ? RNET_SCOPE_INTERNAL : RNET_SCOPE_CROSSES;
    const struct rnet_conversation *c = &flow->conversation;
    struct rnet_usage_summary *usage = &profile->summary.usages[c->usage];
    enum rnet_status status = RNET_OK;

    if (flow->scope != wanted)
        return RNET_OK;
    usage->flows++;
    usage->flows_by_evidence[flow->evidence]++;
    usage->confidence +=
        flow->confidence_percent / 100.0 * (double)(c->bytes[RNET_UP] + c->bytes[RNET_DOWN]);
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        usage->bytes[d] += c->bytes[d];
        usage->packets[d] += c->packets[d];
    }
    profile->summary.flows++;
    profile->summary.tcp_flows += c->transport == RNET_TRANSPORT_TCP;
    if (c->end_ns - c->start_ns > profile->timeline.window_ns) {
        status = rnet_array_reserve((void **)&longs->items, &longs->capacity, longs->count + 1,
                                    sizeof *longs->items);
        if (status == RNET_OK)
            longs->items[longs->count++] =
                (struct long_flow){.id = flow->flow_id,
                                   .usage = c->usage,
                                   .start_ns = c->start_ns,
                                   .end_ns = c->end_ns,
                                   .bytes = {c->bytes[RNET_UP], c->bytes[RNET_DOWN]}};
        return status;
    }
    for (int d = 0; d < RNET_DIRECTIONS && status == RNET_OK; d++)
        if (c->bytes[d] > 0)
            status = timeline_add(&profile->timeline, c->usage, d, c->start_ns, c->end_ns,
                                  (double)c->bytes[d]);
    return status;
}

static int
compare_long_flows(const void *a, const void *b)
{
    const uint64_t left = ((const struct long_flow *)a)->id,
                   right = ((const struct long_flow *)b)->id;

    return (left > right) - (left < right);
}

static struct long_flow *
find_long_flow(const struct long_flows *longs, uint64_t id)
{
    const struct long_flow key = {.id = id};

    if (longs->count == 0)
        return NULL;
    return bsearch(&key, longs->items, longs->count, sizeof key, compare_long_flows);
}

/* Place an item's bytes, its headers, and the acknowledgements that answer it. */
static enum rnet_status
place_item(struct timeline *timeline, const struct long_flow *flow, int direction, int64_t start_ns,
           int64_t end_ns, uint64_t item_bytes)
{
    const int back = !direction;
    double own = OWN_HEADER_FACTOR, answer = 0;
    enum rnet_status status;

    if ((double)flow->bytes[direction] < own * (double)flow->item_bytes[direction] ||
        flow->item_bytes[back] == 0)
        own = (double)flow->bytes[direction] / (double)flow->item_bytes[direction];
    status =
        timeline_add(timeline, flow->usage, direction, start_ns, end_ns, own * (double)item_bytes);
    if (flow->item_bytes[back] == 0 ||
        (double)flow->bytes[back] > OWN_HEADER_FACTOR * (double)flow->item_bytes[back])
        answer = ((double)flow->bytes[back] - OWN_HEADER_FACTOR * (double)flow->item_bytes[back]) /
                 (double)flow->item_bytes[direction];
    if (status == RNET_OK && answer > 0)
        status = timeline_add(timeline, flow->usage, back, start_ns, end_ns,
                              answer * (double)item_bytes);
    return status;
}

/* Later passes over the long flows' items: sum them, then place them. */
static enum rnet_status
pass_items(struct rnet_profile *profile, struct long_flows *longs, bool place)
{
    struct log_reader reader;
    struct record record;
    enum rnet_status status = log_reader_init(&reader, &profile->log);

    while (status == RNET_OK && (status = record_next(&reader, &record)) == RNET_OK) {
        struct long_flow *flow =
            record.kind == RECORD_FLOW ? NULL : find_long_flow(longs, record.flow.flow_id);

        for (uint64_t i = 0; i < record.items && status == RNET_OK; i++) {
            struct rnet_message item;
            struct rnet_datagram datagram;

            if (record.kind == RECORD_MESSAGES) {
                record_read_message(&reader, &record, &item);
            } else {
                record_read_datagram(&reader, &record, &datagram);
                item = (struct rnet_message){.start_ns = datagram.time_ns,
                                             .end_ns = datagram.time_ns,
                                             .bytes = datagram.ip_bytes,
                                             .direction = datagram.direction};
            }
            if (flow != NULL && !place)
                flow->item_bytes[item.direction] += item.bytes;
            else if (flow != NULL)
                status = place_item(&profile->timeline, flow, item.direction, item.start_ns,
                                    item.end_ns, item.bytes);
        }
    }
    log_reader_clear(&reader);
    return status == RNET_END ? RNET_OK : status;
}

/* Long flows without items (nothing but headers): evenly. */
static enum rnet_status
place_itemless(struct timeline *timeline, const struct long_flows *longs)
{
    enum rnet_status status = RNET_OK;

    for (size_t i = 0; i < longs->count; i++) {
        const struct long_flow *flow = &longs->items[i];

        if (flow->item_bytes[RNET_UP] + flow->item_bytes[RNET_DOWN] > 0)
            continue;
        for (int d = 0; d < RNET_DIRECTIONS && status == RNET_OK; d++)
            status = timeline_add(timeline, flow->usage, d, flow->start_ns, flow->end_ns,
                                  (double)flow->bytes[d]);
    }
    return status;
}

static int
compare_floats(const void *a, const void *b)
{
    const float left = *(const float *)a, right = *(const float *)b;

    return (left > right) - (left < right);
}

static void
summarise_rates(const struct timeline *timeline, struct rnet_usage_summary *usage, float *scratch)
{
    const double window_s = (double)timeline->window_ns / 1e9;
    size_t active = 0;

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const float *lane = timeline->bytes[usage->usage][d];
        size_t busy = 0;

        for (size_t i = 0; lane != NULL && i < timeline->windows; i++)
            if (lane[i] > 0)
                scratch[busy++] = lane[i];
        if (busy == 0)
            continue;
        qsort(scratch, busy, sizeof *scratch, compare_floats);
        usage->peak_bps[d] = scratch[busy - 1] * 8 / window_s;
        usage->p95_bps[d] = scratch[(busy * 95 + 99) / 100 - 1] * 8 / window_s;
    }
    for (size_t i = 0; i < timeline->windows; i++)
        active += (timeline->bytes[usage->usage][RNET_UP] != NULL &&
                   timeline->bytes[usage->usage][RNET_UP][i] > 0) ||
                  (timeline->bytes[usage->usage][RNET_DOWN] != NULL &&
                   timeline->bytes[usage->usage][RNET_DOWN][i] > 0);
    usage->active_s = (double)active * window_s;
}

static enum rnet_status
summarise(struct rnet_profile *profile)
{
    const struct timeline *timeline = &profile->timeline;
    struct rnet_profile_summary *summary = &profile->summary;
    float *scratch = rnet_alloc_zero(timeline->windows, sizeof *scratch);

    if (scratch == NULL)
        return RNET_ENOMEM;
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        struct rnet_usage_summary *usage = &summary->usages[u];
        const uint64_t bytes = usage->bytes[RNET_UP] + usage->bytes[RNET_DOWN];

        usage->usage = (enum rnet_usage)u;
        usage->confidence = bytes > 0 ? usage->confidence / (double)bytes : 0;
        summarise_rates(timeline, usage, scratch);
    }
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        for (size_t i = 0; i < timeline->windows; i++) {
            double all = 0;

            for (int u = 0; u < RNET_USAGE_COUNT; u++)
                all += timeline->bytes[u][d] != NULL ? timeline->bytes[u][d][i] : 0;
            all *= 8e9 / (double)timeline->window_ns;
            if (all > summary->peak_bps[d])
                summary->peak_bps[d] = all;
        }
    }
    summary->window_ns = timeline->window_ns;
    rnet_free(scratch);
    return RNET_OK;
}

static enum rnet_status
count_scope(void *context, const struct flow_record *flow)
{
    struct rnet_profile_summary *summary = context;

    if (flow->scope == RNET_SCOPE_CROSSES) {
        summary->flows++;
        return RNET_OK;
    }
    summary->internal_flows++;
    summary->internal_bytes +=
        flow->conversation.bytes[RNET_UP] + flow->conversation.bytes[RNET_DOWN];
    return RNET_OK;
}

/* Count both scopes, and turn to the internal flows when nothing crosses. */
static enum rnet_status
choose_scope(struct rnet_profile *profile)
{
    struct rnet_profile_summary *summary = &profile->summary;
    const enum rnet_status status = record_visit_flows(&profile->log, count_scope, summary);

    summary->what_if_internal = summary->flows == 0 && summary->internal_flows > 0;
    summary->flows = 0; /* of the scope chosen: add_flow() */
    if (summary->what_if_internal)
        summary->notices.count[RNET_NOTICE_NOTHING_CROSSES] = summary->internal_flows;
    return status;
}

enum rnet_status
summary_build(struct rnet_profile *profile)
{
    struct summing summing = {.profile = profile};
    struct long_flows *longs = &summing.longs;
    enum rnet_status status = choose_scope(profile);

    if (status == RNET_OK) {
        timeline_init(&profile->timeline, profile->summary.begin_ns, profile->summary.end_ns);
        status = record_visit_flows(&profile->log, add_flow, &summing);
    }
    if (status == RNET_OK && longs->count > 0) {
        qsort(longs->items, longs->count, sizeof *longs->items, compare_long_flows);
        status = pass_items(profile, longs, false);
        if (status == RNET_OK)
            status = pass_items(profile, longs, true);
        if (status == RNET_OK)
            status = place_itemless(&profile->timeline, longs);
    }
    rnet_free(longs->items);
    return status == RNET_OK ? summarise(profile) : status;
}

struct visiting {
    bool (*visit)(void *context, const struct rnet_profile_flow *flow);
    void *context;
};

static enum rnet_status
visit_flow(void *context, const struct flow_record *record)
{
    const struct visiting *visiting = context;
    const struct rnet_profile_flow flow = {
        .number = record->flow_id,
        .scope = record->scope,
        .protocol = record->protocol,
        .evidence = (enum rnet_evidence)record->evidence,
        .confidence = record->confidence_percent / 100.0,
        .conversation = record->conversation,
    };

    return visiting->visit(visiting->context, &flow) ? RNET_OK : RNET_END;
}

enum rnet_status
rnet_profile_each_flow(struct rnet_profile *profile,
                       bool (*visit)(void *context, const struct rnet_profile_flow *flow),
                       void *context)
{
    struct visiting visiting = {visit, context};

    return record_visit_flows(&profile->log, visit_flow, &visiting);
}
