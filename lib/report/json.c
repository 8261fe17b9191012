/* The report as one JSON document. lib/report/layout.c has what stands where. */
#include "report/layout.h"


static json_t *
notices(const struct rnet_profile_summary *profile)
{
    json_t *array = json_array();

    for (int i = 0; i < RNET_NOTICE_COUNT; i++) {
        char sentence[500];

        if (profile->notices.count[i] == 0)
            continue;
        words_notice(profile, (enum rnet_notice)i, sentence, sizeof sentence);
        json_push(&array, json_pack("{s:s, s:I, s:s}", "id", notice_names.name(i), "count",
                                    (json_int_t)profile->notices.count[i], "text", sentence));
    }
    return array;
}

static json_t *
usages_seen(const struct rnet_profile_summary *profile)
{
    json_t *array = json_array();

    for (int i = 0; i < RNET_USAGE_COUNT; i++) {
        json_t *usage;

        if (profile->usages[i].flows == 0)
            continue;
        usage = fields_write(layout_usage_seen, &profile->usages[i]);
        json_add(&usage, "name", json_string(_(rnet_usage_info((enum rnet_usage)i)->name)));
        json_push(&array, usage);
    }
    return array;
}

static json_t *
lane(const float *bytes, size_t windows)
{
    json_t *array = json_array();

    for (size_t i = 0; i < windows; i++)
        json_push(&array, json_integer((json_int_t)bytes[i]));
    return array;
}

static json_t *
timeline_of_usage(const struct rnet_timeline *timeline, int usage)
{
    json_t *ways = json_object();

    for (int way = 0; way < RNET_DIRECTIONS; way++)
        if (timeline->bytes[usage][way] != NULL)
            json_add(&ways, way == RNET_UP ? "up" : "down",
                     lane(timeline->bytes[usage][way], timeline->windows));
    return ways;
}

static json_t *
timeline(const struct rnet_timeline *timeline)
{
    struct rnet_timeline short_one;
    json_t *usages = json_object(), *root;
    enum rnet_status status = RNET_OK;

    if (timeline != NULL)
        status = timeline_condense(timeline, &short_one);
    if (timeline == NULL || status != RNET_OK) {
        json_decref(usages);
        return status == RNET_OK ? json_null() : NULL;
    }
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        if (short_one.bytes[usage][RNET_UP] != NULL || short_one.bytes[usage][RNET_DOWN] != NULL)
            json_add(&usages, usage_names.name(usage), timeline_of_usage(&short_one, usage));
    root = json_pack("{s:f, s:I, s:o}", "window_s", (double)short_one.window_ns / 1e9, "windows",
                     (json_int_t)short_one.windows, "bytes", usages);
    condensed_clear(&short_one);
    return root;
}

static json_t *
seen(const struct rnet_report *report)
{
    const struct rnet_profile_summary *profile = report->profile;
    json_t *root = fields_write(layout_seen, profile);

    json_add(&root, "duration_s",
             number_write((double)(profile->end_ns - profile->begin_ns) / 1e9));
    json_add(&root, "rate_window_s", number_write((double)profile->window_ns / 1e9));
    json_add(&root, "usages", usages_seen(profile));
    json_add(&root, "timeline", timeline(report->timeline));
    return root;
}

static json_t *
criteria(const struct rnet_criteria *criteria)
{
    json_t *items = json_array();

    for (size_t i = 0; i < criteria->count; i++) {
        json_t *item = fields_write(layout_criterion, &criteria->items[i]), *rules = json_array();

        for (size_t rule = 0; rule < criteria->items[i].rule_count; rule++)
            json_push(&rules, fields_write(layout_rule, &criteria->items[i].rules[rule]));
        json_add(&item, "rules", rules);
        json_push(&items, item);
    }
    return json_pack("{s:s, s:s, s:o}", "id", criteria->id, "title", criteria->title, "items",
                     items);
}

static json_t *
metric(const struct rnet_usage_verdict *verdict)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);
    json_t *root;

    if (!verdict->has_metric || info == NULL)
        return json_null();
    root = fields_write(layout_metric, verdict);
    json_add(&root, "name", json_string(_(info->name)));
    json_add(&root, "unit", json_string(info->unit));
    json_add(&root, "higher_is_better", json_boolean(info->higher_is_better));
    return root;
}

static json_t *
usage_verdict(const struct rnet_usage_verdict *verdict)
{
    json_t *root = fields_write(layout_verdict, verdict);

    json_add(&root, "criterion", json_string(verdict->criterion->id));
    json_add(&root, "name", json_string(_(verdict->criterion->name)));
    json_add(&root, "metric", metric(verdict));
    return root;
}

static json_t *
link_result(const struct rnet_link_result *result)
{
    const struct rnet_verdict *verdict = &result->verdict;
    json_t *root = fields_write(layout_office, verdict), *usages = json_array();

    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->items[i].used)
            json_push(&usages, usage_verdict(&verdict->items[i]));
    json_add(&root, "name", json_string(result->link.name));
    json_add(&root, "specification", json_string(result->link.specification));
    json_add(&root, "rate_bps",
             json_pack("{s:I, s:I}", "up", (json_int_t)result->link.direction[RNET_UP].rate_bps,
                       "down", (json_int_t)result->link.direction[RNET_DOWN].rate_bps));
    json_add(&root, "sentence", json_string(verdict->sentence));
    json_add(&root, "complete", json_boolean(result->complete));
    json_add(&root, "packets", json_integer((json_int_t)result->packets));
    json_add(&root, "line_up", fields_write(layout_line, &result->line[RNET_UP]));
    json_add(&root, "line_down", fields_write(layout_line, &result->line[RNET_DOWN]));
    json_add(&root, "usages", usages);
    return root;
}

static json_t *
replayed(const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    const int64_t origin_ns = report->profile->begin_ns;
    json_t *root = fields_write(layout_assessment, assessment);

    json_add(&root, "begin_s", number_write((double)(assessment->begin_ns - origin_ns) / 1e9));
    json_add(&root, "end_s", number_write((double)(assessment->end_ns - origin_ns) / 1e9));
    json_add(&root, "tunnels", fields_write(layout_tunnels, &assessment->tunnels));
    return root;
}

static json_t *
document(const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    json_t *links = json_array();
    json_t *provenance =
        json_pack("{s:s, s:s}", "netsuff",
                  report->made_by != NULL ? report->made_by : rnet_version(), "input_xxh3_128",
                  report->profile->digest);

    if (report->confinement != NULL)
        json_add(&provenance, "confinement", json_string(report->confinement));
    for (size_t i = 0; i < assessment->link_count; i++)
        json_push(&links, link_result(&assessment->links[i]));
    return json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "format",
                     REPORT_JSON_FORMAT, "version", RNET_REPORT_JSON_VERSION, "answer",
                     assessment->sentence, "notices", notices(report->profile), "provenance",
                     provenance, "replayed", replayed(report), "criteria",
                     criteria(&assessment->criteria), "seen", seen(report), "links", links);
}

/* Into memory of the size it was found to need: json_dumps(), whose buffer grows, was seen to go on
 * after an allocation had failed (jansson 2.14), and a hole in a document is worse than none. */
enum rnet_status
json_take(json_t *root, int digits, char **bytes, size_t *length)
{
    const size_t flags = JSON_INDENT(1) | JSON_REAL_PRECISION((size_t)digits);
    const size_t needed = root != NULL ? json_dumpb(root, NULL, 0, flags) : 0;
    char *text = needed > 0 ? rnet_alloc(needed + 2) : NULL;
    const bool ok = text != NULL && json_dumpb(root, text, needed, flags) == needed;

    json_decref(root);
    if (!ok) {
        rnet_free(text);
        return RNET_ENOMEM;
    }
    text[needed] = '\n';
    text[needed + 1] = '\0';
    *bytes = text;
    *length = needed + 1;
    return RNET_OK;
}

enum rnet_status
rnet_report_json(const struct rnet_report *report, char **text, size_t *length)
{
    return json_take(document(report), 9, text, length);
}
