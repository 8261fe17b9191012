/* Giving up rights before a stranger's bytes are looked at (docs/confinement.md). */
#ifndef NETSUFF_CONFINE_H
#define NETSUFF_CONFINE_H

#include <ruralnet/profile.h>

#include <stdbool.h>
#include <stddef.h>

#define CONFINE_MAX_OUTPUTS 8

/* What to confine to, and what came of it. */
struct confinement {
    const char *outputs[CONFINE_MAX_OUTPUTS]; /* paths that will be written; NULL and "-" are skipped */
    size_t output_count;
    bool required; /* --require-sandbox: without both parts, fail */
    bool refused;  /* --no-sandbox: for debuggers */
    char *const *databases; /* surveys: their folders may be read and written */
    size_t database_count;
    const char *readable; /* a file that is opened later; NULL = none */
    const char *interface; /* packets come from this one, open already; NULL = not live */
    char words[96]; /* afterwards: "landlock+seccomp", or what there was and why not more */
};

void
confine_allow_output(struct confinement *confinement, const char *path);

/*
 * From here on this process, its threads and children open no file that exists, make none but in the
 * folders of the outputs (and for temporary data), reach no network and start no program. What the
 * kernel does not offer is left out and said in words. Takes a struct confinement; fits
 * rnet_capture_options.ready. RNET_OK, or RNET_EUNSUPPORTED when `required` and not had.
 */
enum rnet_status
confine(void *confinement, struct rnet_error *err);

/* Confined to an output that can be written, before a stranger's table or report is read. Complains and
 * yields false where it cannot. */
bool
confine_to_output(const char *output);

/* Confined to surveys, an output that can be written and, unless NULL, a file that is read. Complains and
 * yields false where it cannot be written. */
bool
confine_to_surveys(char *const *surveys, size_t count, const char *output, const char *readable);

/* Load a saved profile, confined before its first byte is parsed. As rnet_profile_load(). */
enum rnet_status
load_confined(const char *path, struct confinement *confinement, struct rnet_profile **profile,
              struct rnet_error *err);

/*
 * --test-sandbox: try, from a thread and from a child, what must be refused; one line each on
 * standard error. Yields whether all of it was.
 */
bool
confine_test(const struct confinement *confinement);

#endif
