/**
 * Population: offices composed by a model, so that a claim can be tried before anybody was surveyed.
 *
 *     struct rnet_population *population;
 *     struct rnet_office office;
 *     struct rnet_profile *profile;
 *     if (rnet_population_new(NULL, &population, &err) == RNET_OK &&
 *         rnet_population_office(population, 17, &office, &err) == RNET_OK &&
 *         rnet_population_compose(population, &office, &profile, &err) == RNET_OK) …
 *
 * The model (lib/population/france-2014.txt) says how many offices of which sector, staff and line
 * there are and how often their people do what; what it looks like on the line comes from parts:
 * profiles of real applications, recorded one by one. No verdict is in it. An office is MODELLED, NOT
 * SURVEYED, and says so wherever it goes. docs/population.md has the method and its limits.
 */
#ifndef RURALNET_POPULATION_H
#define RURALNET_POPULATION_H

#include <ruralnet/base.h>
#include <ruralnet/profile.h>
#include <ruralnet/survey.h>
#include <ruralnet/usage.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rnet_population;

/** {0} = sensible defaults. */
struct rnet_population_options {
    const char *model_path;   /**< NULL = the built-in model, France 2014 */
    const char *const *parts; /**< saved profiles, named ACTIVITY.profile or ACTIVITY.VARIANT.profile;
                                   they replace the built-in parts of the same activity */
    size_t part_count;
    uint64_t seed;
    uint32_t first_hour;      /**< of the working day; used when hours > 0 */
    uint32_t hours;           /**< to compose; 0 = the busiest hour of the model */
};

/** An office as drawn. Plain. */
struct rnet_office {
    uint64_t number;               /**< 1, 2, … */
    struct rnet_firm firm;         /**< its name tells model, parts, hours and seed apart; modelled */
    double attenuation_db;         /**< of its copper loop at 300 kHz; NAN = no copper pair */
    double busyness;               /**< beside offices of its kind; 1 = as they are */
    bool uses[RNET_USAGE_COUNT];
    char digest[RNET_DIGEST_TEXT]; /**< of all it is composed from */
};

/**
 * Read a model and parts.
 * @param options  NULL = defaults.
 * @return RNET_OK; RNET_EFORMAT (a bad line of the model: file, line and reason in err; a part that
 *         is no whole profile, or holds nothing of its activity's usage; an activity without a
 *         part); RNET_EINVAL (hours); RNET_EIO; RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_population_new(const struct rnet_population_options *options,
                                              struct rnet_population **population,
                                              struct rnet_error *err);

/** Free; NULL is fine. */
RNET_API void rnet_population_free(struct rnet_population *population);

/** Draw office @p number (1, 2, …): the same every time, whatever else was drawn. RNET_OK,
 *  RNET_ENOMEM. */
RNET_API enum rnet_status rnet_population_office(struct rnet_population *population,
                                                 uint64_t number, struct rnet_office *office,
                                                 struct rnet_error *err);

/** Compose its profile; the caller frees it. RNET_OK, RNET_ENOMEM, RNET_EIO, RNET_EFORMAT. */
RNET_API enum rnet_status rnet_population_compose(struct rnet_population *population,
                                                  const struct rnet_office *office,
                                                  struct rnet_profile **profile,
                                                  struct rnet_error *err);

/** Whether the model has an activity of that usage; judged usages without one are left out. */
RNET_API bool rnet_population_models(const struct rnet_population *population,
                                     enum rnet_usage usage);

/** The built-in model, as a file would have it; static storage. */
RNET_API const char *rnet_population_model_text(void);

#ifdef __cplusplus
}
#endif
#endif
