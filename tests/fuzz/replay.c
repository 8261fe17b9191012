/* main() for fuzz targets outside libFuzzer: run the target over files, and over every file of
 * folders, given as arguments. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static unsigned long inputs;

static void
replay_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    uint8_t *copy;
    size_t size;

    if (file == NULL) {
        perror(path);
        exit(1);
    }
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    copy = malloc(size != 0 ? size : 1); /* exactly sized, for the address sanitizer */
    if (copy == NULL)
        exit(1);
    for (size_t i = 0; i < size; i++)
        copy[i] = bytes[i];
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    inputs++;
}

static void
replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    char inside[4096];

    if (folder == NULL) {
        perror(path);
        exit(1);
    }
    while ((entry = readdir(folder)) != NULL) {
        struct stat about;

        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (stat(inside, &about) == 0 && S_ISREG(about.st_mode))
            replay_file(inside);
    }
    closedir(folder);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat about;

        if (stat(argv[i], &about) == 0 && S_ISDIR(about.st_mode))
            replay_folder(argv[i]);
        else
            replay_file(argv[i]);
    }
    printf("%lu inputs\n", inputs);
    printf("%u got where they should\n", fuzz_reached);
    return fuzz_reached > 0 ? 0 : 1;
}
