/*
 * Does the claim's test keep its promises? Populations are drawn again and again, with usages more or
 * less alike within an office, and judged as 'netsuff claim' judges; counted is how often the firms
 * test errs, and how often intervals cover the truth.
 *
 * An office has 4 to 12 judged usages; its chance that a usage is met is drawn from a beta
 * distribution of the wanted mean and intra-cluster correlation, then every usage by itself. An
 * office is satisfied when all are met.
 */
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

struct coverage {
    unsigned korn_graubard, linear, bootstrap, wilson;
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

static unsigned
simulate(double mean, double correlation, size_t offices, unsigned runs, uint32_t draws,
         bool weighted, struct coverage *coverage)
{
    static struct rnet_cluster usages[MOST_OFFICES], firms[MOST_OFFICES];
    double quantiles[4096];
    unsigned errors = 0;

    fill_quantiles(mean, correlation, quantiles);
    memset(coverage, 0, sizeof *coverage);
    for (unsigned run = 0; run < runs; run++) {
        const struct rnet_claim_hypothesis claimed = {true_firms(quantiles), 0, 0.95},
                                           any = {0.5, 0.1, 0.95};
        struct rnet_claim_share share;

        for (size_t i = 0; i < offices; i++) {
            draw_office(quantiles, &usages[i], &firms[i]);
            if (weighted)
                usages[i].weight = firms[i].weight = uniform() < 0.2 ? 4 : 1;
        }
        /* "More than p" is wrong when p is the truth. */
        rnet_claim_judge(firms, firms, offices, 1, true, &claimed, 0, 1, &share);
        errors += share.answer == RNET_CLAIM_SUPPORTED;
        rnet_claim_judge(usages, usages, offices, 1, true, &any, draws, run + 1, &share);
        coverage->korn_graubard += covers(&share.exact, mean);
        coverage->linear += covers(&share.linear, mean);
        coverage->bootstrap += covers(&share.bootstrap, mean);
        coverage->wilson += covers(&share.wilson, mean);
    }
    return errors;
}

static void
print_rows(double mean, bool weighted, unsigned runs, uint32_t draws, double *worst_error,
           double *worst_cover)
{
    static const size_t sizes[] = {10, 20, 50, 100, 500};
    static const double correlations[] = {0, 0.05, 0.2, 0.5};

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t c = 0; c < sizeof correlations / sizeof *correlations; c++) {
            struct coverage covered;
            const unsigned fewer = sizes[s] > 100 ? runs / 4 : runs;
            const double errors = simulate(mean, correlations[c], sizes[s], fewer, draws, weighted,
                                           &covered),
                         n = fewer;

            printf("%6.2f %4s %7zu %6.2f %8.4f %10.4f %8.4f %8.4f %9.4f\n", mean,
                   weighted ? "yes" : "no", sizes[s], correlations[c], errors / n,
                   covered.korn_graubard / n, covered.wilson / n, covered.linear / n,
                   covered.bootstrap / n);
            *worst_error = fmax(*worst_error, errors / n);
            *worst_cover = fmin(*worst_cover, covered.korn_graubard / n);
        }
    }
}

int
main(int argc, char **argv)
{
    static const double means[] = {0.5, 0.8, 0.95};
    const unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
    const uint32_t draws = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 400;
    double worst_error = 0, worst_cover = 1;

    printf("%u populations a row (a quarter of them for 500 offices), bootstrap of %u draws\n", runs,
           (unsigned)draws);
    printf("Monte-Carlo standard errors: of 0.05 %.4f, of 0.93 %.4f\n", sqrt(.05 * .95 / runs),
           sqrt(.93 * .07 / runs));
    puts("  mean  wgt offices    icc   type I  KornGraub   Wilson    ratio bootstrap");
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        print_rows(means[m], false, runs, draws, &worst_error, &worst_cover);
        print_rows(means[m], true, runs, draws, &worst_error, &worst_cover);
    }
    printf("largest type I error of the firms test %.4f, least coverage of Korn-Graubard %.4f\n",
           worst_error, worst_cover);
    return 0;
}
