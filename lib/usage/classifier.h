/* The classifier's own files: what it owns, what it keeps per flow. */
#ifndef RNET_USAGE_CLASSIFIER_H
#define RNET_USAGE_CLASSIFIER_H

#include "base/base.h"
#include "usage/agents.h"
#include "usage/confidence.h"
#include "usage/detect.h"
#include "usage/memory.h"
#include "usage/names.h"
#include "usage/ports.h"
#include "usage/ranges.h"
#include "usage/realtime.h"
#include "usage/shape.h"
#include "usage/signatures.h"

#include <ruralnet/flow.h>

/* Hangs on flow->user. */
struct flow_state {
    struct flow_state *older, *newer; /* in the list of all states */
    struct flow_state *dpi_newer;     /* in the queue of states under detection */
    struct flow_state *dpi_older;
    struct rnet_detection *dpi;     /* NULL once decided, or never */
    struct rnet_realtime *realtime; /* UDP only */
    char *host;                     /* only when asked for: options.keep_hosts */
    struct rnet_address office;
    int64_t begin_ns;
    struct rnet_shape shape;
    struct rnet_opinion protocol; /* nDPI's, once decided */
    struct rnet_opinion signature;
    struct rnet_opinion name;      /* the surest of those the flow itself carried */
    struct rnet_opinion announced; /* by another flow, before this one began */
    struct rnet_opinion page;      /* what the host was opening when an embedded name came up */
    uint64_t content_bytes[RNET_CONTENT_FILE + 1];
    uint8_t opening[RNET_DIRECTIONS]; /* payloads looked at */
    uint8_t speaker;                  /* the last payload's direction + 1; 0 = none yet */
    uint8_t answerer;                 /* who sends the answer of no stated length, + 1 */
    uint8_t content;                  /* and of what kind it is, enum rnet_content */
    uint16_t hello_rest;              /* rnet_payload_host_rest()'s */
    bool dpi_done;
    bool cut_short;             /* a payload that may have named the flow was not captured whole */
    bool to_device, by_browser; /* plain HTTP: to a private address as such; by a browser */
};

struct rnet_classifier {
    struct rnet_detector *dpi; /* NULL with no_dpi */
    struct rnet_names *names;
    struct rnet_ranges *ranges;
    struct rnet_ports *ports;
    struct rnet_signatures *signatures;
    struct rnet_agents *agents;
    struct rnet_confidence confidence;
    struct rnet_memory *answers;   /* DNS: by (client, address) */
    struct rnet_memory *endpoints; /* announced and named before: by (address, port, protocol) */
    struct flow_state *newest;
    struct flow_state *dpi_oldest, *dpi_newest;
    uint32_t dpi_flows, max_dpi_flows;
    uint32_t without; /* options.without */
    bool keep_hosts, only_dpi;
    struct rnet_notices notices;
};

/* Read nDPI's opinion and free its state. */
void rnet_classifier_finish_dpi(struct rnet_classifier *classifier, struct flow_state *state);

/* What one packet says: names, announcements, kinds of content, media (reading.c). */
void rnet_classifier_read(struct rnet_classifier *classifier, struct flow_state *state,
                          const struct rnet_headers *headers, enum rnet_direction direction);

/* Keep the surer of what names say; the name itself only if wanted. */
void rnet_classifier_learn_name(struct rnet_classifier *classifier, struct flow_state *state,
                                const char *host);

/* Make the label; changes nothing. `state` may be NULL. */
void rnet_classifier_label(const struct rnet_classifier *classifier, const struct rnet_flow *flow,
                           struct flow_state *state, struct rnet_label *label);

#endif
