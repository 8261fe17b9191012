/*
 * Does the claim's test keep its promises? Populations are drawn again and again, with usages more or
 * less alike within an office, and judged as 'netsuff claim' judges; counted is how often the firms
 * test errs, and how often intervals cover the truth.
 *
 * With --long, more populations.
 *
 * An office has 4 to 12 judged usages; its chance that a usage is met is drawn from a beta
 * distribution of the wanted mean and intra-cluster correlation, then every usage by itself. An
 * office is satisfied when all are met.
 */
#include "figure.h"

#include <ruralnet/ruralnet.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OFFICES 500
#define LEAST_USAGES 4
#define MOST_USAGES 12

/* Multiply-with-carry is enough here, and the same everywhere. */
static uint64_t state = 20141009;

static double
uniform(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ z >> 31) >> 11) + 0.5) / 9007199254740992.0;
}

/* Beta quantiles at 4096 places, since inverting one for every office takes too long. */
static void
fill_quantiles(double mean, double correlation, double quantiles[4096])
{
    const double sum = correlation > 0 ? 1 / correlation - 1 : 0;

    for (int i = 0; i < 4096; i++)
        quantiles[i] = correlation > 0 ? rnet_quantile_beta((i + 0.5) / 4096, mean * sum,
                                                            (1 - mean) * sum)
                                       : mean;
}

/* What intervals of 95 % covered. */
struct coverage {
    unsigned korn_graubard, linear, wilson;
    unsigned drawn, told, bootstrap; /* populations bootstrapped, with an interval, covered */
};

/* A row of the table. */
struct row {
    double mean, correlation;
    size_t offices;
    bool weighted;
};

struct amounts {
    unsigned runs, bootstrapped; /* populations of a row; of these with a bootstrap */
    uint32_t draws;
};

static void
draw_office(const double quantiles[4096], struct rnet_cluster *usages, struct rnet_cluster *firm)
{
    const int count = LEAST_USAGES + (int)(uniform() * (MOST_USAGES - LEAST_USAGES + 1));
    const double chance = quantiles[(int)(uniform() * 4096)];

    *usages = (struct rnet_cluster){.size = count, .weight = 1};
    for (int i = 0; i < count; i++)
        usages->met += uniform() < chance;
    *firm = (struct rnet_cluster){1, usages->met == usages->size, 1};
}

/* The true share of satisfied offices: mean over sizes and chances of chance to the power of size. */
static double
true_firms(const double quantiles[4096])
{
    double sum = 0;

    for (int i = 0; i < 4096; i++)
        for (int n = LEAST_USAGES; n <= MOST_USAGES; n++)
            sum += pow(quantiles[i], n);
    return sum / 4096 / (MOST_USAGES - LEAST_USAGES + 1);
}

static bool
covers(const struct rnet_interval *interval, double truth)
{
    return interval->low <= truth && truth <= interval->high;
}

static void
draw_population(const double quantiles[4096], const struct row *row, struct rnet_cluster *usages,
                struct rnet_cluster *firms)
{
    for (size_t i = 0; i < row->offices; i++) {
        draw_office(quantiles, &usages[i], &firms[i]);
        if (row->weighted)
            usages[i].weight = firms[i].weight = uniform() < 0.2 ? 4 : 1;
    }
}

/* How often "more firms than the truth" was found supported, which is always wrong. */
static unsigned
simulate(const double quantiles[4096], double firms_truth, const struct row *row,
         const struct amounts *amounts, struct coverage *coverage)
{
    static struct rnet_cluster usages[MOST_OFFICES], firms[MOST_OFFICES];
    const struct rnet_claim_hypothesis claimed = {firms_truth, 0, 0.95}, any = {0.5, 0.1, 0.95};
    unsigned errors = 0;

    *coverage = (struct coverage){0};
    for (unsigned run = 0; run < amounts->runs; run++) {
        const uint32_t draws = run < amounts->bootstrapped ? amounts->draws : 0;
        struct rnet_claim_share share;

        draw_population(quantiles, row, usages, firms);
        rnet_claim_judge(firms, firms, row->offices, 1, true, &claimed, 0, 1, &share);
        errors += share.answer == RNET_CLAIM_SUPPORTED;
        rnet_claim_judge(usages, usages, row->offices, 1, true, &any, draws, run + 1, &share);
        coverage->korn_graubard += covers(&share.exact, row->mean);
        coverage->linear += covers(&share.linear, row->mean);
        coverage->wilson += covers(&share.wilson, row->mean);
        coverage->drawn += draws > 0;
        coverage->told += share.bootstrap.low <= share.bootstrap.high;
        coverage->bootstrap += covers(&share.bootstrap, row->mean);
    }
    return errors;
}

static double
standard_error(double share, double n)
{
    return sqrt(share * (1 - share) / n);
}

struct worst {
    double error, computed, korn_graubard, wilson, ratio, bootstrap;
};

/* Offices that weigh alike are a plain sample: what the test errs by then can be computed. */
static double
computed_error(const struct row *row, double firms_truth)
{
    return row->weighted ? (double)NAN
                         : rnet_plan_power(row->offices, firms_truth, firms_truth, 0.95);
}

static void
print_row(const double quantiles[4096], double firms_truth, const struct row *row,
          const struct amounts *amounts, struct worst *worst)
{
    struct coverage covered;
    const double n = amounts->runs, computed = computed_error(row, firms_truth),
                 errors = simulate(quantiles, firms_truth, row, amounts, &covered),
                 told = covered.told > 0 ? (double)covered.bootstrap / covered.told : (double)NAN;

    printf("%5.2f %4s %7zu %5.2f %7.4f %8.4f %8.4f %9.4f %8.4f %8.4f %9.4f %6.2f\n", row->mean,
           row->weighted ? "yes" : "no", row->offices, row->correlation, firms_truth, errors / n,
           computed, covered.korn_graubard / n, covered.wilson / n, covered.linear / n, told,
           (double)covered.told / covered.drawn);
    fflush(stdout);
    worst->error = fmax(worst->error, errors / n);
    worst->computed = fmax(worst->computed, computed);
    worst->korn_graubard = fmin(worst->korn_graubard, covered.korn_graubard / n);
    worst->wilson = fmin(worst->wilson, covered.wilson / n);
    worst->ratio = fmin(worst->ratio, covered.linear / n);
    worst->bootstrap = fmin(worst->bootstrap, told);
}

static void
print_rows(double mean, double correlation, const struct amounts *amounts, struct worst *worst)
{
    static const size_t sizes[] = {10, 20, 50, 100, 500};
    double quantiles[4096], firms_truth;

    fill_quantiles(mean, correlation, quantiles);
    firms_truth = true_firms(quantiles);
    for (int weighted = 0; weighted < 2; weighted++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const struct row row = {mean, correlation, sizes[s], weighted != 0};
            struct amounts own = *amounts;

            own.bootstrapped /= sizes[s] > 100 ? 4u : 1u;
            print_row(quantiles, firms_truth, &row, &own, worst);
        }
    }
}

int
main(int argc, char **argv)
{
    static const double means[] = {0.5, 0.8, 0.95}, correlations[] = {0, 0.05, 0.2, 0.5};
    const bool longer = argc > 1 && strcmp(argv[1], "--long") == 0;
    const struct amounts amounts =
        longer ? (struct amounts){10000, 2000, 1000} : (struct amounts){1000, 400, 400};
    struct worst worst = {0, 0, 1, 1, 1, 1};

    printf("%u populations a row, the first %u with a bootstrap of %u draws (a quarter of them for 500 "
           "offices)\n",
           amounts.runs, amounts.bootstrapped, (unsigned)amounts.draws);
    printf("Monte-Carlo standard errors: of type I error 0.05 %.4f, of coverage 0.95 %.4f; of the "
           "bootstrap's %.4f\n",
           standard_error(.05, amounts.runs), standard_error(.95, amounts.runs),
           standard_error(.95, amounts.bootstrapped));
    puts("firms: the true share; type I: simulated and, for equal weights, computed; told: populations "
         "the bootstrap has an interval for");
    puts(" mean  wgt offices   icc   firms   type I computed KornGraub   Wilson    ratio bootstrap   told");
    for (size_t m = 0; m < sizeof means / sizeof *means; m++)
        for (size_t c = 0; c < sizeof correlations / sizeof *correlations; c++)
            print_rows(means[m], correlations[c], &amounts, &worst);
    printf("type I error of the firms test: at most %.4f simulated, %.4f computed for equal weights; least "
           "coverage: Korn-Graubard %.4f, bootstrap %.4f\n",
           worst.error, worst.computed, worst.korn_graubard, worst.bootstrap);
    figure(worst.error, "share", "less", "most type I error/simulated");
    figure(worst.computed, "share", "less", "most type I error/computed, equal weights");
    figure(worst.korn_graubard, "share", "more", "least coverage/Korn-Graubard");
    figure(worst.wilson, "share", "more", "least coverage/Wilson");
    figure(worst.ratio, "share", "more", "least coverage/ratio");
    figure(worst.bootstrap, "share", "more", "least coverage/bootstrap");
    return 0;
}
