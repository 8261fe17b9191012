/*
 * The reference population beside the statistics it was made of, and what it costs.
 *
 *     population [OFFICES]
 *
 * Draws that many offices (20 000) and prints shares of staff classes, sectors, lines and loops
 * beside the published ones, the mean number of employees, and what usages the offices have; then
 * composes 200 of them and prints how many a second, and how large. CPU time, one thread.
 */
#include "figure.h"

#include <ruralnet/ruralnet.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECTORS 5
#define CLASSES 3
#define LOOPS 7
#define COMPOSED 200

/* Published, beside what the model's file says of them. */
static const char *const sector_names[SECTORS] = {"industry", "construction", "trade", "services",
                                                  "public"};
static const double sector_shares[SECTORS] = {0.071, 0.171, 0.233, 0.378, 0.147};
static const struct {
    const char *name;
    uint32_t low, high;
    double share;
    double employees; /* mean */
} classes[CLASSES] = {{"1 person", 1, 1, 0.70, 0},
                      {"2-9", 2, 9, 0.26, 2.8e6 / (0.26 * 3.7e6)},
                      {"10-249", 10, 249, 0.0373, 4.2e6 / 138000}};
static const double access_shares[SECTORS][CLASSES] = {{0.54, 0.71, 0.98},
                                                       {0.66, 0.85, 1.00},
                                                       {0.63, 0.82, 0.99},
                                                       {0.66, 0.79, 0.98},
                                                       {0.66, 0.79, 0.98}};
static const struct {
    double db, share;
} loops[LOOPS] = {{20, 0.3029}, {30, 0.48}, {40, 0.62}, {50, 0.75},
                  {60, 0.90},   {70, 0.99}, {78, 1}};

struct tally {
    size_t offices;
    size_t of_class[CLASSES];
    size_t of_sector[SECTORS];
    double people[CLASSES];
    size_t copper;
    size_t within[LOOPS];
    size_t uses[RNET_USAGE_COUNT];
};

static void
count_office(struct tally *tally, const struct rnet_office *office)
{
    const struct rnet_firm *firm = &office->firm;

    tally->offices++;
    for (int c = 0; c < CLASSES; c++) {
        if (firm->staff < classes[c].low || firm->staff > classes[c].high)
            continue;
        tally->of_class[c]++;
        tally->people[c] += firm->staff;
    }
    for (int s = 0; s < SECTORS; s++)
        tally->of_sector[s] += strcmp(firm->sector, sector_names[s]) == 0;
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        tally->uses[u] += office->uses[u];
    tally->copper += isnan(office->attenuation_db) ? 0 : 1;
    for (int i = 0; i < LOOPS && !isnan(office->attenuation_db); i++)
        tally->within[i] += office->attenuation_db <= loops[i].db;
}

/* Share of a sector (or all, -1) and class (or all, -1) among offices with a line. */
static double
expected(int sector, int class)
{
    double wanted = 0, all = 0;

    for (int s = 0; s < SECTORS; s++) {
        for (int c = 0; c < CLASSES; c++) {
            const double share = sector_shares[s] * classes[c].share * access_shares[s][c];

            all += share;
            wanted += (sector < 0 || s == sector) && (class < 0 || c == class) ? share : 0;
        }
    }
    return wanted / all;
}

static double
percent(size_t part, size_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : NAN;
}

static void
print_margins(const struct tally *tally)
{
    printf("staff       all firms %%  with a line %%  generated %%   mean staff: published  "
           "generated\n");
    for (int c = 0; c < CLASSES; c++)
        printf("%-12s %10.2f %13.2f %12.2f %23.2f %10.2f\n", classes[c].name,
               100 * classes[c].share, 100 * expected(-1, c),
               percent(tally->of_class[c], tally->offices),
               /* A head beside the employees, except that the source counts SMEs' staff as
                  employees. */
               classes[c].employees + (classes[c].low < 10),
               tally->people[c] / (double)tally->of_class[c]);
    printf("\nsector       all firms %%  with a line %%  generated %%\n");
    for (int s = 0; s < SECTORS; s++)
        printf("%-12s %10.2f %13.2f %12.2f\n", sector_names[s], 100 * sector_shares[s],
               100 * expected(s, -1), percent(tally->of_sector[s], tally->offices));
    printf("\nADSL lines: published 86.3 %%, generated %.2f %%\n",
           percent(tally->copper, tally->offices));
    printf("loops of at most  published %%  generated %%\n");
    for (int i = 0; i < LOOPS; i++)
        printf("%11.0f dB %14.2f %12.2f\n", loops[i].db, 100 * loops[i].share,
               percent(tally->within[i], tally->copper));
    printf("\nusage                 offices %%\n");
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if (tally->uses[u] > 0)
            printf("%-20s %10.2f\n", rnet_usage_info((enum rnet_usage)u)->name,
                   percent(tally->uses[u], tally->offices));
}

static double
cpu_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
compare_doubles(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static bool
print_cost(struct rnet_population *population, size_t drawn, double draw_s, struct rnet_error *err)
{
    static double sizes[COMPOSED];
    const double begin_s = cpu_s();
    double spent_s, sum = 0;

    for (uint64_t n = 1; n <= COMPOSED; n++) {
        struct rnet_office office;
        struct rnet_profile *profile;
        uint8_t *bytes;
        size_t count;

        if (rnet_population_office(population, n, &office, err) != RNET_OK ||
            rnet_population_compose(population, &office, &profile, err) != RNET_OK)
            return false;
        if (rnet_profile_write(profile, &bytes, &count, err) != RNET_OK)
            return false;
        sizes[n - 1] = (double)count / 1e3;
        sum += sizes[n - 1];
        free(bytes);
        rnet_profile_free(profile);
    }
    spent_s = cpu_s() - begin_s;
    qsort(sizes, COMPOSED, sizeof *sizes, compare_doubles);
    printf("\ndrawn: %.0f offices a second; composed: %.0f a second\n", (double)drawn / draw_s,
           COMPOSED / spent_s);
    printf("profile of an office's hour: median %.1f kB, 90th percentile %.1f kB, mean %.1f kB\n",
           sizes[COMPOSED / 2], sizes[COMPOSED * 9 / 10], sum / COMPOSED);
    figure(COMPOSED / spent_s, "offices/CPU-s", "more", "offices composed");
    figure(sizes[COMPOSED / 2], "kB", "less", "profile of an office's hour/median");
    return true;
}

int
main(int argc, char **argv)
{
    const struct rnet_population_options options = {.seed = 1};
    const size_t offices = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
    struct rnet_population *population = NULL;
    struct tally tally = {.offices = 0};
    struct rnet_error err = {0};
    double draw_s;
    bool ok = rnet_population_new(&options, &population, &err) == RNET_OK;

    draw_s = cpu_s();
    for (uint64_t n = 1; ok && n <= offices; n++) {
        struct rnet_office office;

        ok = rnet_population_office(population, n, &office, &err) == RNET_OK;
        if (ok)
            count_office(&tally, &office);
    }
    draw_s = cpu_s() - draw_s;
    if (ok) {
        printf("%zu offices: MODELLED, NOT SURVEYED\n\n", offices);
        print_margins(&tally);
        ok = print_cost(population, offices, draw_s, &err);
    }
    if (!ok)
        fprintf(stderr, "population: %s\n", err.message);
    rnet_population_free(population);
    return ok ? 0 : 1;
}
