/* netsuff survey: what its files share. */
#ifndef NETSUFF_SURVEY_H
#define NETSUFF_SURVEY_H

#include "commands.h"
#include "confine.h"
#include "reading.h"

/* One capture to be added, and to whom. Paths are the caller's business only: never stored. */
struct survey_input {
    char *path;
    struct rnet_firm firm;
};

struct survey_inputs {
    struct survey_input *items;
    size_t count;
    size_t capacity;
};

/* How a folder's files are told apart into firms. */
enum firm_by {
    FIRM_GIVEN,  /* --firm says */
    FIRM_FILE,   /* each file is a firm, named by its name */
    FIRM_FOLDER, /* each folder is */
};

/* Add a file, or everything in a folder. Complain and yield false on failure. */
bool
inputs_add(struct survey_inputs *inputs, const char *path, const struct rnet_firm *firm,
           enum firm_by by);
/* Some of a manifest's rows, counted from 1 without heading and comments; last 0 = all. */
struct survey_rows {
    size_t first;
    size_t last;
};

/* Add what a manifest lists: tab-separated, a heading line, columns path, firm, sector, staff,
 * weight, line in any order; paths are relative to the manifest. */
bool
inputs_add_manifest(struct survey_inputs *inputs, const char *path, const struct survey_rows *rows);
void
inputs_clear(struct survey_inputs *inputs);

struct survey_add {
    const char *survey;
    struct reading reading;         /* limits are those of each input */
    struct confinement confinement; /* of every reading */
    unsigned long jobs;             /* 0 = one per core */
    bool quiet;
};

/*
 * Observe one input in a child that is confined and has nothing but that input: what is in it can
 * end the child, and harm neither the survey nor the other inputs. As rnet_observe(); RNET_EIO when
 * the child died.
 */
enum rnet_status
survey_observe(const struct survey_add *add, const char *path, struct rnet_profile **profile,
               struct rnet_error *err);

/* Read the inputs with several processes and add their profiles. Exit code. */
int
survey_add_all(const struct survey_add *add, const struct survey_inputs *inputs);

/* A weight: a number above 0; complains otherwise. */
bool
parse_weight(const char *option, const char *text, double *weight);

#endif
