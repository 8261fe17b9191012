/* netsuff link: the ladder of lines, or one line explained. */
#include "commands.h"
#include "link-survey.h"
#include "options.h"

#include <inttypes.h>
#include <string.h>

static void
print_help(void)
{
    puts("Usage: netsuff link [SPEC…]\n"
         "       netsuff link --survey TABLE [OPTION…]\n\n"
         "Without SPEC, list the ladder of ADSL-grade lines and the lines it is compared with.\n"
         "With SPEC, say in words and numbers what such a line is. With --survey, compute every\n"
         "line of a table.\n\n"
         "SPEC is a preset, or FAMILY:DOWN/UP in kbit/s, or FAMILY: and what is known of the\n"
         "pair of copper; options follow after commas:\n\n"
         "  netsuff link adsl-2m\n"
         "  netsuff link adsl:2048/256,encap=pppoe-llc,delay=20ms,buffer=64kB,queue=fq_codel\n"
         "  netsuff link adsl2+:loop=3.2km@0.4mm+1.1km@0.5mm,noise=-133,fext=4\n"
         "  netsuff link adsl2+:attenuation=42dB     French planning figure, at 300 kHz\n"
         "  netsuff link adsl2+:7400/900,modem=39.6dB,margin=8dB     as a modem shows\n\n"
         "  --survey TABLE     comma-separated values with a heading; - is standard input.\n"
         "                     Columns: id, technology; length_m (or length_km) and gauge, or\n"
         "                     loop, attenuation, modem, sync_down and sync_up, or\n"
         "                     specification; noise, fext, next, margin, gain, cap, rate\n"
         "  --technology NAME  of rows that name none (adsl2+)\n"
         "  --format FORM      of a survey: csv or json (csv)\n"
         "  -o, --output FILE  write there instead of standard output\n"
         "  -q, --quiet        nothing on standard error but what stops the work\n\n"
         "Exit: 0 done, 2 wrong usage or specification, 3 some rows failed (the rest is\n"
         "done), 4 failed.");
}

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
    printf("%-10s %9" PRIu64 " %8" PRIu64 " %9.0f %8.0f %8.1f %9.0f\n", link->name,
           link->direction[RNET_DOWN].rate_bps / 1000, link->direction[RNET_UP].rate_bps / 1000,
           ip_kbps(link, RNET_DOWN), ip_kbps(link, RNET_UP),
           (double)(link->direction[RNET_DOWN].delay_ns + link->direction[RNET_UP].delay_ns) / 1e6,
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
    puts("ADSL-grade lines, the ladder 'netsuff analyse' tries:\n\n"
         "           kbit/s of sync     kbit/s of IP      delay   full up-\n"
         "name            down       up      down       up  both ms  buffer ms");
    if (!print_presets(rnet_link_ladder))
        return EXIT_FAILED;
    puts("\nFor comparison:");
    if (!print_presets(rnet_link_comparison))
        return EXIT_FAILED;
    puts("\nIP rates are what full packets leave of the sync rate.\n"
         "'netsuff link NAME' explains a line.");
    return EXIT_DONE;
}

static const char *
framing_words(enum rnet_framing framing)
{
    switch (framing) {
    case RNET_FRAMING_ATM:
        return "ATM cells (53 bytes for every 48 begun)";
    case RNET_FRAMING_PTM:
        return "PTM (65 bytes for 64)";
    case RNET_FRAMING_ETHERNET:
        return "Ethernet frames";
    case RNET_FRAMING_IP:
        break;
    }
    return "IP packets as they are";
}

static void
explain_direction(const struct rnet_link *link, enum rnet_direction direction)
{
    const struct rnet_link_direction *way = &link->direction[direction];

    printf("%s:\n", direction == RNET_UP ? "Up" : "Down");
    printf("  sync rate            %" PRIu64 " kbit/s\n", way->rate_bps / 1000);
    if (way->shaper_bps > 0)
        printf("  shaped to            %" PRIu64 " kbit/s\n", way->shaper_bps / 1000);
    printf("  IP in full packets   %.0f kbit/s\n", ip_kbps(link, direction));
    printf("  largest packet takes %.1f ms, an acknowledgement %.2f ms\n",
           largest_packet_ms(link, direction),
           (double)rnet_link_service_ns(link, direction, 52) / 1e6);
    printf("  delay of the line    %.1f ms one way\n", (double)way->delay_ns / 1e6);
    if (way->buffer_bytes > 0 || way->buffer_packets > 0)
        printf("  a full buffer adds   %.0f ms\n", full_buffer_ms(link, direction));
    else
        puts("  buffer               without a limit of its own");
    if (way->loss_ratio > 0)
        printf("  loss                 %g %%\n", way->loss_ratio * 100);
    if (way->backhaul_bps > 0)
        printf("  backhaul behind      %" PRIu64 " kbit/s, %.0f %% used by others\n",
               way->backhaul_bps / 1000, way->backhaul_load * 100);
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

static int
explain(const char *specification)
{
    struct rnet_link link;
    struct rnet_error err = {0};

    if (rnet_link_parse(specification, &link, &err) != RNET_OK) {
        complain("link: %s", err.message);
        point_at(specification, err.position);
        return EXIT_USAGE;
    }
    printf("%s: %s\n", link.name, link.specification);
    printf("Carried in %s.\n%" PRIu32 " bytes of overhead per packet; packets up to %" PRIu32
           " bytes;\n%s.\n",
           framing_words(link.framing), link.overhead_bytes, link.mtu_bytes,
           link.queue == RNET_QUEUE_FQ_CODEL ? "a fair queue with controlled delay (fq_codel)"
                                             : "one queue, first in first out");
    explain_direction(&link, RNET_DOWN);
    explain_direction(&link, RNET_UP);
    return EXIT_DONE;
}

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

int
cmd_link(int argc, char **argv)
{
    static const struct option options[] = {
        {"survey", required_argument, NULL, OPTION_SURVEY},
        {"technology", required_argument, NULL, OPTION_TECHNOLOGY},
        {"format", required_argument, NULL, OPTION_FORMAT},
        {"output", required_argument, NULL, 'o'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static const struct option_set set = {"link", options, set_option, print_help};
    struct request request = {.technology = "adsl2+"};
    int code = read_option_set(&set, &request, argc, argv);

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
    code = EXIT_DONE;
    for (int i = optind; i < argc && code == EXIT_DONE; i++)
        code = explain(argv[i]);
    return code;
}
