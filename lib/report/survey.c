/* What a survey holds, for programs and for spreadsheets. */
#include "claim/survey.h"
#include "report/fields.h"
#include "report/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SURVEY_JSON_VERSION 1

/* JSON ---------------------------------------------------------------------------------------- */

static json_t *
text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static enum rnet_status
firm_json(void *context, const struct rnet_firm *firm)
{
    json_t *entry =
        json_pack("{s:s, s:o, s:o, s:f, s:o, s:b, s:[]}", "name", firm->name, "sector",
                  text_or_null(firm->sector), "staff",
                  firm->staff > 0 ? count_json(firm->staff) : json_null(), "weight", firm->weight,
                  "line", text_or_null(firm->line), "modelled", firm->modelled, "captures");

    return entry != NULL && json_array_append_new(context, entry) == 0 ? RNET_OK : RNET_ENOMEM;
}

static json_t *
usage_json(const struct rnet_usage_summary *usage)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:f, s:f, s:f, s:f}", "usage",
                     rnet_usage_info(usage->usage)->id, "flows", count_json(usage->flows),
                     "bytes_up", count_json(usage->bytes[RNET_UP]), "bytes_down",
                     count_json(usage->bytes[RNET_DOWN]), "active_s", usage->active_s, "p95_up_bps",
                     usage->p95_bps[RNET_UP], "p95_down_bps", usage->p95_bps[RNET_DOWN],
                     "label_confidence", usage->confidence);
}

static enum rnet_status
capture_json(void *context, const struct rnet_firm *firm,
             const struct rnet_profile_summary *summary)
{
    json_t *last = json_array_get(context, json_array_size(context) - 1);
    json_t *usages = json_array();
    json_t *entry;

    (void)firm;
    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        if (summary->usages[i].flows > 0)
            json_push(&usages, usage_json(&summary->usages[i]));
    entry = json_pack("{s:s, s:o, s:f, s:b, s:o, s:o}", "digest", summary->digest, "packets",
                      count_json(summary->packets), "duration_s",
                      (double)(summary->end_ns - summary->begin_ns) / 1e9, "complete",
                      summary->complete, "office_hosts", count_json(summary->office_hosts),
                      "usages", usages);
    return entry != NULL && json_array_append_new(json_object_get(last, "captures"), entry) == 0
               ? RNET_OK
               : RNET_ENOMEM;
}

enum rnet_status
rnet_report_survey_json(struct rnet_survey *survey, char **text, size_t *length,
                        struct rnet_error *err)
{
    json_t *firms = json_array();
    const struct survey_visitor visitor = {firm_json, capture_json, firms};
    enum rnet_status status = firms != NULL ? survey_visit(survey, &visitor, err) : RNET_ENOMEM;
    json_t *root = json_pack("{s:i, s:s, s:o}", "version", SURVEY_JSON_VERSION, "netsuff",
                             rnet_version(), "firms", firms);

    if (status != RNET_OK) {
        json_decref(root);
        return status;
    }
    status = json_take(root, 12, text, length);
    return status == RNET_OK ? status : rnet_error_set(err, status, "out of memory");
}

/* Comma-separated values (RFC 4180) ----------------------------------------------------------- */

static void
add_firm_fields(struct text *out, const struct rnet_firm *firm)
{
    text_add_csv(out, firm->name);
    text_add(out, ",");
    text_add_csv(out, firm->sector);
    if (firm->staff > 0)
        text_add(out, ",%u", (unsigned)firm->staff);
    else
        text_add(out, ",");
    text_add(out, ",%.12g,", firm->weight);
    text_add_csv(out, firm->line);
    text_add(out, ",%d", firm->modelled);
}

static enum rnet_status
firm_csv(void *context, const struct rnet_firm *firm)
{
    if (firm->captures == 0) {
        add_firm_fields(context, firm);
        text_add(context, ",,,,,,,,\n");
    }
    return RNET_OK;
}

static enum rnet_status
capture_csv(void *context, const struct rnet_firm *firm, const struct rnet_profile_summary *summary)
{
    for (int i = 0; i < RNET_USAGE_COUNT; i++) {
        const struct rnet_usage_summary *usage = &summary->usages[i];

        if (usage->flows == 0)
            continue;
        add_firm_fields(context, firm);
        text_add(context, ",%s,%.9g,%s,%llu,%llu,%llu,%.9g,%.4g\n", summary->digest,
                 (double)(summary->end_ns - summary->begin_ns) / 1e9,
                 rnet_usage_info(usage->usage)->id, (unsigned long long)usage->flows,
                 (unsigned long long)usage->bytes[RNET_UP],
                 (unsigned long long)usage->bytes[RNET_DOWN], usage->active_s, usage->confidence);
    }
    return RNET_OK;
}

enum rnet_status
rnet_report_survey_csv(struct rnet_survey *survey, char **text, size_t *length,
                       struct rnet_error *err)
{
    struct text out = {0};
    const struct survey_visitor visitor = {firm_csv, capture_csv, &out};
    enum rnet_status status;

    text_add(&out, "firm,sector,staff,weight,line,modelled,digest,duration_s,usage,flows,bytes_up,"
                   "bytes_down,active_s,label_confidence\n");
    status = survey_visit(survey, &visitor, err);
    if (status != RNET_OK) {
        rnet_report_free(out.bytes);
        return status;
    }
    return text_take(&out, text, length);
}
