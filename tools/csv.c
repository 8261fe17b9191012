/* Reading comma-separated values, one record a line. */
#include "csv.h"

#include "language.h"

#include <string.h>

#include <ruralnet/base.h>

void
csv_begin(struct csv_reader *reader, FILE *file)
{
    reader->file = file;
    reader->separator = 0;
    reader->line = 0;
    reader->taken_bytes = 0;
    reader->count = 0;
    reader->why = NULL;
}

static bool
bad(struct csv_reader *reader, const char *why)
{
    reader->why = _(why);
    return false;
}

/* One line without its end; false with why set when it cannot be taken, why NULL at the end. */
static bool
read_line(struct csv_reader *reader)
{
    size_t length = 0;
    bool has_nul = false, too_long = false;
    int c;

    reader->why = NULL;
    while ((c = getc_unlocked(reader->file)) != EOF && c != '\n') {
        reader->taken_bytes++;
        has_nul = has_nul || c == '\0';
        if (length + 1 < sizeof reader->bytes)
            reader->bytes[length++] = (char)c;
        else
            too_long = true;
    }
    if (c == EOF && length == 0)
        return false;
    reader->line++;
    if (length > 0 && reader->bytes[length - 1] == '\r')
        length--;
    reader->bytes[length] = '\0';
    if (too_long)
        return bad(reader, "the line is longer than 16 KiB");
    return !has_nul || bad(reader, "a NUL byte: not text");
}

static char
likely_separator(const char *line)
{
    static const char candidates[] = ",;\t";
    size_t seen[3] = {0}, best = 0;

    for (; *line != '\0'; line++)
        for (size_t i = 0; i < 3; i++)
            seen[i] += *line == candidates[i];
    for (size_t i = 1; i < 3; i++)
        if (seen[i] > seen[best])
            best = i;
    return candidates[best];
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The field that begins at *from, unquoted in place; *from moves to what follows it. */
static char *
take_quoted(struct csv_reader *reader, char **from)
{
    char *field = *from + 1, *to = field, *at = field;

    for (; *at != '\0'; at++) {
        if (*at != '"')
            *to++ = *at;
        else if (at[1] == '"')
            *to++ = *at++;
        else
            break;
    }
    if (*at == '\0') {
        bad(reader, "a quote is opened and not closed on its line");
        return NULL;
    }
    for (at++; is_blank(*at) && *at != reader->separator; at++)
        ;
    if (*at != '\0' && *at != reader->separator) {
        bad(reader, "something follows a closing quote");
        return NULL;
    }
    *from = at;
    *to = '\0'; /* at the closing quote or before it */
    return field;
}

static char *
take_plain(struct csv_reader *reader, char **from)
{
    char *field = *from;

    *from += strcspn(field, (char[]){reader->separator, '\0'});
    return field;
}

static bool
split(struct csv_reader *reader)
{
    char *at = reader->bytes;

    reader->count = 0;
    for (;;) {
        char *field, *end;
        bool more;

        while (is_blank(*at) && *at != reader->separator)
            at++;
        field = *at == '"' ? take_quoted(reader, &at) : take_plain(reader, &at);
        if (field == NULL)
            return false;
        if (reader->count == CSV_FIELDS)
            return bad(reader, "more than 128 fields");
        more = *at != '\0';
        *at = '\0';
        for (end = field + strlen(field); end > field && is_blank(end[-1]); end--)
            end[-1] = '\0';
        reader->fields[reader->count++] = field;
        if (!more)
            return true;
        at++;
    }
}

enum csv_status
csv_next(struct csv_reader *reader)
{
    do {
        if (!read_line(reader))
            return reader->why != NULL ? CSV_BAD : CSV_END;
        if (reader->line == 1 && strncmp(reader->bytes, "\xef\xbb\xbf", 3) == 0)
            memmove(reader->bytes, reader->bytes + 3, strlen(reader->bytes) - 2);
    } while (reader->bytes[strspn(reader->bytes, " \t,;")] == '\0');
    if (reader->separator == 0)
        reader->separator = likely_separator(reader->bytes);
    return split(reader) ? CSV_RECORD : CSV_BAD;
}

/* Bytes that are no character, or one that a terminal obeys, become question marks. */
void
csv_write_field(FILE *file, const char *field)
{
    const bool quoted = field[strcspn(field, ",;\"")] != '\0';

    if (quoted)
        putc('"', file);
    while (*field != '\0') {
        const size_t bytes = rnet_printable_bytes(field);

        if (*field == '"')
            putc('"', file);
        if (bytes > 0)
            fwrite(field, 1, bytes, file);
        else
            putc('?', file);
        field += bytes > 0 ? bytes : 1;
    }
    if (quoted)
        putc('"', file);
}
