/* Report, inside: a growing text, and numbers as people read them. */
#ifndef RNET_REPORT_INTERNAL_H
#define RNET_REPORT_INTERNAL_H

#include "base/base.h"

#include <ruralnet/report.h>

/* Text that grows; after a failed allocation it stays as it is and failed is set. */
struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
};

void
text_add(struct text *text, const char *format, ...) RNET_PRINTF(2, 3);
/* The same for people: decimal points are localised. */
void
text_say(struct text *text, const char *format, ...) RNET_PRINTF(2, 3);
/* Words wrapped to columns, each line after the first begun with indent spaces. The text so far is
 * taken to end with `used` columns of the current line. */
void
text_wrap(struct text *text, int columns, int indent, int used, const char *words);
/* Hand the bytes over, or free them and say RNET_ENOMEM. */
enum rnet_status
text_take(struct text *text, char **bytes, size_t *length);

/* Columns to keep to. */
int
text_width(const struct rnet_text_options *options);

/* A JSON document as text, numbers with so many digits; root (NULL = out of memory) is given up. */
struct json_t;
enum rnet_status
json_take(struct json_t *root, int digits, char **bytes, size_t *length);

/* Columns a UTF-8 string takes on a terminal (every character one). */
int
text_columns(const char *words);

/* Words with what HTML would take for markup made harmless. */
void
text_add_html(struct text *text, const char *words);

/* A page up to and with its first heading, and its end. */
void
html_begin(struct text *text, const char *title);
void
html_end(struct text *text);

/* <tag class="class">words</tag>; class may be NULL. */
void
html_add(struct text *text, const char *tag, const char *class, const char *words);

/* A table that scrolls by itself where it is too wide, up to its first row; and its end. */
void
html_table_begin(struct text *text, const char *const *headings, size_t count);
void
html_table_end(struct text *text);

/* An axis of shares in a picture, 0 to 100 % from left to right. */
struct share_axis {
    double left, right, top, bottom;
};
/* Where a share stands on it. */
double
share_x(const struct share_axis *axis, double share);
/* A line and its number at every quarter. */
void
html_add_share_axis(struct text *text, const struct share_axis *axis);

/* The spread of each judged usage's deciding measure over its uses, line by line. */
void
html_add_spreads(struct text *text, const struct rnet_assessment *assessment);

/* A field of comma-separated values: quoted where it must be, harmless in a spreadsheet. */
void
text_add_csv(struct text *text, const char *field);

#define REPORT_JSON_FORMAT "netsuff-report"

/* Windows of a timeline that a picture shows, or a saved report keeps. */
#define TIMELINE_WINDOWS 320

/* Put windows together until there are at most TIMELINE_WINDOWS, of whole bytes. Its lanes are owned. */
enum rnet_status
timeline_condense(const struct rnet_timeline *timeline, struct rnet_timeline *condensed);
void
condensed_clear(struct rnet_timeline *condensed);

/* Demand over time as an SVG figure, one panel per direction, with the lines' rates drawn in. */
void
html_add_timeline(struct text *text, const struct rnet_timeline *timeline,
                  const struct rnet_assessment *assessment);

/* The table's words for a verdict ("good", "ok", "NO", "?", "·"); static storage. */
const char *
verdict_words(const struct rnet_usage_verdict *verdict);

#define NUMBER_TEXT 40 /* bytes; a no-break space takes two */

/* "1.2 MB", "850 kbit/s", "3 min 5 s", "12.4 s", "70"; into the buffer, which is returned. */
const char *
words_bytes(uint64_t bytes, char words[NUMBER_TEXT]);
const char *
words_rate(double bps, char words[NUMBER_TEXT]);
const char *
words_duration(double seconds, char words[NUMBER_TEXT]);
const char *
words_value(double value, const char *unit, char words[NUMBER_TEXT]);
/* "0.31", "-" where not known. */
const char *
words_number(double value, int decimals, char words[NUMBER_TEXT]);
/* A notice's sentence, with the rates of the captured line where it is about them. */
const char *
words_notice(const struct rnet_profile_summary *profile, enum rnet_notice notice, char *words,
             size_t room);
/* A sentence about usages seen only outside the period replayed; false when there are none. */
bool
words_left_out(const struct rnet_report *report, char *words, size_t room);

/* What tunnels carried; false where there were none. */
bool
words_tunnels(const struct rnet_report *report, char *words, size_t room);
/* "1 234 567": groups of three. */
const char *
words_count(uint64_t count, char words[NUMBER_TEXT]);

#endif
