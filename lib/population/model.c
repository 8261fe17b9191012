/* The model's file: rows taken one by one, then looked at as a whole. */
#include "population/population.h"
#include "usage/table.h"

#include <ruralnet/link.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct reading {
    struct model *model;
    XXH3_state_t *hash;
};

static const char *const marks[] = {"verified", "computed", "memory", "assumed"};

/* Fields of one row ------------------------------------------------------------------------------
 */

static enum rnet_status
read_number(const struct rnet_table_line *line, size_t field, double low, double high,
            double *value, struct rnet_error *err)
{
    char *end;

    *value = strtod(line->field[field], &end);
    if (*end == '\0' && end != line->field[field] && *value >= low && *value <= high)
        return RNET_OK;
    return rnet_table_refuse(err, line, "'%.40s' is not a number from %g to %g", line->field[field],
                             low, high);
}

static enum rnet_status
read_share(const struct rnet_table_line *line, size_t field, double *value, struct rnet_error *err)
{
    return read_number(line, field, 0, 1, value, err);
}

static enum rnet_status
read_name(const struct rnet_table_line *line, size_t field, char name[MODEL_NAME],
          struct rnet_error *err)
{
    const char *text = line->field[field];

    if (strlen(text) >= MODEL_NAME ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(text))
        return rnet_table_refuse(err, line, "'%.40s': a name is a-z, 0-9, _ and -, at most %d",
                                 text, MODEL_NAME - 1);
    strcpy(name, text);
    return RNET_OK;
}

static enum rnet_status
need_room(const struct rnet_table_line *line, size_t count, size_t most, struct rnet_error *err)
{
    return count < most ? RNET_OK
                        : rnet_table_refuse(err, line, "at most %zu rows of this kind", most);
}

/* Shares from field 2 on, exactly `count` of them. */
static enum rnet_status
read_shares(const struct rnet_table_line *line, double *shares, size_t count, const char *of,
            struct rnet_error *err)
{
    enum rnet_status status = RNET_OK;

    if (line->fields != count + 4)
        return rnet_table_refuse(err, line, "%zu values expected, one for each %s row above", count,
                                 of);
    for (size_t i = 0; i < count && status == RNET_OK; i++)
        status = read_share(line, i + 2, &shares[i], err);
    return status;
}

/* Rows, one function a kind ----------------------------------------------------------------------
 */

static enum rnet_status
take_source(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    enum rnet_status status = need_room(line, model->source_count, MOST_SOURCES, err);

    if (status == RNET_OK && line->fields < 3)
        status = rnet_table_refuse(err, line, "a source says in words what it is");
    return status == RNET_OK ? read_name(line, 1, model->sources[model->source_count++], err)
                             : status;
}

static enum rnet_status
take_sector(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct sector *sector = &model->sectors[model->sector_count];
    enum rnet_status status = need_room(line, model->sector_count, MOST_SECTORS, err);

    if (status == RNET_OK)
        status = read_name(line, 1, sector->name, err);
    if (status == RNET_OK)
        status = read_share(line, 2, &sector->share, err);
    model->sector_count += status == RNET_OK;
    return status;
}

static enum rnet_status
take_staff(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct staff_class *class = &model->classes[model->class_count];
    double low = 0, high = 0;
    enum rnet_status status = need_room(line, model->class_count, MOST_CLASSES, err);

    if (status == RNET_OK)
        status = read_number(line, 1, 1, 10000, &low, err);
    if (status == RNET_OK)
        status = read_number(line, 2, low, 10000, &high, err);
    if (status == RNET_OK)
        status = read_share(line, 3, &class->share, err);
    if (status == RNET_OK)
        status = read_number(line, 4, -10, 10, &class->exponent, err);
    if (status != RNET_OK)
        return status;
    class->low = (uint32_t)low;
    class->high = (uint32_t)high;
    model->class_count++;
    return RNET_OK;
}

static enum rnet_status
take_access(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    for (size_t i = 0; i < model->sector_count; i++) {
        struct sector *sector = &model->sectors[i];

        if (strcmp(sector->name, line->field[1]) != 0)
            continue;
        sector->has_access = true;
        return read_shares(line, sector->access, model->class_count, "staff", err);
    }
    return rnet_table_refuse(err, line, "no sector '%.40s' above", line->field[1]);
}

/* "20000/1000": down and up, in kbit/s. */
static enum rnet_status
read_caps(const struct rnet_table_line *line, size_t field, uint64_t cap_bps[RNET_DIRECTIONS],
          struct rnet_error *err)
{
    unsigned down, up;
    int used = 0;

    if (sscanf(line->field[field], "%6u/%6u%n", &down, &up, &used) != 2 ||
        line->field[field][used] != '\0' || down == 0 || up == 0)
        return rnet_table_refuse(err, line, "'%.40s' is not DOWN/UP in kbit/s", line->field[field]);
    cap_bps[RNET_DOWN] = down * UINT64_C(1000);
    cap_bps[RNET_UP] = up * UINT64_C(1000);
    return RNET_OK;
}

static enum rnet_status
take_copper(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct line_kind *kind = &model->lines[model->line_count];
    enum rnet_status status = need_room(line, model->line_count, MOST_LINES, err);
    int dsl = 0;

    if (status != RNET_OK)
        return status;
    while (dsl < RNET_DSL_COUNT && strcmp(rnet_dsl_name((enum rnet_dsl)dsl), line->field[1]) != 0)
        dsl++;
    if (dsl == RNET_DSL_COUNT)
        return rnet_table_refuse(err, line, "no copper technology '%.40s'", line->field[1]);
    kind->copper = true;
    kind->dsl = (enum rnet_dsl)dsl;
    model->line_count++;
    status = read_caps(line, 2, kind->cap_bps, err);
    return status == RNET_OK ? read_share(line, 3, &kind->share, err) : status;
}

static enum rnet_status
take_line(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct line_kind *kind = &model->lines[model->line_count];
    struct rnet_error inner = {0};
    struct rnet_link link;
    enum rnet_status status = need_room(line, model->line_count, MOST_LINES, err);

    if (status != RNET_OK)
        return status;
    if (strlen(line->field[1]) >= sizeof kind->specification ||
        rnet_link_parse(line->field[1], &link, &inner) != RNET_OK)
        return rnet_table_refuse(err, line, "line '%.60s': %.120s", line->field[1], inner.message);
    strcpy(kind->specification, line->field[1]);
    model->line_count++;
    return read_share(line, 2, &kind->share, err);
}

static enum rnet_status
take_loops(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    const size_t count = model->loop_count;
    struct loop_point *point = &model->loops[count];
    enum rnet_status status = need_room(line, count, MOST_POINTS, err);

    if (status == RNET_OK)
        status = read_number(line, 1, 0, 120, &point->db, err);
    if (status == RNET_OK)
        status = read_share(line, 2, &point->share, err);
    if (status == RNET_OK && count > 0 &&
        (point->db <= point[-1].db || point->share < point[-1].share))
        status = rnet_table_refuse(err, line, "loops grow from row to row, in both values");
    model->loop_count += status == RNET_OK;
    return status;
}

static enum rnet_status
take_uses(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    enum rnet_usage usage;
    enum rnet_status status = rnet_table_usage(line, 1, &usage, err);

    if (status != RNET_OK)
        return status;
    model->has_uses[usage] = true;
    return read_shares(line, model->uses[usage], model->sector_count, "sector", err);
}

static enum rnet_status
take_users(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    enum rnet_usage usage;
    enum rnet_status status = rnet_table_usage(line, 1, &usage, err);

    if (status != RNET_OK)
        return status;
    model->has_users[usage] = true;
    return read_shares(line, model->users[usage], model->sector_count, "sector", err);
}

static enum rnet_status
take_activity(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct activity *activity = &model->activities[model->activity_count];
    enum rnet_status status = need_room(line, model->activity_count, MOST_ACTIVITIES, err);

    if (status == RNET_OK)
        status = read_name(line, 1, activity->name, err);
    for (size_t i = 0; i < model->activity_count && status == RNET_OK; i++)
        if (strcmp(model->activities[i].name, activity->name) == 0)
            status =
                rnet_table_refuse(err, line, "activity %s stands above already", activity->name);
    if (status == RNET_OK)
        status = rnet_table_usage(line, 2, &activity->usage, err);
    if (status == RNET_OK && strcmp(line->field[3], "person") != 0 &&
        strcmp(line->field[3], "office") != 0)
        status = rnet_table_refuse(err, line, "person or office, not '%.40s'", line->field[3]);
    if (status != RNET_OK)
        return status;
    activity->each_person = strcmp(line->field[3], "person") == 0;
    model->activity_count++;
    return read_number(line, 4, 0, 10000, &activity->per_day, err);
}

static enum rnet_status
take_hour(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    double hour = 0;
    enum rnet_status status = read_number(line, 1, 0, 23, &hour, err);

    return status == RNET_OK ? read_share(line, 2, &model->hour[(int)hour], err) : status;
}

static enum rnet_status
take_spread(struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    return read_number(line, 1, 0, 3, &model->spread, err);
}

/* fields = 0: the row's function counts them. */
static const struct row_kind {
    const char *name;
    size_t fields;
    enum rnet_status (*take)(struct model *model, const struct rnet_table_line *line,
                             struct rnet_error *err);
} row_kinds[] = {
    {"source", 0, take_source},     {"sector", 5, take_sector}, {"staff", 7, take_staff},
    {"access", 0, take_access},     {"copper", 6, take_copper}, {"line", 5, take_line},
    {"loops", 5, take_loops},       {"uses", 0, take_uses},     {"users", 0, take_users},
    {"activity", 7, take_activity}, {"hour", 5, take_hour},     {"spread", 4, take_spread},
};

/* Every figure says where it is from. */
static enum rnet_status
check_origin(const struct model *model, const struct rnet_table_line *line, struct rnet_error *err)
{
    const char *mark = line->field[line->fields - 2], *source = line->field[line->fields - 1];
    bool known = false;

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        known = known || strcmp(mark, marks[i]) == 0;
    if (!known)
        return rnet_table_refuse(err, line,
                                 "'%.40s' is no mark: verified, computed, memory, assumed", mark);
    for (size_t i = 0; i < model->source_count; i++)
        if (strcmp(source, model->sources[i]) == 0)
            return RNET_OK;
    return rnet_table_refuse(err, line, "no source '%.40s' above", source);
}

static enum rnet_status
take_row(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct reading *reading = context;
    enum rnet_status status;

    for (size_t i = 0; i < line->fields; i++) {
        XXH3_128bits_update(reading->hash, line->field[i], strlen(line->field[i]));
        XXH3_128bits_update(reading->hash, i + 1 < line->fields ? " " : "\n", 1);
    }
    for (size_t i = 0; i < sizeof row_kinds / sizeof *row_kinds; i++) {
        const struct row_kind *kind = &row_kinds[i];

        if (strcmp(kind->name, line->field[0]) != 0)
            continue;
        if (kind->take == take_source)
            return take_source(reading->model, line, err);
        if (line->fields < 4 || (kind->fields > 0 && line->fields != kind->fields))
            return rnet_table_refuse(err, line, "%zu fields are not those of a row '%s'",
                                     line->fields, kind->name);
        status = check_origin(reading->model, line, err);
        return status == RNET_OK ? kind->take(reading->model, line, err) : status;
    }
    return rnet_table_refuse(err, line, "no row is called '%.40s'", line->field[0]);
}

/* The whole --------------------------------------------------------------------------------------
 */

static enum rnet_status
lacks(const char *name, struct rnet_error *err, const char *what)
{
    return rnet_error_set(err, RNET_EFORMAT, "%s: %s", name, what);
}

static enum rnet_status
check_activities(const char *name, const struct model *model, struct rnet_error *err)
{
    for (size_t i = 0; i < model->activity_count; i++) {
        const struct activity *activity = &model->activities[i];

        if (!model->has_uses[activity->usage] ||
            (activity->each_person && !model->has_users[activity->usage]))
            return rnet_error_set(err, RNET_EFORMAT, "%s: activity %s: no row '%s %s'", name,
                                  activity->name,
                                  model->has_uses[activity->usage] ? "users" : "uses",
                                  rnet_usage_info(activity->usage)->id);
    }
    return RNET_OK;
}

static enum rnet_status
check(const char *name, const struct model *model, struct rnet_error *err)
{
    double sectors = 0, classes = 0, lines = 0, hours = 0;
    bool copper = false;

    for (size_t i = 0; i < model->sector_count; i++) {
        sectors += model->sectors[i].share;
        if (!model->sectors[i].has_access)
            return rnet_error_set(err, RNET_EFORMAT, "%s: no row 'access %s'", name,
                                  model->sectors[i].name);
    }
    for (size_t i = 0; i < model->class_count; i++)
        classes += model->classes[i].share;
    for (size_t i = 0; i < model->line_count; i++) {
        lines += model->lines[i].share;
        copper = copper || model->lines[i].copper;
    }
    for (int i = 0; i < 24; i++)
        hours += model->hour[i];
    if (!(sectors > 0 && classes > 0 && lines > 0 && hours > 0))
        return lacks(
            name, err,
            "rows sector, staff, line or copper, and hour are needed, with shares above 0");
    if (copper && (model->loop_count == 0 || model->loops[model->loop_count - 1].share < 1))
        return lacks(name, err, "with copper lines there are rows loops, the last with share 1");
    if (model->activity_count == 0)
        return lacks(name, err, "no row activity");
    return check_activities(name, model, err);
}

enum rnet_status
model_read(const char *path, struct model *model, char digest[RNET_DIGEST_TEXT],
           struct rnet_error *err)
{
    const char *name = path != NULL ? path : "france-2014.txt";
    struct reading reading = {.model = model, .hash = XXH3_createState()};
    enum rnet_status status = RNET_ENOMEM;

    if (reading.hash == NULL || XXH3_128bits_reset(reading.hash) != XXH_OK)
        rnet_error_set(err, status, "%s: out of memory", name);
    else if (path != NULL)
        status = rnet_table_read_file(path, take_row, &reading, err);
    else
        status = rnet_table_read_text(embedded_model, name, take_row, &reading, err);
    if (status == RNET_OK) {
        const XXH128_hash_t hash = XXH3_128bits_digest(reading.hash);

        digest_bytes(&hash, sizeof hash, digest);
        status = check(name, model, err);
    }
    XXH3_freeState(reading.hash);
    return status;
}

const char *
rnet_population_model_text(void)
{
    return embedded_model;
}
