/* The survey's file: opened, checked, brought to today's form. */
#include "claim/survey.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "RNSV": says to file(1) and to us that this is a survey. */
#define APPLICATION_ID 0x524e5356

/*
 * The schema grows by steps, never edited once released: a file that has seen n of them gets the
 * rest. Text and numbers only about firms; the profile is as rnet_profile_write() makes it.
 */
static const char *const steps[SCHEMA_STEPS] = {
    /* 1: firms and their captures */
    "CREATE TABLE firm ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sector TEXT NOT NULL,"
    " line TEXT NOT NULL, staff INTEGER NOT NULL, weight REAL NOT NULL, modelled INTEGER NOT NULL);"
    "CREATE TABLE capture ("
    " id INTEGER PRIMARY KEY, firm INTEGER NOT NULL REFERENCES firm(id) ON DELETE CASCADE,"
    " digest TEXT NOT NULL UNIQUE, input TEXT NOT NULL, packets INTEGER NOT NULL,"
    " begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, profile BLOB NOT NULL);"
    "CREATE INDEX capture_firm ON capture(firm);"
    "CREATE INDEX capture_input ON capture(input);",
    /* 2: verdicts already found, so that a claim asked again replays nothing */
    "CREATE TABLE replayed ("
    " digest TEXT NOT NULL REFERENCES capture(digest) ON DELETE CASCADE, line TEXT NOT NULL,"
    " settings TEXT NOT NULL, complete INTEGER NOT NULL,"
    " PRIMARY KEY (digest, line, settings)) WITHOUT ROWID;"
    "CREATE TABLE verdict ("
    " digest TEXT NOT NULL, line TEXT NOT NULL, settings TEXT NOT NULL, criterion TEXT NOT NULL,"
    " met INTEGER NOT NULL, little_seen INTEGER NOT NULL, weight REAL, low REAL, middle REAL,"
    " high REAL, PRIMARY KEY (digest, line, settings, criterion),"
    " FOREIGN KEY (digest, line, settings) REFERENCES replayed(digest, line, settings)"
    " ON DELETE CASCADE) WITHOUT ROWID;",
    /* 3: the same under a key of all that a verdict depends on; what was kept before is dropped */
    "DROP TABLE verdict; DROP TABLE replayed;"
    "CREATE TABLE evaluation ("
    " key TEXT PRIMARY KEY, capture TEXT NOT NULL REFERENCES capture(digest) ON DELETE CASCADE,"
    " build TEXT NOT NULL, items TEXT NOT NULL, sum TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX evaluation_capture ON evaluation(capture);",
};

static enum rnet_status
read_number(sqlite3 *db, const char *question, int64_t *value, struct rnet_error *err)
{
    sqlite3_stmt *statement;
    enum rnet_status status = sql_prepare(db, &statement, err, question, "");

    if (status != RNET_OK)
        return status;
    status = sql_step(db, statement, err);
    *value = status == RNET_OK ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return status == RNET_END ? RNET_OK : status;
}

/* How many steps the file has seen; refuses what is no survey and what is too new. */
static enum rnet_status
steps_seen(sqlite3 *db, int64_t *seen, struct rnet_error *err)
{
    int64_t id = 0, tables = 0;
    enum rnet_status status = read_number(db, "PRAGMA user_version", seen, err);

    if (status == RNET_OK)
        status = read_number(db, "PRAGMA application_id", &id, err);
    if (status == RNET_OK)
        status = read_number(db, "SELECT count(*) FROM sqlite_master", &tables, err);
    if (status != RNET_OK)
        return status;
    if (id != APPLICATION_ID && (tables > 0 || *seen != 0))
        return rnet_error_set(err, RNET_EFORMAT, "a database, but not a survey");
    if (*seen > SCHEMA_STEPS || *seen < 0)
        return rnet_error_set(err, RNET_EUNSUPPORTED,
                              "survey of form %lld, this version knows forms up to %d",
                              (long long)*seen, SCHEMA_STEPS);
    return RNET_OK;
}

enum rnet_status
schema_migrate(sqlite3 *db, int wanted, struct rnet_error *err)
{
    char words[80];
    int64_t seen = 0;
    enum rnet_status status = steps_seen(db, &seen, err);

    if (status != RNET_OK || seen >= wanted)
        return status;
    /* Another process may be doing the same: look again under the lock. */
    status = sql_exec(db, "BEGIN IMMEDIATE", err);
    if (status != RNET_OK)
        return status;
    status = steps_seen(db, &seen, err);
    for (int64_t i = seen; i < wanted && status == RNET_OK; i++)
        status = sql_exec(db, steps[i], err);
    snprintf(words, sizeof words, "PRAGMA application_id=%d; PRAGMA user_version=%d",
             APPLICATION_ID, wanted);
    if (status == RNET_OK)
        status = sql_exec(db, words, err);
    return sql_finish(db, status, err);
}

/* Next entry of two schemas: RNET_OK (the same), RNET_END (both end), RNET_EFORMAT. */
static enum rnet_status
compare_entry(sqlite3 *db, sqlite3_stmt *own, sqlite3 *memory, sqlite3_stmt *ours,
              struct rnet_error *err)
{
    const enum rnet_status one = sql_step(db, own, err), other = sql_step(memory, ours, err);

    if (one < RNET_OK || other < RNET_OK)
        return one < RNET_OK ? one : other;
    for (int i = 0; i < 4 && one == RNET_OK && other == RNET_OK; i++) {
        const unsigned char *theirs = sqlite3_column_text(own, i),
                            *expected = sqlite3_column_text(ours, i);

        if (theirs == NULL || expected == NULL ||
            strcmp((const char *)theirs, (const char *)expected) != 0)
            return rnet_error_set(err, RNET_EFORMAT, "its schema is not a survey's");
    }
    return one == other ? one : rnet_error_set(err, RNET_EFORMAT, "its schema is not a survey's");
}

/*
 * The schema must be ours to the letter: a trigger, a view, an expression in an index or a column
 * more could run, or hide, anything.
 */
static enum rnet_status
check_schema(sqlite3 *db, int steps_done, struct rnet_error *err)
{
    static const char entries[] = "SELECT type, name, tbl_name, coalesce(sql, '')"
                                  " FROM sqlite_master ORDER BY type, name";
    sqlite3_stmt *own = NULL, *ours = NULL;
    sqlite3 *memory = NULL;
    enum rnet_status status =
        sql_open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &memory, err);

    if (status == RNET_OK)
        status = schema_migrate(memory, steps_done, err);
    if (status == RNET_OK)
        status = sql_prepare(db, &own, err, entries, "");
    if (status == RNET_OK)
        status = sql_prepare(memory, &ours, err, entries, "");
    while (status == RNET_OK)
        status = compare_entry(db, own, memory, ours, err);
    sqlite3_finalize(own);
    sqlite3_finalize(ours);
    sqlite3_close(memory);
    return status == RNET_END ? RNET_OK : status;
}

/* Look before touching: a database that is not ours is left as it is. At one moment, since another
 * process may be making or migrating it. *code is SQLite's of what failed. */
static enum rnet_status
look_at(sqlite3 *db, int *code, struct rnet_error *err)
{
    enum rnet_status status = sql_exec(db, "BEGIN", err);
    int64_t seen;

    *code = sqlite3_errcode(db);
    if (status != RNET_OK)
        return status;
    status = steps_seen(db, &seen, err);
    if (status == RNET_OK)
        status = check_schema(db, (int)seen, err);
    *code = sqlite3_errcode(db);
    return sql_finish(db, status, err);
}

bool
survey_has_log(const char *path)
{
    char log[4096];

    return snprintf(log, sizeof log, "%s-wal", path) >= (int)sizeof log || access(log, F_OK) == 0;
}

char *
survey_fixed_name(const char *path)
{
    static const char before[] = "file:", after[] = "?immutable=1";
    char *name = rnet_alloc(3 * strlen(path) + sizeof before + sizeof after);
    size_t used = sizeof before - 1;

    if (name == NULL)
        return NULL;
    memcpy(name, before, used);
    for (; *path != '\0'; path++) {
        const bool plain = strchr("?#%", *path) == NULL;

        used += (size_t)sprintf(name + used, plain ? "%c" : "%%%02x", (unsigned char)*path);
    }
    memcpy(name + used, after, sizeof after);
    return name;
}

/* A folder, or a disk, that cannot be written to has no room for what SQLite puts beside a file
 * that is shared. Nobody else changes it then, unless a log says so. */
static enum rnet_status
open_fixed(const char *path, sqlite3 **db, struct rnet_error *err)
{
    char *name = survey_fixed_name(path);
    enum rnet_status status = RNET_ENOMEM;
    int code;

    sqlite3_close(*db);
    *db = NULL;
    if (name != NULL)
        status = sql_open(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, db, err);
    rnet_free(name);
    return status == RNET_OK ? look_at(*db, &code, err) : status;
}

static enum rnet_status
open_file(const char *path, enum rnet_survey_mode mode, sqlite3 **db, struct rnet_error *err)
{
    const int flags = SQLITE_OPEN_READWRITE | (mode == RNET_SURVEY_CREATE ? SQLITE_OPEN_CREATE : 0);
    enum rnet_status status = sql_open(path, flags, db, err);
    int code;

    if (status == RNET_OK)
        status = look_at(*db, &code, err);
    if (status == RNET_EIO && *db != NULL && mode == RNET_SURVEY_READ &&
        (code == SQLITE_READONLY || code == SQLITE_CANTOPEN) && !survey_has_log(path))
        status = open_fixed(path, db, err);
    if (status == RNET_OK && mode != RNET_SURVEY_READ)
        status = sql_exec(*db, "PRAGMA journal_mode=WAL", err);
    return status == RNET_OK ? schema_migrate(*db, SCHEMA_STEPS, err) : status;
}

enum rnet_status
survey_failed(const char *path, enum rnet_status status, const struct rnet_error *inner,
              struct rnet_error *err)
{
    const bool of_the_file = status == RNET_EIO || status == RNET_EFORMAT ||
                             status == RNET_EUNSUPPORTED || status == RNET_ENOMEM;

    if (of_the_file)
        return rnet_error_set(err, status, "%s: %s", path,
                              inner->message[0] != '\0' ? inner->message
                                                        : rnet_status_text(status));
    if (err != NULL && status < RNET_OK && inner->message[0] != '\0')
        *err = *inner; /* of a success they may be of an attempt before it */
    return status;
}

enum rnet_status
rnet_survey_open(const char *path, enum rnet_survey_mode mode, struct rnet_survey **survey,
                 struct rnet_error *err)
{
    struct rnet_error inner = {0};
    enum rnet_status status = RNET_ENOMEM;

    *survey = rnet_alloc_zero(1, sizeof **survey);
    if (*survey == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", path);
    pthread_mutex_init(&(*survey)->lock, NULL);
    (*survey)->path = rnet_strdup(path);
    if ((*survey)->path != NULL)
        status = open_file(path, mode, &(*survey)->db, &inner);
    if (status != RNET_OK) {
        rnet_survey_close(*survey);
        *survey = NULL;
    }
    return survey_failed(path, status, &inner, err);
}

void
rnet_survey_close(struct rnet_survey *survey)
{
    if (survey == NULL)
        return;
    sqlite3_close(survey->db);
    pthread_mutex_destroy(&survey->lock);
    rnet_free(survey->path);
    rnet_free(survey);
}
