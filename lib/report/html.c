/* The report as one self-contained HTML page: the answer first, then what it rests on. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void
add_note(struct text *text, const char *words)
{
    html_add(text, "p", "note", words);
    text_add(text, "\n");
}

/* One cell: class for its colour, words that say the same, and something smaller below. */
static void
add_verdict_cell(struct text *text, const struct rnet_usage_verdict *verdict)
{
    const char *class = "q", *words = _("cannot say");
    char passes[80];

    if (!verdict->judged) {
        words = _("not judged");
    } else if (verdict->met == RNET_ANSWER_NO) {
        class = "no";
        words = _("insufficient");
    } else if (verdict->met == RNET_ANSWER_YES) {
        class = verdict->grade == RNET_GRADE_GOOD ? "good" : "ok";
        words = _(rnet_grade_name(verdict->grade));
    }
    text_add(text, "<td class=\"%s\">%s%s", class, words,
             verdict->judged && verdict->little_seen ? "*" : "");
    if (verdict->judged && isfinite(verdict->acceptable_share.middle)) {
        snprintf(passes, sizeof passes, _("%.0f %% passes"),
                 verdict->acceptable_share.middle * 100);
        text_add(text, "<br>");
        html_add(text, "small", NULL, passes);
    }
    text_add(text, "</td>");
}

/* Begin a table of usages by lines, each with its rates; leads are the headings before the lines.
 */
static void
begin_lines_table(struct text *text, const struct rnet_assessment *assessment,
                  const char *const *leads, size_t lead_count)
{
    text_add(text, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t i = 0; i < lead_count; i++) {
        text_add(text, "<th scope=\"col\">");
        text_add_html(text, leads[i]);
        text_add(text, "</th>");
    }
    for (size_t i = 0; i < assessment->link_count; i++) {
        const struct rnet_link *link = &assessment->links[i].link;
        char down[NUMBER_TEXT], up[NUMBER_TEXT];

        text_add(text, "<th scope=\"col\">");
        text_add_html(text, link->name);
        text_add(text, "<br><small>↓ %s<br>↑ %s</small></th>",
                 words_rate((double)link->direction[RNET_DOWN].rate_bps, down),
                 words_rate((double)link->direction[RNET_UP].rate_bps, up));
    }
    text_add(text, "</tr></thead><tbody>\n");
}

static void
add_heat_map(struct text *text, const struct rnet_assessment *assessment)
{
    const struct rnet_verdict *first = &assessment->links[0].verdict;
    const char *const leads[] = {_("usage")};

    html_add(text, "h2", NULL, _("Usages on each line"));
    text_add(text, "\n");
    begin_lines_table(text, assessment, leads, COUNT(leads));
    for (size_t item = 0; item < first->count; item++) {
        if (!first->items[item].used || !first->items[item].criterion->judged)
            continue;
        text_add(text, "<tr><th scope=\"row\">");
        text_add_html(text, _(first->items[item].criterion->name));
        text_add(text, "</th>");
        for (size_t i = 0; i < assessment->link_count; i++)
            add_verdict_cell(text, &assessment->links[i].verdict.items[item]);
        text_add(text, "</tr>\n");
    }
    html_table_end(text);
    add_note(text,
             _("A usage is met when at least the share of its use that must pass (95 % by default) "
               "is acceptable or better. *: little of it was seen; a hint, not a proof. ↓ and ↑: "
               "the line's rate down and up."));
}

/* What was tried in the replay against a cause, in words; NULL when no one thing was. */
static const char *
cure_of(enum rnet_cause cause)
{
    switch (cause) {
    case RNET_CAUSE_DOWN_RATE:
        return _("twice the rate down");
    case RNET_CAUSE_UP_RATE:
        return _("twice the rate up");
    case RNET_CAUSE_QUEUE_UP:
    case RNET_CAUSE_QUEUE_DOWN:
        return _("a router that shares the line fairly (fq_codel)");
    case RNET_CAUSE_DELAY:
        return _("a line with less delay");
    case RNET_CAUSE_LOSS:
        return _("a line without losses");
    case RNET_CAUSE_NONE:
    case RNET_CAUSE_NOT_THE_LINE:
    case RNET_CAUSE_BREAKS_OTHERS:
    case RNET_CAUSE_SEVERAL:
    case RNET_CAUSE_UNKNOWN:
    case RNET_CAUSES:
        break;
    }
    return NULL;
}

static void
add_cure(struct text *text, const struct rnet_usage_verdict *verdict)
{
    const char *cure = cure_of(verdict->cause);
    char words[200];

    if (verdict->met == RNET_ANSWER_CANNOT_SAY || cure == NULL)
        return;
    text_add_html(text, cure);
    if (isfinite(verdict->cause_support)) {
        snprintf(words, sizeof words, _(": takes away %.0f %% of what is lacking"),
                 verdict->cause_support * 100);
        text_add_html(text, words);
    }
}

static void
add_cause(struct text *text, const struct rnet_usage_verdict *verdict)
{
    char words[160];

    if (verdict->met == RNET_ANSWER_CANNOT_SAY) {
        text_add_html(text, _(rnet_doubt_text(verdict->doubt)));
        return;
    }
    text_add_html(text, _(rnet_cause_text(verdict->cause)));
    if ((verdict->cause == RNET_CAUSE_QUEUE_UP || verdict->cause == RNET_CAUSE_QUEUE_DOWN) &&
        verdict->behind != RNET_USAGE_UNKNOWN) {
        snprintf(words, sizeof words, _(", mostly %s"), _(rnet_usage_info(verdict->behind)->name));
        text_add_html(text, words);
    }
}

static void
add_reason(struct text *text, const struct rnet_usage_verdict *verdict)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);
    char value[NUMBER_TEXT], low[NUMBER_TEXT], high[NUMBER_TEXT], limit[NUMBER_TEXT];

    text_add(text, "<tr><th scope=\"row\">");
    text_add_html(text, _(verdict->criterion->name));
    text_add(text, "</th><td>");
    if (verdict->has_metric && info != NULL) {
        text_add_html(text, _(info->name));
        text_add(text,
                 "</td><td class=\"n\">%s<br><small>%s – %s</small></td><td class=\"n\">%s</td>",
                 words_value(verdict->p95.middle, info->unit, value),
                 words_value(verdict->p95.low, info->unit, low),
                 words_value(verdict->p95.high, info->unit, high),
                 words_value(verdict->acceptable, info->unit, limit));
    } else {
        text_add(text, "</td><td></td><td></td>");
    }
    text_add(text, "<td>");
    add_cause(text, verdict);
    text_add(text, "</td><td>");
    add_cure(text, verdict);
    text_add(text, "</td></tr>\n");
}

/* On the line the answer speaks of: what is lacking, why, and what would help. */
static void
add_reasons(struct text *text, const struct rnet_link_result *result)
{
    const char *const headings[] = {_("usage"),  _("measure"),
                                    /* xgettext:no-c-format */
                                    _("95 % of use is within"),
                                    _("needed"), _("because of"), _("what would help")};
    char title[160];

    snprintf(title, sizeof title, _("What is lacking on %s, and what would help"),
             result->link.name);
    html_add(text, "h2", NULL, title);
    text_add(text, "\n");
    text_add(text, "<div class=\"roomy\">");
    html_table_begin(text, headings, COUNT(headings));
    for (size_t item = 0; item < result->verdict.count; item++)
        if (result->verdict.items[item].judged &&
            result->verdict.items[item].met != RNET_ANSWER_YES)
            add_reason(text, &result->verdict.items[item]);
    html_table_end(text);
    text_add(text, "</div>\n");
    add_note(text,
             _("Smaller: the 90 % band. What would help was tried: the same work replayed on the "
               "same line with this one thing changed."));
}

/* A usage's deciding measure is most often the same on every line; where it is not, it is named. */
static void
add_measure_row(struct text *text, const struct rnet_assessment *assessment, size_t item)
{
    const struct rnet_usage_verdict *usual = &assessment->links[0].verdict.items[item];

    text_add(text, "<tr><th scope=\"row\">");
    text_add_html(text, _(usual->criterion->name));
    text_add(text, "</th><td>");
    if (usual->has_metric)
        text_add_html(text, _(rnet_metric_info(usual->metric)->name));
    text_add(text, "</td>");
    for (size_t i = 0; i < assessment->link_count; i++) {
        const struct rnet_usage_verdict *verdict = &assessment->links[i].verdict.items[item];
        const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);
        char value[NUMBER_TEXT];

        text_add(text, "<td class=\"n\">");
        if (verdict->judged && verdict->has_metric && info != NULL) {
            text_add(text, "%s", words_value(verdict->p95.middle, info->unit, value));
            if (!usual->has_metric || usual->metric != verdict->metric) {
                text_add(text, "<br>");
                html_add(text, "small", NULL, _(info->name));
            }
        }
        text_add(text, "</td>");
    }
    text_add(text, "</tr>\n");
}

static void
add_measures(struct text *text, const struct rnet_assessment *assessment)
{
    const struct rnet_verdict *first = &assessment->links[0].verdict;
    const char *const leads[] = {_("usage"), _("measure")};

    html_add(text, "h2", NULL,
             /* xgettext:no-c-format */
             _("Within what 95 % of use is, on each line"));
    text_add(text, "\n");
    begin_lines_table(text, assessment, leads, COUNT(leads));
    for (size_t item = 0; item < first->count; item++)
        if (first->items[item].used && first->items[item].judged)
            add_measure_row(text, assessment, item);
    html_table_end(text);
}

static void
add_load_cells(struct text *text, const struct rnet_quality_line *line)
{
    char mean[NUMBER_TEXT], most[NUMBER_TEXT];

    text_say(text,
             "<td class=\"n\">%.0f %%</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
             "<td class=\"n\">%.2f %%</td>",
             line->busy_ratio * 100, words_value(line->mean_queue_ms, "ms", mean),
             words_value(line->max_queue_ms, "ms", most), line->loss_ratio * 100);
}

/* How full each line was. */
static void
add_load(struct text *text, const struct rnet_assessment *assessment)
{
    const char *const headings[] = {_("line"),         _("busy"),         _("mean wait"),
                                    _("longest wait"), _("lost"),         _("busy"),
                                    _("mean wait"),    _("longest wait"), _("lost")};

    html_add(text, "h2", NULL, _("How full each line was: down, then up"));
    text_add(text, "\n");
    html_table_begin(text, headings, COUNT(headings));
    for (size_t i = 0; i < assessment->link_count; i++) {
        text_add(text, "<tr><th scope=\"row\" class=\"line\">");
        text_add_html(text, assessment->links[i].link.name);
        text_add(text, "</th>");
        add_load_cells(text, &assessment->links[i].line[RNET_DOWN]);
        add_load_cells(text, &assessment->links[i].line[RNET_UP]);
        text_add(text, "</tr>\n");
    }
    html_table_end(text);
    add_note(
        text,
        _("Waits are in the modem's buffer, over the packets that crossed in the first replay."));
}

static void
add_seen_row(struct text *text, const struct rnet_usage_summary *usage)
{
    char flows[NUMBER_TEXT], down[NUMBER_TEXT], up[NUMBER_TEXT], peak_down[NUMBER_TEXT],
        peak_up[NUMBER_TEXT];

    text_add(text, "<tr><th scope=\"row\">");
    text_add_html(text, _(rnet_usage_info(usage->usage)->name));
    text_add(text,
             "</th><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
             "<td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">",
             words_count(usage->flows, flows), words_bytes(usage->bytes[RNET_DOWN], down),
             words_bytes(usage->bytes[RNET_UP], up),
             words_rate(usage->peak_bps[RNET_DOWN], peak_down),
             words_rate(usage->peak_bps[RNET_UP], peak_up));
    if (usage->usage != RNET_USAGE_UNKNOWN)
        text_add(text, "%.0f %%", usage->confidence * 100);
    text_add(text, "</td></tr>\n");
}

static void
add_seen(struct text *text, const struct rnet_report *report)
{
    const struct rnet_profile_summary *profile = report->profile;
    const char *const headings[] = {_("usage"),     _("flows"),   _("down"), _("up"),
                                    _("peak down"), _("peak up"), _("sure")};
    char packets[NUMBER_TEXT], bytes[NUMBER_TEXT], duration[NUMBER_TEXT], flows[NUMBER_TEXT],
        words[300];

    html_add(text, "h2", NULL, _("What was seen"));
    snprintf(words, sizeof words, _("%s packets, %s, in %s; %s flows that cross the line."),
             words_count(profile->packets, packets), words_bytes(profile->wire_bytes, bytes),
             words_duration((double)(profile->end_ns - profile->begin_ns) / 1e9, duration),
             words_count(profile->flows, flows));
    text_add(text, "\n");
    html_add(text, "p", NULL, words);
    text_add(text, "\n");
    if (report->timeline != NULL && report->timeline->windows > 0 && profile->flows > 0)
        html_add_timeline(text, report->timeline, report->assessment);
    html_table_begin(text, headings, COUNT(headings));
    for (int i = 1; i < RNET_USAGE_COUNT; i++)
        if (profile->usages[i].flows > 0)
            add_seen_row(text, &profile->usages[i]);
    add_seen_row(text, &profile->usages[RNET_USAGE_UNKNOWN]);
    html_table_end(text);
    add_note(text,
             _("Sure: how likely the names are right, weighted by bytes. Volumes are IP bytes by "
               "their original length."));
}

/* One more thing to know; the first begins the list. */
static void
add_caveat(struct text *text, bool *any, const char *words)
{
    if (!*any) {
        html_add(text, "h2", NULL, _("To know"));
        text_add(text, "\n<ul>\n");
    }
    *any = true;
    html_add(text, "li", NULL, words);
    text_add(text, "\n");
}

static void
add_caveats(struct text *text, const struct rnet_report *report)
{
    const struct rnet_profile_summary *profile = report->profile;
    bool any = false;
    char words[500];

    for (int i = 0; i < RNET_NOTICE_COUNT; i++)
        if (profile->notices.count[i] > 0)
            add_caveat(text, &any, words_notice(profile, (enum rnet_notice)i, words, sizeof words));
    if (words_left_out(report, words, sizeof words))
        add_caveat(text, &any, words);
    if (words_tunnels(report, words, sizeof words))
        add_caveat(text, &any, words);
    if (any)
        text_add(text, "</ul>\n");
}

static void
add_rule(struct text *text, const struct rnet_criterion *criterion, const struct rnet_rule *rule)
{
    const struct rnet_metric_info *info = rnet_metric_info(rule->metric);
    char good[NUMBER_TEXT], acceptable[NUMBER_TEXT];

    text_add(text, "<tr><th scope=\"row\">");
    text_add_html(text, _(criterion->name));
    text_add(text, "</th><td>");
    text_add_html(text, _(info->name));
    text_add(text, "</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td>",
             words_value(rule->good, info->unit, good),
             words_value(rule->acceptable, info->unit, acceptable));
    text_add_html(text, _(rule->source));
    text_add(text, "</td><td>");
    text_add_html(text, rule->verified ? _("verified") : _("from memory"));
    text_add(text, "</td></tr>\n");
}

static void
add_sources(struct text *text, const struct rnet_assessment *assessment)
{
    const struct rnet_criteria *criteria = &assessment->criteria;
    const struct rnet_verdict *verdict = &assessment->links[0].verdict;
    const char *const headings[] = {_("usage"),      _("measure"), _("good"),
                                    _("acceptable"), _("source"),  _("checked")};
    char words[600];

    html_add(text, "h2", NULL, _("Definitions and sources"));
    snprintf(words, sizeof words,
             _("Every connection and stream was replayed over each line, all sharing it, %" PRIu32
               " times with other seeds. Criteria: %s."),
             assessment->replications, _(criteria->title));
    text_add(text, "\n");
    html_add(text, "p", NULL, words);
    text_add(text, "\n");
    html_table_begin(text, headings, COUNT(headings));
    for (size_t i = 0; i < criteria->count; i++)
        for (size_t rule = 0; verdict->items[i].judged && rule < criteria->items[i].rule_count;
             rule++)
            add_rule(text, &criteria->items[i], &criteria->items[i].rules[rule]);
    html_table_end(text);
}

static void
add_provenance(struct text *text, const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    char duration[NUMBER_TEXT], words[600];

    html_add(text, "h2", NULL, _("Provenance"));
    snprintf(words, sizeof words,
             assessment->whole_capture
                 ? _("netsuff %s; criteria '%s'; replayed %s (all of the capture), seed %" PRIu64
                     "; input (XXH3-128 of its packets) %s.")
                 : _("netsuff %s; criteria '%s'; replayed %s (its busiest part), seed %" PRIu64
                     "; input (XXH3-128 of its packets) %s."),
             report->made_by != NULL ? report->made_by : rnet_version(), assessment->criteria.id,
             words_duration((double)(assessment->end_ns - assessment->begin_ns) / 1e9, duration),
             assessment->seed, report->profile->digest);
    text_add(text, "\n");
    add_note(text, words);
    if (report->confinement != NULL) {
        snprintf(words, sizeof words, _("Confinement while reading: %s."), report->confinement);
        add_note(text, words);
    }
}

/* The line the answer speaks of. */
static const struct rnet_link_result *
answered_line(const struct rnet_assessment *assessment)
{
    return &assessment->links[assessment->reference];
}

static void
add_answer(struct text *text, const struct rnet_report *report, bool judged)
{
    const struct rnet_assessment *assessment = report->assessment;
    const enum rnet_answer answer =
        judged ? answered_line(assessment)->verdict.satisfied : RNET_ANSWER_CANNOT_SAY;

    text_add(text, "<div class=\"answer %s\"><strong>",
             answer == RNET_ANSWER_YES  ? "good"
             : answer == RNET_ANSWER_NO ? "no"
                                        : "unsure");
    text_add_html(text, answer == RNET_ANSWER_YES  ? _("Yes")
                        : answer == RNET_ANSWER_NO ? _("No")
                                                   : _("Cannot say"));
    text_add(text, "</strong>");
    if (report->profile->what_if_internal) {
        text_add_html(text,
                      _("Nothing in this capture crosses an internet line. If the servers it talks "
                        "to stood beyond the line:"));
        text_add(text, " ");
    }
    text_add_html(text, assessment->sentence);
    text_add(text, "</div>\n");
}

enum rnet_status
rnet_report_html(const struct rnet_report *report, char **text, size_t *length)
{
    const struct rnet_assessment *assessment = report->assessment;
    const bool judged = assessment->link_count > 0 && assessment->links[0].verdict.judged > 0;
    struct text out = {0};

    html_begin(&out, _("Is the line good enough?"));
    add_answer(&out, report, judged);
    if (judged) {
        add_heat_map(&out, assessment);
        if (answered_line(assessment)->verdict.satisfied != RNET_ANSWER_YES)
            add_reasons(&out, answered_line(assessment));
    }
    add_caveats(&out, report);
    if (judged) {
        add_measures(&out, assessment);
        html_add_spreads(&out, assessment);
        add_load(&out, assessment);
    }
    add_seen(&out, report);
    if (judged)
        add_sources(&out, assessment);
    add_provenance(&out, report);
    html_end(&out);
    return text_take(&out, text, length);
}
