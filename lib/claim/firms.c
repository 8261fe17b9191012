/* Firms: entered, changed, listed, removed. */
#include "claim/survey.h"

#include <stdlib.h>
#include <string.h>

#include <ruralnet/link.h>

static bool
is_weight(double weight)
{
    return weight >= RNET_FIRM_WEIGHT_LEAST && weight <= RNET_FIRM_WEIGHT_MOST;
}

static enum rnet_status
refuse_weight(enum rnet_status status, const struct rnet_firm *firm, struct rnet_error *err)
{
    return rnet_error_set(err, status, "firm %s: weight %g is not between 1e-9 and 1e12",
                          firm->name, firm->weight);
}

static enum rnet_status
check_firm(const struct rnet_firm *firm, struct rnet_error *err)
{
    struct rnet_error inner = {0};
    struct rnet_link link;

    if (memchr(firm->name, '\0', sizeof firm->name) == NULL ||
        memchr(firm->sector, '\0', sizeof firm->sector) == NULL ||
        memchr(firm->line, '\0', sizeof firm->line) == NULL)
        return rnet_error_set(err, RNET_EINVAL, "a firm's name, sector or line is too long");
    if (firm->name[0] == '\0' || !rnet_is_printable(firm->name) || !rnet_is_printable(firm->sector))
        return rnet_error_set(err, RNET_EINVAL,
                              "a firm needs a name of printable characters, at most %d bytes",
                              RNET_FIRM_NAME - 1);
    if (firm->weight != 0 && !is_weight(firm->weight))
        return refuse_weight(RNET_EINVAL, firm, err);
    if (firm->line[0] != '\0' && rnet_link_parse(firm->line, &link, &inner) != RNET_OK)
        return rnet_error_set(err, RNET_EINVAL, "firm %s: line %s: %s", firm->name, firm->line,
                              inner.message);
    return RNET_OK;
}

enum rnet_status
firm_put(sqlite3 *db, const struct rnet_firm *firm, struct rnet_error *err)
{
    const enum rnet_status status = check_firm(firm, err);

    if (status != RNET_OK)
        return status;
    return sql_run(db, err, NULL,
                   "INSERT INTO firm(name, sector, line, staff, weight, modelled)"
                   " VALUES (?1, ?2, ?3, ?4, CASE WHEN ?5 > 0 THEN ?5 ELSE 1 END, ?6)"
                   " ON CONFLICT(name) DO UPDATE SET"
                   " sector = CASE WHEN ?2 <> '' THEN ?2 ELSE sector END,"
                   " line = CASE WHEN ?3 <> '' THEN ?3 ELSE line END,"
                   " staff = CASE WHEN ?4 > 0 THEN ?4 ELSE staff END,"
                   " weight = CASE WHEN ?5 > 0 THEN ?5 ELSE weight END,"
                   " modelled = max(modelled, ?6)",
                   "tttiri", firm->name, firm->sector, firm->line, (int64_t)firm->staff,
                   firm->weight, (int64_t)firm->modelled);
}

enum rnet_status
rnet_survey_put_firm(struct rnet_survey *survey, const struct rnet_firm *firm,
                     struct rnet_error *err)
{
    struct rnet_error inner = {0};
    enum rnet_status status;

    pthread_mutex_lock(&survey->lock);
    status = firm_put(survey->db, firm, &inner);
    pthread_mutex_unlock(&survey->lock);
    return survey_failed(survey->path, status, &inner, err);
}

/* Names tell firms apart: one that cannot be read whole may stand for several. A share counts
 * weights: one that is none would make it anything. */
static enum rnet_status
read_firm(sqlite3_stmt *row, struct rnet_firm *firm, struct rnet_error *err)
{
    const int64_t staff = sqlite3_column_int64(row, 3);

    *firm = (struct rnet_firm){
        .staff = staff > 0 && staff <= UINT32_MAX ? (uint32_t)staff : 0,
        .weight = sqlite3_column_double(row, 4),
        .modelled = sqlite3_column_int(row, 5) != 0,
        .captures = (size_t)sqlite3_column_int64(row, 6),
    };
    sql_text(row, 1, firm->sector, sizeof firm->sector);
    sql_text(row, 2, firm->line, sizeof firm->line);
    if (!sql_text(row, 0, firm->name, sizeof firm->name))
        return rnet_error_set(err, RNET_EFORMAT, "a firm's name is not printable: %s", firm->name);
    if (!is_weight(firm->weight))
        return refuse_weight(RNET_EFORMAT, firm, err);
    return RNET_OK;
}

static enum rnet_status
list_firms(sqlite3 *db, struct rnet_firm **firms, size_t *count, struct rnet_error *err)
{
    sqlite3_stmt *statement;
    size_t capacity = 0;
    enum rnet_status status =
        sql_prepare(db, &statement, err,
                    "SELECT name, sector, line, staff, weight, modelled,"
                    " (SELECT count(*) FROM capture WHERE capture.firm = firm.id)"
                    " FROM firm ORDER BY name",
                    "");

    while (status == RNET_OK && (status = sql_step(db, statement, err)) == RNET_OK) {
        status = rnet_array_reserve((void **)firms, &capacity, *count + 1, sizeof **firms);
        status = status == RNET_OK ? read_firm(statement, &(*firms)[(*count)++], err)
                                   : rnet_error_set(err, status, "out of memory");
    }
    sqlite3_finalize(statement);
    return status == RNET_END ? RNET_OK : status;
}

enum rnet_status
rnet_survey_firms(struct rnet_survey *survey, struct rnet_firm **firms, size_t *count,
                  struct rnet_error *err)
{
    struct rnet_error inner = {0};
    enum rnet_status status;

    *firms = NULL;
    *count = 0;
    pthread_mutex_lock(&survey->lock);
    status = list_firms(survey->db, firms, count, &inner);
    pthread_mutex_unlock(&survey->lock);
    if (status != RNET_OK) {
        rnet_free(*firms);
        *firms = NULL;
        *count = 0;
    }
    return survey_failed(survey->path, status, &inner, err);
}

void
rnet_survey_list_free(void *list)
{
    rnet_free(list);
}

enum rnet_status
rnet_survey_remove(struct rnet_survey *survey, const char *firm, const char *digest,
                   struct rnet_error *err)
{
    struct rnet_error inner = {0};
    int changed = 0;
    enum rnet_status status;

    pthread_mutex_lock(&survey->lock);
    status = digest == NULL ? sql_run(survey->db, &inner, &changed,
                                      "DELETE FROM firm WHERE name = ?1", "t", firm)
                            : sql_run(survey->db, &inner, &changed,
                                      "DELETE FROM capture WHERE digest = ?2 AND firm ="
                                      " (SELECT id FROM firm WHERE name = ?1)",
                                      "tt", firm, digest);
    pthread_mutex_unlock(&survey->lock);
    if (status == RNET_OK && changed == 0)
        return rnet_error_set(err, RNET_ENOTFOUND,
                              digest == NULL ? "no firm %s" : N_("firm %s: no such capture"), firm);
    return survey_failed(survey->path, status, &inner, err);
}
