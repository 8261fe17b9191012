/* A line explained in words and numbers. */
#include "report/line.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define COLUMNS 80
#define BAR_COLUMNS 60
#define MOST_BITS 15

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

    text_add(text, "Bits per tone (a full block is %d), 0 to %.1f MHz:\n  ", MOST_BITS,
             tones * RNET_COPPER_TONE_HZ / 1e6);
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

        text_add(text, "%s", way == RNET_UP ? "u" : way == RNET_DOWN ? "d" : " ");
    }
    text_add(text, "   u up, d down\n");
}

static void
add_pair(struct text *text, const struct rnet_line_report *report)
{
    const struct rnet_copper_result *result = report->result;
    struct text words = {0};

    line_add_loop(&words, report->copper);
    text_add(&words, ": %.1f dB at 300 kHz", result->attenuation_300khz_db);
    if (isfinite(result->planning_db))
        text_add(&words, " (%.1f dB by French planning)", result->planning_db);
    text_add(&words, ", %.1f/%.1f dB as a modem shows.",
             result->direction[RNET_DOWN].attenuation_db,
             result->direction[RNET_UP].attenuation_db);
    add_wrapped(text, &words);
    words = (struct text){0};
    line_add_model(&words, report->copper);
    add_wrapped(text, &words);
    add_bars(text, result);
}

static void
add_band(struct text *text, const struct rnet_copper_direction *direction)
{
    text_add(text,
             "  the model's point    %" PRIu64 " kbit/s on %" PRIu32 " tones; eight lines in ten\n"
             "                       have %" PRIu64 " to %" PRIu64
             ", half of them more than %" PRIu64 "\n",
             direction->rate_bps / 1000, direction->tones, direction->p10_bps / 1000,
             direction->p90_bps / 1000, direction->p50_bps / 1000);
}

static void
add_direction(struct text *text, const struct rnet_line_report *report,
              const struct line_facts *facts, enum rnet_direction way)
{
    const struct rnet_link_direction *line = &report->link->direction[way];

    text_add(text, "%s:\n", way == RNET_UP ? "Up" : "Down");
    text_add(text, "  sync rate            %" PRIu64 " kbit/s\n", line->rate_bps / 1000);
    if (report->result != NULL && !report->copper->rate_is_reported)
        add_band(text, &report->result->direction[way]);
    if (line->shaper_bps > 0)
        text_add(text, "  shaped to            %" PRIu64 " kbit/s\n", line->shaper_bps / 1000);
    text_add(text, "  IP in full packets   %.0f kbit/s\n", facts->ip_bps[way] / 1000);
    text_add(text, "  largest packet takes %.1f ms, an acknowledgement %.2f ms\n",
             facts->full_ms[way], facts->ack_ms[way]);
    text_add(text, "  delay of the line    %.1f ms one way", (double)line->delay_ns / 1e6);
    if (line->jitter_ns > 0)
        text_add(text, ", and %.1f ms on average that varies", (double)line->jitter_ns / 1e6);
    text_add(text, "\n");
    if (isfinite(facts->buffer_ms[way]))
        text_add(text, "  a full buffer adds   %.0f ms\n", facts->buffer_ms[way]);
    else if (report->link->queue == RNET_QUEUE_DROP_TAIL)
        text_add(text, "  buffer               without a limit of its own\n");
    if (line->loss_ratio > 0)
        text_add(text, "  loss                 %g %%\n", line->loss_ratio * 100);
    if (line->backhaul_bps > 0)
        text_add(text, "  backhaul behind      %" PRIu64 " kbit/s, %.0f %% used by others\n",
                 line->backhaul_bps / 1000, line->backhaul_load * 100);
}

/* Where the last byte of a packet costs a step more. */
static void
add_prices(struct text *text, const struct rnet_link *link)
{
    static const uint32_t sizes[] = {40, 52, 60, 64, 100, 200, 576, 1000, 1400, 1492, 1500};

    text_add(text, "What a packet costs:\n  IP bytes  ");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        text_add(text, sizes[i] <= link->mtu_bytes ? "%6" PRIu32 : "", sizes[i]);
    text_add(text, "\n  on line   ");
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
    struct text out = {0};

    if (strcspn(link->name, ":") == strlen(link->name)) /* a preset's */
        text_add(&out, "%s: ", link->name);
    text_add(&out, "%s\n", link->specification);
    if (report->copper != NULL)
        add_pair(&out, report);
    text_add(&out,
             "Carried in %s.\n%" PRIu32 " bytes of overhead per packet; packets up to %" PRIu32
             " bytes,\nTCP segments up to %" PRIu32 "; %s;\nfirst hop at %.0f ms there and back.\n",
             line_framing_words(link->framing), link->overhead_bytes, link->mtu_bytes,
             facts.mss_bytes, line_queue_words(link->queue), facts.first_hop_ms);
    add_direction(&out, report, &facts, RNET_DOWN);
    add_direction(&out, report, &facts, RNET_UP);
    add_prices(&out, link);
    return text_take(&out, text, length);
}
