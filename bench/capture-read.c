/*
 * What reading costs: libpcap alone (pcap_loop), rnet_capture_next(), and with
 * rnet_packet_decode(); and whether memory depends on the file's size. Each run is a child process
 * of its own; runs of the readers take turns; CPU seconds are user + system.
 *
 *     capture-read MAKE_CAPTURE [BYTES]      (default 100000000; also a tenth of it)
 */
#include "figure.h"

#include <ruralnet/capture.h>

#include <pcap/pcap.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 7

struct result {
    double cpu_s;
    long peak_kib;
    uint64_t packets;
    uint64_t checksum;
};

static void
count_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *data)
{
    struct result *result = (struct result *)(void *)user;

    result->packets++;
    result->checksum += header->len + data[0];
}

static void
read_bare(const char *path, struct result *result)
{
    char words[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, words);

    if (pcap == NULL)
        _exit(4);
    pcap_loop(pcap, -1, count_packet, (u_char *)result);
    pcap_close(pcap);
}

static void
read_ours(const char *path, struct result *result)
{
    struct rnet_capture *capture;
    struct rnet_packet packet;

    if (rnet_capture_open(path, NULL, &capture, NULL) != RNET_OK)
        _exit(4);
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        result->packets++;
        result->checksum += packet.wire_bytes + packet.data[0];
    }
    rnet_capture_close(capture);
}

static void
read_decoded(const char *path, struct result *result)
{
    struct rnet_capture *capture;
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_notices notices = {0};

    if (rnet_capture_open(path, NULL, &capture, NULL) != RNET_OK)
        _exit(4);
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        result->packets++;
        if (rnet_packet_decode(&packet, &headers, &notices) == RNET_OK)
            result->checksum += headers.payload_bytes + headers.source_port;
    }
    rnet_capture_close(capture);
}

static const struct {
    const char *name;
    void (*read)(const char *path, struct result *result);
} readers[] = {
    {"bare pcap_loop", read_bare},
    {"rnet_capture_next", read_ours},
    {"rnet_capture_next + rnet_packet_decode", read_decoded},
};
#define READERS (sizeof readers / sizeof readers[0])

static struct result
run_child(size_t reader, const char *path)
{
    struct result result = {0};
    int ends[2];
    struct rusage usage;
    pid_t child;

    if (pipe(ends) != 0 || (child = fork()) < 0)
        exit(4);
    if (child == 0) {
        readers[reader].read(path, &result);
        getrusage(RUSAGE_SELF, &usage);
        result.cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
        result.peak_kib = usage.ru_maxrss;
        _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 4);
    }
    close(ends[1]);
    if (read(ends[0], &result, sizeof result) != sizeof result)
        exit(4);
    close(ends[0]);
    waitpid(child, NULL, 0);
    return result;
}

static int
by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
measure(const char *path, unsigned long long size)
{
    double cpu_s[READERS][RUNS];
    struct result last[READERS];

    for (int run = 0; run < RUNS; run++)
        for (size_t i = 0; i < READERS; i++) {
            last[i] = run_child(i, path);
            cpu_s[i][run] = last[i].cpu_s;
        }
    for (size_t i = 0; i < READERS; i++) {
        qsort(cpu_s[i], RUNS, sizeof cpu_s[i][0], by_value);
        printf("%-40s %6.1f ns/packet (%.1f-%.1f)  %5.2f Mpackets/s  %.2f x pcap_loop  peak %ld KiB"
               "  [%llu]\n",
               readers[i].name, cpu_s[i][RUNS / 2] * 1e9 / (double)last[i].packets,
               cpu_s[i][0] * 1e9 / (double)last[i].packets,
               cpu_s[i][RUNS - 1] * 1e9 / (double)last[i].packets,
               (double)last[i].packets / cpu_s[i][RUNS / 2] / 1e6,
               cpu_s[i][RUNS / 2] / cpu_s[0][RUNS / 2], last[i].peak_kib,
               (unsigned long long)last[i].checksum);
        figure(cpu_s[i][RUNS / 2] * 1e9 / (double)last[i].packets, "ns/packet", "less",
               "reading %llu MB/%s", size / 1000000, readers[i].name);
        if (i > 0)
            figure(cpu_s[i][RUNS / 2] / cpu_s[0][RUNS / 2], "ratio", "less",
                   "reading %llu MB of the loop/%s", size / 1000000, readers[i].name);
    }
}

int
main(int argc, char **argv)
{
    const unsigned long long bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000000;
    char path[] = "/tmp/rnet-bench-XXXXXX";
    const int fd = mkstemp(path);

    if (argc < 2 || fd < 0)
        return 2;
    close(fd);
    for (unsigned long long size = bytes / 10; size <= bytes; size += bytes - bytes / 10) {
        char command[4096];

        printf("%llu bytes: ", size);
        fflush(stdout);
        snprintf(command, sizeof command, "'%s' %s --bytes %llu 2>&1", argv[1], path, size);
        if (system(command) != 0)
            return 4;
        measure(path, size);
    }
    unlink(path);
    return 0;
}
