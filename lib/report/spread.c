/* How the deciding measure of each usage is spread over its uses, line by line, as static SVG. */
#include "report/report.h"

#include <math.h>
#include <stdio.h>

/* A figure is as wide as a phone, so that its words stay legible there; on a desk two stand beside
 * each other. */
#define WIDTH 360
#define LEFT 74
#define RIGHT 350
#define TOP 18
#define ROW 18

/* From low to high: logarithmic for times and rates (both above 0), else linear. */
struct axis {
    double low, high;
    bool linear;
};

static double
place(const struct axis *axis, double value)
{
    const double clamped = fmin(fmax(value, axis->low), axis->high);
    const double part = axis->linear ? (clamped - axis->low) / (axis->high - axis->low)
                                     : log(clamped / axis->low) / log(axis->high / axis->low);

    return LEFT + (RIGHT - LEFT) * part;
}

/* Ratings and percentages have a scale of their own. */
static bool
is_out_of_100(const struct rnet_metric_info *info)
{
    return *info->unit == '\0' || *info->unit == '%';
}

static void
widen(struct axis *axis, double value)
{
    if (!isfinite(value) || value <= 0)
        return;
    axis->low = fmin(axis->low, value);
    axis->high = fmax(axis->high, value);
}

/* Whole powers of ten around all that is shown; what is 0 or never ends stands at the edges. */
static struct axis
axis_of(const struct rnet_assessment *assessment, size_t item, const struct rnet_metric_info *info)
{
    struct axis axis = {.low = (double)INFINITY};

    if (is_out_of_100(info))
        return (struct axis){0, 100, true};
    for (size_t i = 0; i < assessment->link_count; i++) {
        const struct rnet_usage_verdict *verdict = &assessment->links[i].verdict.items[item];

        for (size_t q = 0; verdict->has_metric && q < RNET_VERDICT_QUANTILES; q++)
            widen(&axis, verdict->quantiles[q]);
        if (verdict->has_metric) {
            widen(&axis, verdict->good);
            widen(&axis, verdict->acceptable);
        }
    }
    if (!(axis.high > 0))
        return (struct axis){1, 10, false};
    axis.low = pow(10, floor(log10(axis.low)));
    axis.high = pow(10, ceil(log10(axis.high * 1.0001)));
    return axis;
}

static void
add_tick(struct text *text, const struct axis *axis, double value, double bottom)
{
    const double x = place(axis, value);

    text_add(text,
             "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/>"
             "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">",
             x, x, TOP, bottom, x > RIGHT - 12 ? "end" : "mid", fmin(x, WIDTH - 2), bottom + 13);
    text_say(text, "%g", value);
    text_add(text, "</text>");
}

static void
add_ticks(struct text *text, const struct axis *axis, double bottom)
{
    const double decades = log10(axis->high / axis->low);
    const double step = decades > 4 ? 100 : 10;

    for (double value = 0; axis->linear && value <= axis->high; value += 25)
        add_tick(text, axis, value, bottom);
    for (double value = axis->low; !axis->linear && value <= axis->high * 1.001; value *= step)
        add_tick(text, axis, value, bottom);
    text_add(text, "\n");
}

static void
add_limit(struct text *text, const struct axis *axis, double value, const char *words,
          double bottom)
{
    if (!axis->linear && value <= 0)
        return;
    text_add(text,
             "<line class=\"rate\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/>"
             "<text class=\"mid\" x=\"%.1f\" y=\"%d\">",
             place(axis, value), place(axis, value), TOP - 4, bottom,
             fmin(place(axis, value), RIGHT - 22), TOP - 7);
    text_add_html(text, words);
    text_add(text, "</text>");
}

/* 5 to 95 % thin, 25 to 75 % thick, the median a stroke. */
static void
add_row(struct text *text, const struct axis *axis, const double *q, double y)
{
    text_add(text,
             "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#0072b2\" "
             "stroke-width=\"2\"/>",
             place(axis, q[0]), place(axis, q[4]), y, y);
    text_add(text,
             "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"9\" rx=\"2\" fill=\"#6fb1dc\"/>",
             place(axis, q[1]) - 1, y - 4.5, place(axis, q[3]) - place(axis, q[1]) + 2);
    text_add(text,
             "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#00324f\" "
             "stroke-width=\"2.5\"/>\n",
             place(axis, q[2]), place(axis, q[2]), y - 5.5, y + 5.5);
}

static void
add_caption(struct text *text, const struct rnet_usage_verdict *verdict)
{
    const struct rnet_metric_info *info = rnet_metric_info(verdict->metric);

    text_add(text, "<figure><figcaption><strong>");
    text_add_html(text, _(verdict->criterion->name));
    text_add(text, "</strong>%s", _(": "));
    text_add_html(text, _(info->name));
    if (*info->unit != '\0')
        text_add(text, ", %s", info->unit);
    text_add(text, "</figcaption>");
}

static void
add_figure(struct text *text, const struct rnet_assessment *assessment, size_t item)
{
    const struct rnet_usage_verdict *any = &assessment->links[0].verdict.items[item];
    const struct rnet_metric_info *info;
    struct axis axis;
    const double bottom = TOP + ROW * (double)assessment->link_count;

    for (size_t i = 0; i < assessment->link_count && !any->has_metric; i++)
        any = &assessment->links[i].verdict.items[item];
    info = rnet_metric_info(any->metric);
    axis = axis_of(assessment, item, info);
    add_caption(text, any);
    text_add(text, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"", WIDTH, bottom + 18);
    text_add_html(text, _(info->name));
    text_add(text, "\">\n");
    add_ticks(text, &axis, bottom);
    add_limit(text, &axis, any->acceptable, _("acceptable"), bottom);
    for (size_t i = 0; i < assessment->link_count; i++) {
        const struct rnet_usage_verdict *verdict = &assessment->links[i].verdict.items[item];
        const double y = TOP + ROW * ((double)i + 0.5);

        text_add(text, "<text class=\"axis\" x=\"%d\" y=\"%.1f\">", LEFT - 8, y + 4);
        text_add_html(text, assessment->links[i].link.name);
        text_add(text, "</text>");
        if (verdict->has_metric && verdict->metric == any->metric && !isnan(verdict->quantiles[0]))
            add_row(text, &axis, verdict->quantiles, y);
    }
    text_add(text, "</svg></figure>\n");
}

void
html_add_spreads(struct text *text, const struct rnet_assessment *assessment)
{
    const struct rnet_verdict *first = &assessment->links[0].verdict;

    html_add(text, "h2", NULL, _("How long it takes, from use to use"));
    text_add(text, "\n<div class=\"pair\">\n");
    for (size_t item = 0; item < first->count; item++) {
        bool measured = false;

        for (size_t i = 0; i < assessment->link_count; i++)
            measured = measured || (assessment->links[i].verdict.items[item].judged &&
                                    assessment->links[i].verdict.items[item].has_metric);
        if (measured)
            add_figure(text, assessment, item);
    }
    text_add(text, "</div>\n");
    html_add(
        text, "p", "note",
        _("For each line: half of all use is within the bar, nine tenths within the thin line, the "
          "stroke is the middle one; what never ends stands at the right edge. The scale is "
          "logarithmic."));
    text_add(text, "\n");
}
