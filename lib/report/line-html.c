/* A line explained as one self-contained HTML page. */
#include "report/line.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static void
add_row(struct text *text, const char *what, const char *down, const char *up)
{
    text_add(text,
             "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td><td class=\"n\">%s</td></tr>\n",
             _(what), down, up);
}

static void
add_rate_row(struct text *text, const char *what, double down_bps, double up_bps)
{
    char down[NUMBER_TEXT], up[NUMBER_TEXT];

    add_row(text, what, words_rate(down_bps, down), words_rate(up_bps, up));
}

static void
add_value_row(struct text *text, const char *what, const double value[RNET_DIRECTIONS],
              const char *unit)
{
    char words[RNET_DIRECTIONS][NUMBER_TEXT];

    for (int way = 0; way < RNET_DIRECTIONS; way++)
        if (isfinite(value[way]))
            snprintf(words[way], NUMBER_TEXT, "%.*f %s",
                     value[way] < 10    ? 2
                     : value[way] < 100 ? 1
                                        : 0,
                     value[way], unit);
        else
            snprintf(words[way], NUMBER_TEXT, "–");
    add_row(text, what, rnet_report_localise(words[RNET_DOWN]), rnet_report_localise(words[RNET_UP]));
}

static void
add_band_rows(struct text *text, const struct rnet_copper_result *result)
{
    const struct rnet_copper_direction *down = &result->direction[RNET_DOWN];
    const struct rnet_copper_direction *up = &result->direction[RNET_UP];
    char words[RNET_DIRECTIONS][NUMBER_TEXT];

    add_rate_row(text, N_("the model's point"), (double)down->rate_bps, (double)up->rate_bps);
    add_rate_row(text, N_("one such line in ten has less than"), (double)down->p10_bps,
                 (double)up->p10_bps);
    add_rate_row(text, N_("half of them have less than"), (double)down->p50_bps,
                 (double)up->p50_bps);
    add_rate_row(text, N_("one in ten has more than"), (double)down->p90_bps, (double)up->p90_bps);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        snprintf(words[way], NUMBER_TEXT, "%" PRIu32, result->direction[way].tones);
    add_row(text, N_("tones that carry bits"), words[RNET_DOWN], words[RNET_UP]);
    add_value_row(text, N_("attenuation as a modem shows it"),
                  (double[]){[RNET_UP] = up->attenuation_db, [RNET_DOWN] = down->attenuation_db},
                  "dB");
}

/* Options of either direction that most lines do not have. */
static void
add_rare_rows(struct text *text, const struct rnet_link *link)
{
    const struct rnet_link_direction *way = link->direction;
    double loss[RNET_DIRECTIONS], jitter[RNET_DIRECTIONS], load[RNET_DIRECTIONS];

    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        loss[i] = way[i].loss_ratio * 100;
        jitter[i] = (double)way[i].jitter_ns / 1e6;
        load[i] = way[i].backhaul_load * 100;
    }
    if (way[RNET_DOWN].shaper_bps > 0)
        add_rate_row(text, N_("shaped to"), (double)way[RNET_DOWN].shaper_bps,
                     (double)way[RNET_UP].shaper_bps);
    if (jitter[RNET_DOWN] > 0 || jitter[RNET_UP] > 0)
        add_value_row(text, N_("delay that varies, on average"), jitter, "ms");
    if (loss[RNET_DOWN] > 0 || loss[RNET_UP] > 0)
        add_value_row(text, N_("loss"), loss, "%");
    if (way[RNET_DOWN].backhaul_bps > 0) {
        add_rate_row(text, N_("backhaul behind"), (double)way[RNET_DOWN].backhaul_bps,
                     (double)way[RNET_UP].backhaul_bps);
        add_value_row(text, N_("of it used by others"), load, "%");
    }
}

static void
add_numbers(struct text *text, const struct rnet_line_report *report)
{
    const struct rnet_link *link = report->link;
    const struct line_facts facts = line_facts(link);
    double delay_ms[RNET_DIRECTIONS];

    for (int way = 0; way < RNET_DIRECTIONS; way++)
        delay_ms[way] = (double)link->direction[way].delay_ns / 1e6;
    text_add(text,
             "<h2>%s</h2>\n<div class=\"scroll\"><table><thead><tr><th></th>"
             "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>\n",
             _("In numbers"), _("down"), _("up"));
    add_rate_row(text, N_("sync rate"), (double)link->direction[RNET_DOWN].rate_bps,
                 (double)link->direction[RNET_UP].rate_bps);
    if (report->result != NULL && !report->copper->rate_is_reported)
        add_band_rows(text, report->result);
    add_rate_row(text, N_("IP in full packets"), facts.ip_bps[RNET_DOWN], facts.ip_bps[RNET_UP]);
    add_value_row(text, N_("the largest packet takes"), facts.full_ms, "ms");
    add_value_row(text, N_("an acknowledgement takes"), facts.ack_ms, "ms");
    add_value_row(text, N_("delay of the line, one way"), delay_ms, "ms");
    add_value_row(text, N_("a full buffer adds"), facts.buffer_ms, "ms");
    add_rare_rows(text, link);
    text_add(text, "</tbody></table></div>\n<p class=\"note\">");
    line_add_carriage(text, link, &facts);
    text_add(text, "</p>\n");
}

static void
add_pair(struct text *text, const struct rnet_line_report *report)
{
    text_add(text, "<h2>%s</h2>\n<p>", _("The pair"));
    line_add_loop(text, report->copper);
    line_add_attenuation(text, report->result);
    text_add(text, ". ");
    line_add_model(text, report->copper);
    text_add(text, "</p>\n");
    line_add_loading(text, report);
}

enum rnet_status
rnet_report_line_html(const struct rnet_line_report *report, char **text, size_t *length)
{
    const struct rnet_link *link = report->link;
    char down[NUMBER_TEXT], up[NUMBER_TEXT];
    struct text out = {0};

    html_begin(&out, link->name);
    text_add(&out, "<p class=\"answer\">");
    text_add(&out, _("%s down, %s up."),
             words_rate((double)link->direction[RNET_DOWN].rate_bps, down),
             words_rate((double)link->direction[RNET_UP].rate_bps, up));
    text_add(&out, "</p>\n<p><code>");
    text_add_html(&out, link->specification);
    text_add(&out, "</code></p>\n");
    if (report->copper != NULL)
        add_pair(&out, report);
    add_numbers(&out, report);
    line_add_staircase(&out, link);
    text_add(&out, "<p class=\"note\">netsuff %s</p>\n", rnet_version());
    html_end(&out);
    return text_take(&out, text, length);
}
