/**
 * Report: an assessment as people and programs read it. Presentation only; computes nothing.
 * No address, host name or payload is in any of it.
 */
#ifndef RURALNET_REPORT_H
#define RURALNET_REPORT_H

#include <ruralnet/assess.h>
#include <ruralnet/base.h>
#include <ruralnet/claim.h>
#include <ruralnet/link.h>
#include <ruralnet/profile.h>
#include <ruralnet/quality.h>
#include <ruralnet/replay.h>
#include <ruralnet/survey.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a report is made from; borrowed. */
struct rnet_report {
    const struct rnet_profile_summary *profile;
    const struct rnet_assessment *assessment;
    const struct rnet_timeline *timeline; /**< NULL = no picture of demand over time */
    const char *made_by;                  /**< version that made the assessment; NULL = this one */
    const char *confinement; /**< rights given up while reading, in words; NULL = not told */
};

/** Version of the JSON form; a field never changes its meaning within one. */
#define RNET_REPORT_JSON_VERSION 2

/** How text is laid out; {0} = sensible defaults. */
struct rnet_text_options {
    int columns; /**< width to keep to; 0 = 80, less than 40 counts as 40 */
    bool colour; /**< with ANSI escape sequences */
};

/**
 * For a terminal or a file: the answer, the table of usages by lines, reasons, what was seen,
 * caveats, provenance. Like every report, in the language of the calling thread's locale (gettext
 * domain "libruralnet"; English without setlocale()); identifiers in JSON and CSV are never translated.
 * @param options  NULL = defaults.
 * @param text     new, NUL-terminated UTF-8; free with rnet_report_free().
 * @return RNET_OK, RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_report_text(const struct rnet_report *report,
                                           const struct rnet_text_options *options, char **text,
                                           size_t *length);

/** The same as one JSON document, as report.schema.json describes it. What is not known is null, never 0;
 *  what never ends is "inf". */
RNET_API enum rnet_status rnet_report_json(const struct rnet_report *report, char **text,
                                           size_t *length);

/** The same as comma-separated values: one row per line and usage, numbers as in JSON, empty = not known. */
RNET_API enum rnet_status rnet_report_csv(const struct rnet_report *report, char **text,
                                          size_t *length);

/** A JSON report read back. */
struct rnet_saved_report;

/**
 * Read what rnet_report_json() wrote, to render it again, without the capture and in any language; any
 * bytes are safe. What a terminal, a page and JSON show of it is what they would have shown then.
 * @param saved  new; free with rnet_saved_report_free().
 * @return RNET_OK; RNET_EFORMAT (not such a report: err says where); RNET_EUNSUPPORTED (of another
 *         version); RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_report_read(const void *bytes, size_t count,
                                           struct rnet_saved_report **saved,
                                           struct rnet_error *err);
/** What it holds, to be rendered; borrowed. */
RNET_API const struct rnet_report *rnet_saved_report_get(const struct rnet_saved_report *saved);
/** Free; NULL is fine. */
RNET_API void rnet_saved_report_free(struct rnet_saved_report *saved);

/** One self-contained HTML page: no script, nothing fetched, static SVG; for a screen, a phone or A4. */
RNET_API enum rnet_status rnet_report_html(const struct rnet_report *report, char **text,
                                           size_t *length);

/** Every firm of a survey with its captures and what was seen of each usage, as survey.schema.json describes it. */
RNET_API enum rnet_status rnet_report_survey_json(struct rnet_survey *survey, char **text,
                                                  size_t *length, struct rnet_error *err);

/** The same as comma-separated values: one row per capture and usage, and one per firm that gave no
 *  capture. */
RNET_API enum rnet_status rnet_report_survey_csv(struct rnet_survey *survey, char **text,
                                                 size_t *length, struct rnet_error *err);

/** Who answered and what was seen at them, as one self-contained HTML page. RNET_OK, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_report_survey_html(const struct rnet_survey_overview *overview,
                                                  char **text, size_t *length);

/** A claim for a terminal or a file: the answer, the definitions, every line, what would change it.
 *  RNET_OK, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_report_claim_text(const struct rnet_claim *claim,
                                                 const struct rnet_text_options *options,
                                                 char **text, size_t *length);
/** The same as one JSON document (claim.schema.json); what is not known is null. */
RNET_API enum rnet_status rnet_report_claim_json(const struct rnet_claim *claim, char **text,
                                                 size_t *length);
/** The same as comma-separated values: a row per line (or definition) and thing counted. */
RNET_API enum rnet_status rnet_report_claim_csv(const struct rnet_claim *claim, char **text,
                                                size_t *length);

/** The same as one self-contained HTML page, as rnet_report_html() makes them. */
RNET_API enum rnet_status rnet_report_claim_html(const struct rnet_claim *claim, char **text,
                                                 size_t *length);
/** A plan for a terminal or a file, and as one JSON document (plan.schema.json). RNET_OK, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_report_plan_text(const struct rnet_plan *plan,
                                                const struct rnet_text_options *options,
                                                char **text, size_t *length);
RNET_API enum rnet_status rnet_report_plan_json(const struct rnet_plan *plan, char **text,
                                                size_t *length);

/** Where rows of outcomes go. */
struct rnet_outcome_sink {
    void *context;
    bool (*write)(void *context, const char *bytes, size_t count); /**< false = failed */
    bool csv;     /**< else one JSON object per line */
    bool heading; /**< begin with the CSV heading */
};

/**
 * Every raw outcome of one replay, a row each: the line's two directions, every message of a closed-loop
 * conversation, every direction of a stream, every use that was measured. Times are seconds since the
 * demand's begin_ns; what never happened is empty (CSV) or absent (JSON).
 * @return RNET_OK, RNET_EIO (the sink failed), RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_report_outcomes(const struct rnet_demand *demand,
                                               const struct rnet_link *link,
                                               const struct rnet_outcomes *outcomes,
                                               const struct rnet_quality *quality,
                                               const struct rnet_outcome_sink *sink);

/**
 * Every flow of a profile, a row each: its label, times, volumes, round trips. Times are seconds since the
 * capture began; what is not known is empty (CSV) or absent (JSON). Hosts are anonymous numbers.
 * @return RNET_OK, RNET_EIO (the sink failed, or the profile), RNET_EFORMAT, RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_report_flows(struct rnet_profile *profile,
                                            const struct rnet_outcome_sink *sink);

/** A line to be explained; borrowed. */
struct rnet_line_report {
    const struct rnet_link *link;
    const struct rnet_copper *copper;        /**< the pair behind it; NULL = only rates are known */
    const struct rnet_copper_result *result; /**< of that pair */
    const struct rnet_copper_tone *tones;    /**< of that pair, RNET_COPPER_TONES */
};

/** In words and numbers, at most 80 columns wide. @return RNET_OK, RNET_ENOMEM; likewise below. */
RNET_API enum rnet_status rnet_report_line_text(const struct rnet_line_report *report, char **text,
                                                size_t *length);
/** As one JSON document (line.schema.json): every parameter, the price of every packet size, every tone. */
RNET_API enum rnet_status rnet_report_line_json(const struct rnet_line_report *report, char **text,
                                                size_t *length);
/** One self-contained HTML page with the bit loading and the price of packets as pictures. */
RNET_API enum rnet_status rnet_report_line_html(const struct rnet_line_report *report, char **text,
                                                size_t *length);

/**
 * Give every decimal point between digits in @p words the sign that the reader's language has for it,
 * as all reports for people do. @return words.
 */
RNET_API const char *rnet_report_localise(char *words);

/** Free what the above made; NULL is fine. */
RNET_API void rnet_report_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
