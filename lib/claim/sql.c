/* The few things every statement needs. */
#include "claim/survey.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Long enough for a hundred workers that add a large profile each. */
#define BUSY_TIMEOUT_MS 120000

/* The system's words where it refused to open a file: SQLite only says that it cannot. */
static const char *
words_of_failure(sqlite3 *db)
{
    const int why = sqlite3_system_errno(db);

    return (sqlite3_errcode(db) & 0xff) == SQLITE_CANTOPEN && why != 0 ? strerror(why)
                                                                     : sqlite3_errmsg(db);
}

enum rnet_status
sql_failed(sqlite3 *db, struct rnet_error *err)
{
    const int code = sqlite3_errcode(db);
    const enum rnet_status status = code == SQLITE_NOMEM                              ? RNET_ENOMEM
                                    : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? RNET_EFORMAT
                                                                                      : RNET_EIO;

    return rnet_error_set(err, status, "%s", words_of_failure(db));
}

enum rnet_status
sql_open(const char *path, int flags, sqlite3 **db, struct rnet_error *err)
{
    if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK) {
        const enum rnet_status status =
            *db != NULL ? sql_failed(*db, err) : rnet_error_set(err, RNET_ENOMEM, "out of memory");

        sqlite3_close(*db);
        *db = NULL;
        return status;
    }
    sqlite3_busy_timeout(*db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* A file may come from anywhere: its schema gets no say in what our statements run. */
    sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    return RNET_OK;
}

enum rnet_status
sql_exec(sqlite3 *db, const char *statements, struct rnet_error *err)
{
    return sqlite3_exec(db, statements, NULL, NULL, NULL) == SQLITE_OK ? RNET_OK
                                                                       : sql_failed(db, err);
}

static int
bind_one(sqlite3_stmt *statement, int at, char kind, va_list *values)
{
    const void *bytes;
    double real;

    switch (kind) {
    case 't':
        return sqlite3_bind_text(statement, at, va_arg(*values, const char *), -1, SQLITE_STATIC);
    case 'i':
        return sqlite3_bind_int64(statement, at, va_arg(*values, int64_t));
    case 'r':
        real = va_arg(*values, double);
        return isnan(real) ? sqlite3_bind_null(statement, at)
                           : sqlite3_bind_double(statement, at, real);
    case 'b':
        bytes = va_arg(*values, const void *);
        return sqlite3_bind_blob64(statement, at, bytes, va_arg(*values, size_t), SQLITE_STATIC);
    default:
        return SQLITE_MISUSE;
    }
}

static enum rnet_status
prepare(sqlite3 *db, sqlite3_stmt **statement, struct rnet_error *err, const char *text,
        const char *kinds, va_list *values)
{
    int code = sqlite3_prepare_v2(db, text, -1, statement, NULL);

    for (int at = 1; code == SQLITE_OK && kinds[at - 1] != '\0'; at++)
        code = bind_one(*statement, at, kinds[at - 1], values);
    if (code == SQLITE_OK)
        return RNET_OK;
    sql_failed(db, err);
    sqlite3_finalize(*statement);
    *statement = NULL;
    return sql_failed(db, NULL);
}

enum rnet_status
sql_prepare(sqlite3 *db, sqlite3_stmt **statement, struct rnet_error *err, const char *text,
            const char *kinds, ...)
{
    va_list values;
    enum rnet_status status;

    va_start(values, kinds);
    status = prepare(db, statement, err, text, kinds, &values);
    va_end(values);
    return status;
}

enum rnet_status
sql_step(sqlite3 *db, sqlite3_stmt *statement, struct rnet_error *err)
{
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
        return RNET_OK;
    case SQLITE_DONE:
        return RNET_END;
    default:
        return sql_failed(db, err);
    }
}

enum rnet_status
sql_run(sqlite3 *db, struct rnet_error *err, int *changed, const char *text, const char *kinds, ...)
{
    sqlite3_stmt *statement = NULL;
    va_list values;
    enum rnet_status status;

    va_start(values, kinds);
    status = prepare(db, &statement, err, text, kinds, &values);
    va_end(values);
    while (status == RNET_OK)
        status = sql_step(db, statement, err);
    sqlite3_finalize(statement);
    if (changed != NULL)
        *changed = sqlite3_changes(db);
    return status == RNET_END ? RNET_OK : status;
}

/* A file may hold anything: what is not printable UTF-8 becomes question marks. */
bool
sql_text(sqlite3_stmt *statement, int column, char *text, size_t room)
{
    const unsigned char *value = sqlite3_column_text(statement, column);
    size_t used = 0;
    bool whole = value != NULL;

    while (value != NULL && *value != '\0') {
        const size_t bytes = rnet_printable_bytes((const char *)value),
                     taken = bytes > 0 ? bytes : 1;

        if (used + taken >= room) {
            whole = false;
            break;
        }
        if (bytes > 0)
            memcpy(text + used, value, bytes);
        else
            text[used] = '?';
        whole = whole && bytes > 0;
        used += taken;
        value += taken;
    }
    text[used] = '\0';
    return whole;
}

double
sql_real(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(statement, column);
}

enum rnet_status
sql_finish(sqlite3 *db, enum rnet_status status, struct rnet_error *err)
{
    if (status >= RNET_OK) {
        const enum rnet_status committed = sql_exec(db, "COMMIT", err);

        if (committed == RNET_OK)
            return status;
        status = committed;
    }
    sql_exec(db, "ROLLBACK", NULL);
    return status;
}
