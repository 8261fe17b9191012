/* The claim for a terminal: the answer, the definitions, lines, usages, what would change it. */
#include "report/claim.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define NAME_COLUMNS 14

struct page {
    struct text text;
    int columns;
};

static void
heading(struct page *page, const char *words)
{
    text_add(&page->text, "\n");
    text_wrap(&page->text, page->columns, 0, 0, words);
}

static void
paragraph(struct page *page, int indent, const char *words)
{
    text_add(&page->text, "%*s", indent, "");
    text_wrap(&page->text, page->columns, indent, indent, words);
}

static void
add_answer(struct page *page, const struct rnet_claim *claim)
{
    struct text answer = {0};

    claim_answer(claim, &answer);
    if (answer.failed || answer.bytes == NULL)
        page->text.failed = true;
    else
        paragraph(page, 0, answer.bytes);
    rnet_free(answer.bytes);
    text_add(&page->text, "\n");
    paragraph(page, 0, claim_quoted());
}

/* One of the six on the left. */
static void
add_choice(struct page *page, const char *choice)
{
    const int blanks = NAME_COLUMNS - 2 - text_columns(choice);

    text_add(&page->text, "  %s%*s", choice, blanks > 1 ? blanks : 1, "");
}

static void
add_definitions(struct page *page, const struct rnet_claim *claim)
{
    heading(page, _("Six definitions, fixed before looking:"));
    for (int c = 0; c < RNET_CHOICES; c++) {
        char words[CLAIM_WORDS];

        claim_define(claim, (enum rnet_claim_choice)c, words);
        add_choice(page, claim_choice_name((enum rnet_claim_choice)c));
        text_wrap(&page->text, page->columns, NAME_COLUMNS, NAME_COLUMNS, words);
    }
}

/* The beginning of a line's name, on the left. */
static void
add_line(struct page *page, const struct rnet_claim_line *line)
{
    char name[NAME_COLUMNS - 2];

    snprintf(name, sizeof name, "%s", claim_line_name(line));
    text_add(&page->text, "  %s%*s", name, NAME_COLUMNS - 3 - text_columns(name), "");
}

/* Offices satisfied, a line each; what does not fit goes on below it. */
static void
add_offices(struct page *page, const struct rnet_claim *claim)
{
    const int beside = NAME_COLUMNS + 18, indent = page->columns >= 64 ? beside : NAME_COLUMNS;

    heading(page, _("Offices satisfied (exact interval):"));
    text_add(&page->text, "%*s%5s %5s %5s\n", NAME_COLUMNS, "", _("yes"), _("no"), "?");
    for (size_t i = 0; i < claim->line_count; i++) {
        const struct rnet_claim_line *line = &claim->lines[i];
        char exact[NUMBER_TEXT], wilson[NUMBER_TEXT], verdict[160], words[320];

        snprintf(words, sizeof words, _(" %s; Wilson %s: %s"),
                 words_interval(&line->firms.exact, exact),
                 words_interval(&line->firms.wilson, wilson), words_verdict(&line->firms, verdict));
        add_line(page, line);
        text_say(&page->text, " %5.4g %5.4g %5.4g ", line->satisfied, line->not_satisfied,
                 line->cannot_say);
        text_wrap(&page->text, page->columns, indent, beside, words);
    }
}

static void
add_usages(struct page *page, const struct rnet_claim *claim)
{
    heading(page, _("Usages met (share; Korn–Graubard interval):"));
    for (size_t i = 0; i < claim->line_count; i++) {
        const struct rnet_claim_line *line = &claim->lines[i];

        add_line(page, line);
        text_add(&page->text, " ");
        for (int c = 0; c < RNET_CLAIM_COUNTS; c++) {
            const struct rnet_claim_share *share = &line->usages[c];
            char bounds[NUMBER_TEXT], interval[NUMBER_TEXT], verdict[160], words[320];

            snprintf(words, sizeof words, _("%s: %s (%s): %s"),
                     claim_count_name((enum rnet_claim_count)c),
                     words_bounds(share->low, share->high, bounds),
                     words_interval(&share->exact, interval), words_verdict(share, verdict));
            text_add(&page->text, "%*s", c == 0 ? 0 : NAME_COLUMNS, "");
            text_wrap(&page->text, page->columns, NAME_COLUMNS + 2, NAME_COLUMNS, words);
        }
    }
}

static void
add_numbers(struct page *page, const char *name, const struct rnet_claim_share *share, double level)
{
    char interval[NUMBER_TEXT], a[NUMBER_TEXT], b[NUMBER_TEXT], c[NUMBER_TEXT], words[400];

    text_add(&page->text, "  ");
    snprintf(words, sizeof words, _("%s: ratio estimator %s, cluster bootstrap "), name,
             words_interval(&share->linear, interval));
    text_wrap(&page->text, page->columns, 4, 2, words);
    snprintf(words, sizeof words,
             _("%s; design effect %s, effective number %s, correlation within offices %s;"),
             words_interval(&share->bootstrap, interval), words_number(share->design_effect, 2, a),
             words_number(share->effective, 1, b), words_number(share->intra_cluster, 3, c));
    paragraph(page, 4, words);
    snprintf(words, sizeof words,
             _("p-values: exactly as claimed %s; not as claimed %s, not otherwise %s (each against "
               "%s)."),
             words_probability(share->p_exact, a), words_probability(share->p_support, b),
             words_probability(share->p_refute, c), words_number(1 - level, 2, interval));
    paragraph(page, 4, words);
}

static void
add_statistics(struct page *page, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];
    char words[200];

    snprintf(words, sizeof words, _("On %s, in full:"), claim_line_name(line));
    heading(page, words);
    add_numbers(page, _("firms"), &line->firms, claim->level);
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
        add_numbers(page, claim_count_name((enum rnet_claim_count)c), &line->usages[c],
                    claim->level);
}

static void
add_silent(struct page *page, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];
    char bounds[NUMBER_TEXT], interval[NUMBER_TEXT], words[CLAIM_WORDS];

    if (claim->asked == claim->answered)
        return;
    heading(page, _("Firms that did not answer:"));
    snprintf(words, sizeof words,
             _("%" PRIu64 " of %" PRIu64
               " firms asked gave nothing. If none of them is satisfied on "
               "%s, or all are: %s (with intervals %s): %s."),
             claim->asked - claim->answered, claim->asked, claim_line_name(line),
             words_bounds(line->worst.low, line->worst.high, bounds),
             words_interval(&line->worst_exact, interval),
             _(rnet_claim_answer_name(line->worst_answer)));
    paragraph(page, 2, words);
}

static void
add_failing(struct page *page, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];
    const int cell = page->columns < 64 ? 4 : 7,
              name = page->columns < 64 ? page->columns - 28 : 20;
    const char *const columns[] = {_("use"), _("met"), _("not"), "?", _("n.j.")};
    char words[200];

    snprintf(words, sizeof words, _("Usages on %s:"), claim_line_name(line));
    heading(page, words);
    text_add(&page->text, "  %*s", name, "");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        text_add(&page->text, " %*s", i + 1 < sizeof columns / sizeof *columns ? cell : cell + 1,
                 columns[i]);
    text_add(&page->text, "\n");
    for (size_t i = 0; i < line->usage_count; i++) {
        const struct rnet_claim_usage *usage = &line->usage[i];

        if (usage->offices + usage->not_judged == 0)
            continue;
        text_add(&page->text, "  %s%*s", _(usage->name),
                 name > text_columns(_(usage->name)) ? name - text_columns(_(usage->name)) : 0, "");
        text_say(&page->text, " %*zu %*.4g %*.4g %*.4g %*zu\n", cell,
                 usage->offices + usage->not_judged, cell, usage->met, cell, usage->not_met, cell,
                 usage->cannot_say, cell + 1, usage->not_judged);
    }
    paragraph(page, 2, _("n.j.: used in ways that could not be judged."));
    snprintf(words, sizeof words,
             _("%zu of the %zu classes in use are met in at least %.0f %% of the offices that use "
               "them."),
             line->classes_met, line->classes, claim->firms_share * 100);
    paragraph(page, 2, words);
}

static void
add_loops(struct page *page, const struct rnet_claim *claim)
{
    if (claim->loop_count > 0)
        heading(page, _("Offices satisfied by class of real loops (median rate down, share, exact "
                        "interval):"));
    for (size_t i = 0; i < claim->loop_count; i++) {
        const struct rnet_claim_loop *place = &claim->loops[i];
        char bounds[NUMBER_TEXT], interval[NUMBER_TEXT], rate[NUMBER_TEXT], words[320];

        snprintf(words, sizeof words, _("%s: %s (%s)"),
                 words_rate((double)place->rate_bps[RNET_DOWN], rate),
                 words_bounds(place->firms.low, place->firms.high, bounds),
                 words_interval(&place->firms.exact, interval));
        add_choice(page, _(place->loop->words));
        text_wrap(&page->text, page->columns, NAME_COLUMNS, NAME_COLUMNS, words);
    }
}

static void
add_flip(struct page *page, const char *choice, const char *what, const char *part,
         const struct rnet_claim_share *share)
{
    char words[CLAIM_WORDS], bounds[NUMBER_TEXT];

    snprintf(words, sizeof words, _("%s: %s: %s (%s)"), what, part,
             _(rnet_claim_answer_name(share->answer)),
             words_bounds(share->low, share->high, bounds));
    add_choice(page, choice);
    text_wrap(&page->text, page->columns, NAME_COLUMNS, NAME_COLUMNS, words);
}

static size_t
add_line_flips(struct page *page, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *base = &claim->lines[claim->reference];
    const char *choice = claim_choice_name(RNET_CHOICE_LINE);
    size_t flips = 0;

    for (size_t i = 0; i < claim->line_count; i++) {
        const struct rnet_claim_line *line = &claim->lines[i];

        if (line->firms.answer != base->firms.answer && ++flips > 0)
            add_flip(page, choice, claim_line_name(line), _("firms"), &line->firms);
        for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
            if (line->usages[c].answer != base->usages[c].answer && ++flips > 0)
                add_flip(page, choice, claim_line_name(line),
                         claim_count_name((enum rnet_claim_count)c), &line->usages[c]);
    }
    return flips;
}

static void
add_flips(struct page *page, const struct rnet_claim *claim)
{
    size_t flips;

    heading(page, _("Definitions that would change an answer, one changed at a time:"));
    flips = add_line_flips(page, claim);
    for (int v = 0; v < RNET_VARIANTS; v++) {
        const struct rnet_claim_variant *variant = &claim->variants[v];
        const char *choice = claim_choice_name(variant->choice),
                   *what = claim_variant_words(variant->id);

        if (!variant->tried)
            continue;
        if (variant->flips_firms && ++flips > 0)
            add_flip(page, choice, what, _("firms"), &variant->firms);
        for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
            if (variant->flips_usages[c] && ++flips > 0)
                add_flip(page, choice, what, claim_count_name((enum rnet_claim_count)c),
                         &variant->usages[c]);
    }
    if (flips == 0)
        paragraph(page, 2, _("None of those tried."));
    for (int v = 0, unlike = 0; v < RNET_VARIANTS; v++) {
        if (claim->variants[v].tried)
            continue;
        if (unlike++ == 0)
            paragraph(page, 2, _("Not tried, or the same here:"));
        paragraph(page, 4, claim_variant_words(claim->variants[v].id));
    }
}

static void
say(void *context, const char *words)
{
    paragraph(context, 2, words);
}

static void
add_provenance(struct page *page, const struct rnet_claim *claim)
{
    char words[CLAIM_WORDS];

    heading(page, _("To know:"));
    claim_caveats(claim, say, page);
    snprintf(
        words, sizeof words,
        _("netsuff %s; %zu captures of %zu firms; %zu (capture, line) pairs replayed, %zu kept "
          "from before; seed %" PRIu64 ", %" PRIu32 " replications; bootstrap of %" PRIu32
          " draws, seed %" PRIu64 "; criteria %s, %s."),
        rnet_version(), claim->captures, claim->answered, claim->replayed, claim->kept, claim->seed,
        claim->replications, claim->draws, claim->bootstrap_seed, claim->criteria,
        claim->criteria_digest);
    paragraph(page, 2, words);
}

enum rnet_status
rnet_report_claim_text(const struct rnet_claim *claim, const struct rnet_text_options *options,
                       char **text, size_t *length)
{
    struct page page = {.columns = text_width(options)};

    add_answer(&page, claim);
    add_definitions(&page, claim);
    add_offices(&page, claim);
    add_usages(&page, claim);
    add_statistics(&page, claim);
    add_silent(&page, claim);
    add_failing(&page, claim);
    add_loops(&page, claim);
    add_flips(&page, claim);
    add_provenance(&page, claim);
    return text_take(&page.text, text, length);
}
