/* An HTML page: its head, its style, and the pieces its parts are made of. */
#include "report/report.h"

#include <math.h>

/* One column that a phone shows whole; tables scroll inside it; A4 prints it without colours lost.
 */
static const char style[] =
    "*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;"
    "max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;margin:.2rem 0 .8rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .5rem;"
    "border-bottom:1px solid #bbb}h3{font-size:1rem;margin:1rem 0 .2rem}"
    ".answer{border-left:.5rem solid #666;padding:.6rem 1rem;background:#f2f2f2}"
    ".answer strong{display:block;font-size:1.5rem}.answer.good{border-color:#1b7a3d;background:#e6f4ea}"
    ".answer.no{border-color:#b3261e;background:#fcebe7}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}"
    "th,td{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "th{background:#f2f2f2}thead th{white-space:nowrap}th small{font-weight:normal}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td.good{background:#b7e1c4}td.ok{background:#fdf0b5}td.no{background:#f6b8a8;font-weight:bold}"
    "td.no small{font-weight:normal}td.q{background:#e3e3e3}"
    "th[scope=row]{position:sticky;left:0}th.line{white-space:nowrap}.roomy table{min-width:54rem}"
    "small,figcaption,.note{color:#444;font-size:.88em}figure{margin:0 0 .6rem}"
    ".pair{display:flex;flex-wrap:wrap;gap:1rem}.pair figure{flex:1 1 20rem;max-width:28rem}"
    "code{overflow-wrap:anywhere}dt{font-weight:bold}dd{margin:0 0 .5rem 1rem}"
    "svg{width:100%;height:auto;display:block}.wide svg{min-width:36rem}"
    "svg text{font:11px system-ui,sans-serif;fill:#222}svg .axis,svg .end{text-anchor:end}"
    "svg .mid{text-anchor:middle}svg .title{font-weight:bold;font-size:12px}svg .grid{stroke:#ddd}"
    "svg line.rate{stroke:#222;stroke-dasharray:4 3}svg text.rate{text-anchor:end;font-size:10px;"
    "paint-order:stroke;stroke:#fff;stroke-width:3px}"
    "@media print{@page{size:A4;margin:12mm}body{max-width:none;font-size:9pt;padding:0}"
    "h1{margin:0 0 .4rem}h2{break-after:avoid;margin-top:.8rem}tr,figure{break-inside:avoid}"
    ".pair{display:block}.pair figure{display:inline-block;width:49%;max-width:none}"
    "thead th{white-space:normal}td,th,.answer{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    ".scroll{overflow:visible}.wide svg,.roomy table{min-width:0}table{font-size:8pt}th,td{padding:.1rem .3rem;line-height:1.25}"
    "th[scope=row]{position:static}}";

void
text_add_html(struct text *text, const char *words)
{
    for (; *words != '\0'; words++) {
        switch (*words) {
        case '&':
            text_add(text, "&amp;");
            break;
        case '<':
            text_add(text, "&lt;");
            break;
        case '>':
            text_add(text, "&gt;");
            break;
        case '"':
            text_add(text, "&quot;");
            break;
        default:
            text_add(text, "%c", *words);
        }
    }
}

void
html_begin(struct text *text, const char *title)
{
    /* Translators: the code of your language, as in <html lang="en">. */
    text_add(text, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">", _("en"));
    text_add(text,
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
    text_add_html(text, title);
    text_add(text, "</title><style>%s</style></head><body>\n<main>\n<h1>", style);
    text_add_html(text, title);
    text_add(text, "</h1>\n");
}

void
html_end(struct text *text)
{
    text_add(text, "</main>\n</body></html>\n");
}

void
html_add(struct text *text, const char *tag, const char *class, const char *words)
{
    text_add(text, "<%s", tag);
    if (class != NULL)
        text_add(text, " class=\"%s\"", class);
    text_add(text, ">");
    text_add_html(text, words);
    text_add(text, "</%s>", tag);
}

void
html_table_begin(struct text *text, const char *const *headings, size_t count)
{
    text_add(text, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        text_add(text, "<th scope=\"col\">");
        text_add_html(text, headings[i]);
        text_add(text, "</th>");
    }
    text_add(text, "</tr></thead><tbody>\n");
}

void
html_table_end(struct text *text)
{
    text_add(text, "</tbody></table></div>\n");
}

double
share_x(const struct share_axis *axis, double share)
{
    return axis->left + (axis->right - axis->left) * fmin(fmax(share, 0), 1);
}

void
html_add_share_axis(struct text *text, const struct share_axis *axis)
{
    for (int percent = 0; percent <= 100; percent += 25) {
        const double x = share_x(axis, percent / 100.0);

        text_add(text,
                 "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.1f\"/><text "
                 "class=\"mid\" x=\"%.1f\" y=\"%.1f\">%d&#160;%%</text>\n",
                 x, x, axis->top, axis->bottom, x, axis->bottom + 14, percent);
    }
}
