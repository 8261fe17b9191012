/* How many offices it takes, in words and as JSON. */
#include "report/claim.h"
#include "report/fields.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *
words_offices(uint64_t offices, char words[NUMBER_TEXT])
{
    if (offices == 0)
        snprintf(words, NUMBER_TEXT, "> 100 000");
    else
        words_count(offices, words);
    return words;
}

static void
paragraph(struct text *text, int columns, int indent, const char *words)
{
    text_add(text, "%*s", indent, "");
    text_wrap(text, columns, indent, indent, words);
}

/* The first column of a heading. */
static void
add_first(struct text *text, const char *words)
{
    text_add(text, "  %s%*s", words, 8 > text_columns(words) ? 8 - text_columns(words) : 0, "");
}

static void
add_least(struct text *text, const struct rnet_plan *plan, int columns)
{
    const struct rnet_plan_options *options = &plan->options;
    char words[480];
    size_t used;

    snprintf(words, sizeof words,
             _("To show that more than %.4g %% of firms are satisfied (one-sided exact test, level "
               "%.4g %%): %" PRIu64 " offices if all are; with 1, 2, … of them not satisfied:"),
             options->share * 100, options->level * 100, plan->least[0]);
    paragraph(text, columns, 0, rnet_report_localise(words));
    used = 0;
    for (int i = 1; i < RNET_PLAN_FAILURES; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%" PRIu64, i > 1 ? ", " : "",
                                 plan->least[i]);
    paragraph(text, columns, 2, words);
}

static void
add_powers(struct text *text, const struct rnet_plan *plan, int columns)
{
    const int fit = (columns - 10) / 8;

    text_add(text, "\n%s\n", _("Power: how often a survey of so many offices decides rightly"));
    for (int first = 0; first < RNET_PLAN_SIZES; first += fit) {
        const int end = first + fit < RNET_PLAN_SIZES ? first + fit : RNET_PLAN_SIZES;

        add_first(text, _("truth"));
        for (int i = first; i < end; i++)
            text_add(text, "%8" PRIu64, plan->sizes[i]);
        text_add(text, "\n");
        for (size_t r = 0; r < plan->row_count; r++) {
            text_say(text, "  %6.4g %%", plan->rows[r].truth * 100);
            for (int i = first; i < end; i++)
                text_say(text, "%7.1f%%", plan->rows[r].power[i] * 100);
            text_add(text, "\n");
        }
    }
}

static void
add_needed(struct text *text, const struct rnet_plan *plan, int columns)
{
    const struct rnet_plan_options *options = &plan->options;
    char a[NUMBER_TEXT], b[NUMBER_TEXT], c[NUMBER_TEXT], d[NUMBER_TEXT], words[480];

    text_add(text, "\n%s\n", _("Offices needed, and firms to ask"));
    add_first(text, _("truth"));
    text_add(text, " %10s %10s %12s %12s\n", "80 %", "90 %", _("ask for 80"), _("ask for 90"));
    for (size_t r = 0; r < plan->row_count; r++) {
        const struct rnet_plan_power_row *row = &plan->rows[r];

        text_say(text, "  %6.4g %% %10s %10s %12s %12s\n", row->truth * 100,
                 words_offices(row->for_80, a), words_offices(row->for_90, b),
                 words_offices(row->asked_80, c), words_offices(row->asked_90, d));
    }
    add_first(text, _("usages"));
    text_add(text, " %10s %10s %12s %12s\n", words_offices(plan->usages_80, a),
             words_offices(plan->usages_90, b), words_offices(plan->usages_asked_80, c),
             words_offices(plan->usages_asked_90, d));
    text_add(text, "\n");
    snprintf(words, sizeof words,
             _("Usages: to show %.4g %%, give or take %.4g points, when that is true; %.4g usages "
               "an office, correlated by %.3g: design effect %.2f. By the normal distribution."),
             options->usages_share * 100, options->margin * 100, options->usages,
             options->correlation, plan->usage_effect);
    paragraph(text, columns, 0, rnet_report_localise(words));
    snprintf(words, sizeof words,
             _("To ask: %.4g offices at a time from one place or firm, correlated by %.3g: design "
               "effect %.2f; %.4g %% of those asked answer. Silent firms may still differ from "
               "others: the claim states worst-case bounds."),
             options->per_group, options->group_correlation, plan->group_effect,
             options->response * 100);
    paragraph(text, columns, 0, rnet_report_localise(words));
}

enum rnet_status
rnet_report_plan_text(const struct rnet_plan *plan, const struct rnet_text_options *options,
                      char **text, size_t *length)
{
    const int columns = text_width(options);
    struct text out = {0};

    add_least(&out, plan, columns);
    add_powers(&out, plan, columns);
    add_needed(&out, plan, columns);
    return text_take(&out, text, length);
}

/* JSON; 0 offices ("more than 100 000") become null. */

static json_t *
offices_json(uint64_t offices)
{
    return offices > 0 ? json_integer((json_int_t)offices) : json_null();
}

static json_t *
row_json(const struct rnet_plan *plan, const struct rnet_plan_power_row *row)
{
    json_t *power = json_array();

    for (int i = 0; i < RNET_PLAN_SIZES; i++)
        json_push(&power, json_pack("{s:I, s:f}", "offices", (json_int_t)plan->sizes[i], "power",
                                    row->power[i]));
    return json_pack("{s:f, s:o, s:o, s:o, s:o, s:o}", "truth", row->truth, "power", power,
                     "offices_80", offices_json(row->for_80), "offices_90",
                     offices_json(row->for_90), "ask_80", offices_json(row->asked_80), "ask_90",
                     offices_json(row->asked_90));
}

enum rnet_status
rnet_report_plan_json(const struct rnet_plan *plan, char **text, size_t *length)
{
    const struct rnet_plan_options *options = &plan->options;
    json_t *least = json_array(), *rows = json_array(), *root;

    for (int i = 0; i < RNET_PLAN_FAILURES; i++)
        json_push(&least, offices_json(plan->least[i]));
    for (size_t r = 0; r < plan->row_count; r++)
        json_push(&rows, row_json(plan, &plan->rows[r]));
    root = json_pack(
        "{s:i, s:f, s:f, s:f, s:f, s:o, s:o, s:{s:o, s:o, s:o, s:o, s:f, s:f, s:f}, "
        "s:{s:f, s:f, s:f}, s:f}",
        "version", 1, "firms_share", options->share, "usages_share", options->usages_share,
        "margin", options->margin, "level", options->level, "offices_by_failures", least, "firms",
        rows, "usages", "offices_80", offices_json(plan->usages_80), "offices_90",
        offices_json(plan->usages_90), "ask_80", offices_json(plan->usages_asked_80), "ask_90",
        offices_json(plan->usages_asked_90), "usages_per_office", options->usages, "correlation",
        options->correlation, "design_effect", plan->usage_effect, "groups", "offices_per_group",
        options->per_group, "correlation", options->group_correlation, "design_effect",
        plan->group_effect, "response", options->response);
    return json_take(root, 12, text, length);
}
