/* netsuff link: the ladder of lines, or one line explained. */
#include "commands.h"
#include "language.h"
#include "link-survey.h"
#include "options.h"
#include "values.h"

#include <inttypes.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum option_code {
    OPTION_SURVEY = 256,
    OPTION_TECHNOLOGY,
    OPTION_FORMAT,
};

struct request {
    const char *survey;
    const char *technology;
    const char *format;
    const char *output;
    bool quiet;
};

static const struct command_option options[] = {
    {"survey", OPTION_SURVEY, N_("FILE"),
     N_("a table of lines: comma-separated values with a heading; - is standard input. Columns: id, "
        "technology; length_m (or length_km) and gauge, or loop, attenuation, modem, sync_down and "
        "sync_up, or specification; noise, fext, next, margin, gain, cap, rate"),
     NULL},
    {"technology", OPTION_TECHNOLOGY, N_("NAME"), N_("of rows that name none (adsl2+)"), NULL},
    {"format", OPTION_FORMAT, N_("FORMAT"),
     N_("of a line: text, json or html; of a table: csv or json"), value_format},
    {"output", 'o', N_("FILE"), N_("write there, whole or not at all"), NULL},
    {"quiet", 'q', NULL, N_("nothing on standard error but what stops the work"), NULL},
    OPTIONS_END,
};

/* Time the largest packet takes, and how long a full buffer of them keeps a new one waiting. */
static double
largest_packet_ms(const struct rnet_link *link, enum rnet_direction direction)
{
    return (double)rnet_link_service_ns(link, direction, link->mtu_bytes) / 1e6;
}

static double
full_buffer_ms(const struct rnet_link *link, enum rnet_direction direction)
{
    const struct rnet_link_direction *way = &link->direction[direction];
    const double packets = way->buffer_bytes > 0
                               ? (double)way->buffer_bytes / (double)link->mtu_bytes
                               : (double)way->buffer_packets;

    return packets * largest_packet_ms(link, direction);
}

/* IP bits per second in full packets: what is left of the sync rate after framing. */
static double
ip_kbps(const struct rnet_link *link, enum rnet_direction direction)
{
    return (double)link->mtu_bytes * 8 / largest_packet_ms(link, direction);
}

static void
print_row(const struct rnet_link *link)
{
    const int64_t delay_ns = link->direction[RNET_DOWN].delay_ns + link->direction[RNET_UP].delay_ns;
    char delay_ms[32];

    snprintf(delay_ms, sizeof delay_ms, "%.1f", (double)delay_ns / 1e6);
    printf("%-10s %9" PRIu64 " %8" PRIu64 " %9.0f %8.0f %8s %9.0f\n", link->name,
           link->direction[RNET_DOWN].rate_bps / 1000, link->direction[RNET_UP].rate_bps / 1000,
           ip_kbps(link, RNET_DOWN), ip_kbps(link, RNET_UP), rnet_report_localise(delay_ms),
           full_buffer_ms(link, RNET_UP));
}

static bool
print_presets(const char *(*preset)(size_t index))
{
    for (size_t i = 0; preset(i) != NULL; i++) {
        struct rnet_link link;
        struct rnet_error err = {0};

        if (rnet_link_parse(preset(i), &link, &err) != RNET_OK) {
            complain("link %s: %s", preset(i), err.message);
            return false;
        }
        print_row(&link);
    }
    return true;
}

static int
list_ladder(void)
{
    puts(_("ADSL-grade lines, the ladder 'netsuff analyse' tries:\n\n"
           "           kbit/s of sync     kbit/s of IP      delay   full up-\n"
           "name            down       up      down       up  both ms  buffer ms"));
    if (!print_presets(rnet_link_ladder))
        return EXIT_FAILED;
    puts(_("\nFor comparison:"));
    if (!print_presets(rnet_link_comparison))
        return EXIT_FAILED;
    puts(_("\nIP rates are what full packets leave of the sync rate.\n"
           "'netsuff link NAME' explains a line."));
    return EXIT_DONE;
}

/* The specification with a caret under what is wrong. What a terminal could obey is not shown, and
 * of a long one only what surrounds the place. */
static void
point_at(const char *specification, uint64_t position)
{
    enum { BEFORE = 50, WIDTH = 76 };
    const size_t length = strlen(specification);
    const size_t at = position > 0 && position - 1 <= length ? (size_t)position - 1 : length;
    const size_t from = at > BEFORE ? at - BEFORE : 0;

    if (position == 0)
        return;
    fputs("  ", stderr);
    for (size_t i = from; i < length && i < from + WIDTH; i++)
        putc(specification[i] >= ' ' && specification[i] <= '~' ? specification[i] : '?', stderr);
    fprintf(stderr, "\n  %*s\n", (int)(at - from) + 1, "^");
}

typedef enum rnet_status
line_form(const struct rnet_line_report *report, char **text, size_t *length);

/* The pair behind a specification, solved; only then are the fields of the report set. */
struct pair {
    struct rnet_copper copper;
    struct rnet_copper_result result;
    struct rnet_copper_tone tones[RNET_COPPER_TONES];
};

static enum rnet_status
solve_pair(const char *specification, struct pair *pair, struct rnet_line_report *report)
{
    struct rnet_copper_solver *solver;
    enum rnet_status status = rnet_copper_solver_new(&solver);

    if (status != RNET_OK)
        return status;
    status = rnet_link_copper(specification, solver, &pair->copper, NULL);
    if (status == RNET_OK)
        status = rnet_copper_solve(solver, &pair->copper, &pair->result, NULL);
    if (status == RNET_OK)
        status = rnet_copper_tones(solver, &pair->copper, pair->tones, NULL);
    rnet_copper_solver_free(solver);
    if (status == RNET_OK) {
        report->copper = &pair->copper;
        report->result = &pair->result;
        report->tones = pair->tones;
    }
    return status == RNET_ECANTTELL ? RNET_OK : status;
}

static int
explain(const char *specification, line_form *form, FILE *to)
{
    static struct pair pair;
    struct rnet_link link;
    struct rnet_line_report report = {.link = &link};
    struct rnet_error err = {0};
    enum rnet_status status = rnet_link_parse(specification, &link, &err);
    char *text = NULL;
    size_t length;

    if (status != RNET_OK) {
        complain("link: %s", err.message);
        point_at(specification, err.position);
        return status == RNET_EINVAL ? EXIT_USAGE : EXIT_FAILED;
    }
    if (solve_pair(specification, &pair, &report) != RNET_OK ||
        form(&report, &text, &length) != RNET_OK || fwrite(text, 1, length, to) != length) {
        complain("link: out of memory");
        rnet_report_free(text);
        return EXIT_FAILED;
    }
    rnet_report_free(text);
    return EXIT_DONE;
}

static int
explain_all(const struct request *request, int count, char **specifications)
{
    static const struct {
        const char *name;
        line_form *form;
    } forms[] = {{"text", rnet_report_line_text},
                 {"json", rnet_report_line_json},
                 {"html", rnet_report_line_html}};
    const char *wanted = request->format != NULL ? request->format : "text";
    int code = EXIT_DONE;
    size_t i = 0, length = 0;
    char *text = NULL;
    FILE *all;

    while (i < 3 && strcmp(wanted, forms[i].name) != 0)
        i++;
    if (i == 3 || (i > 0 && count > 1)) {
        complain(i == 3 ? "link: --format is text, json or html, not '%s'"
                        : N_("link: --format %s explains one line at a time"),
                 wanted);
        return EXIT_USAGE;
    }
    all = open_memstream(&text, &length);
    if (all == NULL) {
        complain("link: out of memory");
        return EXIT_FAILED;
    }
    for (int k = 0; k < count && code == EXIT_DONE; k++)
        code = explain(specifications[k], forms[i].form, all);
    if (fclose(all) != 0 || text == NULL) { /* glibc 2.36 gives no more than NULL for lack of memory */
        complain("link: out of memory");
        code = EXIT_FAILED;
    } else if (code == EXIT_DONE && !write_output(request->output, text, length)) {
        code = EXIT_FAILED;
    }
    free(text);
    return code;
}

static bool
set_option(void *context, int code, const char *value)
{
    struct request *request = context;

    if (code == OPTION_SURVEY)
        request->survey = value;
    else if (code == OPTION_TECHNOLOGY)
        request->technology = value;
    else if (code == OPTION_FORMAT)
        request->format = value;
    else if (code == 'o')
        request->output = value;
    else if (code == 'q')
        request->quiet = true;
    return true;
}

static int
survey_lines(const struct request *request)
{
    const struct link_survey_request survey = {
        .input = request->survey,
        .technology = request->technology,
        .output = request->output,
        .json = request->format != NULL && strcmp(request->format, "json") == 0,
        .quiet = request->quiet,
    };

    if (request->format != NULL && !survey.json && strcmp(request->format, "csv") != 0) {
        complain("link --survey: --format is csv or json, not '%s'", request->format);
        return EXIT_USAGE;
    }
    return link_survey(&survey);
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {.technology = "adsl2+"};
    int code = read_options(command, &request, argc, argv);

    if (code >= 0)
        return code;
    if (request.survey != NULL && optind < argc) {
        complain("link: a table of lines and a line are two things: %s", argv[optind]);
        return EXIT_USAGE;
    }
    if (request.survey != NULL)
        return survey_lines(&request);
    if (optind == argc)
        return list_ladder();
    return explain_all(&request, argc - optind, argv + optind);
}

const struct command command_link = {
    .name = "link",
    .summary = N_("list the ladder of lines, or explain one"),
    .synopsis = N_("[SPEC…]\n--survey FILE [OPTION…]"),
    .description =
        N_("Without SPEC, list the ladder of ADSL-grade lines and the lines it is compared with. With "
           "SPEC, say in words and numbers what such a line is. With --survey, compute every line of "
           "a table.\n\n"
           "SPEC is a preset, or FAMILY:DOWN/UP in kbit/s, or FAMILY: and what is known of the pair of "
           "copper; options follow after commas. An attenuation is the French planning figure, at "
           "300 kHz; modem= is what a modem shows."),
    .options = options,
    .operand = value_link,
    .exits = N_("0 done, 2 wrong usage or specification, 3 some rows failed (the rest is done), 4 "
                "failed"),
    .examples = "netsuff link adsl-2m\n"
                "netsuff link adsl:2048/256,encap=pppoe-llc,delay=20ms,queue=fq_codel\n"
                "netsuff link adsl2+:loop=3.2km@0.4mm+1.1km@0.5mm,noise=-133,fext=4\n"
                "netsuff link adsl2+:attenuation=42dB\n"
                "netsuff link adsl2+:7400/900,modem=39.6dB,margin=8dB",
    .set = set_option,
    .run = run,
};
