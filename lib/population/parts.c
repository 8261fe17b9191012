/* Parts: what one application looks like on the line, recorded from a real one. */
#include "population/population.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void
digest_bytes(const void *bytes, size_t count, char digest[RNET_DIGEST_TEXT])
{
    const XXH128_hash_t hash = XXH3_128bits(bytes, count);

    snprintf(digest, RNET_DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

/* "page.shop.profile" is a part of the activity "page". */
static struct activity *
find_activity(struct model *model, const char *file)
{
    const size_t length = strcspn(file, ".");

    for (size_t i = 0; i < model->activity_count; i++) {
        struct activity *activity = &model->activities[i];

        if (strlen(activity->name) == length && memcmp(activity->name, file, length) == 0)
            return activity;
    }
    return NULL;
}

static enum rnet_status
check_part(const char *name, const struct activity *activity, const struct rnet_profile *profile,
           struct rnet_error *err)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);

    if (!summary->complete || summary->what_if_internal)
        return rnet_error_set(err, RNET_EFORMAT,
                              "%s: a part is a whole capture of a line's traffic", name);
    if (summary->usages[activity->usage].flows == 0)
        return rnet_error_set(err, RNET_EFORMAT, "%s: nothing of %s in it, which activity %s is of",
                              name, rnet_usage_info(activity->usage)->id, activity->name);
    return RNET_OK;
}

/* Takes the profile over, whatever comes of it. */
static enum rnet_status
keep_part(const char *name, struct activity *activity, struct rnet_profile *profile,
          struct rnet_error *err)
{
    struct part *part = &activity->parts[activity->part_count];
    uint8_t *bytes = NULL;
    size_t count = 0;
    enum rnet_status status = check_part(name, activity, profile, err);

    if (status == RNET_OK && activity->part_count == MOST_VARIANTS)
        status = rnet_error_set(err, RNET_EFULL, "%s: at most %d parts of activity %s", name,
                                MOST_VARIANTS, activity->name);
    if (status == RNET_OK)
        status = rnet_profile_write(profile, &bytes, &count, err);
    if (status != RNET_OK) {
        rnet_profile_free(profile);
        return status;
    }
    part->profile = profile;
    digest_bytes(bytes, count, part->digest);
    activity->part_count++;
    free(bytes);
    return RNET_OK;
}

static enum rnet_status
load_given(struct model *model, const char *path, struct rnet_error *err)
{
    const char *slash = strrchr(path, '/'), *file = slash != NULL ? slash + 1 : path;
    struct activity *activity = find_activity(model, file);
    struct rnet_profile *profile;
    enum rnet_status status;

    if (activity == NULL)
        return rnet_error_set(err, RNET_EFORMAT, "%s: the model has no activity '%.*s'", path,
                              (int)strcspn(file, "."), file);
    status = rnet_profile_load(path, &profile, err);
    if (status != RNET_OK)
        return status;
    activity->parts_given = true;
    return keep_part(path, activity, profile, err);
}

/* A built-in part of an activity that the model has not is passed over. */
static enum rnet_status
load_embedded(struct model *model, const struct embedded_part *embedded, struct rnet_error *err)
{
    struct activity *activity = find_activity(model, embedded->name);
    struct rnet_profile *profile;
    enum rnet_status status;

    if (activity == NULL || activity->parts_given)
        return RNET_OK;
    status = rnet_profile_read(embedded->bytes, embedded->count, &profile, err);
    return status == RNET_OK ? keep_part(embedded->name, activity, profile, err) : status;
}

static int
compare_parts(const void *a, const void *b)
{
    return strcmp(((const struct part *)a)->digest, ((const struct part *)b)->digest);
}

enum rnet_status
parts_load(struct model *model, const char *const *paths, size_t count, struct rnet_error *err)
{
    enum rnet_status status = RNET_OK;

    for (size_t i = 0; i < count && status == RNET_OK; i++)
        status = load_given(model, paths[i], err);
    for (const struct embedded_part *part = embedded_parts; part->name != NULL; part++)
        if (status == RNET_OK)
            status = load_embedded(model, part, err);
    for (size_t i = 0; i < model->activity_count && status == RNET_OK; i++) {
        struct activity *activity = &model->activities[i];

        if (activity->part_count == 0)
            status = rnet_error_set(err, RNET_EFORMAT,
                                    "activity %s has no part: no file %s.profile or %s.*.profile",
                                    activity->name, activity->name, activity->name);
        /* By content, so that neither names nor the order given change what is drawn. */
        qsort(activity->parts, activity->part_count, sizeof *activity->parts, compare_parts);
    }
    return status;
}

void
parts_free(struct model *model)
{
    for (size_t i = 0; i < model->activity_count; i++)
        for (size_t p = 0; p < model->activities[i].part_count; p++)
            rnet_profile_free(model->activities[i].parts[p].profile);
}
