/* Data tables people edit: one line an entry, fields between blanks, '#' starts a comment. */
#ifndef RNET_USAGE_TABLE_H
#define RNET_USAGE_TABLE_H

#include "usage/opinion.h"

#define RNET_TABLE_FIELDS 64

/* One line of a table, cut into fields; valid during the call only. */
struct rnet_table_line {
    const char *file;
    unsigned number; /* 1-based */
    size_t fields;   /* at least 1 */
    const char *field[RNET_TABLE_FIELDS];
};

/* Takes one line; refuses it with rnet_table_refuse(). */
typedef enum rnet_status (*rnet_table_take)(void *context, const struct rnet_table_line *line,
                                            struct rnet_error *err);

/* The tables as they were when the library was built (embed writes them); ends with a NULL name. */
struct rnet_embedded_table {
    const char *name;
    const char *text;
};
extern const struct rnet_embedded_table rnet_embedded_tables[];

/*
 * Hand every line of a table to `take`. The table is looked for in `directory` (may be NULL), then
 * where the library was installed, then in the library itself.
 * RNET_OK; RNET_EFORMAT (a bad line: err names file, line and reason); RNET_EIO; RNET_ENOMEM.
 */
enum rnet_status
rnet_table_read(const char *directory, const char *name, rnet_table_take take, void *context,
                struct rnet_error *err);

/* The same for a file of any name, which must exist, and for a text; `name` stands in messages. */
enum rnet_status rnet_table_read_file(const char *path, rnet_table_take take, void *context,
                                      struct rnet_error *err);
enum rnet_status rnet_table_read_text(const char *text, const char *name, rnet_table_take take,
                                      void *context, struct rnet_error *err);

/* Fail with "file:line: reason". */
enum rnet_status
rnet_table_refuse(struct rnet_error *err, const struct rnet_table_line *line, const char *format,
                  ...) RNET_PRINTF(3, 4);

/* The file name of a table. */
const char *
rnet_table_name(enum rnet_table table);

/* Note where an opinion comes from. */
void
rnet_table_note(const struct rnet_table_line *line, enum rnet_table table,
                struct rnet_opinion *opinion);

/* Fields that several tables have. Each returns RNET_OK or refuses the line. */
enum rnet_status
rnet_table_usage(const struct rnet_table_line *line, size_t field, enum rnet_usage *usage,
                 struct rnet_error *err);
enum rnet_status
rnet_table_confidence(const struct rnet_table_line *line, size_t field, float *confidence,
                      struct rnet_error *err);
/* "443" or "8801-8810", up to 65535. */
enum rnet_status
rnet_table_range(const struct rnet_table_line *line, size_t field, uint16_t *first, uint16_t *last,
                 struct rnet_error *err);

#endif
