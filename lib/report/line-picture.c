/* The pictures of a line: bits and spectra by tone, and the price of a packet. Plain SVG. */
#include "report/line.h"

#include <inttypes.h>
#include <math.h>

#define LEFT 46.0
#define RIGHT 700.0
#define TOP 24.0
#define PANEL 120.0
#define MOST_BITS 15.0

#define UP_COLOUR "#d55e00"
#define DOWN_COLOUR "#0072b2"
#define NOISE_COLOUR "#666"

/* A panel's scales. */
struct panel {
    double top;
    double x_max, y_min, y_max;
};

static double
x_of(const struct panel *panel, double x)
{
    return LEFT + x / panel->x_max * (RIGHT - LEFT);
}

static double
y_of(const struct panel *panel, double y)
{
    const double clamped = fmin(fmax(y, panel->y_min), panel->y_max);

    return panel->top + PANEL * (panel->y_max - clamped) / (panel->y_max - panel->y_min);
}

static void
add_axes(struct text *text, const struct panel *panel, const char *title, double y_step,
         double x_step, const char *x_unit)
{
    text_add(text, "<text x=\"%.0f\" y=\"%.0f\" class=\"title\">%s</text>", LEFT, panel->top - 8,
             title);
    for (double y = panel->y_min; y <= panel->y_max + y_step / 100; y += y_step)
        text_add(text,
                 "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/><text "
                 "x=\"%.0f\" y=\"%.1f\" class=\"axis\">%g</text>",
                 LEFT, RIGHT, y_of(panel, y), y_of(panel, y), LEFT - 6, y_of(panel, y) + 4, y);
    for (double x = 0; x <= panel->x_max * 1.001; x += x_step) {
        text_add(text, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x_of(panel, x),
                 panel->top + PANEL + 15, x > 0 ? "end" : "");
        text_say(text, "%g%s", x, x > 0 ? x_unit : "");
        text_add(text, "</text>");
    }
}

/* Steps of 1, 2 or 5 times a power of ten, some five of them. */
static double
step_for(double range)
{
    const double power = pow(10, floor(log10(range / 5)));

    return range / power <= 10 ? 2 * power : range / power <= 25 ? 5 * power : 10 * power;
}

/* One direction's bits as a filled outline: neighbours of the same bits are one step. */
static void
add_bits(struct text *text, const struct panel *panel, const struct rnet_copper_result *result,
         uint8_t way, const char *colour)
{
    unsigned last = 0;

    text_add(text, "<path fill=\"%s\" d=\"M%.1f %.1f", colour, LEFT, y_of(panel, 0));
    for (uint32_t tone = 0; tone <= result->tone_count; tone++) {
        const unsigned bits =
            tone < result->tone_count && result->way[tone] == way ? result->bits[tone] : 0;

        if (bits != last)
            text_add(text, "H%.1fV%.1f", x_of(panel, tone * RNET_COPPER_TONE_HZ / 1e6),
                     y_of(panel, bits));
        last = bits;
    }
    text_add(text, "V%.1fZ\"/>", y_of(panel, 0));
}

typedef double
tone_value(const struct rnet_copper_tone *tone);

static double
received(const struct rnet_copper_tone *tone)
{
    return tone->received_dbm_hz;
}

static double
noise(const struct rnet_copper_tone *tone)
{
    return tone->noise_dbm_hz;
}

static double
snr(const struct rnet_copper_tone *tone)
{
    return tone->snr_db;
}

static double
sent(const struct rnet_copper_tone *tone)
{
    return tone->sent_dbm_hz;
}

/* A curve over the tones of one direction, broken where it has none. */
static void
add_curve(struct text *text, const struct panel *panel, const struct rnet_line_report *report,
          uint8_t way, tone_value *value, const char *colour, const char *dash)
{
    const uint32_t stride = report->result->tone_count > 1024 ? 4 : 1;
    bool drawing = false;

    text_add(text, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"%s d=\"", colour, dash);
    for (uint32_t tone = 0; tone < report->result->tone_count; tone += stride) {
        const bool here = report->result->way[tone] == way;

        if (here)
            text_add(text, "%s%.1f %.1f", drawing ? "L" : "M",
                     x_of(panel, tone * RNET_COPPER_TONE_HZ / 1e6),
                     y_of(panel, value(&report->tones[tone])));
        drawing = here;
    }
    text_add(text, "\"/>");
}

static void
add_key(struct text *text, double y)
{
    static const struct {
        const char *colour, *words;
    } keys[] = {{UP_COLOUR, N_("up")}, {DOWN_COLOUR, N_("down")}, {NOISE_COLOUR, N_("noise")}};
    double x = LEFT;

    for (size_t i = 0; i < 3; i++) {
        text_add(text,
                 "<rect x=\"%.0f\" y=\"%.0f\" width=\"10\" height=\"10\" fill=\"%s\"/><text "
                 "x=\"%.0f\" y=\"%.0f\">%s</text>",
                 x, y, keys[i].colour, x + 14, y + 9, _(keys[i].words));
        x += 100;
    }
    text_add(text, "<text x=\"%.0f\" y=\"%.0f\">%s</text>", x, y + 9, _("dashed: as sent"));
}

void
line_add_loading(struct text *text, const struct rnet_line_report *report)
{
    static const char *const colours[] = {[RNET_UP] = UP_COLOUR, [RNET_DOWN] = DOWN_COLOUR};
    const double mhz = report->result->tone_count * RNET_COPPER_TONE_HZ / 1e6;
    const struct panel bits = {TOP, mhz, 0, MOST_BITS};
    const struct panel ratio = {TOP + 170, mhz, 0, 80};
    const struct panel density = {TOP + 340, mhz, -160, -20};

    text_add(text, "<figure><div class=\"scroll wide\"><svg viewBox=\"0 0 720 520\" role=\"img\" "
                   "aria-label=\"%s\">",
             _("Bits, signal to noise ratio and power densities of every tone"));
    add_axes(text, &bits, _("Bits per tone"), 5, step_for(mhz), " MHz");
    add_axes(text, &ratio, _("Signal to noise ratio, dB"), 20, step_for(mhz), " MHz");
    add_axes(text, &density, _("Power density, dBm/Hz, where it is received"), 40, step_for(mhz),
             " MHz");
    for (uint8_t way = 0; way < RNET_DIRECTIONS; way++) {
        add_bits(text, &bits, report->result, way, colours[way]);
        add_curve(text, &ratio, report, way, snr, colours[way], "");
        add_curve(text, &density, report, way, sent, colours[way], " stroke-dasharray=\"3 3\"");
        add_curve(text, &density, report, way, received, colours[way], "");
        add_curve(text, &density, report, way, noise, NOISE_COLOUR, "");
    }
    add_key(text, TOP + 483);
    text_add(text, "</svg></div><figcaption>");
    text_say(text,
             _("Every tone is %.5g kHz wide and carries the whole bits its signal to noise ratio "
               "allows, at most 15."),
             RNET_COPPER_TONE_HZ / 1e3);
    text_add(text, "</figcaption></figure>\n");
}

void
line_add_staircase(struct text *text, const struct rnet_link *link)
{
    const double most = (double)rnet_link_wire_bytes(link, link->mtu_bytes);
    const struct panel panel = {TOP, link->mtu_bytes, 0, ceil(most / 500) * 500};

    text_add(text,
             "<h2>%s</h2>\n<figure><div class=\"scroll wide\"><svg viewBox=\"0 0 720 175\" "
             "role=\"img\" aria-label=\"%s\">",
             _("What a packet costs"), _("Bytes on the line by bytes of the IP packet"));
    add_axes(text, &panel, _("Bytes on the line by bytes of the IP packet"), 500,
             link->mtu_bytes > 2000 ? 2000 : 200, "");
    text_add(text,
             "<path fill=\"none\" stroke=\"#999\" stroke-dasharray=\"3 3\" d=\"M%.1f %.1fL%.1f "
             "%.1f\"/><path fill=\"none\" stroke=\"" DOWN_COLOUR "\" stroke-width=\"1.5\" d=\"",
             x_of(&panel, 0), y_of(&panel, 0), x_of(&panel, link->mtu_bytes),
             y_of(&panel, link->mtu_bytes));
    for (uint32_t bytes = 20; bytes <= link->mtu_bytes; bytes++) {
        const uint64_t price = rnet_link_wire_bytes(link, bytes);

        if (bytes == 20 || price != rnet_link_wire_bytes(link, bytes - 1))
            text_add(text, bytes == 20 ? "M%.1f %.1f" : "H%.1fV%.1f", x_of(&panel, bytes),
                     y_of(&panel, (double)price));
    }
    text_add(text, "H%.1f\"/></svg></div><figcaption>", x_of(&panel, link->mtu_bytes));
    text_add(text,
             _("Dashed: the packet alone. An acknowledgement of %d bytes costs %" PRIu64
               ", a packet of %" PRIu32 " costs %.0f."),
             LINE_ACK_BYTES, rnet_link_wire_bytes(link, LINE_ACK_BYTES), link->mtu_bytes, most);
    text_add(text, "</figcaption></figure>\n");
}
