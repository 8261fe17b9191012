/* What a survey holds, as one self-contained HTML page; what lines would make of it is the claim's.
 */
#include "report/report.h"

#include <math.h>
#include <stdio.h>

#define MOST_ROWS 1000 /* of firms: a page stays below 1 MB */

/* The figure is as wide as a phone, so that its words stay legible there. */
#define WIDTH 360
#define LEFT 130
#define RIGHT 338
#define TOP 8
#define ROW 20

static void
add_answer(struct text *text, const struct rnet_survey_overview *overview)
{
    char firms[NUMBER_TEXT], all[NUMBER_TEXT], captures[NUMBER_TEXT], time[NUMBER_TEXT],
        down[NUMBER_TEXT], up[NUMBER_TEXT];

    text_add(text, "<p class=\"answer\">");
    text_add(text,
             _("%s of %s firms gave captures: %s, of %s in all, with %s downwards and %s upwards."),
             words_count(overview->answered, firms), words_count(overview->firms, all),
             words_count(overview->captures, captures), words_duration(overview->seconds, time),
             words_bytes(overview->bytes[RNET_DOWN], down),
             words_bytes(overview->bytes[RNET_UP], up));
    if (overview->modelled > 0) {
        text_add(text, " <strong>");
        text_add(text, _("%s of the firms are modelled, not surveyed."),
                 words_count(overview->modelled, firms));
        text_add(text, "</strong>");
    }
    text_add(text, "</p>\n");
}

static size_t
count_seen(const struct rnet_survey_overview *overview)
{
    size_t count = 0;

    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        count += overview->usages[u].offices > 0;
    return count;
}

/* Share of the offices in which a usage was seen, and its interval. */
static void
add_figure(struct text *text, const struct rnet_survey_overview *overview)
{
    const double bottom = TOP + ROW * (double)count_seen(overview);
    const struct share_axis axis = {LEFT, RIGHT, TOP, bottom};
    double y = TOP + ROW / 2.0;

    text_add(text,
             "<figure style=\"max-width:34rem\"><figcaption>%s</figcaption><svg viewBox=\"0 0 %d "
             "%.0f\" role=\"img\" aria-label=\"%s\">\n",
             _("Share of offices in which it was seen, with its exact interval at 95 in 100"),
             WIDTH, bottom + 20, _("Share of offices in which each usage was seen"));
    html_add_share_axis(text, &axis);
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        const struct rnet_survey_usage *usage = &overview->usages[u];

        if (usage->offices == 0)
            continue;
        text_add(text, "<text class=\"axis\" x=\"%d\" y=\"%.1f\">", LEFT - 6, y + 4);
        text_add_html(text, _(rnet_usage_info(usage->usage)->name));
        text_add(text,
                 "</text><line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" "
                 "stroke=\"#0072b2\" stroke-width=\"2\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" "
                 "fill=\"#0072b2\"/>\n",
                 share_x(&axis, usage->share.low), share_x(&axis, usage->share.high), y, y,
                 share_x(&axis, (double)usage->offices / (double)overview->answered), y);
        y += ROW;
    }
    text_add(text, "</svg></figure>\n");
}

static void
add_cell(struct text *text, const char *words)
{
    text_add(text, "<td class=\"n\">%s</td>", words);
}

static void
add_usage_row(struct text *text, const struct rnet_survey_overview *overview,
              const struct rnet_survey_usage *usage)
{
    const double all = (double)(overview->bytes[RNET_DOWN] + overview->bytes[RNET_UP]);
    char words[NUMBER_TEXT];

    text_add(text, "<tr><th scope=\"row\">");
    text_add_html(text, _(rnet_usage_info(usage->usage)->name));
    text_add(text, "</th>");
    add_cell(text, words_count(usage->offices, words));
    text_say(text, "<td class=\"n\">%.0f&#160;%% <small>(%.1f – %.1f)</small></td>",
             100.0 * (double)usage->offices / (double)overview->answered, 100 * usage->share.low,
             100 * usage->share.high);
    add_cell(text, words_bytes(usage->bytes[RNET_DOWN], words));
    add_cell(text, words_bytes(usage->bytes[RNET_UP], words));
    text_say(text, "<td class=\"n\">%.1f&#160;%%</td>",
             all > 0 ? 100 * (double)(usage->bytes[RNET_DOWN] + usage->bytes[RNET_UP]) / all : 0);
    add_cell(text, words_duration(usage->active_s, words));
    if (isnan(usage->confidence))
        add_cell(text, "-");
    else
        text_say(text, "<td class=\"n\">%.0f&#160;%%</td>", 100 * usage->confidence);
    text_add(text, "</tr>\n");
}

static void
add_usages(struct text *text, const struct rnet_survey_overview *overview)
{
    const char *const headings[] = {_("usage"), _("offices"),       _("share"),       _("down"),
                                    _("up"),    _("of all volume"), _("time in use"), _("sure")};

    html_add(text, "h2", NULL, _("What was seen"));
    add_figure(text, overview);
    html_table_begin(text, headings, sizeof headings / sizeof *headings);
    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if (overview->usages[u].offices > 0)
            add_usage_row(text, overview, &overview->usages[u]);
    html_table_end(text);
    html_add(text, "p", "note",
             _("Sure: how likely the names are right, weighted by bytes. Volumes are IP bytes by "
               "their original length. Offices count alike, whatever they weigh."));
}

static void
add_office_row(struct text *text, const struct rnet_survey_office *office)
{
    const struct rnet_firm *firm = &office->firm;
    char words[NUMBER_TEXT];

    text_add(text, "<tr><th scope=\"row\">");
    text_add_html(text, firm->name);
    if (firm->modelled)
        text_add(text, "<br><small>%s</small>", _("modelled"));
    text_add(text, "</th><td>");
    text_add_html(text, firm->sector);
    text_add(text, "</td>");
    add_cell(text, firm->staff > 0 ? words_count(firm->staff, words) : "-");
    text_say(text, "<td class=\"n\">%.4g</td><td>", firm->weight);
    text_add_html(text, firm->line[0] != '\0' ? firm->line : "-");
    text_add(text, "</td>");
    add_cell(text, words_count(firm->captures, words));
    if (firm->captures == 0) {
        text_add(text, "<td colspan=\"6\">%s</td></tr>\n", _("gave nothing"));
        return;
    }
    add_cell(text, words_duration(office->seconds, words));
    add_cell(text, words_count(office->usages, words));
    add_cell(text, words_bytes(office->bytes[RNET_DOWN], words));
    add_cell(text, words_bytes(office->bytes[RNET_UP], words));
    add_cell(text, words_rate(office->peak_bps[RNET_DOWN], words));
    add_cell(text, words_rate(office->peak_bps[RNET_UP], words));
    text_add(text, "</tr>\n");
}

static void
add_offices(struct text *text, const struct rnet_survey_overview *overview)
{
    const char *const headings[] = {_("firm"), _("sector"),   _("staff"),     _("weight"),
                                    _("line"), _("captures"), _("time"),      _("usages"),
                                    _("down"), _("up"),       _("peak down"), _("peak up")};

    html_add(text, "h2", NULL, _("Firms"));
    html_table_begin(text, headings, sizeof headings / sizeof *headings);
    for (size_t i = 0; i < overview->firms && i < MOST_ROWS; i++)
        add_office_row(text, &overview->offices[i]);
    html_table_end(text);
    if (overview->firms > MOST_ROWS) {
        text_add(text, "<p class=\"note\">");
        text_add(text, _("The first %d of %zu firms; 'netsuff survey export csv' gives all."),
                 MOST_ROWS, overview->firms);
        text_add(text, "</p>\n");
    }
}

static void
add_provenance(struct text *text, const struct rnet_survey_overview *overview)
{
    const size_t silent = overview->firms - overview->answered;

    html_add(text, "h2", NULL, _("To know"));
    text_add(text, "<ul>\n");
    if (silent > 0) {
        text_add(text, "<li>");
        text_add(text, _("Firms that gave nothing: %zu."), silent);
        text_add(text, "</li>\n");
    }
    if (overview->incomplete > 0) {
        text_add(text, "<li>");
        text_add(text, _("Captures not read to their end: %zu."), overview->incomplete);
        text_add(text, "</li>\n");
    }
    if (overview->full > 0) {
        text_add(text, "<li>");
        text_add(text,
                 _("Captures made behind a line seen full: %zu. People may do more on a faster "
                   "one."),
                 overview->full);
        text_add(text, "</li>\n");
    }
    text_add(text, "<li>%s</li>\n<li>netsuff %s</li>\n</ul>\n",
             _("Whether lines are good enough for these offices: 'netsuff claim'."),
             rnet_version());
}

enum rnet_status
rnet_report_survey_html(const struct rnet_survey_overview *overview, char **text, size_t *length)
{
    struct text out = {0};

    html_begin(&out, _("What the survey holds"));
    add_answer(&out, overview);
    if (overview->answered > 0)
        add_usages(&out, overview);
    add_offices(&out, overview);
    add_provenance(&out, overview);
    html_end(&out);
    return text_take(&out, text, length);
}
