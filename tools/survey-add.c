/* netsuff survey add: captures into a survey. */
#include "options.h"
#include "survey.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OFFICES 64

struct request {
    struct survey_add add;
    struct rnet_firm firm;
    enum firm_by by;
    const char *manifest;
    struct survey_rows rows;
    struct rnet_network offices[MAX_OFFICES];
    size_t office_count;
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
    OPTION_OFFICE,
    OPTION_NO_DPI,
    OPTION_JOBS,
    OPTION_REQUIRE_SANDBOX,
    OPTION_NO_SANDBOX,
};

static const struct option options[] = {
    {"firm", required_argument, NULL, OPTION_FIRM},
    {"firm-by", required_argument, NULL, OPTION_FIRM_BY},
    {"sector", required_argument, NULL, OPTION_SECTOR},
    {"staff", required_argument, NULL, OPTION_STAFF},
    {"weight", required_argument, NULL, OPTION_WEIGHT},
    {"line", required_argument, NULL, OPTION_LINE},
    {"manifest", required_argument, NULL, OPTION_MANIFEST},
    {"rows", required_argument, NULL, OPTION_ROWS},
    {"office", required_argument, NULL, OPTION_OFFICE},
    {"no-dpi", no_argument, NULL, OPTION_NO_DPI},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"require-sandbox", no_argument, NULL, OPTION_REQUIRE_SANDBOX},
    {"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
print_help(void)
{
    puts("Usage: netsuff survey add SURVEY --firm ID [OPTION…] [INPUT…]\n\n"
         "Put captures or saved profiles into a survey: one file, made if it is not there.\n"
         "INPUT is a capture, a profile or a folder of them. What is there already is\n"
         "skipped, so a run that was stopped is resumed by giving it again. A firm without\n"
         "any INPUT is entered as asked and not answering.\n\n"
         "  --firm ID        the firm, by a name only you can resolve\n"
         "  --firm-by WHAT   file or folder: each is a firm, named by its name up to the\n"
         "                   first dot\n"
         "  --sector NAME    what it does\n"
         "  --staff N        people in the office\n"
         "  --weight W       how many firms it stands for (default 1)\n"
         "  --line SPEC      the line it has, as for 'netsuff analyse --link'\n"
         "  --manifest FILE  tab-separated list: columns path, firm, sector, staff, weight,\n"
         "                   line; the first line names them\n"
         "  --rows A-B       only those rows of it, counted without the first line\n"
         "  --office CIDR    addresses of the offices; repeatable (default: private ones)\n"
         "  --no-dpi         name usages without looking into packets\n"
         "  --jobs N         processes at once (default: one per core)\n"
         "  -q, --quiet      no progress, no summary\n\n"
         "Exit: 0 all added or there already, 2 wrong usage, 3 some of it, 4 none of it.\n\n"
         "  netsuff survey add survey.db --firm 17 --staff 6 monday.pcap tuesday.pcap\n"
         "  netsuff survey add survey.db --firm-by folder captures/");
}

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
    if (end != text && *end == '\0' && *weight > 0 && *weight < 1e12)
        return true;
    complain("%s takes a number above 0, not '%s'", option, text);
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
add_office(struct request *request, const char *text)
{
    struct rnet_error err = {0};

    if (request->office_count == MAX_OFFICES) {
        complain("--office: at most %d", MAX_OFFICES);
        return false;
    }
    if (rnet_network_parse(text, &request->offices[request->office_count], &err) != RNET_OK) {
        complain("--office: %s", err.message);
        return false;
    }
    request->office_count++;
    return true;
}

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;
    struct rnet_firm *firm = &request->firm;
    unsigned long value;

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
    case OPTION_OFFICE:
        return add_office(request, text);
    case OPTION_NO_DPI:
        request->add.observe.no_dpi = true;
        return true;
    case OPTION_JOBS:
        return parse_count("--jobs", text, 1024, &request->add.jobs);
    case OPTION_REQUIRE_SANDBOX:
        return request->add.confinement.required = true;
    case OPTION_NO_SANDBOX:
        return request->add.confinement.refused = true;
    case 'q':
        request->add.quiet = true;
        return true;
    default:
        complain("survey add: no option -%c", code);
        return false;
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

int
survey_add_command(int argc, char **argv)
{
    static const struct option_set set = {"survey add", options, set_option, print_help};
    struct request request = {0};
    struct survey_inputs inputs = {0};
    int code = read_option_set(&set, &request, argc, argv);

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
    request.add.observe.flows.offices = request.office_count > 0 ? request.offices : NULL;
    request.add.observe.flows.office_count = request.office_count;
    request.add.observe.stop = &stop_requested;
    code = EXIT_USAGE;
    if (gather_inputs(&request, argv + optind + 1, argc - optind - 1, &inputs)) {
        catch_signals();
        code =
            make_survey(request.add.survey) ? survey_add_all(&request.add, &inputs) : EXIT_FAILED;
    }
    inputs_clear(&inputs);
    return code;
}
