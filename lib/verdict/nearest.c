/* The valid name nearest to what was written: edit distance (Wagner and Fischer 1974). */
#include "verdict/verdict.h"

#include <string.h>

#define NAME_MAX_BYTES 63u

static size_t
least(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

static size_t
distance(const char *a, const char *b)
{
    const size_t columns = strlen(b);
    size_t row[NAME_MAX_BYTES + 1];

    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            const size_t above = row[j + 1];

            row[j + 1] = least(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[columns];
}

const char *
nearest_name(const char *written, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    if (strlen(written) > NAME_MAX_BYTES)
        return NULL;
    for (; *names != NULL; names++) {
        const size_t d = strlen(*names) <= NAME_MAX_BYTES ? distance(written, *names) : SIZE_MAX;

        if (d < best_distance) {
            best_distance = d;
            best = *names;
        }
    }
    return best;
}
