/* An assessment as the user wants it. */
#include "render.h"

#include "commands.h"

#include <string.h>

static enum rnet_status
render_text(const struct rendering *rendering, const struct rnet_report *report, char **text,
            size_t *length)
{
    const bool to_stdout = rendering->output == NULL || strcmp(rendering->output, "-") == 0;
    const struct rnet_text_options layout = {.columns = to_stdout ? terminal_columns() : 80,
                                             .colour = to_stdout && wants_colour(stdout)};

    return rnet_report_text(report, &layout, text, length);
}

static enum rnet_status
render_json(const struct rendering *rendering, const struct rnet_report *report, char **text,
            size_t *length)
{
    (void)rendering;
    return rnet_report_json(report, text, length);
}

static enum rnet_status
render_html(const struct rendering *rendering, const struct rnet_report *report, char **text,
            size_t *length)
{
    (void)rendering;
    return rnet_report_html(report, text, length);
}

static enum rnet_status
render_csv(const struct rendering *rendering, const struct rnet_report *report, char **text,
           size_t *length)
{
    (void)rendering;
    return rnet_report_csv(report, text, length);
}

static const struct {
    const char *name;
    enum rnet_status (*render)(const struct rendering *rendering, const struct rnet_report *report,
                               char **text, size_t *length);
} formats[] = {
    {"text", render_text},
    {"json", render_json},
    {"html", render_html},
    {"csv", render_csv},
};

#define FORMATS (sizeof formats / sizeof *formats)

bool
rendering_set_format(struct rendering *rendering, const char *text)
{
    const char *names[FORMATS];
    const char *nearest;

    for (size_t i = 0; i < FORMATS; i++) {
        names[i] = formats[i].name;
        if (strcmp(formats[i].name, text) == 0) {
            rendering->format = text;
            return true;
        }
    }
    nearest = nearest_name(text, names, FORMATS);
    if (nearest != NULL)
        complain("--format: no format '%s'; did you mean '%s'?", text, nearest);
    else
        complain("--format: no format '%s'; there are text, json, html and csv", text);
    return false;
}

bool
rendering_write(const struct rendering *rendering, const struct rnet_report *report)
{
    enum rnet_status status = RNET_EINVAL;
    char *text = NULL;
    size_t length = 0;
    bool ok;

    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, rendering->format) == 0)
            status = formats[i].render(rendering, report, &text, &length);
    if (status != RNET_OK) {
        complain("the report could not be made: %s", rnet_status_text(status));
        return false;
    }
    ok = write_output(rendering->output, text, length);
    rnet_report_free(text);
    return ok;
}
