#include "link/link.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of the specification handed in: enough for every option at its longest. */
#define SPECIFICATION_MAX_BYTES 1024

static const char *
family_or_preset_name(size_t index)
{
    const struct rnet_link_preset *preset = rnet_link_preset(index);
    size_t presets = 0;

    if (preset != NULL)
        return preset->name;
    while (rnet_link_preset(presets) != NULL)
        presets++;
    return link_families[index - presets].name;
}

static const char *
option_name(size_t index)
{
    return index < LINK_OPTION_COUNT ? link_option_names[index] : NULL;
}

static enum rnet_status
read_rates(struct link_cursor *cursor, struct link_settings *settings)
{
    double rate[RNET_DIRECTIONS];
    enum rnet_status status;

    status = link_read_quantity(cursor, link_rate_units, 1e3, LINK_RATE_MAX_BPS,
                                "sync rate downstream", &rate[RNET_DOWN]);
    if (status != RNET_OK)
        return status;
    if (!link_take(cursor, '/'))
        return link_fail(cursor, cursor->at,
                         "\"/\" and the rate upstream expected, as in %s:2048/256",
                         settings->family->name);
    status = link_read_quantity(cursor, link_rate_units, 1e3, LINK_RATE_MAX_BPS,
                                "sync rate upstream", &rate[RNET_UP]);
    if (status == RNET_OK)
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            settings->rate_bps[way] = (uint64_t)llround(rate[way]);
    return status;
}

static enum rnet_status
read_option(struct link_cursor *cursor, struct link_settings *settings)
{
    const size_t start = cursor->at, length = link_word_length(cursor);
    int option;

    for (option = 0; option < LINK_OPTION_COUNT; option++)
        if (link_word_is(cursor->text + start, length, link_option_names[option]))
            break;
    if (option == LINK_OPTION_COUNT)
        return link_fail_word(cursor, start, length, "option", option_name);
    cursor->at += length;
    if (!link_take(cursor, '='))
        return link_fail(cursor, cursor->at, "\"=\" expected after \"%s\"",
                         link_option_names[option]);
    settings->column[option] = cursor->at;
    settings->given |= UINT32_C(1) << option;
    return link_option_read(cursor, settings, (enum link_option)option);
}

/* The bits of `given` that stood in this specification; a preset's own may be stated again. */
static enum rnet_status
read_options(struct link_cursor *cursor, struct link_settings *settings)
{
    uint32_t seen = 0;

    for (;;) {
        const uint32_t before = settings->given & ~seen;
        const size_t start = cursor->at;
        enum rnet_status status;

        settings->given = seen;
        status = read_option(cursor, settings);
        if (status != RNET_OK)
            return status;
        if (settings->given == seen)
            return link_fail(cursor, start, "option given twice");
        seen = settings->given;
        settings->given |= before;
        link_skip_blanks(cursor);
        if (!link_take(cursor, ','))
            return RNET_OK;
        link_skip_blanks(cursor);
    }
}

static bool
rates_are_known(const struct link_settings *settings)
{
    return settings->rate_bps[RNET_UP] != 0;
}

static void
take_default_rates(struct link_settings *settings)
{
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        settings->rate_bps[way] = (uint64_t)settings->family->rate_bps[way];
}

/* What follows "family:": rates, or options that tell them. */
static enum rnet_status
read_body(struct link_cursor *cursor, struct link_settings *settings)
{
    const char next = cursor->text[cursor->at];
    enum rnet_status status;

    if (settings->family->rate_bps[RNET_UP] > 0 && (next < '0' || next > '9')) {
        take_default_rates(settings);
        return next == '\0' ? RNET_OK : read_options(cursor, settings);
    }
    if (next >= 'a' && next <= 'z' && link_family_dsl(settings->family) != RNET_DSL_COUNT &&
        cursor->text[cursor->at + link_word_length(cursor)] == '=')
        return read_options(cursor, settings);
    status = read_rates(cursor, settings);
    if (status != RNET_OK)
        return status;
    link_skip_blanks(cursor);
    if (!link_take(cursor, ','))
        return RNET_OK;
    link_skip_blanks(cursor);
    return read_options(cursor, settings);
}

static enum rnet_status
read_specification(struct link_cursor *cursor, struct link_settings *settings)
{
    const struct rnet_link_preset *preset;
    size_t start, length;
    enum rnet_status status;

    link_skip_blanks(cursor);
    start = cursor->at;
    length = link_word_length(cursor);
    cursor->at += length;
    if (link_take(cursor, ':')) {
        settings->family = link_family_find(cursor->text + start, length);
        if (settings->family == NULL)
            return link_fail_word(cursor, start, length, "family of lines", family_or_preset_name);
        settings->copper = rnet_copper_default(link_family_dsl(settings->family));
        return read_body(cursor, settings);
    }
    preset = link_preset_find(cursor->text + start, length);
    if (preset == NULL && length > 0 && link_family_find(cursor->text + start, length) != NULL)
        return link_fail(cursor, cursor->at, "\":\" and the rates expected, as in adsl:2048/256");
    if (preset == NULL)
        return link_fail_word(cursor, start, length, "line", family_or_preset_name);
    status =
        read_specification(&(struct link_cursor){preset->specification, 0, cursor->err}, settings);
    link_skip_blanks(cursor);
    if (status != RNET_OK || !link_take(cursor, ','))
        return status;
    link_skip_blanks(cursor);
    return read_options(cursor, settings);
}

/* Which of the three ways to know a pair. */
static enum rnet_status
check_pair(const struct link_cursor *cursor, const struct link_settings *settings)
{
    static const enum link_option ways[] = {LINK_OPTION_LOOP, LINK_OPTION_ATTENUATION,
                                            LINK_OPTION_MODEM};
    unsigned stated = 0;

    for (int i = 0; i < 3; i++)
        if (link_settings_has(settings, ways[i]) && ++stated > 1)
            return link_fail(cursor, settings->column[ways[i]],
                             "the pair is stated already; one of loop=, attenuation= and modem=");
    if (!rates_are_known(settings) && stated == 0)
        return link_fail(cursor, cursor->at,
                         "rates expected, as in adsl:2048/256, or loop=, attenuation= or modem=");
    return RNET_OK;
}

/* What only shows when everything has been read. */
static enum rnet_status
check_settings(const struct link_cursor *cursor, const struct link_settings *settings,
               const struct rnet_link *link)
{
    const size_t *column = settings->column;

    if (link_settings_has(settings, LINK_OPTION_DELAY) &&
        link_settings_has(settings, LINK_OPTION_INTERLEAVE))
        return link_fail(cursor, column[LINK_OPTION_INTERLEAVE],
                         "delay= states the whole delay of the line already");
    if (settings->fcs && link_settings_encap(settings)->header_bytes == 0)
        return link_fail(cursor, column[LINK_OPTION_FCS],
                         "only bridged and PPPoE encapsulations over ATM may preserve the FCS");
    for (int way = 0; way < RNET_DIRECTIONS; way++) {
        const struct rnet_link_direction *line = &link->direction[way];

        if (line->buffer_bytes != 0 && line->buffer_bytes < link->mtu_bytes)
            return link_fail(cursor, column[LINK_OPTION_BUFFER],
                             "a buffer of %u bytes cannot hold one packet of the MTU, %u",
                             (unsigned)line->buffer_bytes, link->mtu_bytes);
        if (line->shaper_bps > line->rate_bps)
            return link_fail(cursor, column[LINK_OPTION_SHAPER],
                             "a shaper above the sync rate does nothing");
    }
    return RNET_OK;
}

static void
name_link(const struct link_cursor *cursor, struct rnet_link *link)
{
    const struct rnet_link_preset *preset =
        link_preset_find(cursor->text, strcspn(cursor->text, " "));
    const char *name = preset != NULL ? preset->name : link->specification;
    size_t length = strlen(name);

    if (length >= sizeof link->name)
        length = sizeof link->name - 4;
    memcpy(link->name, name, length);
    link->name[length] = '\0';
    if (name[length] != '\0')
        strcat(link->name, "...");
}

/* The whole string. */
static enum rnet_status
read_all(struct link_cursor *cursor, struct link_settings *settings)
{
    enum rnet_status status;

    if (strlen(cursor->text) > SPECIFICATION_MAX_BYTES)
        return link_fail(cursor, SPECIFICATION_MAX_BYTES, "specification longer than %d bytes",
                         SPECIFICATION_MAX_BYTES);
    memset(settings, 0, sizeof *settings);
    status = read_specification(cursor, settings);
    if (status != RNET_OK)
        return status;
    link_skip_blanks(cursor);
    if (cursor->text[cursor->at] != '\0')
        return link_fail(cursor, cursor->at, "\",\" or the end expected");
    return check_pair(cursor, settings);
}

enum rnet_status
rnet_link_copper(const char *specification, struct rnet_copper_solver *solver,
                 struct rnet_copper *copper, struct rnet_error *err)
{
    struct link_cursor cursor = {specification, 0, err};
    struct link_settings settings;
    enum rnet_status status = read_all(&cursor, &settings);

    return status == RNET_OK ? link_settings_copper(&cursor, &settings, solver, copper) : status;
}

enum rnet_status
rnet_link_parse(const char *specification, struct rnet_link *link, struct rnet_error *err)
{
    struct link_cursor cursor = {specification, 0, err};
    struct link_settings settings;
    struct rnet_link made;
    enum rnet_status status = read_all(&cursor, &settings);

    if (status == RNET_OK)
        status = link_settings_solve(&cursor, &settings);
    if (status != RNET_OK)
        return status;
    link_settings_apply(&settings, &made);
    status = check_settings(&cursor, &settings, &made);
    if (status != RNET_OK)
        return status;
    if (!link_settings_print(&settings, made.specification, sizeof made.specification))
        return link_fail(&cursor, sizeof made.specification, "too much is stated for one line");
    name_link(&cursor, &made);
    *link = made;
    return RNET_OK;
}
