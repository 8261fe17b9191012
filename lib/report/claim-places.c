/*
 * Rate against loop length, with the offices on it: above, the share of all offices satisfied on
 * each class of real loops; below, what the copper model says of a pair of that length, and every
 * office where its own line stands. Both share the axis of lengths.
 */
#include "report/claim.h"

#include <math.h>
#include <stdio.h>

#define WIDTH 360 /* as the other figures of the claim: legible on a phone */
#define LEFT 62
#define RIGHT 306
#define NOWHERE 330 /* offices whose loop is not known stand here */
#define SHARES_TOP 22.0
#define SHARES_BOTTOM 92.0
#define RATES_TOP 126.0
#define RATES_BOTTOM 282.0
#define HEIGHT 318
#define LEAST_BPS 64e3
#define LONGEST_KM 8.0
#define MOST_MARKS 6000 /* a page stays below 1 MB */

struct frame {
    double km;  /* at the right edge */
    double bps; /* at the upper */
};

static double
x_of(const struct frame *frame, double length_m)
{
    return LEFT + (RIGHT - LEFT) * fmin(length_m / 1000 / frame->km, 1);
}

static double
y_of_rate(const struct frame *frame, uint64_t bps)
{
    const double share = log((double)bps / LEAST_BPS) / log(frame->bps / LEAST_BPS);

    return RATES_BOTTOM - (RATES_BOTTOM - RATES_TOP) * fmin(fmax(share, 0), 1);
}

static double
y_of_share(double share)
{
    return SHARES_BOTTOM - (SHARES_BOTTOM - SHARES_TOP) * fmin(fmax(share, 0), 1);
}

static struct frame
frame_for(const struct rnet_claim *claim)
{
    double longest_m = 5000;
    uint64_t fastest_bps = 0;

    for (size_t i = 0; i < claim->loop_count; i++)
        longest_m = fmax(longest_m, claim->loops[i].length_m);
    for (size_t i = 0; i < claim->office_count; i++) {
        const struct rnet_claim_office *office = &claim->offices[i];

        longest_m = fmax(longest_m, office->length_m); /* fmax passes NAN over */
        if (office->rate_bps[RNET_DOWN] > fastest_bps)
            fastest_bps = office->rate_bps[RNET_DOWN];
    }
    return (struct frame){fmin(ceil(longest_m / 1000), LONGEST_KM),
                          fastest_bps > 30000000 ? 128e6 : 32e6};
}

static void
add_grid_line(struct text *text, double y)
{
    text_add(text, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT,
             RIGHT, y, y);
}

static void
add_axes(struct text *text, const struct frame *frame, bool shares)
{
    static const uint64_t rates[] = {128000, 512000, 2048000, 8192000, 20000000, 100000000};

    for (size_t i = 0; i < sizeof rates / sizeof *rates && (double)rates[i] < frame->bps; i++) {
        char rate[NUMBER_TEXT];

        add_grid_line(text, y_of_rate(frame, rates[i]));
        text_add(text, "<text class=\"axis\" x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT - 5,
                 y_of_rate(frame, rates[i]) + 4, words_rate((double)rates[i], rate));
    }
    for (int percent = 0; shares && percent <= 100; percent += 50) {
        add_grid_line(text, y_of_share(percent / 100.0));
        text_add(text, "<text class=\"axis\" x=\"%d\" y=\"%.1f\">%d&#160;%%</text>\n", LEFT - 5,
                 y_of_share(percent / 100.0) + 4, percent);
    }
    for (int km = 0; km <= frame->km; km++)
        text_add(text, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%d</text>",
                 x_of(frame, km * 1000), RATES_BOTTOM + 15, km);
    text_add(text, "<text class=\"mid\" x=\"%d\" y=\"%d\">%s</text>\n", (LEFT + RIGHT) / 2,
             HEIGHT - 4, _("length of the loop, km (as of 0.4 mm)"));
}

/* A bar from "cannot say" not met to met, on its exact interval. */
static void
add_shares(struct text *text, const struct frame *frame, const struct rnet_claim *claim)
{
    text_add(text, "<text class=\"title\" x=\"4\" y=\"12\">%s</text>\n",
             _("All offices: satisfied on a loop of that length"));
    text_add(text, "<line class=\"rate\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT,
             RIGHT, y_of_share(claim->firms_share), y_of_share(claim->firms_share));
    for (size_t i = 0; i < claim->loop_count; i++) {
        const struct rnet_claim_share *share = &claim->loops[i].firms;
        const double x = x_of(frame, claim->loops[i].length_m);

        if (isnan(share->low) || isnan(share->exact.low))
            continue;
        text_add(text,
                 "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#0072b2\" "
                 "stroke-width=\"2\"/><rect x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"%.1f\" "
                 "rx=\"4\" fill=\"#0072b2\"/>\n",
                 x, x, y_of_share(share->exact.low), y_of_share(share->exact.high), x - 4,
                 y_of_share(share->high) - 4, y_of_share(share->low) - y_of_share(share->high) + 8);
    }
}

/* The band of the model and its median. */
static void
add_rates(struct text *text, const struct frame *frame, const struct rnet_claim *claim)
{
    size_t count = 0;

    while (count < claim->rate_count && claim->rates[count].length_m <= frame->km * 1000)
        count++;
    text_add(text, "<text class=\"title\" x=\"4\" y=\"%.0f\">%s</text>\n", RATES_TOP - 10,
             _("Rate down by length, and the offices' own lines"));
    if (count == 0)
        return;
    text_add(text, "<path fill=\"#dcebf7\" d=\"");
    for (size_t i = 0; i < count; i++)
        text_add(text, "%s%.1f %.1f", i == 0 ? "M" : "L", x_of(frame, claim->rates[i].length_m),
                 y_of_rate(frame, claim->rates[i].p90_bps));
    for (size_t i = count; i-- > 0;)
        text_add(text, "L%.1f %.1f", x_of(frame, claim->rates[i].length_m),
                 y_of_rate(frame, claim->rates[i].p10_bps));
    text_add(text, "Z\"/><path fill=\"none\" stroke=\"#0072b2\" d=\"");
    for (size_t i = 0; i < count; i++)
        text_add(text, "%s%.1f %.1f", i == 0 ? "M" : "L", x_of(frame, claim->rates[i].length_m),
                 y_of_rate(frame, claim->rates[i].p50_bps));
    text_add(text, "\"/>\n");
}

/* A shape as well as a colour for each answer. */
static const struct {
    enum rnet_answer answer;
    const char *words, *style, *mark; /* the mark is drawn from its middle */
} marks[] = {
    {RNET_ANSWER_YES, N_("satisfied"), "fill=\"#1b7a3d\" stroke=\"#fff\" stroke-width=\".6\"",
     "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0"},
    {RNET_ANSWER_CANNOT_SAY, N_("cannot say"), "fill=\"#fff\" stroke=\"#555\" stroke-width=\"1.4\"",
     "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0"},
    {RNET_ANSWER_NO, N_("not"), "fill=\"none\" stroke=\"#b3261e\" stroke-width=\"1.8\"",
     "m-3-3l6 6m0-6l-6 6"},
};
#define MARKS (sizeof marks / sizeof *marks)

static size_t
step_between_marks(const struct rnet_claim *claim)
{
    return 1 + claim->office_count / MOST_MARKS;
}

static void
add_marks(struct text *text, const struct frame *frame, const struct rnet_claim *claim, size_t kind)
{
    const size_t step = step_between_marks(claim);

    text_add(text, "<path %s d=\"", marks[kind].style);
    for (size_t i = 0; i < claim->office_count; i += step) {
        const struct rnet_claim_office *office = &claim->offices[i];

        if (office->satisfied == marks[kind].answer)
            text_add(text, "M%.1f %.1f%s",
                     isnan(office->length_m) ? NOWHERE : x_of(frame, office->length_m),
                     y_of_rate(frame, office->rate_bps[RNET_DOWN]), marks[kind].mark);
    }
    text_add(text, "\"/>\n");
}

static size_t
count_nowhere(const struct rnet_claim *claim)
{
    size_t count = 0;

    for (size_t i = 0; i < claim->office_count; i++)
        count += isnan(claim->offices[i].length_m) ? 1 : 0;
    return count;
}

static void
add_offices(struct text *text, const struct frame *frame, const struct rnet_claim *claim)
{
    if (count_nowhere(claim) > 0)
        text_add(text,
                 "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.0f\" y2=\"%.0f\"/><text "
                 "class=\"mid\" x=\"%d\" y=\"%.0f\">?</text>\n",
                 NOWHERE, NOWHERE, RATES_TOP, RATES_BOTTOM, NOWHERE, RATES_BOTTOM + 15);
    for (size_t kind = 0; kind < MARKS; kind++)
        add_marks(text, frame, claim, kind);
}

/* What the marks mean, and how many of each there are. */
static void
add_key(struct text *text, const struct rnet_claim *claim)
{
    for (size_t kind = 0; kind < MARKS; kind++) {
        size_t count = 0;
        char words[NUMBER_TEXT];

        for (size_t i = 0; i < claim->office_count; i++)
            count += claim->offices[i].satisfied == marks[kind].answer;
        text_add(text,
                 "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\" "
                 "style=\"display:inline;width:.8em;height:.8em\"><path %s d=\"M5 5%s\"/></svg> "
                 "%s (%s), ",
                 marks[kind].style, marks[kind].mark, _(marks[kind].words),
                 words_count(count, words));
    }
}

static void
add_caption(struct text *text, const struct rnet_claim *claim)
{
    char words[NUMBER_TEXT];

    text_add(text, "<figcaption>");
    if (claim->office_count > 0)
        add_key(text, claim);
    else
        text_add(text, "%s ", _("No office's own copper line is known."));
    text_add(text, "%s",
             _("Blue: rate of an ADSL2+ pair of the 20 Mbit/s offer by the copper model: its "
               "middle, and four pairs in five."));
    if (count_nowhere(claim) > 0) {
        text_add(text, " ");
        text_add(text, _("Under \"?\": offices of whose line only the rate is known (%s)."),
                 words_count(count_nowhere(claim), words));
    }
    if (step_between_marks(claim) > 1) {
        text_add(text, " ");
        text_add(text, _("One office in %zu is drawn."), step_between_marks(claim));
    }
    text_add(text, "</figcaption></figure>\n");
}

static void
add_table(struct text *text, const struct rnet_claim *claim)
{
    const char *const headings[] = {_("attenuation"), _("of French lines"),
                                    _("length"),      _("rate down"),
                                    _("yes"),         _("no"),
                                    _("cannot say"),  _("share satisfied (exact interval)")};

    html_table_begin(text, headings, sizeof headings / sizeof *headings);
    for (size_t i = 0; i < claim->loop_count; i++) {
        const struct rnet_claim_loop *place = &claim->loops[i];
        char cells[4][NUMBER_TEXT];

        text_add(text, "<tr><th scope=\"row\" class=\"line\">");
        text_add_html(text, _(place->loop->words));
        text_add(text, "</th><td class=\"n\">%s</td>", words_percent(place->loop->share, cells[0]));
        text_say(text, "<td class=\"n\">%.1f km</td>", place->length_m / 1000);
        text_add(text, "<td class=\"n\">%s</td>",
                 words_rate((double)place->rate_bps[RNET_DOWN], cells[1]));
        text_say(text,
                 "<td class=\"n\">%.4g</td><td class=\"n\">%.4g</td><td class=\"n\">%.4g</td>",
                 place->satisfied, place->not_satisfied, place->cannot_say);
        text_add(text, "<td class=\"n\">%s <small>(%s)</small></td></tr>\n",
                 words_bounds(place->firms.low, place->firms.high, cells[2]),
                 words_interval(&place->firms.exact, cells[3]));
    }
    html_table_end(text);
}

void
claim_add_places(struct text *text, const struct rnet_claim *claim)
{
    const struct frame frame = frame_for(claim);

    if (claim->loop_count == 0 && claim->office_count == 0)
        return;
    html_add(text, "h2", NULL, _("Rate against loop length"));
    text_add(text,
             "<figure style=\"max-width:34rem\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-label=\"%s\">\n",
             WIDTH, HEIGHT, _("Offices satisfied, and rates, by length of the loop"));
    add_axes(text, &frame, claim->loop_count > 0);
    if (claim->loop_count > 0)
        add_shares(text, &frame, claim);
    add_rates(text, &frame, claim);
    add_offices(text, &frame, claim);
    text_add(text, "</svg>");
    add_caption(text, claim);
    if (claim->loop_count > 0)
        add_table(text, claim);
}
