/* The observed half of the chain: capture → headers → flows → labels → profile. */
#include "base/base.h"
#include "observe/ahead.h"
#include "observe/digest.h"

#include <ruralnet/observe.h>
#include <ruralnet/packet.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

/* How often the caller hears of progress and its stop flag is looked at. */
#define PACKETS_PER_GLANCE 1024

/*
 * Flows that are over wait until so many more are, so that detection in a process of its own works
 * beside this one: asked about each flow at once and waited for, the two changed places twice a flow.
 * Labels do not depend on it: what later flows teach is of later times. Chosen.
 */
#define PENDING_FLOWS 64

struct observer {
    const struct rnet_observe_options *options;
    struct rnet_capture *capture;
    struct ahead *ahead; /* reads the capture; NULL = this thread does */
    struct rnet_flow_table *table;
    struct rnet_classifier *classifier;
    struct rnet_profile *profile;
    struct rnet_capture_facts facts;
    struct rnet_notices decode_notices;
    struct rnet_clock clock;
    XXH3_state_t *digest;
    struct rnet_flow pending[PENDING_FLOWS]; /* a ring of flows to be labelled */
    uint64_t pended, labelled;               /* so far */
    uint8_t *hosts_seen; /* by anonymous number: 1 = an office host of a crossing flow */
    size_t hosts_capacity;
};

static enum rnet_status
take_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
              uint32_t first_index, size_t count)
{
    struct observer *observer = context;

    return rnet_profile_add_messages(observer->profile, flow->id, messages, first_index, count);
}

static enum rnet_status
take_datagrams(void *context, const struct rnet_flow *flow, const struct rnet_datagram *datagrams,
               uint32_t first_index, size_t count)
{
    struct observer *observer = context;

    return rnet_profile_add_datagrams(observer->profile, flow->id, datagrams, first_index, count);
}

static enum rnet_status
count_host(struct observer *observer, uint32_t host)
{
    const size_t had = observer->hosts_capacity;
    const enum rnet_status status = rnet_array_reserve(
        (void **)&observer->hosts_seen, &observer->hosts_capacity, (size_t)host + 1, 1);

    if (status != RNET_OK)
        return status;
    memset(observer->hosts_seen + had, 0, observer->hosts_capacity - had);
    observer->facts.office_hosts += !observer->hosts_seen[host];
    observer->hosts_seen[host] = 1;
    return RNET_OK;
}

/* The one that waits longest. */
static enum rnet_status
label_flow(struct observer *observer)
{
    struct rnet_flow *ended = &observer->pending[observer->labelled++ % PENDING_FLOWS];
    struct rnet_label label;

    if (observer->options->flow_ended != NULL)
        observer->options->flow_ended(observer->options->flow_context, ended);
    rnet_classifier_decide(observer->classifier, ended, &label);
    if (ended->scope == RNET_SCOPE_CROSSES &&
        count_host(observer, ended->conversation.host) != RNET_OK)
        return RNET_ENOMEM;
    return rnet_profile_add_flow(observer->profile, ended, &label);
}

static enum rnet_status
take_flow(void *context, const struct rnet_flow *flow)
{
    struct observer *observer = context;
    enum rnet_status status = RNET_OK;

    if (observer->pended - observer->labelled == PENDING_FLOWS)
        status = label_flow(observer);
    observer->pending[observer->pended++ % PENDING_FLOWS] = *flow;
    rnet_classifier_expect(observer->classifier, flow);
    return status;
}

static enum rnet_status
take_packet(struct observer *observer, const struct rnet_packet *packet)
{
    const int64_t time_ns = rnet_clock_contain(&observer->clock, packet->time_ns);
    struct rnet_capture_facts *facts = &observer->facts;
    struct rnet_headers headers;
    struct rnet_flow *flow = NULL;
    struct rnet_label label;
    enum rnet_status status;

    if (facts->packets == 0)
        facts->begin_ns = facts->end_ns = time_ns;
    if (time_ns < facts->begin_ns)
        facts->begin_ns = time_ns;
    if (time_ns > facts->end_ns)
        facts->end_ns = time_ns;
    facts->packets++;
    facts->wire_bytes += packet->wire_bytes;
    if (observer->ahead == NULL) /* else the other thread does it */
        digest_packet(observer->digest, packet);
    status = rnet_packet_decode(packet, &headers, &observer->decode_notices);
    if (status != RNET_OK)
        return RNET_OK; /* counted in the notices */
    headers.time_ns = time_ns;
    status = rnet_flow_table_add(observer->table, &headers, &flow);
    if (status == RNET_OK && flow != NULL)
        return rnet_classifier_feed(observer->classifier, flow, &headers);
    if (status == RNET_OK && headers.is_broadcast) /* what mDNS announces names later flows */
        rnet_classifier_judge_packet(observer->classifier, &headers, &label);
    return status;
}

static void
report_progress(const struct observer *observer)
{
    uint64_t done_bytes, total_bytes;

    if (observer->options->progress == NULL)
        return;
    if (observer->ahead != NULL)
        ahead_progress(observer->ahead, &done_bytes, &total_bytes);
    else
        rnet_capture_progress(observer->capture, &done_bytes, &total_bytes);
    observer->options->progress(observer->options->progress_context, done_bytes, total_bytes);
}

static bool
must_stop(struct observer *observer)
{
    const struct rnet_observe_options *options = observer->options;

    if (options->stop != NULL && *options->stop) {
        rnet_notice_add(&observer->facts.notices, RNET_NOTICE_INTERRUPTED);
        return true;
    }
    return options->max_duration_ns > 0 && observer->facts.end_ns - observer->facts.begin_ns > options->max_duration_ns;
}

/* Count a limit and say which; what was read until here stands. */
static enum rnet_status
cut_short(struct observer *observer, struct rnet_error *err, const char *why)
{
    rnet_notice_add(&observer->facts.notices, RNET_NOTICE_LIMIT_REACHED);
    return rnet_error_set(err, RNET_PARTIAL, "after packet %llu: %s",
                          (unsigned long long)observer->facts.packets, _(why));
}

static enum rnet_status
check_limits(struct observer *observer, struct rnet_error *err)
{
    const struct rnet_observe_options *options = observer->options;

    if (options->max_memory_bytes > 0 && rnet_heap_bytes() > options->max_memory_bytes)
        return cut_short(observer, err, "the memory allowed is used up");
    if (options->max_time_ns > 0 && rnet_process_cpu_ns() > options->max_time_ns)
        return cut_short(observer, err, "the processor time allowed is used up");
    return RNET_OK;
}

/* How an end of reading that was not the capture's counts, once there is something to report. */
static enum rnet_status
judge_end(struct observer *observer, enum rnet_status status)
{
    /* A signal that ended a wait for input is the request to stop, seen from below. */
    if (status == RNET_EINTERRUPTED && must_stop(observer))
        return RNET_PARTIAL;
    if (status == RNET_EFULL) /* the capture has counted it */
        return RNET_PARTIAL;
    if (status == RNET_EIO && observer->facts.packets > 0) {
        rnet_notice_add(&observer->facts.notices, RNET_NOTICE_DAMAGED_FILE);
        return RNET_PARTIAL;
    }
    return status;
}

static enum rnet_status
next_packet(struct observer *observer, struct rnet_packet *packet, struct rnet_error *err)
{
    return observer->ahead != NULL ? ahead_next(observer->ahead, packet, err)
                                   : rnet_capture_next(observer->capture, packet, err);
}

static enum rnet_status
read_packets(struct observer *observer, struct rnet_error *err)
{
    struct rnet_packet packet = {0};
    enum rnet_status status;

    while ((status = next_packet(observer, &packet, err)) >= RNET_OK) {
        if (status == RNET_END)
            return RNET_OK;
        if (status == RNET_PARTIAL)
            return RNET_PARTIAL;
        if (status == RNET_OK) {
            status = take_packet(observer, &packet);
            if (status == RNET_ENOMEM)
                return cut_short(observer, err, rnet_status_text(status));
            if (status != RNET_OK)
                return rnet_error_set(err, status, "packet %llu: %s",
                                      (unsigned long long)packet.number, rnet_status_text(status));
        }
        if (status == RNET_AGAIN || observer->facts.packets % PACKETS_PER_GLANCE == 0) {
            report_progress(observer);
            if (check_limits(observer, err) != RNET_OK)
                return RNET_PARTIAL;
            if (must_stop(observer))
                return observer->options->stop != NULL && *observer->options->stop ? RNET_PARTIAL
                                                                                   : RNET_OK;
        }
    }
    return judge_end(observer, status);
}

static void
finish_digest(struct observer *observer)
{
    const XXH128_hash_t hash = XXH3_128bits_digest(observer->digest);

    snprintf(observer->facts.digest, sizeof observer->facts.digest, "%016llx%016llx",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

/* End the flows and close the profile; `read` is how reading ended. */
static enum rnet_status
finish(struct observer *observer, enum rnet_status read, struct rnet_error *err)
{
    struct rnet_capture_facts *facts = &observer->facts;
    enum rnet_status status = rnet_flow_table_finish(observer->table);

    while (status == RNET_OK && observer->labelled < observer->pended)
        status = label_flow(observer);
    if (status == RNET_OK) {
        finish_digest(observer);
        rnet_notices_merge(&facts->notices, &observer->decode_notices);
        rnet_notices_merge(&facts->notices, rnet_capture_notices(observer->capture));
        rnet_notices_merge(&facts->notices, rnet_flow_table_notices(observer->table));
        rnet_notices_merge(&facts->notices, rnet_classifier_notices(observer->classifier));
        facts->captured_line = *rnet_flow_table_captured_line(observer->table);
        if (read == RNET_OK && facts->notices.count[RNET_NOTICE_FLOW_EVICTED] > 0)
            read = rnet_error_set(err, RNET_PARTIAL,
                                  "more flows at once than allowed: %llu were closed early",
                                  (unsigned long long)
                                      facts->notices.count[RNET_NOTICE_FLOW_EVICTED]);
        facts->complete = read == RNET_OK;
        status = rnet_profile_finish(observer->profile, facts);
    }
    if (status != RNET_OK)
        return rnet_error_set(err, status, "the profile could not be closed: %s",
                              rnet_status_text(status));
    return read;
}

static enum rnet_status
observer_init(struct observer *observer, struct rnet_error *err)
{
    const struct rnet_flow_sink sink = {observer, take_messages, take_datagrams, take_flow};
    const struct rnet_classifier_options classifier_options = {
        .data_directory = observer->options->data_directory, .no_dpi = observer->options->no_dpi};
    enum rnet_status status = rnet_profile_new(&observer->profile);

    if (status == RNET_OK)
        status = rnet_flow_table_new(&observer->options->flows, &sink, &observer->table);
    if (status == RNET_OK && (observer->digest = XXH3_createState()) == NULL)
        status = RNET_ENOMEM;
    if (status != RNET_OK)
        return rnet_error_set(err, status, "the analysis cannot begin: %s",
                              rnet_status_text(status));
    XXH3_128bits_reset(observer->digest);
    observer->classifier = observer->options->classifier;
    if (observer->classifier != NULL)
        return RNET_OK;
    return rnet_classifier_new(&classifier_options, &observer->classifier, err);
}

/* Only files are read ahead: of what must be waited for, a stop could not end the reading. Their size
 * is known. */
static void
read_ahead_if_wanted(struct observer *observer)
{
    uint64_t done_bytes, total_bytes;

    rnet_capture_progress(observer->capture, &done_bytes, &total_bytes);
    if (observer->options->threads >= 2 && total_bytes > 0)
        observer->ahead = ahead_start(observer->capture);
}

enum rnet_status
rnet_observe(struct rnet_capture *capture, const struct rnet_observe_options *options,
             struct rnet_profile **profile, struct rnet_error *err)
{
    static const struct rnet_observe_options defaults;
    struct observer observer = {.options = options != NULL ? options : &defaults,
                                .capture = capture};
    enum rnet_status status = observer_init(&observer, err);

    *profile = NULL;
    if (status == RNET_OK) {
        read_ahead_if_wanted(&observer);
        status = read_packets(&observer, err);
        ahead_digest(observer.ahead, observer.digest);
        ahead_stop(observer.ahead);
    }
    if (status >= RNET_OK)
        status = finish(&observer, status, err);
    rnet_flow_table_free(observer.table);
    if (observer.classifier != observer.options->classifier)
        rnet_classifier_free(observer.classifier);
    XXH3_freeState(observer.digest);
    rnet_free(observer.hosts_seen);
    if (status >= RNET_OK)
        *profile = observer.profile;
    else
        rnet_profile_free(observer.profile);
    return status;
}
