#include "usage-captures.h"

#include <ruralnet/capture.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *words;
    enum rnet_usage usages[2];
} meanings[] = {
    {"web", {RNET_USAGE_WEB}},
    {"email", {RNET_USAGE_EMAIL}},
    {"voip", {RNET_USAGE_VOIP}},
    {"videoconference", {RNET_USAGE_VIDEOCONFERENCE}},
    {"messaging", {RNET_USAGE_MESSAGING}},
    {"video streaming", {RNET_USAGE_VIDEO_STREAMING}},
    {"audio streaming", {RNET_USAGE_AUDIO_STREAMING}},
    {"file transfer", {RNET_USAGE_FILE_TRANSFER}},
    {"cloud sync/backup", {RNET_USAGE_CLOUD_SYNC, RNET_USAGE_BACKUP}},
    {"remote desktop", {RNET_USAGE_REMOTE_DESKTOP}},
    {"vpn", {RNET_USAGE_VPN}},
    {"lan file sharing", {RNET_USAGE_FILE_SHARING}},
    {"database/erp", {RNET_USAGE_BUSINESS_APP}},
    {"software update", {RNET_USAGE_SOFTWARE_UPDATE}},
    {"telemetry/iot/payment", {RNET_USAGE_TELEMETRY}},
    {"video surveillance", {RNET_USAGE_VIDEO_SURVEILLANCE}},
    {"social", {RNET_USAGE_SOCIAL}},
    {"remote shell", {RNET_USAGE_REMOTE_SHELL}},
    {"gaming/p2p", {RNET_USAGE_LEISURE}},
    {"network services", {RNET_USAGE_NETWORK}},
};

struct run {
    const struct setting *setting;
    struct rnet_classifier *classifier;
    struct result *result;
};

const char *
shared_top(void)
{
    const char *top = getenv("RNET_SHARED");

    return top != NULL ? top : RNET_SOURCE_ROOT "/../shared";
}

static void
count_label(struct result *result, const struct rnet_label *label, uint64_t bytes)
{
    result->bytes[label->usage] += bytes;
    result->weight[label->usage] += label->confidence * (double)bytes;
    result->evidence[label->usage][label->evidence] += (double)bytes;
}

static enum rnet_status
flow_ended(void *context, const struct rnet_flow *ended)
{
    struct run *run = context;
    struct rnet_flow flow = *ended;
    const uint64_t bytes = flow.conversation.bytes[0] + flow.conversation.bytes[1];
    struct rnet_label label;

    if (run->setting->flow != NULL) {
        struct rnet_explanation why;

        rnet_classifier_explain(run->classifier, &flow, &why);
        run->setting->flow(run->setting->context, run->result, &flow, &why);
    }
    rnet_classifier_decide(run->classifier, &flow, &label);
    count_label(run->result, &label, bytes);
    run->result->flows[label.usage]++;
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

/* Forget what a shorter snap length would not have kept. */
static void
snap(struct rnet_packet *packet, uint32_t snap_bytes)
{
    if (snap_bytes != 0 && packet->captured_bytes > snap_bytes)
        packet->captured_bytes = snap_bytes;
}

static void
count_lone_packet(struct run *run, const struct rnet_headers *headers)
{
    struct rnet_label label;

    rnet_classifier_judge_packet(run->classifier, headers, &label);
    count_label(run->result, &label, headers->ip_bytes);
}

static void
read_packets(struct rnet_capture *capture, struct rnet_flow_table *table, struct run *run)
{
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_error err = {0};

    while (rnet_capture_next(capture, &packet, &err) == RNET_OK) {
        struct rnet_flow *flow = NULL;

        snap(&packet, run->setting->snap_bytes);
        if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
            continue;
        if (rnet_flow_table_add(table, &headers, &flow) != RNET_OK)
            continue;
        if (flow != NULL)
            rnet_classifier_feed(run->classifier, flow, &headers);
        else if (headers.is_broadcast) /* a copy counts nowhere */
            count_lone_packet(run, &headers);
    }
    rnet_flow_table_finish(table);
}

void
run_file(const struct setting *setting, const char *path, struct result *result)
{
    struct run run = {.setting = setting, .result = result};
    const struct rnet_flow_sink sink = {&run, ignore_messages, ignore_datagrams, flow_ended};
    const struct rnet_flow_options flow_options = {.hash_seed = {1, 2}};
    struct rnet_flow_table *table = NULL;
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};

    if (rnet_classifier_new(&setting->classifier, &run.classifier, &err) != RNET_OK ||
        rnet_flow_table_new(&flow_options, &sink, &table) != RNET_OK ||
        rnet_capture_open(path, NULL, &capture, &err) != RNET_OK) {
        fprintf(stderr, "%s: %s\n", path, err.message);
    } else {
        result->readable = true;
        read_packets(capture, table, &run);
    }
    rnet_capture_close(capture);
    rnet_flow_table_free(table);
    rnet_classifier_free(run.classifier);
}

bool
is_expected(const struct result *result, enum rnet_usage usage)
{
    return usage != RNET_USAGE_UNKNOWN &&
           (usage == result->expected[0] || usage == result->expected[1]);
}

static void
find_dominant(struct result *result)
{
    enum rnet_usage best = RNET_USAGE_UNKNOWN;

    for (int u = 1; u < RNET_USAGE_COUNT; u++) {
        if (u == RNET_USAGE_NETWORK && !is_expected(result, RNET_USAGE_NETWORK))
            continue;
        if (result->bytes[u] > (best == RNET_USAGE_UNKNOWN ? 0 : result->bytes[best]))
            best = (enum rnet_usage)u;
    }
    /* Naming a tenth and leaving the rest unknown is not to have named the capture. */
    if (best != RNET_USAGE_UNKNOWN && result->bytes[RNET_USAGE_UNKNOWN] > result->bytes[best])
        best = RNET_USAGE_UNKNOWN;
    result->found = best;
    result->right = is_expected(result, best);
}

static char *
next_field(char **at)
{
    char *field = *at, *end;

    if (field == NULL)
        return NULL;
    end = strchr(field, '\t');
    if (end != NULL)
        *end++ = '\0';
    *at = end;
    return field;
}

static bool
read_line(char *line, struct result *result)
{
    char *at = line;
    const char *file = next_field(&at), *usage = next_field(&at), *app = next_field(&at), *source;

    source = next_field(&at);
    if (usage == NULL || app == NULL || source == NULL)
        return false;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strcmp(meanings[i].words, usage) != 0)
            continue;
        memset(result, 0, sizeof *result);
        snprintf(result->file, sizeof result->file, "%.199s", file);
        snprintf(result->source, sizeof result->source, "%.79s", source);
        memcpy(result->expected, meanings[i].usages, sizeof result->expected);
        if (strcmp(app, "Kerberos") == 0 || strcmp(app, "LDAP") == 0)
            result->expected[0] = RNET_USAGE_BUSINESS_APP;
        return true;
    }
    return false; /* hostile, mixed, provably unknown */
}

double
confidence_of(const struct result *result)
{
    const uint64_t bytes = result->bytes[result->found];

    return result->found != RNET_USAGE_UNKNOWN && bytes > 0
               ? result->weight[result->found] / (double)bytes
               : 0;
}

enum rnet_evidence
evidence_of(const struct result *result)
{
    const double *const bytes = result->evidence[result->found];
    enum rnet_evidence best = RNET_EVIDENCE_NONE;

    for (int i = 0; i < RNET_EVIDENCE_COUNT; i++)
        if (bytes[i] > bytes[best])
            best = (enum rnet_evidence)i;
    return best;
}

size_t
count_right(const struct results *results)
{
    size_t right = 0;

    for (size_t i = 0; i < results->count; i++)
        right += results->item[i].right;
    return right;
}

void
run_result(const struct setting *setting, struct result *result)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/captures/%s", shared_top(), result->file);
    run_file(setting, path, result);
    find_dominant(result);
}

bool
read_manifest(struct results *results)
{
    char path[4096], line[8192];
    FILE *manifest;

    snprintf(path, sizeof path, "%s/captures/MANIFEST.tsv", shared_top());
    manifest = fopen(path, "r");
    if (manifest == NULL) {
        fprintf(stderr,
                "skipped: the shared captures are not here (RNET_SHARED names their place)\n");
        return false;
    }
    results->count = 0;
    while (results->count < CAPTURES_MAX && fgets(line, sizeof line, manifest) != NULL)
        results->count += read_line(line, &results->item[results->count]);
    fclose(manifest);
    return true;
}

bool
run_all(const struct setting *setting, struct results *results)
{
    size_t kept = 0;

    if (!read_manifest(results))
        return false;
    for (size_t i = 0; i < results->count; i++) {
        run_result(setting, &results->item[i]);
        if (results->item[i].readable)
            results->item[kept++] = results->item[i];
    }
    results->count = kept;
    return true;
}
