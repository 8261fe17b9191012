/* Verdicts as comma-separated values (RFC 4180): one row per line and usage. */
#include "report/layout.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void
text_add_csv(struct text *text, const char *field)
{
    /* A spreadsheet takes a leading = + - @ for a formula: such text gets a quotation mark in
     * front. */
    const char *guard = field[0] != '\0' && strchr("=+-@\t", field[0]) != NULL ? "'" : "";

    if (strpbrk(field, ",\"\r\n") == NULL) {
        text_add(text, "%s%s", guard, field);
        return;
    }
    text_add(text, "\"%s", guard);
    for (; *field != '\0'; field++)
        text_add(text, *field == '"' ? "\"\"" : "%c", *field);
    text_add(text, "\"");
}

/* Columns are named by the keys on the way to them: acceptable_share_low. */
static void
add_heading(struct text *text, const struct field *fields, const char *prefix)
{
    for (const struct field *field = fields; field->key != NULL; field++) {
        char name[96];

        snprintf(name, sizeof name, "%s%s", prefix, field->key);
        if (field->kind == FIELD_OBJECT) {
            snprintf(name, sizeof name, "%s%s_", prefix, field->key);
            add_heading(text, field->fields, name);
        } else if (field->kind == FIELD_ARRAY) {
            for (size_t i = 0; i < field->size; i++)
                text_add(text, ",%s_%zu", name, i + 1);
        } else {
            text_add(text, ",%s", name);
        }
    }
}

static void
add_number(struct text *text, double value)
{
    if (isnan(value))
        text_add(text, ",");
    else if (isinf(value))
        text_add(text, ",%s", value > 0 ? "inf" : "-inf");
    else
        text_add(text, ",%.9g", value);
}

static void
add_value(struct text *text, const struct field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_BOOL:
        text_add(text, *(const bool *)member ? ",true" : ",false");
        break;
    case FIELD_U32:
        text_add(text, ",%" PRIu32, *(const uint32_t *)member);
        break;
    case FIELD_U64:
        text_add(text, ",%" PRIu64, *(const uint64_t *)member);
        break;
    case FIELD_SIZE:
        text_add(text, ",%zu", *(const size_t *)member);
        break;
    case FIELD_NUMBER:
        add_number(text, *(const double *)member);
        break;
    case FIELD_TEXT:
        text_add(text, ",");
        text_add_csv(text, member);
        break;
    case FIELD_NAME:
        text_add(text, ",%s", field->names->name(*(const int *)member));
        break;
    case FIELD_ARRAY:
        for (size_t i = 0; i < field->size; i++)
            add_number(text, ((const double *)member)[i]);
        break;
    case FIELD_SET:
    case FIELD_OBJECT:
        break;
    }
}

/* object NULL = as many empty columns. */
static void
add_values(struct text *text, const struct field *fields, const void *object)
{
    for (const struct field *field = fields; field->key != NULL; field++) {
        const void *member = object != NULL ? (const char *)object + field->offset : NULL;

        if (field->kind == FIELD_OBJECT)
            add_values(text, field->fields, member);
        else if (member != NULL)
            add_value(text, field, member);
        else
            for (size_t i = 0; i < (field->kind == FIELD_ARRAY ? field->size : 1); i++)
                text_add(text, ",");
    }
}

static void
add_verdict(struct text *text, const struct rnet_link_result *result,
            const struct rnet_usage_verdict *verdict)
{
    text_add_csv(text, result->link.name);
    text_add(text, ",");
    text_add_csv(text, result->link.specification);
    text_add(text, ",%" PRIu64 ",%" PRIu64 ",", result->link.direction[RNET_DOWN].rate_bps,
             result->link.direction[RNET_UP].rate_bps);
    text_add_csv(text, verdict->criterion->id);
    add_values(text, layout_verdict, verdict);
    add_values(text, layout_metric, verdict->has_metric ? verdict : NULL);
    text_add(text, "\n");
}

enum rnet_status
rnet_report_csv(const struct rnet_report *report, char **text, size_t *length)
{
    const struct rnet_assessment *assessment = report->assessment;
    struct text out = {0};

    text_add(&out, "link,specification,rate_down_bps,rate_up_bps,criterion");
    add_heading(&out, layout_verdict, "");
    add_heading(&out, layout_metric, "metric_");
    text_add(&out, "\n");
    for (size_t i = 0; i < assessment->link_count; i++)
        for (size_t item = 0; item < assessment->links[i].verdict.count; item++)
            if (assessment->links[i].verdict.items[item].used)
                add_verdict(&out, &assessment->links[i], &assessment->links[i].verdict.items[item]);
    return text_take(&out, text, length);
}
