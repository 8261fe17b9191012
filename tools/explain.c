#include "explain.h"

#include "language.h"
#include "progress.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct explainer {
    const struct explain_request *request;
    struct rnet_classifier *classifier;
    uint64_t flow_id; /* 0 = by usage */
    enum rnet_usage usage;
    bool all;
    uint64_t explained;
};

/* Fills what the request names; false if it names nothing. */
static bool
read_what(const char *what, struct explainer *explainer)
{
    char *end;

    if (strcmp(what, "all") == 0) {
        explainer->all = true;
        return true;
    }
    if (isdigit((unsigned char)what[0])) {
        explainer->flow_id = strtoull(what, &end, 10);
        return *end == '\0' && explainer->flow_id > 0;
    }
    return rnet_usage_find(what, &explainer->usage) == RNET_OK;
}

bool
explain_check(const char *what)
{
    struct explainer explainer = {0};
    const char *ids[RNET_USAGE_COUNT], *nearest;

    if (read_what(what, &explainer))
        return true;
    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        ids[i] = rnet_usage_info((enum rnet_usage)i)->id;
    nearest = nearest_name(what, ids, RNET_USAGE_COUNT);
    if (nearest != NULL)
        complain("--explain: no usage '%s'; did you mean '%s'?", what, nearest);
    else
        complain("--explain: '%s' is neither a flow's number, nor a usage ('netsuff usage' lists "
                 "them), nor all",
                 what);
    return false;
}

static const char *
transport_name(uint8_t protocol)
{
    switch (protocol) {
    case RNET_IPPROTO_TCP:
        return "TCP";
    case RNET_IPPROTO_UDP:
        return "UDP";
    default:
        return "IP";
    }
}

static void
print_label(const struct rnet_label *label, const char *rule)
{
    printf(_("%s, %.0f %% sure"), rnet_usage_info(label->usage)->id, 100 * label->confidence);
    if (label->evidence != RNET_EVIDENCE_NONE)
        printf(_(", by %s"), rnet_evidence_id(label->evidence));
    if (label->application[0] != '\0')
        printf(" (%s)", label->application);
    if (rule[0] != '\0')
        printf(", %s", _(rule));
    putchar('\n');
}

static void
print_flow(const struct rnet_flow *flow)
{
    const struct rnet_conversation *conversation = &flow->conversation;

    printf(_("\nflow %llu: %s"), (unsigned long long)flow->id, transport_name(flow->protocol));
    if (flow->protocol == RNET_IPPROTO_TCP || flow->protocol == RNET_IPPROTO_UDP)
        printf(_(" to port %u"), flow->opened_by_office ? flow->internet_port : flow->office_port);
    else
        printf(_(" protocol %u"), flow->protocol);
    fputs(flow->opened_by_office ? _(", opened by the office") : _(", opened by the internet"),
          stdout);
    say(stdout, _("%s, %.1f s, %llu bytes up, %llu down\n"),
           flow->scope == RNET_SCOPE_INTERNAL ? _(" (within the office)") : "",
           (double)(conversation->end_ns - conversation->start_ns) / 1e9,
           (unsigned long long)conversation->bytes[RNET_UP],
           (unsigned long long)conversation->bytes[RNET_DOWN]);
}

/* A server's name comes from the capture: nothing in it may steer a terminal. */
static void
print_host(const char *host)
{
    fputs(_("  server: "), stdout);
    for (; *host != '\0'; host++)
        putchar(isprint((unsigned char)*host) ? *host : '?');
    putchar('\n');
}

static enum rnet_status
explain_flow(void *context, const struct rnet_flow *ended)
{
    struct explainer *explainer = context;
    struct rnet_flow flow = *ended;
    struct rnet_explanation why;
    struct rnet_label label;
    const bool by_number = explainer->flow_id != 0;

    rnet_classifier_explain(explainer->classifier, &flow, &why);
    rnet_classifier_decide(explainer->classifier, &flow, &label);
    if (!explainer->all &&
        (by_number ? flow.id != explainer->flow_id : why.label.usage != explainer->usage))
        return RNET_OK;
    explainer->explained++;
    print_flow(&flow);
    fputs(_("  label: "), stdout);
    print_label(&why.label, "");
    for (size_t i = 0; i < why.count; i++) {
        printf("  %s %s: ", why.layers[i].decided ? "*" : "-", _(why.layers[i].layer));
        print_label(&why.layers[i].label, why.layers[i].rule);
    }
    if (why.refined != NULL)
        printf(_("  then its behaviour: %s\n"), _(why.refined));
    if (why.host[0] != '\0')
        print_host(why.host);
    return RNET_OK;
}

static enum rnet_status
ignore_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
                uint32_t first_index, size_t count)
{
    (void)context, (void)flow, (void)messages, (void)first_index, (void)count;
    return RNET_OK;
}

static enum rnet_status
ignore_datagrams(void *context, const struct rnet_flow *flow, const struct rnet_datagram *datagrams,
                 uint32_t first_index, size_t count)
{
    (void)context, (void)flow, (void)datagrams, (void)first_index, (void)count;
    return RNET_OK;
}

/* As often as rnet_observe() tells. */
#define PACKETS_PER_GLANCE 1024

static void
show_progress(const struct rnet_capture *capture, const struct rnet_packet *packet,
              struct progress *progress)
{
    uint64_t done_bytes, total_bytes;

    if (packet->number % PACKETS_PER_GLANCE != 0)
        return;
    rnet_capture_progress(capture, &done_bytes, &total_bytes);
    progress_reading(progress, done_bytes, total_bytes);
}

static enum rnet_status
read_capture(struct rnet_capture *capture, struct rnet_flow_table *table,
             struct explainer *explainer, struct rnet_error *err)
{
    struct rnet_packet packet;
    struct rnet_headers headers;
    enum rnet_status status, added = RNET_OK;
    struct progress progress;

    progress_begin(&progress, explainer->request->quiet);
    while (stop_requested == 0 && (status = rnet_capture_next(capture, &packet, err)) == RNET_OK) {
        struct rnet_flow *flow = NULL;

        show_progress(capture, &packet, &progress);
        if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
            continue;
        added = rnet_flow_table_add(table, &headers, &flow);
        if (added == RNET_OK && flow != NULL)
            added = rnet_classifier_feed(explainer->classifier, flow, &headers);
        if (added != RNET_OK)
            break;
    }
    progress_end(&progress);
    if (added != RNET_OK)
        return added;
    if (stop_requested != 0)
        status = RNET_PARTIAL;
    added = rnet_flow_table_finish(table);
    return added != RNET_OK ? added : status;
}

static enum rnet_status
open_captures(const struct explain_request *request, char **paths, size_t count,
              struct rnet_capture **capture, struct rnet_error *err)
{
    struct confinement confinement = request->confinement;
    const struct rnet_capture_options options = {
        .filter = request->filter, .ready = confine, .ready_context = &confinement};

    return rnet_capture_open_many((const char *const *)paths, count, &options, capture, err);
}

int
explain_captures(const struct explain_request *request, char **paths, size_t count)
{
    const struct rnet_classifier_options options = {.data_directory = request->tables,
                                                    .no_dpi = request->no_dpi,
                                                    .isolate_detection = true,
                                                    .keep_hosts = request->hosts};
    const struct rnet_flow_options flow_options = {
        .offices = request->offices, .office_count = request->office_count, .hash_seed = {1, 1}};
    struct explainer explainer = {.request = request};
    const struct rnet_flow_sink sink = {&explainer, ignore_messages, ignore_datagrams,
                                        explain_flow};
    struct rnet_capture *capture = NULL;
    struct rnet_flow_table *table = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;

    read_what(request->what, &explainer);
    catch_signals();
    status = rnet_classifier_new(&options, &explainer.classifier, &err);
    if (status == RNET_OK)
        status = open_captures(request, paths, count, &capture, &err);
    if (status == RNET_OK)
        status = rnet_flow_table_new(&flow_options, &sink, &table);
    if (status == RNET_OK)
        status = read_capture(capture, table, &explainer, &err);
    rnet_capture_close(capture);
    rnet_flow_table_free(table);
    rnet_classifier_free(explainer.classifier);
    if (status != RNET_END && status != RNET_PARTIAL) {
        complain("%s", err.message[0] != '\0' ? err.message : rnet_status_text(status));
        return EXIT_FAILED;
    }
    if (explainer.explained == 0)
        puts(_("no such flow"));
    if (status == RNET_PARTIAL)
        complain("%s", err.message[0] != '\0' ? err.message : _("stopped before the end"));
    return status == RNET_PARTIAL ? EXIT_PARTIAL : EXIT_DONE;
}
