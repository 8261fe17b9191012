/* The report for a terminal: the answer, usages × lines, reasons, what was seen, caveats. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 18
#define CELL_COLUMNS 10

const char *
verdict_words(const struct rnet_usage_verdict *verdict)
{
    if (!verdict->judged)
        return "·";
    if (verdict->met == RNET_ANSWER_CANNOT_SAY)
        return "?";
    switch (verdict->grade) {
    case RNET_GRADE_GOOD:
        return "good";
    case RNET_GRADE_ACCEPTABLE:
        return "ok";
    case RNET_GRADE_INSUFFICIENT:
        return "NO";
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

/* The first word of a link's name that fits, so that headings line up. */
static void
add_heading(struct text *text, const struct rnet_link_result *links, size_t count)
{
    pad(text, "", NAME_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        char name[CELL_COLUMNS + 1];

        snprintf(name, sizeof name, "%.*s", CELL_COLUMNS - 1, links[i].link.name);
        pad(text, name, CELL_COLUMNS);
    }
    text_add(text, "\n");
    pad(text, "kbit/s down/up", NAME_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        char rates[NUMBER_TEXT];

        snprintf(rates, sizeof rates, "%" PRIu64 "/%" PRIu64,
                 links[i].link.direction[RNET_DOWN].rate_bps / 1000,
                 links[i].link.direction[RNET_UP].rate_bps / 1000);
        if (strlen(rates) >= CELL_COLUMNS)
            snprintf(rates, sizeof rates, "%.3gM/%.3gM",
                     (double)links[i].link.direction[RNET_DOWN].rate_bps / 1e6,
                     (double)links[i].link.direction[RNET_UP].rate_bps / 1e6);
        pad(text, rates, CELL_COLUMNS);
    }
    text_add(text, "\n");
}

static void
add_row(struct text *text, const struct rnet_link_result *links, size_t count, size_t item)
{
    pad(text, links[0].verdict.items[item].criterion->name, NAME_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        const struct rnet_usage_verdict *verdict = &links[i].verdict.items[item];
        char cell[16];

        snprintf(cell, sizeof cell, "%s%s", verdict_words(verdict),
                 verdict->judged && verdict->little_seen ? "*" : "");
        pad(text, cell, CELL_COLUMNS);
    }
    text_add(text, "\n");
}

/* Lines that do not fit beside each other go into further blocks below. */
static void
add_table(struct text *text, const struct rnet_assessment *assessment, int columns)
{
    const size_t fit = (size_t)((columns - NAME_COLUMNS) / CELL_COLUMNS);
    bool starred = false;

    for (size_t first = 0; first < assessment->link_count; first += fit) {
        const struct rnet_link_result *links = &assessment->links[first];
        const size_t left = assessment->link_count - first, count = left < fit ? left : fit;

        text_add(text, "\n");
        add_heading(text, links, count);
        for (size_t item = 0; item < links[0].verdict.count; item++) {
            if (!links[0].verdict.items[item].used || !links[0].verdict.items[item].judged)
                continue;
            add_row(text, links, count, item);
            starred = starred || links[0].verdict.items[item].little_seen;
        }
    }
    text_add(text, "\n");
    text_wrap(text, columns, 0, 0,
              "good and ok: at least the share of use that must pass (95 % by default) is good, or "
              "acceptable. "
              "NO: not. ?: cannot say.");
    if (starred)
        text_wrap(text, columns, 0, 0, "*: little of it was seen; a hint, not a proof.");
}

static void
add_reason(struct text *text, const struct rnet_usage_verdict *verdict, int columns)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);
    char words[500], value[NUMBER_TEXT], limit[NUMBER_TEXT], support[64] = "", behind[64] = "";

    pad(text, "", 2);
    pad(text, verdict->criterion->name, NAME_COLUMNS - 2);
    if (verdict->met == RNET_ANSWER_CANNOT_SAY) {
        text_wrap(text, columns, NAME_COLUMNS, NAME_COLUMNS, rnet_doubt_text(verdict->doubt));
        return;
    }
    if ((verdict->cause == RNET_CAUSE_QUEUE_UP || verdict->cause == RNET_CAUSE_QUEUE_DOWN) &&
        verdict->behind != RNET_USAGE_UNKNOWN)
        snprintf(behind, sizeof behind, ", mostly %s", rnet_usage_info(verdict->behind)->name);
    if (isfinite(verdict->cause_support) && verdict->cause != RNET_CAUSE_NOT_THE_LINE &&
        verdict->cause != RNET_CAUSE_SEVERAL)
        snprintf(support, sizeof support, " (its cure takes away %.0f %% of what is lacking)",
                 verdict->cause_support * 100);
    if (verdict->has_metric && info != NULL)
        snprintf(words, sizeof words, "%s %s, %s needed; %s%s%s", info->name,
                 words_value(verdict->p95.middle, info->unit, value),
                 words_value(verdict->acceptable, info->unit, limit),
                 rnet_cause_text(verdict->cause), behind, support);
    else
        snprintf(words, sizeof words, "%s%s%s", rnet_cause_text(verdict->cause), behind, support);
    text_wrap(text, columns, NAME_COLUMNS, NAME_COLUMNS, words);
}

/* Usages that were seen but say nothing about any line, and why. */
static void
add_left_out(struct text *text, const struct rnet_verdict *verdict, int columns)
{
    bool any = false;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct rnet_usage_verdict *item = &verdict->items[i];

        if (!item->used || item->judged || !item->criterion->judged)
            continue;
        text_add(text, any ? "" : "\nSeen, but not judged:\n");
        any = true;
        pad(text, "", 2);
        pad(text, item->criterion->name, NAME_COLUMNS - 2);
        text_wrap(text, columns, NAME_COLUMNS, NAME_COLUMNS, rnet_doubt_text(item->doubt));
    }
}

/* Why: what each usage lacks on a line, and what that is due to. */
static void
add_reasons(struct text *text, const struct rnet_link_result *result, int columns)
{
    bool any = false;

    for (size_t i = 0; i < result->verdict.count; i++) {
        const struct rnet_usage_verdict *verdict = &result->verdict.items[i];

        if (!verdict->judged || verdict->met == RNET_ANSWER_YES)
            continue;
        if (!any)
            text_add(text, "\nWhy, on %s:\n", result->link.name);
        any = true;
        add_reason(text, verdict, columns);
    }
}

/* The full row of what was seen needs this much; a narrower terminal gets volumes only. */
#define SEEN_COLUMNS 78

static void
add_seen_row(struct text *text, const struct rnet_usage_summary *usage, double all_bytes,
             int columns)
{
    const double bytes = (double)(usage->bytes[RNET_UP] + usage->bytes[RNET_DOWN]);
    char up[NUMBER_TEXT], down[NUMBER_TEXT], peak_up[NUMBER_TEXT], peak_down[NUMBER_TEXT],
        flows[NUMBER_TEXT];

    pad(text, rnet_usage_info(usage->usage)->name, NAME_COLUMNS);
    if (columns < SEEN_COLUMNS) {
        text_add(text, "%9s %9s\n", words_bytes(usage->bytes[RNET_DOWN], down),
                 words_bytes(usage->bytes[RNET_UP], up));
        return;
    }
    text_add(text, "%7s %9s %9s %5.1f %%  %s / %s\n", words_count(usage->flows, flows),
             words_bytes(usage->bytes[RNET_DOWN], down), words_bytes(usage->bytes[RNET_UP], up),
             all_bytes > 0 ? 100 * bytes / all_bytes : 0,
             words_rate(usage->peak_bps[RNET_DOWN], peak_down),
             words_rate(usage->peak_bps[RNET_UP], peak_up));
}

static void
add_seen(struct text *text, const struct rnet_profile_summary *profile, int columns)
{
    char packets[NUMBER_TEXT], bytes[NUMBER_TEXT], duration[NUMBER_TEXT], words[300],
        internal[NUMBER_TEXT];
    double all_bytes = 0;

    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        all_bytes +=
            (double)(profile->usages[i].bytes[RNET_UP] + profile->usages[i].bytes[RNET_DOWN]);
    snprintf(words, sizeof words,
             "Seen: %s packets, %s, in %s; %" PRIu64 " flows %s; %s inside the office.",
             words_count(profile->packets, packets), words_bytes(profile->wire_bytes, bytes),
             words_duration((double)(profile->end_ns - profile->begin_ns) / 1e9, duration),
             profile->flows, profile->what_if_internal ? "taken as crossing" : "cross the line",
             words_bytes(profile->internal_bytes, internal));
    text_add(text, "\n");
    text_wrap(text, columns, 0, 0, words);
    if (profile->flows == 0)
        return;
    pad(text, "", NAME_COLUMNS);
    text_add(text, columns < SEEN_COLUMNS
                       ? "     down        up\n"
                       : "  flows      down        up   share  peak down / up\n");
    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        if (i != RNET_USAGE_UNKNOWN && profile->usages[i].flows > 0)
            add_seen_row(text, &profile->usages[i], all_bytes, columns);
    add_seen_row(text, &profile->usages[RNET_USAGE_UNKNOWN], all_bytes, columns);
}

static void
add_caveats(struct text *text, const struct rnet_notices *notices, int columns)
{
    bool any = false;

    for (int i = 0; i < RNET_NOTICE_COUNT; i++) {
        char count[NUMBER_TEXT], sentence[400];

        if (notices->count[i] == 0)
            continue;
        text_add(text, any ? "" : "\nTo know:\n");
        any = true;
        words_count(notices->count[i], count);
        rnet_notice_sentence((enum rnet_notice)i, count, sentence, sizeof sentence);
        text_add(text, "- ");
        text_wrap(text, columns, 2, 2, sentence);
    }
}

static void
add_provenance(struct text *text, const struct rnet_report *report, int columns)
{
    const struct rnet_assessment *assessment = report->assessment;
    char words[400], duration[NUMBER_TEXT];

    snprintf(words, sizeof words,
             "netsuff %s; criteria '%s'; replayed %s (%s) %" PRIu32 " times per line, seed %" PRIu64
             "; input %s.",
             rnet_version(), assessment->criteria.id,
             words_duration((double)(assessment->end_ns - assessment->begin_ns) / 1e9, duration),
             assessment->whole_capture ? "all of the capture" : "its busiest part",
             assessment->replications, assessment->seed, report->profile->digest);
    text_add(text, "\n");
    text_wrap(text, columns, 0, 0, words);
}

static bool
anything_judged(const struct rnet_assessment *assessment)
{
    return assessment->link_count > 0 && assessment->links[0].verdict.judged > 0;
}

enum rnet_status
rnet_report_text(const struct rnet_report *report, int columns, char **text, size_t *length)
{
    const struct rnet_assessment *assessment = report->assessment;
    struct text out = {0};

    if (columns < 40)
        columns = 40;
    if (report->profile->what_if_internal)
        text_wrap(&out, columns, 0, 0,
                  "Nothing in this capture crosses an internet line. If the servers it talks to "
                  "stood beyond "
                  "the line:");
    text_wrap(&out, columns, 0, 0, assessment->sentence);
    if (anything_judged(assessment)) {
        add_table(&out, assessment, columns);
        for (size_t i = 0; i < assessment->link_count; i++)
            if (assessment->link_count == 1 || i + 1 == assessment->first_satisfied || i == 2)
                add_reasons(&out, &assessment->links[i], columns);
    }
    if (assessment->link_count > 0)
        add_left_out(&out, &assessment->links[0].verdict, columns);
    add_seen(&out, report->profile, columns);
    add_caveats(&out, &report->profile->notices, columns);
    add_provenance(&out, report, columns);
    return text_take(&out, text, length);
}
