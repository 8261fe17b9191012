/*
 * How much faster one file is read on two cores than on one, and what of its work lies where.
 *
 *     two-cores MAKE_CAPTURE|CAPTURE [BYTES]     (default 100000000)
 *
 * On one: everything in one thread. On two: a thread that reads ahead, the caller's, and nDPI's
 * child. Runs take turns, each in a process of its own; the fastest of each counts. Where other
 * work keeps the cores busy, wall time says little: the share of the busiest part in all processor
 * time then bounds what two idle cores can give.
 */
#include "figure.h"

#include <ruralnet/ruralnet.h>

#include <pcap/pcap.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS 7

struct result {
    double wall_s;
    double main_s;  /* processor time of the calling thread */
    double all_s;   /* of the process and its child */
    double child_s; /* of the child */
    uint64_t flows;
};

static void
die(const char *words)
{
    fprintf(stderr, "two-cores: %s\n", words);
    exit(1);
}

static double
now_s(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu_s(int who)
{
    struct rusage usage;

    getrusage(who, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Set-up of tables and of nDPI is left out: it is the same for any length of capture. */
static struct result
observe(const char *path, bool two)
{
    const struct rnet_classifier_options how = {.isolate_detection = two};
    struct rnet_observe_options options = {.threads = two ? 2 : 1, .flows.hash_seed = {1}};
    struct rnet_capture *capture;
    struct rnet_profile *profile;
    struct rnet_error err = {0};
    struct result result = {0};
    double before_s;

    if (rnet_classifier_new(&how, &options.classifier, &err) != RNET_OK ||
        rnet_capture_open(path, NULL, &capture, &err) != RNET_OK)
        die(err.message);
    before_s = cpu_s(RUSAGE_SELF);
    result.wall_s = now_s(CLOCK_MONOTONIC);
    result.main_s = now_s(CLOCK_THREAD_CPUTIME_ID);
    if (rnet_observe(capture, &options, &profile, &err) < RNET_OK)
        die(err.message);
    result.wall_s = now_s(CLOCK_MONOTONIC) - result.wall_s;
    result.main_s = now_s(CLOCK_THREAD_CPUTIME_ID) - result.main_s;
    result.all_s = cpu_s(RUSAGE_SELF) - before_s;
    rnet_classifier_free(options.classifier);
    result.child_s = cpu_s(RUSAGE_CHILDREN);
    result.all_s += result.child_s;
    result.flows = rnet_profile_get_summary(profile)->flows;
    return result;
}

static struct result
measure(const char *path, bool two)
{
    struct result result = {0};
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0)
        die("no pipe");
    child = fork();
    if (child == 0) {
        result = observe(path, two);
        _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &result, sizeof result) != sizeof result)
        die("a run failed");
    close(ends[0]);
    waitpid(child, NULL, 0);
    return result;
}

static void
compare(const char *path)
{
    struct result one = {0}, two = {0};
    double shared_s;

    for (int run = 0; run < RUNS; run++) {
        const struct result a = measure(path, false), b = measure(path, true);

        if (run == 0 || a.wall_s < one.wall_s)
            one = a;
        if (run == 0 || b.wall_s < two.wall_s)
            two = b;
    }
    shared_s = two.all_s / 2 > two.main_s ? two.all_s / 2 : two.main_s;
    printf("one core    %6.3f s wall, %6.3f s CPU\n", one.wall_s, one.all_s);
    printf("two cores   %6.3f s wall, %6.3f s CPU (%.2f times): flows and usages %.3f, nDPI %.3f,"
           " reading %.3f\n",
           two.wall_s, two.all_s, two.all_s / one.all_s, two.main_s, two.child_s,
           two.all_s - two.main_s - two.child_s);
    printf("speed-up    %6.2f (aim 1.6); by the CPU times, on idle cores, %.2f\n",
           one.wall_s / two.wall_s, one.all_s / shared_s);
    figure(one.wall_s / two.wall_s, "times", "more", "one file on two cores to one/wall clock");
    figure(one.all_s / shared_s, "times", "more", "one file on two cores to one/by CPU times");
    figure(two.all_s / one.all_s, "ratio", "less", "processor time on two cores to one");
    if (one.flows != two.flows)
        die("the results differ");
}

static void
make(const char *maker, const char *path, const char *bytes)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) != NULL)
            execl(maker, maker, path, "--bytes", bytes, (char *)NULL);
        _exit(127);
    }
    if (waitpid(child, &status, 0) < 0 || status != 0)
        die("the capture was not made");
}

static bool
is_capture(const char *path)
{
    char words[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, words);

    if (pcap != NULL)
        pcap_close(pcap);
    return pcap != NULL;
}

int
main(int argc, char **argv)
{
    char path[] = "/tmp/two-cores-XXXXXX";

    if (argc < 2) {
        fprintf(stderr, "usage: two-cores MAKE_CAPTURE|CAPTURE [BYTES]\n");
        return 2;
    }
    if (is_capture(argv[1])) {
        compare(argv[1]);
        return 0;
    }
    if (mkstemp(path) < 0)
        die("no temporary file");
    make(argv[1], path, argc > 2 ? argv[2] : "100000000");
    compare(path);
    unlink(path);
    return 0;
}
