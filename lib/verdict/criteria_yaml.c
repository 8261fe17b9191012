/*
 * Criteria from YAML, by libyaml's document tree, which knows the line and column of every word: a
 * wrong key is refused where it stands, with the nearest valid name.
 *
 * The tree may hold cycles (an anchor inside itself); the reader descends four levels and no more.
 */
#include "verdict/verdict.h"

#include <yaml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 200u

struct reader {
    yaml_document_t document;
    const char *file;
    struct rnet_criteria *criteria;
    struct rnet_error *err;
    double share; /* of criteria that name none */
};

/* A key of a mapping and what reads its value. */
struct key {
    const char *name;
    enum rnet_status (*read)(struct reader *reader, yaml_node_t *value, void *into);
};

static enum rnet_status
refuse(struct reader *reader, const yaml_node_t *node, const char *what, const char *written,
       const char *nearest)
{
    if (reader->err != NULL)
        reader->err->position = node->start_mark.column + 1;
    return rnet_error_set(reader->err, RNET_EINVAL, "%s: line %zu, column %zu: %s%s%.60s%s%s%s%s",
                          reader->file, node->start_mark.line + 1, node->start_mark.column + 1,
                          _(what), written != NULL ? " \"" : "", written != NULL ? written : "",
                          written != NULL ? "\"" : "", nearest != NULL ? _("; did you mean \"") : "",
                          nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
}

static const char *
scalar_of(const yaml_node_t *node)
{
    return node != NULL && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value
                                                          : NULL;
}

static enum rnet_status
unknown_key(struct reader *reader, const yaml_node_t *node, const struct key *keys, size_t count)
{
    const char *names[24] = {NULL};
    const char *written = scalar_of(node);

    for (size_t i = 0; i < count && i + 1 < sizeof names / sizeof names[0]; i++)
        names[i] = keys[i].name;
    return refuse(reader, node, "unknown key", written != NULL ? written : "?",
                  written != NULL ? nearest_name(written, names) : NULL);
}

static enum rnet_status
read_mapping(struct reader *reader, yaml_node_t *node, const struct key *keys, size_t count,
             void *into)
{
    if (node->type != YAML_MAPPING_NODE)
        return refuse(reader, node, "expected keys and values here", NULL, NULL);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = yaml_document_get_node(&reader->document, pair->key);
        yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
        const char *text = scalar_of(name);
        enum rnet_status status;
        size_t i = 0;

        if (name == NULL || value == NULL)
            return RNET_EFORMAT;
        while (i < count && (text == NULL || strcmp(keys[i].name, text) != 0))
            i++;
        status =
            i < count ? keys[i].read(reader, value, into) : unknown_key(reader, name, keys, count);
        if (status != RNET_OK)
            return status;
    }
    return RNET_OK;
}

static enum rnet_status
read_number(struct reader *reader, yaml_node_t *value, double least, double most, double *into)
{
    const char *text = scalar_of(value);
    char *end = NULL;
    const double number = text != NULL ? strtod(text, &end) : 0;

    if (text == NULL || *text == '\0' || *end != '\0' || !(number >= least) || !(number <= most)) {
        char what[80];

        snprintf(what, sizeof what, "expected a number from %g to %g, not", least, most);
        return refuse(reader, value, what, text != NULL ? text : "?", NULL);
    }
    *into = number;
    return RNET_OK;
}

static enum rnet_status
read_text(struct reader *reader, yaml_node_t *value, char *into, size_t bytes)
{
    const char *text = scalar_of(value);
    size_t length = text != NULL ? strlen(text) : 0;

    if (text == NULL || length != value->data.scalar.length || length >= bytes)
        return refuse(reader, value, "expected a text, shorter than what is here", NULL, NULL);
    if (length > 0 && text[length - 1] == '\n') /* of a folded block */
        length--;
    memcpy(into, text, length);
    into[length] = '\0';
    if (!rnet_is_printable(into))
        return refuse(reader, value, "expected one line of printable characters", NULL, NULL);
    return RNET_OK;
}

static enum rnet_status
read_bool(struct reader *reader, yaml_node_t *value, bool *into)
{
    const char *text = scalar_of(value);

    if (text == NULL || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
        return refuse(reader, value, "expected true or false, not", text != NULL ? text : "?",
                      NULL);
    *into = *text == 't';
    return RNET_OK;
}

/* One reader per field: the table of keys stays a plain table. */
#define LIMIT_MAX 1e9
#define READS_NUMBER(function, type, field, most)                                                  \
    static enum rnet_status function(struct reader *reader, yaml_node_t *value, void *into)        \
    {                                                                                              \
        return read_number(reader, value, 0, most, &((type *)into)->field);                        \
    }
#define READS_TEXT(function, type, field)                                                          \
    static enum rnet_status function(struct reader *reader, yaml_node_t *value, void *into)        \
    {                                                                                              \
        return read_text(reader, value, ((type *)into)->field, sizeof((type *)into)->field);       \
    }
#define READS_BOOL(function, type, field)                                                          \
    static enum rnet_status function(struct reader *reader, yaml_node_t *value, void *into)        \
    {                                                                                              \
        return read_bool(reader, value, &((type *)into)->field);                                   \
    }

READS_NUMBER(rule_read_good, struct rnet_rule, good, LIMIT_MAX)
READS_NUMBER(rule_read_acceptable, struct rnet_rule, acceptable, LIMIT_MAX)
READS_NUMBER(rule_read_good_per_mb, struct rnet_rule, good_per_mb, LIMIT_MAX)
READS_NUMBER(rule_read_acceptable_per_mb, struct rnet_rule, acceptable_per_mb, LIMIT_MAX)
READS_NUMBER(rule_read_good_cap, struct rnet_rule, good_cap, LIMIT_MAX)
READS_NUMBER(rule_read_acceptable_cap, struct rnet_rule, acceptable_cap, LIMIT_MAX)
READS_TEXT(rule_read_source, struct rnet_rule, source)
READS_BOOL(rule_read_verified, struct rnet_rule, verified)
READS_TEXT(criterion_read_name, struct rnet_criterion, name)
READS_BOOL(criterion_read_essential, struct rnet_criterion, essential)
READS_BOOL(criterion_read_background, struct rnet_criterion, background)
READS_BOOL(criterion_read_judged, struct rnet_criterion, judged)
READS_NUMBER(criterion_read_share, struct rnet_criterion, share, 1)
READS_NUMBER(criterion_read_minimum, struct rnet_criterion, minimum, LIMIT_MAX)
READS_TEXT(set_read_id, struct rnet_criteria, id)
READS_TEXT(set_read_title, struct rnet_criteria, title)

static enum rnet_status
rule_read_kinds(struct reader *reader, yaml_node_t *value, void *into)
{
    struct rnet_rule *rule = into;
    const char *names[RNET_USE_KINDS + 1] = {NULL};

    if (value->type != YAML_SEQUENCE_NODE)
        return refuse(reader, value, "expected a list of kinds of use", NULL, NULL);
    for (int i = 0; i < RNET_USE_KINDS; i++)
        names[i] = rnet_use_kind_id((enum rnet_use_kind)i);
    rule->kinds = 0;
    for (yaml_node_item_t *item = value->data.sequence.items.start;
         item < value->data.sequence.items.top; item++) {
        yaml_node_t *node = yaml_document_get_node(&reader->document, *item);
        const char *text = scalar_of(node);
        enum rnet_use_kind kind;

        if (text == NULL || rnet_use_kind_find(text, &kind) != RNET_OK)
            return refuse(reader, node, "unknown kind of use", text != NULL ? text : "?",
                          text != NULL ? nearest_name(text, names) : NULL);
        rule->kinds |= 1u << kind;
    }
    return RNET_OK;
}

static enum rnet_status
ignored(struct reader *reader, yaml_node_t *value, void *into)
{
    (void)reader, (void)value, (void)into; /* read beforehand, to find what is overridden */
    return RNET_OK;
}

static const struct key rule_keys[] = {
    {"metric", ignored},
    {"good", rule_read_good},
    {"acceptable", rule_read_acceptable},
    {"good_per_mb", rule_read_good_per_mb},
    {"acceptable_per_mb", rule_read_acceptable_per_mb},
    {"good_cap", rule_read_good_cap},
    {"acceptable_cap", rule_read_acceptable_cap},
    {"kinds", rule_read_kinds},
    {"source", rule_read_source},
    {"verified", rule_read_verified},
};

/* The value of a key in a mapping; NULL if it is not there. */
static yaml_node_t *
lookup(struct reader *reader, yaml_node_t *node, const char *name)
{
    if (node == NULL || node->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const char *text = scalar_of(yaml_document_get_node(&reader->document, pair->key));

        if (text != NULL && strcmp(text, name) == 0)
            return yaml_document_get_node(&reader->document, pair->value);
    }
    return NULL;
}

static enum rnet_status
find_metric(struct reader *reader, yaml_node_t *node, enum rnet_metric *metric)
{
    yaml_node_t *value = lookup(reader, node, "metric");
    const char *names[RNET_METRIC_COUNT + 1] = {NULL};
    const char *text = scalar_of(value);

    if (text == NULL)
        return refuse(reader, value != NULL ? value : node, "a rule needs its metric", NULL, NULL);
    if (rnet_metric_find(text, metric) == RNET_OK)
        return RNET_OK;
    for (int i = 0; i < RNET_METRIC_COUNT; i++)
        names[i] = rnet_metric_info((enum rnet_metric)i)->id;
    return refuse(reader, value, "unknown metric", text, nearest_name(text, names));
}

static enum rnet_status
check_rule(struct reader *reader, const yaml_node_t *node, const struct rnet_rule *rule)
{
    const bool higher = rnet_metric_info(rule->metric)->higher_is_better;

    if (higher ? rule->good < rule->acceptable : rule->good > rule->acceptable)
        return refuse(reader, node, "good is worse than acceptable here", NULL, NULL);
    return RNET_OK;
}

static enum rnet_status
read_rule(struct reader *reader, yaml_node_t *node, struct rnet_criterion *criterion)
{
    enum rnet_metric metric = RNET_METRIC_PAGE_S;
    enum rnet_status status = find_metric(reader, node, &metric);
    struct rnet_rule *rule = NULL;

    if (status != RNET_OK)
        return status;
    for (size_t i = 0; i < criterion->rule_count; i++)
        if (criterion->rules[i].metric == metric)
            rule = &criterion->rules[i];
    if (rule == NULL) {
        if (criterion->rule_count == RNET_CRITERION_RULES)
            return refuse(reader, node, "too many rules for one criterion", NULL, NULL);
        if (lookup(reader, node, "good") == NULL || lookup(reader, node, "acceptable") == NULL)
            return refuse(reader, node, "a new rule needs good and acceptable", NULL, NULL);
        rule = &criterion->rules[criterion->rule_count++];
        *rule = (struct rnet_rule){.metric = metric};
    }
    status = read_mapping(reader, node, rule_keys, sizeof rule_keys / sizeof rule_keys[0], rule);
    return status == RNET_OK ? check_rule(reader, node, rule) : status;
}

static enum rnet_status
criterion_read_rules(struct reader *reader, yaml_node_t *value, void *into)
{
    enum rnet_status status = RNET_OK;

    if (value->type != YAML_SEQUENCE_NODE)
        return refuse(reader, value, "expected a list of rules", NULL, NULL);
    for (yaml_node_item_t *item = value->data.sequence.items.start;
         status == RNET_OK && item < value->data.sequence.items.top; item++)
        status = read_rule(reader, yaml_document_get_node(&reader->document, *item), into);
    return status;
}

static enum rnet_status
read_usage(struct reader *reader, yaml_node_t *node, struct rnet_criterion *criterion)
{
    const char *names[RNET_USAGE_COUNT + 1] = {NULL};
    const char *text = scalar_of(node);
    enum rnet_usage usage;

    if (text != NULL && rnet_usage_find(text, &usage) == RNET_OK) {
        criterion->usages |= 1u << usage;
        return RNET_OK;
    }
    for (int i = 0; i < RNET_USAGE_COUNT; i++)
        names[i] = rnet_usage_info((enum rnet_usage)i)->id;
    return refuse(reader, node, "unknown usage", text != NULL ? text : "?",
                  text != NULL ? nearest_name(text, names) : NULL);
}

static enum rnet_status
criterion_read_usages(struct reader *reader, yaml_node_t *value, void *into)
{
    struct rnet_criterion *criterion = into;
    enum rnet_status status = RNET_OK;

    if (value->type != YAML_SEQUENCE_NODE)
        return refuse(reader, value, "expected a list of usages", NULL, NULL);
    criterion->usages = 0;
    for (yaml_node_item_t *item = value->data.sequence.items.start;
         status == RNET_OK && item < value->data.sequence.items.top; item++)
        status = read_usage(reader, yaml_document_get_node(&reader->document, *item), criterion);
    return status;
}

static const struct key criterion_keys[] = {
    {"id", ignored},
    {"name", criterion_read_name},
    {"usages", criterion_read_usages},
    {"essential", criterion_read_essential},
    {"background", criterion_read_background},
    {"judged", criterion_read_judged},
    {"share", criterion_read_share},
    {"minimum", criterion_read_minimum},
    {"rules", criterion_read_rules},
};

static enum rnet_status
find_criterion(struct reader *reader, yaml_node_t *node, struct rnet_criterion **found)
{
    struct rnet_criteria *criteria = reader->criteria;
    yaml_node_t *value = lookup(reader, node, "id");
    struct rnet_criterion *items;
    char id[sizeof items->id];
    enum rnet_status status;

    if (value == NULL)
        return refuse(reader, node, "a criterion needs its id", NULL, NULL);
    status = read_text(reader, value, id, sizeof id);
    if (status != RNET_OK)
        return status;
    for (size_t i = 0; i < criteria->count; i++) {
        *found = &criteria->items[i];
        if (strcmp((*found)->id, id) == 0)
            return RNET_OK;
    }
    if (criteria->count == ITEMS_MAX)
        return refuse(reader, node, "too many criteria", NULL, NULL);
    if (lookup(reader, node, "usages") == NULL) {
        const char *names[ITEMS_MAX + 1] = {NULL};

        for (size_t i = 0; i < criteria->count; i++)
            names[i] = criteria->items[i].id;
        return refuse(reader, value, "a new criterion needs its usages; unknown", id,
                      nearest_name(id, names));
    }
    items = rnet_realloc_array(criteria->items, criteria->count + 1, sizeof *items);
    if (items == NULL)
        return rnet_error_set(reader->err, RNET_ENOMEM, "%s: out of memory", reader->file);
    criteria->items = items;
    *found = &items[criteria->count++];
    **found = (struct rnet_criterion){.judged = true, .share = reader->share};
    memcpy((*found)->id, id, sizeof id);
    memcpy((*found)->name, id, sizeof id);
    return RNET_OK;
}

static enum rnet_status
set_read_criteria(struct reader *reader, yaml_node_t *value, void *into)
{
    enum rnet_status status = RNET_OK;

    (void)into;
    if (value->type != YAML_SEQUENCE_NODE)
        return refuse(reader, value, "expected a list of criteria", NULL, NULL);
    for (yaml_node_item_t *item = value->data.sequence.items.start;
         status == RNET_OK && item < value->data.sequence.items.top; item++) {
        yaml_node_t *node = yaml_document_get_node(&reader->document, *item);
        struct rnet_criterion *criterion = NULL;

        status = find_criterion(reader, node, &criterion);
        if (status == RNET_OK)
            status = read_mapping(reader, node, criterion_keys,
                                  sizeof criterion_keys / sizeof criterion_keys[0], criterion);
    }
    return status;
}

static enum rnet_status
set_read_share(struct reader *reader, yaml_node_t *value, void *into)
{
    struct rnet_criteria *criteria = into;
    const enum rnet_status status = read_number(reader, value, 0, 1, &reader->share);

    /* In an override, the share of every criterion already there. */
    for (size_t i = 0; status == RNET_OK && i < criteria->count; i++)
        criteria->items[i].share = reader->share;
    return status;
}

static const struct key set_keys[] = {
    {"set", set_read_id},
    {"title", set_read_title},
    {"share", set_read_share},
    {"criteria", set_read_criteria},
};

enum rnet_status
criteria_parse(const char *text, size_t bytes, const char *file, struct rnet_criteria *criteria,
               struct rnet_error *err)
{
    struct reader reader = {.file = file, .criteria = criteria, .err = err, .share = 0.95};
    enum rnet_status status;
    yaml_parser_t parser;
    yaml_node_t *root;

    if (!yaml_parser_initialize(&parser))
        return rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", file);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
    if (!yaml_parser_load(&parser, &reader.document)) {
        status = rnet_error_set(err, parser.problem == NULL ? RNET_ENOMEM : RNET_EINVAL,
                                "%s: line %zu, column %zu: %s", file, parser.problem_mark.line + 1,
                                parser.problem_mark.column + 1,
                                parser.problem != NULL ? parser.problem
                                                       : rnet_status_text(RNET_ENOMEM));
        yaml_parser_delete(&parser);
        return status;
    }
    root = yaml_document_get_root_node(&reader.document);
    status = root == NULL ? rnet_error_set(err, RNET_EINVAL, "%s: holds nothing", file)
                          : read_mapping(&reader, root, set_keys,
                                         sizeof set_keys / sizeof set_keys[0], criteria);
    yaml_document_delete(&reader.document);
    yaml_parser_delete(&parser);
    return status;
}
