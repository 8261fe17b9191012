/* From what every layer saw to one label, and the account of how. */
#include "usage/classifier.h"

#include "usage/refine.h"
#include "usage/table.h"

#include <stdio.h>
#include <string.h>

/* An address may serve more than the name it was looked up for. Chosen. */
#define ANSWER_RATIO 0.90f
/* The same server and port, named before. Chosen. */
#define NAMED_BEFORE_RATIO 0.85f
/* What a page embeds is usually asked for by that page. Chosen. */
#define PAGE_PART_CONFIDENCE 0.65f
/* Surer than this, a label is remembered for the server's other flows. */
#define REMEMBER_CONFIDENCE 0.85f
#define REMEMBER_NS (600 * RNET_NS_PER_S)
/* DNS answers are used this long, whatever their lifetime: programs keep addresses. */
#define ANSWER_NS (6 * 3600 * RNET_NS_PER_S)

/* The layers, in the order of enum rnet_evidence's strength: of equal confidence the first holds.
 */
enum layer {
    LAYER_ANNOUNCED,
    LAYER_DPI,
    LAYER_SIGNATURE,
    LAYER_MEDIA,
    LAYER_NAME,
    LAYER_ANSWER,
    LAYER_RANGE,
    LAYER_PORT,
    LAYER_BEFORE,
    LAYER_SHAPE,
    LAYERS
};

static const char *const layer_ids[LAYERS] = {
    [LAYER_ANNOUNCED] = N_("announced"), [LAYER_DPI] = N_("protocol detection"),
    [LAYER_SIGNATURE] = N_("signature"), [LAYER_MEDIA] = N_("media"),
    [LAYER_NAME] = N_("name"),           [LAYER_ANSWER] = N_("DNS answer"),
    [LAYER_RANGE] = N_("address range"), [LAYER_PORT] = N_("port"),
    [LAYER_BEFORE] = N_("named before"), [LAYER_SHAPE] = N_("shape"),
};

struct judgement {
    struct rnet_opinion layer[LAYERS];
    struct rnet_opinion best;
    enum layer decided_by;
    const char *refined; /* why, or NULL */
    bool by_behaviour;   /* what refined it gave it another usage */
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

static struct rnet_memory_key
server_of(const struct rnet_flow *flow)
{
    const struct rnet_memory_key internet = {&flow->internet, NULL, flow->internet_port,
                                             flow->protocol};
    const struct rnet_memory_key office = {&flow->office, NULL, flow->office_port, flow->protocol};

    return flow->opened_by_office ? internet : office;
}

/* What the office host asked DNS for before it spoke to this address. */
static void
judge_answer(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
             struct rnet_opinion *opinion)
{
    const struct rnet_memory_key key = {&flow->internet, &flow->office, 0, 0};
    const struct rnet_memory_key anybody = {&flow->internet, NULL, 0, 0};
    const int64_t from_ns = flow->conversation.start_ns - ANSWER_NS;

    rnet_memory_find(classifier->answers, &key, from_ns, flow->conversation.end_ns, opinion);
    if (opinion->confidence <= 0)
        rnet_memory_find(classifier->answers, &anybody, from_ns, flow->conversation.end_ns,
                         opinion);
    opinion->confidence *= ANSWER_RATIO;
}

static void
judge_range(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
            struct rnet_opinion *opinion)
{
    struct rnet_opinion other;

    rnet_ranges_judge(classifier->ranges, &flow->internet, flow->internet_port, flow->protocol,
                      opinion);
    rnet_ranges_judge(classifier->ranges, &flow->office, flow->office_port, flow->protocol, &other);
    if (other.confidence > opinion->confidence)
        *opinion = other;
}

static void
judge_before(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
             struct rnet_opinion *opinion)
{
    const struct rnet_memory_key key = server_of(flow);

    rnet_memory_find(classifier->endpoints, &key, flow->conversation.start_ns - REMEMBER_NS,
                     flow->conversation.end_ns + REMEMBER_NS, opinion);
    opinion->confidence *= NAMED_BEFORE_RATIO;
    if (opinion->confidence > 0)
        opinion->evidence = RNET_EVIDENCE_ADDRESS;
}

static void
ask_layers(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
           const struct flow_state *state, const struct rnet_shape_traits *traits,
           struct rnet_opinion layer[LAYERS])
{
    if (state != NULL)
        layer[LAYER_DPI] = state->protocol;
    if (classifier->only_dpi)
        return;
    rnet_ports_judge(classifier->ports, flow, &layer[LAYER_PORT]);
    judge_range(classifier, flow, &layer[LAYER_RANGE]);
    judge_answer(classifier, flow, &layer[LAYER_ANSWER]);
    judge_before(classifier, flow, &layer[LAYER_BEFORE]);
    if (state == NULL)
        return;
    layer[LAYER_ANNOUNCED] = state->announced;
    layer[LAYER_SIGNATURE] = state->signature;
    layer[LAYER_NAME] = state->name;
    if (state->realtime != NULL)
        rnet_realtime_judge(state->realtime, &layer[LAYER_MEDIA]);
    rnet_shape_judge(traits, flow, &layer[LAYER_SHAPE]);
}

/* Whether a kind of evidence is to be left out. */
static bool
is_withheld(const struct rnet_classifier *classifier, enum rnet_evidence evidence)
{
    return (classifier->without >> evidence & 1) != 0;
}

/* A name read in the flow is surer than one looked up, and both than nDPI's by its own list: where
 * they differ in usage, nDPI's "name" evidence gives way. */
static void
weigh(struct rnet_opinion layer[LAYERS])
{
    if (layer[LAYER_DPI].evidence == RNET_EVIDENCE_NAME &&
        layer[LAYER_NAME].confidence >= RNET_CARRIER_CONFIDENCE)
        layer[LAYER_DPI].confidence *= 0.9f;
}

static void
judge(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
      struct flow_state *state, struct judgement *judgement)
{
    struct rnet_shape_traits traits = {0};
    struct rnet_refinement known = {.flow = flow, .traits = &traits};
    enum rnet_usage usage;

    memset(judgement, 0, sizeof *judgement);
    if (state != NULL)
        rnet_shape_traits(&state->shape, flow, &traits);
    ask_layers(classifier, flow, state, &traits, judgement->layer);
    weigh(judgement->layer);
    for (int i = 0; i < LAYERS; i++) {
        if (is_withheld(classifier, judgement->layer[i].evidence))
            judgement->layer[i].confidence = 0;
        if (judgement->layer[i].confidence > judgement->best.confidence) {
            judgement->best = judgement->layer[i];
            judgement->decided_by = (enum layer)i;
        }
    }
    if (state == NULL || classifier->only_dpi)
        return;
    if (judgement->decided_by == LAYER_NAME && judgement->best.is_embedded &&
        state->page.usage == RNET_USAGE_SOCIAL) {
        judgement->best.usage = state->page.usage;
        judgement->best.confidence = PAGE_PART_CONFIDENCE;
        judgement->refined = N_("embedded in a page being opened");
        return;
    }
    known.shape = &state->shape;
    known.realtime = state->realtime;
    known.named = judgement->layer[LAYER_NAME].confidence > 0
                      ? judgement->layer[LAYER_NAME].usage
                      : judgement->layer[LAYER_ANSWER].usage;
    known.asks_device = state->to_device && !state->by_browser;
    if (!is_withheld(classifier, RNET_EVIDENCE_PROTOCOL))
        memcpy(known.content_bytes, state->content_bytes, sizeof known.content_bytes);
    usage = judgement->best.usage;
    judgement->refined = rnet_refine(&known, &judgement->best);
    judgement->by_behaviour = judgement->best.usage != usage;
}

/* Whether what the flow began with was not captured, or not whole. */
static bool
is_blind(const struct rnet_flow *flow, const struct flow_state *state)
{
    return (state != NULL && state->cut_short) ||
           (flow->protocol == RNET_IPPROTO_TCP &&
            (flow->conversation.flags & RNET_CONVERSATION_HANDSHAKE_SEEN) == 0);
}

/* What kind of evidence the probability is read off for. */
static enum rnet_confidence_kind
kind_of(const struct rnet_opinion *opinion, bool blind, bool by_behaviour)
{
    if (opinion->evidence == RNET_EVIDENCE_SHAPE)
        return RNET_CONFIDENCE_SHAPE;
    if (blind && opinion->confidence < RNET_CARRIER_CONFIDENCE)
        return RNET_CONFIDENCE_BLIND;
    if (blind && by_behaviour) /* nothing read bears it out */
        return RNET_CONFIDENCE_SHAPE;
    return opinion->evidence == RNET_EVIDENCE_PORT ? RNET_CONFIDENCE_PORT : RNET_CONFIDENCE_NAMED;
}

static void
label_from(const struct rnet_classifier *classifier, const struct rnet_opinion *opinion, bool blind,
           bool by_behaviour, struct rnet_label *label)
{
    memset(label, 0, sizeof *label);
    if (opinion->confidence <= 0)
        return;
    label->usage = opinion->usage;
    label->evidence = opinion->evidence;
    label->confidence =
        rnet_confidence_of(&classifier->confidence, kind_of(opinion, blind, by_behaviour),
                           (double)opinion->confidence);
    memcpy(label->application, opinion->application, sizeof label->application);
}

static void
label_judged(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
             const struct flow_state *state, const struct judgement *judgement,
             struct rnet_label *label)
{
    label_from(classifier, &judgement->best, is_blind(flow, state), judgement->by_behaviour, label);
}

void
rnet_classifier_label(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
                      struct flow_state *state, struct rnet_label *label)
{
    struct judgement judgement;

    judge(classifier, flow, state, &judgement);
    label_judged(classifier, flow, state, &judgement, label);
}

static void
finish(struct rnet_classifier *classifier, struct flow_state *state)
{
    if (state == NULL)
        return;
    rnet_classifier_finish_dpi(classifier, state);
    rnet_shape_finish(&state->shape);
}

void
rnet_classifier_decide(struct rnet_classifier *classifier, struct rnet_flow *flow,
                       struct rnet_label *label)
{
    struct judgement judgement;

    finish(classifier, flow->user);
    judge(classifier, flow, flow->user, &judgement);
    label_judged(classifier, flow, flow->user, &judgement, label);
    if (judgement.best.confidence >= REMEMBER_CONFIDENCE && judgement.decided_by != LAYER_BEFORE &&
        judgement.decided_by != LAYER_PORT) {
        const struct rnet_memory_key key = server_of(flow);
        struct rnet_opinion named = judgement.best;

        named.evidence = RNET_EVIDENCE_ADDRESS;
        rnet_memory_add(classifier->endpoints, &key, flow->conversation.end_ns, &named);
    }
    rnet_classifier_drop(classifier, flow);
}

void
rnet_classifier_explain(struct rnet_classifier *classifier, struct rnet_flow *flow,
                        struct rnet_explanation *explanation)
{
    struct flow_state *state = flow->user;
    struct judgement judgement;

    memset(explanation, 0, sizeof *explanation);
    finish(classifier, state);
    judge(classifier, flow, state, &judgement);
    for (int i = 0; i < LAYERS; i++) {
        struct rnet_layer_opinion *line = &explanation->layers[explanation->count];

        if (judgement.layer[i].confidence <= 0)
            continue;
        line->layer = layer_ids[i];
        label_from(classifier, &judgement.layer[i], is_blind(flow, state), false, &line->label);
        line->decided = (enum layer)i == judgement.decided_by;
        if (judgement.layer[i].table != RNET_TABLE_NONE)
            snprintf(line->rule, sizeof line->rule, "%s:%u",
                     rnet_table_name((enum rnet_table)judgement.layer[i].table),
                     judgement.layer[i].line);
        explanation->count++;
    }
    label_judged(classifier, flow, state, &judgement, &explanation->label);
    explanation->refined = judgement.refined;
    if (state != NULL && state->host != NULL)
        snprintf(explanation->host, sizeof explanation->host, "%s", state->host);
}
