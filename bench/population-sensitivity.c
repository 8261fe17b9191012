/*
 * Which assumptions of the reference population decide its answer: one changed at a time.
 *
 *     population-sensitivity [OFFICES [LINE…]]
 *
 * For every variant of the built-in model, composes that many offices (40), replays each over the
 * lines (adsl:2048/256, 8192/800 and 20000/1000; one replay, no causes) and prints the share of
 * offices satisfied and of (office, usage) pairs met. The same seed throughout, so that differences
 * are the variant's. Takes minutes; every figure is MODELLED, NOT SURVEYED.
 */
#include "figure.h"

#include <ruralnet/ruralnet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_LINES 8

/* A row's field (0 = its kind) to be multiplied; of rows that begin with the words. */
static const struct variant {
    const char *name;
    const char *row;
    int first, last;
    double factor;
} variants[] = {
    {"as it is", "", 0, -1, 1},
    {"everything half as often", "activity", 4, 4, 0.5},
    {"everything twice as often", "activity", 4, 4, 2},
    {"no large mails", "activity mail_large", 4, 4, 0},
    {"large mails twice as often", "activity mail_large", 4, 4, 2},
    {"no pages, only forms", "activity page", 4, 4, 0},
    {"pages twice as often", "activity page", 4, 4, 2},
    {"calls twice as often", "activity call", 4, 4, 2},
    {"nobody calls over the line", "uses voip", 2, 6, 0},
    {"no backup", "uses backup", 2, 6, 0},
    {"backup in twice the offices", "uses backup", 2, 6, 2},
    {"no cloud", "uses cloud_sync", 2, 6, 0},
    {"cloud in twice the offices", "uses cloud_sync", 2, 6, 2},
    {"no updates in the busy hour", "uses software_update", 2, 6, 0},
    {"no video", "uses video_streaming", 2, 6, 0},
    {"video in twice the offices", "uses video_streaming", 2, 6, 2},
    {"half the staff use e-mail", "users email", 2, 6, 0.5},
    {"all offices equally busy", "spread", 1, 1, 0},
    {"only offices of 2 and more", "staff 1 ", 3, 3, 0},
};

struct outcome {
    size_t satisfied, not_satisfied;
    size_t met, judged;
};

/* Copy the model's text, a row's fields multiplied (at most 1 for shares). */
static void
write_model(FILE *out, const struct variant *variant)
{
    const char *at = rnet_population_model_text();

    while (*at != '\0') {
        const size_t length = strcspn(at, "\n");
        const bool changed =
            variant->last >= 0 && strncmp(at, variant->row, strlen(variant->row)) == 0;
        char line[512], *state = NULL, *end;
        int field = 0;

        snprintf(line, sizeof line, "%.*s", (int)length, at);
        for (char *word = strtok_r(line, " ", &state); changed && word != NULL;
             word = strtok_r(NULL, " ", &state), field++) {
            double value = strtod(word, &end) * variant->factor;

            if (field < variant->first || field > variant->last)
                fprintf(out, "%s ", word);
            else
                fprintf(out, "%.6g ", variant->first == 2 && value > 1 ? 1 : value);
        }
        fprintf(out, "%.*s\n", changed ? 0 : (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static bool
try_office(struct rnet_population *population, uint64_t number, const char *const *lines,
           size_t line_count, struct outcome *outcomes, struct rnet_error *err)
{
    const struct rnet_assess_options options = {.links = lines,
                                                .link_count = line_count,
                                                .seed = 1,
                                                .replications = 1,
                                                .threads = 1,
                                                .no_causes = true};
    struct rnet_assessment assessment = {0};
    struct rnet_office office;
    struct rnet_profile *profile = NULL;
    bool ok = rnet_population_office(population, number, &office, err) == RNET_OK &&
              rnet_population_compose(population, &office, &profile, err) == RNET_OK &&
              rnet_assess(profile, &options, &assessment, err) >= RNET_OK;

    for (size_t i = 0; ok && i < line_count; i++) {
        const struct rnet_verdict *verdict = &assessment.links[i].verdict;

        outcomes[i].satisfied += verdict->satisfied == RNET_ANSWER_YES;
        outcomes[i].not_satisfied += verdict->satisfied == RNET_ANSWER_NO;
        outcomes[i].met += verdict->met;
        outcomes[i].judged += verdict->met + verdict->not_met;
    }
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
    return ok;
}

static bool
try_variant(const struct variant *variant, uint64_t offices, const char *const *lines,
            size_t line_count, struct rnet_error *err)
{
    char path[] = "/tmp/population-XXXXXX";
    const int descriptor = mkstemp(path);
    FILE *out = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    const struct rnet_population_options options = {.model_path = path, .seed = 1};
    struct rnet_population *population = NULL;
    struct outcome outcomes[MOST_LINES] = {{0}};
    bool ok = out != NULL;

    if (ok) {
        write_model(out, variant);
        fclose(out);
        ok = rnet_population_new(&options, &population, err) == RNET_OK;
        unlink(path);
    }
    for (uint64_t n = 1; ok && n <= offices; n++)
        ok = try_office(population, n, lines, line_count, outcomes, err);
    if (ok) {
        printf("%-28s", variant->name);
        for (size_t i = 0; i < line_count; i++)
            printf("   %5.1f yes %5.1f no %6.1f met",
                   100.0 * (double)outcomes[i].satisfied / (double)offices,
                   100.0 * (double)outcomes[i].not_satisfied / (double)offices,
                   outcomes[i].judged > 0
                       ? 100.0 * (double)outcomes[i].met / (double)outcomes[i].judged
                       : 0);
        putchar('\n');
        for (size_t i = 0; i < line_count; i++)
            figure(100.0 * (double)outcomes[i].satisfied / (double)offices, "%", "neither",
                   "modelled offices satisfied on %s/%s", lines[i], variant->name);
        fflush(stdout);
    }
    rnet_population_free(population);
    return ok;
}

int
main(int argc, char **argv)
{
    static const char *const usual[] = {"adsl:2048/256", "adsl:8192/800", "adsl2+:20000/1000"};
    const uint64_t offices = argc > 1 ? strtoul(argv[1], NULL, 10) : 40;
    const bool given = argc > 2 && argc - 2 <= MOST_LINES;
    const char *const *lines = given ? (const char *const *)argv + 2 : usual;
    const size_t line_count = given ? (size_t)argc - 2 : sizeof usual / sizeof *usual;
    struct rnet_error err = {0};

    printf("%zu offices a variant: MODELLED, NOT SURVEYED. Offices satisfied (yes, no), usages "
           "met, in %%, on",
           (size_t)offices);
    for (size_t i = 0; i < line_count; i++)
        printf(" %s", lines[i]);
    putchar('\n');
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        if (!try_variant(&variants[i], offices, lines, line_count, &err)) {
            fprintf(stderr, "population-sensitivity: %s\n", err.message);
            return 1;
        }
    }
    return 0;
}
