#include "explain.h"

#include "language.h"
#include "progress.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct explainer {
    const struct explain_request *request;
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

static void
explain_flow(void *context, const struct rnet_flow *ended)
{
    struct explainer *explainer = context;
    struct rnet_flow flow = *ended;
    struct rnet_explanation why;
    const bool by_number = explainer->flow_id != 0;

    if (by_number && flow.id != explainer->flow_id)
        return;
    rnet_classifier_explain(explainer->request->reading->observe.classifier, &flow, &why);
    if (!by_number && !explainer->all && why.label.usage != explainer->usage)
        return;
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
}

/* Read as for a report, so that labels are those of a report; the profile is not wanted. */
static enum rnet_status
observe_flows(struct explainer *explainer, struct rnet_capture *capture, struct rnet_error *err)
{
    struct rnet_observe_options observe = *reading_options(explainer->request->reading);
    struct rnet_profile *profile = NULL;
    struct progress progress;
    enum rnet_status status;

    observe.stop = &stop_requested;
    observe.progress = progress_reading;
    observe.progress_context = &progress;
    observe.flow_ended = explain_flow;
    observe.flow_context = explainer;
    progress_begin(&progress, explainer->request->quiet);
    status = rnet_observe(capture, &observe, &profile, err);
    progress_end(&progress);
    rnet_profile_free(profile);
    return status;
}

int
explain_captures(const struct explain_request *request, char **paths, size_t count)
{
    struct confinement confinement = request->confinement;
    struct explainer explainer = {.request = request};
    struct rnet_capture *capture;
    struct rnet_error err = {0};
    enum rnet_status status;

    read_what(request->what, &explainer);
    catch_signals();
    status = reading_open(request->reading, (const char *const *)paths, count, &confinement,
                          &capture, &err);
    if (status == RNET_OK)
        status = observe_flows(&explainer, capture, &err);
    reading_close(request->reading, capture);
    if (status < RNET_OK) {
        complain("%s", err.message[0] != '\0' ? err.message : rnet_status_text(status));
        return EXIT_FAILED;
    }
    if (explainer.explained == 0)
        puts(_("no such flow"));
    if (status == RNET_PARTIAL)
        complain("%s", err.message[0] != '\0' ? err.message : _("stopped before the end"));
    return status == RNET_PARTIAL ? EXIT_PARTIAL : EXIT_DONE;
}
