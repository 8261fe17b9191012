/* The claim as one self-contained HTML page: the answer first. */
#include "report/claim.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* A figure is as wide as a phone, so that its words stay legible there; on a desk two stand side by
 * side. */
#define WIDTH 360
#define LEFT 84
#define RIGHT 338
#define TOP 30
#define ROW 24

/* What is claimed: a line, or a band where a margin belongs to it. */
static void
add_claimed(struct text *text, const struct share_axis *axis, double share, double margin)
{
    if (margin > 0)
        text_add(text,
                 "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%.1f\" fill=\"#dcebf7\"/>",
                 share_x(axis, share - margin), TOP - 6,
                 share_x(axis, share + margin) - share_x(axis, share - margin),
                 axis->bottom - axis->top);
    text_add(text,
             "<line class=\"rate\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.1f\"/>"
             "<text class=\"axis\" style=\"text-anchor:middle\" x=\"%.1f\" y=\"%d\">",
             share_x(axis, share), share_x(axis, share), axis->top, axis->bottom,
             fmin(share_x(axis, share), RIGHT - 38), TOP - 12);
    text_add(text, _("claimed: %.0f %%"), share * 100);
    text_add(text, "</text>\n");
}

static void
add_mark(struct text *text, const struct share_axis *axis, const struct rnet_claim_share *share,
         double y)
{
    if (isnan(share->low) || isnan(share->exact.low))
        return;
    text_add(text,
             "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#0072b2\" "
             "stroke-width=\"2\"/>",
             share_x(axis, share->exact.low), share_x(axis, share->exact.high), y, y);
    text_add(
        text,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"8\" rx=\"4\" fill=\"#0072b2\"/>\n",
        share_x(axis, share->low) - 4, y - 4,
        share_x(axis, share->high) - share_x(axis, share->low) + 8);
}

/* Shares along the lines: a dot for each (longer where verdicts leave it open) and its interval. */
static void
add_figure(struct text *text, const struct rnet_claim *claim, const char *title, int count)
{
    const bool firms = count < 0;
    const double bottom = TOP + ROW * (double)claim->line_count;
    const struct share_axis axis = {LEFT, RIGHT, TOP - 6, bottom};

    text_add(text,
             "<figure style=\"flex:1 1 20rem;max-width:30rem\"><figcaption>%s</figcaption><svg "
             "viewBox=\"0 0 %d %.0f\" role=\"img\" "
             "aria-label=\"%s\">\n",
             title, WIDTH, bottom + 20, title);
    add_claimed(text, &axis, firms ? claim->firms_share : claim->usages_share,
                firms ? 0 : claim->margin);
    html_add_share_axis(text, &axis);
    for (size_t i = 0; i < claim->line_count; i++) {
        const struct rnet_claim_line *line = &claim->lines[i];
        const double y = TOP + ROW * ((double)i + 0.5);

        text_add(text, "<text class=\"axis\" x=\"%d\" y=\"%.1f\">", LEFT - 8, y + 4);
        text_add_html(text, claim_line_name(line));
        text_add(text, "</text>");
        add_mark(text, &axis, firms ? &line->firms : &line->usages[count], y);
    }
    text_add(text, "</svg></figure>\n");
}

static void
add_figures(struct text *text, const struct rnet_claim *claim)
{
    text_add(text, "<div style=\"display:flex;flex-wrap:wrap;gap:1rem\">");
    add_figure(text, claim, _("Offices satisfied on each line"), -1);
    add_figure(text, claim, _("(Office, usage) pairs met on each line"), RNET_CLAIM_PAIRS);
    text_add(text, "</div>\n<p class=\"note\">");
    text_add(
        text,
        _("Bars: exact %.0f %% intervals (Korn–Graubard for pairs). A long mark: what verdicts "
          "of \"cannot say\" leave open."),
        claim->level * 100);
    text_add(text, "</p>\n");
}

static void
begin_table(struct text *text, const char *title, const char *first)
{
    text_add(text, "<h2>%s</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">%s</th>",
             title, first);
}

static void
add_definitions(struct text *text, const struct rnet_claim *claim)
{
    text_add(text, "<h2>%s</h2>\n<dl>\n", _("Six definitions, fixed before looking"));
    for (int c = 0; c < RNET_CHOICES; c++) {
        char words[CLAIM_WORDS];

        claim_define(claim, (enum rnet_claim_choice)c, words);
        text_add(text, "<dt>%s</dt><dd>", claim_choice_name((enum rnet_claim_choice)c));
        text_add_html(text, words);
        text_add(text, "</dd>\n");
    }
    text_add(text, "</dl>\n");
}

static const char *
answer_class(enum rnet_claim_answer answer)
{
    switch (answer) {
    case RNET_CLAIM_SUPPORTED:
        return "good";
    case RNET_CLAIM_REFUTED:
        return "no";
    case RNET_CLAIM_UNDECIDED:
    case RNET_CLAIM_NOTHING:
        break;
    }
    return "q";
}

/* As words_verdict(), for a narrow cell. */
static void
add_verdict(struct text *text, const struct rnet_claim_share *share)
{
    char count[NUMBER_TEXT];

    text_add(text, "%s", _(rnet_claim_answer_name(share->answer)));
    if (share->answer == RNET_CLAIM_UNDECIDED && isfinite(share->more_offices))
        text_add(text, "<br><small>+%s</small>", words_count((uint64_t)share->more_offices, count));
}

static void
add_share_cells(struct text *text, const struct rnet_claim_share *share)
{
    char bounds[NUMBER_TEXT], interval[NUMBER_TEXT];

    text_add(text, "<td class=\"n\">%s<br><small>%s</small></td><td class=\"%s\">",
             words_bounds(share->low, share->high, bounds), words_interval(&share->exact, interval),
             answer_class(share->answer));
    add_verdict(text, share);
    text_add(text, "</td>");
}

static void
add_lines(struct text *text, const struct rnet_claim *claim)
{
    text_add(text,
             "<h2>%s</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">%s</th><th "
             "scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th "
             "scope=\"col\">%s<br><small>%s</small></th><th scope=\"col\">",
             _("Offices satisfied"), _("line"), _("yes"), _("no"), _("cannot say"), _("share"),
             _("exact interval"));
    text_add(text, _("\"%.0f %% of firms\""), claim->firms_share * 100);
    text_add(text, "</th><th scope=\"col\">Wilson</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < claim->line_count; i++) {
        const struct rnet_claim_line *line = &claim->lines[i];
        char wilson[NUMBER_TEXT];

        text_add(text, "<tr><th scope=\"row\" class=\"line\">");
        text_add_html(text, claim_line_name(line));
        text_say(text,
                 "</th><td class=\"n\">%.4g</td><td class=\"n\">%.4g</td><td class=\"n\">%.4g</td>",
                 line->satisfied, line->not_satisfied, line->cannot_say);
        add_share_cells(text, &line->firms);
        text_add(text, "<td class=\"n\">%s</td></tr>\n",
                 words_interval(&line->firms.wilson, wilson));
    }
    text_add(text, "</tbody></table></div>\n");
}

static void
add_usages(struct text *text, const struct rnet_claim *claim)
{
    begin_table(text, _("Usages met"), _("line"));
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
        text_add(text, "<th scope=\"col\" colspan=\"2\">%s</th>",
                 claim_count_name((enum rnet_claim_count)c));
    text_add(text, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < claim->line_count; i++) {
        text_add(text, "<tr><th scope=\"row\" class=\"line\">");
        text_add_html(text, claim_line_name(&claim->lines[i]));
        text_add(text, "</th>");
        for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
            add_share_cells(text, &claim->lines[i].usages[c]);
        text_add(text, "</tr>\n");
    }
    text_add(text, "</tbody></table></div>\n<p class=\"note\">");
    text_add(text, _("Korn–Graubard intervals. Claimed: %.0f %%, give or take %.0f points."),
             claim->usages_share * 100, claim->margin * 100);
    text_add(text, "<br>%s</p>\n",
             _("+: so many more offices like these would decide; without a number, none would."));
}

/* Share of the offices that use a usage for which it is met, by line. */
static void
add_failing(struct text *text, const struct rnet_claim *claim)
{
    begin_table(text, _("Which usages fail where"), _("usage"));
    text_add(text, "<th scope=\"col\">%s</th>", _("offices"));
    for (size_t i = 0; i < claim->line_count; i++) {
        text_add(text, "<th scope=\"col\">");
        text_add_html(text, claim_line_name(&claim->lines[i]));
        text_add(text, "</th>");
    }
    text_add(text, "</tr></thead><tbody>\n");
    for (size_t u = 0; u < claim->lines[0].usage_count; u++) {
        const struct rnet_claim_usage *first = &claim->lines[0].usage[u];

        if (first->offices + first->not_judged == 0)
            continue;
        text_add(text, "<tr><th scope=\"row\">");
        text_add_html(text, _(first->name));
        text_add(text, "</th><td class=\"n\">%zu</td>", first->offices + first->not_judged);
        for (size_t i = 0; i < claim->line_count; i++) {
            const struct rnet_claim_usage *usage = &claim->lines[i].usage[u];
            const double all = usage->met + usage->not_met + usage->cannot_say;
            char bounds[NUMBER_TEXT];

            if (!(all > 0)) {
                text_add(text, "<td class=\"q\">%s</td>", _("not judged"));
                continue;
            }
            text_add(
                text, "<td class=\"%s\">%s</td>",
                usage->met >= claim->firms_share * all     ? "good"
                : usage->met + usage->cannot_say < all / 2 ? "no"
                                                           : "ok",
                words_bounds(usage->met / all, (usage->met + usage->cannot_say) / all, bounds));
        }
        text_add(text, "</tr>\n");
    }
    text_add(text, "</tbody></table></div>\n<p class=\"note\">");
    text_add(text,
             _("Share of the offices using it for which it is met; green from %.0f %%, red below "
               "half."),
             claim->firms_share * 100);
    text_add(text, "</p>\n");
}

static void
add_variant_row(struct text *text, const char *choice, const char *what,
                const struct rnet_claim_share *firms, const struct rnet_claim_share *pairs,
                const struct rnet_claim_line *base)
{
    const struct rnet_claim_share *shares[] = {firms, pairs};
    const enum rnet_claim_answer stated[] = {base->firms.answer,
                                             base->usages[RNET_CLAIM_PAIRS].answer};

    text_add(text, "<tr><td>%s</td><th scope=\"row\">", choice);
    text_add_html(text, what);
    text_add(text, "</th>");
    for (int i = 0; i < 2; i++) {
        char bounds[NUMBER_TEXT];

        text_add(text, "<td class=\"n\">%s</td><td class=\"%s\">%s%s</td>",
                 words_bounds(shares[i]->low, shares[i]->high, bounds),
                 answer_class(shares[i]->answer), _(rnet_claim_answer_name(shares[i]->answer)),
                 shares[i]->answer != stated[i] ? _(" (changed)") : "");
    }
    text_add(text, "</tr>\n");
}

static void
add_variants(struct text *text, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *base = &claim->lines[claim->reference];

    begin_table(text, _("Which definitions change the answer"), _("choice"));
    text_add(text,
             "<th scope=\"col\">%s</th><th scope=\"col\" colspan=\"2\">%s</th><th scope=\"col\" "
             "colspan=\"2\">%s</th></tr></thead><tbody>\n",
             _("changed to"), _("firms"), _("pairs"));
    add_variant_row(text, "", _("as stated"), &base->firms, &base->usages[RNET_CLAIM_PAIRS], base);
    for (size_t i = 0; i < claim->line_count; i++)
        if (i != claim->reference)
            add_variant_row(text, claim_choice_name(RNET_CHOICE_LINE),
                            claim_line_name(&claim->lines[i]), &claim->lines[i].firms,
                            &claim->lines[i].usages[RNET_CLAIM_PAIRS], base);
    for (int v = 0; v < RNET_VARIANTS; v++)
        if (claim->variants[v].tried)
            add_variant_row(text, claim_choice_name(claim->variants[v].choice),
                            claim_variant_words(claim->variants[v].id), &claim->variants[v].firms,
                            &claim->variants[v].usages[RNET_CLAIM_PAIRS], base);
    text_add(text, "</tbody></table></div>\n<p class=\"note\">%s ",
             _("One changed at a time, on the line"));
    text_add_html(text, claim_line_name(base));
    text_add(text, ".</p>\n");
}

static void
add_numbers_row(struct text *text, const char *name, const struct rnet_claim_share *share)
{
    char cells[8][NUMBER_TEXT];

    text_add(text,
             "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td><td class=\"n\">%s</td><td "
             "class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>",
             name, words_interval(&share->linear, cells[0]),
             words_interval(&share->bootstrap, cells[1]),
             words_number(share->effective, 1, cells[2]),
             words_number(share->design_effect, 2, cells[3]),
             words_number(share->intra_cluster, 3, cells[4]));
    text_add(text, "<td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
             words_probability(share->p_exact, cells[5]),
             words_probability(share->p_support, cells[6]),
             words_probability(share->p_refute, cells[7]));
}

static void
add_numbers(struct text *text, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];
    const char *const headings[] = {_("ratio estimator"),
                                    _("cluster bootstrap"),
                                    _("effective number"),
                                    _("design effect"),
                                    _("correlation within offices"),
                                    _("p: exactly as claimed"),
                                    _("p: not as claimed"),
                                    _("p: not otherwise")};

    begin_table(text, _("The statistics"), _("counted"));
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        text_add(text, "<th scope=\"col\">%s</th>", headings[i]);
    text_add(text, "</tr></thead><tbody>\n");
    add_numbers_row(text, _("firms"), &line->firms);
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
        add_numbers_row(text, claim_count_name((enum rnet_claim_count)c), &line->usages[c]);
    text_add(text, "</tbody></table></div>\n<p class=\"note\">");
    text_add_html(text, claim_line_name(line));
    text_say(text, _("; p-values stand against %.3g."), 1 - claim->level);
    text_add(text, "</p>\n");
}

static void
add_silent(struct text *text, const struct rnet_claim *claim)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];
    char bounds[NUMBER_TEXT], interval[NUMBER_TEXT];

    if (claim->asked == claim->answered)
        return;
    text_add(text, "<h2>%s</h2>\n<p>", _("Firms that did not answer"));
    text_add(text,
             _("%" PRIu64 " of %" PRIu64 " firms asked gave nothing. If none of them is satisfied "
               "on %s, or all are: %s (with intervals %s): %s."),
             claim->asked - claim->answered, claim->asked, claim_line_name(line),
             words_bounds(line->worst.low, line->worst.high, bounds),
             words_interval(&line->worst_exact, interval),
             _(rnet_claim_answer_name(line->worst_answer)));
    text_add(text, "</p>\n");
}

static void
say(void *context, const char *words)
{
    text_add(context, "<li>");
    text_add_html(context, words);
    text_add(context, "</li>\n");
}

static void
add_provenance(struct text *text, const struct rnet_claim *claim)
{
    text_add(text, "<h2>%s</h2>\n<ul style=\"overflow-wrap:anywhere\">\n", _("To know"));
    claim_caveats(claim, say, text);
    text_add(text, "<li>");
    text_add(text,
             _("netsuff %s; %zu captures of %zu firms; seed %" PRIu64 ", %" PRIu32
               " replications; bootstrap of %" PRIu32 " draws, seed %" PRIu64 "; criteria %s, %s."),
             rnet_version(), claim->captures, claim->answered, claim->seed, claim->replications,
             claim->draws, claim->bootstrap_seed, claim->criteria, claim->criteria_digest);
    text_add(text, "</li>\n</ul>\n");
}

enum rnet_status
rnet_report_claim_html(const struct rnet_claim *claim, char **text, size_t *length)
{
    struct text out = {0}, answer = {0};

    claim_answer(claim, &answer);
    html_begin(&out, _("Is a classic ADSL line enough?"));
    text_add(&out, "<p class=\"answer\">");
    if (answer.failed || answer.bytes == NULL)
        out.failed = true;
    else
        text_add_html(&out, answer.bytes);
    text_add(&out, "</p>\n<p class=\"note\">");
    text_add_html(&out, claim_quoted());
    text_add(&out, "</p>\n");
    add_figures(&out, claim);
    add_definitions(&out, claim);
    add_lines(&out, claim);
    add_usages(&out, claim);
    add_failing(&out, claim);
    claim_add_places(&out, claim);
    add_variants(&out, claim);
    add_silent(&out, claim);
    add_numbers(&out, claim);
    add_provenance(&out, claim);
    html_end(&out);
    rnet_free(answer.bytes);
    return text_take(&out, text, length);
}
