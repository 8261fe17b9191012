/* A population's life: a model and parts in, offices out. */
#include "population/population.h"

#include <stdio.h>
#include <string.h>

/* Raised when the same model and parts would give other offices than before. */
#define METHOD 1

static uint32_t
busiest_hour(const struct model *model)
{
    uint32_t best = 0;

    for (uint32_t hour = 1; hour < 24; hour++)
        if (model->hour[hour] > model->hour[best])
            best = hour;
    return best;
}

static enum rnet_status
choose_hours(struct rnet_population *population, const struct rnet_population_options *options,
             struct rnet_error *err)
{
    population->first_hour =
        options->hours > 0 ? options->first_hour : busiest_hour(&population->model);
    population->hours = options->hours > 0 ? options->hours : 1;
    if (population->first_hour < 24 && population->hours <= 24 - population->first_hour)
        return RNET_OK;
    return rnet_error_set(err, RNET_EINVAL, "hours %u to %u are not of one day",
                          population->first_hour, population->first_hour + population->hours);
}

/* All that decides what is composed. */
static void
take_digest(struct rnet_population *population, const char *model_digest)
{
    char words[4 * RNET_DIGEST_TEXT + 96];
    char *digest = population->digest;

    snprintf(words, sizeof words, "%d %s %llu %u %u", METHOD, model_digest,
             (unsigned long long)population->seed, population->first_hour, population->hours);
    digest_bytes(words, strlen(words), digest);
    for (size_t i = 0; i < population->model.activity_count; i++) {
        const struct activity *activity = &population->model.activities[i];

        for (size_t p = 0; p < activity->part_count; p++) {
            snprintf(words, sizeof words, "%s %s %s", digest, activity->name,
                     activity->parts[p].digest);
            digest_bytes(words, strlen(words), digest);
        }
    }
}

enum rnet_status
rnet_population_new(const struct rnet_population_options *options,
                    struct rnet_population **population, struct rnet_error *err)
{
    static const struct rnet_population_options defaults;
    char model_digest[RNET_DIGEST_TEXT];
    enum rnet_status status;

    if (options == NULL)
        options = &defaults;
    *population = rnet_alloc_zero(1, sizeof **population);
    if (*population == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    (*population)->seed = options->seed;
    status = model_read(options->model_path, &(*population)->model, model_digest, err);
    if (status == RNET_OK)
        status = choose_hours(*population, options, err);
    if (status == RNET_OK)
        status = parts_load(&(*population)->model, options->parts, options->part_count, err);
    if (status == RNET_OK && (status = rnet_copper_solver_new(&(*population)->solver)) != RNET_OK)
        rnet_error_set(err, status, "%s", rnet_status_text(status));
    if (status == RNET_OK) {
        take_digest(*population, model_digest);
        return RNET_OK;
    }
    rnet_population_free(*population);
    *population = NULL;
    return status;
}

void
rnet_population_free(struct rnet_population *population)
{
    if (population == NULL)
        return;
    parts_free(&population->model);
    rnet_copper_solver_free(population->solver);
    rnet_free(population);
}

bool
rnet_population_models(const struct rnet_population *population, enum rnet_usage usage)
{
    for (size_t i = 0; i < population->model.activity_count; i++)
        if (population->model.activities[i].usage == usage)
            return true;
    return false;
}
