/* A line explained in words and numbers. */
#include "report/line.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define COLUMNS 80
#define BAR_COLUMNS 60
#define MOST_BITS 15
#define NAME_COLUMNS 21

/* Words that may be longer than a line. */
static void
add_wrapped(struct text *text, struct text *words)
{
    if (words->failed)
        text->failed = true;
    else
        text_wrap(text, COLUMNS, 0, 0, words->bytes);
    rnet_free(words->bytes);
}

/* Mean bits of the tones behind each column, as bars of eighths: a picture for a terminal. */
static void
add_bars(struct text *text, const struct rnet_copper_result *result)
{
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const uint32_t tones = result->tone_count;

    text_say(text, _("Bits per tone (a full block is %d), 0 to %.1f MHz:"), MOST_BITS,
             tones * RNET_COPPER_TONE_HZ / 1e6);
    text_add(text, "\n  ");
    for (uint32_t column = 0; column < BAR_COLUMNS; column++) {
        const uint32_t first = column * tones / BAR_COLUMNS;
        const uint32_t end = (column + 1) * tones / BAR_COLUMNS;
        double bits = 0;

        for (uint32_t tone = first; tone < end; tone++)
            bits += result->bits[tone];
        text_add(text, "%s", bars[(size_t)ceil(bits / (end - first) / MOST_BITS * 8)]);
    }
    text_add(text, "\n  ");
    for (uint32_t column = 0; column < BAR_COLUMNS; column++) {
        const uint8_t way = result->way[column * tones / BAR_COLUMNS + tones / BAR_COLUMNS / 2];

        text_add(text, "%s", way == RNET_UP ? "↑" : way == RNET_DOWN ? "↓" : " ");
    }
    text_add(text, "   ↑ %s, ↓ %s\n", _("up"), _("down"));
}

static void
add_pair(struct text *text, const struct rnet_line_report *report)
{
    const struct rnet_copper_result *result = report->result;
    struct text words = {0};

    line_add_loop(&words, report->copper);
    line_add_attenuation(&words, result);
    text_say(&words, _(", %.1f/%.1f dB as a modem shows."),
             result->direction[RNET_DOWN].attenuation_db,
             result->direction[RNET_UP].attenuation_db);
    add_wrapped(text, &words);
    words = (struct text){0};
    line_add_model(&words, report->copper);
    add_wrapped(text, &words);
    add_bars(text, result);
}

/* A line of the table: its name here, its value after it. */
static void
add_name(struct text *text, const char *name)
{
    const int blanks = NAME_COLUMNS - text_columns(name);

    text_add(text, "  %s%*s", name, blanks > 1 ? blanks : 1, "");
}

static void
add_band(struct text *text, const struct rnet_copper_direction *direction)
{
    add_name(text, _("the model's point"));
    text_say(text, _("%" PRIu64 " kbit/s on %" PRIu32 " tones; eight lines in ten"),
             direction->rate_bps / 1000, direction->tones);
    text_add(text, "\n%*s", NAME_COLUMNS + 2, "");
    text_say(text, _("have %" PRIu64 " to %" PRIu64 ", half of them more than %" PRIu64),
             direction->p10_bps / 1000, direction->p90_bps / 1000, direction->p50_bps / 1000);
    text_add(text, "\n");
}

static void
add_rate(struct text *text, const char *name, double bps)
{
    add_name(text, name);
    text_add(text, "%.0f kbit/s\n", bps / 1000);
}

static void
add_delays(struct text *text, const struct rnet_line_report *report, const struct line_facts *facts,
           enum rnet_direction way)
{
    const struct rnet_link_direction *line = &report->link->direction[way];

    add_name(text, _("largest packet takes"));
    text_say(text, _("%.1f ms, an acknowledgement %.2f ms"), facts->full_ms[way],
             facts->ack_ms[way]);
    text_add(text, "\n");
    add_name(text, _("delay of the line"));
    text_say(text, _("%.1f ms one way"), (double)line->delay_ns / 1e6);
    if (line->jitter_ns > 0)
        text_say(text, _(", and %.1f ms on average that varies"), (double)line->jitter_ns / 1e6);
    text_add(text, "\n");
    if (isfinite(facts->buffer_ms[way])) {
        add_name(text, _("a full buffer adds"));
        text_add(text, "%.0f ms\n", facts->buffer_ms[way]);
    } else if (line->queue == RNET_QUEUE_DROP_TAIL) {
        add_name(text, _("buffer"));
        text_add(text, "%s\n", _("without a limit of its own"));
    }
}

static void
add_direction(struct text *text, const struct rnet_line_report *report,
              const struct line_facts *facts, enum rnet_direction way)
{
    const struct rnet_link_direction *line = &report->link->direction[way];

    text_add(text, "%s\n", way == RNET_UP ? _("Up:") : _("Down:"));
    add_rate(text, _("sync rate"), (double)(line->rate_bps / 1000 * 1000));
    if (report->result != NULL && !report->copper->rate_is_reported)
        add_band(text, &report->result->direction[way]);
    if (line->shaper_bps > 0)
        add_rate(text, _("shaped to"), (double)(line->shaper_bps / 1000 * 1000));
    add_rate(text, _("IP in full packets"), facts->ip_bps[way]);
    add_delays(text, report, facts, way);
    if (line->loss_ratio > 0) {
        add_name(text, _("loss"));
        text_say(text, "%g %%\n", line->loss_ratio * 100);
    }
    if (line->backhaul_bps > 0) {
        add_name(text, _("backhaul behind"));
        text_say(text, _("%" PRIu64 " kbit/s, %.0f %% used by others"), line->backhaul_bps / 1000,
                 line->backhaul_load * 100);
        text_add(text, "\n");
    }
}

static void
pad(struct text *text, const char *words)
{
    text_add(text, "%s%*s", words, 12 - text_columns(words), "");
}

/* Where the last byte of a packet costs a step more. */
static void
add_prices(struct text *text, const struct rnet_link *link)
{
    static const uint32_t sizes[] = {40, 52, 60, 64, 100, 200, 576, 1000, 1400, 1492, 1500};

    text_add(text, "%s\n", _("What a packet costs:"));
    pad(text, _("  IP bytes"));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        text_add(text, sizes[i] <= link->mtu_bytes ? "%6" PRIu32 : "", sizes[i]);
    text_add(text, "\n");
    pad(text, _("  on line"));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        text_add(text, sizes[i] <= link->mtu_bytes ? "%6" PRIu64 : "",
                 rnet_link_wire_bytes(link, sizes[i]));
    text_add(text, "\n");
}

enum rnet_status
rnet_report_line_text(const struct rnet_line_report *report, char **text, size_t *length)
{
    const struct rnet_link *link = report->link;
    const struct line_facts facts = line_facts(link);
    struct text out = {0}, words = {0};

    if (strcspn(link->name, ":") == strlen(link->name)) /* a preset's */
        text_add(&out, "%s: ", link->name);
    text_add(&out, "%s\n", link->specification);
    if (report->copper != NULL)
        add_pair(&out, report);
    line_add_carriage(&words, link, &facts);
    add_wrapped(&out, &words);
    add_direction(&out, report, &facts, RNET_DOWN);
    add_direction(&out, report, &facts, RNET_UP);
    add_prices(&out, link);
    return text_take(&out, text, length);
}
