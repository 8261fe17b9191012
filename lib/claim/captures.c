/* Captures: a firm's profiles, kept whole. */
#include "claim/claim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* SQLite's own limit of a value, less room for the row. */
#define MOST_PROFILE_BYTES 999000000u

/* Whose capture it is already: RNET_OK (nobody's), RNET_END (this firm's), RNET_EINVAL. */
static enum rnet_status
look_for(sqlite3 *db, const char *firm, const char *digest, struct rnet_error *err)
{
    char owner[RNET_FIRM_NAME];
    sqlite3_stmt *statement;
    enum rnet_status status = sql_prepare(
        db, &statement, err,
        "SELECT name FROM capture JOIN firm ON firm.id = capture.firm WHERE digest = ?1", "t",
        digest);

    if (status != RNET_OK)
        return status;
    status = sql_step(db, statement, err);
    if (status == RNET_OK) {
        sql_text(statement, 0, owner, sizeof owner);
        status =
            strcmp(owner, firm) == 0
                ? RNET_END
                : rnet_error_set(err, RNET_EINVAL,
                                 "the same packets are in the survey already, of firm %s", owner);
    } else if (status == RNET_END) {
        status = RNET_OK;
    }
    sqlite3_finalize(statement);
    return status;
}

static enum rnet_status
insert(sqlite3 *db, const struct rnet_firm *firm, const struct rnet_profile_summary *summary,
       const char *input, const uint8_t *bytes, size_t count, struct rnet_error *err)
{
    enum rnet_status status = look_for(db, firm->name, summary->digest, err);

    if (status != RNET_OK)
        return status;
    status = firm_put(db, firm, err);
    if (status != RNET_OK)
        return status;
    return sql_run(db, err, NULL,
                   "INSERT INTO capture(firm, digest, input, packets, begin_ns, end_ns, profile)"
                   " VALUES ((SELECT id FROM firm WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
                   "tttiiib", firm->name, summary->digest, input, (int64_t)summary->packets,
                   summary->begin_ns, summary->end_ns, bytes, count);
}

enum rnet_status
rnet_survey_add(struct rnet_survey *survey, const struct rnet_firm *firm,
                struct rnet_profile *profile, const char *input, struct rnet_error *err)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    struct rnet_error inner = {0};
    uint8_t *bytes = NULL;
    size_t count = 0;
    enum rnet_status status;

    /* A capture without packets is a mistake; a modelled office may be quiet for its hours. */
    if ((summary->packets == 0 && !firm->modelled) || summary->digest[0] == '\0')
        return rnet_error_set(err, RNET_EINVAL, "there are no packets in it");
    status = rnet_profile_write(profile, &bytes, &count, err);
    if (status == RNET_OK && count > MOST_PROFILE_BYTES)
        status = rnet_error_set(err, RNET_EFULL, "a profile of %zu bytes; a survey takes %u", count,
                                MOST_PROFILE_BYTES);
    if (status == RNET_OK) {
        pthread_mutex_lock(&survey->lock);
        status = sql_exec(survey->db, "BEGIN IMMEDIATE", &inner);
        if (status == RNET_OK)
            status = sql_finish(
                survey->db, insert(survey->db, firm, summary, input, bytes, count, &inner), &inner);
        pthread_mutex_unlock(&survey->lock);
        survey_failed(survey->path, status, &inner, err);
    }
    free(bytes);
    return status;
}

bool
rnet_survey_has_input(struct rnet_survey *survey, const char *firm, const char *input)
{
    sqlite3_stmt *statement;
    bool has = false;

    pthread_mutex_lock(&survey->lock);
    if (sql_prepare(survey->db, &statement, NULL,
                    "SELECT 1 FROM capture JOIN firm ON firm.id = capture.firm"
                    " WHERE name = ?1 AND input = ?2 AND input <> ''",
                    "tt", firm, input) == RNET_OK)
        has = sql_step(survey->db, statement, NULL) == RNET_OK;
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&survey->lock);
    return has;
}

enum rnet_status
rnet_survey_digest_file(const char *path, char digest[RNET_DIGEST_TEXT], struct rnet_error *err)
{
    uint8_t block[65536];
    FILE *file = fopen(path, "rb");
    XXH3_state_t *state = XXH3_createState();
    XXH128_hash_t hash;
    size_t got;
    bool ok = file != NULL && state != NULL && XXH3_128bits_reset(state) == XXH_OK;

    errno = file == NULL ? errno : 0;
    while (ok && (got = fread(block, 1, sizeof block, file)) > 0)
        ok = XXH3_128bits_update(state, block, got) == XXH_OK;
    ok = ok && !ferror(file);
    if (ok) {
        hash = XXH3_128bits_digest(state);
        snprintf(digest, RNET_DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
    }
    if (file != NULL)
        fclose(file);
    XXH3_freeState(state);
    return ok ? RNET_OK : rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
}

static enum rnet_status
read_capture(sqlite3_stmt *row, struct rnet_survey_capture *capture, struct rnet_error *err)
{
    *capture = (struct rnet_survey_capture){
        .packets = (uint64_t)sqlite3_column_int64(row, 3),
        .profile_bytes = (uint64_t)sqlite3_column_int64(row, 4),
        .begin_ns = sqlite3_column_int64(row, 5),
        .end_ns = sqlite3_column_int64(row, 6),
    };
    sql_text(row, 2, capture->input, sizeof capture->input);
    if (!sql_text(row, 0, capture->firm, sizeof capture->firm) ||
        !sql_text(row, 1, capture->digest, sizeof capture->digest))
        return rnet_error_set(err, RNET_EFORMAT, "a capture's firm or digest is not printable: %s",
                              capture->digest);
    return RNET_OK;
}

static enum rnet_status
list_captures(sqlite3 *db, const char *firm, struct rnet_survey_capture **captures, size_t *count,
              struct rnet_error *err)
{
    sqlite3_stmt *statement;
    size_t capacity = 0;
    enum rnet_status status =
        sql_prepare(db, &statement, err,
                    "SELECT name, digest, input, packets, length(profile), begin_ns, end_ns"
                    " FROM capture JOIN firm ON firm.id = capture.firm"
                    " WHERE ?1 = '' OR name = ?1 ORDER BY name, digest",
                    "t", firm != NULL ? firm : "");

    while (status == RNET_OK && (status = sql_step(db, statement, err)) == RNET_OK) {
        status = rnet_array_reserve((void **)captures, &capacity, *count + 1, sizeof **captures);
        status = status == RNET_OK ? read_capture(statement, &(*captures)[(*count)++], err)
                                   : rnet_error_set(err, status, "out of memory");
    }
    sqlite3_finalize(statement);
    return status == RNET_END ? RNET_OK : status;
}

enum rnet_status
rnet_survey_captures(struct rnet_survey *survey, const char *firm,
                     struct rnet_survey_capture **captures, size_t *count, struct rnet_error *err)
{
    struct rnet_error inner = {0};
    enum rnet_status status;

    *captures = NULL;
    *count = 0;
    pthread_mutex_lock(&survey->lock);
    status = list_captures(survey->db, firm, captures, count, &inner);
    pthread_mutex_unlock(&survey->lock);
    if (status != RNET_OK) {
        rnet_free(*captures);
        *captures = NULL;
        *count = 0;
    }
    return survey_failed(survey->path, status, &inner, err);
}

enum rnet_status
survey_load_profile(struct rnet_survey *survey, const char *capture, struct rnet_profile **profile,
                    char digest[RNET_DIGEST_TEXT], struct rnet_error *err)
{
    sqlite3_stmt *statement = NULL;
    enum rnet_status status;

    *profile = NULL;
    pthread_mutex_lock(&survey->lock);
    status = sql_prepare(survey->db, &statement, err,
                         "SELECT profile FROM capture WHERE digest = ?1", "t", capture);
    if (status == RNET_OK)
        status = sql_step(survey->db, statement, err);
    if (status == RNET_OK) {
        const void *bytes = sqlite3_column_blob(statement, 0);
        const size_t count = (size_t)sqlite3_column_bytes(statement, 0);

        status = rnet_profile_read(bytes, count, profile, err);
        if (digest != NULL && status == RNET_OK)
            digest_of_bytes(bytes, count, digest);
    } else if (status == RNET_END) {
        status = rnet_error_set(err, RNET_ENOTFOUND, "no capture %s", capture);
    }
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&survey->lock);
    return status;
}

enum rnet_status
rnet_survey_profile(struct rnet_survey *survey, const char *digest, struct rnet_profile **profile,
                    struct rnet_error *err)
{
    struct rnet_error inner = {0};
    const enum rnet_status status = survey_load_profile(survey, digest, profile, NULL, &inner);

    return survey_failed(survey->path, status, &inner, err);
}
