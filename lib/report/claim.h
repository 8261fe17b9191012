/* Report of a claim, inside: words that its forms share. */
#ifndef RNET_REPORT_CLAIM_H
#define RNET_REPORT_CLAIM_H

#include "report/report.h"

#include <ruralnet/claim.h>

#define CLAIM_WORDS 640

/* The claim as it was made. */
const char *
claim_quoted(void);

/* "95 %"; "61 to 64 %" where verdicts "cannot say" leave a share open; "12.3 to 45.6 %". */
const char *
words_percent(double share, char words[NUMBER_TEXT]);
const char *
words_bounds(double low, double high, char words[NUMBER_TEXT]);
const char *
words_interval(const struct rnet_interval *interval, char words[NUMBER_TEXT]);
/* "0.0312", "-" where not known. */
const char *
words_probability(double p, char words[NUMBER_TEXT]);
/* "undecided (12 more offices like these would decide)". */
const char *
words_verdict(const struct rnet_claim_share *share, char words[160]);

/* Static storage. */
const char *
claim_count_name(enum rnet_claim_count count);
const char *
claim_choice_name(enum rnet_claim_choice choice);
const char *
claim_line_name(const struct rnet_claim_line *line);
const char *
claim_variant_words(enum rnet_claim_variant_id id);

/* What is meant by one of the six. */
void
claim_define(const struct rnet_claim *claim, enum rnet_claim_choice choice,
             char words[CLAIM_WORDS]);
/* The answer in a few sentences. */
void
claim_answer(const struct rnet_claim *claim, struct text *text);
/* What to know beside it, a sentence each. */
void
claim_caveats(const struct rnet_claim *claim, void (*say)(void *context, const char *words),
              void *context);

/* Rate against loop length with the offices on it, and the classes of loops as a table; nothing where
 * there is neither. */
void
claim_add_places(struct text *text, const struct rnet_claim *claim);

#endif
