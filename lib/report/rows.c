#include "report/rows.h"

#include <inttypes.h>
#include <math.h>

/* So that a long table needs little memory. */
#define PIECE_BYTES 65536

static void
flush(struct rows *rows)
{
    if (rows->text.failed ||
        (rows->text.length > 0 &&
         !rows->sink->write(rows->sink->context, rows->text.bytes, rows->text.length)))
        rows->failed = true;
    rows->text.length = 0;
}

void
rows_begin(struct rows *rows, const struct rnet_outcome_sink *sink, const char *heading)
{
    *rows = (struct rows){.sink = sink};
    if (sink->csv && sink->heading)
        text_add(&rows->text, "%s", heading);
}

void
rows_begin_row(struct rows *rows)
{
    rows->first = true;
    if (!rows->sink->csv)
        text_add(&rows->text, "{");
}

/* What stands before a value, or instead of one. */
static bool
begin_value(struct rows *rows, const char *name, bool known)
{
    if (known || rows->sink->csv) {
        text_add(&rows->text, "%s", rows->first ? "" : ",");
        rows->first = false;
    }
    if (known && !rows->sink->csv)
        text_add(&rows->text, "\"%s\":", name);
    return known;
}

void
rows_add_word(struct rows *rows, const char *name, const char *word)
{
    if (begin_value(rows, name, word != NULL))
        text_add(&rows->text, rows->sink->csv ? "%s" : "\"%s\"", word);
}

void
rows_add_count(struct rows *rows, const char *name, int64_t value)
{
    if (begin_value(rows, name, value >= 0))
        text_add(&rows->text, "%" PRId64, value);
}

void
rows_add_number(struct rows *rows, const char *name, double value)
{
    if (begin_value(rows, name, isfinite(value)))
        text_add(&rows->text, "%.9g", value);
}

void
rows_end_row(struct rows *rows)
{
    text_add(&rows->text, rows->sink->csv ? "\n" : "}\n");
    if (rows->text.failed || rows->text.length > PIECE_BYTES)
        flush(rows);
}

enum rnet_status
rows_end(struct rows *rows)
{
    flush(rows);
    rnet_free(rows->text.bytes);
    return !rows->failed ? RNET_OK : rows->text.failed ? RNET_ENOMEM : RNET_EIO;
}
