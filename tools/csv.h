/* Reading comma-separated values, one record a line. */
#ifndef NETSUFF_CSV_H
#define NETSUFF_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CSV_LINE_BYTES 16384
#define CSV_FIELDS 128

enum csv_status { CSV_RECORD, CSV_END, CSV_BAD };

/* RFC 4180 but for one thing: a quoted field ends on its line, so that a stray quote costs a line
 * and not the rest of the file. A byte order mark, CRLF and blank lines are passed over; the
 * separator (comma, semicolon or tab) is what the first record has most of. */
struct csv_reader {
    FILE *file;
    char separator; /* 0 until the first record */
    unsigned long line;
    uint64_t taken_bytes;
    size_t count;
    char *fields[CSV_FIELDS];
    const char *why; /* of CSV_BAD: this line cannot be read, the next one can */
    char bytes[CSV_LINE_BYTES];
};

void
csv_begin(struct csv_reader *reader, FILE *file);
/* Fields are NUL-terminated, without blanks around them, and last until the next call. */
enum csv_status
csv_next(struct csv_reader *reader);
/* The field, quoted if it must be, control characters made question marks. */
void
csv_write_field(FILE *file, const char *field);

#endif
