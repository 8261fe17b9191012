/* netsuff survey add: captures into a survey. */
#include "language.h"
#include "options.h"
#include "survey.h"
#include "values.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct request {
    struct survey_add add;
    struct rnet_firm firm;
    enum firm_by by;
    const char *manifest;
    struct survey_rows rows;
};

enum option_code {
    OPTION_FIRM = 256,
    OPTION_FIRM_BY,
    OPTION_SECTOR,
    OPTION_STAFF,
    OPTION_WEIGHT,
    OPTION_LINE,
    OPTION_MANIFEST,
    OPTION_ROWS,
    OPTION_JOBS,
    OPTION_REQUIRE_SANDBOX,
    OPTION_NO_SANDBOX,
};

static const char *
value_firm_by(size_t index)
{
    static const char *const names[] = {"file", "folder", NULL};

    return names[index];
}

static const struct command_option options[] = {
    {"firm", OPTION_FIRM, N_("ID"), N_("the firm, by a name only you can resolve"), NULL},
    {"firm-by", OPTION_FIRM_BY, N_("WHAT"),
     N_("file or folder: each is a firm, named by its name up to the first dot"), value_firm_by},
    {"sector", OPTION_SECTOR, N_("NAME"), N_("what it does"), NULL},
    {"staff", OPTION_STAFF, N_("N"), N_("people in the office"), NULL},
    {"weight", OPTION_WEIGHT, N_("W"), N_("how many firms it stands for (default 1)"), NULL},
    {"line", OPTION_LINE, N_("SPEC"), N_("the line it has, as for 'netsuff analyse --link'"),
     value_link},
    {"manifest", OPTION_MANIFEST, N_("FILE"),
     N_("tab-separated list: columns path, firm, sector, staff, weight, line; the first line names "
        "them"),
     NULL},
    {"rows", OPTION_ROWS, N_("A-B"), N_("only those rows of it, counted without the first line"),
     NULL},
    {"office", READING_OFFICE, N_("CIDR"),
     N_("addresses of the offices; repeatable (default: private ones)"), NULL},
    {"no-dpi", READING_NO_DPI, NULL, N_("name usages without looking into packets"), NULL},
    {"jobs", OPTION_JOBS, N_("N"), N_("processes at once (default: one per core)"), NULL},
    {"max-memory", READING_MAX_MEMORY, N_("SIZE"),
     N_("stop reading when this much is in use (default 2G)"), NULL},
    {"max-flows", READING_MAX_FLOWS, N_("N"),
     N_("at once; past it the oldest is closed early (default 1000000)"), NULL},
    {"max-time", READING_MAX_TIME, N_("SECONDS"),
     N_("stop reading after this much processor time (default 3600)"), NULL},
    {"max-expanded", READING_MAX_EXPANDED, N_("SIZE"),
     N_("of a compressed capture (default: 1100 times its size)"), NULL},
    {"require-sandbox", OPTION_REQUIRE_SANDBOX, NULL,
     N_("fail rather than read a capture without being confined"), NULL},
    {"no-sandbox", OPTION_NO_SANDBOX, NULL, N_("do not confine (for debuggers and valgrind)"),
     NULL},
    {"quiet", 'q', NULL, N_("no progress, no summary"), NULL},
    OPTIONS_END,
};

static bool
copy_text(const char *option, const char *text, char *to, size_t room)
{
    if (strlen(text) >= room) {
        complain("%s: at most %zu bytes", option, room - 1);
        return false;
    }
    snprintf(to, room, "%s", text);
    return true;
}

bool
parse_weight(const char *option, const char *text, double *weight)
{
    char *end;

    *weight = strtod(text, &end);
    if (end != text && *end == '\0' && *weight >= RNET_FIRM_WEIGHT_LEAST &&
        *weight <= RNET_FIRM_WEIGHT_MOST)
        return true;
    complain("%s takes a number between 1e-9 and 1e12, not '%s'", option, text);
    return false;
}

static bool
set_by(struct request *request, const char *text)
{
    if (strcmp(text, "file") == 0)
        request->by = FIRM_FILE;
    else if (strcmp(text, "folder") == 0)
        request->by = FIRM_FOLDER;
    else
        complain("--firm-by: there are file and folder, not '%s'", text);
    return request->by != FIRM_GIVEN;
}

static bool
set_rows(struct request *request, const char *text)
{
    int used = 0;

    if (sscanf(text, "%9zu-%9zu%n", &request->rows.first, &request->rows.last, &used) == 2 &&
        text[used] == '\0' && request->rows.first > 0 && request->rows.first <= request->rows.last)
        return true;
    complain("--rows takes two numbers, as in 1-20, not '%s'", text);
    return false;
}

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;
    struct rnet_firm *firm = &request->firm;
    unsigned long value;

    if (reading_has(code))
        return reading_set(&request->add.reading, code, text);
    switch (code) {
    case OPTION_FIRM:
        return copy_text("--firm", text, firm->name, sizeof firm->name);
    case OPTION_FIRM_BY:
        return set_by(request, text);
    case OPTION_SECTOR:
        return copy_text("--sector", text, firm->sector, sizeof firm->sector);
    case OPTION_STAFF:
        if (!parse_count("--staff", text, UINT32_MAX, &value))
            return false;
        firm->staff = (uint32_t)value;
        return true;
    case OPTION_WEIGHT:
        return parse_weight("--weight", text, &firm->weight);
    case OPTION_LINE:
        return copy_text("--line", text, firm->line, sizeof firm->line);
    case OPTION_MANIFEST:
        request->manifest = text;
        return true;
    case OPTION_ROWS:
        return set_rows(request, text);
    case OPTION_JOBS:
        return parse_count("--jobs", text, 1024, &request->add.jobs);
    case OPTION_REQUIRE_SANDBOX:
        return request->add.confinement.required = true;
    case OPTION_NO_SANDBOX:
        return request->add.confinement.refused = true;
    default:
        request->add.quiet = true;
        return true;
    }
}

static bool
gather_inputs(const struct request *request, char **paths, int count, struct survey_inputs *inputs)
{
    bool ok =
        request->manifest == NULL || inputs_add_manifest(inputs, request->manifest, &request->rows);

    for (int i = 0; ok && i < count; i++)
        ok = inputs_add(inputs, paths[i], &request->firm, request->by);
    /* A firm by itself: asked, not answering. The empty path stands for it. */
    if (ok && count == 0 && request->manifest == NULL)
        ok = inputs_add(inputs, "", &request->firm, FIRM_GIVEN);
    return ok;
}

static bool
make_survey(const char *path)
{
    struct rnet_error err = {0};
    struct rnet_survey *survey;

    if (rnet_survey_open(path, RNET_SURVEY_CREATE, &survey, &err) != RNET_OK) {
        complain("%s", err.message);
        return false;
    }
    rnet_survey_close(survey);
    return true;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {.add.reading = READING_DEFAULTS};
    struct survey_inputs inputs = {0};
    int code = read_options(command, &request, argc, argv);

    if (code >= 0)
        return code;
    if (optind == argc) {
        complain("survey add: no survey named; 'netsuff survey add --help' shows examples");
        return EXIT_USAGE;
    }
    if (request.firm.name[0] == '\0' && request.by == FIRM_GIVEN &&
        (request.manifest == NULL || optind + 1 < argc)) {
        complain("survey add: whose captures? Say --firm ID or --firm-by file or folder");
        return EXIT_USAGE;
    }
    if (request.rows.last > 0 && request.manifest == NULL) {
        complain("survey add: --rows are those of a --manifest");
        return EXIT_USAGE;
    }
    request.add.survey = argv[optind];
    request.add.reading.observe.stop = &stop_requested;
    code = EXIT_USAGE;
    if (gather_inputs(&request, argv + optind + 1, argc - optind - 1, &inputs)) {
        catch_signals();
        code =
            make_survey(request.add.survey) ? survey_add_all(&request.add, &inputs) : EXIT_FAILED;
    }
    inputs_clear(&inputs);
    return code;
}

const struct command command_survey_add = {
    .name = "survey add",
    .summary = N_("put captures in"),
    .synopsis = N_("SURVEY --firm ID [OPTION…] [INPUT…]"),
    .description = N_("Put captures or saved profiles into a survey: one file, made if it is not "
                      "there. INPUT is a capture, a profile or a folder of them. What is there already "
                      "is skipped, so a run that was stopped is resumed by giving it again. A firm "
                      "without any INPUT is entered as asked and not answering."),
    .options = options,
    .exits = N_("0 all added or there already, 2 wrong usage, 3 some of it, 4 none of it"),
    .examples = "netsuff survey add survey.db --firm 17 --staff 6 monday.pcap tuesday.pcap\n"
                "netsuff survey add survey.db --firm-by folder captures/",
    .set = set_option,
    .run = run,
};
