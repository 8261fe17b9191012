/* Survey, inside: the file and its statements. */
#ifndef RNET_SURVEY_INTERNAL_H
#define RNET_SURVEY_INTERNAL_H

#include "base/base.h"

#include <ruralnet/survey.h>

#include <pthread.h>
#include <sqlite3.h>

/* How far some work on surveys is. */
struct survey_steps {
    rnet_survey_progress *progress; /* NULL = nobody wants to know */
    void *context;
    size_t done, total;
};

struct rnet_survey {
    sqlite3 *db;
    pthread_mutex_t lock; /* threads of one claim share the connection */
    char *path;
    struct survey_steps steps; /* of the walk over it */
};

/* One more capture is done: whoever wants to know is told. */
void
survey_step(struct survey_steps *steps);

/* Bring a new or older file to the form with `steps` steps, SCHEMA_STEPS for today's. */
#define SCHEMA_STEPS 3
enum rnet_status
schema_migrate(sqlite3 *db, int steps, struct rnet_error *err);

/*
 * What failed, handed on: trouble with the file is said with the file's name, which neither SQLite
 * nor what reads rows knows; what was asked wrongly is not. Returns the status.
 */
enum rnet_status
survey_failed(const char *path, enum rnet_status status, const struct rnet_error *inner,
              struct rnet_error *err);
/* Whether a write-ahead log stands beside the file: a process has it open, or died with it. */
bool
survey_has_log(const char *path);
/* A survey's name for SQLite that says it is not going to change, so that it can be read where
 * nothing can be written beside it. The caller frees; NULL = out of memory. */
char *
survey_fixed_name(const char *path);

/* Open a connection with the settings every one has. */
enum rnet_status
sql_open(const char *path, int flags, sqlite3 **db, struct rnet_error *err);
/* Words and status of the connection's last failure. */
enum rnet_status
sql_failed(sqlite3 *db, struct rnet_error *err);
/* Statements without values or rows. */
enum rnet_status
sql_exec(sqlite3 *db, const char *statements, struct rnet_error *err);
/*
 * Prepare a statement and bind its values, one letter each: t text, i int64_t, r double (NAN
 * becomes NULL), b blob (pointer and size_t). Borrowed until the statement is finalised.
 */
enum rnet_status
sql_prepare(sqlite3 *db, sqlite3_stmt **statement, struct rnet_error *err, const char *text,
            const char *kinds, ...);
/* The same, run to its end; *changed, if not NULL, receives the number of rows changed. */
enum rnet_status
sql_run(sqlite3 *db, struct rnet_error *err, int *changed, const char *text, const char *kinds,
        ...);
/* Next row: RNET_OK, RNET_END, or a failure. */
enum rnet_status
sql_step(sqlite3 *db, sqlite3_stmt *statement, struct rnet_error *err);
/* A column as text, cut to fit, what is not printable as '?': false when that changed it. NAN for
 * a NULL real. */
bool
sql_text(sqlite3_stmt *statement, int column, char *text, size_t room);
double
sql_real(sqlite3_stmt *statement, int column);
/* End the transaction begun: commit when status is RNET_OK or RNET_END, else roll back. Returns
 * what it came to. */
enum rnet_status
sql_finish(sqlite3 *db, enum rnet_status status, struct rnet_error *err);

/* Called for every firm, by name, then for each of its captures. */
struct survey_visitor {
    enum rnet_status (*firm)(void *context, const struct rnet_firm *firm);
    enum rnet_status (*capture)(void *context, const struct rnet_firm *firm,
                                const struct rnet_profile_summary *summary);
    void *context;
};
/* RNET_OK, or the first failure. */
enum rnet_status
survey_visit(struct rnet_survey *survey, const struct survey_visitor *visitor,
             struct rnet_error *err);

/* Whether a capture was made behind a line seen full. */
bool
line_was_full(const struct rnet_captured_line *line);

/* Enter or change a firm, within a transaction. */
enum rnet_status
firm_put(sqlite3 *db, const struct rnet_firm *firm, struct rnet_error *err);

#endif
