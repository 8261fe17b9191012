/* Claim, inside: evaluations of captures on lines, and offices judged by definitions. */
#ifndef RNET_CLAIM_INTERNAL_H
#define RNET_CLAIM_INTERNAL_H

#include "base/base.h"
#include "claim/survey.h"

#include <ruralnet/claim.h>

/* One criterion on one line: enough to judge it by any definition without a replay. */
struct evaluated {
    uint32_t criterion;              /* index into the set */
    bool judged;                     /* else used, but in ways that could not be judged */
    double weight;                   /* uses, or seconds */
    struct rnet_interval acceptable; /* share of it, 90 % band */
    struct rnet_interval good;
    double bytes;   /* IP bytes in the period replayed */
    double seconds; /* of the capture with any traffic of it */
};

/* What a capture, or an office's captures together, came to on one line. */
struct evaluation {
    struct evaluated *items; /* used criteria, by index */
    size_t count;
    bool known; /* else not evaluated: no such line, or unreadable: cannot say */
    bool cut;   /* a limit ended a replay */
};

/* What evaluations of one run depend on, beside capture and line. */
struct settings {
    const struct rnet_criteria *criteria;
    char criteria_digest[RNET_DIGEST_TEXT];
    char build[RNET_DIGEST_TEXT]; /* of the code that computes; "" = not known: nothing is kept */
    uint64_t seed;
    uint32_t replications;
};

/* Settings of a run. RNET_OK, RNET_ENOMEM. */
enum rnet_status
settings_init(struct settings *settings, const struct rnet_criteria *criteria, uint64_t seed,
              uint32_t replications);
/* Digest of all that a set of criteria says. */
void
criteria_digest(const struct rnet_criteria *criteria, char digest[RNET_DIGEST_TEXT]);
/* Digest of all that an evaluation depends on: settings, the profile's bytes, the period replayed
 * and the line. */
void
evaluation_key(const struct settings *settings, const char *profile_digest, int64_t begin_ns,
               int64_t end_ns, const char *line, char key[RNET_DIGEST_TEXT]);

/* XXH3-128 in hexadecimal. */
void
digest_of_bytes(const void *bytes, size_t count, char digest[RNET_DIGEST_TEXT]);

/* An evaluation kept in the survey under that key: RNET_OK, RNET_END (none, or not sound), or a
 * failure. Free with evaluation_clear(). */
enum rnet_status
kept_find(struct rnet_survey *survey, const char *key, const struct settings *settings,
          struct evaluation *evaluation, struct rnet_error *err);
/* Keep one of that capture. */
enum rnet_status
kept_save(struct rnet_survey *survey, const char *capture, const char *key,
          const struct settings *settings, const struct evaluation *evaluation,
          struct rnet_error *err);
/* Forget what other builds computed. */
void
kept_forget_others(struct rnet_survey *survey, const struct settings *settings);

void
evaluation_clear(struct evaluation *evaluation);

/* The profile of a capture with the digest of its bytes. As rnet_survey_profile(), but err does not
 * name the survey. */
enum rnet_status
survey_load_profile(struct rnet_survey *survey, const char *capture, struct rnet_profile **profile,
                    char digest[RNET_DIGEST_TEXT], struct rnet_error *err);

/* A definition of "met" and "satisfied". {0} is the stated one. */
struct definition {
    bool essential;   /* only essential criteria */
    bool good;        /* good, not only acceptable */
    bool by_use;      /* satisfied by share of volume, not by every usage */
    bool enough_seen; /* leave out what little was seen of */
    double share;     /* of use that must pass; 0 = the criterion's own */
};

/* Whether an item counts, and is met, by a definition. */
bool
item_counts(const struct rnet_criterion *criterion, const struct evaluated *item,
            const struct definition *definition);
enum rnet_answer
item_met(const struct rnet_criterion *criterion, const struct evaluated *item,
         const struct definition *definition);
/* Whether an office is satisfied; CANNOT_SAY also when nothing counts. */
enum rnet_answer
office_satisfied(const struct rnet_criteria *criteria, const struct evaluation *evaluation,
                 const struct definition *definition);
/* Pool a firm's captures: shares weighted by use. RNET_OK, RNET_ENOMEM. */
enum rnet_status
office_pool(const struct evaluation *const *captures, size_t count, struct evaluation *office);

/* What is evaluated of every capture: lines for everybody, and slots that differ. */
enum special_slot {
    SLOT_OWN,     /* the firm's own line */
    SLOT_QUARTER, /* reference line, busiest quarter of an hour */
    SLOT_WHOLE,   /* reference line, all of the capture */
    SPECIAL_SLOTS
};

/* The whole survey, evaluated. */
struct table {
    struct rnet_firm *firms; /* all, by name */
    size_t firm_count;
    struct rnet_survey_capture *captures; /* by firm and digest */
    size_t capture_count;
    const char **lines; /* canonical specifications: asked for, then real loops */
    size_t line_count;  /* of both */
    size_t reference;   /* index into lines */
    bool other_hours;
    struct evaluation *evaluations; /* capture-major, slots of each */
    struct evaluation *offices;     /* firm-major, pooled; unknown where there is no capture */
    size_t replayed, kept, unreadable, cut, full;
    bool not_kept;
    struct rnet_error trouble;
};

static inline size_t
table_slots(const struct table *table)
{
    return table->line_count + SPECIAL_SLOTS;
}

/* Evaluate every capture in every slot. RNET_OK, RNET_EINTERRUPTED, or a failure. */
enum rnet_status
table_evaluate(struct rnet_survey *survey, const struct rnet_claim_options *options,
               const struct settings *settings, struct table *table, struct rnet_error *err);
void
table_clear(struct table *table);

/* Lines as mixtures of slots. */
struct mixture {
    const size_t *slots;
    const double *shares;
    size_t count;
};

/* Which firms count, and how. */
struct selection {
    bool unweighted, surveyed_only;
    uint32_t staff_from, staff_to; /* 0, 0 = any; else known and from <= staff < to (0 = no end) */
};

/* All shares of one line by one definition. */
struct judged {
    size_t offices;
    double satisfied, not_satisfied, cannot_say;
    struct rnet_claim_share firms;
    struct rnet_claim_share usages[RNET_CLAIM_COUNTS];
};

/* Everything shares are judged from. */
struct judging {
    const struct table *table;
    const struct rnet_criteria *criteria;
    double firms_share, usages_share, margin, level;
    uint64_t seed;
};

/* A share with `silent` more for each 1 that answered: none of them met, and all of them. */
void
share_bound(const struct rnet_claim_share *share, double silent,
            const struct rnet_claim_hypothesis *hypothesis, struct rnet_interval *worst,
            struct rnet_interval *exact, enum rnet_claim_answer *answer);

enum rnet_status
judge_line(const struct judging *judging, const struct mixture *mixture,
           const struct definition *definition, const struct selection *selection, uint32_t draws,
           struct judged *judged);
/* Fill the claim's classes of loops, from the slots after `asked`, and its offices on copper lines of
 * their own. RNET_OK, RNET_ENOMEM. */
enum rnet_status
copper_places(const struct judging *judging, size_t asked, size_t loops, struct rnet_claim *claim);
bool
firm_counts(const struct rnet_firm *firm, const struct selection *selection);

#endif
