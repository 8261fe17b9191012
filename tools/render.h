/* An assessment as the user wants it: format, place, width, colour. */
#ifndef NETSUFF_RENDER_H
#define NETSUFF_RENDER_H

#include <ruralnet/ruralnet.h>

#include <stdbool.h>

struct rendering {
    const char *format; /* "text", "json", "html" or "csv" */
    const char *output; /* NULL or "-" = standard output */
};

/* Take the value of --format; complains and yields false when there is no such format. */
bool
rendering_set_format(struct rendering *rendering, const char *text);

/* Complains and yields false on failure. */
bool
rendering_write(const struct rendering *rendering, const struct rnet_report *report);

#endif
