/* Options that say what the pair is and how the modems use it; link.h has their settings. */
#include "link/copper.h"
#include "link/link.h"

#include <math.h>

const char *const link_point_names[LINK_POINT_COUNT] = {
    [LINK_POINT_MODEL] = "model",
    [LINK_POINT_P10] = "p10",
    [LINK_POINT_P50] = "p50",
    [LINK_POINT_P90] = "p90",
};

static const struct link_unit length_units[] = {{NULL, 1}, {"m", 1}, {"km", 1000}, {NULL, 0}};
static const struct link_unit db_units[] = {{"", 1}, {"dB", 1}, {NULL, 0}};
static const struct link_unit noise_units[] = {{"", 1}, {"dBm", 1}, {NULL, 0}};
static const struct link_unit disturber_units[] = {{"", 1}, {NULL, 0}};

static const struct link_unit check_units[] = {{NULL, 1}, {"of", 1}, {NULL, 0}};

static const char *
cable_name(size_t index)
{
    return index < RNET_CABLE_COUNT ? copper_cables[index].name : NULL;
}

static const char *
disturber_name(size_t index)
{
    return index < RNET_DISTURBER_COUNT ? rnet_disturber_name((enum rnet_disturber)index) : NULL;
}

static const char *
point_name(size_t index)
{
    return index < LINK_POINT_COUNT ? link_point_names[index] : NULL;
}

/* What is printed has three decimals, so that reading it again gives the same line. */
static double
to_thousandths(double value)
{
    return (double)llround(value * 1000) / 1000;
}

/* A plus separates sections here, so a cable's name is read without link_word_length(). */
static enum rnet_status
read_cable(struct link_cursor *cursor, enum rnet_cable *cable)
{
    const char *word = cursor->text + cursor->at;
    size_t length = 0;

    while ((word[length] >= '0' && word[length] <= '9') || word[length] == '.' ||
           (word[length] >= 'a' && word[length] <= 'z') ||
           (word[length] >= 'A' && word[length] <= 'Z'))
        length++;
    for (int i = 0; i < RNET_CABLE_COUNT; i++)
        if (link_word_is(word, length, copper_cables[i].name) ||
            (copper_cables[i].alias != NULL &&
             link_word_is(word, length, copper_cables[i].alias))) {
            *cable = (enum rnet_cable)i;
            cursor->at += length;
            return RNET_OK;
        }
    return link_fail_word(cursor, cursor->at, length, "cable", cable_name);
}

/* 3.2km@0.4mm, or 200m@0.5mm:tap. */
static enum rnet_status
read_section(struct link_cursor *cursor, struct rnet_copper_section *section)
{
    enum rnet_status status =
        link_read_quantity(cursor, length_units, 0, 20000, "length of cable", &section->length_m);

    if (status != RNET_OK)
        return status;
    section->length_m = to_thousandths(section->length_m);
    if (!link_take(cursor, '@'))
        return link_fail(cursor, cursor->at, "\"@\" and the cable expected, as in 3.2km@0.4mm");
    status = read_cable(cursor, &section->cable);
    if (status != RNET_OK || !link_take(cursor, ':'))
        return status;
    if (!link_word_is(cursor->text + cursor->at, 3, "tap"))
        return link_fail(cursor, cursor->at, "\"tap\" expected: a pair open at its end");
    cursor->at += 3;
    section->is_tap = true;
    return RNET_OK;
}

static enum rnet_status
read_loop(struct link_cursor *cursor, struct rnet_copper *copper)
{
    const size_t start = cursor->at;
    double total_m = 0;
    enum rnet_status status;

    copper->sections = 0;
    do {
        struct rnet_copper_section section = {0};
        const size_t at = cursor->at;

        status = read_section(cursor, &section);
        if (status != RNET_OK)
            return status;
        if (copper->sections == RNET_COPPER_SECTIONS)
            return link_fail(cursor, at, "more than %d sections", RNET_COPPER_SECTIONS);
        total_m += section.length_m;
        copper->section[copper->sections++] = section;
    } while (link_take(cursor, '+'));
    if (total_m > 20000)
        return link_fail(cursor, start, "more than 20 km of cable in all");
    return RNET_OK;
}

/* 42dB, or 42dB@0.5mm. */
static enum rnet_status
read_stated_db(struct link_cursor *cursor, const char *what, struct link_settings *settings)
{
    enum rnet_status status =
        link_read_quantity(cursor, db_units, 0, 200, what, &settings->stated_db);

    if (status != RNET_OK)
        return status;
    settings->stated_db = to_thousandths(settings->stated_db);
    settings->cable_stated = link_take(cursor, '@');
    return settings->cable_stated ? read_cable(cursor, &settings->stated_cable) : RNET_OK;
}

static enum rnet_status
read_attenuation(struct link_cursor *cursor, struct link_settings *settings)
{
    const size_t start = cursor->at;
    enum rnet_status status = read_stated_db(cursor, N_("attenuation at 300 kHz"), settings);

    if (status == RNET_OK && settings->cable_stated &&
        !isfinite(copper_cables[settings->stated_cable].planning_db_per_km))
        return link_fail(cursor, start, "%s has no French planning figure; use loop=",
                         copper_cables[settings->stated_cable].name);
    return status;
}

static enum rnet_status
read_next(struct link_cursor *cursor, struct rnet_copper *copper)
{
    size_t kind = RNET_DISTURBER_HDSL;
    enum rnet_status status =
        link_read_quantity(cursor, disturber_units, 0, 1000, "disturbers", &copper->next);

    copper->next = to_thousandths(copper->next);
    if (status == RNET_OK && link_take(cursor, '@'))
        status = link_read_word(cursor, "kind of disturber", disturber_name, &kind);
    copper->next_kind = (enum rnet_disturber)kind;
    return status;
}

static enum rnet_status
read_number(struct link_cursor *cursor, const struct link_unit *units, double min, double max,
            const char *what, double *value)
{
    enum rnet_status status = link_read_quantity(cursor, units, min, max, what, value);

    *value = to_thousandths(*value);
    return status;
}

/* Check bytes of a codeword, as in 16of255; G.992.1 and later: up to 16 of up to 255. */
static enum rnet_status
read_codeword(struct link_cursor *cursor, uint32_t *check_bytes, uint32_t *codeword_bytes)
{
    double check, codeword;
    const size_t start = cursor->at;
    enum rnet_status status =
        link_read_quantity(cursor, check_units, 0, 16, N_("check bytes"), &check);

    if (status == RNET_OK)
        status = link_read_quantity(cursor, disturber_units, 2, 255, N_("codeword"), &codeword);
    if (status != RNET_OK)
        return status;
    if (check != floor(check) || codeword != floor(codeword) || check >= codeword)
        return link_fail(cursor, start, "check bytes and codeword are whole, as in 16of255");
    *check_bytes = (uint32_t)check;
    *codeword_bytes = (uint32_t)codeword;
    return RNET_OK;
}

static enum rnet_status
read_fec(struct link_cursor *cursor, struct rnet_copper *copper)
{
    enum rnet_status status =
        read_codeword(cursor, &copper->check_bytes[RNET_DOWN], &copper->codeword_bytes[RNET_DOWN]);

    copper->check_bytes[RNET_UP] = copper->check_bytes[RNET_DOWN];
    copper->codeword_bytes[RNET_UP] = copper->codeword_bytes[RNET_DOWN];
    if (status == RNET_OK && link_take(cursor, '/'))
        status =
            read_codeword(cursor, &copper->check_bytes[RNET_UP], &copper->codeword_bytes[RNET_UP]);
    return status;
}

static enum rnet_status
read_margin(struct link_cursor *cursor, struct rnet_copper *copper)
{
    double *margin = copper->margin_db;
    enum rnet_status status = link_read_pair(cursor, db_units, 0, 40, "noise margin", margin);

    for (int way = 0; way < RNET_DIRECTIONS; way++)
        margin[way] = to_thousandths(margin[way]);
    return status;
}

static enum rnet_status
read_cap(struct link_cursor *cursor, struct rnet_copper *copper)
{
    double cap[RNET_DIRECTIONS];
    enum rnet_status status =
        link_read_pair(cursor, link_rate_units, 1e3, LINK_RATE_MAX_BPS, "rate of the offer", cap);

    if (status == RNET_OK)
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            copper->cap_bps[way] = (uint64_t)llround(cap[way]);
    return status;
}

static enum rnet_status
read_point(struct link_cursor *cursor, enum link_point *point)
{
    size_t index = 0;
    enum rnet_status status = link_read_word(cursor, "rate of the band", point_name, &index);

    *point = (enum link_point)index;
    return status;
}

enum rnet_status
link_copper_option_read(struct link_cursor *cursor, struct link_settings *settings,
                        enum link_option option)
{
    struct rnet_copper *copper = &settings->copper;

    if (link_family_dsl(settings->family) == RNET_DSL_COUNT)
        return link_fail(cursor, cursor->at, "%s lines are not computed from copper",
                         settings->family->name);
    if (option == LINK_OPTION_LOOP)
        return read_loop(cursor, copper);
    if (option == LINK_OPTION_ATTENUATION)
        return read_attenuation(cursor, settings);
    if (option == LINK_OPTION_MODEM)
        return read_stated_db(cursor, N_("attenuation the modem shows"), settings);
    if (option == LINK_OPTION_NOISE)
        return read_number(cursor, noise_units, -174, -60, N_("noise in dBm/Hz"),
                           &copper->noise_dbm_hz);
    if (option == LINK_OPTION_FEXT)
        return read_number(cursor, disturber_units, 0, 1000, N_("disturbers"), &copper->fext);
    if (option == LINK_OPTION_NEXT)
        return read_next(cursor, copper);
    if (option == LINK_OPTION_MARGIN)
        return read_margin(cursor, copper);
    if (option == LINK_OPTION_GAIN)
        return read_number(cursor, db_units, 0, 8, N_("coding gain"), &copper->coding_gain_db);
    if (option == LINK_OPTION_FEC)
        return read_fec(cursor, copper);
    if (option == LINK_OPTION_CAP)
        return read_cap(cursor, copper);
    return read_point(cursor, &settings->point);
}
