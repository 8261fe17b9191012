/* The report for a terminal: the answer, usages × lines, reasons, what was seen, caveats. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CELL_COLUMNS 10
/* The column of names is as wide as the longest needs, within these. */
#define LEAST_NAME_COLUMNS 18
#define MOST_NAME_COLUMNS 28

/* What every part of the report has to know of the page. */
struct page {
    struct text *text;
    int columns;
    int names; /* columns of the names on the left */
    bool colour;
};

/* ANSI SGR codes: green, yellow, bold red, dim; words say the same without them. */
static const char *
verdict_colour(const struct rnet_usage_verdict *verdict)
{
    if (!verdict->judged || verdict->met == RNET_ANSWER_CANNOT_SAY)
        return "\033[2m";
    if (verdict->met == RNET_ANSWER_NO)
        return "\033[1;31m";
    return verdict->grade == RNET_GRADE_GOOD ? "\033[32m" : "\033[33m";
}

const char *
verdict_words(const struct rnet_usage_verdict *verdict)
{
    if (!verdict->judged)
        return "·";
    if (verdict->met == RNET_ANSWER_CANNOT_SAY)
        return "?";
    switch (verdict->grade) {
    case RNET_GRADE_GOOD:
        return _("good");
    case RNET_GRADE_ACCEPTABLE:
        return _("ok");
    case RNET_GRADE_INSUFFICIENT:
        return _("NO");
    case RNET_GRADE_CANNOT_SAY:
        break;
    }
    return "?";
}

static void
pad(struct text *text, const char *words, int columns)
{
    text_add(text, "%s%*s", words,
             columns > text_columns(words) ? columns - text_columns(words) : 0, "");
}

/* End a row of padded cells, without the blanks of the last one. */
static void
end_row(struct text *text)
{
    while (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->length--;
    text_add(text, "\n");
}

static void
wrap(const struct page *page, int indent, const char *words)
{
    text_wrap(page->text, page->columns, indent, indent, words);
}

/* The first word of a link's name that fits, so that headings line up. */
static void
add_heading(const struct page *page, const struct rnet_link_result *links, size_t count)
{
    struct text *text = page->text;

    pad(text, "", page->names);
    for (size_t i = 0; i < count; i++) {
        char name[CELL_COLUMNS + 1];

        snprintf(name, sizeof name, "%.*s", CELL_COLUMNS - 1, links[i].link.name);
        pad(text, name, CELL_COLUMNS);
    }
    end_row(text);
    pad(text, _("kbit/s down/up"), page->names);
    for (size_t i = 0; i < count; i++) {
        const struct rnet_link_direction *way = links[i].link.direction;
        char rates[NUMBER_TEXT];

        snprintf(rates, sizeof rates, "%" PRIu64 "/%" PRIu64, way[RNET_DOWN].rate_bps / 1000,
                 way[RNET_UP].rate_bps / 1000);
        if (strlen(rates) >= CELL_COLUMNS)
            snprintf(rates, sizeof rates, "%.3gM/%.3gM", (double)way[RNET_DOWN].rate_bps / 1e6,
                     (double)way[RNET_UP].rate_bps / 1e6);
        pad(text, rates, CELL_COLUMNS);
    }
    end_row(text);
}

static void
add_row(const struct page *page, const struct rnet_link_result *links, size_t count, size_t item)
{
    pad(page->text, _(links[0].verdict.items[item].criterion->name), page->names);
    for (size_t i = 0; i < count; i++) {
        const struct rnet_usage_verdict *verdict = &links[i].verdict.items[item];
        char cell[64];

        snprintf(cell, sizeof cell, "%s%s", verdict_words(verdict),
                 verdict->judged && verdict->little_seen ? "*" : "");
        text_add(page->text, "%s", page->colour ? verdict_colour(verdict) : "");
        pad(page->text, cell, CELL_COLUMNS);
        text_add(page->text, "%s", page->colour ? "\033[0m" : "");
    }
    end_row(page->text);
}

/* Lines that do not fit beside each other go into further blocks below. */
static void
add_table(const struct page *page, const struct rnet_assessment *assessment)
{
    const int beside = (page->columns - page->names) / CELL_COLUMNS;
    const size_t fit = beside > 0 ? (size_t)beside : 1;
    bool starred = false;

    for (size_t first = 0; first < assessment->link_count; first += fit) {
        const struct rnet_link_result *links = &assessment->links[first];
        const size_t left = assessment->link_count - first, count = left < fit ? left : fit;

        text_add(page->text, "\n");
        add_heading(page, links, count);
        for (size_t item = 0; item < links[0].verdict.count; item++) {
            if (!links[0].verdict.items[item].used || !links[0].verdict.items[item].judged)
                continue;
            add_row(page, links, count, item);
            starred = starred || links[0].verdict.items[item].little_seen;
        }
    }
    text_add(page->text, "\n");
    wrap(page, 0,
         _("good and ok: at least the share of use that must pass (95 % by default) is good, or "
           "acceptable. NO: not. ?: cannot say."));
    if (starred)
        wrap(page, 0, _("*: little of it was seen; a hint, not a proof."));
}

/* "page completion time 83 s, 4.0 s needed; "; "" when no one metric decides. */
static void
metric_words(const struct rnet_usage_verdict *verdict, char *words, size_t room)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);
    char value[NUMBER_TEXT], limit[NUMBER_TEXT];

    *words = '\0';
    if (verdict->has_metric && info != NULL)
        snprintf(words, room, _("%s %s, %s needed; "), _(info->name),
                 words_value(verdict->p95.middle, info->unit, value),
                 words_value(verdict->acceptable, info->unit, limit));
}

/* A usage's name, set in; the longest leaves one blank. */
static void
add_name(const struct page *page, const char *name)
{
    pad(page->text, "", 2);
    pad(page->text, name, page->names - 1);
}

static void
add_reason(const struct page *page, const struct rnet_usage_verdict *verdict)
{
    char words[700], metric[200], support[160] = "", behind[160] = "";

    add_name(page, _(verdict->criterion->name));
    if (verdict->met == RNET_ANSWER_CANNOT_SAY) {
        wrap(page, page->names + 1, _(rnet_doubt_text(verdict->doubt)));
        return;
    }
    if ((verdict->cause == RNET_CAUSE_QUEUE_UP || verdict->cause == RNET_CAUSE_QUEUE_DOWN) &&
        verdict->behind != RNET_USAGE_UNKNOWN)
        snprintf(behind, sizeof behind, _(", mostly %s"),
                 _(rnet_usage_info(verdict->behind)->name));
    if (isfinite(verdict->cause_support) && verdict->cause != RNET_CAUSE_NOT_THE_LINE &&
        verdict->cause != RNET_CAUSE_SEVERAL)
        snprintf(support, sizeof support, _(" (its cure takes away %.0f %% of what is lacking)"),
                 verdict->cause_support * 100);
    metric_words(verdict, metric, sizeof metric);
    if (verdict->cause == RNET_CAUSE_BREAKS_OTHERS)
        *metric = '\0'; /* what it lacks is not in its own measure */
    snprintf(words, sizeof words, "%s%s%s%s", metric, _(rnet_cause_text(verdict->cause)), behind,
             support);
    wrap(page, page->names + 1, words);
}

/* Usages that were seen but say nothing about any line, and why. */
static void
add_left_out(const struct page *page, const struct rnet_verdict *verdict)
{
    bool any = false;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct rnet_usage_verdict *item = &verdict->items[i];

        if (!item->used || item->judged || !item->criterion->judged)
            continue;
        if (!any)
            text_add(page->text, "\n%s\n", _("Seen, but not judged:"));
        any = true;
        add_name(page, _(item->criterion->name));
        wrap(page, page->names + 1, _(rnet_doubt_text(item->doubt)));
    }
}

/* Why: what each usage lacks on a line, and what that is due to. */
static void
add_reasons(const struct page *page, const struct rnet_link_result *result)
{
    bool any = false;

    for (size_t i = 0; i < result->verdict.count; i++) {
        const struct rnet_usage_verdict *verdict = &result->verdict.items[i];

        if (!verdict->judged || verdict->met == RNET_ANSWER_YES)
            continue;
        if (!any) {
            text_add(page->text, "\n");
            text_add(page->text, _("Why, on %s:"), result->link.name);
            text_add(page->text, "\n");
        }
        any = true;
        add_reason(page, verdict);
    }
}

/* The full row of what was seen needs this much beside the names; narrower gets volumes only. */
#define SEEN_COLUMNS 60

static bool
is_wide(const struct page *page)
{
    return page->columns >= page->names + SEEN_COLUMNS;
}

static void
add_seen_row(const struct page *page, const struct rnet_usage_summary *usage, double all_bytes)
{
    const double bytes = (double)(usage->bytes[RNET_UP] + usage->bytes[RNET_DOWN]);
    char up[NUMBER_TEXT], down[NUMBER_TEXT], peak_up[NUMBER_TEXT], peak_down[NUMBER_TEXT],
        flows[NUMBER_TEXT], share[NUMBER_TEXT];

    pad(page->text, _(rnet_usage_info(usage->usage)->name), page->names);
    words_bytes(usage->bytes[RNET_DOWN], down);
    words_bytes(usage->bytes[RNET_UP], up);
    if (!is_wide(page)) {
        text_add(page->text, "%9s %9s\n", down, up);
        return;
    }
    text_add(page->text, "%7s %9s %9s %5s %%  %s / %s\n", words_count(usage->flows, flows), down,
             up, words_number(all_bytes > 0 ? 100 * bytes / all_bytes : 0, 1, share),
             words_rate(usage->peak_bps[RNET_DOWN], peak_down),
             words_rate(usage->peak_bps[RNET_UP], peak_up));
}

static void
add_seen(const struct page *page, const struct rnet_profile_summary *profile)
{
    char packets[NUMBER_TEXT], bytes[NUMBER_TEXT], duration[NUMBER_TEXT], words[400],
        internal[NUMBER_TEXT], flows[NUMBER_TEXT];
    double all_bytes = 0;

    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        all_bytes +=
            (double)(profile->usages[i].bytes[RNET_UP] + profile->usages[i].bytes[RNET_DOWN]);
    snprintf(words, sizeof words,
             profile->what_if_internal
                 ? _("Seen: %s packets, %s, in %s; %s flows taken as crossing the line; %s inside "
                     "the office.")
                 : _("Seen: %s packets, %s, in %s; %s flows cross the line; %s inside the office."),
             words_count(profile->packets, packets), words_bytes(profile->wire_bytes, bytes),
             words_duration((double)(profile->end_ns - profile->begin_ns) / 1e9, duration),
             words_count(profile->flows, flows), words_bytes(profile->internal_bytes, internal));
    text_add(page->text, "\n");
    wrap(page, 0, words);
    if (profile->flows == 0)
        return;
    pad(page->text, "", page->names);
    text_add(page->text, "%s\n",
             is_wide(page)
                 /* Translators: keep the columns under each other. */
                 ? _("  flows      down        up   share  peak down / up")
                 : _("     down        up"));
    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        if (i != RNET_USAGE_UNKNOWN && profile->usages[i].flows > 0)
            add_seen_row(page, &profile->usages[i], all_bytes);
    add_seen_row(page, &profile->usages[RNET_USAGE_UNKNOWN], all_bytes);
}

/* One more thing to know; the first begins the list. */
static void
add_caveat(const struct page *page, bool *any, const char *words)
{
    if (!*any)
        text_add(page->text, "\n%s\n", _("To know:"));
    *any = true;
    text_add(page->text, "- ");
    wrap(page, 2, words);
}

static void
add_caveats(const struct page *page, const struct rnet_report *report)
{
    const struct rnet_profile_summary *profile = report->profile;
    bool any = false;
    char words[500];

    for (int i = 0; i < RNET_NOTICE_COUNT; i++)
        if (profile->notices.count[i] > 0)
            add_caveat(page, &any, words_notice(profile, (enum rnet_notice)i, words, sizeof words));
    if (words_left_out(report, words, sizeof words))
        add_caveat(page, &any, words);
    if (words_tunnels(report, words, sizeof words))
        add_caveat(page, &any, words);
}

static void
add_provenance(const struct page *page, const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    char words[500], duration[NUMBER_TEXT];

    snprintf(words, sizeof words,
             assessment->whole_capture
                 ? _("netsuff %s; criteria '%s'; replayed %s (all of the capture) %" PRIu32
                     " times per line, seed %" PRIu64 "; input %s.")
                 : _("netsuff %s; criteria '%s'; replayed %s (its busiest part) %" PRIu32
                     " times per line, seed %" PRIu64 "; input %s."),
             report->made_by != NULL ? report->made_by : rnet_version(),
             assessment->criteria.id,
             words_duration((double)(assessment->end_ns - assessment->begin_ns) / 1e9, duration),
             assessment->replications, assessment->seed, report->profile->digest);
    text_add(page->text, "\n");
    wrap(page, 0, words);
    if (report->confinement != NULL) {
        snprintf(words, sizeof words, _("Confinement while reading: %s."), report->confinement);
        wrap(page, 0, words);
    }
}

static bool
anything_judged(const struct rnet_assessment *assessment)
{
    return assessment->link_count > 0 && assessment->links[0].verdict.judged > 0;
}

/* Columns the longest name on the left takes, and two. */
static int
names_columns(const struct rnet_report *report)
{
    int most = LEAST_NAME_COLUMNS - 2;

    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        if (report->profile->usages[i].flows > 0)
            most = most > text_columns(_(rnet_usage_info((enum rnet_usage)i)->name))
                       ? most
                       : text_columns(_(rnet_usage_info((enum rnet_usage)i)->name));
    for (size_t i = 0;
         anything_judged(report->assessment) && i < report->assessment->links[0].verdict.count;
         i++) {
        const struct rnet_usage_verdict *item = &report->assessment->links[0].verdict.items[i];
        const int wide = text_columns(_(item->criterion->name));

        most = item->used && wide > most ? wide : most;
    }
    return most + 2 < MOST_NAME_COLUMNS ? most + 2 : MOST_NAME_COLUMNS;
}

enum rnet_status
rnet_report_text(const struct rnet_report *report, const struct rnet_text_options *options,
                 char **text, size_t *length)
{
    const struct rnet_assessment *assessment = report->assessment;
    struct text out = {0};
    const struct page page = {.text = &out,
                              .columns = text_width(options),
                              .names = names_columns(report),
                              .colour = options != NULL && options->colour};

    if (report->profile->what_if_internal)
        wrap(&page, 0,
             _("Nothing in this capture crosses an internet line. If the servers it talks to stood "
               "beyond the line:"));
    if (page.colour)
        text_add(&out, "\033[1m");
    wrap(&page, 0, assessment->sentence);
    if (page.colour)
        text_add(&out, "\033[0m");
    if (anything_judged(assessment)) {
        add_table(&page, assessment);
        for (size_t i = 0; i < assessment->link_count; i++)
            if (assessment->link_count == 1 || i + 1 == assessment->first_satisfied || i == 2)
                add_reasons(&page, &assessment->links[i]);
    }
    if (assessment->link_count > 0)
        add_left_out(&page, &assessment->links[0].verdict);
    add_seen(&page, report->profile);
    add_caveats(&page, report);
    add_provenance(&page, report);
    return text_take(&out, text, length);
}
