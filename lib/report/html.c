/* The report as one self-contained HTML page. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

const char html_style[] =
    "body{font:16px/1.5 "
    "system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:60rem;margin:0 auto;"
    "padding:1rem}h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem;"
    "border-bottom:1px solid #bbb}.answer{font-size:1.15rem;border-left:.4rem solid "
    "#0072b2;padding:.6rem 1rem;"
    "background:#eef4f9}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-"
    "size:.92rem}"
    "th,td{border:1px solid #ccc;padding:.3rem "
    ".5rem;text-align:left;vertical-align:top}th{background:#f2f2f2}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td.good{background:#b7e1c4}td.ok{background:#fdf0b5}td.no{background:#f6b8a8;font-weight:bold}"
    "td.q{background:#e3e3e3}small,figcaption,.note{color:#444;font-size:.88rem}figure{margin:0}"
    "svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#222}svg .axis,svg "
    ".end{text-anchor:end}"
    "svg .title{font-weight:bold;font-size:12px}svg .grid{stroke:#ddd}svg "
    "line.rate{stroke:#222;stroke-dasharray:4 3}"
    "svg text.rate{text-anchor:end;font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:3px}"
    "@media "
    "print{body{max-width:none;font-size:10pt;padding:0}h2{break-after:avoid}tr,figure{break-"
    "inside:avoid}"
    "td,th{-webkit-print-color-adjust:exact;print-color-adjust:exact}.scroll{overflow:visible}}";

static void
add_cell(struct text *text, const struct rnet_usage_verdict *verdict)
{
    const char *class = "q", *words = "cannot say";

    if (!verdict->judged) {
        words = "not judged";
    } else if (verdict->met == RNET_ANSWER_NO) {
        class = "no";
        words = "insufficient";
    } else if (verdict->met == RNET_ANSWER_YES) {
        class = verdict->grade == RNET_GRADE_GOOD ? "good" : "ok";
        words = rnet_grade_name(verdict->grade);
    }
    text_add(text, "<td class=\"%s\">%s%s", class, words,
             verdict->judged && verdict->little_seen ? "*" : "");
    if (verdict->judged && isfinite(verdict->acceptable_share.middle))
        text_add(text, "<br><small>%.0f&nbsp;%% passes</small>",
                 verdict->acceptable_share.middle * 100);
    text_add(text, "</td>");
}

static void
add_lines_head(struct text *text, const struct rnet_assessment *assessment)
{
    text_add(text, "<tr><th scope=\"col\">usage</th>");
    for (size_t i = 0; i < assessment->link_count; i++) {
        const struct rnet_link *link = &assessment->links[i].link;
        char down[NUMBER_TEXT], up[NUMBER_TEXT];

        text_add(text, "<th scope=\"col\">");
        text_add_html(text, link->name);
        text_add(text, "<br><small>%s down<br>%s up</small></th>",
                 words_rate((double)link->direction[RNET_DOWN].rate_bps, down),
                 words_rate((double)link->direction[RNET_UP].rate_bps, up));
    }
    text_add(text, "</tr>\n");
}

static void
add_heat_map(struct text *text, const struct rnet_assessment *assessment)
{
    const struct rnet_verdict *first = &assessment->links[0].verdict;

    text_add(text, "<h2>Usages on each line</h2>\n<div class=\"scroll\"><table>\n<thead>");
    add_lines_head(text, assessment);
    text_add(text, "</thead><tbody>\n");
    for (size_t item = 0; item < first->count; item++) {
        if (!first->items[item].used || !first->items[item].criterion->judged)
            continue;
        text_add(text, "<tr><th scope=\"row\">");
        text_add_html(text, first->items[item].criterion->name);
        text_add(text, "</th>");
        for (size_t i = 0; i < assessment->link_count; i++)
            add_cell(text, &assessment->links[i].verdict.items[item]);
        text_add(text, "</tr>\n");
    }
    text_add(text, "</tbody></table></div>\n<p class=\"note\">A usage is met when at least the "
                   "share of its use that "
                   "must pass (95&nbsp;%% by default) is acceptable or better. * little of it was "
                   "seen: a hint, not a "
                   "proof.</p>\n");
}

static void
add_reason(struct text *text, const struct rnet_link_result *result,
           const struct rnet_usage_verdict *verdict)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);
    char value[NUMBER_TEXT], low[NUMBER_TEXT], high[NUMBER_TEXT], limit[NUMBER_TEXT];

    text_add(text, "<tr><td>");
    text_add_html(text, result->link.name);
    text_add(text, "</td><td>");
    text_add_html(text, verdict->criterion->name);
    text_add(text, "</td>");
    if (verdict->has_metric && info != NULL)
        text_add(
            text,
            "<td>%s</td><td class=\"n\">%s<br><small>%s to %s</small></td><td class=\"n\">%s</td>",
            info->name, words_value(verdict->p95.middle, info->unit, value),
            words_value(verdict->p95.low, info->unit, low),
            words_value(verdict->p95.high, info->unit, high),
            words_value(verdict->acceptable, info->unit, limit));
    else
        text_add(text, "<td></td><td></td><td></td>");
    text_add(text, "<td>%s",
             verdict->met == RNET_ANSWER_CANNOT_SAY ? rnet_doubt_text(verdict->doubt)
                                                    : rnet_cause_text(verdict->cause));
    if ((verdict->cause == RNET_CAUSE_QUEUE_UP || verdict->cause == RNET_CAUSE_QUEUE_DOWN) &&
        verdict->behind != RNET_USAGE_UNKNOWN)
        text_add(text, ", mostly %s", rnet_usage_info(verdict->behind)->name);
    text_add(text, "</td></tr>\n");
}

static void
add_reasons(struct text *text, const struct rnet_assessment *assessment)
{
    text_add(text, "<h2>What is lacking, and why</h2>\n<div class=\"scroll\"><table><thead><tr><th "
                   "scope=\"col\">line</th>"
                   "<th scope=\"col\">usage</th><th scope=\"col\">measure</th><th "
                   "scope=\"col\">95&nbsp;%% of use is within"
                   "<br><small>90&nbsp;%% band</small></th><th scope=\"col\">needed</th><th "
                   "scope=\"col\">because of</th>"
                   "</tr></thead><tbody>\n");
    for (size_t i = 0; i < assessment->link_count; i++)
        for (size_t item = 0; item < assessment->links[i].verdict.count; item++) {
            const struct rnet_usage_verdict *verdict = &assessment->links[i].verdict.items[item];

            if (verdict->judged && verdict->met != RNET_ANSWER_YES)
                add_reason(text, &assessment->links[i], verdict);
        }
    text_add(text, "</tbody></table></div>\n<p class=\"note\">Causes are found by replaying the "
                   "line with one thing "
                   "changed at a time: a rate doubled, a fair queue, no delay, no loss.</p>\n");
}

static void
add_seen(struct text *text, const struct rnet_report *report)
{
    const struct rnet_profile_summary *profile = report->profile;
    char a[NUMBER_TEXT], b[NUMBER_TEXT], c[NUMBER_TEXT], d[NUMBER_TEXT];

    text_add(text,
             "<h2>What was seen</h2>\n<p>%s packets, %s, in %s; %" PRIu64
             " flows that cross the line.</p>\n",
             words_count(profile->packets, a), words_bytes(profile->wire_bytes, b),
             words_duration((double)(profile->end_ns - profile->begin_ns) / 1e9, c),
             profile->flows);
    if (report->timeline != NULL && report->timeline->windows > 0 && profile->flows > 0)
        html_add_timeline(text, report->timeline, report->assessment);
    text_add(text,
             "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">usage</th><th "
             "scope=\"col\">flows</th>"
             "<th scope=\"col\">down</th><th scope=\"col\">up</th><th scope=\"col\">peak down</th>"
             "<th scope=\"col\">peak up</th><th scope=\"col\">sure</th></tr></thead><tbody>\n");
    for (int i = 0; i < RNET_USAGE_COUNT; i++) {
        const struct rnet_usage_summary *usage = &profile->usages[i];
        char flows[NUMBER_TEXT];

        if (usage->flows == 0 && i != RNET_USAGE_UNKNOWN)
            continue;
        text_add(text,
                 "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td><td class=\"n\">%s</td><td "
                 "class=\"n\">%s</td>",
                 rnet_usage_info((enum rnet_usage)i)->name, words_count(usage->flows, flows),
                 words_bytes(usage->bytes[RNET_DOWN], a), words_bytes(usage->bytes[RNET_UP], b));
        text_add(text,
                 "<td class=\"n\">%s</td><td class=\"n\">%s</td><td "
                 "class=\"n\">%.0f&nbsp;%%</td></tr>\n",
                 words_rate(usage->peak_bps[RNET_DOWN], c), words_rate(usage->peak_bps[RNET_UP], d),
                 usage->confidence * 100);
    }
    text_add(text, "</tbody></table></div>\n<p class=\"note\">Sure: how likely the names are "
                   "right, weighted by bytes. "
                   "Volumes are IP bytes by their original length.</p>\n");
}

static void
add_caveats(struct text *text, const struct rnet_profile_summary *profile)
{
    bool any = false;

    for (int i = 0; i < RNET_NOTICE_COUNT; i++) {
        char sentence[500];

        if (profile->notices.count[i] == 0)
            continue;
        text_add(text, any ? "" : "<h2>To know</h2>\n<ul>\n");
        any = true;
        text_add(text, "<li>");
        text_add_html(text,
                      words_notice(profile, (enum rnet_notice)i, sentence, sizeof sentence));
        text_add(text, "</li>\n");
    }
    if (any)
        text_add(text, "</ul>\n");
}

static void
add_rule(struct text *text, const struct rnet_criterion *criterion, const struct rnet_rule *rule)
{
    const struct rnet_metric_info *info = rnet_metric_info(rule->metric);
    char good[NUMBER_TEXT], acceptable[NUMBER_TEXT];

    text_add(text, "<tr><td>");
    text_add_html(text, criterion->name);
    text_add(text, "</td><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td>", info->name,
             words_value(rule->good, info->unit, good),
             words_value(rule->acceptable, info->unit, acceptable));
    text_add_html(text, rule->source);
    text_add(text, "</td><td>%s</td></tr>\n", rule->verified ? "verified" : "from memory");
}

static void
add_sources(struct text *text, const struct rnet_report *report)
{
    const struct rnet_criteria *criteria = &report->assessment->criteria;
    const struct rnet_verdict *verdict = &report->assessment->links[0].verdict;

    text_add(text,
             "<h2>Definitions and sources</h2>\n<p>Every connection and stream was replayed over "
             "each line, all "
             "sharing it, %" PRIu32 " times with other seeds. Criteria: ",
             report->assessment->replications);
    text_add_html(text, criteria->title);
    text_add(
        text,
        ".</p>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">usage</th><th "
        "scope=\"col\">measure</th>"
        "<th scope=\"col\">good</th><th scope=\"col\">acceptable</th><th scope=\"col\">source</th>"
        "<th scope=\"col\">checked</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < criteria->count; i++)
        for (size_t rule = 0; verdict->items[i].judged && rule < criteria->items[i].rule_count;
             rule++)
            add_rule(text, &criteria->items[i], &criteria->items[i].rules[rule]);
    text_add(text, "</tbody></table></div>\n");
}

static void
add_provenance(struct text *text, const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    char duration[NUMBER_TEXT];

    text_add(text,
             "<h2>Provenance</h2>\n<p class=\"note\">netsuff %s; criteria %s; replayed %s, %s; "
             "seed %" PRIu64 "; input (XXH3-128 of its packets) %s.</p>\n",
             report->made_by != NULL ? report->made_by : rnet_version(),
             assessment->criteria.id,
             words_duration((double)(assessment->end_ns - assessment->begin_ns) / 1e9, duration),
             assessment->whole_capture ? "all of the capture" : "its busiest part",
             assessment->seed, report->profile->digest);
    if (report->confinement != NULL)
        text_add(text, "<p class=\"note\">Confinement while reading: %s.</p>\n",
                 report->confinement);
}

enum rnet_status
rnet_report_html(const struct rnet_report *report, char **text, size_t *length)
{
    const struct rnet_assessment *assessment = report->assessment;
    struct text out = {0};

    text_add(
        &out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>Is the line good "
        "enough?</title><style>");
    text_add(&out, "%s", html_style);
    text_add(
        &out,
        "</style></head><body>\n<main>\n<h1>Is the line good enough?</h1>\n<p class=\"answer\">");
    if (report->profile->what_if_internal)
        text_add(&out, "Nothing in this capture crosses an internet line. If the servers it talks "
                       "to stood beyond the "
                       "line: ");
    text_add_html(&out, assessment->sentence);
    text_add(&out, "</p>\n");
    if (assessment->link_count > 0 && assessment->links[0].verdict.judged > 0) {
        add_heat_map(&out, assessment);
        if (!assessment->all_met)
            add_reasons(&out, assessment);
    }
    add_seen(&out, report);
    add_caveats(&out, report->profile);
    if (assessment->link_count > 0 && assessment->links[0].verdict.judged > 0)
        add_sources(&out, report);
    add_provenance(&out, report);
    text_add(&out, "</main>\n</body></html>\n");
    return text_take(&out, text, length);
}
