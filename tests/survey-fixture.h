/* Small profiles and surveys in a folder of their own, for the tests of the survey and the claim.
 */
#ifndef RNET_TESTS_SURVEY_FIXTURE_H
#define RNET_TESTS_SURVEY_FIXTURE_H

#include "base/base.h"
#include "suite.h"
#include "upload-profile.h"

#include <ruralnet/profile.h>
#include <ruralnet/survey.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char own_folder[] = "/tmp/rnet-survey-XXXXXX";
static pid_t own_process; /* that made the folder; those it forks leave it alone */

static inline void
remove_own_folder(void)
{
    DIR *folder = getpid() == own_process ? opendir(own_folder) : NULL;

    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(own_folder);
}

/* A file of the test's own, not there yet, in a folder that goes when the test ends. A test that runs
 * again in the same process (CK_FORK=no) finds nothing of its last run. */
static inline const char *
own_path(const char *name)
{
    static const char *const beside[] = {"-wal", "-shm", ""}; /* SQLite's, and last the file */
    static char paths[16][160];
    static unsigned next;
    char *path = paths[next++ % 16];

    if (own_process == 0) {
        ck_assert_ptr_nonnull(mkdtemp(own_folder));
        own_process = getpid();
        atexit(remove_own_folder);
    }
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, 160, "%s/%s%s", own_folder, name, beside[i]);
        unlink(path);
    }
    return path;
}

static inline struct rnet_profile *
make_profile(unsigned number, uint64_t bytes)
{
    struct rnet_profile *profile = upload_profile(number, bytes);

    ck_assert_ptr_nonnull(profile);
    return profile;
}

static inline struct rnet_firm
make_firm(unsigned number)
{
    struct rnet_firm firm = {0};

    snprintf(firm.name, sizeof firm.name, "firm-%03u", number);
    return firm;
}

static inline struct rnet_survey *
open_survey(const char *path)
{
    struct rnet_error err = {0};
    struct rnet_survey *survey;

    ck_assert_msg(rnet_survey_open(path, RNET_SURVEY_CREATE, &survey, &err) == RNET_OK, "%s",
                  err.message);
    return survey;
}

static inline enum rnet_status
add_capture(struct rnet_survey *survey, unsigned firm_number, unsigned capture, uint64_t bytes)
{
    const struct rnet_firm firm = make_firm(firm_number);
    struct rnet_profile *profile = make_profile(capture, bytes);
    const enum rnet_status status = rnet_survey_add(survey, &firm, profile, "", NULL);

    rnet_profile_free(profile);
    return status;
}

/* A file's bytes; *count receives how many. The caller frees. */
static inline char *
slurp_file(const char *path, size_t *count)
{
    FILE *file = fopen(path, "rb");
    char *bytes;
    long size;

    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    rewind(file);
    bytes = malloc((size_t)size + 1);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    *count = (size_t)size;
    return bytes;
}

#endif
