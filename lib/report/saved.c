/* A JSON report read back, so that it can be rendered again without the capture. */
#include "report/layout.h"

#include "assess/assess.h"
#include "verdict/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_LINKS 4096
#define MOST_CRITERIA 1024
/* No report is larger; more is refused before it is parsed. */
#define MOST_BYTES (64u << 20)

struct rnet_saved_report {
    struct rnet_profile_summary profile;
    struct rnet_assessment assessment;
    struct rnet_timeline timeline;
    char made_by[40];
    char confinement[128];
    struct rnet_report report;
};

static enum rnet_status
refuse(struct rnet_error *err, const char *where)
{
    return rnet_error_set(err, RNET_EFORMAT, "saved report: %s has no value it may have", where);
}

static bool
seconds_read(const json_t *json, int64_t *ns)
{
    const double seconds = json_number_value(json);

    /* Every time in a report counts from the beginning of the capture. */
    if (!json_is_number(json) || !(seconds >= 0 && seconds < 9e9))
        return false;
    *ns = (int64_t)llround(seconds * 1e9);
    return true;
}

static enum rnet_status
notices_read(const json_t *json, struct rnet_notices *notices, struct rnet_error *err)
{
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *notice = json_array_get(json, i);
        const char *id = json_string_value(json_object_get(notice, "id"));
        const json_int_t count = json_integer_value(json_object_get(notice, "count"));
        const int found = id != NULL ? field_names_find(&notice_names, id) : -1;

        if (found < 0 || count < 0)
            return refuse(err, "notices");
        notices->count[found] = (uint64_t)count;
    }
    return RNET_OK;
}

static enum rnet_status
lane_read(const json_t *json, size_t windows, const float **lane, struct rnet_error *err)
{
    float *bytes;

    if (json == NULL)
        return RNET_OK;
    if (json_array_size(json) != windows || *lane != NULL)
        return refuse(err, "seen.timeline.bytes");
    bytes = rnet_alloc_zero(windows, sizeof *bytes);
    if (bytes == NULL)
        return RNET_ENOMEM;
    *lane = bytes;
    for (size_t i = 0; i < windows; i++) {
        const json_int_t value = json_integer_value(json_array_get(json, i));

        if (value < 0)
            return refuse(err, "seen.timeline.bytes");
        bytes[i] = (float)value;
    }
    return RNET_OK;
}

static enum rnet_status
timeline_read(json_t *json, struct rnet_timeline *timeline, struct rnet_error *err)
{
    json_t *usages = json_object_get(json, "bytes");
    const json_int_t windows = json_integer_value(json_object_get(json, "windows"));
    enum rnet_status status = RNET_OK;
    const char *id;
    json_t *ways;

    if (json_is_null(json))
        return RNET_OK;
    if (windows < 0 || windows > TIMELINE_WINDOWS ||
        !seconds_read(json_object_get(json, "window_s"), &timeline->window_ns) ||
        timeline->window_ns < 0)
        return refuse(err, "seen.timeline");
    timeline->windows = (size_t)windows;
    json_object_foreach(usages, id, ways)
    {
        const int usage = field_names_find(&usage_names, id);

        if (usage < 0)
            return refuse(err, "seen.timeline.bytes");
        for (int way = 0; way < RNET_DIRECTIONS && status == RNET_OK; way++)
            status = lane_read(json_object_get(ways, way == RNET_UP ? "up" : "down"),
                               timeline->windows, &timeline->bytes[usage][way], err);
        if (status != RNET_OK)
            return status;
    }
    return RNET_OK;
}

static enum rnet_status
seen_read(const json_t *json, struct rnet_saved_report *saved, struct rnet_error *err)
{
    struct rnet_profile_summary *profile = &saved->profile;
    const json_t *usages = json_object_get(json, "usages");
    enum rnet_status status = fields_read(layout_seen, profile, json, "seen", err);

    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        profile->usages[i].usage = (enum rnet_usage)i;
    if (status == RNET_OK &&
        (!seconds_read(json_object_get(json, "duration_s"), &profile->end_ns) ||
         !seconds_read(json_object_get(json, "rate_window_s"), &profile->window_ns)))
        return refuse(err, "seen.duration_s");
    for (size_t i = 0; status == RNET_OK && i < json_array_size(usages); i++) {
        struct rnet_usage_summary usage = {0};

        status =
            fields_read(layout_usage_seen, &usage, json_array_get(usages, i), "seen.usages", err);
        if (status == RNET_OK)
            profile->usages[usage.usage] = usage;
    }
    return status == RNET_OK
               ? timeline_read(json_object_get(json, "timeline"), &saved->timeline, err)
               : status;
}

static enum rnet_status
criterion_read(const json_t *json, struct rnet_criterion *criterion, struct rnet_error *err)
{
    const json_t *rules = json_object_get(json, "rules");
    enum rnet_status status = fields_read(layout_criterion, criterion, json, "criteria.items", err);

    if (status == RNET_OK && json_array_size(rules) > RNET_CRITERION_RULES)
        return refuse(err, "criteria.items.rules");
    for (size_t i = 0; status == RNET_OK && i < json_array_size(rules); i++)
        status = fields_read(layout_rule, &criterion->rules[criterion->rule_count++],
                             json_array_get(rules, i), "criteria.items.rules", err);
    return status;
}

static enum rnet_status
criteria_read(const json_t *json, struct rnet_criteria *criteria, struct rnet_error *err)
{
    const json_t *items = json_object_get(json, "items");
    const size_t count = json_array_size(items);
    enum rnet_status status = RNET_OK;

    if (!field_text(json_object_get(json, "id"), criteria->id, sizeof criteria->id) ||
        !field_text(json_object_get(json, "title"), criteria->title, sizeof criteria->title) ||
        count > MOST_CRITERIA)
        return refuse(err, "criteria");
    criteria->items = rnet_alloc_zero(count + 1, sizeof *criteria->items);
    if (criteria->items == NULL)
        return RNET_ENOMEM;
    while (status == RNET_OK && criteria->count < count) {
        status = criterion_read(json_array_get(items, criteria->count),
                                &criteria->items[criteria->count], err);
        criteria->count++;
    }
    return status;
}

static enum rnet_status
verdict_read(const json_t *json, const struct rnet_criteria *criteria, struct rnet_verdict *verdict,
             struct rnet_error *err)
{
    const char *id = json_string_value(json_object_get(json, "criterion"));
    const struct rnet_criterion *criterion = id != NULL ? rnet_criteria_find(criteria, id) : NULL;
    const json_t *metric = json_object_get(json, "metric");
    struct rnet_usage_verdict *item;
    enum rnet_status status;

    if (criterion == NULL)
        return refuse(err, "links.usages.criterion");
    item = &verdict->items[criterion - criteria->items];
    item->used = true;
    status = fields_read(layout_verdict, item, json, "links.usages", err);
    if (status != RNET_OK || json_is_null(metric))
        return status;
    item->has_metric = true;
    return fields_read(layout_metric, item, metric, "links.usages.metric", err);
}

static enum rnet_status
office_read(const json_t *json, const struct rnet_criteria *criteria, struct rnet_verdict *verdict,
            struct rnet_error *err)
{
    const json_t *usages = json_object_get(json, "usages");
    enum rnet_status status = fields_read(layout_office, verdict, json, "links", err);

    if (status != RNET_OK)
        return status;
    verdict->items = rnet_alloc_zero(criteria->count + 1, sizeof *verdict->items);
    if (verdict->items == NULL)
        return RNET_ENOMEM;
    verdict->count = criteria->count;
    for (size_t i = 0; i < criteria->count; i++)
        verdict->items[i].criterion = &criteria->items[i];
    for (size_t i = 0; status == RNET_OK && i < json_array_size(usages); i++)
        status = verdict_read(json_array_get(usages, i), criteria, verdict, err);
    if (status == RNET_OK)
        write_sentence(verdict);
    return status;
}

static enum rnet_status
link_read(const json_t *json, const struct rnet_criteria *criteria, struct rnet_link_result *result,
          struct rnet_error *err)
{
    const char *specification = json_string_value(json_object_get(json, "specification"));
    enum rnet_status status;

    if (specification == NULL || rnet_link_parse(specification, &result->link, err) != RNET_OK)
        return refuse(err, "links.specification");
    if (!field_text(json_object_get(json, "name"), result->link.name, sizeof result->link.name))
        return refuse(err, "links.name");
    result->complete = json_is_true(json_object_get(json, "complete"));
    result->packets = (uint64_t)json_integer_value(json_object_get(json, "packets"));
    status = fields_read(layout_line, &result->line[RNET_UP], json_object_get(json, "line_up"),
                         "links.line_up", err);
    if (status == RNET_OK)
        status = fields_read(layout_line, &result->line[RNET_DOWN],
                             json_object_get(json, "line_down"), "links.line_down", err);
    return status == RNET_OK ? office_read(json, criteria, &result->verdict, err) : status;
}

/* Version 1 said nothing of them: not known, which reads as none. */
static enum rnet_status
tunnels_read(const json_t *root, struct rnet_tunnel_demand *tunnels, struct rnet_error *err)
{
    const json_t *json = json_object_get(json_object_get(root, "replayed"), "tunnels");

    if (json_integer_value(json_object_get(root, "version")) < 2)
        return RNET_OK;
    return fields_read(layout_tunnels, tunnels, json, "replayed.tunnels", err);
}

static enum rnet_status
assessment_read(const json_t *root, struct rnet_assessment *assessment, struct rnet_error *err)
{
    const json_t *replayed = json_object_get(root, "replayed"),
                 *links = json_object_get(root, "links");
    const size_t count = json_array_size(links);
    enum rnet_status status = fields_read(layout_assessment, assessment, replayed, "replayed", err);

    if (status == RNET_OK &&
        (!seconds_read(json_object_get(replayed, "begin_s"), &assessment->begin_ns) ||
         !seconds_read(json_object_get(replayed, "end_s"), &assessment->end_ns) ||
         assessment->end_ns < assessment->begin_ns ||
         count > MOST_LINKS))
        return refuse(err, "replayed");
    if (status == RNET_OK)
        status = tunnels_read(root, &assessment->tunnels, err);
    if (status == RNET_OK)
        status = criteria_read(json_object_get(root, "criteria"), &assessment->criteria, err);
    if (status != RNET_OK)
        return status;
    assessment->links = rnet_alloc_zero(count + 1, sizeof *assessment->links);
    if (assessment->links == NULL)
        return RNET_ENOMEM;
    while (status == RNET_OK && assessment->link_count < count) {
        status = link_read(json_array_get(links, assessment->link_count), &assessment->criteria,
                           &assessment->links[assessment->link_count], err);
        assessment->link_count++;
    }
    if (status == RNET_OK)
        assessment_conclude(assessment);
    return status;
}

static enum rnet_status
provenance_read(const json_t *json, struct rnet_saved_report *saved, struct rnet_error *err)
{
    const json_t *confinement = json_object_get(json, "confinement");
    const bool confined = json_is_string(confinement);

    if (!field_text(json_object_get(json, "input_xxh3_128"), saved->profile.digest,
                    sizeof saved->profile.digest) ||
        !field_text(json_object_get(json, "netsuff"), saved->made_by, sizeof saved->made_by) ||
        (confined && !field_text(confinement, saved->confinement, sizeof saved->confinement)))
        return refuse(err, "provenance");
    saved->report.confinement = confined ? saved->confinement : NULL;
    return RNET_OK;
}

static enum rnet_status
document_read(const json_t *root, struct rnet_saved_report *saved, struct rnet_error *err)
{
    const char *format = json_string_value(json_object_get(root, "format"));
    const json_int_t version = json_integer_value(json_object_get(root, "version"));
    enum rnet_status status;

    if (format == NULL || strcmp(format, REPORT_JSON_FORMAT) != 0)
        return rnet_error_set(err, RNET_EFORMAT, "this is JSON, but not a report of netsuff");
    if (version < 1 || version > RNET_REPORT_JSON_VERSION)
        return rnet_error_set(err, RNET_EUNSUPPORTED,
                              "the report is of version %lld, this netsuff reads versions up to %d",
                              (long long)version, RNET_REPORT_JSON_VERSION);
    status = provenance_read(json_object_get(root, "provenance"), saved, err);
    if (status == RNET_OK)
        status = notices_read(json_object_get(root, "notices"), &saved->profile.notices, err);
    if (status == RNET_OK)
        status = seen_read(json_object_get(root, "seen"), saved, err);
    if (status == RNET_OK)
        status = assessment_read(root, &saved->assessment, err);
    return status;
}

enum rnet_status
rnet_report_read(const void *bytes, size_t count, struct rnet_saved_report **saved,
                 struct rnet_error *err)
{
    struct rnet_saved_report *made = NULL;
    enum rnet_status status = RNET_ENOMEM;
    json_error_t where;
    json_t *root;

    if (count > MOST_BYTES)
        return rnet_error_set(err, RNET_EFORMAT, "too large for a report: %zu bytes, at most %u",
                              count, MOST_BYTES);
    root = json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL)
        return rnet_error_set(err, RNET_EFORMAT, "not a saved report: line %d, column %d: %s",
                              where.line, where.column, where.text);
    made = rnet_alloc_zero(1, sizeof *made);
    if (made != NULL)
        status = document_read(root, made, err);
    if (status == RNET_ENOMEM)
        rnet_error_set(err, status, "out of memory reading a report");
    json_decref(root);
    if (status != RNET_OK) {
        rnet_saved_report_free(made);
        return status;
    }
    made->report.profile = &made->profile;
    made->report.assessment = &made->assessment;
    made->report.timeline = made->timeline.windows > 0 ? &made->timeline : NULL;
    made->report.made_by = made->made_by;
    *saved = made;
    return RNET_OK;
}

const struct rnet_report *
rnet_saved_report_get(const struct rnet_saved_report *saved)
{
    return &saved->report;
}

void
rnet_saved_report_free(struct rnet_saved_report *saved)
{
    if (saved == NULL)
        return;
    condensed_clear(&saved->timeline);
    rnet_assessment_clear(&saved->assessment);
    rnet_free(saved);
}
