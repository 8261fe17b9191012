/*
 * How often is the usage right? Runs every labelled shared capture through decode, flow table and
 * classifier, and compares the capture's dominant usage with the manifest's.
 *
 *     usage-confusion [--dpi-only | --no-dpi] [--snap BYTES] [--captures] [--flows] [FILE…]
 *
 * Dominant: the usage with most IP bytes among the capture's flows, `network` and `unknown` left
 * out unless nothing else is there (a capture expected to be `network` counts all). Broadcast and
 * flows between office hosts count: many test captures are of one LAN. Kerberos and LDAP, which the
 * manifest files under network services, are business_app (design.md §4). Right: it is one of the
 * usages the manifest's words stand for (the table `meanings`).
 * Calibration: the usual error over ten classes of confidence (0-0.1 … 0.9-1), each capture one
 * label, its confidence the byte-weighted mean of its dominant usage; and the harsher one over ten
 * groups of equally many captures, whose noise alone is about 0.05 with 11 captures a group. Rules,
 * tables and the corners of probability() in lib/usage/decide.c were changed while looking at these
 * captures, so all figures are in-sample. The list by source only compares sources, share right and
 * mean confidence of each against all others: nothing is refitted with one left out.
 */
#include <ruralnet/capture.h>
#include <ruralnet/flow.h>
#include <ruralnet/usage.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPTURES_MAX 1000
#define SOURCES_MAX 100

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

struct result {
    char file[200];
    char source[80];
    enum rnet_usage expected[2];
    uint64_t bytes[RNET_USAGE_COUNT];
    uint64_t flows[RNET_USAGE_COUNT];
    double weight[RNET_USAGE_COUNT]; /* confidence times bytes */
    enum rnet_usage found;
    bool right, readable;
};

struct totals {
    uint64_t captures, right;
    uint64_t by_capture[RNET_USAGE_COUNT][RNET_USAGE_COUNT];
    uint64_t by_flow[RNET_USAGE_COUNT][RNET_USAGE_COUNT];
    uint64_t by_byte[RNET_USAGE_COUNT][RNET_USAGE_COUNT];
};

struct run {
    struct rnet_classifier *classifier;
    struct result *result;
    bool show_flows;
};

static struct result results[CAPTURES_MAX];
static size_t result_count;
static uint32_t snap_bytes = UINT32_MAX;

static void
show_flow(struct run *run, struct rnet_flow *flow)
{
    struct rnet_explanation why;
    const struct rnet_conversation *c = &flow->conversation;

    rnet_classifier_explain(run->classifier, flow, &why);
    printf("    %s %u>%u %s %.1fs up %llu B %llu p, down %llu B %llu p, opened by %s: %s %.2f %s",
           flow->protocol == 6    ? "tcp"
           : flow->protocol == 17 ? "udp"
                                  : "ip",
           flow->office_port, flow->internet_port,
           flow->scope == RNET_SCOPE_INTERNAL ? "internal" : "",
           (double)(c->end_ns - c->start_ns) / 1e9, (unsigned long long)c->bytes[0],
           (unsigned long long)c->packets[0], (unsigned long long)c->bytes[1],
           (unsigned long long)c->packets[1], flow->opened_by_office ? "office" : "internet",
           rnet_usage_info(why.label.usage)->id, why.label.confidence, why.label.application);
    for (size_t i = 0; i < why.count; i++)
        printf("%s %s=%s:%.2f:%s", i == 0 ? " [" : ",", why.layers[i].layer,
               rnet_usage_info(why.layers[i].label.usage)->id, why.layers[i].label.confidence,
               why.layers[i].label.application);
    printf("%s %s %s\n", why.count > 0 ? "]" : "", why.refined != NULL ? why.refined : "",
           why.host);
}

static enum rnet_status
flow_ended(void *context, const struct rnet_flow *ended)
{
    struct run *run = context;
    struct rnet_flow flow = *ended;
    const uint64_t bytes = flow.conversation.bytes[0] + flow.conversation.bytes[1];
    struct rnet_label label;

    if (run->show_flows)
        show_flow(run, &flow);
    rnet_classifier_decide(run->classifier, &flow, &label);
    run->result->bytes[label.usage] += bytes;
    run->result->flows[label.usage]++;
    run->result->weight[label.usage] += label.confidence * (double)bytes;
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
snap(struct rnet_packet *packet)
{
    if (packet->captured_bytes > snap_bytes)
        packet->captured_bytes = snap_bytes;
}

static void
count_lone_packet(struct run *run, const struct rnet_headers *headers)
{
    struct rnet_label label;

    rnet_classifier_judge_packet(run->classifier, headers, &label);
    run->result->bytes[label.usage] += headers->ip_bytes;
    run->result->weight[label.usage] += label.confidence * headers->ip_bytes;
}

static void
read_packets(struct rnet_capture *capture, struct rnet_flow_table *table, struct run *run)
{
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_error err = {0};

    while (rnet_capture_next(capture, &packet, &err) == RNET_OK) {
        struct rnet_flow *flow = NULL;

        snap(&packet);
        if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
            continue;
        if (rnet_flow_table_add(table, &headers, &flow) != RNET_OK)
            continue;
        if (flow != NULL)
            rnet_classifier_feed(run->classifier, flow, &headers);
        else
            count_lone_packet(run, &headers);
    }
    rnet_flow_table_finish(table);
}

static void
run_capture(const struct rnet_classifier_options *options, const char *path, struct result *result,
            bool show_flows)
{
    struct run run = {.result = result, .show_flows = show_flows};
    const struct rnet_flow_sink sink = {&run, ignore_messages, ignore_datagrams, flow_ended};
    const struct rnet_flow_options flow_options = {.hash_seed = {1, 2}};
    struct rnet_flow_table *table = NULL;
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};

    if (rnet_classifier_new(options, &run.classifier, &err) != RNET_OK ||
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

static bool
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

static void
add_up(struct totals *totals)
{
    memset(totals, 0, sizeof *totals);
    for (size_t i = 0; i < result_count; i++) {
        const struct result *r = &results[i];
        const enum rnet_usage expected = is_expected(r, r->found) ? r->found : r->expected[0];

        totals->captures++;
        totals->right += r->right;
        totals->by_capture[expected][r->found]++;
        for (int u = 0; u < RNET_USAGE_COUNT; u++) {
            totals->by_flow[expected][u] += r->flows[u];
            totals->by_byte[expected][u] += r->bytes[u];
        }
    }
}

static void
print_matrix(const char *title, uint64_t matrix[RNET_USAGE_COUNT][RNET_USAGE_COUNT])
{
    printf("\n%s: expected, then found\n", title);
    for (int e = 0; e < RNET_USAGE_COUNT; e++) {
        uint64_t all = 0;

        for (int f = 0; f < RNET_USAGE_COUNT; f++)
            all += matrix[e][f];
        if (all == 0)
            continue;
        printf("  %-19s %6.1f%% right of %-9llu", rnet_usage_info((enum rnet_usage)e)->id,
               100.0 * (double)matrix[e][e] / (double)all, (unsigned long long)all);
        for (int f = 0; f < RNET_USAGE_COUNT; f++)
            if (f != e && matrix[e][f] > 0)
                printf(" %s %llu", rnet_usage_info((enum rnet_usage)f)->id,
                       (unsigned long long)matrix[e][f]);
        printf("\n");
    }
}

static double
confidence_of(const struct result *result)
{
    const uint64_t bytes = result->bytes[result->found];

    return result->found != RNET_USAGE_UNKNOWN && bytes > 0
               ? result->weight[result->found] / (double)bytes
               : 0;
}

static int
compare_confidence(const void *a, const void *b)
{
    const double left = confidence_of(*(const struct result *const *)a);
    const double right = confidence_of(*(const struct result *const *)b);

    return (left > right) - (left < right);
}

/* Mean distance of confidence and share right over the usual ten classes of confidence. */
static double
class_error(void)
{
    double confidence[10] = {0}, right[10] = {0}, error = 0;
    size_t count = 0;

    for (size_t i = 0; i < result_count; i++) {
        const double c = confidence_of(&results[i]);
        const int at = c >= 1 ? 9 : (int)(c * 10);

        if (results[i].found == RNET_USAGE_UNKNOWN)
            continue;
        confidence[at] += c;
        right[at] += results[i].right;
        count++;
    }
    for (int at = 0; at < 10; at++)
        error += fabs(confidence[at] - right[at]);
    return count > 0 ? error / (double)count : 0;
}

/* The same over ten groups of equally many captures, printed. */
static double
group_error(void)
{
    const struct result *sorted[CAPTURES_MAX];
    size_t count = 0;
    double error = 0;

    for (size_t i = 0; i < result_count; i++)
        if (results[i].found != RNET_USAGE_UNKNOWN)
            sorted[count++] = &results[i];
    qsort(sorted, count, sizeof sorted[0], compare_confidence);
    for (size_t group = 0; group < 10 && count >= 10; group++) {
        const size_t from = count * group / 10, to = count * (group + 1) / 10;
        double confidence = 0, right = 0;

        for (size_t i = from; i < to; i++) {
            confidence += confidence_of(sorted[i]);
            right += sorted[i]->right;
        }
        error += fabs(confidence - right);
        printf("  %2zu captures, confidence %.2f, right %.2f\n", to - from,
               confidence / (double)(to - from), right / (double)(to - from));
    }
    return count > 0 ? error / (double)count : 0;
}

static void
print_sources(void)
{
    bool seen[CAPTURES_MAX] = {false};

    printf("\nby source\n");
    for (size_t i = 0; i < result_count; i++) {
        unsigned all = 0, right = 0, others = 0, others_right = 0;
        double confidence = 0;

        if (seen[i])
            continue;
        for (size_t j = 0; j < result_count; j++) {
            if (strcmp(results[i].source, results[j].source) != 0) {
                others++;
                others_right += results[j].right;
                continue;
            }
            seen[j] = true;
            all++;
            right += results[j].right;
            confidence += confidence_of(&results[j]);
        }
        printf("  %-42s %3u of %3u right, confidence %.2f; all others %5.1f%% right\n",
               results[i].source, right, all, confidence / all,
               others > 0 ? 100.0 * others_right / others : 0);
    }
}

static void
print_captures(void)
{
    for (size_t i = 0; i < result_count; i++) {
        const struct result *r = &results[i];
        uint64_t all = 0;

        for (int u = 0; u < RNET_USAGE_COUNT; u++)
            all += r->bytes[u];
        printf("%s %s: expected %s, found %s (%.2f):", r->right ? "ok   " : "WRONG", r->file,
               rnet_usage_info(r->expected[0])->id, rnet_usage_info(r->found)->id,
               confidence_of(r));
        for (int u = 0; u < RNET_USAGE_COUNT && all > 0; u++)
            if (r->bytes[u] > 0)
                printf(" %s %.1f%%", rnet_usage_info((enum rnet_usage)u)->id,
                       100.0 * (double)r->bytes[u] / (double)all);
        printf("\n");
    }
}

static void
report(const char *title)
{
    static struct totals totals;
    uint64_t bytes = 0, unknown = 0, flows = 0, unknown_flows = 0;

    add_up(&totals);
    for (int e = 0; e < RNET_USAGE_COUNT; e++) {
        unknown += totals.by_byte[e][RNET_USAGE_UNKNOWN];
        unknown_flows += totals.by_flow[e][RNET_USAGE_UNKNOWN];
        for (int f = 0; f < RNET_USAGE_COUNT; f++) {
            bytes += totals.by_byte[e][f];
            flows += totals.by_flow[e][f];
        }
    }
    printf(
        "\n== %s\n%llu of %llu captures right (%.1f%%); unknown %.2f%% of bytes, %.2f%% of flows\n",
        title, (unsigned long long)totals.right, (unsigned long long)totals.captures,
        100.0 * (double)totals.right / (double)totals.captures,
        100.0 * (double)unknown / (double)bytes, 100.0 * (double)unknown_flows / (double)flows);
    print_matrix("captures", totals.by_capture);
    print_matrix("bytes", totals.by_byte);
    print_matrix("flows", totals.by_flow);
    print_sources();
    printf("\ncalibration: error %.3f over classes of confidence\n", class_error());
    printf("  error %.3f over groups of equally many captures\n", group_error());
}

static bool
run_all(const char *top, const struct rnet_classifier_options *options)
{
    char path[4096], line[8192];
    FILE *manifest;

    snprintf(path, sizeof path, "%s/captures/MANIFEST.tsv", top);
    manifest = fopen(path, "r");
    if (manifest == NULL) {
        fprintf(stderr,
                "skipped: the shared captures are not here (RNET_SHARED names their place)\n");
        return false;
    }
    result_count = 0;
    while (fgets(line, sizeof line, manifest) != NULL && result_count < CAPTURES_MAX) {
        struct result *result = &results[result_count];

        if (!read_line(line, result))
            continue;
        snprintf(path, sizeof path, "%s/captures/%s", top, result->file);
        run_capture(options, path, result, false);
        find_dominant(result);
        result_count += result->readable;
    }
    fclose(manifest);
    return true;
}

int
main(int argc, char **argv)
{
    struct rnet_classifier_options options = {0};
    const char *top = getenv("RNET_SHARED");
    bool captures = false, flows = false, given = false;
    const char *title = "all layers";

    if (top == NULL)
        top = RNET_SOURCE_ROOT "/../shared";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--dpi-only") == 0) {
            options.only_dpi = true;
            title = "nDPI alone";
        } else if (strcmp(argv[i], "--no-dpi") == 0) {
            options.no_dpi = true;
            title = "without nDPI";
        } else if (strcmp(argv[i], "--captures") == 0) {
            captures = true;
        } else if (strcmp(argv[i], "--flows") == 0) {
            flows = options.keep_hosts = true;
        } else if (strcmp(argv[i], "--snap") == 0 && i + 1 < argc) {
            snap_bytes = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else {
            struct result result = {0};

            given = true;
            run_capture(&options, argv[i], &result, flows);
        }
    }
    if (given)
        return EXIT_SUCCESS;
    if (!run_all(top, &options))
        return 77;
    if (captures)
        print_captures();
    report(title);
    if (argc == 1) {
        options.only_dpi = true;
        run_all(top, &options);
        report("nDPI alone");
    }
    return EXIT_SUCCESS;
}
