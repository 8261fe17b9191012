/* What netsuff link --survey writes: one row per line, as comma-separated values or JSON. */
#ifndef NETSUFF_LINK_ROWS_H
#define NETSUFF_LINK_ROWS_H

#include <ruralnet/ruralnet.h>

#include <stdbool.h>
#include <stdio.h>

#define LINK_ROW_SPECIFICATION 512

/* What a row came to. */
struct link_row {
    unsigned long line; /* of the table */
    const char *id;
    char specification[LINK_ROW_SPECIFICATION];
    bool reported; /* rates as the modem says, not computed */
    struct rnet_copper_result result;
    uint64_t rate_bps[RNET_DIRECTIONS];
    struct rnet_error err; /* status RNET_OK: none */
};

struct link_rows {
    FILE *file;
    bool json;
    bool any;
};

void
link_rows_begin(struct link_rows *rows, FILE *file, bool json);
void
link_row_write(struct link_rows *rows, const struct link_row *row);
void
link_rows_end(struct link_rows *rows, unsigned long done, unsigned long failed, bool complete);

#endif
