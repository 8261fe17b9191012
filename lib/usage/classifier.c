/*
 * From packets to a label: every layer gives its opinion, the surest one holds.
 *
 * State of a flow is small and bounded. What nDPI needs is larger (up to 2 kB), so it is freed as
 * soon as nDPI has decided, and at most max_dpi_flows flows have any: the oldest is decided early
 * when one more is needed.
 */
#include "base/base.h"
#include "usage/dpi.h"
#include "usage/opinion.h"
#include "usage/ports.h"

#include <ruralnet/flow.h>

#include <string.h>

/* About 40 MB, at up to 2.4 kB each (ecosystem.md §1). */
#define MAX_DPI_FLOWS 16384

/* Hangs on flow->user. */
struct flow_state {
    struct flow_state *older, *newer; /* in the list of all states */
    struct flow_state *dpi_newer;     /* in the queue of states under detection */
    struct flow_state *dpi_older;
    struct rnet_dpi_flow *dpi;    /* NULL once decided, or never */
    struct rnet_opinion protocol; /* nDPI's, once decided */
    bool dpi_done;
};

struct rnet_classifier {
    struct rnet_dpi *dpi; /* NULL with no_dpi */
    struct rnet_ports *ports;
    struct flow_state *newest;
    struct flow_state *dpi_oldest, *dpi_newest;
    uint32_t dpi_flows, max_dpi_flows;
    struct rnet_notices notices;
};

const char *
rnet_evidence_id(enum rnet_evidence evidence)
{
    static const char *const ids[RNET_EVIDENCE_COUNT] = {
        [RNET_EVIDENCE_NONE] = "none", [RNET_EVIDENCE_PROTOCOL] = "protocol",
        [RNET_EVIDENCE_NAME] = "name", [RNET_EVIDENCE_ADDRESS] = "address",
        [RNET_EVIDENCE_PORT] = "port", [RNET_EVIDENCE_SHAPE] = "shape",
    };

    return (unsigned)evidence < RNET_EVIDENCE_COUNT ? ids[evidence] : ids[RNET_EVIDENCE_NONE];
}

enum rnet_status
rnet_classifier_new(const struct rnet_classifier_options *options,
                    struct rnet_classifier **classifier, struct rnet_error *err)
{
    static const struct rnet_classifier_options defaults;
    struct rnet_classifier *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status;

    if (made == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    if (options == NULL)
        options = &defaults;
    made->max_dpi_flows = options->max_dpi_flows != 0 ? options->max_dpi_flows : MAX_DPI_FLOWS;
    status = rnet_ports_new(options->data_directory, &made->ports, err);
    if (status == RNET_OK && !options->no_dpi)
        status = rnet_dpi_new(options->data_directory, &made->dpi, err);
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

/* Read nDPI's opinion and free its state. */
static void
dpi_finish(struct rnet_classifier *classifier, struct flow_state *state)
{
    struct rnet_dpi_result result;

    state->dpi_done = true;
    if (state->dpi == NULL)
        return;
    rnet_dpi_finish(classifier->dpi, state->dpi, &result);
    state->protocol = result.opinion;
    rnet_dpi_flow_free(state->dpi);
    state->dpi = NULL;
    dpi_unqueue(classifier, state);
}

static enum rnet_status
dpi_start(struct rnet_classifier *classifier, struct flow_state *state)
{
    if (classifier->dpi_flows >= classifier->max_dpi_flows) {
        dpi_finish(classifier, classifier->dpi_oldest);
        rnet_notice_add(&classifier->notices, RNET_NOTICE_DETECTION_GIVEN_UP);
    }
    state->dpi = rnet_dpi_flow_new();
    if (state->dpi == NULL)
        return RNET_ENOMEM;
    state->dpi_older = classifier->dpi_newest;
    *(classifier->dpi_newest != NULL ? &classifier->dpi_newest->dpi_newer
                                     : &classifier->dpi_oldest) = state;
    classifier->dpi_newest = state;
    classifier->dpi_flows++;
    return RNET_OK;
}

static struct flow_state *
state_new(struct rnet_classifier *classifier)
{
    struct flow_state *state = rnet_alloc_zero(1, sizeof *state);

    if (state == NULL)
        return NULL;
    state->older = classifier->newest;
    if (classifier->newest != NULL)
        classifier->newest->newer = state;
    classifier->newest = state;
    return state;
}

static void
state_free(struct rnet_classifier *classifier, struct flow_state *state)
{
    if (state->dpi != NULL) {
        rnet_dpi_flow_free(state->dpi);
        dpi_unqueue(classifier, state);
    }
    *(state->newer != NULL ? &state->newer->older : &classifier->newest) = state->older;
    if (state->older != NULL)
        state->older->newer = state->newer;
    rnet_free(state);
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

enum rnet_status
rnet_classifier_feed(struct rnet_classifier *classifier, struct rnet_flow *flow,
                     const struct rnet_headers *headers)
{
    struct flow_state *state = flow->user;

    if (state == NULL && (state = state_new(classifier)) == NULL)
        return RNET_ENOMEM;
    flow->user = state;
    if (!is_for_dpi(classifier, state, headers))
        return RNET_OK;
    if (state->dpi == NULL && dpi_start(classifier, state) != RNET_OK)
        return RNET_ENOMEM;
    if (rnet_dpi_feed(classifier->dpi, state->dpi, headers))
        dpi_finish(classifier, state);
    return RNET_OK;
}

/* The surer opinion of two; the earlier one, which rests on stronger evidence, when equal. */
static const struct rnet_opinion *
surer(const struct rnet_opinion *a, const struct rnet_opinion *b)
{
    return b->confidence > a->confidence ? b : a;
}

static void
label_from(const struct rnet_opinion *opinion, struct rnet_label *label)
{
    memset(label, 0, sizeof *label);
    if (opinion->confidence <= 0)
        return;
    label->usage = opinion->usage;
    label->evidence = opinion->evidence;
    label->confidence = (double)opinion->confidence;
    memcpy(label->application, opinion->application, sizeof label->application);
}

void
rnet_classifier_decide(struct rnet_classifier *classifier, struct rnet_flow *flow,
                       struct rnet_label *label)
{
    struct flow_state *state = flow->user;
    struct rnet_opinion by_port;
    const struct rnet_opinion *best = &by_port;

    rnet_ports_judge(classifier->ports, flow, &by_port);
    if (state != NULL) {
        dpi_finish(classifier, state);
        best = surer(&state->protocol, &by_port);
    }
    label_from(best, label);
    if (state != NULL)
        state_free(classifier, state);
    flow->user = NULL;
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
    rnet_dpi_free(classifier->dpi);
    rnet_ports_free(classifier->ports);
    rnet_free(classifier);
}
