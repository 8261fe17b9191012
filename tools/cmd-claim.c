/* netsuff claim: test "95 % of firms, but 50 % of usages" over a survey, or plan one. */
#include "claim-plan.h"
#include "confine.h"
#include "language.h"
#include "options.h"
#include "progress.h"
#include "reading.h"
#include "values.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 64

struct request {
    const char *format;
    const char *output;
    const char *lines[MAX_LINES];
    size_t line_count;
    struct rnet_claim_options claim;
    struct rnet_plan_options plan;
    bool planning, check, quiet;
};

enum option_code {
    OPTION_LINE = 256,
    OPTION_NO_LOOPS,
    OPTION_NO_OTHER_HOURS,
    OPTION_FIRMS_SHARE,
    OPTION_USAGES_SHARE,
    OPTION_MARGIN,
    OPTION_LEVEL,
    OPTION_ASKED,
    OPTION_CRITERIA,
    OPTION_CRITERIA_SET,
    OPTION_SEED,
    OPTION_REPLICATIONS,
    OPTION_DRAWS,
    OPTION_THREADS,
    OPTION_ALL,
    OPTION_FRESH,
    OPTION_MAX_MEMORY,
    OPTION_MAX_TIME,
    OPTION_FORMAT,
    OPTION_CHECK,
    OPTION_PLAN,
    OPTION_TRUTH,
    OPTION_USAGES,
    OPTION_ICC,
    OPTION_GROUP,
    OPTION_GROUP_ICC,
    OPTION_RESPONSE,
};

static const struct command_option options[] = {
    {"line", OPTION_LINE, N_("SPEC"),
     N_("a line to try, as for 'netsuff analyse --link'; repeatable (default: the ladder). Variants "
        "are about 2048/256, or the first line given"),
     value_link},
    {"no-loops", OPTION_NO_LOOPS, NULL, N_("without the mixture of real French loops"), NULL},
    {"no-other-hours", OPTION_NO_OTHER_HOURS, NULL,
     N_("without the variants that replay other hours"), NULL},
    {"firms-share", OPTION_FIRMS_SHARE, N_("SHARE"), N_("of firms claimed (0.95)"), NULL},
    {"usages-share", OPTION_USAGES_SHARE, N_("SHARE"), N_("of usages claimed (0.50)"), NULL},
    {"margin", OPTION_MARGIN, N_("SHARE"), N_("give or take, for usages (0.10)"), NULL},
    {"level", OPTION_LEVEL, N_("SHARE"), N_("level of confidence (0.95)"), NULL},
    {"asked", OPTION_ASKED, N_("N"), N_("firms asked in all, those that never answered included"),
     NULL},
    {"criteria", OPTION_CRITERIA, N_("FILE"),
     N_("thresholds of your own, in YAML; what is not named stays"), NULL},
    {"set", OPTION_CRITERIA_SET, N_("NAME"), N_("criteria: default, or eecc-annex-v"),
     rnet_criteria_set},
    {"all", OPTION_ALL, NULL, N_("whole captures, not only their busiest hour"), NULL},
    {"seed", OPTION_SEED, N_("N"), N_("of every random number (default 1)"), NULL},
    {"runs", OPTION_REPLICATIONS, N_("N"), N_("replays per line (default 3)"), NULL},
    {"draws", OPTION_DRAWS, N_("N"), N_("of the bootstrap"), NULL},
    {"threads", OPTION_THREADS, N_("N"), N_("at once (default: one per core)"), NULL},
    {"max-memory", OPTION_MAX_MEMORY, N_("SIZE"),
     N_("cut replays when this much is in use (default 2G)"), NULL},
    {"max-time", OPTION_MAX_TIME, N_("SECONDS"),
     N_("of a processor: cut a capture's replays after this many (default 3600)"), NULL},
    {"fresh", OPTION_FRESH, NULL, N_("replay all, whatever the survey keeps"), NULL},
    {"format", OPTION_FORMAT, N_("FORMAT"), N_("text (default), json, html or csv"), value_format},
    {"output", 'o', N_("FILE"), N_("write there, whole or not at all"), NULL},
    /* xgettext:no-c-format */
    {"check", OPTION_CHECK, NULL, N_("exit 1 unless \"95 % of firms\" is supported"), NULL},
    {"quiet", 'q', NULL, N_("no progress"), NULL},
    {"plan", OPTION_PLAN, NULL, N_("say how many offices it takes; text or json"), NULL},
    {"truth", OPTION_TRUTH, N_("SHARES"),
     N_("with --plan: true shares, with commas, to state the power for (0.90,0.97,0.98,0.99)"), NULL},
    {"usages-per-office", OPTION_USAGES, N_("N"), N_("with --plan (default 6)"), NULL},
    {"icc", OPTION_ICC, N_("R"),
     N_("with --plan: intra-class correlation of an office's usages (0.2)"), NULL},
    {"offices-per-group", OPTION_GROUP, N_("N"), N_("with --plan: sampled together (1)"), NULL},
    {"group-icc", OPTION_GROUP_ICC, N_("R"),
     N_("with --plan: intra-class correlation of a group's offices (0.05)"), NULL},
    {"response", OPTION_RESPONSE, N_("SHARE"), N_("with --plan: of firms asked that answer (1)"),
     NULL},
    OPTIONS_END,
};

static bool
set_share(const char *option, const char *text, double *value)
{
    char *end;

    *value = strtod(text, &end);
    if (end != text && *end == '\0' && *value > 0 && *value < 1)
        return true;
    complain("%s takes a number between 0 and 1, not '%s'", option, text);
    return false;
}

static bool
set_number(const char *option, const char *text, double least, double most, double *value)
{
    char *end;

    *value = strtod(text, &end);
    if (end != text && *end == '\0' && *value >= least && *value <= most)
        return true;
    complain("%s takes a number from %g to %g, not '%s'", option, least, most, text);
    return false;
}

static bool
set_count(const char *option, const char *text, unsigned long most, uint64_t *value)
{
    unsigned long number;

    if (!parse_count(option, text, most, &number))
        return false;
    *value = number;
    return true;
}

static bool
set_count32(const char *option, const char *text, unsigned long most, uint32_t *value)
{
    uint64_t number;

    if (!set_count(option, text, most, &number))
        return false;
    *value = (uint32_t)number;
    return true;
}

static bool
set_format(struct request *request, const char *text)
{
    static const char *const names[] = {"text", "json", "csv", "html"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            request->format = names[i];
            return true;
        }
    }
    complain("--format: there are text, json, csv and html, not '%s'", text);
    return false;
}

static bool
add_line(struct request *request, const char *text)
{
    struct rnet_error err = {0};
    struct rnet_link link;

    if (rnet_link_parse(text, &link, &err) != RNET_OK) {
        complain("--line %s: %s", text, err.message);
        return false;
    }
    if (request->line_count == MAX_LINES) {
        complain("--line: at most %d", MAX_LINES);
        return false;
    }
    request->lines[request->line_count++] = text;
    return true;
}

static bool
add_truths(struct rnet_plan_options *plan, const char *text)
{
    char one[32];

    while (*text != '\0') {
        const size_t length = strcspn(text, ",");

        snprintf(one, sizeof one, "%.*s", (int)length, text);
        if (plan->truth_count == RNET_PLAN_TRUTHS) {
            complain("--truth: at most %d", RNET_PLAN_TRUTHS);
            return false;
        }
        if (!set_share("--truth", one, &plan->truths[plan->truth_count++]))
            return false;
        text += length + (text[length] == ',');
    }
    return true;
}

static bool
set_plan_option(struct request *request, int code, const char *text)
{
    struct rnet_plan_options *plan = &request->plan;

    switch (code) {
    case OPTION_TRUTH:
        return add_truths(plan, text);
    case OPTION_USAGES:
        return set_number("--usages-per-office", text, 1, 1000, &plan->usages);
    case OPTION_ICC:
        return set_number("--icc", text, 0, 1, &plan->correlation);
    case OPTION_GROUP:
        return set_number("--offices-per-group", text, 1, 1e6, &plan->per_group);
    case OPTION_GROUP_ICC:
        return set_number("--group-icc", text, 0, 1, &plan->group_correlation);
    case OPTION_RESPONSE:
        return set_number("--response", text, 1e-6, 1, &plan->response);
    default:
        complain("claim: no option -%c", code);
        return false;
    }
}

static bool
set_replay_option(struct request *request, int code, const char *text)
{
    struct rnet_assess_options *assess = &request->claim.assess;

    switch (code) {
    case OPTION_LINE:
        return add_line(request, text);
    case OPTION_CRITERIA:
        assess->criteria_path = text;
        return true;
    case OPTION_CRITERIA_SET:
        assess->criteria_set = text;
        return true;
    case OPTION_SEED:
        return set_count("--seed", text, UINT32_MAX, &assess->seed);
    case OPTION_REPLICATIONS:
        return set_count32("--runs", text, 1000, &assess->replications);
    case OPTION_DRAWS:
        return set_count32("--draws", text, 1000000, &request->claim.draws);
    case OPTION_THREADS:
        return set_count32("--threads", text, 1024, &assess->threads);
    case OPTION_MAX_MEMORY:
        return parse_size("--max-memory", text, &assess->max_memory_bytes);
    case OPTION_MAX_TIME:
        return parse_seconds("--max-time", text, &assess->max_cpu_ns);
    case OPTION_ALL:
        assess->whole_capture = true;
        return true;
    default:
        return set_plan_option(request, code, text);
    }
}

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;
    struct rnet_claim_options *claim = &request->claim;

    switch (code) {
    case OPTION_NO_LOOPS:
        return claim->no_loops = true;
    case OPTION_NO_OTHER_HOURS:
        return claim->no_other_hours = true;
    case OPTION_FIRMS_SHARE:
        return set_share("--firms-share", text, &claim->firms_share);
    case OPTION_USAGES_SHARE:
        return set_share("--usages-share", text, &claim->usages_share);
    case OPTION_MARGIN:
        return set_share("--margin", text, &claim->margin);
    case OPTION_LEVEL:
        return set_share("--level", text, &claim->level);
    case OPTION_ASKED:
        return set_count("--asked", text, 1000000000, &claim->asked);
    case OPTION_FRESH:
        return claim->fresh = true;
    case OPTION_FORMAT:
        return set_format(request, text);
    case OPTION_CHECK:
        return request->check = true;
    case OPTION_PLAN:
        return request->planning = true;
    case 'q':
        return request->quiet = true;
    case 'o':
        request->output = text;
        return true;
    default:
        return set_replay_option(request, code, text);
    }
}

static bool
render(const struct request *request, const struct rnet_claim *claim)
{
    const struct rnet_text_options layout = {.columns =
                                                 request->output == NULL ? terminal_columns() : 80};
    char *text = NULL;
    size_t length = 0;
    enum rnet_status status;
    bool ok;

    if (strcmp(request->format, "json") == 0)
        status = rnet_report_claim_json(claim, &text, &length);
    else if (strcmp(request->format, "csv") == 0)
        status = rnet_report_claim_csv(claim, &text, &length);
    else if (strcmp(request->format, "html") == 0)
        status = rnet_report_claim_html(claim, &text, &length);
    else
        status = rnet_report_claim_text(claim, &layout, &text, &length);
    if (status != RNET_OK) {
        complain("the report could not be made: %s", rnet_status_text(status));
        return false;
    }
    ok = write_output(request->output, text, length);
    rnet_report_free(text);
    return ok;
}

static int
failed(const struct rnet_error *err)
{
    complain("%s", err->message);
    return err->status == RNET_EINVAL || err->status == RNET_ENOTFOUND ? EXIT_USAGE : EXIT_FAILED;
}

static int
answer(struct request *request, struct rnet_survey *survey)
{
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    struct progress progress;
    enum rnet_status status;
    int code = EXIT_FAILED;

    request->claim.progress = progress_counting;
    request->claim.progress_context = &progress;
    progress_begin(&progress, request->quiet);
    progress.doing = N_("replaying");
    status = rnet_claim_test(survey, &request->claim, &claim, &err);
    progress_end(&progress);
    if (status < RNET_OK)
        return failed(&err);
    if (render(request, &claim))
        code = status == RNET_PARTIAL ? EXIT_PARTIAL
               : request->check && claim.lines[claim.reference].firms.answer != RNET_CLAIM_SUPPORTED
                   ? EXIT_NO
                   : EXIT_DONE;
    rnet_claim_clear(&claim);
    return code;
}

static int
plan(const struct request *request)
{
    struct rnet_plan_options asked = request->plan;

    asked.share = request->claim.firms_share;
    asked.usages_share = request->claim.usages_share;
    asked.margin = request->claim.margin;
    asked.level = request->claim.level;
    return claim_plan(&asked, request->format, request->output);
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {.format = "text",
                              .claim = {.assess = {.seed = 1,
                                                   .max_memory_bytes = READING_MEMORY_BYTES,
                                                   .max_cpu_ns = READING_TIME_NS}},
                              .plan = {.correlation = -1, .group_correlation = -1}};
    struct rnet_error err = {0};
    struct rnet_survey *survey;
    int code = read_options(command, &request, argc, argv);

    if (code >= 0)
        return code;
    if (argc - optind != (request.planning ? 0 : 1)) {
        complain(request.planning ? "claim --plan: takes no survey"
                                  : N_("claim: takes one survey; 'netsuff help claim' shows examples"));
        return EXIT_USAGE;
    }
    if (request.planning)
        return plan(&request);
    request.claim.assess.links = request.line_count > 0 ? request.lines : NULL;
    request.claim.assess.link_count = request.line_count;
    request.claim.assess.stop = &stop_requested;
    catch_signals();
    request.claim.assess.threads = threads_wanted(request.claim.assess.threads);
    if (!confine_to_surveys(&argv[optind], 1, request.output, request.claim.assess.criteria_path))
        return EXIT_FAILED;
    if (rnet_survey_open(argv[optind], RNET_SURVEY_READ, &survey, &err) != RNET_OK)
        return failed(&err);
    code = answer(&request, survey);
    rnet_survey_close(survey);
    return code;
}

const struct command command_claim = {
    .name = "claim",
    /* xgettext:no-c-format */
    .summary = N_("test \"95 % of firms, but 50 % of usages\" over a survey, or plan one"),
    .synopsis = N_("[OPTION…] SURVEY\n--plan [OPTION…]"),
    /* xgettext:no-c-format */
    .description = N_("Test \"a classic ADSL line is enough for 95 % of firms, but for 50 % of usages\" "
                      "over the offices of a survey: every office's demand is replayed over every "
                      "line. What was replayed is kept in the survey, so asking again is quick."),
    .options = options,
    .exits = N_("0 done, 1 not supported (with --check), 2 wrong usage, 3 partial, 4 failed"),
    .examples = "netsuff claim survey.db\n"
                "netsuff claim --format html -o claim.html --asked 1000 survey.db\n"
                "netsuff claim --plan --offices-per-group 5 --response 0.2",
    .set = set_option,
    .run = run,
};
