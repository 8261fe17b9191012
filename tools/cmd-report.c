/* netsuff report: a saved JSON report rendered again, without the capture. */
#include "commands.h"
#include "confine.h"
#include "language.h"
#include "options.h"
#include "render.h"
#include "values.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* No report is larger. */
#define MOST_BYTES (64u << 20)

enum option_code { OPTION_FORMAT = 256 };

static const struct command_option options[] = {
    {"format", OPTION_FORMAT, N_("FORMAT"), N_("text (default), json, html or csv"), value_format},
    {"output", 'o', N_("FILE"), N_("write there, whole or not at all"), NULL},
    OPTIONS_END,
};

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

static void *
take_or_end(size_t count)
{
    void *bytes = malloc(count);

    if (bytes == NULL) {
        complain("out of memory");
        exit(EXIT_FAILED);
    }
    return bytes;
}

/* jansson 2.14 goes on parsing after an allocation has failed: with a token lost, or freed twice. No output
 * is open yet, so that ending is clean. */
static enum rnet_status
read_report(const char *bytes, size_t count, struct rnet_saved_report **saved,
            struct rnet_error *err)
{
    enum rnet_status status;

    json_set_alloc_funcs(take_or_end, free);
    status = rnet_report_read(bytes, count, saved, err);
    json_set_alloc_funcs(malloc, free);
    return status;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct rendering rendering = {.format = "text"};
    struct rnet_saved_report *saved = NULL;
    struct rnet_error err = {0};
    int code = read_options(command, &rendering, argc, argv);
    char *bytes;
    size_t count;

    if (code >= 0)
        return code;
    if (argc - optind != 1) {
        complain("report: one saved report at a time; 'netsuff help report' shows examples");
        return EXIT_USAGE;
    }
    bytes = read_whole(argv[optind], &count);
    if (bytes == NULL || !confine_to_output(rendering.output)) {
        free(bytes);
        return EXIT_FAILED;
    }
    if (read_report(bytes, count, &saved, &err) != RNET_OK) {
        complain("%s: %s", argv[optind], err.message);
        code = EXIT_FAILED;
    } else {
        code = rendering_write(&rendering, rnet_saved_report_get(saved)) ? EXIT_DONE : EXIT_FAILED;
    }
    rnet_saved_report_free(saved);
    free(bytes);
    return code;
}

const struct command command_report = {
    .name = "report",
    .summary = N_("render a saved report again: another format, another language"),
    .synopsis = N_("[OPTION…] REPORT.json"),
    .description = N_("Render again, without the capture, what 'netsuff analyse --format json' wrote: "
                      "in another format or another language. - is standard input."),
    .options = options,
    .exits = N_("0 done, 2 wrong usage, 4 failed: no report was read"),
    .examples = "netsuff analyse --format json -o office.json office.pcap\n"
                "netsuff report --lang fr --format html -o office.html office.json",
    .set = set_option,
    .run = run,
};
