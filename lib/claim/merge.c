/*
 * Many surveys into one. All rows go into a new file in one order (firms by name, captures by
 * digest), so the result depends on what was added, not on who added it when. Evaluations that a
 * claim left behind are not taken: they are found again, and a file from elsewhere proves nothing.
 */
#include "claim/survey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Surveys being merged, and how far that is. */
struct merge {
    const char *const *sources;
    size_t count;
    struct survey_steps steps;
};

/* What is known counts before what is not, and then the greater: the same whatever the order. */
static const char take_firms[] =
    "INSERT INTO main.firm(name, sector, line, staff, weight, modelled)"
    " SELECT name, sector, line, staff, weight, modelled FROM source.firm WHERE true"
    " ON CONFLICT(name) DO UPDATE SET sector = max(sector, excluded.sector),"
    " line = max(line, excluded.line), staff = max(staff, excluded.staff),"
    " weight = max(weight, excluded.weight), modelled = max(modelled, excluded.modelled)";

static const char take_captures[] =
    "INSERT INTO main.capture(firm, digest, input, packets, begin_ns, end_ns, profile)"
    " SELECT own.id, theirs.digest, theirs.input, counted(theirs.packets), theirs.begin_ns, theirs.end_ns,"
    " theirs.profile FROM source.capture AS theirs"
    " JOIN source.firm AS firm ON firm.id = theirs.firm JOIN main.firm AS own USING (name)"
    " WHERE true ON CONFLICT(digest) DO UPDATE SET input = max(input, excluded.input)";

static const char in_order[] =
    "INSERT INTO main.firm(name, sector, line, staff, weight, modelled)"
    " SELECT name, sector, line, staff, weight, modelled FROM source.firm ORDER BY name;"
    "INSERT INTO main.capture(firm, digest, input, packets, begin_ns, end_ns, profile)"
    " SELECT own.id, c.digest, c.input, counted(c.packets), c.begin_ns, c.end_ns, c.profile"
    " FROM source.capture AS c JOIN source.firm AS firm ON firm.id = c.firm"
    " JOIN main.firm AS own USING (name) ORDER BY own.id, c.digest";

static enum rnet_status
refuse_shared_captures(sqlite3 *db, const char *path, struct rnet_error *err)
{
    char first[RNET_FIRM_NAME], second[RNET_FIRM_NAME];
    sqlite3_stmt *statement;
    enum rnet_status status =
        sql_prepare(db, &statement, err,
                    "SELECT own.name, other.name FROM source.capture AS theirs"
                    " JOIN source.firm AS other ON other.id = theirs.firm"
                    " JOIN main.capture AS ours USING (digest)"
                    " JOIN main.firm AS own ON own.id = ours.firm WHERE own.name <> other.name",
                    "");

    if (status != RNET_OK)
        return status;
    status = sql_step(db, statement, err);
    if (status == RNET_OK) {
        sql_text(statement, 0, first, sizeof first);
        sql_text(statement, 1, second, sizeof second);
        status =
            rnet_error_set(err, RNET_EINVAL, "%s: the same packets belong to firm %s and firm %s",
                           path, first, second);
    }
    sqlite3_finalize(statement);
    return status == RNET_END ? RNET_OK : status;
}

/* As a survey is opened for reading: where nothing can be written beside it, by the name that says
 * so. */
static enum rnet_status
attach(sqlite3 *db, const char *path, struct rnet_error *err)
{
    enum rnet_status status = sql_run(db, err, NULL, "ATTACH ?1 AS source", "t", path);
    char *name;

    if (status != RNET_EIO || survey_has_log(path))
        return status;
    name = survey_fixed_name(path);
    if (name == NULL)
        return RNET_ENOMEM;
    status = sql_run(db, err, NULL, "ATTACH ?1 AS source", "t", name);
    rnet_free(name);
    return status;
}

static enum rnet_status
take(sqlite3 *db, const char *path, struct rnet_error *err)
{
    enum rnet_status status = attach(db, path, err);

    if (status != RNET_OK)
        return status;
    status = sql_exec(db, "BEGIN IMMEDIATE", err);
    if (status == RNET_OK) {
        status = refuse_shared_captures(db, path, err);
        if (status == RNET_OK)
            status = sql_exec(db, take_firms, err);
        if (status == RNET_OK)
            status = sql_exec(db, take_captures, err);
        status = sql_finish(db, status, err);
    }
    sql_exec(db, "DETACH source", NULL);
    return status;
}

/* counted(value) in a statement: the value, and one more row has passed. */
static void
count_row(sqlite3_context *call, int argc, sqlite3_value **values)
{
    struct merge *merge = sqlite3_user_data(call);

    (void)argc;
    sqlite3_result_value(call, values[0]);
    survey_step(&merge->steps);
}

static enum rnet_status
new_file(struct merge *merge, const char *path, sqlite3 **db, struct rnet_error *err)
{
    enum rnet_status status;

    unlink(path);
    status = sql_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, db, err);
    /* No journal: the file is thrown away unless all of it is there. */
    if (status == RNET_OK)
        status = sql_exec(*db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", err);
    if (status == RNET_OK && sqlite3_create_function(*db, "counted", 1, SQLITE_UTF8, merge,
                                                     count_row, NULL, NULL) != SQLITE_OK)
        status = sql_failed(*db, err);
    return status == RNET_OK ? schema_migrate(*db, SCHEMA_STEPS, err) : status;
}

/* Firms and captures of a source, as whoever opens the merged survey will read them: what cannot be
 * read must not get into it. */
static enum rnet_status
list_source(struct rnet_survey *source, size_t *captures, struct rnet_error *err)
{
    struct rnet_survey_capture *list = NULL;
    struct rnet_firm *firms = NULL;
    size_t count;
    enum rnet_status status = rnet_survey_firms(source, &firms, &count, err);

    if (status == RNET_OK)
        status = rnet_survey_captures(source, NULL, &list, captures, err);
    rnet_survey_list_free(firms);
    rnet_survey_list_free(list);
    return status;
}

/* Opening a source as a survey checks it and brings it to today's form. Every capture passes twice:
 * into the gathered file, and from there in order. */
static enum rnet_status
look_at_source(struct merge *merge, const char *path, struct rnet_error *err)
{
    struct rnet_survey *source = NULL;
    size_t captures = 0;
    enum rnet_status status = rnet_survey_open(path, RNET_SURVEY_READ, &source, err);

    if (status == RNET_OK)
        status = list_source(source, &captures, err);
    rnet_survey_close(source);
    merge->steps.total += 2 * captures;
    return status;
}

static enum rnet_status
gather(struct merge *merge, const char *path, struct rnet_error *err)
{
    sqlite3 *db = NULL;
    enum rnet_status status = new_file(merge, path, &db, err);

    for (size_t i = 0; i < merge->count && status == RNET_OK; i++)
        status = take(db, merge->sources[i], err);
    sqlite3_close(db);
    return status;
}

static enum rnet_status
write_in_order(struct merge *merge, const char *path, const char *gathered, struct rnet_error *err)
{
    sqlite3 *db = NULL;
    enum rnet_status status = new_file(merge, path, &db, err);

    if (status == RNET_OK)
        status = sql_run(db, err, NULL, "ATTACH ?1 AS source", "t", gathered);
    if (status == RNET_OK)
        status = sql_exec(db, "BEGIN", err);
    if (status == RNET_OK)
        status = sql_finish(db, sql_exec(db, in_order, err), err);
    sqlite3_close(db);
    return status;
}

static enum rnet_status
put_in_place(const char *path, const char *made, struct rnet_error *err)
{
    FILE *file;
    bool ok;

    /* The log beside the old file would be applied to the new one. */
    if (survey_has_log(path))
        return rnet_error_set(err, RNET_EIO, "%s: another process has it open", path);
    file = fopen(made, "rb+");
    ok = file != NULL && fsync(fileno(file)) == 0;
    if (file != NULL)
        fclose(file);
    ok = ok && rename(made, path) == 0;
    return ok ? RNET_OK
              : rnet_error_set(err, RNET_EIO, "%s: cannot be written: %s", path, strerror(errno));
}

/* A file that is not wanted, and the journal SQLite leaves when it cannot go on. */
static void
remove_made(const char *path)
{
    char journal[4096];

    unlink(path);
    if (snprintf(journal, sizeof journal, "%s-journal", path) < (int)sizeof journal)
        unlink(journal);
}

static enum rnet_status
make(struct merge *merge, const char *path, struct rnet_error *err)
{
    const size_t room = strlen(path) + 48;
    char *gathered = rnet_alloc(room), *made = rnet_alloc(room);
    struct rnet_error inner = {0};
    enum rnet_status status = RNET_ENOMEM;

    if (gathered != NULL && made != NULL) {
        snprintf(gathered, room, "%s.gather.%ld", path, (long)getpid());
        snprintf(made, room, "%s.tmp.%ld", path, (long)getpid());
        status = gather(merge, gathered, &inner);
        if (status == RNET_OK)
            status = write_in_order(merge, made, gathered, &inner);
        survey_failed(path, status, &inner, err);
        if (status == RNET_OK)
            status = put_in_place(path, made, err);
        remove_made(gathered);
        remove_made(made);
    } else {
        rnet_error_set(err, status, "%s: out of memory", path);
    }
    rnet_free(gathered);
    rnet_free(made);
    return status;
}

enum rnet_status
rnet_survey_merge(const char *path, const char *const *sources, size_t count,
                  rnet_survey_progress *progress, void *context, struct rnet_error *err)
{
    struct merge merge = {
        .sources = sources, .count = count, .steps = {.progress = progress, .context = context}};
    enum rnet_status status = RNET_OK;

    for (size_t i = 0; i < count && status == RNET_OK; i++)
        status = look_at_source(&merge, sources[i], err);
    return status == RNET_OK ? make(&merge, path, err) : status;
}
