/* netsuff link: the ladder of lines, or one line explained. */
#include "commands.h"

#include <inttypes.h>
#include <string.h>

static void
print_help(void)
{
    puts("Usage: netsuff link [SPEC…]\n\n"
         "Without SPEC, list the ladder of ADSL-grade lines and the lines it is compared with.\n"
         "With SPEC, say in words and numbers what such a line is.\n\n"
         "SPEC is a preset, or FAMILY:DOWN/UP in kbit/s with options after commas:\n\n"
         "  netsuff link adsl-2m\n"
         "  netsuff link adsl:2048/256,encap=pppoe-llc,delay=20ms,buffer=64kB,queue=fq_codel\n"
         "  netsuff link ethernet:300000/300000,delay=4ms\n\n"
         "Exit: 0 done, 2 wrong usage or specification.");
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

static int
explain(const char *specification)
{
    struct rnet_link link;
    struct rnet_error err = {0};

    if (rnet_link_parse(specification, &link, &err) != RNET_OK) {
        complain("link %s: %s", specification, err.message);
        if (err.position > 0)
            fprintf(stderr, "  %s\n  %*s\n", specification, (int)err.position, "^");
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

int
cmd_link(int argc, char **argv)
{
    static const char *const options[] = {"--help"};
    int code = EXIT_DONE;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            return EXIT_DONE;
        }
        if (argv[i][0] == '-')
            return refuse_option("link", argv[i], options, 1);
    }
    if (argc == 1)
        return list_ladder();
    for (int i = 1; i < argc && code == EXIT_DONE; i++)
        code = explain(argv[i]);
    return code;
}
