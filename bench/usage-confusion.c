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
 * groups of equally many captures, whose noise alone is about 0.05 with 11 captures a group. Rules
 * and tables were changed while looking at these captures, so all figures here are in-sample;
 * usage-heldout.c prints those that are not.
 */
#include "figure.h"
#include "usage-captures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct totals {
    uint64_t captures, right;
    uint64_t by_capture[RNET_USAGE_COUNT][RNET_USAGE_COUNT];
    uint64_t by_flow[RNET_USAGE_COUNT][RNET_USAGE_COUNT];
    uint64_t by_byte[RNET_USAGE_COUNT][RNET_USAGE_COUNT];
};

static struct results results;

static void
show_flow(void *context, const struct result *result, const struct rnet_flow *flow,
          const struct rnet_explanation *why)
{
    const struct rnet_conversation *c = &flow->conversation;

    (void)context, (void)result;
    printf("    %s %u>%u %s %.1fs up %llu B %llu p, down %llu B %llu p, opened by %s: %s %.2f %s",
           flow->protocol == 6    ? "tcp"
           : flow->protocol == 17 ? "udp"
                                  : "ip",
           flow->office_port, flow->internet_port,
           flow->scope == RNET_SCOPE_INTERNAL ? "internal" : "",
           (double)(c->end_ns - c->start_ns) / 1e9, (unsigned long long)c->bytes[0],
           (unsigned long long)c->packets[0], (unsigned long long)c->bytes[1],
           (unsigned long long)c->packets[1], flow->opened_by_office ? "office" : "internet",
           rnet_usage_info(why->label.usage)->id, why->label.confidence, why->label.application);
    for (size_t i = 0; i < why->count; i++)
        printf("%s %s=%s:%.2f:%s", i == 0 ? " [" : ",", why->layers[i].layer,
               rnet_usage_info(why->layers[i].label.usage)->id, why->layers[i].label.confidence,
               why->layers[i].label.application);
    printf("%s %s %s\n", why->count > 0 ? "]" : "", why->refined != NULL ? why->refined : "",
           why->host);
}

static void
add_up(struct totals *totals)
{
    memset(totals, 0, sizeof *totals);
    for (size_t i = 0; i < results.count; i++) {
        const struct result *r = &results.item[i];
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

    for (size_t i = 0; i < results.count; i++) {
        const double c = confidence_of(&results.item[i]);
        const int at = c >= 1 ? 9 : (int)(c * 10);

        if (results.item[i].found == RNET_USAGE_UNKNOWN)
            continue;
        confidence[at] += c;
        right[at] += results.item[i].right;
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

    for (size_t i = 0; i < results.count; i++)
        if (results.item[i].found != RNET_USAGE_UNKNOWN)
            sorted[count++] = &results.item[i];
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
    for (size_t i = 0; i < results.count; i++) {
        unsigned all = 0, right = 0, others = 0, others_right = 0;
        double confidence = 0;

        if (seen[i])
            continue;
        for (size_t j = 0; j < results.count; j++) {
            if (strcmp(results.item[i].source, results.item[j].source) != 0) {
                others++;
                others_right += results.item[j].right;
                continue;
            }
            seen[j] = true;
            all++;
            right += results.item[j].right;
            confidence += confidence_of(&results.item[j]);
        }
        printf("  %-42s %3u of %3u right, confidence %.2f; all others %5.1f%% right\n",
               results.item[i].source, right, all, confidence / all,
               others > 0 ? 100.0 * others_right / others : 0);
    }
}

static void
print_captures(void)
{
    for (size_t i = 0; i < results.count; i++) {
        const struct result *r = &results.item[i];
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

static int
run_given(const struct setting *setting, char **paths, int count)
{
    for (int i = 0; i < count; i++) {
        struct result result = {0};

        run_file(setting, paths[i], &result);
    }
    return EXIT_SUCCESS;
}

/* Every mode that has a loss to state. */
static const struct {
    const char *title;
    struct setting setting;
} modes[] = {
    {"all layers", {.snap_bytes = 0}},
    {"without nDPI (--no-dpi)", {.classifier.no_dpi = true}},
    {"96 bytes of each packet", {.snap_bytes = 96}},
    {"96 bytes of each packet, without nDPI", {.snap_bytes = 96, .classifier.no_dpi = true}},
    {"nDPI alone", {.classifier.only_dpi = true}},
};

static int
run_modes(void)
{
    size_t right[sizeof modes / sizeof modes[0]];

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (!run_all(&modes[i].setting, &results))
            return 77;
        report(modes[i].title);
        right[i] = count_right(&results);
    }
    printf("\n== side by side: captures right of %zu\n", results.count);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        printf("  %-40s %3zu  loss %zd\n", modes[i].title, right[i],
               (ssize_t)right[0] - (ssize_t)right[i]);
        figure(100.0 * (double)right[i] / (double)results.count, "%", "more", "captures right/%s",
               modes[i].title);
    }
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    struct setting setting = {0};
    bool captures = false;
    int given = 1;

    for (; given < argc && argv[given][0] == '-'; given++) {
        if (strcmp(argv[given], "--dpi-only") == 0)
            setting.classifier.only_dpi = true;
        else if (strcmp(argv[given], "--no-dpi") == 0)
            setting.classifier.no_dpi = true;
        else if (strcmp(argv[given], "--captures") == 0)
            captures = true;
        else if (strcmp(argv[given], "--flows") == 0)
            setting.classifier.keep_hosts = true, setting.flow = show_flow;
        else if (strcmp(argv[given], "--snap") == 0 && given + 1 < argc)
            setting.snap_bytes = (uint32_t)strtoul(argv[++given], NULL, 10);
    }
    if (argc == 1)
        return run_modes();
    if (given < argc)
        return run_given(&setting, argv + given, argc - given);
    if (!run_all(&setting, &results))
        return 77;
    if (captures)
        print_captures();
    report("as asked");
    return EXIT_SUCCESS;
}
