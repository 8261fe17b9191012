/* netsuff report: a saved JSON report rendered again, without the capture. */
#include "commands.h"
#include "confine.h"
#include "language.h"
#include "options.h"
#include "render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* No report is larger. */
#define MOST_BYTES (64u << 20)

enum option_code { OPTION_FORMAT = 256 };

static const struct option options[] = {
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
print_help(void)
{
    puts(_("Usage: netsuff report [OPTION…] REPORT.json\n\n"
           "Render again, without the capture, what 'netsuff analyse --format json' wrote:\n"
           "in another format or another language. - is standard input.\n\n"
           "  --format FORMAT   text (default), html, csv or json\n"
           "  -o, --output FILE write there, whole or not at all\n\n"
           "Exit: 0 done, 2 wrong usage, 4 failed: no report was read.\n\n"
           "  netsuff analyse --format json -o office.json office.pcap\n"
           "  netsuff report --lang fr --format html -o office.html office.json"));
}

static bool
set_option(void *request, int code, const char *value)
{
    struct rendering *rendering = request;

    if (code == OPTION_FORMAT)
        return rendering_set_format(rendering, value);
    rendering->output = value;
    return true;
}

/* A whole file in memory, at most MOST_BYTES of it; NULL with a complaint. */
static char *
read_whole(const char *path, size_t *count)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *bytes = NULL;

    *count = 0;
    if (file != NULL) {
        size_t room = 1u << 16;

        for (;;) {
            char *more = realloc(bytes, room);

            if (more == NULL)
                break;
            bytes = more;
            *count += fread(bytes + *count, 1, room - *count, file);
            if (*count < room || room > MOST_BYTES)
                break;
            room *= 2;
        }
    }
    if (file == NULL || bytes == NULL || ferror(file)) {
        complain("%s: cannot be read: %s", path, strerror(errno));
        free(bytes);
        bytes = NULL;
    }
    if (file != NULL && file != stdin)
        fclose(file);
    return bytes;
}

int
cmd_report(int argc, char **argv)
{
    const struct option_set set = {"report", options, set_option, print_help};
    struct rendering rendering = {.format = "text"};
    struct confinement confinement = {0};
    struct rnet_saved_report *saved = NULL;
    struct rnet_error err = {0};
    int code = read_option_set(&set, &rendering, argc, argv);
    char *bytes;
    size_t count;

    if (code >= 0)
        return code;
    if (argc - optind != 1) {
        complain("report: one saved report at a time; 'netsuff help report' shows examples");
        return EXIT_USAGE;
    }
    bytes = read_whole(argv[optind], &count);
    if (bytes == NULL || !output_prepare(rendering.output)) {
        free(bytes);
        return EXIT_FAILED;
    }
    confine_allow_output(&confinement, rendering.output);
    confine(&confinement, NULL);
    if (rnet_report_read(bytes, count, &saved, &err) != RNET_OK) {
        complain("%s: %s", argv[optind], err.message);
        code = EXIT_FAILED;
    } else {
        code = rendering_write(&rendering, rnet_saved_report_get(saved)) ? EXIT_DONE : EXIT_FAILED;
    }
    rnet_saved_report_free(saved);
    free(bytes);
    return code;
}
