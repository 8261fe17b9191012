/* What the classifier learns from one packet's payload: names, what is announced, kinds of content,
 * fixed bytes. Any bytes are safe. */
#include "usage/classifier.h"

#include "usage/dns.h"
#include "usage/payload.h"
#include "usage/signalling.h"

#include <stdio.h>
#include <string.h>

/* Payloads of a direction whose first bytes are compared with signatures and read for names. */
#define OPENING_PAYLOADS 3
/* A page loads within this time, on most lines. Chosen. */
#define PAGE_NS (10 * RNET_NS_PER_S)
/* Names surer than this are a page's own. */
#define PAGE_CONFIDENCE 0.85f
/* In place of a protocol, in the key of a host's page. */
#define PAGE_KEY 255

/* A page's own server is remembered for its office host; what pages embed is given the page. */
static void
learn_page(struct rnet_classifier *classifier, struct flow_state *state,
           const struct rnet_opinion *name)
{
    const struct rnet_memory_key key = {&state->office, NULL, 0, PAGE_KEY};

    if (name->is_embedded)
        rnet_memory_find(classifier->endpoints, &key, state->begin_ns - PAGE_NS,
                         state->begin_ns + PAGE_NS, &state->page);
    else if (name->confidence > PAGE_CONFIDENCE &&
             (name->usage == RNET_USAGE_WEB || name->usage == RNET_USAGE_SOCIAL))
        rnet_memory_add(classifier->endpoints, &key, state->begin_ns, name);
}

void
rnet_classifier_learn_name(struct rnet_classifier *classifier, struct flow_state *state,
                           const char *host)
{
    struct rnet_opinion opinion;

    rnet_names_judge(classifier->names, host, &opinion);
    if (opinion.confidence > state->name.confidence) {
        state->name = opinion;
        learn_page(classifier, state, &opinion);
    }
    if (classifier->keep_hosts && state->host == NULL)
        state->host = rnet_strdup(host); /* without memory, the explanation lacks it */
}

/* Where announcements and answers of one packet go. */
struct listener {
    struct rnet_classifier *classifier;
    const struct rnet_headers *headers;
};

static void
take_announced(void *context, const struct rnet_address *address, uint16_t port, uint8_t protocol,
               const struct rnet_opinion *opinion)
{
    const struct listener *listener = context;
    const struct rnet_memory_key key = {address, NULL, port, protocol};

    rnet_memory_add(listener->classifier->endpoints, &key, listener->headers->time_ns, opinion);
}

static void
take_answer(void *context, const char *name, const struct rnet_address *address)
{
    const struct listener *listener = context;
    const struct rnet_memory_key key = {address, &listener->headers->destination, 0, 0};
    struct rnet_opinion opinion;

    rnet_names_judge(listener->classifier->names, name, &opinion);
    if (opinion.confidence > 0)
        rnet_memory_add(listener->classifier->answers, &key, listener->headers->time_ns, &opinion);
}

/* Written as numbers, of RFC 1918: nobody's public server. */
static bool
is_private_address(const char *host)
{
    unsigned a, b, c, d;

    return sscanf(host, "%3u.%3u.%3u.%3u", &a, &b, &c, &d) == 4 &&
           (a == 10 || (a == 192 && b == 168) || (a == 172 && b >= 16 && b < 32));
}

static void
take_host(struct rnet_classifier *classifier, struct flow_state *state, enum rnet_host_found found,
          const char *host)
{
    if (found == RNET_HOST_FOUND)
        rnet_classifier_learn_name(classifier, state, host);
    else if (found == RNET_HOST_TOO_LONG)
        rnet_notice_add(&classifier->notices, RNET_NOTICE_NAME_TOO_LONG);
}

static void
read_request(struct rnet_classifier *classifier, struct flow_state *state,
             const struct rnet_headers *headers)
{
    struct rnet_opinion opinion;
    enum rnet_host_found found;
    char text[RNET_HOST_ROOM];

    found = rnet_payload_host(headers->payload, headers->payload_captured_bytes, text, sizeof text,
                              &state->hello_rest);
    if (found == RNET_HOST_FOUND)
        state->to_device = is_private_address(text);
    take_host(classifier, state, found, text);
    if (rnet_payload_agent(headers->payload, headers->payload_captured_bytes, text, sizeof text)) {
        state->by_browser = strncmp(text, "Mozilla/", 8) == 0 || strncmp(text, "Opera/", 6) == 0;
        rnet_agents_judge(classifier->agents, text, &opinion);
        if (opinion.confidence > state->name.confidence)
            state->name = opinion;
    }
}

/* mDNS speaks to everybody. */
static void
take_mdns_answer(void *context, const char *name, const struct rnet_address *address)
{
    const struct listener *listener = context;
    const struct rnet_memory_key key = {address, NULL, 0, 0};
    struct rnet_opinion opinion;

    rnet_names_judge(listener->classifier->names, name, &opinion);
    if (opinion.confidence > 0)
        rnet_memory_add(listener->classifier->answers, &key, listener->headers->time_ns, &opinion);
}

/* Names, kinds of content and fixed bytes at the front of a payload. */
static void
read_opening(struct rnet_classifier *classifier, struct flow_state *state,
             const struct rnet_headers *headers)
{
    struct rnet_opinion opinion;

    rnet_signatures_judge(classifier->signatures, headers, &opinion);
    if (opinion.confidence > state->signature.confidence)
        state->signature = opinion;
    if (headers->protocol == RNET_IPPROTO_TCP)
        read_request(classifier, state, headers);
}

/* How much of what kind HTTP answers carry: as they say, or else as is seen to follow. */
static void
read_content(struct flow_state *state, const struct rnet_headers *headers,
             enum rnet_direction direction)
{
    enum rnet_content content;
    uint64_t length;

    if (headers->payload[0] == 'H' &&
        rnet_payload_content(headers->payload, headers->payload_captured_bytes, &content,
                             &length)) {
        state->content_bytes[content] += length < UINT32_MAX ? length : UINT32_MAX;
        state->content = (uint8_t)content;
        state->answerer = length == 0 ? (uint8_t)(direction + 1) : 0;
    }
    if (state->answerer == direction + 1)
        state->content_bytes[state->content] += headers->payload_bytes;
}

/* A TLS server name further back than the first packet. */
static void
read_hello_rest(struct rnet_classifier *classifier, struct flow_state *state,
                const struct rnet_headers *headers)
{
    char host[RNET_HOST_ROOM];

    if (headers->payload_captured_bytes < headers->payload_bytes)
        state->hello_rest = 0;
    else
        take_host(classifier, state,
                  rnet_payload_host_rest(headers->payload, headers->payload_captured_bytes, host,
                                         sizeof host, &state->hello_rest),
                  host);
}

/* Whether a message may begin here: in TCP, what follows one's own payload belongs to it. */
static bool
is_front(const struct flow_state *state, const struct rnet_headers *headers,
         enum rnet_direction direction)
{
    return headers->protocol != RNET_IPPROTO_TCP || state->opening[direction] == 0 ||
           state->speaker != direction + 1;
}

/* The first payloads of each direction. */
static void
read_front(struct rnet_classifier *classifier, struct flow_state *state,
           const struct rnet_headers *headers, enum rnet_direction direction)
{
    if (is_front(state, headers, direction))
        read_opening(classifier, state, headers);
    else if (state->hello_rest != 0)
        read_hello_rest(classifier, state, headers);
    state->opening[direction]++;
    state->speaker = (uint8_t)(direction + 1);
    if (state->realtime == NULL && headers->protocol == RNET_IPPROTO_TCP &&
        rnet_realtime_is_framed(headers))
        state->realtime = rnet_alloc_zero(1, sizeof *state->realtime); /* or do without */
}

void
rnet_classifier_read(struct rnet_classifier *classifier, struct flow_state *state,
                     const struct rnet_headers *headers, enum rnet_direction direction)
{
    struct listener listener = {classifier, headers};

    if (state->opening[direction] < OPENING_PAYLOADS &&
        headers->payload_captured_bytes < headers->payload_bytes)
        state->cut_short = true;
    if (headers->payload == NULL || headers->payload_captured_bytes == 0)
        return;
    if (state->opening[direction] < OPENING_PAYLOADS)
        read_front(classifier, state, headers, direction);
    if (headers->protocol == RNET_IPPROTO_TCP)
        read_content(state, headers, direction);
    if (state->realtime != NULL)
        rnet_realtime_add(state->realtime, direction, headers);
    if (headers->protocol == RNET_IPPROTO_UDP &&
        (headers->source_port == 53 || headers->source_port == 5353 ||
         headers->source_port == 5355))
        rnet_dns_read(headers->payload, headers->payload_captured_bytes, take_answer, &listener);
    else
        rnet_signalling_read(headers, take_announced, &listener);
}

void
rnet_classifier_judge_packet(struct rnet_classifier *classifier, const struct rnet_headers *headers,
                             struct rnet_label *label)
{
    struct listener listener = {classifier, headers};
    struct rnet_flow flow = {.office = headers->source,
                             .internet = headers->destination,
                             .office_port = headers->source_port,
                             .internet_port = headers->destination_port,
                             .protocol = headers->protocol,
                             .scope = RNET_SCOPE_INTERNAL,
                             .opened_by_office = 1};
    struct flow_state state = {.dpi_done = true};

    if (headers->payload != NULL && headers->payload_captured_bytes > 0) {
        rnet_signatures_judge(classifier->signatures, headers, &state.signature);
        if (headers->protocol == RNET_IPPROTO_UDP && headers->source_port == 5353)
            rnet_dns_read(headers->payload, headers->payload_captured_bytes, take_mdns_answer,
                          &listener);
    }
    flow.conversation.start_ns = flow.conversation.end_ns = headers->time_ns;
    rnet_classifier_label(classifier, &flow, &state, label);
}
