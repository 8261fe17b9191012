/* Text that grows and wraps, and numbers as people read them. */
#include "report/report.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 2, 0)))
add_list(struct text *text, const char *format, va_list args)
{
    va_list again;
    int needed;

    if (text->failed)
        return;
    va_copy(again, args);
    needed = vsnprintf(NULL, 0, format, args);
    if (needed < 0 || rnet_array_reserve((void **)&text->bytes, &text->capacity,
                                         text->length + (size_t)needed + 1, 1) != RNET_OK) {
        text->failed = true;
    } else {
        vsnprintf(text->bytes + text->length, (size_t)needed + 1, format, again);
        text->length += (size_t)needed;
    }
    va_end(again);
}

void
text_add(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_list(text, format, args);
    va_end(args);
}

void
text_say(struct text *text, const char *format, ...)
{
    const size_t before = text->length;
    va_list args;

    va_start(args, format);
    add_list(text, format, args);
    va_end(args);
    if (!text->failed)
        rnet_report_localise(text->bytes + before);
}

int
text_width(const struct rnet_text_options *options)
{
    const int columns = options != NULL && options->columns > 0 ? options->columns : 80;

    return columns < 40 ? 40 : columns;
}

int
text_columns(const char *words)
{
    int columns = 0;

    for (; *words != '\0'; words++)
        columns += ((unsigned char)*words & 0xc0) != 0x80;
    return columns;
}

void
text_wrap(struct text *text, int columns, int indent, int used, const char *words)
{
    while (*words != '\0') {
        const size_t length = strcspn(words, " ");
        char word[256];
        int wide;

        snprintf(word, sizeof word, "%.*s", (int)length, words);
        wide = text_columns(word);
        if (used > indent && used + 1 + wide > columns) {
            text_add(text, "\n%*s", indent, "");
            used = indent;
        } else if (used > indent) {
            text_add(text, " ");
            used++;
        }
        text_add(text, "%s", word);
        used += wide;
        words += length;
        words += strspn(words, " ");
    }
    text_add(text, "\n");
}

enum rnet_status
text_take(struct text *text, char **bytes, size_t *length)
{
    if (text->failed || text->bytes == NULL) {
        rnet_free(text->bytes);
        return RNET_ENOMEM;
    }
    *bytes = text->bytes;
    *length = text->length;
    return RNET_OK;
}

void
rnet_report_free(char *text)
{
    rnet_free(text);
}

const char *
rnet_report_localise(char *words)
{
    /* Translators: half, as your language writes it; only its second character counts. */
    const char *half = _("0.5");

    if (half[0] != '0' || half[1] != ',')
        return words;
    for (char *point = strchr(words, '.'); point != NULL; point = strchr(point + 1, '.'))
        if (point > words && isdigit((unsigned char)point[-1]) && isdigit((unsigned char)point[1]))
            *point = ',';
    return words;
}

const char *
words_number(double value, int decimals, char words[NUMBER_TEXT])
{
    if (isnan(value))
        snprintf(words, NUMBER_TEXT, "-");
    else
        snprintf(words, NUMBER_TEXT, "%.*f", decimals, value);
    rnet_report_localise(words);
    return words;
}

/* Two significant digits below ten, else whole, with a prefix of the thousands. */
static const char *
scaled(double value, const char *const *prefixes, const char *unit, char words[NUMBER_TEXT])
{
    while (value >= 999.5 && prefixes[1] != NULL) {
        value /= 1000;
        prefixes++;
    }
    snprintf(words, NUMBER_TEXT, "%.*f %s%s", value < 9.95 && value > 0 ? 1 : 0, value, *prefixes,
             unit);
    rnet_report_localise(words);
    return words;
}

const char *
words_bytes(uint64_t bytes, char words[NUMBER_TEXT])
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", NULL};
    /* Translators: the symbol for bytes. */
    const char *unit = _("B");

    if (bytes < 1000)
        snprintf(words, NUMBER_TEXT, "%" PRIu64 " %s", bytes, unit);
    else
        scaled((double)bytes, prefixes, unit, words);
    return words;
}

const char *
words_rate(double bps, char words[NUMBER_TEXT])
{
    static const char *const prefixes[] = {"k", "M", "G", NULL};

    return scaled(bps / 1000, prefixes, "bit/s", words);
}

const char *
words_duration(double seconds, char words[NUMBER_TEXT])
{
    /* A saved report, or criteria, may say anything: beyond what a number holds it is not counted out. */
    const uint64_t whole = seconds >= 0 && seconds < 1e15 ? (uint64_t)(seconds + 0.5) : 0;

    if (!(seconds < 1e15))
        snprintf(words, NUMBER_TEXT, "%.3g s", seconds);
    else if (seconds < 60)
        snprintf(words, NUMBER_TEXT, "%.*f s", seconds < 10 ? 1 : 0, seconds);
    else if (seconds < 3600)
        snprintf(words, NUMBER_TEXT, "%" PRIu64 " min %" PRIu64 " s", whole / 60, whole % 60);
    else if (seconds < 86400)
        snprintf(words, NUMBER_TEXT, "%" PRIu64 " h %" PRIu64 " min", whole / 3600,
                 whole % 3600 / 60);
    else
        /* Translators: days and hours. */
        snprintf(words, NUMBER_TEXT, _("%" PRIu64 " d %" PRIu64 " h"), whole / 86400,
                 whole % 86400 / 3600);
    rnet_report_localise(words);
    return words;
}

const char *
words_value(double value, const char *unit, char words[NUMBER_TEXT])
{
    const double size = fabs(value);
    const int decimals = size <= 0 ? 0 : size < 1 ? 2 : size < 10 ? 1 : 0;

    /* what a person would say in minutes or hours */
    if (isfinite(value) && value >= 0 && strcmp(unit, "h") == 0)
        return words_duration(value * 3600, words);
    if (isfinite(value) && value >= 600 && strcmp(unit, "s") == 0)
        return words_duration(value, words);
    if (isfinite(value) && value >= 10000 && strcmp(unit, "ms") == 0)
        return words_duration(value / 1000, words);
    if (isnan(value))
        snprintf(words, NUMBER_TEXT, "%s", _("not known"));
    else if (isinf(value))
        snprintf(words, NUMBER_TEXT, "%s", value > 0 ? _("never ends") : _("none"));
    else
        snprintf(words, NUMBER_TEXT, "%.*f%s%s", decimals, value, *unit != '\0' ? " " : "", unit);
    rnet_report_localise(words);
    return words;
}

const char *
words_count(uint64_t count, char words[NUMBER_TEXT])
{
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    int at = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            words[at++] = ' ';
        words[at++] = digits[i];
    }
    words[at] = '\0';
    return words;
}

const char *
words_notice(const struct rnet_profile_summary *profile, enum rnet_notice notice, char *words,
             size_t room)
{
    const double *rates = profile->captured_line.rate_bps;
    char count[NUMBER_TEXT], up[NUMBER_TEXT], down[NUMBER_TEXT];
    size_t length;

    words_count(profile->notices.count[notice], count);
    rnet_notice_sentence(notice, count, words, room);
    if (notice != RNET_NOTICE_SUPPRESSED_DEMAND)
        return words;
    words_rate(rates[RNET_UP], up);
    words_rate(rates[RNET_DOWN], down);
    length = strlen(words);
    if (rates[RNET_UP] > 0 && rates[RNET_DOWN] > 0)
        snprintf(words + length, room - length,
                 _(" It carried about %s of IP packets down and %s up."), down, up);
    else if (rates[RNET_DOWN] > 0)
        snprintf(words + length, room - length, _(" It carried about %s of IP packets down."), down);
    else if (rates[RNET_UP] > 0)
        snprintf(words + length, room - length, _(" It carried about %s of IP packets up."), up);
    return words;
}

static bool
is_left_out(const struct rnet_report *report, enum rnet_usage usage)
{
    const struct rnet_assessment *assessment = report->assessment;
    const struct rnet_usage_verdict *verdict;

    if (assessment->whole_capture || assessment->link_count == 0 ||
        report->profile->usages[usage].flows == 0)
        return false;
    verdict = rnet_verdict_of(&assessment->links[0].verdict, usage);
    return verdict != NULL && verdict->criterion->judged && !verdict->used;
}

bool
words_left_out(const struct rnet_report *report, char *words, size_t room)
{
    char names[400] = "";
    size_t used = 0;

    for (int u = 0; u < RNET_USAGE_COUNT && used < sizeof names; u++)
        if (is_left_out(report, (enum rnet_usage)u))
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                     used > 0 ? ", " : "",
                                     _(rnet_usage_info((enum rnet_usage)u)->name));
    snprintf(words, room,
             _("Seen only outside the part that was replayed, so not judged: %s. --all replays "
               "everything."),
             names);
    return used > 0;
}

bool
words_tunnels(const struct rnet_report *report, char *words, size_t room)
{
    const struct rnet_tunnel_demand *tunnels = &report->assessment->tunnels;
    char bytes[NUMBER_TEXT];

    if (tunnels->bytes == 0)
        return false;
    snprintf(words, room,
             _("VPN: what runs inside cannot be named, so it is judged by delay, loss and the time of "
               "its exchanges alone. Of %s, by sizes and times: large transfers %.0f %%, at the clock "
               "of a call %.0f %%, small exchanges %.0f %%."),
             words_bytes(tunnels->bytes, bytes), 100 * tunnels->bulk_ratio,
             100 * tunnels->realtime_ratio, 100 * tunnels->interactive_ratio);
    return true;
}
