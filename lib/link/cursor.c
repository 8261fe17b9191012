#include "link/link.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct link_unit link_rate_units[] = {
    {"", 1e3}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {NULL, 0},
};

const struct link_unit link_time_units[] = {
    {NULL, 1e6}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"s", 1e9}, {NULL, 0},
};

enum rnet_status
link_fail(const struct link_cursor *cursor, size_t at, const char *format, ...)
{
    char words[320];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, _(format), args);
    va_end(args);
    if (cursor->err != NULL)
        cursor->err->position = at + 1;
    return rnet_error_set(cursor->err, RNET_EINVAL, "line specification, column %zu: %s", at + 1,
                          words);
}

/* A word as it may be shown: cut, and with nothing in it that a terminal could obey. */
static void
copy_shown(char *shown, size_t bytes, const char *word, size_t length)
{
    size_t i;

    for (i = 0; i < length && i + 1 < bytes; i++)
        shown[i] = word[i] >= ' ' && word[i] <= '~' ? word[i] : '?';
    shown[i] = '\0';
}

enum rnet_status
link_fail_word(const struct link_cursor *cursor, size_t at, size_t length, const char *what,
               const char *(*next)(size_t index))
{
    const char *nearest = NULL, *name;
    unsigned best = UINT32_MAX;
    char shown[32];

    for (size_t i = 0; length > 0 && (name = next(i)) != NULL; i++) {
        const unsigned distance = link_word_distance(cursor->text + at, length, name);

        if (distance < best) {
            best = distance;
            nearest = name;
        }
    }
    if (nearest == NULL)
        nearest = next(0);
    copy_shown(shown, sizeof shown, cursor->text + at, length);
    if (length == 0)
        return link_fail(cursor, at, "%s expected, such as \"%s\"", _(what), nearest);
    return link_fail(cursor, at, "unknown %s \"%s\"; did you mean \"%s\"?", _(what), shown, nearest);
}

static bool
is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '+' || c == '%';
}

size_t
link_word_length(const struct link_cursor *cursor)
{
    size_t length = 0;

    while (is_word_char(cursor->text[cursor->at + length]))
        length++;
    return length;
}

bool
link_take(struct link_cursor *cursor, char expected)
{
    if (cursor->text[cursor->at] != expected)
        return false;
    cursor->at++;
    return true;
}

void
link_skip_blanks(struct link_cursor *cursor)
{
    while (cursor->text[cursor->at] == ' ')
        cursor->at++;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Decimal digits with at most one point; not strtod(), whose point depends on the locale and which
 * takes "inf" and "0x1p3". 15 digits are what a double holds exactly. */
static enum rnet_status
read_number(struct link_cursor *cursor, const char *what, double *value)
{
    const size_t start = cursor->at;
    const bool negative = link_take(cursor, '-');
    double mantissa = 0, divisor = 1;
    unsigned digits = 0;
    bool point = false;

    for (;; cursor->at++) {
        const char c = cursor->text[cursor->at];

        if (c == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        if (++digits > 15)
            return link_fail(cursor, start, "%s has more than 15 digits", _(what));
        mantissa = mantissa * 10 + (c - '0');
        if (point)
            divisor *= 10;
    }
    if (digits == 0)
        return link_fail(cursor, start, "%s expected, a number", _(what));
    *value = (negative ? -mantissa : mantissa) / divisor;
    return RNET_OK;
}

static size_t
unit_length(const struct link_cursor *cursor)
{
    size_t length = 0;
    char c;

    while (c = cursor->text[cursor->at + length],
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%')
        length++;
    return length;
}

static enum rnet_status
fail_unit(const struct link_cursor *cursor, const struct link_unit *units, const char *what)
{
    char list[96] = "";

    for (const struct link_unit *unit = units; unit->multiplier != 0; unit++)
        if (unit->name != NULL && unit->name[0] != '\0') {
            const size_t used = strlen(list);

            snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", unit->name);
        }
    if (list[0] == '\0')
        return link_fail(cursor, cursor->at, "%s takes no unit", _(what));
    if (units[0].name == NULL)
        return link_fail(cursor, cursor->at, "%s needs a unit: %s", _(what), list);
    return link_fail(cursor, cursor->at, "%s has another unit: %s", _(what), list);
}

enum rnet_status
link_read_quantity(struct link_cursor *cursor, const struct link_unit *units, double min,
                   double max, const char *what, double *value)
{
    const size_t start = cursor->at;
    const struct link_unit *unit;
    double number = 0;
    enum rnet_status status = read_number(cursor, what, &number);
    size_t length;

    if (status != RNET_OK)
        return status;
    length = unit_length(cursor);
    for (unit = units; unit->multiplier != 0; unit++)
        if (unit->name != NULL && strlen(unit->name) == length &&
            memcmp(unit->name, cursor->text + cursor->at, length) == 0)
            break;
    if (unit->multiplier == 0)
        return fail_unit(cursor, units, what);
    number *= unit->multiplier;
    if (!(number >= min && number <= max))
        return link_fail(cursor, start, "%s is out of range", _(what));
    cursor->at += length;
    *value = number;
    return RNET_OK;
}

enum rnet_status
link_read_pair(struct link_cursor *cursor, const struct link_unit *units, double min, double max,
               const char *what, double value[RNET_DIRECTIONS])
{
    enum rnet_status status = link_read_quantity(cursor, units, min, max, what, &value[RNET_DOWN]);

    value[RNET_UP] = value[RNET_DOWN];
    if (status == RNET_OK && link_take(cursor, '/'))
        status = link_read_quantity(cursor, units, min, max, what, &value[RNET_UP]);
    return status;
}

enum rnet_status
link_read_word(struct link_cursor *cursor, const char *what, const char *(*next)(size_t index),
               size_t *index)
{
    const size_t length = link_word_length(cursor);
    const char *name;

    for (size_t i = 0; (name = next(i)) != NULL; i++)
        if (link_word_is(cursor->text + cursor->at, length, name)) {
            cursor->at += length;
            *index = i;
            return RNET_OK;
        }
    return link_fail_word(cursor, cursor->at, length, what, next);
}
