/* Verdict, for its own files. */
#ifndef RNET_VERDICT_INTERNAL_H
#define RNET_VERDICT_INTERNAL_H

#include "base/base.h"

#include <ruralnet/verdict.h>

/* Shipped sets, embedded when built (embed.py). */
extern const char criteria_default_text[];
extern const char criteria_annex_v_text[];

/* Read a set, or an override, from YAML text into criteria that may already hold some. */
enum rnet_status
criteria_parse(const char *text, size_t bytes, const char *file, struct rnet_criteria *criteria,
               struct rnet_error *err);

/* The name of a list that is nearest to what was written; list ends with NULL. */
const char *
nearest_name(const char *written, const char *const *names);

/* Limits of a rule for a use of that size. */
double
rule_good(const struct rnet_rule *rule, uint64_t bytes);
double
rule_acceptable(const struct rnet_rule *rule, uint64_t bytes);
const struct rnet_rule *
rule_of(const struct rnet_criterion *criterion, enum rnet_metric metric);
bool
rule_speaks_of(const struct rnet_rule *rule, enum rnet_use_kind kind);
/* Room left below (above) the limit of acceptable, in the metric's unit; -INFINITY for a failed
 * use. */
double
use_margin(const struct rnet_rule *rule, const struct rnet_use *use);
/* Whether a use is of this criterion and has any weight. */
bool
use_is_of(const struct rnet_criterion *criterion, const struct rnet_use *use);
/* Whether no line could have made it acceptable: insufficient on the ideal line too. */
bool
use_is_excused(const struct rnet_criterion *criterion, const struct rnet_quality *quality,
               size_t index);
/* Whether it counts in the verdict: of the criterion and not excused. */
bool
use_counts(const struct rnet_criterion *criterion, const struct rnet_quality *quality,
           size_t index);

/* A use as it might be at the worse (+1) or better (-1) end of what repetitions differ by. */
struct rnet_use
use_shifted(const struct rnet_use *use, double worse);
double
value_shifted(enum rnet_metric metric, double value, double worse);

void
explain(const struct rnet_quality *base, const struct rnet_counterfactual *counterfactuals,
        size_t count, struct rnet_usage_verdict *verdict);
/* Background work that others, which are not met, wait behind: it is not met either. */
void
mark_breakers(struct rnet_verdict *verdict);
/* The same where no cause was looked for: background work beside something that is not met may be
 * why. */
void
doubt_breakers(struct rnet_verdict *verdict);
void
write_sentence(struct rnet_verdict *verdict);

#endif
