/*
 * What it takes to make a profile of a long capture: CPU time, packets per second, peak memory.
 *
 *     observe CAPTURE [MEGABYTES]
 *
 * A child process writes the capture's packets over and over, each round later and from other
 * addresses, into a pipe until it has written that many megabytes (default 1000), so that a
 * gigabyte needs no disk and its making is not counted. Compared with reading the same pipe and
 * doing nothing.
 */
#include "figure.h"

#include <ruralnet/ruralnet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct source {
    uint8_t *bytes;
    size_t count;
};

static bool
load(const char *path, struct source *source)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return false;
    fseek(file, 0, SEEK_END);
    source->count = (size_t)ftell(file);
    rewind(file);
    source->bytes = malloc(source->count);
    source->count = fread(source->bytes, 1, source->count, file);
    fclose(file);
    return source->count > 24;
}

static uint32_t
get32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, 4);
    return value;
}

/* Round r: r * 200 s later; the third byte of both IPv4 addresses tells rounds apart. */
static void
write_round(FILE *out, const struct source *source, uint32_t round)
{
    static uint8_t record[16 + 65536];

    for (size_t at = 24; at + 16 <= source->count;) {
        const uint32_t captured = get32(source->bytes + at + 8);
        const uint32_t seconds = get32(source->bytes + at) + round * 200;

        if (captured > 65536 || at + 16 + captured > source->count)
            break;
        memcpy(record, source->bytes + at, 16 + captured);
        memcpy(record, &seconds, 4);
        if (captured >= 34 && record[16 + 12] == 0x08 && record[16 + 13] == 0) {
            record[16 + 28] = (uint8_t)(record[16 + 28] + round);
            record[16 + 32] = (uint8_t)(record[16 + 32] + round);
        }
        fwrite(record, 1, 16 + captured, out);
        at += 16 + captured;
    }
}

/* A pipe that will carry about `bytes` of capture. */
static int
start_writer(const struct source *source, uint64_t bytes, pid_t *child)
{
    int ends[2];

    if (pipe(ends) != 0)
        return -1;
    *child = fork();
    if (*child == 0) {
        FILE *out = fdopen(ends[1], "wb");

        close(ends[0]);
        setvbuf(out, NULL, _IOFBF, 1 << 20);
        fwrite(source->bytes, 1, 24, out);
        for (uint64_t written = 0, round = 0; written < bytes; written += source->count, round++)
            write_round(out, source, (uint32_t)round);
        fclose(out);
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

static double
cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long
peak_kilobytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

enum work { WORK_READ, WORK_FLOWS, WORK_PROFILE };

/* Read, and count in flows if wanted; the packets. */
static uint64_t
read_packets(struct rnet_capture *capture, enum work work)
{
    const struct rnet_flow_sink sink = {.context = NULL}; /* nobody listens */
    struct rnet_flow_table *table = NULL;
    struct rnet_packet packet;
    struct rnet_headers headers;
    uint64_t packets = 0;

    if (work == WORK_FLOWS && rnet_flow_table_new(NULL, &sink, &table) != RNET_OK)
        exit(1);
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        packets++;
        if (table != NULL && rnet_packet_decode(&packet, &headers, NULL) == RNET_OK &&
            rnet_flow_table_add(table, &headers, NULL) != RNET_OK)
            exit(1);
    }
    if (table != NULL && rnet_flow_table_finish(table) != RNET_OK)
        exit(1);
    rnet_flow_table_free(table);
    return packets;
}

/* Packets read; the profile's flows where one was made. */
static uint64_t
run(const struct source *source, uint64_t bytes, enum work work, double *cpu, uint64_t *flows)
{
    struct rnet_capture *capture;
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    char path[32];
    uint64_t packets = 0;
    pid_t child = 0;
    const int fd = start_writer(source, bytes, &child);
    const double before = cpu_seconds();

    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    if (rnet_capture_open(path, NULL, &capture, &err) != RNET_OK) {
        fprintf(stderr, "observe: %s\n", err.message);
        exit(1);
    }
    if (work == WORK_PROFILE && rnet_observe(capture, NULL, &profile, &err) >= RNET_OK) {
        packets = rnet_profile_get_summary(profile)->packets;
        *flows = rnet_profile_get_summary(profile)->flows;
    }
    if (work != WORK_PROFILE)
        packets = read_packets(capture, work);
    *cpu = cpu_seconds() - before;
    rnet_capture_close(capture);
    rnet_profile_free(profile);
    close(fd);
    waitpid(child, NULL, 0);
    return packets;
}

/* Tables of usages read and prepared. */
static double
set_up_seconds(void)
{
    const struct rnet_classifier_options options = {.no_dpi = true};
    const double before = cpu_seconds();
    struct rnet_classifier *classifier;

    if (rnet_classifier_new(&options, &classifier, NULL) != RNET_OK)
        exit(1);
    rnet_classifier_free(classifier);
    return cpu_seconds() - before;
}

int
main(int argc, char **argv)
{
    struct source source;
    const uint64_t bytes = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1000) * 1000000;
    uint64_t packets, flows = 0;
    double read_cpu, flows_cpu, start_cpu, cpu;
    long floor_kilobytes;

    if (argc < 2 || !load(argv[1], &source)) {
        fprintf(stderr, "usage: observe CAPTURE [MEGABYTES]\n");
        return 2;
    }
    packets = run(&source, bytes, WORK_READ, &read_cpu, &flows);
    floor_kilobytes = peak_kilobytes();
    printf("read only   %10" PRIu64 " packets  %7.2f CPU s  %6.2f M packets/CPU s  peak %6.1f MB\n",
           packets, read_cpu, (double)packets / read_cpu / 1e6, (double)floor_kilobytes / 1000);
    run(&source, bytes, WORK_FLOWS, &flows_cpu, &flows);
    start_cpu = set_up_seconds();
    packets = run(&source, bytes, WORK_PROFILE, &cpu, &flows);
    printf("profile     %10" PRIu64
           " packets  %7.2f CPU s  %6.2f M packets/CPU s  peak %6.1f MB  %" PRIu64 " flows\n",
           packets, cpu, (double)packets / cpu / 1e6, (double)peak_kilobytes() / 1000, flows);
    printf("decode and flow table / read only: %.1f times the CPU (aim 2.2)\n",
           flows_cpu / read_cpu);
    printf("profile / read only: %.1f times the CPU (aim 4)\n", cpu / read_cpu);
    printf("set-up without nDPI: %.1f ms (aim 10)\n", start_cpu * 1e3);
    figure(flows_cpu / read_cpu, "ratio", "less", "flow table of read only");
    figure(start_cpu * 1e3, "ms", "less", "set-up without nDPI");
    figure((double)packets / cpu, "packets/CPU-s", "more", "packets per CPU second/profile");
    figure((double)packets / read_cpu, "packets/CPU-s", "more", "packets per CPU second/read only");
    figure(cpu / read_cpu, "ratio", "less", "profile of read only");
    figure((double)peak_kilobytes() / 1024, "MiB", "less", "peak memory");
    free(source.bytes);
    return 0;
}
