/*
 * main() for a fuzz target: damaged copies of real captures, or every prefix of small ones.
 *
 *     mutants COUNT SEED FILE|FOLDER…      COUNT mutants in all, of files up to 256 kB
 *     mutants prefixes BYTES FILE|FOLDER…  every prefix of 20 files of at most BYTES
 *
 * Ends at once when one takes more than 5 s; a crash or a sanitizer ends it by itself. Either way
 * the input is in ./mutant.last.
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MOST_BYTES (256u << 10)
#define MOST_FILES 4096
#define PREFIX_FILES 20
#define LIMIT_S 5

static char *files[MOST_FILES];
static size_t file_count;
static uint8_t bytes[2 * MOST_BYTES];
static double slowest_s;

static void
add(const char *path, size_t most)
{
    struct stat about;
    DIR *folder;
    const struct dirent *entry;
    char inside[4096];

    if (stat(path, &about) != 0)
        return;
    if (S_ISREG(about.st_mode) && about.st_size > 0 && (size_t)about.st_size <= most &&
        file_count < MOST_FILES)
        files[file_count++] = rnet_strdup(path);
    if (!S_ISDIR(about.st_mode) || (folder = opendir(path)) == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            add(inside, most);
    }
    closedir(folder);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL)
        exit(1);
    size = fread(bytes, 1, MOST_BYTES, file);
    fclose(file);
    return size;
}

/* A handful of changes, small or large: a byte, a number, a cut, a piece doubled or taken out. */
static size_t
mutate(struct rnet_random *random, size_t size)
{
    const uint64_t changes = 1 + rnet_random_below(random, 8);

    for (uint64_t i = 0; i < changes && size > 8; i++) {
        const size_t at = (size_t)rnet_random_below(random, size - 4);
        const size_t length = (size_t)rnet_random_below(random, size - at < 600 ? size - at : 600);

        switch (rnet_random_below(random, 7)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << rnet_random_below(random, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)rnet_random_u64(random);
            break;
        case 2: /* the numbers that lengths and counters break at */
            memset(bytes + at, rnet_random_below(random, 2) ? 0xff : 0, 4);
            break;
        case 3:
            bytes[at] = bytes[at + 1] = 0x7f;
            break;
        case 4:
            memmove(bytes + at, bytes + at + length, size - at - length);
            size -= length;
            break;
        case 5:
            if (size + length <= sizeof bytes) {
                memmove(bytes + at + length, bytes + at, size - at);
                size += length;
            }
            break;
        default:
            if (rnet_random_below(random, 4) == 0)
                size = at + 4;
            break;
        }
    }
    return size;
}

static void
try(size_t size)
{
    struct timespec began, ended;
    FILE *last = fopen("mutant.last", "wb");
    uint8_t *copy = malloc(size != 0 ? size : 1); /* exactly sized, for the address sanitizer */
    double took_s;

    if (last == NULL || copy == NULL || fwrite(bytes, 1, size, last) != size || fclose(last) != 0)
        exit(1);
    memcpy(copy, bytes, size);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
    LLVMFuzzerTestOneInput(copy, size);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
    took_s = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    if (took_s > slowest_s)
        slowest_s = took_s;
    if (took_s > LIMIT_S) {
        fprintf(stderr, "%.1f s of processor time: mutant.last\n", took_s);
        exit(1);
    }
    free(copy);
}

static unsigned long
try_prefixes(void)
{
    unsigned long tried = 0;

    for (size_t i = 0; i < file_count && i < PREFIX_FILES; i++) {
        const size_t size = read_file(files[i]);

        for (size_t length = 0; length <= size; length++, tried++)
            try(length);
    }
    return tried;
}

static unsigned long
try_mutants(unsigned long count, unsigned long seed)
{
    struct rnet_random random = rnet_random_stream(seed, 0);

    for (unsigned long i = 0; i < count; i++) {
        if (i % 10000 == 0)
            fprintf(stderr, "%lu of %lu\n", i, count);
        try(mutate(&random, read_file(files[rnet_random_below(&random, file_count)])));
    }
    return count;
}

int
main(int argc, char **argv)
{
    const bool prefixes = argc > 3 && strcmp(argv[1], "prefixes") == 0;
    unsigned long tried;

    for (int i = 3; i < argc; i++)
        add(argv[i], prefixes ? strtoul(argv[2], NULL, 10) : MOST_BYTES);
    if (file_count == 0) {
        fprintf(stderr, "usage: mutants COUNT SEED FILE|FOLDER…, or prefixes BYTES FILE|FOLDER…\n");
        return 1;
    }
    qsort(files, file_count, sizeof *files, by_name);
    tried = prefixes ? try_prefixes()
                     : try_mutants(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
    printf("%lu inputs of %zu files, none crashed; the slowest took %.2f s of processor time\n",
           tried, file_count, slowest_s);
    return 0;
}
