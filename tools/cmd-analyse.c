/* netsuff analyse: a capture in, the answer out. Start reading here. */
#include "commands.h"
#include "confine.h"
#include "explain.h"
#include "language.h"
#include "options.h"
#include "progress.h"
#include "reading.h"
#include "render.h"
#include "values.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 64
#define MAX_RUNS 1000
#define MAX_THREADS 1024

struct request {
    const char *links[MAX_NAMES];
    size_t link_count;
    struct rendering rendering;
    const char *save_profile;
    const char *outcomes;
    const char *flows;
    const char *criteria;
    const char *explain;
    struct reading reading;
    struct rnet_assess_options assess;
    struct confinement confinement;
    bool test_sandbox;
    bool check;
    bool quiet;
};

enum option_code {
    OPTION_LINK = 256,
    OPTION_FORMAT,
    OPTION_SAVE_PROFILE,
    OPTION_OUTCOMES,
    OPTION_FLOWS,
    OPTION_FILTER,
    OPTION_SET,
    OPTION_CRITERIA,
    OPTION_EXPLAIN,
    OPTION_TABLES,
    OPTION_SEED,
    OPTION_RUNS,
    OPTION_THREADS,
    OPTION_ALL,
    OPTION_CAPTURED_ON,
    OPTION_CHECK,
    OPTION_KEEP_NAMES,
    OPTION_REQUIRE_SANDBOX,
    OPTION_NO_SANDBOX,
    OPTION_TEST_SANDBOX,
};

static const struct command_option options[] = {
    {"link", OPTION_LINK, N_("SPEC"),
     N_("a line to try, e.g. adsl:2048/256 or adsl-8m; repeatable (default: the ladder of "
        "'netsuff link')"),
     value_link},
    {"captured-on", OPTION_CAPTURED_ON, N_("SPEC"),
     N_("the line the capture was made behind: its own delay is taken off the servers' (default: "
        "none is)"),
     value_link},
    {"office", READING_OFFICE, N_("CIDR"),
     N_("addresses of the office; repeatable (default: private ones)"), NULL},
    {"format", OPTION_FORMAT, N_("FORMAT"), N_("text (default), json, html or csv"), value_format},
    {"output", 'o', N_("FILE"), N_("write there, whole or not at all"), NULL},
    {"save-profile", OPTION_SAVE_PROFILE, N_("FILE"),
     N_("also save the profile: no payload, no address, replayable"), NULL},
    {"outcomes", OPTION_OUTCOMES, N_("FILE"),
     N_("also write what became of every message, stream and use on every line: CSV when FILE ends "
        "in .csv, else NDJSON"),
     NULL},
    {"flows", OPTION_FLOWS, N_("FILE"),
     N_("also write every flow: usage, times, volumes, no address; CSV when FILE ends in .csv, else "
        "NDJSON"),
     NULL},
    {"filter", OPTION_FILTER, N_("BPF"),
     N_("look only at packets that match, in libpcap's language"), NULL},
    {"set", OPTION_SET, N_("NAME"),
     N_("criteria: default, or eecc-annex-v (the minimum services of the European Electronic "
        "Communications Code)"),
     rnet_criteria_set},
    {"criteria", OPTION_CRITERIA, N_("FILE"),
     N_("thresholds of your own, in YAML; what is not named stays"), NULL},
    {"explain", OPTION_EXPLAIN, N_("WHAT"),
     N_("instead, say why flows got their usage: a flow's number, a usage, or all"), value_usage},
    {"no-dpi", READING_NO_DPI, NULL, N_("name usages without looking into packets"), NULL},
    {"tables", OPTION_TABLES, N_("FOLDER"),
     N_("tables of names, ports… of your own (docs/usages.md); those not there stay"), NULL},
    {"all", OPTION_ALL, NULL, N_("replay the whole capture, not only its busiest hour"), NULL},
    {"runs", OPTION_RUNS, N_("N"), N_("replays per line for the intervals (default 5)"), NULL},
    {"seed", OPTION_SEED, N_("N"), N_("of every random number (default 1)"), NULL},
    {"threads", OPTION_THREADS, N_("N"), N_("at once (default: one per core)"), NULL},
    {"check", OPTION_CHECK, NULL, N_("exit 1 when a usage is not met on every line tried"), NULL},
    {"keep-names", OPTION_KEEP_NAMES, NULL,
     N_("with --explain: show servers' names too (never shown otherwise)"), NULL},
    {"max-memory", READING_MAX_MEMORY, N_("SIZE"),
     N_("stop reading when this much is in use (default 2G)"), NULL},
    {"max-flows", READING_MAX_FLOWS, N_("N"),
     N_("at once; past it the oldest is closed early (default 1000000)"), NULL},
    {"max-time", READING_MAX_TIME, N_("SECONDS"),
     N_("of a processor: stop reading, and then replaying, after this many (default 3600)"), NULL},
    {"max-expanded", READING_MAX_EXPANDED, N_("SIZE"),
     N_("of a compressed capture (default: 1100 times its size)"), NULL},
    {"require-sandbox", OPTION_REQUIRE_SANDBOX, NULL,
     N_("fail rather than read a capture without being confined"), NULL},
    {"no-sandbox", OPTION_NO_SANDBOX, NULL, N_("do not confine (for debuggers and valgrind)"),
     NULL},
    {"test-sandbox", OPTION_TEST_SANDBOX, NULL, NULL, NULL},
    {"quiet", 'q', NULL, N_("no progress, no notices on standard error"), NULL},
    OPTIONS_END,
};

/* Says what is wrong with a specification, and where. */
static bool
is_link(const char *option, const char *text)
{
    struct rnet_error err = {0};
    struct rnet_link link;

    if (rnet_link_parse(text, &link, &err) == RNET_OK)
        return true;
    complain("%s %s: %s", option, text, err.message);
    if (err.position > 0)
        fprintf(stderr, "  %s\n  %*s\n", text, (int)err.position, "^");
    return false;
}

static bool
add_link(struct request *request, const char *text)
{
    if (request->link_count == MAX_NAMES) {
        complain("--link: at most %d", MAX_NAMES);
        return false;
    }
    if (!is_link("--link", text))
        return false;
    request->links[request->link_count++] = text;
    return true;
}

static bool
set_number(struct request *request, int code, const char *text)
{
    unsigned long value;

    switch (code) {
    case OPTION_SEED:
        if (!parse_count("--seed", text, UINT32_MAX, &value))
            return false;
        request->assess.seed = value;
        return true;
    case OPTION_RUNS:
        if (!parse_count("--runs", text, MAX_RUNS, &value))
            return false;
        request->assess.replications = (uint32_t)value;
        return true;
    default:
        if (!parse_count("--threads", text, MAX_THREADS, &value))
            return false;
        request->assess.threads = (uint32_t)value;
        return true;
    }
}

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;

    if (reading_has(code))
        return reading_set(&request->reading, code, text);
    switch (code) {
    case OPTION_LINK:
        return add_link(request, text);
    case OPTION_FORMAT:
        return rendering_set_format(&request->rendering, text);
    case 'o':
        request->rendering.output = text;
        return true;
    case OPTION_SAVE_PROFILE:
        request->save_profile = text;
        return true;
    case OPTION_FLOWS:
        request->flows = text;
        return true;
    case OPTION_OUTCOMES:
        request->outcomes = text;
        return true;
    case OPTION_FILTER:
        request->reading.filter = text;
        return true;
    case OPTION_SET:
        request->assess.criteria_set = text;
        return true;
    case OPTION_CRITERIA:
        request->criteria = text;
        return true;
    case OPTION_EXPLAIN:
        request->explain = text;
        return explain_check(text);
    case OPTION_CAPTURED_ON:
        request->assess.captured_on = text;
        return is_link("--captured-on", text);
    case OPTION_TABLES:
        request->reading.observe.data_directory = text;
        return true;
    case OPTION_ALL:
        request->assess.whole_capture = true;
        return true;
    case OPTION_CHECK:
        request->check = true;
        return true;
    case OPTION_KEEP_NAMES:
        return request->reading.keep_names = true;
    case OPTION_REQUIRE_SANDBOX:
        return request->confinement.required = true;
    case OPTION_NO_SANDBOX:
        return request->confinement.refused = true;
    case OPTION_TEST_SANDBOX:
        return request->test_sandbox = true;
    case 'q':
        request->quiet = true;
        return true;
    default:
        return set_number(request, code, text);
    }
}

static int
explain(struct request *request, char **paths, size_t count)
{
    const struct explain_request why = {.what = request->explain,
                                        .reading = &request->reading,
                                        .quiet = request->quiet,
                                        .confinement = request->confinement};

    return explain_captures(&why, paths, count);
}

static enum rnet_status
observe_capture(struct request *request, struct rnet_capture *capture,
                struct rnet_profile **profile, struct rnet_error *err)
{
    struct progress progress;
    enum rnet_status status;

    request->reading.observe.threads = request->assess.threads;
    request->reading.observe.stop = &stop_requested;
    request->reading.observe.progress = progress_reading;
    request->reading.observe.progress_context = &progress;
    progress_begin(&progress, request->quiet);
    status = rnet_observe(capture, reading_options(&request->reading), profile, err);
    progress_end(&progress);
    return status;
}

static enum rnet_status
observe(struct request *request, char **paths, size_t count, struct rnet_profile **profile,
        struct rnet_error *err)
{
    struct rnet_capture *capture;
    enum rnet_status status;

    if (count == 1 && strcmp(paths[0], "-") != 0 && rnet_profile_is_file(paths[0]))
        return load_confined(paths[0], &request->confinement, profile, err);
    status = reading_open(&request->reading, (const char *const *)paths, count,
                          &request->confinement, &capture, err);
    if (status == RNET_OK)
        status = observe_capture(request, capture, profile, err);
    reading_close(&request->reading, capture);
    return status;
}

/* What is written when the work is done must be known to be possible before, and be named to the
 * sandbox. */
static bool
prepare_outputs(struct request *request)
{
    if (!output_prepare(request->rendering.output) || !output_prepare(request->outcomes) ||
        !output_prepare(request->flows) ||        !output_prepare(request->save_profile))
        return false;
    confine_allow_output(&request->confinement, request->rendering.output);
    confine_allow_output(&request->confinement, request->outcomes);
    confine_allow_output(&request->confinement, request->flows);
    confine_allow_output(&request->confinement, request->save_profile);
    return true;
}

/* What later is not allowed to be asked or read. */
static enum rnet_status
prepare_assessment(struct request *request, struct rnet_assessment *assessment)
{
    struct rnet_error err = {0};
    enum rnet_status status;

    request->assess.threads = threads_wanted(request->assess.threads);
    status = rnet_criteria_load(NULL, request->criteria, &assessment->criteria, &err);
    if (status != RNET_OK)
        complain("%s", err.message);
    return status;
}

/* Assess a profile and write the report. */
static int
answer(struct request *request, struct rnet_profile *profile, struct rnet_assessment *assessment,
       bool partial)
{
    struct rnet_error err = {0};
    enum rnet_status status;
    struct rnet_timeline timeline;
    struct progress progress;
    struct rnet_report report = {.profile = rnet_profile_get_summary(profile),
                                 .assessment = assessment,
                                 .timeline = &timeline,
                                 .confinement = request->confinement.words};
    int code = EXIT_FAILED;

    request->assess.links = request->link_count > 0 ? request->links : NULL;
    request->assess.link_count = request->link_count;
    request->assess.stop = &stop_requested;
    request->assess.max_memory_bytes = request->reading.observe.max_memory_bytes;
    request->assess.max_cpu_ns = request->reading.observe.max_time_ns;
    rnet_profile_get_timeline(profile, &timeline);
    request->assess.progress = progress_counting;
    request->assess.progress_context = &progress;
    progress_begin(&progress, request->quiet);
    progress.doing = N_("replaying");
    status = rnet_assess(profile, &request->assess, assessment, &err);
    progress_end(&progress);
    if (status == RNET_PARTIAL && stop_requested && !request->quiet)
        complain("interrupted: some lines were replayed in part only");
    else if (status == RNET_PARTIAL && !request->quiet)
        complain("the memory or the time allowed is used up (--max-memory, --max-time): some lines were "
                 "replayed in part only");
    if (status < RNET_OK) {
        complain("%s", err.message);
        code = status == RNET_EINVAL || status == RNET_ENOTFOUND ? EXIT_USAGE : EXIT_FAILED;
    } else if ((request->outcomes == NULL ||
                write_outcomes(request->outcomes, profile, &request->assess, assessment)) &&
               (request->flows == NULL || write_flows(request->flows, profile)) &&
               rendering_write(&request->rendering, &report)) {
        code = partial || status == RNET_PARTIAL       ? EXIT_PARTIAL
               : request->check && !assessment->all_met ? EXIT_NO
                                                       : EXIT_DONE;
    }
    return code;
}

static bool
save_profile(const char *path, struct rnet_profile *profile)
{
    struct rnet_error err = {0};
    uint8_t *bytes = NULL;
    size_t count = 0;
    enum rnet_status status;
    bool ok;

    if (!output_is_special(path)) {
        status = rnet_profile_save(profile, path, &err);
        ok = status == RNET_OK;
    } else {
        status = rnet_profile_write(profile, &bytes, &count, &err);
        ok = status == RNET_OK && write_output(path, (const char *)bytes, count);
    }
    if (status != RNET_OK)
        complain("%s", err.message);
    free(bytes);
    return ok;
}

/* Save, judge, report. */
static int
conclude(struct request *request, struct rnet_profile *profile, struct rnet_assessment *assessment,
         enum rnet_status read)
{
    if (request->test_sandbox && !confine_test(&request->confinement))
        return EXIT_FAILED;
    if (request->save_profile != NULL && !save_profile(request->save_profile, profile))
        return EXIT_FAILED;
    return answer(request, profile, assessment,
                  read == RNET_PARTIAL || !rnet_profile_get_summary(profile)->complete);
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {
        .rendering = {.format = "text"},
        .reading = READING_DEFAULTS,
        .assess = {.seed = 1}};
    struct rnet_assessment assessment = {0};
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    int code = read_options(command, &request, argc, argv);
    enum rnet_status status;

    if (code >= 0)
        return code;
    if (optind == argc) {
        complain("analyse: no capture named; 'netsuff help analyse' shows examples");
        return EXIT_USAGE;
    }
    if (request.reading.keep_names && request.explain == NULL) {
        complain("analyse: --keep-names goes with --explain: no report holds names");
        return EXIT_USAGE;
    }
    if (request.explain != NULL)
        return explain(&request, argv + optind, (size_t)(argc - optind));
    if (!prepare_outputs(&request))
        return EXIT_FAILED;
    status = prepare_assessment(&request, &assessment);
    if (status != RNET_OK)
        return status == RNET_ENOMEM ? EXIT_FAILED : EXIT_USAGE;
    catch_signals();
    status = observe(&request, argv + optind, (size_t)(argc - optind), &profile, &err);
    if (status == RNET_PARTIAL && !request.quiet)
        complain("%s",
                 stop_requested ? _("interrupted: the answer covers what was read") : err.message);
    if (stop_requested != 0) {
        request.assess.replications = 1;
        request.assess.no_causes = true;
        hurry();
    }
    stop_requested = 0;
    if (status >= RNET_OK) {
        code = conclude(&request, profile, &assessment, status);
    } else {
        complain("%s", err.message);
        code = status == RNET_EINVAL ? EXIT_USAGE : EXIT_FAILED;
    }
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
    return code;
}

const struct command command_analyse = {
    .name = "analyse",
    .summary = N_("say, usage by usage, whether lines are good enough for a capture"),
    .synopsis = N_("[OPTION…] CAPTURE…"),
    .description = N_("Say, usage by usage, whether lines are good enough for what a capture shows. "
                      "CAPTURE is a pcap or pcapng file (gzip and zstd too), a saved profile, or - "
                      "for standard input; several captures are read as one, in time order."),
    .options = options,
    .exits = N_("0 done, 1 --check says no, 2 wrong usage, 3 done but partial, 4 failed"),
    .examples = "netsuff analyse office.pcap\n"
                "netsuff analyse --link adsl:2048/256,buffer=64kB --runs 9 monday.pcap.gz\n"
                "tcpdump -i eth0 -w - | netsuff analyse -",
    .set = set_option,
    .run = run,
};
