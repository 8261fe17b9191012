/* What netsuff survey add is to read: files, folders, manifests. */
#include "survey.h"

#include "language.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_DEPTH 16
#define COLUMNS 6

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* A name cut short might be another firm's: refuse it. */
static bool
name_firm(struct rnet_firm *firm, const char *name, size_t length)
{
    if (length == 0 || length >= sizeof firm->name) {
        complain("%.*s: a firm's name has 1 to %zu bytes", (int)length, name,
                 sizeof firm->name - 1);
        return false;
    }
    memcpy(firm->name, name, length);
    firm->name[length] = '\0';
    return true;
}

static bool
push(struct survey_inputs *inputs, const char *path, const struct rnet_firm *firm)
{
    if (inputs->count == inputs->capacity) {
        const size_t capacity = inputs->capacity > 0 ? 2 * inputs->capacity : 64;
        struct survey_input *grown = realloc(inputs->items, capacity * sizeof *grown);

        if (grown == NULL) {
            complain("out of memory");
            return false;
        }
        inputs->items = grown;
        inputs->capacity = capacity;
    }
    inputs->items[inputs->count] = (struct survey_input){strdup(path), *firm};
    if (inputs->items[inputs->count].path == NULL) {
        complain("out of memory");
        return false;
    }
    inputs->count++;
    return true;
}

static bool
add_file(struct survey_inputs *inputs, const char *path, const struct rnet_firm *firm,
         enum firm_by by)
{
    struct rnet_firm own = *firm;
    const char *name = base_name(path);

    if (by == FIRM_FILE && !name_firm(&own, name, strcspn(name, ".")))
        return false;
    return push(inputs, path, &own);
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool
add_any(struct survey_inputs *inputs, const char *path, const struct rnet_firm *firm,
        enum firm_by by, int depth)
{
    struct rnet_firm own = *firm;
    struct dirent **entries;
    struct stat facts;
    bool ok = true;
    int count;

    if (strcmp(path, "-") == 0 || stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode))
        return add_file(inputs, path, firm, by);
    if (by == FIRM_FOLDER && !name_firm(&own, base_name(path), strlen(base_name(path))))
        return false;
    count = depth < MOST_DEPTH ? scandir(path, &entries, is_visible, alphasort) : -1;
    if (count < 0) {
        complain("%s: %s", path, depth < MOST_DEPTH ? strerror(errno) : _("folders too deep"));
        return false;
    }
    for (int i = 0; i < count; i++) {
        char below[4096];

        if (snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name) >= (int)sizeof below) {
            complain("%s: the name is too long", path);
            ok = false;
        }
        ok = ok && add_any(inputs, below, &own, by, depth + 1);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool
inputs_add(struct survey_inputs *inputs, const char *path, const struct rnet_firm *firm,
           enum firm_by by)
{
    char trimmed[4096];
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length >= sizeof trimmed) {
        complain("%s: the name is too long", path);
        return false;
    }
    snprintf(trimmed, sizeof trimmed, "%.*s", (int)length, path);
    return add_any(inputs, trimmed, firm, by, 0);
}

/* Manifests ----------------------------------------------------------------------------------- */

static const char *const column_names[COLUMNS] = {"path",  "firm",   "sector",
                                                  "staff", "weight", "line"};

/* Cut a line into its fields, in place. Returns how many. */
static size_t
split(char *line, char *fields[], size_t most)
{
    size_t count = 0;
    char *field;

    line[strcspn(line, "\r\n")] = '\0';
    while (count < most && (field = strsep(&line, "\t")) != NULL)
        fields[count++] = field;
    return count;
}

static bool
read_heading(char *line, int columns[COLUMNS], const char *path)
{
    char *names[COLUMNS];
    const size_t count = split(line, names, COLUMNS);

    for (int c = 0; c < COLUMNS; c++)
        columns[c] = -1;
    for (size_t i = 0; i < count; i++) {
        int known = 0;

        while (known < COLUMNS && strcmp(names[i], column_names[known]) != 0)
            known++;
        if (known == COLUMNS) {
            const char *nearest = nearest_name(names[i], column_names, COLUMNS);

            complain("%s: line 1: no column '%s'%s%s", path, names[i],
                     nearest != NULL ? _("; did you mean ") : "", nearest != NULL ? nearest : "");
            return false;
        }
        columns[known] = (int)i;
    }
    if (columns[1] < 0) {
        complain("%s: line 1: a manifest needs the column 'firm'", path);
        return false;
    }
    return true;
}

static bool
copy_field(char *to, size_t room, const char *field, const char *what)
{
    if (strlen(field) >= room) {
        complain("%s: longer than %zu bytes", what, room - 1);
        return false;
    }
    snprintf(to, room, "%s", field);
    return true;
}

static bool
read_row(struct survey_inputs *inputs, char *line, const int columns[COLUMNS], const char *manifest)
{
    char *raw[COLUMNS], path[4096];
    const char *fields[COLUMNS];
    const size_t count = split(line, raw, COLUMNS);
    const size_t folder = (size_t)(base_name(manifest) - manifest);
    struct rnet_firm firm = {0};
    unsigned long staff = 0;

    for (int c = 0; c < COLUMNS; c++)
        fields[c] = columns[c] >= 0 && (size_t)columns[c] < count ? raw[columns[c]] : "";
    if (!copy_field(firm.name, sizeof firm.name, fields[1], "firm") ||
        !copy_field(firm.sector, sizeof firm.sector, fields[2], "sector") ||
        !copy_field(firm.line, sizeof firm.line, fields[5], "line") ||
        (fields[3][0] != '\0' && !parse_count("staff", fields[3], UINT32_MAX, &staff)) ||
        (fields[4][0] != '\0' && !parse_weight("weight", fields[4], &firm.weight)))
        return false;
    firm.staff = (uint32_t)staff;
    if (fields[0][0] == '\0')
        return push(inputs, "", &firm);
    if (snprintf(path, sizeof path, "%.*s%s", fields[0][0] == '/' ? 0 : (int)folder, manifest,
                 fields[0]) >= (int)sizeof path) {
        complain("path: too long");
        return false;
    }
    return inputs_add(inputs, path, &firm, FIRM_GIVEN);
}

static bool
is_wanted(const struct survey_rows *rows, size_t row)
{
    return rows->last == 0 || (row >= rows->first && row <= rows->last);
}

bool
inputs_add_manifest(struct survey_inputs *inputs, const char *path, const struct survey_rows *rows)
{
    FILE *file = fopen(path, "r");
    int columns[COLUMNS];
    char *line = NULL;
    size_t room = 0, number = 0, row = 0;
    bool ok = file != NULL;

    if (!ok)
        complain("%s: %s", path, strerror(errno));
    while (ok && getline(&line, &room, file) != -1) {
        number++;
        if (number > 1 && (line[0] == '#' || line[0] == '\n' || !is_wanted(rows, ++row)))
            continue;
        ok =
            number == 1 ? read_heading(line, columns, path) : read_row(inputs, line, columns, path);
        if (!ok && number > 1)
            complain("%s: line %zu is not as it should be", path, number);
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return ok;
}

void
inputs_clear(struct survey_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        free(inputs->items[i].path);
    free(inputs->items);
    *inputs = (struct survey_inputs){0};
}
