/* Reading the data tables: where they are found, how a line is cut, how a bad one is refused. */
#include "usage/table.h"

#include "base/base.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table larger than this is not one a person wrote. */
#define TABLE_BYTES_MAX (UINT32_C(8) << 20)
#define TABLE_STEP_BYTES 65536

const char *
rnet_table_name(enum rnet_table table)
{
    static const char *const names[RNET_TABLES] = {
        [RNET_TABLE_NONE] = "",
        [RNET_TABLE_AGENTS] = "agents.txt",
        [RNET_TABLE_NAMES] = "names.txt",
        [RNET_TABLE_PORTS] = "ports.txt",
        [RNET_TABLE_PROTOCOLS] = "protocols.txt",
        [RNET_TABLE_RANGES] = "ranges.txt",
        [RNET_TABLE_SIGNATURES] = "signatures.txt",
    };

    return names[(unsigned)table < RNET_TABLES ? table : RNET_TABLE_NONE];
}

void
rnet_table_note(const struct rnet_table_line *line, enum rnet_table table,
                struct rnet_opinion *opinion)
{
    opinion->table = (uint8_t)table;
    opinion->line = line->number < UINT16_MAX ? (uint16_t)line->number : 0;
}

enum rnet_status
rnet_table_refuse(struct rnet_error *err, const struct rnet_table_line *line, const char *format,
                  ...)
{
    char reason[256];
    va_list args;
    enum rnet_status status;

    va_start(args, format);
    vsnprintf(reason, sizeof reason, _(format), args);
    va_end(args);
    status = rnet_error_set(err, RNET_EFORMAT, "%.150s:%u: %s", line->file, line->number, reason);
    if (err != NULL)
        err->position = line->number;
    return status;
}

enum rnet_status
rnet_table_usage(const struct rnet_table_line *line, size_t field, enum rnet_usage *usage,
                 struct rnet_error *err)
{
    if (rnet_usage_find(line->field[field], usage) != RNET_OK)
        return rnet_table_refuse(err, line, "no usage is called '%.40s'", line->field[field]);
    return RNET_OK;
}

enum rnet_status
rnet_table_confidence(const struct rnet_table_line *line, size_t field, float *confidence,
                      struct rnet_error *err)
{
    char *end;
    const float value = strtof(line->field[field], &end);

    if (*end != '\0' || end == line->field[field] || !(value > 0 && value <= 1))
        return rnet_table_refuse(err, line, "a confidence is above 0 and at most 1, not '%.40s'",
                                 line->field[field]);
    *confidence = value;
    return RNET_OK;
}

enum rnet_status
rnet_table_range(const struct rnet_table_line *line, size_t field, uint16_t *first, uint16_t *last,
                 struct rnet_error *err)
{
    unsigned low, high;
    int used = 0;

    if (sscanf(line->field[field], "%5u%n-%5u%n", &low, &used, &high, &used) < 2)
        high = low;
    if (used == 0 || line->field[field][used] != '\0' || low > high || high > UINT16_MAX)
        return rnet_table_refuse(err, line, "'%.40s' is neither a number up to 65535 nor a range",
                                 line->field[field]);
    *first = (uint16_t)low;
    *last = (uint16_t)high;
    return RNET_OK;
}

static void
cut_line(char *text, struct rnet_table_line *line)
{
    char *state = NULL;

    text[strcspn(text, "#")] = '\0';
    line->fields = 0;
    for (char *field = strtok_r(text, " \t\r\v\f", &state);
         field != NULL && line->fields < RNET_TABLE_FIELDS;
         field = strtok_r(NULL, " \t\r\v\f", &state))
        line->field[line->fields++] = field;
}

/* Cuts `text` in place. */
static enum rnet_status
read_text(char *text, const char *file, rnet_table_take take, void *context, struct rnet_error *err)
{
    struct rnet_table_line line = {.file = file};
    enum rnet_status status = RNET_OK;

    for (char *next, *at = text; at != NULL && status == RNET_OK; at = next) {
        next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        line.number++;
        cut_line(at, &line);
        if (line.fields > 0)
            status = take(context, &line, err);
    }
    return status;
}

/* Read what is left of `file` into a new string. */
static enum rnet_status
load_stream(FILE *file, const char *path, char **text, struct rnet_error *err)
{
    size_t bytes = 0, capacity = 0;
    void *buffer = NULL;
    enum rnet_status status = RNET_OK;

    do {
        status = rnet_array_reserve(&buffer, &capacity, bytes + TABLE_STEP_BYTES + 1, 1);
        if (status != RNET_OK) {
            rnet_error_set(err, status, "%s: out of memory", path);
            break;
        }
        bytes += fread((char *)buffer + bytes, 1, TABLE_STEP_BYTES, file);
    } while (!feof(file) && !ferror(file) && bytes <= TABLE_BYTES_MAX);
    if (status == RNET_OK && ferror(file))
        status = rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    else if (status == RNET_OK && (bytes > TABLE_BYTES_MAX || memchr(buffer, '\0', bytes) != NULL))
        status = rnet_error_set(err, RNET_EFORMAT, "%s: not a text table", path);
    if (status != RNET_OK) {
        rnet_free(buffer);
        return status;
    }
    *text = buffer;
    (*text)[bytes] = '\0';
    return RNET_OK;
}

/* The whole file, ended by a NUL; RNET_ENOTFOUND when there is none. */
static enum rnet_status
load_file(const char *path, char **text, struct rnet_error *err)
{
    FILE *file = fopen(path, "rb");
    enum rnet_status status;

    if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
        return RNET_ENOTFOUND;
    if (file == NULL)
        return rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    status = load_stream(file, path, text, err);
    fclose(file);
    return status;
}

enum rnet_status
rnet_table_read_file(const char *path, rnet_table_take take, void *context, struct rnet_error *err)
{
    char *text = NULL;
    enum rnet_status status = load_file(path, &text, err);

    if (status == RNET_ENOTFOUND)
        return rnet_error_set(err, RNET_EIO, "%s: there is no such file", path);
    if (status == RNET_OK)
        status = read_text(text, path, take, context, err);
    rnet_free(text);
    return status;
}

enum rnet_status
rnet_table_read_text(const char *text, const char *name, rnet_table_take take, void *context,
                     struct rnet_error *err)
{
    char *own = rnet_strdup(text);
    enum rnet_status status = RNET_ENOMEM;

    if (own == NULL)
        return rnet_error_set(err, status, "%s: out of memory", name);
    status = read_text(own, name, take, context, err);
    rnet_free(own);
    return status;
}

static enum rnet_status
load_embedded(const char *name, char **text, struct rnet_error *err)
{
    for (const struct rnet_embedded_table *table = rnet_embedded_tables; table->name != NULL;
         table++) {
        if (strcmp(table->name, name) != 0)
            continue;
        *text = rnet_strdup(table->text);
        return *text != NULL ? RNET_OK
                             : rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", name);
    }
    return rnet_error_set(err, RNET_ENOTFOUND, "no table is called %s", name);
}

enum rnet_status
rnet_table_read(const char *directory, const char *name, rnet_table_take take, void *context,
                struct rnet_error *err)
{
    const char *const places[] = {directory, RNET_DATA_DIRECTORY};
    char path[4096];
    char *text = NULL;
    enum rnet_status status = RNET_ENOTFOUND;

    for (size_t i = 0; i < 2 && status == RNET_ENOTFOUND; i++) {
        if (places[i] == NULL)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", places[i], name) >= (int)sizeof path)
            return rnet_error_set(err, RNET_EINVAL, "the data directory's name is too long");
        status = load_file(path, &text, err);
    }
    if (status == RNET_ENOTFOUND) {
        snprintf(path, sizeof path, "%s", name);
        status = load_embedded(name, &text, err);
    }
    if (status != RNET_OK)
        return status;
    status = read_text(text, path, take, context, err);
    rnet_free(text);
    return status;
}
