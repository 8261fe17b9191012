/* Sets of criteria: shipped, loaded, overridden. */
#include "verdict/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_BYTES_MAX (1u << 20) /* a criteria file is a few kB */

static const struct {
    const char *id;
    const char *text;
} sets[] = {
    {"default", criteria_default_text},
    {"eecc-annex-v", criteria_annex_v_text},
};

const char *
rnet_criteria_set(size_t index)
{
    return index < sizeof sets / sizeof sets[0] ? sets[index].id : NULL;
}

const char *
rnet_criteria_text(const char *set)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (strcmp(sets[i].id, set) == 0)
            return sets[i].text;
    return NULL;
}

const struct rnet_criterion *
rnet_criteria_find(const struct rnet_criteria *criteria, const char *id)
{
    for (size_t i = 0; i < criteria->count; i++)
        if (strcmp(criteria->items[i].id, id) == 0)
            return &criteria->items[i];
    return NULL;
}

void
rnet_criteria_clear(struct rnet_criteria *criteria)
{
    rnet_free(criteria->items);
    *criteria = (struct rnet_criteria){0};
}

static enum rnet_status
read_file(const char *path, char **text, size_t *bytes, struct rnet_error *err)
{
    FILE *file = fopen(path, "rb");
    enum rnet_status status = RNET_OK;

    if (file == NULL)
        return rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    *text = rnet_alloc(FILE_BYTES_MAX + 1);
    if (*text == NULL) {
        status = rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", path);
        goto out;
    }
    *bytes = fread(*text, 1, FILE_BYTES_MAX + 1, file);
    if (ferror(file))
        status = rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    else if (*bytes > FILE_BYTES_MAX)
        status = rnet_error_set(err, RNET_EINVAL, "%s: larger than %u bytes, not a criteria file",
                                path, FILE_BYTES_MAX);
out:
    fclose(file);
    return status;
}

static enum rnet_status
override_with(const char *path, struct rnet_criteria *criteria, struct rnet_error *err)
{
    char *text = NULL;
    size_t bytes = 0;
    enum rnet_status status = read_file(path, &text, &bytes, err);

    if (status == RNET_OK)
        status = criteria_parse(text, bytes, path, criteria, err);
    rnet_free(text);
    return status;
}

static enum rnet_status
refuse_set(const char *set, struct rnet_error *err)
{
    const char *names[sizeof sets / sizeof sets[0] + 1] = {NULL};
    const char *nearest;

    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        names[i] = sets[i].id;
    nearest = nearest_name(set, names);
    return nearest != NULL
               ? rnet_error_set(err, RNET_ENOTFOUND,
                                "no set of criteria is called \"%s\"; did you mean \"%s\"?", set,
                                nearest)
               : rnet_error_set(err, RNET_ENOTFOUND, "no set of criteria is called \"%s\"", set);
}

enum rnet_status
rnet_criteria_load(const char *set, const char *path, struct rnet_criteria *criteria,
                   struct rnet_error *err)
{
    const char *text = rnet_criteria_text(set != NULL ? set : "default");
    enum rnet_status status;

    *criteria = (struct rnet_criteria){0};
    if (text == NULL)
        return refuse_set(set, err);
    status = criteria_parse(text, strlen(text), "shipped criteria", criteria, err);
    if (status == RNET_OK && path != NULL)
        status = override_with(path, criteria, err);
    if (status != RNET_OK)
        rnet_criteria_clear(criteria);
    return status;
}
