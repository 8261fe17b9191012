#include "link/link.h"

#define WORD_MAX 31

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
link_word_is(const char *word, size_t length, const char *name)
{
    for (size_t i = 0; i < length; i++)
        if (name[i] == '\0' || lower(word[i]) != lower(name[i]))
            return false;
    return name[length] == '\0';
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    const unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance, one row of the table at a time. */
unsigned
link_word_distance(const char *word, size_t length, const char *name)
{
    unsigned row[WORD_MAX + 1];

    if (length > WORD_MAX)
        return UINT32_MAX;
    for (size_t i = 0; i <= length; i++)
        row[i] = (unsigned)i;
    for (; *name != '\0'; name++) {
        unsigned diagonal = row[0];

        row[0]++;
        for (size_t i = 1; i <= length; i++) {
            const unsigned above = row[i];

            row[i] =
                least(above + 1, row[i - 1] + 1, diagonal + (lower(word[i - 1]) != lower(*name)));
            diagonal = above;
        }
    }
    return row[length];
}
