/*
 * One description of a struct's fields serves writing them as JSON and reading them back, so that
 * the two cannot drift apart.
 */
#ifndef RNET_REPORT_FIELDS_H
#define RNET_REPORT_FIELDS_H

#include "base/base.h"

#include <jansson.h>
#include <stddef.h>

/* Add a value, taken over, to an object or array. When memory lacks, for it or before, the whole
 * becomes NULL, and so does what it is added to: a report is whole or not there. */
void
json_add(json_t **object, const char *key, json_t *value);
void
json_push(json_t **array, json_t *value);

/* A number as most documents have it: null where it is not finite. */
json_t *
number_json(double value);
json_t *
count_json(uint64_t value);

/* How a member stands in JSON. Numbers: null = not known (NAN), "inf" and "-inf" = without end. */
enum field_kind {
    FIELD_BOOL,
    FIELD_U32,
    FIELD_U64,
    FIELD_SIZE,
    FIELD_NUMBER, /* double */
    FIELD_TEXT,   /* char[size] */
    FIELD_NAME,   /* an enumeration, by its identifiers */
    FIELD_SET,    /* uint32_t of bits, as an array of identifiers */
    FIELD_ARRAY,  /* double[count] */
    FIELD_OBJECT, /* a struct of its own */
};

/* Identifiers of the values 0..count-1 of an enumeration. */
struct field_names {
    const char *(*name)(int value);
    int count;
};

struct field {
    const char *key; /* NULL ends a table */
    enum field_kind kind;
    size_t offset;
    size_t size; /* FIELD_TEXT: of the array; FIELD_ARRAY: items */
    const struct field_names *names;
    const struct field *fields; /* FIELD_OBJECT */
};

/* A new object, NULL when out of memory. */
json_t *
fields_write(const struct field *fields, const void *object);

/*
 * Fill a struct's members from an object. Every key of the table must be there and of its kind; others
 * are left to the caller. where names the object in complaints ("links[2]").
 * RNET_OK; RNET_EFORMAT with words.
 */
enum rnet_status
fields_read(const struct field *fields, void *object, const json_t *json, const char *where,
            struct rnet_error *err);

/* The number of an identifier, -1 when there is none. */
int
field_names_find(const struct field_names *names, const char *name);

/* A text of characters to be shown that fits: as FIELD_TEXT has it. */
bool
field_text(const json_t *json, char *text, size_t room);

/* One number, as FIELD_NUMBER has it. */
json_t *
number_write(double value);
bool
number_read(const json_t *json, double *value);

#endif
