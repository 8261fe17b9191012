/**
 * Verdict: good, acceptable, insufficient, or cannot say, and why.
 *
 * Takes the measured uses of one or more replays (other seeds, same demand and line) and criteria;
 * yields one verdict per usage, the office's answer, and one sentence with its numbers.
 *
 *     struct rnet_criteria criteria = {0};
 *     struct rnet_verdict verdict = {0};
 *     rnet_criteria_load(NULL, NULL, &criteria, &err);
 *     if (rnet_verdict_decide(&criteria, replications, count, NULL, 0, &verdict, &err) == RNET_OK)
 *         puts(verdict.sentence);
 *     rnet_verdict_clear(&verdict);
 *     rnet_criteria_clear(&criteria);
 *
 * Definitions (fixed before looking): a usage is *met* when at least 95 % of its use, exchanges by
 * count and streams by time, is acceptable or better. An office is *satisfied* when every judged
 * usage it really uses is met.
 */
#ifndef RURALNET_VERDICT_H
#define RURALNET_VERDICT_H

#include <ruralnet/base.h>
#include <ruralnet/quality.h>
#include <ruralnet/usage.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rnet_grade {
    RNET_GRADE_CANNOT_SAY = 0,
    RNET_GRADE_GOOD = 1,
    RNET_GRADE_ACCEPTABLE = 2,
    RNET_GRADE_INSUFFICIENT = 3,
};
/** "good", "acceptable", "insufficient", "cannot say"; static storage. */
RNET_API const char *rnet_grade_name(enum rnet_grade grade);

/** Bounds of one metric. Sized uses (transfers, mail) may take longer: a limit is
 *  max(limit, per_mb * megabytes of the use), at most its cap. */
struct rnet_rule {
    enum rnet_metric metric;
    double good;              /**< good up to here (from here, where higher is better) */
    double acceptable;
    double good_per_mb;       /**< 0 = size does not matter */
    double acceptable_per_mb;
    double good_cap;          /**< 0 = none */
    double acceptable_cap;
    uint32_t kinds;           /**< bit (1u << enum rnet_use_kind) it is limited to; 0 = any */
    bool verified;            /**< source checked, not from memory */
    char source[160];
};

#define RNET_CRITERION_RULES 8

/** What is asked of one usage (or of one service, in sets like the Code's Annex V). */
struct rnet_criterion {
    char id[40];
    char name[80];            /**< words for people */
    uint32_t usages;          /**< bit (1u << usage) for each usage whose uses count here */
    bool essential;           /**< part of the variant "by essential usages only" */
    bool judged;              /**< part of the office's answer */
    bool background;          /**< nobody waits for it, so it must not break what people wait for */
    double share;             /**< of use that must be acceptable, 0..1 */
    double minimum;           /**< uses (or seconds, for what lasts) below which little was seen */
    struct rnet_rule rules[RNET_CRITERION_RULES];
    size_t rule_count;
};

/** A set of criteria; owns its array. */
struct rnet_criteria {
    char id[40];
    char title[160];
    struct rnet_criterion *items;
    size_t count;
};

/**
 * Load a shipped set and let a file override part of it.
 * @param set   "default" (also NULL) or "eecc-annex-v".
 * @param path  a YAML file of the same form, or NULL. Criteria and rules it names replace those of
 *              the set, key by key; others stay.
 * @return RNET_OK; RNET_ENOTFOUND (no such set); RNET_EIO; RNET_EINVAL (a wrong key or value: err says line,
 *         column and the nearest valid name); RNET_ENOMEM. Criteria are empty on failure.
 */
RNET_API enum rnet_status rnet_criteria_load(const char *set, const char *path,
                                             struct rnet_criteria *criteria,
                                             struct rnet_error *err);
/** The index-th shipped set's identifier; NULL past the end. Static storage. */
RNET_API const char *rnet_criteria_set(size_t index);
/** The YAML text of a shipped set; NULL if there is none of that name. Static storage. */
RNET_API const char *rnet_criteria_text(const char *set);
/** The criterion of that id; NULL if there is none. Borrowed. */
RNET_API const struct rnet_criterion *rnet_criteria_find(const struct rnet_criteria *criteria,
                                                         const char *id);
/** Free and reset to {0}; {0} is fine. */
RNET_API void rnet_criteria_clear(struct rnet_criteria *criteria);

/** How a use does by a criterion: the worst of its values' grades. */
RNET_API enum rnet_grade rnet_use_grade(const struct rnet_criterion *criterion,
                                        const struct rnet_use *use);

/** Why a usage is not better. */
enum rnet_cause {
    RNET_CAUSE_NONE = 0,     /**< nothing is lacking */
    RNET_CAUSE_DOWN_RATE,    /**< sync rate down */
    RNET_CAUSE_UP_RATE,      /**< sync rate up */
    RNET_CAUSE_QUEUE_UP,     /**< waiting behind other traffic on the way up */
    RNET_CAUSE_QUEUE_DOWN,
    RNET_CAUSE_DELAY,        /**< propagation and interleaving */
    RNET_CAUSE_LOSS,         /**< of the line itself */
    RNET_CAUSE_NOT_THE_LINE, /**< server or client: no better on a better line */
    RNET_CAUSE_SEVERAL,      /**< the line, and no single change of it is enough */
    RNET_CAUSE_UNKNOWN,      /**< lacking, and nothing tried tells why */
    RNET_CAUSE_BREAKS_OTHERS, /**< background work that fits its window, while others wait behind it
                                   and are not met */
    RNET_CAUSES
};
/** Identifier ("queue-up") and English words ("waiting behind other traffic on the way up"). */
RNET_API const char *rnet_cause_id(enum rnet_cause cause);
RNET_API const char *rnet_cause_text(enum rnet_cause cause);

/** The same demand replayed with one thing changed: what that cures, it caused. */
struct rnet_counterfactual {
    enum rnet_cause cause;              /**< DOWN_RATE: down doubled; UP_RATE: up doubled; QUEUE_UP or
                                             QUEUE_DOWN: fq_codel; DELAY: no line delay; LOSS: none */
    const struct rnet_quality *quality; /**< same seed as the first replication */
};

/** Whether a definition is met. */
enum rnet_answer {
    RNET_ANSWER_CANNOT_SAY = 0,
    RNET_ANSWER_YES = 1,
    RNET_ANSWER_NO = 2,
};
/** "yes", "no", "cannot say"; static storage. */
RNET_API const char *rnet_answer_name(enum rnet_answer answer);

/** What keeps a verdict from being sure. */
enum rnet_doubt {
    RNET_DOUBT_NONE = 0,
    RNET_DOUBT_BAND,          /**< the 90 % band straddles the share that must pass */
    RNET_DOUBT_NOT_MEASURED,  /**< used, but nothing in it could be measured */
    RNET_DOUBT_NO_RULE,       /**< used, but in ways no rule of the criterion speaks of: not judged */
    RNET_DOUBT_NOT_THE_LINE,  /**< all of it would be insufficient on any line */
    RNET_DOUBT_SUPPRESSED,    /**< met by what was seen, which a full line had held down */
    RNET_DOUBT_BREAKS_OTHERS, /**< background work, in time; whether it is what others lack was not tried */
    RNET_DOUBT_PART_MISSING,  /**< the capture lacks a part of it, or of what shares its line */
    RNET_DOUBT_LABEL,         /**< what decides it is named on weak evidence: it may be another usage */
    RNET_DOUBT_ADAPTS,        /**< insufficient at the picture captured; a player that adapts would do with
                                   less */
    RNET_DOUBTS
};
/** Identifier ("band") and English words; static storage. */
RNET_API const char *rnet_doubt_id(enum rnet_doubt doubt);
RNET_API const char *rnet_doubt_text(enum rnet_doubt doubt);

/** 90 % band over replications; all NAN when nothing is known. INFINITY: did not end. */
struct rnet_band {
    double low, middle, high;
};

/** Points of a distribution that a verdict keeps: 5, 25, 50, 75 and 95 % of use is at or below. */
#define RNET_VERDICT_QUANTILES 5

/** The verdict on one criterion. */
struct rnet_usage_verdict {
    const struct rnet_criterion *criterion; /**< borrowed from the criteria */
    enum rnet_usage usage;     /**< the (first) usage it judges */
    bool used;                 /**< the office has conversations of it */
    bool judged;               /**< used, and part of the office's answer */
    bool little_seen;          /**< less use than criterion->minimum: a hint, not a proof */
    bool by_time;              /**< weights are seconds, not counts */
    enum rnet_answer met;
    enum rnet_grade grade;
    enum rnet_doubt doubt;
    size_t uses;               /**< judged uses in one replication */
    double weight;             /**< their number, or seconds */
    double bytes;              /**< IP bytes of its usages, both ways, in the period replayed */
    size_t failed;             /**< of them, never ended (first replication) */
    double excused_share;      /**< of all use, insufficient on the ideal line too (server, computer
                                    or person): left out, as it says nothing about a line */
    double unknown_share;      /**< of the weight, could not be measured */
    enum rnet_use_kind kind;   /**< the commonest kind of its uses */
    struct rnet_band acceptable_share; /**< of use acceptable or better */
    struct rnet_band good_share;
    bool has_metric;           /**< the following are filled */
    enum rnet_metric metric;   /**< the one that decides */
    double good, acceptable;   /**< its limits, for the median use's size */
    struct rnet_band median;   /**< of the metric over uses */
    struct rnet_band p95;      /**< 95 % of use is at least this good */
    struct rnet_band margin;   /**< room left at the share that must pass, in the metric's unit;
                                    negative = lacking */
    double quantiles[RNET_VERDICT_QUANTILES]; /**< of the metric over uses, first replication */
    double mos;                /**< mean opinion score where the kind has one, else NAN; not part of
                                    the verdict, for video calls an aid for ordering (G.1070) */
    enum rnet_cause cause;
    double cause_support;      /**< share of what is lacking that the cause's cure takes away; NAN when
                                    inferred from the line's load without a counterfactual */
    size_t breaks;             /**< background work: usages not met that wait behind it */
    enum rnet_usage behind;    /**< for QUEUE_*: the usage with most bytes in that direction */
};

/** The verdict on an office. Owns its array; points into the criteria. */
struct rnet_verdict {
    struct rnet_usage_verdict *items; /**< one per criterion, in their order */
    size_t count;
    size_t replications;
    size_t judged;      /**< usages used and judged */
    size_t met;         /**< of them */
    size_t not_met;
    size_t cannot_say;
    enum rnet_answer satisfied;           /**< every judged usage met */
    enum rnet_answer satisfied_essential; /**< every essential one */
    double met_volume_ratio;              /**< share of the judged usages' bytes in met ones; NAN = none */
    char sentence[640];                   /**< the answer in one English sentence, with its numbers */
};

/**
 * Decide.
 * @param replications       measured replays of one demand on one line, count of them, at least 1.
 * @param counterfactuals    may be NULL; without them causes are inferred from the line's load, and
 *                           background work beside something that is not met becomes "cannot say".
 * @param verdict            {0} or results of an earlier call; valid as long as the criteria.
 * @return RNET_OK; RNET_EINVAL (count 0); RNET_ENOMEM (verdict cleared).
 */
RNET_API enum rnet_status rnet_verdict_decide(const struct rnet_criteria *criteria,
                                              const struct rnet_quality *replications, size_t count,
                                              const struct rnet_counterfactual *counterfactuals,
                                              size_t counterfactual_count,
                                              struct rnet_verdict *verdict, struct rnet_error *err);

/**
 * Lower a verdict on demand that is known to be less than what there was or would be: captured behind a
 * full line no faster than the one judged (RNET_DOUBT_SUPPRESSED), or with a direction missing
 * (RNET_DOUBT_PART_MISSING). What is met becomes "cannot say" for that reason, what is not stays. Counts
 * and sentence follow.
 */
RNET_API void rnet_verdict_lower(struct rnet_verdict *verdict, enum rnet_doubt doubt);

/** The verdict on a usage; NULL when no criterion covers it. Borrowed. */
RNET_API const struct rnet_usage_verdict *rnet_verdict_of(const struct rnet_verdict *verdict,
                                                          enum rnet_usage usage);

/** Free and reset to {0}; {0} is fine. */
RNET_API void rnet_verdict_clear(struct rnet_verdict *verdict);

#ifdef __cplusplus
}
#endif
#endif
