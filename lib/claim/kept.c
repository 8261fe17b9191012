/*
 * Evaluations kept in the survey, so that a claim asked again replays nothing. One row each, its
 * numbers in hexadecimal floating point (exact), with a checksum: a row that is not sound is as if
 * it were not there. The checksum finds damage, not forgery: a file from elsewhere may hold
 * anything, which is why merging does not take these rows and `fresh` passes them over.
 */
#include "claim/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_ROOM 320

static char *
write_items(const char *key, const struct settings *settings, const struct evaluation *evaluation)
{
    const size_t room = (evaluation->count + 1) * LINE_ROOM;
    char *text = rnet_alloc(room);
    size_t used;

    if (text == NULL)
        return NULL;
    used = (size_t)snprintf(text, room, "%s\n", key);
    for (size_t i = 0; i < evaluation->count; i++) {
        const struct evaluated *item = &evaluation->items[i];

        used += (size_t)snprintf(text + used, room - used, "%s %d %a %a %a %a %a %a %a\n",
                                 settings->criteria->items[item->criterion].id, item->judged,
                                 item->weight, item->acceptable.low, item->acceptable.high,
                                 item->good.low, item->good.high, item->bytes, item->seconds);
    }
    return text;
}

static bool
is_share_band(const struct rnet_interval *band)
{
    return band->low >= 0 && band->low <= band->high && band->high <= 1 + 1e-9;
}

/* More uses, bytes or seconds than any capture has, or so small a part of one, would make sums of
 * them inexact. */
static bool
is_amount(double amount)
{
    return amount == 0 || (amount >= 1e-9 && amount <= 1e19);
}

static bool
is_sound(const struct evaluated *item)
{
    if (!is_amount(item->weight) || !is_amount(item->bytes) || !is_amount(item->seconds))
        return false;
    return !item->judged || (is_share_band(&item->acceptable) && is_share_band(&item->good));
}

/* One line of a row; advances *at past it. */
static bool
read_item(const char **at, const struct settings *settings, struct evaluated *item)
{
    const struct rnet_criterion *criterion;
    char id[40];
    int judged, used = 0;

    *item = (struct evaluated){0};
    if (sscanf(*at, "%39s %d %la %la %la %la %la %la %la%n", id, &judged, &item->weight,
               &item->acceptable.low, &item->acceptable.high, &item->good.low, &item->good.high,
               &item->bytes, &item->seconds, &used) != 9 ||
        (*at)[used] != '\n')
        return false;
    criterion = rnet_criteria_find(settings->criteria, id);
    if (criterion == NULL)
        return false;
    item->criterion = (uint32_t)(criterion - settings->criteria->items);
    item->judged = judged != 0;
    *at += used + 1;
    return is_sound(item);
}

static enum rnet_status
read_items(const char *text, const char *key, const struct settings *settings,
           struct evaluation *evaluation)
{
    size_t capacity = 0;

    if (strncmp(text, key, RNET_DIGEST_TEXT - 1) != 0 || text[RNET_DIGEST_TEXT - 1] != '\n')
        return RNET_END;
    text += RNET_DIGEST_TEXT;
    while (*text != '\0') {
        struct evaluated item;

        if (!read_item(&text, settings, &item) ||
            (evaluation->count > 0 &&
             item.criterion <= evaluation->items[evaluation->count - 1].criterion))
            return RNET_END;
        if (rnet_array_reserve((void **)&evaluation->items, &capacity, evaluation->count + 1,
                               sizeof *evaluation->items) != RNET_OK)
            return RNET_ENOMEM;
        evaluation->items[evaluation->count++] = item;
    }
    evaluation->known = true;
    return RNET_OK;
}

static enum rnet_status
find(sqlite3 *db, const char *key, const struct settings *settings, struct evaluation *evaluation,
     struct rnet_error *err)
{
    char digest[RNET_DIGEST_TEXT];
    sqlite3_stmt *row;
    enum rnet_status status =
        sql_prepare(db, &row, err, "SELECT items, sum FROM evaluation WHERE key = ?1", "t", key);

    if (status != RNET_OK)
        return status;
    status = sql_step(db, row, err);
    if (status == RNET_OK) {
        const char *text = (const char *)sqlite3_column_text(row, 0),
                   *sum = (const char *)sqlite3_column_text(row, 1);

        if (text != NULL)
            digest_of_bytes(text, strlen(text), digest);
        status = text != NULL && sum != NULL && strcmp(sum, digest) == 0
                     ? read_items(text, key, settings, evaluation)
                     : RNET_END;
    }
    sqlite3_finalize(row);
    return status;
}

enum rnet_status
kept_find(struct rnet_survey *survey, const char *key, const struct settings *settings,
          struct evaluation *evaluation, struct rnet_error *err)
{
    enum rnet_status status;

    *evaluation = (struct evaluation){0};
    if (settings->build[0] == '\0')
        return RNET_END;
    pthread_mutex_lock(&survey->lock);
    status = find(survey->db, key, settings, evaluation, err);
    pthread_mutex_unlock(&survey->lock);
    if (status != RNET_OK)
        evaluation_clear(evaluation);
    return status;
}

enum rnet_status
kept_save(struct rnet_survey *survey, const char *capture, const char *key,
          const struct settings *settings, const struct evaluation *evaluation,
          struct rnet_error *err)
{
    char sum[RNET_DIGEST_TEXT];
    char *text;
    enum rnet_status status;

    if (settings->build[0] == '\0')
        return RNET_OK;
    text = write_items(key, settings, evaluation);
    if (text == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    digest_of_bytes(text, strlen(text), sum);
    pthread_mutex_lock(&survey->lock);
    status = sql_run(survey->db, err, NULL,
                     "INSERT OR REPLACE INTO evaluation(key, capture, build, items, sum)"
                     " VALUES (?1, ?2, ?3, ?4, ?5)",
                     "ttttt", key, capture, settings->build, text, sum);
    pthread_mutex_unlock(&survey->lock);
    rnet_free(text);
    return status;
}

void
kept_forget_others(struct rnet_survey *survey, const struct settings *settings)
{
    pthread_mutex_lock(&survey->lock);
    sql_run(survey->db, NULL, NULL, "DELETE FROM evaluation WHERE build <> ?1", "t",
            settings->build);
    pthread_mutex_unlock(&survey->lock);
}

void
evaluation_clear(struct evaluation *evaluation)
{
    rnet_free(evaluation->items);
    *evaluation = (struct evaluation){0};
}
