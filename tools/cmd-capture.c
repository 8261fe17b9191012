/* netsuff capture: a profile made on the spot; no packet is ever stored. */
#include "commands.h"
#include "confine.h"
#include "language.h"
#include "options.h"
#include "progress.h"
#include "reading.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
    const char *interface;
    const char *output;
    const char *user;
    struct rnet_live_options live;
    struct reading reading;
    struct confinement confinement;
    bool test_sandbox;
    bool quiet;
};

enum option_code {
    OPTION_FOR = 256,
    OPTION_FILTER,
    OPTION_SNAP,
    OPTION_USER,
    OPTION_PROMISCUOUS,
    OPTION_REQUIRE_SANDBOX,
    OPTION_NO_SANDBOX,
    OPTION_TEST_SANDBOX,
};

static const struct command_option options[] = {
    {"interface", 'i', N_("NAME"), N_("where to listen; 'any' is all interfaces"), NULL},
    {"output", 'o', N_("FILE"), N_("the profile (default: office.profile)"), NULL},
    {"for", OPTION_FOR, N_("TIME"), N_("how long: 90s, 30m, 8h, 5d (default: until Ctrl-C)"), NULL},
    {"office", READING_OFFICE, N_("CIDR"),
     N_("addresses of the office; repeatable (default: private ones)"), NULL},
    {"filter", OPTION_FILTER, N_("BPF"),
     N_("look only at packets that match, in libpcap's language"), NULL},
    {"promiscuous", OPTION_PROMISCUOUS, NULL, N_("also packets for others: at a mirror port"),
     NULL},
    {"snap", OPTION_SNAP, N_("BYTES"), N_("look at this much of each packet (default 2048)"), NULL},
    {"user", OPTION_USER, N_("NAME"),
     N_("who to be once the interface is open (default: who ran sudo, else nobody)"), NULL},
    {"no-dpi", READING_NO_DPI, NULL, N_("name usages without looking into packets"), NULL},
    {"max-memory", READING_MAX_MEMORY, N_("SIZE"),
     N_("stop reading when this much is in use (default 2G)"), NULL},
    {"max-flows", READING_MAX_FLOWS, N_("N"),
     N_("at once; past it the oldest is closed early (default 1000000)"), NULL},
    {"require-sandbox", OPTION_REQUIRE_SANDBOX, NULL,
     N_("fail rather than listen without being confined"), NULL},
    {"no-sandbox", OPTION_NO_SANDBOX, NULL, N_("do not confine (for debuggers and valgrind)"),
     NULL},
    {"test-sandbox", OPTION_TEST_SANDBOX, NULL, NULL, NULL},
    {"quiet", 'q', NULL, N_("no notices on standard error"), NULL},
    OPTIONS_END,
};

static bool
parse_duration(const char *text, int64_t *duration_ns)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units && end != text && errno == 0; i++) {
        if (strcmp(end, units[i].unit) == 0 && number > 0 && number <= 366 * 86400) {
            *duration_ns = number * units[i].seconds * 1000000000;
            return true;
        }
    }
    complain("--for: '%s' is not a time like 90s, 30m, 8h or 5d", text);
    return false;
}

static bool
set_snap(struct request *request, const char *text)
{
    unsigned long bytes;

    if (!parse_count("--snap", text, 262144, &bytes))
        return false;
    request->live.snap_bytes = (uint32_t)bytes;
    return true;
}

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;

    if (reading_has(code))
        return reading_set(&request->reading, code, text);
    switch (code) {
    case 'i':
        request->interface = text;
        return true;
    case 'o':
        request->output = text;
        return true;
    case OPTION_FOR:
        return parse_duration(text, &request->live.duration_ns);
    case OPTION_FILTER:
        request->live.filter = text;
        return true;
    case OPTION_SNAP:
        return set_snap(request, text);
    case OPTION_USER:
        request->user = text;
        return true;
    case OPTION_PROMISCUOUS:
        request->live.promiscuous = true;
        return true;
    case OPTION_REQUIRE_SANDBOX:
        return request->confinement.required = true;
    case OPTION_NO_SANDBOX:
        return request->confinement.refused = true;
    case OPTION_TEST_SANDBOX:
        return request->test_sandbox = true;
    default:
        request->quiet = true;
        return true;
    }
}

/* Exit code, or -1 to go on. */
static int
read_request(const struct command *command, struct request *request, int argc, char **argv)
{
    const int code = read_options(command, request, argc, argv);

    if (code >= 0)
        return code;
    if (optind < argc) {
        complain("capture: '%s' is not expected; files are for 'netsuff analyse'", argv[optind]);
        return EXIT_USAGE;
    }
    if (request->interface == NULL) {
        complain("capture: no interface named; 'netsuff help capture' shows examples");
        return EXIT_USAGE;
    }
    return -1;
}

static void
say_what_was_seen(struct rnet_capture *capture, const struct request *request,
                  const struct rnet_profile *profile)
{
    struct rnet_capture_statistics statistics;
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);

    say(stdout, _("%llu packets, %.1f MB; "), (unsigned long long)summary->packets,
           (double)summary->wire_bytes / 1e6);
    if (rnet_capture_statistics(capture, &statistics) == RNET_OK)
        printf(
            _("%llu lost for want of buffer and %llu by the interface, as its driver reports.\n"),
            (unsigned long long)statistics.dropped,
            (unsigned long long)statistics.interface_dropped);
    else
        fputs(_("the driver does not say how many were lost.\n"), stdout);
    printf(_("Profile: %s. Next: netsuff analyse %s\n"), request->output, request->output);
}

/* Watch until the end, then save. */
static int
watch(struct request *request, struct rnet_capture *capture)
{
    struct rnet_observe_options how = *reading_options(&request->reading);
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    struct progress progress;
    enum rnet_status status;
    int code;

    progress_begin(&progress, request->quiet);
    progress.lasts_s = (double)request->live.duration_ns / 1e9;
    how.progress = progress_listening;
    how.progress_context = &progress;
    status = rnet_observe(capture, &how, &profile, &err);
    progress_end(&progress);
    code = status == RNET_OK ? EXIT_DONE : EXIT_PARTIAL;
    if (status < RNET_OK) {
        complain("%s", err.message);
        return EXIT_FAILED;
    }
    if (status == RNET_PARTIAL && !request->quiet)
        complain("%s", err.message);
    if (request->test_sandbox && !confine_test(&request->confinement))
        code = EXIT_FAILED;
    else if (rnet_profile_save(profile, request->output, &err) != RNET_OK) {
        complain("%s", err.message);
        code = EXIT_FAILED;
    } else {
        say_what_was_seen(capture, request, profile);
    }
    rnet_profile_free(profile);
    return code;
}

/* Open the interface, then give up every right that only the opening took. */
static enum rnet_status
open_and_drop(struct request *request, struct rnet_capture **capture, struct rnet_error *err)
{
    const struct rnet_classifier_options how = {.no_dpi = request->reading.observe.no_dpi,
                                                .isolate_detection = true};
    enum rnet_status status =
        rnet_capture_open_live(request->interface, &request->live, capture, err);

    if (status == RNET_OK)
        status = rnet_privileges_drop(request->user, err);
    if (status == RNET_OK && !output_can_be_written(request->output)) {
        snprintf(err->message, sizeof err->message,
                 "it is written as an ordinary user: another --user may be able to");
        return RNET_EIO;
    }
    if (status == RNET_OK)
        status = rnet_classifier_new(&how, &request->reading.observe.classifier, err);
    if (status == RNET_OK) {
        request->confinement.interface = request->interface;
        confine_allow_output(&request->confinement, request->output);
        status = confine(&request->confinement, err);
    }
    return status;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {.output = "office.profile",
                              .live.stop = &stop_requested,
                              .reading.observe.max_memory_bytes = READING_MEMORY_BYTES};
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};
    int code = read_request(command, &request, argc, argv);
    enum rnet_status status;

    if (code >= 0)
        return code;
    catch_signals();
    status = open_and_drop(&request, &capture, &err);
    if (status != RNET_OK) {
        complain("%s", err.message);
        code = status == RNET_EINVAL || status == RNET_ENOTFOUND ? EXIT_USAGE : EXIT_FAILED;
    } else {
        if (!request.quiet)
            complain("listening on %s; Ctrl-C ends it and writes %s", request.interface,
                     request.output);
        code = watch(&request, capture);
    }
    rnet_capture_close(capture);
    rnet_classifier_free(request.reading.observe.classifier);
    return code;
}

const struct command command_capture = {
    .name = "capture",
    .summary = N_("watch an interface and make an office's profile on the spot"),
    .synopsis = N_("-i NAME [OPTION…]"),
    .description =
        N_("Watch an interface and make the profile of an office on the spot: what it asks "
           "of its line, without payload or addresses. No packet is stored. End it with "
           "Ctrl-C, or --for."),
    .options = options,
    .exits = N_("0 done, 2 wrong usage, 3 done but partial, 4 failed"),
    .examples = "sudo netsuff capture -i eth0 --for 8h -o office.profile\n"
                "netsuff analyse office.profile",
    .set = set_option,
    .run = run,
};
