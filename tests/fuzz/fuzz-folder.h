/*
 * For fuzz targets of surveys: files with names, in memory where the system has a folder there.
 * SQLite follows links before it opens, so it would not find a file that has no name of its own.
 */
#ifndef RNET_TESTS_FUZZ_FOLDER_H
#define RNET_TESTS_FUZZ_FOLDER_H

#include "fuzz.h"

#include <dirent.h>

#define FUZZ_PATH 64

static char fuzz_folder[32];

static inline void
fuzz_empty_folder(void)
{
    DIR *folder = opendir(fuzz_folder);

    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
}

static inline void
fuzz_remove_folder(void)
{
    fuzz_empty_folder();
    rmdir(fuzz_folder);
}

/* The path of a file in a folder of the target's own, which goes when the target ends. */
static inline void
fuzz_path(const char *name, char path[FUZZ_PATH])
{
    if (fuzz_folder[0] == '\0') {
        snprintf(fuzz_folder, sizeof fuzz_folder, "/dev/shm/rnet-fuzz-XXXXXX");
        if (mkdtemp(fuzz_folder) == NULL) {
            snprintf(fuzz_folder, sizeof fuzz_folder, "/tmp/rnet-fuzz-XXXXXX");
            if (mkdtemp(fuzz_folder) == NULL)
                exit(1);
        }
        atexit(fuzz_remove_folder);
    }
    snprintf(path, FUZZ_PATH, "%s/%s", fuzz_folder, name);
}

static inline void
fuzz_named_file(const char *name, const uint8_t *data, size_t size, char path[FUZZ_PATH])
{
    FILE *file;

    fuzz_path(name, path);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        exit(1);
}

#endif
