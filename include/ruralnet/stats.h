/**
 * Stats: shares and their intervals, exact tests, plans, and shares of things nested in offices.
 *
 *     struct rnet_interval interval = rnet_share_exact(95, 100, 0.95);
 *     struct rnet_ratio ratio;
 *     if (rnet_ratio_estimate(clusters, count, 0.95, &ratio) == RNET_OK)
 *         printf("%.3f, from %.3f to %.3f\n", ratio.share, ratio.korn_graubard.low,
 *                ratio.korn_graubard.high);
 *
 * Arguments out of range yield NAN (intervals: NAN, NAN), never an error message or a stop.
 * "level" is that of confidence, e.g. 0.95. Formulas and check values: standards of the field,
 * docs/claim.md names each.
 */
#ifndef RURALNET_STATS_H
#define RURALNET_STATS_H

#include <ruralnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** From low to high, both included; NAN, NAN = not known. */
struct rnet_interval {
    double low;
    double high;
};

/* Quantiles ------------------------------------------------------------------------------------ */

/** Where a share @p q of the distribution lies below; q in 0..1, shapes > 0. */
RNET_API double rnet_quantile_normal(double q);
RNET_API double rnet_quantile_t(double q, double degrees);
RNET_API double rnet_quantile_chi2(double q, double degrees);
RNET_API double rnet_quantile_beta(double q, double a, double b);

/* One share: x of n ---------------------------------------------------------------------------- */

/* x and n need not be whole (effective sample sizes are not); 0 <= x <= n, n > 0. */

/** Clopper and Pearson's: never covers less than it says. */
RNET_API struct rnet_interval rnet_share_exact(double x, double n, double level);
/** Its one-sided forms. */
RNET_API double rnet_share_exact_low(double x, double n, double level);
RNET_API double rnet_share_exact_high(double x, double n, double level);
/** Wilson's: covers what it says on average. */
RNET_API struct rnet_interval rnet_share_wilson(double x, double n, double level);
/** Jeffreys': equal tails of the posterior with prior Beta(1/2, 1/2). */
RNET_API struct rnet_interval rnet_share_jeffreys(double x, double n, double level);

/** What a test's alternative says of the true share. */
enum rnet_alternative {
    RNET_ALTERNATIVE_DIFFERENT = 0,
    RNET_ALTERNATIVE_GREATER,
    RNET_ALTERNATIVE_LESS,
};

/** Exact binomial test of "the share is p". Two-sided: all outcomes no more probable than x. */
RNET_API double rnet_share_test(uint64_t x, uint64_t n, double p,
                                enum rnet_alternative alternative);
/** The exact one-sided tests for numbers that need not be whole (effective sample sizes): chance of
 *  x or more, and of x or fewer, of n when the share is p. */
RNET_API double rnet_share_chance_from(double x, double n, double p);
RNET_API double rnet_share_chance_up_to(double x, double n, double p);
/** The exact test one-sided, upwards, with half the probability of x itself. */
RNET_API double rnet_share_test_mid_p(uint64_t x, uint64_t n, double p);
/** Probability that the share is at least p, given x of n and a prior Beta(a, b). */
RNET_API double rnet_share_posterior(double x, double n, double p, double a, double b);

/** Two one-sided exact tests of "within margin of p": equivalent when both are below alpha. */
struct rnet_equivalence {
    double above_low;  /**< p-value of "not above p - margin" */
    double below_high; /**< p-value of "not below p + margin" */
};
RNET_API struct rnet_equivalence rnet_share_equivalence(uint64_t x, uint64_t n, double p,
                                                        double margin);

/** McNemar's exact test of two discordant counts; Fisher's of two shares. Two-sided. */
RNET_API double rnet_test_mcnemar(uint64_t only_a, uint64_t only_b);
RNET_API double rnet_test_fisher(uint64_t x1, uint64_t n1, uint64_t x2, uint64_t n2);

/* Plans ---------------------------------------------------------------------------------------- */

/** Smallest n at which @p failures of n still show, one-sided at @p level, a share of at least p;
 *  0 when more than ten million would be needed. */
RNET_API uint64_t rnet_plan_offices(uint64_t failures, double p, double level);
/** Smallest x of n that shows "more than p" at that level; n + 1 when none does. */
RNET_API uint64_t rnet_plan_critical(uint64_t n, double p, double level);
/** Probability that n offices show "more than p" when @p truth is true. */
RNET_API double rnet_plan_power(uint64_t n, double p, double truth, double level);
/** Smallest n from which on every larger one has that power; 0 when above 100 000. */
RNET_API uint64_t rnet_plan_stable(double p, double truth, double level, double power);

/* Usages nested in offices --------------------------------------------------------------------- */

/** One office: of `size` (usages, seconds, bytes), `met` are met. */
struct rnet_cluster {
    double size;
    double met;
    double weight; /**< of the office, 1e-60..1e60; 1 where offices count alike */
};

/** A share over clusters, with what clustering does to it. */
struct rnet_ratio {
    double share;          /**< sum of met over sum of size, both weighted */
    double standard_error; /**< linearised, K / (K - 1) corrected; NAN for one office */
    double simple_error;   /**< as if observations were independent */
    double design_effect;  /**< (standard_error / simple_error) squared */
    double intra_cluster;  /**< correlation of two of one office, ANOVA estimate; NAN = not known */
    double effective;      /**< Korn and Graubard's effective number of observations */
    double guarded;        /**< the same, guarded for few or unequal offices: what to rely on */
    double degrees;        /**< degrees of freedom behind `guarded` */
    size_t clusters;       /**< with size > 0 */
    double observations;   /**< what `effective` is capped by */
    struct rnet_interval linear;        /**< share +- t * standard_error; may leave 0..1 */
    struct rnet_interval korn_graubard; /**< exact, at the effective number */
};

/**
 * Estimate a share over offices.
 * @param counted  sizes are counts of observations; else (seconds, bytes) an office counts as one.
 * @return RNET_OK, RNET_ECANTTELL (no office has anything), RNET_EINVAL (met outside 0..size, or
 *         size or weight out of range).
 */
RNET_API enum rnet_status rnet_ratio_estimate(const struct rnet_cluster *clusters, size_t count,
                                              bool counted, double level, struct rnet_ratio *ratio);

/**
 * The same for a mean of several shares, each alike: of classes of usages, say.
 * @param clusters  count * domains of them: an office's, one for each domain, beside each other. In a
 *                  domain it has nothing of, its size is 0.
 * @return as rnet_ratio_estimate(); RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_ratio_estimate_mean(const struct rnet_cluster *clusters,
                                                   size_t count, size_t domains, bool counted,
                                                   double level, struct rnet_ratio *ratio);

/** How much wider 1 + (size - 1) * correlation makes a variance. */
RNET_API double rnet_design_effect(double size, double correlation);

/**
 * Draw whole offices with replacement, @p draws times: interval of the share, studentised on the
 * logit scale. It reaches to 0 or 1 where too few offices differ from the rest to bound that side.
 * @return RNET_OK, RNET_ENOMEM, RNET_EINVAL (fewer than 2 draws, met outside 0..size),
 *         RNET_ECANTTELL (fewer than 2 offices with anything, or they all agree).
 */
RNET_API enum rnet_status rnet_cluster_bootstrap(const struct rnet_cluster *clusters, size_t count,
                                                 uint32_t draws, uint64_t seed, double level,
                                                 struct rnet_interval *interval);

/** The same for a mean of several shares; clusters as for rnet_ratio_estimate_mean(). */
RNET_API enum rnet_status rnet_cluster_bootstrap_mean(const struct rnet_cluster *clusters,
                                                      size_t count, size_t domains, uint32_t draws,
                                                      uint64_t seed, double level,
                                                      struct rnet_interval *interval);

/** Beta-binomial: n uses whose chance differs from office to office as Beta(a, b). */
RNET_API double rnet_beta_binomial_at(uint64_t x, uint64_t n, double a, double b);
RNET_API double rnet_beta_binomial_up_to(uint64_t x, uint64_t n, double a, double b);
RNET_API double rnet_beta_binomial_variance(uint64_t n, double a, double b);

#ifdef __cplusplus
}
#endif
#endif
