/* Population, inside: the model as read, its parts, and what draws from both. */
#ifndef RNET_POPULATION_INTERNAL_H
#define RNET_POPULATION_INTERNAL_H

#include "base/base.h"

#include <ruralnet/copper.h>
#include <ruralnet/population.h>

#define MOST_SECTORS 16
#define MOST_CLASSES 8
#define MOST_LINES 16
#define MOST_POINTS 24
#define MOST_ACTIVITIES 64
#define MOST_SOURCES 64
#define MOST_VARIANTS 32
#define MODEL_NAME 32

struct sector {
    char name[MODEL_NAME];
    double share;
    double access[MOST_CLASSES];
    bool has_access;
};

/* Offices of low..high people; n of them with probability proportional to n^-exponent. */
struct staff_class {
    uint32_t low;
    uint32_t high;
    double share;
    double exponent;
};

struct line_kind {
    double share;
    bool copper;
    enum rnet_dsl dsl;                  /* of copper */
    uint64_t cap_bps[RNET_DIRECTIONS];  /* of copper: the offer's */
    char specification[RNET_FIRM_LINE]; /* of the others */
};

/* A point of the distribution of loops. */
struct loop_point {
    double db;
    double share;
};

struct part {
    struct rnet_profile *profile;
    char digest[RNET_DIGEST_TEXT];
};

struct activity {
    char name[MODEL_NAME];
    enum rnet_usage usage;
    bool each_person; /* else each office */
    double per_day;
    struct part parts[MOST_VARIANTS];
    size_t part_count;
    bool parts_given; /* by the user: built-in ones stay out */
};

struct model {
    char sources[MOST_SOURCES][MODEL_NAME];
    size_t source_count;
    struct sector sectors[MOST_SECTORS];
    size_t sector_count;
    struct staff_class classes[MOST_CLASSES];
    size_t class_count;
    struct line_kind lines[MOST_LINES];
    size_t line_count;
    struct loop_point loops[MOST_POINTS];
    size_t loop_count;
    double uses[RNET_USAGE_COUNT][MOST_SECTORS];
    double users[RNET_USAGE_COUNT][MOST_SECTORS];
    bool has_uses[RNET_USAGE_COUNT];
    bool has_users[RNET_USAGE_COUNT];
    struct activity activities[MOST_ACTIVITIES];
    size_t activity_count;
    double hour[24];
    double spread;
};

struct rnet_population {
    struct model model;
    uint64_t seed;
    uint32_t first_hour;
    uint32_t hours;
    struct rnet_copper_solver *solver;
    char digest[RNET_DIGEST_TEXT]; /* of model, parts, hours and seed */
};

/* Read a model, or (path NULL) the built-in one; *digest is of its rows, comments left out. */
enum rnet_status
model_read(const char *path, struct model *model, char digest[RNET_DIGEST_TEXT],
           struct rnet_error *err);

/* Load the user's parts, then the built-in ones of other activities; every activity has one. */
enum rnet_status
parts_load(struct model *model, const char *const *paths, size_t count, struct rnet_error *err);
void
parts_free(struct model *model);

/* A stream of an office's own: 0 for what it is, 1 for what it does. */
static inline struct rnet_random
office_stream(const struct rnet_population *population, uint64_t number, uint64_t which)
{
    return rnet_random_stream(population->seed, 2 * number + which);
}

/* Digest of any bytes, as text. */
void
digest_bytes(const void *bytes, size_t count, char digest[RNET_DIGEST_TEXT]);

/* The model and the parts as they were when the library was built (embed writes them). */
struct embedded_part {
    const char *name; /* of its file; NULL ends the list */
    const unsigned char *bytes;
    size_t count;
};
extern const struct embedded_part embedded_parts[];
extern const char embedded_model[];

#endif
