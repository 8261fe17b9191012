/* Prints the JSON Schema of a report from the tables it is written by (lib/report/layout.c). */
#include "report/layout.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *
reference(const char *name)
{
    char target[64];

    snprintf(target, sizeof target, "#/$defs/%s", name);
    return json_pack("{s:s}", "$ref", target);
}

static json_t *
names_schema(const struct field_names *names)
{
    json_t *array = json_array();

    for (int i = 0; i < names->count; i++)
        json_array_append_new(array, json_string(names->name(i)));
    return json_pack("{s:o}", "enum", array);
}

static json_t *
table_schema(const struct field *fields);

static json_t *
field_schema(const struct field *field)
{
    switch (field->kind) {
    case FIELD_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case FIELD_U32:
    case FIELD_U64:
    case FIELD_SIZE:
        return reference("count");
    case FIELD_NUMBER:
        return reference("number");
    case FIELD_TEXT:
        return json_pack("{s:s, s:i}", "type", "string", "maxLength", (int)field->size - 1);
    case FIELD_NAME:
        return names_schema(field->names);
    case FIELD_SET:
        return json_pack("{s:s, s:o}", "type", "array", "items", names_schema(field->names));
    case FIELD_ARRAY:
        return json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items", reference("number"),
                         "minItems", (int)field->size, "maxItems", (int)field->size);
    case FIELD_OBJECT:
        return table_schema(field->fields);
    }
    return NULL;
}

/* An object that has every key of the table and no other. */
static json_t *
table_schema(const struct field *fields)
{
    json_t *properties = json_object(), *required = json_array();

    for (const struct field *field = fields; field->key != NULL; field++) {
        json_object_set_new(properties, field->key, field_schema(field));
        json_array_append_new(required, json_string(field->key));
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     required, "additionalProperties", false);
}

static json_t *
with(json_t *object, const char *key, json_t *schema)
{
    json_object_set_new(json_object_get(object, "properties"), key, schema);
    json_array_append_new(json_object_get(object, "required"), json_string(key));
    return object;
}

static json_t *
simple(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

static json_t *
array_of(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *
or_null(json_t *schema)
{
    return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
}

static json_t *
object(void)
{
    static const struct field none[] = {{NULL, FIELD_BOOL, 0, 0, NULL, NULL}};

    return table_schema(none);
}

static json_t *
timeline_schema(void)
{
    json_t *lane = array_of(reference("count")), *ways = object(), *root = object();

    json_object_set_new(json_object_get(ways, "properties"), "up", json_incref(lane));
    json_object_set_new(json_object_get(ways, "properties"), "down", lane);
    with(root, "window_s", reference("number"));
    with(root, "windows", reference("count"));
    with(root, "bytes",
         json_pack("{s:s, s:o, s:o}", "type", "object", "propertyNames", names_schema(&usage_names),
                   "additionalProperties", ways));
    return or_null(root);
}

static json_t *
seen_schema(void)
{
    json_t *usage = with(table_schema(layout_usage_seen), "name", simple("string"));
    json_t *root = table_schema(layout_seen);

    with(root, "duration_s", reference("number"));
    with(root, "rate_window_s", reference("number"));
    with(root, "usages", array_of(usage));
    return with(root, "timeline", timeline_schema());
}

static json_t *
criteria_schema(void)
{
    json_t *root = object();

    with(root, "id", simple("string"));
    with(root, "title", simple("string"));
    return with(root, "items",
                array_of(with(table_schema(layout_criterion), "rules",
                              array_of(table_schema(layout_rule)))));
}

static json_t *
link_schema(void)
{
    json_t *metric = table_schema(layout_metric), *usage = table_schema(layout_verdict);
    json_t *rates = object(), *root = table_schema(layout_office);

    with(metric, "name", simple("string"));
    with(metric, "unit", simple("string"));
    with(metric, "higher_is_better", simple("boolean"));
    with(usage, "criterion", simple("string"));
    with(usage, "name", simple("string"));
    with(usage, "metric", or_null(metric));
    with(rates, "up", reference("count"));
    with(rates, "down", reference("count"));
    with(root, "name", simple("string"));
    with(root, "specification", simple("string"));
    with(root, "rate_bps", rates);
    with(root, "sentence", simple("string"));
    with(root, "complete", simple("boolean"));
    with(root, "packets", reference("count"));
    with(root, "line_up", reference("line"));
    with(root, "line_down", reference("line"));
    return with(root, "usages", array_of(usage));
}

static json_t *
notice_schema(void)
{
    json_t *root = with(object(), "id", names_schema(&notice_names));

    return with(with(root, "count", reference("count")), "text", simple("string"));
}

static json_t *
document_schema(void)
{
    json_t *root = object(), *provenance = object(), *replayed = table_schema(layout_assessment);

    /* Not required: a program other than netsuff need not tell. */
    json_object_set_new(json_object_get(provenance, "properties"), "confinement", simple("string"));
    with(provenance, "netsuff", simple("string"));
    with(provenance, "input_xxh3_128", simple("string"));
    with(replayed, "begin_s", reference("number"));
    with(replayed, "end_s", reference("number"));
    with(replayed, "tunnels", table_schema(layout_tunnels));
    with(root, "format", json_pack("{s:s}", "const", REPORT_JSON_FORMAT));
    with(root, "version", json_pack("{s:i}", "const", RNET_REPORT_JSON_VERSION));
    with(root, "answer", simple("string"));
    with(root, "notices", array_of(notice_schema()));
    with(root, "provenance", provenance);
    with(root, "replayed", replayed);
    with(root, "criteria", criteria_schema());
    with(root, "seen", seen_schema());
    return with(root, "links", array_of(link_schema()));
}

static json_t *
definitions(void)
{
    return json_pack(
        "{s:{s:s, s:i}, s:{s:s, s:[{s:s}, {s:s}, {s:[s, s]}]}, s:o}", "count", "type", "integer",
        "minimum", 0, "number", "description",
        "null = not known, \"inf\" and \"-inf\" = without end or without any", "anyOf", "type",
        "number", "type", "null", "enum", "inf", "-inf", "line", table_schema(layout_line));
}

int
main(void)
{
    json_t *root = document_schema();

    json_object_set_new(root, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(root, "title",
                        json_string("Report of netsuff: what an office's line would have to carry"));
    json_object_set_new(root, "$defs", definitions());
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(root);
    return 0;
}
