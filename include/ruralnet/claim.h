/**
 * Claim: "a basic ADSL line is enough for 95 % of firms, but for 50 % of current usages", tested over
 * the offices of a survey.
 *
 *     struct rnet_claim claim = {0};
 *     if (rnet_claim_test(survey, NULL, &claim, &err) >= RNET_OK)
 *         printf("%g offices\n", (double)claim.lines[claim.reference].firms.offices);
 *     rnet_claim_clear(&claim);
 *
 * Every office's demand is replayed over every line; verdicts "cannot say" are carried as bounds: a
 * share is stated with all of them not met, and with all of them met. docs/claim.md has definitions
 * and formulas.
 */
#ifndef RURALNET_CLAIM_H
#define RURALNET_CLAIM_H

#include <ruralnet/assess.h>
#include <ruralnet/base.h>
#include <ruralnet/stats.h>
#include <ruralnet/survey.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the offices say of a hypothesis, at the stated level. */
enum rnet_claim_answer {
    RNET_CLAIM_NOTHING = 0, /**< no office to judge by */
    RNET_CLAIM_SUPPORTED = 1,
    RNET_CLAIM_REFUTED = 2,
    RNET_CLAIM_UNDECIDED = 3,
};
/** "supported", …; static storage. */
RNET_API const char *rnet_claim_answer_name(enum rnet_claim_answer answer);

/** A share over offices, and what it says. NAN = not known. */
struct rnet_claim_share {
    size_t offices;         /**< with anything to count */
    double observations;    /**< offices, usages, bytes or seconds */
    double low;             /**< every "cannot say" counted as not met */
    double high;            /**< …and as met */
    struct rnet_interval exact;     /**< Clopper–Pearson, at the effective number where offices weigh
                                         differently or hold several usages (Korn–Graubard) */
    struct rnet_interval wilson;    /**< at the same number */
    struct rnet_interval linear;    /**< ratio estimator, Student's t; may leave 0..1 */
    struct rnet_interval bootstrap; /**< whole offices drawn; NAN where not asked for */
    double effective;       /**< number of independent observations it is worth */
    double design_effect;
    double intra_cluster;   /**< correlation of two usages of one office */
    double p_exact;         /**< two-sided exact test of "it is exactly as claimed" */
    double p_support;       /**< below 1 - level: supported */
    double p_refute;        /**< below 1 - level: refuted */
    enum rnet_claim_answer answer;
    double more_offices;    /**< that would decide if shares stay as they are; 0 = decided; INFINITY =
                                 none would */
};

/** What is counted when usages are. */
enum rnet_claim_count {
    RNET_CLAIM_CLASSES = 0, /**< classes of the catalogue, each alike */
    RNET_CLAIM_PAIRS = 1,   /**< (office, usage) pairs */
    RNET_CLAIM_VOLUME = 2,  /**< bytes of use */
    RNET_CLAIM_TIME = 3,    /**< seconds of use */
    RNET_CLAIM_COUNTS
};

/** One usage over all offices, on one line. */
struct rnet_claim_usage {
    char id[40];       /**< of the criterion */
    char name[80];
    bool essential;
    size_t offices;    /**< that use it so that it can be judged */
    double met;        /**< of them; a mixture of lines may leave parts of offices */
    double not_met;
    double cannot_say;
    size_t not_judged; /**< offices that use it in ways that could not be judged */
};

/** What a column of the claim is about. */
enum rnet_claim_line_kind {
    RNET_CLAIM_LINE = 0,  /**< one line for everybody */
    RNET_CLAIM_LOOPS = 1, /**< real loops: each office has each class of loop by its share */
    RNET_CLAIM_OWN = 2,   /**< the line each firm has, as far as known */
};

/** The claim on one line. */
struct rnet_claim_line {
    enum rnet_claim_line_kind kind;
    char name[48];
    char specification[256]; /**< "" for mixtures */
    size_t offices;          /**< evaluated on it */
    double satisfied, not_satisfied, cannot_say;
    struct rnet_claim_share firms;                     /**< "95 % of firms" */
    struct rnet_interval worst;                        /**< share when silent firms are all not
                                                            satisfied, and all satisfied */
    struct rnet_interval worst_exact;                  /**< the two with their exact intervals */
    enum rnet_claim_answer worst_answer;               /**< whatever the silent firms are like */
    struct rnet_claim_share usages[RNET_CLAIM_COUNTS]; /**< "50 % of usages" */
    size_t classes;          /**< of the catalogue in use… */
    size_t classes_met;      /**< …met in at least the claimed share of the offices that use them */
    struct rnet_claim_usage *usage; /**< one per criterion that is judged */
    size_t usage_count;
};

struct rnet_loop_class;

/** All offices on one class of real loops. */
struct rnet_claim_loop {
    const struct rnet_loop_class *loop; /**< static storage */
    double length_m;                    /**< of the pair that stands for the class, 0.4 mm */
    uint64_t rate_bps[RNET_DIRECTIONS];
    double satisfied, not_satisfied, cannot_say; /**< offices */
    struct rnet_claim_share firms;
};

/** Downstream rates of ADSL2+ pairs of one length, by the copper model: the 20 Mbit/s offer on a pair
 *  of which only the attenuation is known (docs/lines.md). */
struct rnet_claim_rates {
    double length_m; /**< as of 0.4 mm */
    uint64_t p10_bps, p50_bps, p90_bps;
};
#define RNET_CLAIM_LENGTHS 30

/** An office on the copper line it has, for the picture of rate against length; without its name. */
struct rnet_claim_office {
    double length_m; /**< of the pair its specification speaks of; NAN = only rates are known */
    uint64_t rate_bps[RNET_DIRECTIONS];
    enum rnet_answer satisfied;
    bool modelled; /**< composed, not surveyed */
};

/** The six choices that decide the answer. */
enum rnet_claim_choice {
    RNET_CHOICE_UNIT = 0,
    RNET_CHOICE_SUFFICES = 1,
    RNET_CHOICE_OFTEN = 2,
    RNET_CHOICE_LINE = 3,
    RNET_CHOICE_HOURS = 4,
    RNET_CHOICE_FIRMS = 5,
    RNET_CHOICES
};

/** One definition changed, the rest as stated; on the reference line. */
enum rnet_claim_variant_id {
    RNET_VARIANT_ESSENTIAL = 0, /**< only essential usages count */
    RNET_VARIANT_BY_USE,        /**< an office is satisfied when the required share of its volume is */
    RNET_VARIANT_GOOD,          /**< good, not only acceptable */
    RNET_VARIANT_OFTEN_50,      /**< half of the use must pass */
    RNET_VARIANT_OFTEN_90,
    RNET_VARIANT_OFTEN_99,
    RNET_VARIANT_ENOUGH_SEEN,   /**< usages of which little was seen do not count */
    RNET_VARIANT_QUARTER_HOUR,  /**< busiest quarter of an hour */
    RNET_VARIANT_WHOLE,         /**< all of each capture */
    RNET_VARIANT_UNWEIGHTED,
    RNET_VARIANT_SMALL,         /**< firms of fewer than ten people */
    RNET_VARIANT_LARGE,         /**< ten and more */
    RNET_VARIANT_SURVEYED,      /**< without modelled firms */
    RNET_VARIANTS
};

struct rnet_claim_variant {
    enum rnet_claim_variant_id id;
    enum rnet_claim_choice choice;
    bool tried;        /**< else it does not apply here, or was not asked for */
    struct rnet_claim_share firms;
    struct rnet_claim_share usages[RNET_CLAIM_COUNTS];
    bool flips_firms;  /**< the answer differs from that of the stated definitions */
    bool flips_usages[RNET_CLAIM_COUNTS];
};

/** {0} = sensible defaults. */
struct rnet_claim_options {
    struct rnet_assess_options assess; /**< criteria, seed, replications, period, threads, stop;
                                            links NULL = the ladder */
    bool no_loops;          /**< leave out real loops */
    bool no_other_hours;    /**< leave out the variants that need further replays */
    double firms_share;     /**< claimed; 0 = 0.95 */
    double usages_share;    /**< claimed; 0 = 0.50 */
    double margin;          /**< within which usages are as claimed; 0 = 0.10 */
    double level;           /**< of confidence; 0 = 0.95 */
    uint32_t draws;         /**< of the bootstrap; 0 = 2000 */
    uint64_t asked;         /**< firms asked in all; 0 = those in the survey */
    bool fresh;             /**< replay even what the survey has the results of */
    /** Called now and then, from any thread, one at a time; may be NULL. */
    void (*progress)(void *context, size_t done, size_t captures);
    void *progress_context;
};

/** The claim over all lines. Owns its arrays; {0} is empty. */
struct rnet_claim {
    struct rnet_claim_line *lines; /**< those asked for, then real loops, then own lines */
    size_t line_count;
    size_t reference;       /**< index of the line variants are about: 2048/256, else the first */
    struct rnet_claim_loop *loops; /**< classes of real loops, shortest first; none when left out */
    size_t loop_count;
    struct rnet_claim_rates rates[RNET_CLAIM_LENGTHS]; /**< of lengths, shortest first; none where
                                                            there are neither loops nor offices */
    size_t rate_count;
    struct rnet_claim_office *offices; /**< with a copper line of their own, in the order of their
                                            names */
    size_t office_count;
    struct rnet_claim_variant variants[RNET_VARIANTS];
    char criteria[40];      /**< set, its title and digest */
    char criteria_title[160];
    char criteria_digest[RNET_DIGEST_TEXT];
    double firms_share, usages_share, margin, level;
    double required_share;  /**< of use, by the criteria; NAN when they differ among themselves */
    int64_t period_ns;      /**< busiest stretch replayed; 0 = all of each capture */
    uint64_t seed;
    uint64_t bootstrap_seed;
    uint32_t replications, draws;
    size_t firms;           /**< in the survey */
    size_t answered;        /**< of them, with a capture */
    uint64_t asked;         /**< firms asked, at least `firms` */
    size_t captures;
    size_t modelled;        /**< answered firms composed, not surveyed */
    size_t nothing_judged;  /**< offices that use nothing that could be judged: cannot say */
    size_t unreadable;      /**< captures whose profile could not be read: cannot say */
    size_t cut;             /**< replays a limit cut: cannot say */
    size_t full;            /**< captures made behind a full line: on lines as fast, what was enough is
                                 "cannot say" */
    bool weighted;          /**< firms weigh differently */
    double kish;            /**< equal offices that many unequal weights are worth */
    size_t replayed;        /**< (capture, line) pairs replayed now… */
    size_t kept;            /**< …and taken from the survey */
    bool not_kept;          /**< the survey could not be written: asked again, all is replayed again */
    struct rnet_error trouble; /**< words about the first unreadable profile or unwritable survey */
};

/**
 * Test the claim. Results are the same, bit for bit, for any number of threads, and whether taken
 * from the survey or replayed. What is replayed is kept in the survey at once, so that a run that was
 * stopped goes on where it was.
 * @param options  NULL = defaults.
 * @param claim    {0}; clear with rnet_claim_clear().
 * @return RNET_OK; RNET_PARTIAL (some profile unreadable or replay cut: counted above); RNET_EINVAL (a
 *         line, a criterion, asked below the firms there are); RNET_ECANTTELL (no firm has a
 *         capture); RNET_EINTERRUPTED; RNET_EIO; RNET_ENOMEM. Empty on failure.
 */
RNET_API enum rnet_status rnet_claim_test(struct rnet_survey *survey,
                                          const struct rnet_claim_options *options,
                                          struct rnet_claim *claim, struct rnet_error *err);

/** Free and reset to {0}; {0} is fine. */
RNET_API void rnet_claim_clear(struct rnet_claim *claim);

/* Judging a share by itself, for simulations and other programs ---------------------------------- */

/** What is claimed of a share. */
struct rnet_claim_hypothesis {
    double share;  /**< claimed */
    double margin; /**< 0: "at least share"; else "share, give or take the margin" */
    double level;
};

/**
 * Judge a share over offices.
 * @param low, high  an office each: with "cannot say" not met, and met; sizes and weights the same.
 * @param domains    classes an office's clusters are for (office-major); 1 = no classes.
 * @param counted    sizes are counts; else an office counts as one observation.
 * @param draws      of the bootstrap; 0 = none.
 * @return RNET_OK, RNET_ECANTTELL (nothing to count: answer NOTHING), RNET_EINVAL, RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_claim_judge(const struct rnet_cluster *low,
                                           const struct rnet_cluster *high, size_t count,
                                           size_t domains, bool counted,
                                           const struct rnet_claim_hypothesis *hypothesis,
                                           uint32_t draws, uint64_t seed,
                                           struct rnet_claim_share *share);

/* Real loops ------------------------------------------------------------------------------------- */

/** A class of subscriber loops: what share of lines, and a line as they have. */
struct rnet_loop_class {
    const char *id;            /**< e.g. "20-30dB" */
    const char *words;         /**< for people, in English: "20 to 30 dB" */
    double share;              /**< of all lines, 0..1; shares add up to 1 */
    const char *specification; /**< the middle of the class, median rate of the copper model */
    const char *source;        /**< and how sure it is */
};

/** Classes of French copper loops, shortest first; NULL past the end. Static storage. */
RNET_API const struct rnet_loop_class *rnet_loop_class(size_t index);

/* Plans ------------------------------------------------------------------------------------------ */

#define RNET_PLAN_FAILURES 11
#define RNET_PLAN_TRUTHS 8
#define RNET_PLAN_SIZES 8

/** {0} = sensible defaults. */
struct rnet_plan_options {
    double share;         /**< of firms claimed; 0 = 0.95 */
    double usages_share;  /**< 0 = 0.50 */
    double margin;        /**< 0 = 0.10 */
    double level;         /**< 0 = 0.95 */
    double truths[RNET_PLAN_TRUTHS]; /**< shares power is wanted for; none = 0.90, 0.97, 0.98, 0.99 */
    size_t truth_count;
    double usages;        /**< judged usages of an office; 0 = 6 */
    double correlation;   /**< of an office's usages; negative = 0.2 */
    double per_group;     /**< offices sampled together (a village, a firm); 0 = 1 */
    double group_correlation; /**< of offices of a group; negative = 0.05 */
    double response;      /**< share of firms asked that answer; 0 = 1 */
};

/** Against one truth. Numbers of offices; 0 = more than 100 000. */
struct rnet_plan_power_row {
    double truth;
    double power[RNET_PLAN_SIZES]; /**< at each size, of supporting (truth above the share) or
                                        refuting (below) */
    uint64_t for_80, for_90;       /**< offices from which on the power is at least that */
    uint64_t asked_80, asked_90;   /**< firms to ask: with groups and response */
};

struct rnet_plan {
    struct rnet_plan_options options;        /**< as used */
    uint64_t least[RNET_PLAN_FAILURES];      /**< offices to show the share with that many failures */
    double group_effect;                     /**< design effect of groups */
    double usage_effect;                     /**< design effect of an office's usages */
    uint64_t sizes[RNET_PLAN_SIZES];
    struct rnet_plan_power_row rows[RNET_PLAN_TRUTHS];
    size_t row_count;
    uint64_t usages_80, usages_90;           /**< offices to show "as claimed, give or take", when the
                                                  truth is as claimed */
    uint64_t usages_asked_80, usages_asked_90;
};

/** How many offices it takes. @return RNET_OK, RNET_EINVAL (out of range: words in err). */
RNET_API enum rnet_status rnet_plan_make(const struct rnet_plan_options *options,
                                         struct rnet_plan *plan, struct rnet_error *err);

#ifdef __cplusplus
}
#endif
#endif
