/* Every unit test program is one Check suite: RNET_SUITE("name", case, case, …) writes its main. */
#ifndef RNET_TESTS_SUITE_H
#define RNET_TESTS_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Exit code by which Meson counts a test as skipped. */
#define RNET_SKIPPED 77

/*
 * Path of a file under the shared captures, which stand beside the project and may be absent
 * (RNET_SHARED overrides the place). Fixed buffer; NULL, said once on stderr, when absent.
 */
static inline const char *
shared_path(const char *relative)
{
    static char path[4096];
    const char *top = getenv("RNET_SHARED");
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", top != NULL ? top : RNET_SOURCE_ROOT "/../shared", relative);
    file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "skipped: %s is not here\n", relative);
        return NULL;
    }
    fclose(file);
    return path;
}

static inline int
suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
