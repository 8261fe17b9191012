/* The report as one JSON document. */
#include "report/report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is not known is null; what never ends is null too, with a state beside it where it matters.
 */
static json_t *
number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
both(double up, double down)
{
    return json_pack("{s:o, s:o}", "up", number(up), "down", number(down));
}

static json_t *
both_counts(const uint64_t counts[RNET_DIRECTIONS])
{
    return json_pack("{s:o, s:o}", "up", integer(counts[RNET_UP]), "down",
                     integer(counts[RNET_DOWN]));
}

static json_t *
band(const struct rnet_band *band)
{
    return json_pack("{s:o, s:o, s:o}", "low", number(band->low), "middle", number(band->middle),
                     "high", number(band->high));
}

static json_t *
notices(const struct rnet_notices *notices)
{
    json_t *array = json_array();

    for (int i = 0; i < RNET_NOTICE_COUNT; i++) {
        char count[NUMBER_TEXT], sentence[400];

        if (notices->count[i] == 0)
            continue;
        words_count(notices->count[i], count);
        rnet_notice_sentence((enum rnet_notice)i, count, sentence, sizeof sentence);
        json_array_append_new(array, json_pack("{s:s, s:o, s:s}", "id",
                                               rnet_notice_id((enum rnet_notice)i), "count",
                                               integer(notices->count[i]), "text", sentence));
    }
    return array;
}

static json_t *
usage_seen(const struct rnet_usage_summary *usage)
{
    json_t *evidence = json_object();

    for (int i = 0; i < RNET_EVIDENCE_COUNT; i++)
        if (usage->flows_by_evidence[i] > 0)
            json_object_set_new(evidence, rnet_evidence_id((enum rnet_evidence)i),
                                integer(usage->flows_by_evidence[i]));
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "usage",
                     rnet_usage_info(usage->usage)->id, "name", rnet_usage_info(usage->usage)->name,
                     "flows", integer(usage->flows), "bytes", both_counts(usage->bytes), "packets",
                     both_counts(usage->packets), "active_s", number(usage->active_s), "peak_bps",
                     both(usage->peak_bps[RNET_UP], usage->peak_bps[RNET_DOWN]), "p95_bps",
                     both(usage->p95_bps[RNET_UP], usage->p95_bps[RNET_DOWN]), "label_confidence",
                     number(usage->confidence), "flows_by_evidence", evidence);
}

static json_t *
seen(const struct rnet_profile_summary *profile)
{
    json_t *usages = json_array();

    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        if (profile->usages[i].flows > 0)
            json_array_append_new(usages, usage_seen(&profile->usages[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o}", "packets",
        integer(profile->packets), "wire_bytes", integer(profile->wire_bytes), "flows",
        integer(profile->flows), "tcp_flows", integer(profile->tcp_flows), "internal_flows",
        integer(profile->internal_flows), "internal_bytes", integer(profile->internal_bytes),
        "office_hosts", integer(profile->office_hosts), "duration_s",
        number((double)(profile->end_ns - profile->begin_ns) / 1e9), "complete", profile->complete,
        "what_if_internal", profile->what_if_internal, "rate_window_s",
        number((double)profile->window_ns / 1e9), "peak_bps",
        both(profile->peak_bps[RNET_UP], profile->peak_bps[RNET_DOWN]), "usages", usages);
}

static json_t *
metric(const struct rnet_usage_verdict *verdict)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);

    if (!verdict->has_metric || info == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "id", info->id, "name",
                     info->name, "unit", info->unit, "higher_is_better", info->higher_is_better,
                     "good", number(verdict->good), "acceptable", number(verdict->acceptable),
                     "median", band(&verdict->median), "p95", band(&verdict->p95), "margin",
                     band(&verdict->margin));
}

static json_t *
usage_verdict(const struct rnet_usage_verdict *verdict)
{
    const bool queue =
        verdict->cause == RNET_CAUSE_QUEUE_UP || verdict->cause == RNET_CAUSE_QUEUE_DOWN;

    return json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:b, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, "
        "s:s, s:o, s:o}",
        "criterion", verdict->criterion->id, "usage", rnet_usage_info(verdict->usage)->id, "name",
        verdict->criterion->name, "judged", verdict->judged, "met", rnet_answer_name(verdict->met),
        "grade", rnet_grade_name(verdict->grade), "doubt", rnet_doubt_text(verdict->doubt),
        "little_seen", verdict->little_seen, "uses", integer(verdict->uses), "use_kind",
        rnet_use_kind_name(verdict->kind), "weight", number(verdict->weight), "failed",
        integer(verdict->failed), "excused_share", number(verdict->excused_share), "unknown_share",
        number(verdict->unknown_share), "acceptable_share", band(&verdict->acceptable_share),
        "good_share", band(&verdict->good_share), "metric", metric(verdict), "mos",
        number(verdict->mos), "cause", rnet_cause_id(verdict->cause), "cause_support",
        number(verdict->cause_support), "behind",
        queue ? json_string(rnet_usage_info(verdict->behind)->id) : json_null());
}

static json_t *
line_load(const struct rnet_quality_line *line)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "busy_ratio", number(line->busy_ratio),
                     "mean_queue_ms", number(line->mean_queue_ms), "max_queue_ms",
                     number(line->max_queue_ms), "loss_ratio", number(line->loss_ratio));
}

static json_t *
link_result(const struct rnet_link_result *result)
{
    const struct rnet_verdict *verdict = &result->verdict;
    json_t *usages = json_array();

    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->items[i].used)
            json_array_append_new(usages, usage_verdict(&verdict->items[i]));
    return json_pack(
        "{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o, s:o}", "name",
        result->link.name, "specification", result->link.specification, "rate_bps",
        both((double)result->link.direction[RNET_UP].rate_bps,
             (double)result->link.direction[RNET_DOWN].rate_bps),
        "satisfied", rnet_answer_name(verdict->satisfied), "satisfied_essential",
        rnet_answer_name(verdict->satisfied_essential), "judged", integer(verdict->judged), "met",
        integer(verdict->met), "not_met", integer(verdict->not_met), "cannot_say",
        integer(verdict->cannot_say), "met_volume_ratio", number(verdict->met_volume_ratio),
        "sentence", verdict->sentence, "complete", result->complete, "line_up",
        line_load(&result->line[RNET_UP]), "line_down", line_load(&result->line[RNET_DOWN]),
        "usages", usages);
}

static json_t *
document(const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    const int64_t origin_ns = report->profile->begin_ns;
    json_t *links = json_array();

    for (size_t i = 0; i < assessment->link_count; i++)
        json_array_append_new(links, link_result(&assessment->links[i]));
    return json_pack(
        "{s:i, s:s, s:o, s:{s:s, s:s, s:o, s:o, s:s}, s:{s:o, s:o, s:b, s:o, s:o, s:o}, s:o, s:o}",
        "version", RNET_REPORT_JSON_VERSION, "answer", assessment->sentence, "notices",
        notices(&report->profile->notices), "provenance", "netsuff", rnet_version(),
        "input_xxh3_128", report->profile->digest, "seed", integer(assessment->seed),
        "replications", integer(assessment->replications), "criteria", assessment->criteria.id,
        "replayed", "begin_s", number((double)(assessment->begin_ns - origin_ns) / 1e9), "end_s",
        number((double)(assessment->end_ns - origin_ns) / 1e9), "whole_capture",
        assessment->whole_capture, "conversations", integer(assessment->conversations), "messages",
        integer(assessment->messages), "datagrams", integer(assessment->datagrams), "seen",
        seen(report->profile), "links", links);
}

enum rnet_status
rnet_report_json(const struct rnet_report *report, char **text, size_t *length)
{
    struct text out = {0};
    json_t *root = document(report);
    char *dumped = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;

    json_decref(root);
    if (dumped == NULL)
        return RNET_ENOMEM;
    text_add(&out, "%s\n", dumped);
    free(dumped);
    return text_take(&out, text, length);
}
