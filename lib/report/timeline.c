/* Demand over time, as a static SVG figure. */
#include "report/report.h"

#include <math.h>
#include <stdio.h>

#define WIDTH 720
#define PANEL_HEIGHT 150
#define LEFT 70
#define TOP 26
#define SHOWN 6 /* usages with most bytes; the rest is "other" */

/* Okabe and Ito's colours, told apart by most people who see colours differently. */
static const char *const colours[SHOWN + 1] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                               "#d55e00", "#56b4e9", "#999999"};

struct figure {
    const struct rnet_timeline *timeline;
    enum rnet_usage shown[SHOWN];
    size_t count;
};

static double
usage_bytes(const struct rnet_timeline *timeline, int usage)
{
    double sum = 0;

    for (int d = 0; d < RNET_DIRECTIONS; d++)
        for (size_t i = 0; timeline->bytes[usage][d] != NULL && i < timeline->windows; i++)
            sum += (double)timeline->bytes[usage][d][i];
    return sum;
}

static void
choose_usages(struct figure *figure)
{
    double bytes[RNET_USAGE_COUNT];

    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        bytes[u] = usage_bytes(figure->timeline, u);
    while (figure->count < SHOWN) {
        int best = 0;

        for (int u = 1; u < RNET_USAGE_COUNT; u++)
            best = bytes[u] > bytes[best] ? u : best;
        if (!(bytes[best] > 0))
            return;
        figure->shown[figure->count++] = (enum rnet_usage)best;
        bytes[best] = -1;
    }
}

/* Mean rate of a window, bit/s; usage -1 = everything. */
static double
column_bps(const struct figure *figure, int usage, int direction, size_t column)
{
    const struct rnet_timeline *timeline = figure->timeline;
    double bytes = 0;

    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if ((usage < 0 || usage == u) && timeline->bytes[u][direction] != NULL)
            bytes += (double)timeline->bytes[u][direction][column];
    return bytes * 8e9 / (double)timeline->window_ns;
}

/* 1, 2 or 5 times a power of ten, at least x. */
static double
round_up(double x)
{
    const double power = pow(10, floor(log10(x > 1 ? x : 1)));
    const double steps[] = {1, 2, 5, 10};

    for (size_t i = 0; i < 4; i++)
        if (steps[i] * power >= x)
            return steps[i] * power;
    return 10 * power;
}

/* One bar of a path that holds all of a usage's bars. */
static void
add_bar(struct text *text, double x, double base, double width, double height)
{
    text_add(text, "M%.1f %.1fh%.2fv%.1fh%.2fz", x, base, width, -height, -width);
}

/* The bars of one usage (last = of all that is not shown by name), on top of those before it. */
static void
add_layer(struct text *text, const struct figure *figure, int direction, size_t layer, double top,
          double scale_bps)
{
    const double wide = (double)(WIDTH - LEFT) / (double)figure->timeline->windows;

    text_add(text, "<path fill=\"%s\" d=\"", colours[layer < figure->count ? layer : SHOWN]);
    for (size_t column = 0; column < figure->timeline->windows; column++) {
        double below = 0, bps;

        for (size_t i = 0; i < layer; i++)
            below += column_bps(figure, (int)figure->shown[i], direction, column);
        bps = layer < figure->count
                  ? column_bps(figure, (int)figure->shown[layer], direction, column)
                  : column_bps(figure, -1, direction, column) - below;
        if (bps / scale_bps * PANEL_HEIGHT >= 0.05)
            add_bar(text, LEFT + (double)column * wide,
                    top + PANEL_HEIGHT * (1 - below / scale_bps), wide,
                    bps / scale_bps * PANEL_HEIGHT);
    }
    text_add(text, "\"/>\n");
}

/* The rates of the lines tried, as far as they are inside the panel. */
static void
add_rates(struct text *text, const struct rnet_assessment *assessment, int direction, double top,
          double scale_bps)
{
    double last_y = -100;

    for (size_t i = 0; i < assessment->link_count; i++) {
        const double bps = (double)assessment->links[i].link.direction[direction].rate_bps;
        const double y = top + PANEL_HEIGHT * (1 - bps / scale_bps);

        if (bps > scale_bps || fabs(y - last_y) < 11)
            continue;
        last_y = y;
        text_add(text,
                 "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"rate\"/><text x=\"%d\" "
                 "y=\"%.1f\" class=\"rate\">",
                 LEFT, WIDTH, y, y, WIDTH - 4, y - 3);
        text_add_html(text, assessment->links[i].link.name);
        text_add(text, "</text>");
    }
}

static void
add_panel(struct text *text, const struct figure *figure, const struct rnet_assessment *assessment,
          int direction, double top)
{
    double scale_bps = 1000;
    char words[NUMBER_TEXT];

    for (size_t column = 0; column < figure->timeline->windows; column++)
        scale_bps = fmax(scale_bps, column_bps(figure, -1, direction, column));
    scale_bps = round_up(scale_bps);
    text_add(text, "<text x=\"0\" y=\"%.0f\" class=\"title\">%s</text>", top - 11,
             direction == RNET_UP ? _("Upwards") : _("Downwards"));
    for (int step = 0; step <= 2; step++) {
        const double y = top + PANEL_HEIGHT * (1 - step / 2.0);

        text_add(text,
                 "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/><text x=\"%d\" "
                 "y=\"%.1f\" class=\"axis\">%s</text>",
                 LEFT, WIDTH, y, y, LEFT - 6, y + 4, words_rate(scale_bps * step / 2, words));
    }
    for (size_t layer = 0; layer <= figure->count; layer++)
        add_layer(text, figure, direction, layer, top, scale_bps);
    add_rates(text, assessment, direction, top, scale_bps);
}

static void
add_legend(struct text *text, const struct figure *figure, double top)
{
    double x = LEFT;

    for (size_t i = 0; i <= figure->count; i++) {
        const char *name =
            i < figure->count ? _(rnet_usage_info(figure->shown[i])->name) : _("other");

        text_add(text, "<rect x=\"%.0f\" y=\"%.0f\" width=\"10\" height=\"10\" fill=\"%s\"/>", x,
                 top, colours[i < figure->count ? i : SHOWN]);
        text_add(text, "<text x=\"%.0f\" y=\"%.0f\">", x + 14, top + 9);
        text_add_html(text, name);
        text_add(text, "</text>");
        x += 30 + 6.6 * (double)text_columns(name);
    }
}

void
html_add_timeline(struct text *text, const struct rnet_timeline *timeline,
                  const struct rnet_assessment *assessment)
{
    struct rnet_timeline condensed;
    struct figure figure = {.timeline = &condensed};
    const double second = TOP + PANEL_HEIGHT + 34, end = second + PANEL_HEIGHT;
    char words[NUMBER_TEXT], caption[400];

    if (timeline_condense(timeline, &condensed) != RNET_OK) {
        text->failed = true;
        return;
    }
    choose_usages(&figure);
    text_add(
        text,
        "<figure class=\"scroll wide\"><svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"",
        WIDTH, end + 44);
    text_add_html(text, _("Demand over time by usage, upwards and downwards, with the rates of the "
                          "lines tried"));
    text_add(text, "\">\n");
    add_panel(text, &figure, assessment, RNET_DOWN, TOP);
    add_panel(text, &figure, assessment, RNET_UP, second);
    text_add(text,
             "<text x=\"%d\" y=\"%.0f\">0</text><text x=\"%d\" y=\"%.0f\" class=\"end\">%s</text>",
             LEFT, end + 14, WIDTH, end + 14,
             words_duration((double)condensed.window_ns / 1e9 * (double)condensed.windows, words));
    add_legend(text, &figure, end + 26);
    text_add(text, "\n</svg></figure>\n");
    snprintf(
        caption, sizeof caption,
        _("Mean rate of IP packets over %s at a time, as captured; dashed: sync rates of the lines "
          "tried. What exceeds a line has to wait or be lost there."),
        words_duration((double)condensed.window_ns / 1e9, words));
    html_add(text, "p", "note", caption);
    text_add(text, "\n");
    condensed_clear(&condensed);
}
