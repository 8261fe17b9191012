/* The claim as JSON and CSV. */
#include "report/claim.h"
#include "report/fields.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define CLAIM_JSON_VERSION 1

static json_t *
interval_json(const struct rnet_interval *interval)
{
    return json_pack("{s:o, s:o}", "low", number_json(interval->low), "high",
                     number_json(interval->high));
}

/* "more_offices" is null where no number would decide; `answer` tells that from "decided". */
static json_t *
share_json(const struct rnet_claim_share *share)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "answer", rnet_claim_answer_name(share->answer), "share_low",
                     number_json(share->low), "share_high", number_json(share->high), "offices",
                     count_json(share->offices), "observations", number_json(share->observations),
                     "exact", interval_json(&share->exact), "wilson", interval_json(&share->wilson),
                     "ratio", interval_json(&share->linear), "bootstrap",
                     interval_json(&share->bootstrap), "effective", number_json(share->effective),
                     "design_effect", number_json(share->design_effect),
                     "intra_cluster_correlation", number_json(share->intra_cluster),
                     "p_exactly_as_claimed", number_json(share->p_exact), "p_values",
                     json_pack("{s:o, s:o}", "support", number_json(share->p_support), "refute",
                               number_json(share->p_refute)),
                     "more_offices", number_json(share->more_offices));
}

static const char *const count_ids[RNET_CLAIM_COUNTS] = {"classes", "pairs", "volume", "time"};
static const char *const kind_ids[] = {"line", "real loops", "own lines"};
static const char *const choice_ids[RNET_CHOICES] = {"unit", "suffices", "how_often",
                                                     "line", "hours",    "firms"};

static json_t *
usages_json(const struct rnet_claim_share *usages)
{
    json_t *object = json_object();

    for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
        json_add(&object, count_ids[c], share_json(&usages[c]));
    return object;
}

static json_t *
usage_json(const struct rnet_claim_usage *usage)
{
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "usage", usage->id, "name",
                     usage->name, "essential", usage->essential, "offices",
                     count_json(usage->offices), "met", number_json(usage->met), "not_met",
                     number_json(usage->not_met), "cannot_say", number_json(usage->cannot_say),
                     "not_judged", count_json(usage->not_judged));
}

static json_t *
line_json(const struct rnet_claim_line *line)
{
    json_t *usage = json_array();

    for (size_t i = 0; i < line->usage_count; i++)
        if (line->usage[i].offices + line->usage[i].not_judged > 0)
            json_push(&usage, usage_json(&line->usage[i]));
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:s}, s:o, s:o, s:o, s:o}", "kind",
        kind_ids[line->kind], "name", line->name, "specification", line->specification, "offices",
        count_json(line->offices), "satisfied", number_json(line->satisfied), "not_satisfied",
        number_json(line->not_satisfied), "cannot_say", number_json(line->cannot_say), "firms",
        share_json(&line->firms), "silent_firms", "share", interval_json(&line->worst), "exact",
        interval_json(&line->worst_exact), "answer", rnet_claim_answer_name(line->worst_answer),
        "usages", usages_json(line->usages), "classes", count_json(line->classes), "classes_met",
        count_json(line->classes_met), "by_usage", usage);
}

static json_t *
variant_json(const struct rnet_claim_variant *variant)
{
    json_t *flips;

    if (!variant->tried)
        return json_pack("{s:s, s:s, s:b}", "choice", choice_ids[variant->choice], "words",
                         claim_variant_words(variant->id), "tried", false);
    flips = json_pack("{s:b}", "firms", variant->flips_firms);
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
        json_add(&flips, count_ids[c], json_boolean(variant->flips_usages[c]));
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "choice", choice_ids[variant->choice],
                     "words", claim_variant_words(variant->id), "tried", true, "flips", flips,
                     "firms", share_json(&variant->firms), "usages", usages_json(variant->usages));
}

static json_t *
definitions_json(const struct rnet_claim *claim)
{
    json_t *object = json_object();

    for (int c = 0; c < RNET_CHOICES; c++) {
        char words[CLAIM_WORDS];

        claim_define(claim, (enum rnet_claim_choice)c, words);
        json_add(&object, choice_ids[c], json_string(words));
    }
    return object;
}

static void
append(void *context, const char *words)
{
    json_push(context, json_string(words));
}

static json_t *
provenance_json(const struct rnet_claim *claim)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "netsuff", rnet_version(),
                     "criteria", claim->criteria, "criteria_xxh3_128", claim->criteria_digest,
                     "seed", count_json(claim->seed), "replications",
                     count_json(claim->replications), "bootstrap_draws", count_json(claim->draws),
                     "bootstrap_seed", count_json(claim->bootstrap_seed), "replayed",
                     count_json(claim->replayed), "kept", count_json(claim->kept));
}

static json_t *
survey_json(const struct rnet_claim *claim)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "firms_asked",
                     count_json(claim->asked), "firms", count_json(claim->firms), "answered",
                     count_json(claim->answered), "captures", count_json(claim->captures),
                     "modelled", count_json(claim->modelled), "weighted", claim->weighted,
                     "equal_firms_worth", number_json(claim->kish), "nothing_judged",
                     count_json(claim->nothing_judged), "unreadable", count_json(claim->unreadable),
                     "cut", count_json(claim->cut), "behind_full_line", count_json(claim->full));
}

static json_t *
loop_json(const struct rnet_claim_loop *place)
{
    return json_pack("{s:s, s:f, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "loop", place->loop->id,
                     "share_of_lines", place->loop->share, "specification",
                     place->loop->specification, "length_m", number_json(place->length_m),
                     "down_bps", count_json(place->rate_bps[RNET_DOWN]), "up_bps",
                     count_json(place->rate_bps[RNET_UP]), "satisfied",
                     number_json(place->satisfied), "not_satisfied",
                     number_json(place->not_satisfied), "cannot_say",
                     number_json(place->cannot_say), "firms", share_json(&place->firms));
}

/* Without a name: a place in the picture of rate against length. */
static json_t *
office_json(const struct rnet_claim_office *office)
{
    return json_pack("{s:o, s:o, s:o, s:s, s:b}", "length_m", number_json(office->length_m),
                     "down_bps", count_json(office->rate_bps[RNET_DOWN]), "up_bps",
                     count_json(office->rate_bps[RNET_UP]), "satisfied",
                     rnet_answer_name(office->satisfied), "modelled", office->modelled);
}

static json_t *
rates_json(const struct rnet_claim_rates *rates)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "length_m", number_json(rates->length_m), "p10_bps",
                     count_json(rates->p10_bps), "p50_bps", count_json(rates->p50_bps), "p90_bps",
                     count_json(rates->p90_bps));
}

static json_t *
places_json(const struct rnet_claim *claim)
{
    json_t *loops = json_array(), *offices = json_array(), *rates = json_array();

    for (size_t i = 0; i < claim->loop_count; i++)
        json_push(&loops, loop_json(&claim->loops[i]));
    for (size_t i = 0; i < claim->office_count; i++)
        json_push(&offices, office_json(&claim->offices[i]));
    for (size_t i = 0; i < claim->rate_count; i++)
        json_push(&rates, rates_json(&claim->rates[i]));
    return json_pack("{s:o, s:o, s:o}", "loops", loops, "own_lines", offices, "model", rates);
}

static json_t *
document(const struct rnet_claim *claim, const char *answer)
{
    json_t *lines = json_array(), *variants = json_array(), *caveats = json_array();

    for (size_t i = 0; i < claim->line_count; i++)
        json_push(&lines, line_json(&claim->lines[i]));
    for (int v = 0; v < RNET_VARIANTS; v++)
        json_push(&variants, variant_json(&claim->variants[v]));
    claim_caveats(claim, append, &caveats);
    return json_pack("{s:i, s:s, s:o, s:{s:f, s:f, s:f, s:f}, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
                     "version", CLAIM_JSON_VERSION, "answer", answer, "definitions",
                     definitions_json(claim), "hypotheses", "firms_share", claim->firms_share,
                     "usages_share", claim->usages_share, "margin", claim->margin, "level",
                     claim->level, "survey", survey_json(claim), "reference_line",
                     claim->lines[claim->reference].name, "lines", lines, "rate_against_length",
                     places_json(claim), "variants", variants, "caveats", caveats, "provenance",
                     provenance_json(claim));
}

enum rnet_status
rnet_report_claim_json(const struct rnet_claim *claim, char **text, size_t *length)
{
    struct text answer = {0};
    enum rnet_status status = RNET_ENOMEM;

    claim_answer(claim, &answer);
    if (!answer.failed && answer.bytes != NULL)
        status = json_take(document(claim, answer.bytes), 12, text, length);
    rnet_free(answer.bytes);
    return status;
}

/* Comma-separated values: one row per line (or definition) and thing counted --------------------
 */

static void
add_number(struct text *text, double value)
{
    if (isfinite(value))
        text_add(text, ",%.9g", value);
    else
        text_add(text, ",");
}

static void
add_row(struct text *text, const char *line, const char *definition, const char *counted,
        const struct rnet_claim_share *share)
{
    const double numbers[] = {
        share->observations,  share->low,           share->high,           share->exact.low,
        share->exact.high,    share->wilson.low,    share->wilson.high,    share->linear.low,
        share->linear.high,   share->bootstrap.low, share->bootstrap.high, share->effective,
        share->design_effect, share->intra_cluster, share->p_exact,        share->p_support,
        share->p_refute,      share->more_offices};

    text_add_csv(text, line);
    text_add(text, ",");
    text_add_csv(text, definition);
    text_add(text, ",%s,%s,%zu", counted, rnet_claim_answer_name(share->answer), share->offices);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add_number(text, numbers[i]);
    text_add(text, "\n");
}

static void
add_rows(struct text *text, const char *line, const char *definition,
         const struct rnet_claim_share *firms, const struct rnet_claim_share *usages)
{
    add_row(text, line, definition, "firms", firms);
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
        add_row(text, line, definition, count_ids[c], &usages[c]);
}

enum rnet_status
rnet_report_claim_csv(const struct rnet_claim *claim, char **text, size_t *length)
{
    struct text out = {0};

    text_add(&out, "line,definition,counted,answer,offices,observations,share_low,share_high,"
                   "exact_low,exact_high,wilson_low,wilson_high,ratio_low,ratio_high,bootstrap_low,"
                   "bootstrap_high,effective,design_effect,intra_cluster,p_exactly_as_claimed,"
                   "p_support,p_refute,more_offices\n");
    for (size_t i = 0; i < claim->line_count; i++)
        add_rows(&out, claim->lines[i].name, "as stated", &claim->lines[i].firms,
                 claim->lines[i].usages);
    for (size_t i = 0; i < claim->loop_count; i++) {
        char name[48];

        snprintf(name, sizeof name, "loop %s", claim->loops[i].loop->id);
        add_row(&out, name, "as stated", "firms", &claim->loops[i].firms);
    }
    for (int v = 0; v < RNET_VARIANTS; v++)
        if (claim->variants[v].tried)
            add_rows(&out, claim->lines[claim->reference].name,
                     claim_variant_words(claim->variants[v].id), &claim->variants[v].firms,
                     claim->variants[v].usages);
    return text_take(&out, text, length);
}
