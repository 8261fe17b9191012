/* The report as one JSON document. lib/report/layout.c has what stands where. */
#include "report/layout.h"

#include <stdlib.h>

static void
add(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *
notices(const struct rnet_profile_summary *profile)
{
    json_t *array = json_array();

    for (int i = 0; i < RNET_NOTICE_COUNT; i++) {
        char sentence[500];

        if (profile->notices.count[i] == 0)
            continue;
        words_notice(profile, (enum rnet_notice)i, sentence, sizeof sentence);
        json_array_append_new(array,
                              json_pack("{s:s, s:I, s:s}", "id", notice_names.name(i), "count",
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
        add(usage, "name", json_string(_(rnet_usage_info((enum rnet_usage)i)->name)));
        json_array_append_new(array, usage);
    }
    return array;
}

static json_t *
lane(const float *bytes, size_t windows)
{
    json_t *array = json_array();

    for (size_t i = 0; i < windows; i++)
        json_array_append_new(array, json_integer((json_int_t)bytes[i]));
    return array;
}

static json_t *
timeline(const struct rnet_timeline *timeline)
{
    struct rnet_timeline short_one;
    json_t *root, *usages;

    if (timeline == NULL || timeline_condense(timeline, &short_one) != RNET_OK)
        return json_null();
    root = json_pack("{s:f, s:I, s:{}}", "window_s", (double)short_one.window_ns / 1e9, "windows",
                     (json_int_t)short_one.windows, "bytes");
    usages = json_object_get(root, "bytes");
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        for (int way = 0; way < RNET_DIRECTIONS; way++) {
            if (short_one.bytes[usage][way] == NULL)
                continue;
            if (json_object_get(usages, usage_names.name(usage)) == NULL)
                add(usages, usage_names.name(usage), json_object());
            add(json_object_get(usages, usage_names.name(usage)), way == RNET_UP ? "up" : "down",
                lane(short_one.bytes[usage][way], short_one.windows));
        }
    condensed_clear(&short_one);
    return root;
}

static json_t *
seen(const struct rnet_report *report)
{
    const struct rnet_profile_summary *profile = report->profile;
    json_t *root = fields_write(layout_seen, profile);

    add(root, "duration_s", number_write((double)(profile->end_ns - profile->begin_ns) / 1e9));
    add(root, "rate_window_s", number_write((double)profile->window_ns / 1e9));
    add(root, "usages", usages_seen(profile));
    add(root, "timeline", timeline(report->timeline));
    return root;
}

static json_t *
criteria(const struct rnet_criteria *criteria)
{
    json_t *items = json_array();

    for (size_t i = 0; i < criteria->count; i++) {
        json_t *item = fields_write(layout_criterion, &criteria->items[i]), *rules = json_array();

        for (size_t rule = 0; rule < criteria->items[i].rule_count; rule++)
            json_array_append_new(rules,
                                  fields_write(layout_rule, &criteria->items[i].rules[rule]));
        add(item, "rules", rules);
        json_array_append_new(items, item);
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
    add(root, "name", json_string(_(info->name)));
    add(root, "unit", json_string(info->unit));
    add(root, "higher_is_better", json_boolean(info->higher_is_better));
    return root;
}

static json_t *
usage_verdict(const struct rnet_usage_verdict *verdict)
{
    json_t *root = fields_write(layout_verdict, verdict);

    add(root, "criterion", json_string(verdict->criterion->id));
    add(root, "name", json_string(_(verdict->criterion->name)));
    add(root, "metric", metric(verdict));
    return root;
}

static json_t *
link_result(const struct rnet_link_result *result)
{
    const struct rnet_verdict *verdict = &result->verdict;
    json_t *root = fields_write(layout_office, verdict), *usages = json_array();

    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->items[i].used)
            json_array_append_new(usages, usage_verdict(&verdict->items[i]));
    add(root, "name", json_string(result->link.name));
    add(root, "specification", json_string(result->link.specification));
    add(root, "rate_bps",
        json_pack("{s:I, s:I}", "up", (json_int_t)result->link.direction[RNET_UP].rate_bps, "down",
                  (json_int_t)result->link.direction[RNET_DOWN].rate_bps));
    add(root, "sentence", json_string(verdict->sentence));
    add(root, "complete", json_boolean(result->complete));
    add(root, "packets", json_integer((json_int_t)result->packets));
    add(root, "line_up", fields_write(layout_line, &result->line[RNET_UP]));
    add(root, "line_down", fields_write(layout_line, &result->line[RNET_DOWN]));
    add(root, "usages", usages);
    return root;
}

static json_t *
replayed(const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    const int64_t origin_ns = report->profile->begin_ns;
    json_t *root = fields_write(layout_assessment, assessment);

    add(root, "begin_s", number_write((double)(assessment->begin_ns - origin_ns) / 1e9));
    add(root, "end_s", number_write((double)(assessment->end_ns - origin_ns) / 1e9));
    return root;
}

static json_t *
document(const struct rnet_report *report)
{
    const struct rnet_assessment *assessment = report->assessment;
    json_t *links = json_array();

    for (size_t i = 0; i < assessment->link_count; i++)
        json_array_append_new(links, link_result(&assessment->links[i]));
    return json_pack("{s:s, s:i, s:s, s:o, s:{s:s, s:s, s:s*}, s:o, s:o, s:o, s:o}", "format",
                     REPORT_JSON_FORMAT, "version", RNET_REPORT_JSON_VERSION, "answer",
                     assessment->sentence, "notices", notices(report->profile),
                     "provenance", "netsuff",
                     report->made_by != NULL ? report->made_by : rnet_version(), "input_xxh3_128",
                     report->profile->digest, "confinement", report->confinement,
                     "replayed", replayed(report), "criteria",
                     criteria(&assessment->criteria), "seen", seen(report), "links", links);
}

enum rnet_status
json_take(json_t *root, int digits, char **bytes, size_t *length)
{
    struct text out = {0};
    char *dumped = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(digits)) : NULL;

    json_decref(root);
    if (dumped == NULL)
        return RNET_ENOMEM;
    text_add(&out, "%s\n", dumped);
    free(dumped);
    return text_take(&out, bytes, length);
}

enum rnet_status
rnet_report_json(const struct rnet_report *report, char **text, size_t *length)
{
    return json_take(document(report), 9, text, length);
}
