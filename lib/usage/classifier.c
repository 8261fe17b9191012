/*
 * The classifier's life, and whom a packet is shown to. reading.c reads it, decide.c labels.
 *
 * State of a flow is small and bounded. What nDPI needs is larger (up to 2 kB), so it is freed as
 * soon as nDPI has decided, and at most max_dpi_flows flows have any: the oldest is decided early
 * when one more is needed.
 */
#include "usage/classifier.h"

/* About 40 MB, at up to 2.4 kB each (ecosystem.md §1). */
#define MAX_DPI_FLOWS 16384
/* Strengths from which nDPI is not asked any more: its own surest opinions of what a name or fixed
 * bytes show are no surer (protocols.txt). */
#define SURE_SIGNATURE 0.95f
#define SURE_NAME 0.90f
/* Entries remembered: an office's names and servers of an hour. About 1 MB each. Chosen. */
#define ANSWERS 16384
#define ENDPOINTS 16384
/* How long an announced port is waited for. Chosen. */
#define ANNOUNCED_NS (300 * RNET_NS_PER_S)

enum rnet_status
rnet_classifier_new(const struct rnet_classifier_options *options,
                    struct rnet_classifier **classifier, struct rnet_error *err)
{
    static const struct rnet_classifier_options defaults;
    const char *directory;
    struct rnet_classifier *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status = RNET_OK;

    if (made == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    if (options == NULL)
        options = &defaults;
    directory = options->data_directory;
    made->max_dpi_flows = options->max_dpi_flows != 0 ? options->max_dpi_flows : MAX_DPI_FLOWS;
    made->keep_hosts = options->keep_hosts;
    made->only_dpi = options->only_dpi;
    made->without = options->without;
    made->answers = rnet_memory_new(ANSWERS);
    made->endpoints = rnet_memory_new(ENDPOINTS);
    if (made->answers == NULL || made->endpoints == NULL)
        status = rnet_error_set(err, RNET_ENOMEM, "out of memory");
    if (status == RNET_OK)
        status = rnet_names_new(directory, &made->names, err);
    if (status == RNET_OK)
        status = rnet_ranges_new(directory, &made->ranges, err);
    if (status == RNET_OK)
        status = rnet_ports_new(directory, &made->ports, err);
    if (status == RNET_OK)
        status = rnet_signatures_new(directory, &made->signatures, err);
    if (status == RNET_OK)
        status = rnet_agents_new(directory, &made->agents, err);
    if (status == RNET_OK)
        status = rnet_confidence_read(directory, &made->confidence, err);
    if (status == RNET_OK && !options->no_dpi)
        status =
            rnet_detector_new(directory, options->isolate_detection, &made->dpi, err);
    if (status != RNET_OK) {
        rnet_classifier_free(made);
        return status;
    }
    *classifier = made;
    return RNET_OK;
}

static void
dpi_unqueue(struct rnet_classifier *classifier, struct flow_state *state)
{
    *(state->dpi_older != NULL ? &state->dpi_older->dpi_newer : &classifier->dpi_oldest) =
        state->dpi_newer;
    *(state->dpi_newer != NULL ? &state->dpi_newer->dpi_older : &classifier->dpi_newest) =
        state->dpi_older;
    classifier->dpi_flows--;
}

void
rnet_classifier_finish_dpi(struct rnet_classifier *classifier, struct flow_state *state)
{
    struct rnet_dpi_result result;

    state->dpi_done = true;
    if (state->dpi == NULL)
        return;
    if (!rnet_detection_finish(classifier->dpi, state->dpi, &result))
        rnet_notice_add(&classifier->notices, RNET_NOTICE_DETECTION_GIVEN_UP);
    state->protocol = result.opinion;
    if (result.host[0] != '\0')
        rnet_classifier_learn_name(classifier, state, result.host);
    rnet_detection_free(classifier->dpi, state->dpi);
    state->dpi = NULL;
    dpi_unqueue(classifier, state);
}

void
rnet_classifier_expect(struct rnet_classifier *classifier, const struct rnet_flow *flow)
{
    struct flow_state *state = flow->user;

    if (state != NULL && state->dpi != NULL)
        rnet_detection_expect(classifier->dpi, state->dpi);
}

static void
dpi_abandon(struct rnet_classifier *classifier, struct flow_state *state)
{
    rnet_detection_free(classifier->dpi, state->dpi);
    state->dpi = NULL;
    dpi_unqueue(classifier, state);
    state->dpi_done = true;
}

static enum rnet_status
dpi_start(struct rnet_classifier *classifier, struct flow_state *state)
{
    if (classifier->dpi_flows >= classifier->max_dpi_flows) {
        rnet_classifier_finish_dpi(classifier, classifier->dpi_oldest);
        rnet_notice_add(&classifier->notices, RNET_NOTICE_DETECTION_GIVEN_UP);
    }
    state->dpi = rnet_detection_new(classifier->dpi);
    if (state->dpi == NULL)
        return RNET_ENOMEM;
    state->dpi_older = classifier->dpi_newest;
    *(classifier->dpi_newest != NULL ? &classifier->dpi_newest->dpi_newer
                                     : &classifier->dpi_oldest) = state;
    classifier->dpi_newest = state;
    classifier->dpi_flows++;
    return RNET_OK;
}

/* What another flow said would come to either end of this one. */
static void
find_announced(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
               int64_t now_ns, struct rnet_opinion *announced)
{
    const struct rnet_memory_key ends[2] = {
        {&flow->office, NULL, flow->office_port, flow->protocol},
        {&flow->internet, NULL, flow->internet_port, flow->protocol}};

    for (int i = 0; i < 2; i++) {
        struct rnet_opinion found;

        rnet_memory_find(classifier->endpoints, &ends[i], now_ns - ANNOUNCED_NS, now_ns, &found);
        if (found.evidence == RNET_EVIDENCE_PROTOCOL && found.confidence > announced->confidence)
            *announced = found;
    }
}

static struct flow_state *
state_new(struct rnet_classifier *classifier, const struct rnet_flow *flow, int64_t now_ns)
{
    struct flow_state *state = rnet_alloc_zero(1, sizeof *state);

    if (state == NULL)
        return NULL;
    if (flow->protocol == RNET_IPPROTO_UDP) {
        state->realtime = rnet_alloc_zero(1, sizeof *state->realtime);
        if (state->realtime == NULL) {
            rnet_free(state);
            return NULL;
        }
        state->realtime->sides_guessed = flow->sides_guessed;
    }
    state->office = flow->office;
    state->begin_ns = now_ns;
    find_announced(classifier, flow, now_ns, &state->announced);
    state->older = classifier->newest;
    if (classifier->newest != NULL)
        classifier->newest->newer = state;
    classifier->newest = state;
    return state;
}

static void
state_free(struct rnet_classifier *classifier, struct flow_state *state)
{
    if (state->dpi != NULL)
        dpi_abandon(classifier, state);
    *(state->newer != NULL ? &state->newer->older : &classifier->newest) = state->older;
    if (state->older != NULL)
        state->older->newer = state->newer;
    rnet_free(state->realtime);
    rnet_free(state->host);
    rnet_free(state);
}

void
rnet_classifier_drop(struct rnet_classifier *classifier, struct rnet_flow *flow)
{
    if (flow->user != NULL)
        state_free(classifier, flow->user);
    flow->user = NULL;
}

/* What was read already decides: nDPI costs more than all other layers together, and could not be
 * surer. Not so with peers that talk to many: from one flow nDPI knows the others. */
static bool
is_sure(const struct flow_state *state)
{
    return (state->signature.confidence >= SURE_SIGNATURE &&
            state->signature.usage != RNET_USAGE_LEISURE) ||
           state->name.confidence >= SURE_NAME;
}

/* nDPI learns nothing from bare acknowledgements, nor from transports without ports. */
static bool
is_for_dpi(const struct rnet_classifier *classifier, const struct flow_state *state,
           const struct rnet_headers *headers)
{
    if (classifier->dpi == NULL || state->dpi_done)
        return false;
    if (headers->protocol == RNET_IPPROTO_TCP)
        return headers->payload_bytes > 0 || (headers->tcp_flags & RNET_TCP_SYN) != 0;
    return headers->protocol == RNET_IPPROTO_UDP;
}

static enum rnet_direction
direction_of(const struct rnet_flow *flow, const struct rnet_headers *headers)
{
    return rnet_address_equal(&headers->source, &flow->office) &&
                   headers->source_port == flow->office_port
               ? RNET_UP
               : RNET_DOWN;
}

enum rnet_status
rnet_classifier_feed(struct rnet_classifier *classifier, struct rnet_flow *flow,
                     const struct rnet_headers *headers)
{
    const enum rnet_direction direction = direction_of(flow, headers);
    struct flow_state *state = flow->user;
    bool is_new = false;

    if (state == NULL) {
        state = state_new(classifier, flow, headers->time_ns);
        if (state == NULL)
            return RNET_ENOMEM;
        flow->user = state;
        is_new = true;
    }
    if (is_for_dpi(classifier, state, headers) && state->dpi == NULL &&
        dpi_start(classifier, state) != RNET_OK) {
        if (is_new)
            rnet_classifier_drop(classifier, flow);
        return RNET_ENOMEM;
    }
    rnet_shape_add(&state->shape, direction, headers);
    rnet_classifier_read(classifier, state, headers, direction);
    if (state->dpi != NULL && !classifier->only_dpi && is_sure(state))
        dpi_abandon(classifier, state);
    else if (is_for_dpi(classifier, state, headers) &&
             rnet_detection_feed(classifier->dpi, state->dpi, headers) != RNET_DETECTED_MORE)
        rnet_classifier_finish_dpi(classifier, state);
    return RNET_OK;
}

const struct rnet_notices *
rnet_classifier_notices(const struct rnet_classifier *classifier)
{
    return &classifier->notices;
}

void
rnet_classifier_free(struct rnet_classifier *classifier)
{
    if (classifier == NULL)
        return;
    while (classifier->newest != NULL)
        state_free(classifier, classifier->newest);
    rnet_detector_free(classifier->dpi);
    rnet_names_free(classifier->names);
    rnet_ranges_free(classifier->ranges);
    rnet_ports_free(classifier->ports);
    rnet_signatures_free(classifier->signatures);
    rnet_agents_free(classifier->agents);
    rnet_memory_free(classifier->answers);
    rnet_memory_free(classifier->endpoints);
    rnet_free(classifier);
}
