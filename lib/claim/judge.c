/* A share over offices, and what it says of a hypothesis. */
#include "claim/claim.h"

#include <math.h>

#define MOST_OFFICES 1e7

const char *
rnet_claim_answer_name(enum rnet_claim_answer answer)
{
    static const char *const names[] = {N_("unanswered"), N_("supported"), N_("refuted"),
                                        N_("undecided")};

    return (unsigned)answer < sizeof names / sizeof *names ? names[answer] : names[0];
}

/* p-values of "not as claimed" and of "not otherwise than claimed". */
struct tests {
    double support, refute;
};

/*
 * With every "cannot say" put where it hurts the answer most. The upper tests look at `low` of
 * `effective` observations, the lower ones at `high`.
 */
static struct tests
test_share(double low, double high, double effective, const struct rnet_claim_hypothesis *asked)
{
    const double x_low = low * effective, x_high = high * effective, n = effective;
    double above, below;

    if (!(asked->margin > 0))
        return (struct tests){rnet_share_chance_from(x_low, n, asked->share),
                              rnet_share_chance_up_to(x_high, n, asked->share)};
    above = fmin(asked->share + asked->margin, 1);
    below = fmax(asked->share - asked->margin, 0);
    return (struct tests){
        fmax(rnet_share_chance_from(x_low, n, below), rnet_share_chance_up_to(x_high, n, above)),
        fmin(rnet_share_chance_from(x_low, n, above), rnet_share_chance_up_to(x_high, n, below))};
}

static enum rnet_claim_answer
answer_of(const struct tests *tests, double level)
{
    return tests->support <= 1 - level  ? RNET_CLAIM_SUPPORTED
           : tests->refute <= 1 - level ? RNET_CLAIM_REFUTED
                                        : RNET_CLAIM_UNDECIDED;
}

void
share_bound(const struct rnet_claim_share *share, double silent,
            const struct rnet_claim_hypothesis *hypothesis, struct rnet_interval *worst,
            struct rnet_interval *exact, enum rnet_claim_answer *answer)
{
    const double all = share->effective * (1 + silent), low = share->low / (1 + silent),
                 high = (share->high + silent) / (1 + silent);
    struct tests tests;

    *worst = (struct rnet_interval){low, high};
    *exact = (struct rnet_interval){rnet_share_exact(low * all, all, hypothesis->level).low,
                                    rnet_share_exact(high * all, all, hypothesis->level).high};
    *answer = RNET_CLAIM_NOTHING;
    if (share->offices == 0)
        return;
    tests = test_share(low, high, all, hypothesis);
    *answer = answer_of(&tests, hypothesis->level);
}

/* Offices that would decide if shares and design effect stay as they are. */
static double
more_needed(const struct rnet_claim_share *share, const struct rnet_claim_hypothesis *asked)
{
    const double have = (double)share->offices;
    double low = have, high = have + 1;

    for (;;) {
        const struct tests tests =
            test_share(share->low, share->high, share->effective * high / have, asked);

        if (answer_of(&tests, asked->level) != RNET_CLAIM_UNDECIDED)
            break;
        if (high > MOST_OFFICES)
            return INFINITY;
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        const struct tests tests =
            test_share(share->low, share->high, share->effective * middle / have, asked);

        if (answer_of(&tests, asked->level) != RNET_CLAIM_UNDECIDED)
            high = middle;
        else
            low = middle;
    }
    return high - have;
}

static void
answer(const struct rnet_claim_hypothesis *asked, struct rnet_claim_share *share)
{
    const struct tests tests = test_share(share->low, share->high, share->effective, asked);

    share->p_support = tests.support;
    share->p_refute = tests.refute;
    share->answer = answer_of(&tests, asked->level);
    share->more_offices = share->answer == RNET_CLAIM_UNDECIDED ? more_needed(share, asked) : 0;
}

/* The exact two-sided test wants whole numbers: the effective one is rounded down. Only where no
 * "cannot say" leaves open which share to test. */
static double
exactly_as_claimed(const struct rnet_claim_share *share, double claimed)
{
    const double n = floor(share->effective + 1e-9), x = round(share->low * n);

    if (share->low < share->high || n < 1)
        return NAN;
    return rnet_share_test((uint64_t)x, (uint64_t)n, claimed, RNET_ALTERNATIVE_DIFFERENT);
}

/*
 * Offices of equal weight are a plain sample: what they are worth is their number. Else Korn and
 * Graubard's, but never more than Kish's (sum of weights) squared over the sum of their squares.
 */
static double
offices_worth(const struct rnet_cluster *offices, size_t count, const struct rnet_ratio *ratio)
{
    double sum = 0, squares = 0, n = 0;
    bool plain = true;

    for (size_t i = 0; i < count; i++) {
        if (!(offices[i].size > 0))
            continue;
        plain = plain && offices[i].size == 1 && offices[i].weight == offices[0].weight &&
                (offices[i].met == 0 || offices[i].met == 1);
        sum += offices[i].weight;
        squares += offices[i].weight * offices[i].weight;
        n++;
    }
    return plain ? n : fmin(ratio->guarded, sum * sum / squares);
}

static bool
one_each(const struct rnet_cluster *clusters, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (clusters[i].size != 0 && clusters[i].size != 1)
            return false;
    return true;
}

static void
combine(const struct rnet_ratio *low, const struct rnet_ratio *high, double level,
        struct rnet_claim_share *share)
{
    const double n = share->effective;

    share->offices = low->clusters;
    share->observations = low->observations;
    share->low = low->share;
    share->high = high->share;
    share->exact = (struct rnet_interval){rnet_share_exact(low->share * n, n, level).low,
                                          rnet_share_exact(high->share * n, n, level).high};
    share->wilson = (struct rnet_interval){rnet_share_wilson(low->share * n, n, level).low,
                                           rnet_share_wilson(high->share * n, n, level).high};
    share->linear = (struct rnet_interval){low->linear.low, high->linear.high};
    share->design_effect = low->observations / n;
    share->intra_cluster = low->intra_cluster;
}

static enum rnet_status
draw(const struct rnet_cluster *low, const struct rnet_cluster *high, size_t count, size_t domains,
     uint32_t draws, uint64_t seed, double level, struct rnet_claim_share *share)
{
    struct rnet_interval of_low, of_high;
    enum rnet_status status =
        rnet_cluster_bootstrap_mean(low, count, domains, draws, seed, level, &of_low);

    of_high = of_low;
    if (status == RNET_OK && share->low < share->high)
        status = rnet_cluster_bootstrap_mean(high, count, domains, draws, seed, level, &of_high);
    if (status == RNET_OK)
        share->bootstrap = (struct rnet_interval){of_low.low, of_high.high};
    return status == RNET_ECANTTELL ? RNET_OK : status;
}

enum rnet_status
rnet_claim_judge(const struct rnet_cluster *low, const struct rnet_cluster *high, size_t count,
                 size_t domains, bool counted, const struct rnet_claim_hypothesis *hypothesis,
                 uint32_t draws, uint64_t seed, struct rnet_claim_share *share)
{
    const struct rnet_interval unknown = {NAN, NAN};
    struct rnet_ratio of_low, of_high;
    enum rnet_status status;

    *share = (struct rnet_claim_share){.low = NAN,
                                       .high = NAN,
                                       .exact = unknown,
                                       .wilson = unknown,
                                       .linear = unknown,
                                       .bootstrap = unknown,
                                       .effective = NAN,
                                       .design_effect = NAN,
                                       .intra_cluster = NAN,
                                       .p_exact = NAN,
                                       .p_support = NAN,
                                       .p_refute = NAN,
                                       .more_offices = NAN};
    status = rnet_ratio_estimate_mean(low, count, domains, counted, hypothesis->level, &of_low);
    if (status == RNET_OK)
        status =
            rnet_ratio_estimate_mean(high, count, domains, counted, hypothesis->level, &of_high);
    if (status != RNET_OK)
        return status;
    share->effective = fmin(of_low.guarded, of_high.guarded);
    if (domains == 1 && counted && one_each(low, count))
        share->effective =
            fmin(offices_worth(low, count, &of_low), offices_worth(high, count, &of_high));
    combine(&of_low, &of_high, hypothesis->level, share);
    share->p_exact = exactly_as_claimed(share, hypothesis->share);
    answer(hypothesis, share);
    return draws > 0 ? draw(low, high, count, domains, draws, seed, hypothesis->level, share)
                     : RNET_OK;
}
