/* Structs to JSON and back, by tables of their fields. */
#include "report/fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

json_t *
number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *
count_json(uint64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *
number_write(double value)
{
    if (isnan(value))
        return json_null();
    if (isinf(value))
        return json_string(value > 0 ? "inf" : "-inf");
    return json_real(value);
}

bool
number_read(const json_t *json, double *value)
{
    const char *text = json_string_value(json);

    if (json_is_null(json))
        *value = (double)NAN;
    else if (json_is_number(json))
        *value = json_number_value(json);
    else if (text != NULL && strcmp(text, "inf") == 0)
        *value = (double)INFINITY;
    else if (text != NULL && strcmp(text, "-inf") == 0)
        *value = -(double)INFINITY;
    else
        return false;
    return true;
}

int
field_names_find(const struct field_names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->name(i), name) == 0)
            return i;
    return -1;
}

void
json_add(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) == 0)
        return;
    json_decref(*object);
    *object = NULL;
}

void
json_push(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

static json_t *
set_write(const struct field_names *names, uint32_t bits)
{
    json_t *array = json_array();

    for (int i = 0; i < names->count; i++)
        if ((bits >> i & 1) != 0)
            json_push(&array, json_string(names->name(i)));
    return array;
}

static json_t *
array_write(const double *values, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_push(&array, number_write(values[i]));
    return array;
}

static json_t *
field_write(const struct field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_BOOL:
        return json_boolean(*(const bool *)member);
    case FIELD_U32:
        return json_integer((json_int_t) * (const uint32_t *)member);
    case FIELD_U64:
        return json_integer((json_int_t) * (const uint64_t *)member);
    case FIELD_SIZE:
        return json_integer((json_int_t) * (const size_t *)member);
    case FIELD_NUMBER:
        return number_write(*(const double *)member);
    case FIELD_TEXT:
        return json_string(member);
    case FIELD_NAME:
        return json_string(field->names->name(*(const int *)member));
    case FIELD_SET:
        return set_write(field->names, *(const uint32_t *)member);
    case FIELD_ARRAY:
        return array_write(member, field->size);
    case FIELD_OBJECT:
        return fields_write(field->fields, member);
    }
    return NULL;
}

json_t *
fields_write(const struct field *fields, const void *object)
{
    json_t *json = json_object();

    for (const struct field *field = fields; field->key != NULL; field++)
        json_add(&json, field->key, field_write(field, (const char *)object + field->offset));
    return json;
}

static bool
count_read(const json_t *json, uint64_t most, uint64_t *value)
{
    const json_int_t number = json_integer_value(json);

    if (!json_is_integer(json) || number < 0 || (uint64_t)number > most)
        return false;
    *value = (uint64_t)number;
    return true;
}

bool
field_text(const json_t *json, char *text, size_t room)
{
    const size_t length = json_string_length(json);

    if (!json_is_string(json) || length >= room || strlen(json_string_value(json)) != length ||
        !rnet_is_printable(json_string_value(json)))
        return false;
    memcpy(text, json_string_value(json), length + 1);
    return true;
}

static bool
name_read(const struct field_names *names, const json_t *json, int *value)
{
    const char *name = json_string_value(json);
    const int found = name != NULL ? field_names_find(names, name) : -1;

    if (found >= 0)
        *value = found;
    return found >= 0;
}

static bool
set_read(const struct field_names *names, const json_t *json, uint32_t *bits)
{
    *bits = 0;
    for (size_t i = 0; i < json_array_size(json); i++) {
        int value;

        if (!name_read(names, json_array_get(json, i), &value))
            return false;
        *bits |= UINT32_C(1) << value;
    }
    return json_is_array(json);
}

static bool
array_read(const json_t *json, double *values, size_t count)
{
    if (json_array_size(json) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!number_read(json_array_get(json, i), &values[i]))
            return false;
    return true;
}

/* Anything but FIELD_OBJECT. */
static bool
field_read(const struct field *field, void *member, const json_t *json)
{
    uint64_t count = 0;
    bool ok = false;

    switch (field->kind) {
    case FIELD_BOOL:
        *(bool *)member = json_is_true(json);
        return json_is_boolean(json);
    case FIELD_U32:
        ok = count_read(json, UINT32_MAX, &count);
        *(uint32_t *)member = (uint32_t)count;
        return ok;
    case FIELD_U64:
        return count_read(json, INT64_MAX, (uint64_t *)member);
    case FIELD_SIZE:
        ok = count_read(json, SIZE_MAX, &count);
        *(size_t *)member = (size_t)count;
        return ok;
    case FIELD_NUMBER:
        return number_read(json, member);
    case FIELD_TEXT:
        return field_text(json, member, field->size);
    case FIELD_NAME:
        return name_read(field->names, json, member);
    case FIELD_SET:
        return set_read(field->names, json, member);
    case FIELD_ARRAY:
        return array_read(json, member, field->size);
    case FIELD_OBJECT:
        break;
    }
    return false;
}

enum rnet_status
fields_read(const struct field *fields, void *object, const json_t *json, const char *where,
            struct rnet_error *err)
{
    for (const struct field *field = fields; field->key != NULL; field++) {
        const json_t *value = json_object_get(json, field->key);
        void *member = (char *)object + field->offset;
        char inside[160];
        enum rnet_status status = RNET_OK;

        snprintf(inside, sizeof inside, "%s.%s", where, field->key);
        if (value == NULL)
            return rnet_error_set(err, RNET_EFORMAT, "saved report: %s is missing", inside);
        if (field->kind == FIELD_OBJECT)
            status = fields_read(field->fields, member, value, inside, err);
        else if (!field_read(field, member, value))
            status = rnet_error_set(err, RNET_EFORMAT, "saved report: %s has no value it may have",
                                    inside);
        if (status != RNET_OK)
            return status;
    }
    return RNET_OK;
}
