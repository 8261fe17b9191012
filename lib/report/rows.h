/* Rows of a table that may be long, as CSV or NDJSON, handed to a sink in pieces. */
#ifndef RNET_REPORT_ROWS_H
#define RNET_REPORT_ROWS_H

#include "report/report.h"

struct rows {
    struct text text;
    const struct rnet_outcome_sink *sink;
    bool failed; /* the sink, or memory */
    bool first;  /* no value of the row so far */
};

/* `heading` is the CSV heading, its line's end included. */
void
rows_begin(struct rows *rows, const struct rnet_outcome_sink *sink, const char *heading);
void
rows_begin_row(struct rows *rows);
/* A value; what is not there (NULL, negative, not finite) is empty in CSV and absent in NDJSON. */
void
rows_add_word(struct rows *rows, const char *name, const char *word);
void
rows_add_count(struct rows *rows, const char *name, int64_t value);
void
rows_add_number(struct rows *rows, const char *name, double value);
void
rows_end_row(struct rows *rows);
/* Hand over what is left and free: RNET_OK, RNET_EIO (the sink), RNET_ENOMEM. */
enum rnet_status
rows_end(struct rows *rows);

#endif
