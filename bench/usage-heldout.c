/*
 * Would it be as right on captures it was not made with? Four questions, over the labelled shared
 * captures (what counts as right: usage-confusion.c):
 *
 * 1. Which evidence carries the result: kinds of evidence left out, down to shape alone.
 * 2. Knowledge withheld by capture: each capture is judged by tables without the lines that only it
 *    matches, so that nothing in them can have been written for it.
 * 3. The same by source: without the lines that only captures of its repository match. For the
 *    largest source that takes away most of what is known of single services.
 * 4. Calibration: the curves of data/confidence.txt fitted without a source, judged on that source
 *    only; then fitted on all, as the table has them.
 *
 * What this cannot hold out: the rules of lib/usage, which are written in the program.
 */
#include "figure.h"
#include "usage-captures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 4096

static const char *const tables[] = {"agents.txt",    "names.txt",  "ports.txt",
                                     "protocols.txt", "ranges.txt", "signatures.txt",
                                     "confidence.txt"};
enum { TABLES = sizeof tables / sizeof tables[0], CONFIDENCE_TABLE = TABLES - 1 };

/* Who matched a line of a table: nobody, one unit (its number + 1), or several. */
#define SEVERAL UINT16_MAX
static uint16_t owners[TABLES][LINES_MAX];
static size_t unit_of[CAPTURES_MAX];

static struct results full, other;
static char directory[] = "/tmp/rnet-heldout-XXXXXX";

static int
table_of(const char *rule, unsigned *line)
{
    const char *colon = strchr(rule, ':');

    for (int t = 0; t < TABLES && colon != NULL; t++) {
        if (strlen(tables[t]) == (size_t)(colon - rule) &&
            strncmp(tables[t], rule, strlen(tables[t])) == 0) {
            *line = (unsigned)strtoul(colon + 1, NULL, 10);
            return *line < LINES_MAX ? t : -1;
        }
    }
    return -1;
}

static void
note_rules(void *context, const struct result *result, const struct rnet_flow *flow,
           const struct rnet_explanation *why)
{
    const uint16_t unit = (uint16_t)(unit_of[result - full.item] + 1);

    (void)context, (void)flow;
    for (size_t i = 0; i < why->count; i++) {
        unsigned line;
        const int table = table_of(why->layers[i].rule, &line);
        uint16_t *owner = table >= 0 ? &owners[table][line] : NULL;

        if (owner != NULL)
            *owner = *owner == 0 || *owner == unit ? unit : SEVERAL;
    }
}

/* Copy a table into the directory, the lines of `unit` emptied. */
static void
write_table(int table, uint16_t unit, bool empty)
{
    char path[4096], text[8192];
    FILE *from, *to;

    snprintf(path, sizeof path, "%s/lib/usage/data/%s", RNET_SOURCE_ROOT, tables[table]);
    from = fopen(path, "r");
    snprintf(path, sizeof path, "%s/%s", directory, tables[table]);
    to = fopen(path, "w");
    if (from == NULL || to == NULL) {
        fprintf(stderr, "%s: cannot be copied\n", tables[table]);
        exit(EXIT_FAILURE);
    }
    for (unsigned line = 1; fgets(text, sizeof text, from) != NULL; line++)
        fputs(empty || (line < LINES_MAX && unit != 0 && owners[table][line] == unit) ? "\n" : text,
              to);
    fclose(from);
    fclose(to);
}

static void
write_tables(uint16_t unit, bool raw_strength)
{
    for (int t = 0; t < TABLES; t++)
        write_table(t, unit, raw_strength && t == CONFIDENCE_TABLE);
}

static void
remove_tables(void)
{
    char path[4096];

    for (int t = 0; t < TABLES; t++) {
        snprintf(path, sizeof path, "%s/%s", directory, tables[t]);
        unlink(path);
    }
    rmdir(directory);
}

static double
unknown_share(const struct results *results)
{
    uint64_t all = 0, unknown = 0;

    for (size_t i = 0; i < results->count; i++) {
        for (int u = 0; u < RNET_USAGE_COUNT; u++)
            all += results->item[i].bytes[u];
        unknown += results->item[i].bytes[RNET_USAGE_UNKNOWN];
    }
    return all > 0 ? (double)unknown / (double)all : 0;
}

static void
print_line(const char *title, const struct results *results)
{
    const size_t right = count_right(results);

    printf("  %-46s %3zu of %zu right (%.1f%%), unknown %.1f%% of bytes\n", title, right,
           results->count, 100.0 * (double)right / (double)results->count,
           100.0 * unknown_share(results));
    figure(100.0 * (double)right / (double)results->count, "%", "more", "captures right/%s", title);
}

#define BIT(kind) (1u << RNET_EVIDENCE_##kind)

static void
print_ablations(void)
{
    static const struct {
        const char *title;
        struct setting setting;
    } runs[] = {
        {"all evidence", {.snap_bytes = 0}},
        {"no names", {.classifier.without = BIT(NAME)}},
        {"no addresses", {.classifier.without = BIT(ADDRESS)}},
        {"no ports", {.classifier.without = BIT(PORT)}},
        {"no shape", {.classifier.without = BIT(SHAPE)}},
        {"no nDPI", {.classifier.no_dpi = true}},
        {"no nDPI, no names, no addresses",
         {.classifier = {.no_dpi = true, .without = BIT(NAME) | BIT(ADDRESS)}}},
        {"ports and shape only", {.classifier.without = BIT(PROTOCOL) | BIT(NAME) | BIT(ADDRESS)}},
        {"shape only",
         {.classifier.without = BIT(PROTOCOL) | BIT(NAME) | BIT(ADDRESS) | BIT(PORT)}},
    };

    printf("\n== evidence left out\n");
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        run_all(&runs[i].setting, &other);
        print_line(runs[i].title, &other);
    }
}

/* Number the units the captures belong to; returns how many. */
static size_t
number_units(bool by_source)
{
    size_t units = 0;

    for (size_t i = 0; i < full.count; i++) {
        size_t same = 0;

        while (by_source && same < i && strcmp(full.item[same].source, full.item[i].source) != 0)
            same++;
        unit_of[i] = by_source && same < i ? unit_of[same] : units++;
    }
    return units;
}

/* Run every capture with the tables its unit leaves; results in `other`. */
static void
run_withheld(bool by_source)
{
    const struct setting noting = {.flow = note_rules};
    const struct setting withheld = {.classifier.data_directory = directory};
    const size_t units = number_units(by_source);

    memset(owners, 0, sizeof owners);
    for (size_t i = 0; i < full.count; i++)
        run_result(&noting, &full.item[i]);
    read_manifest(&other);
    for (size_t u = 0; u < units; u++) {
        write_tables((uint16_t)(u + 1), false);
        for (size_t i = 0; i < full.count; i++)
            if (unit_of[i] == u)
                run_result(&withheld, &other.item[i]);
    }
}

static size_t
lines_owned(bool by_one)
{
    size_t lines = 0;

    for (int t = 0; t < TABLES; t++)
        for (unsigned line = 0; line < LINES_MAX; line++)
            lines +=
                by_one ? owners[t][line] != 0 && owners[t][line] != SEVERAL : owners[t][line] != 0;
    return lines;
}

static void
print_classes(const struct results *results)
{
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        size_t all = 0, right = 0;
        unsigned taken[RNET_USAGE_COUNT] = {0};

        for (size_t i = 0; i < results->count; i++) {
            const struct result *r = &results->item[i];

            if ((int)r->expected[0] != u)
                continue;
            all++;
            right += r->right;
            taken[r->found] += !r->right;
        }
        if (all == 0)
            continue;
        printf("    %-19s %2zu of %2zu", rnet_usage_info((enum rnet_usage)u)->id, right, all);
        for (int f = 0; f < RNET_USAGE_COUNT; f++)
            if (taken[f] > 0)
                printf("  %s %u", rnet_usage_info((enum rnet_usage)f)->id, taken[f]);
        printf("%s\n", all >= 3 && (double)right < 0.85 * (double)all ? "  (below 85 %)" : "");
    }
}

static void
print_withheld(bool by_source)
{
    printf("\n== knowledge withheld by %s\n", by_source ? "source" : "capture");
    run_withheld(by_source);
    printf("  %zu table lines matched, %zu of them by one %s only\n", lines_owned(false),
           lines_owned(true), by_source ? "source" : "capture");
    print_line("without those lines", &other);
    print_classes(&other);
}

/* ---- Calibration: bins of strength, each corner at a bin's mean. */

enum kind { NAMED, PORT, BLIND, SHAPE, KINDS };
static const char *const kind_names[KINDS] = {"named", "port", "blind", "shape"};
/* Lower edges of the bins; chosen to hold some captures each. */
static const double edges[] = {0, 0.60, 0.70, 0.90, 0.96};
#define BIN_MIN 5
enum { BINS = sizeof edges / sizeof edges[0] };

struct curve {
    size_t count;
    double strength[BINS], probability[BINS];
};

/* Sums over the samples of a bin. */
struct corner {
    double count, strength, right;
};

struct sample {
    double strength;
    bool right, is_fitted; /* what a curve is for: see add_samples() */
    enum kind kind;
    const char *source;
};

static struct sample samples[3 * CAPTURES_MAX];
static size_t sample_count;

/* Names and ports are fitted where packets are whole, blind ones where they are cut, shape where
 * there is nothing else. */
enum run { WHOLE, CUT, SHAPE_ONLY, RUNS };

static void
add_samples(const struct results *results, enum run run)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct result *r = &results->item[i];
        const enum rnet_evidence evidence = evidence_of(r);
        struct sample sample = {confidence_of(r), r->right, false, NAMED, r->source};

        if (r->found == RNET_USAGE_UNKNOWN)
            continue;
        if (evidence == RNET_EVIDENCE_SHAPE)
            sample.kind = SHAPE;
        else if (run == CUT && sample.strength < 0.6)
            sample.kind = BLIND;
        else if (evidence == RNET_EVIDENCE_PORT)
            sample.kind = PORT;
        sample.is_fitted = sample.kind == SHAPE   ? run == SHAPE_ONLY
                           : sample.kind == BLIND ? run == CUT
                                                  : run == WHOLE;
        samples[sample_count++] = sample;
    }
}

/* Add the samples of a bin. */
static void
add_bin(enum kind kind, const char *left_out, int bin, struct corner *corner)
{
    for (size_t i = 0; i < sample_count; i++) {
        const struct sample *s = &samples[i];

        if (s->kind != kind || !s->is_fitted ||
            (left_out != NULL && strcmp(s->source, left_out) == 0) || s->strength < edges[bin] ||
            (bin + 1 < BINS && s->strength >= edges[bin + 1]))
            continue;
        corner->count++;
        corner->strength += s->strength;
        corner->right += s->right;
    }
}

/* The share right, as if two more were as often right as their strength says. */
static double
share_right(const struct corner *corner)
{
    return (corner->right + 2 * corner->strength / corner->count) / (corner->count + 2);
}

/*
 * A corner at the mean of every bin; bins of less than BIN_MIN samples are joined to the next, and
 * bins whose share right would fall to the one before (isotonic regression). Without samples the
 * curve is empty: the strength itself.
 */
static struct curve
fit(enum kind kind, const char *left_out)
{
    struct corner corners[BINS], next = {0};
    struct curve curve = {0};
    size_t count = 0;

    for (int bin = 0; bin < BINS; bin++) {
        add_bin(kind, left_out, bin, &next);
        if (next.count < (bin + 1 < BINS ? BIN_MIN : 1))
            continue;
        corners[count++] = next;
        next = (struct corner){0};
        for (; count > 1 && share_right(&corners[count - 2]) > share_right(&corners[count - 1]);
             count--) {
            corners[count - 2].count += corners[count - 1].count;
            corners[count - 2].strength += corners[count - 1].strength;
            corners[count - 2].right += corners[count - 1].right;
        }
    }
    for (curve.count = 0; curve.count < count; curve.count++) {
        curve.strength[curve.count] = corners[curve.count].strength / corners[curve.count].count;
        curve.probability[curve.count] = share_right(&corners[curve.count]);
    }
    return curve;
}

static double
read_curve(const struct curve *curve, double strength)
{
    size_t i = 0;

    if (curve->count == 0)
        return strength;
    while (i < curve->count && strength > curve->strength[i])
        i++;
    if (i == 0 || i == curve->count)
        return curve->probability[i == 0 ? 0 : i - 1];
    return curve->probability[i - 1] + (curve->probability[i] - curve->probability[i - 1]) *
                                           (strength - curve->strength[i - 1]) /
                                           (curve->strength[i] - curve->strength[i - 1]);
}

/* The usual error over ten classes of confidence, each sample's by the curve of all other sources.
 */
static void
print_heldout_error(const char *title, size_t from, size_t to)
{
    double confidence[10] = {0}, right[10] = {0}, error = 0;
    size_t count[10] = {0};

    for (size_t i = from; i < to; i++) {
        const struct curve curve = fit(samples[i].kind, samples[i].source);
        const double p = read_curve(&curve, samples[i].strength);
        const int at = p >= 1 ? 9 : (int)(p * 10);

        confidence[at] += p;
        right[at] += samples[i].right;
        count[at]++;
    }
    printf("\n  %s, each source by the curves of the others\n", title);
    for (int at = 0; at < 10; at++) {
        error += fabs(confidence[at] - right[at]);
        if (count[at] > 0)
            printf("    said %.2f, right %.2f of %zu\n", confidence[at] / (double)count[at],
                   right[at] / (double)count[at], count[at]);
    }
    printf("    calibration error %.3f\n", to > from ? error / (double)(to - from) : 0);
}

static void
print_curves(void)
{
    printf("\n  the curves of all sources, for lib/usage/data/confidence.txt\n");
    for (int k = 0; k < KINDS; k++) {
        const struct curve curve = fit((enum kind)k, NULL);

        for (size_t i = 0; i < curve.count; i++)
            printf("    %s %.3f %.3f\n", kind_names[k], curve.strength[i], curve.probability[i]);
    }
}

static void
print_calibration(void)
{
    const struct rnet_classifier_options raw = {.data_directory = directory};
    struct setting settings[] = {
        {.classifier = raw}, {.classifier = raw, .snap_bytes = 96}, {.classifier = raw}};
    static const char *const titles[] = {"whole packets", "96 bytes of each packet", "shape only"};
    size_t ends[RUNS];

    settings[2].classifier.without = BIT(PROTOCOL) | BIT(NAME) | BIT(ADDRESS) | BIT(PORT);
    write_tables(0, true);
    sample_count = 0;
    for (int i = 0; i < RUNS; i++) {
        run_all(&settings[i], &other);
        add_samples(&other, (enum run)i);
        ends[i] = sample_count;
    }
    printf("\n== calibration\n");
    for (int i = 0; i < RUNS; i++)
        print_heldout_error(titles[i], i == 0 ? 0 : ends[i - 1], ends[i]);
    print_curves();
}

int
main(void)
{
    if (!read_manifest(&full))
        return 77;
    if (mkdtemp(directory) == NULL) {
        perror(directory);
        return EXIT_FAILURE;
    }
    print_ablations();
    print_withheld(false);
    print_withheld(true);
    print_calibration();
    remove_tables();
    return EXIT_SUCCESS;
}
