/*
 * Simulated packets per CPU second on bulk TCP: twenty CUBIC downloads share 8/1 Mbit/s, 20 ms and
 * 64 KB of drop-tail buffer, the dumbbell that ns-3 was measured on. Then six lines
 * on one thread and on two.
 *
 *     build/bench/replay-speed [SIMULATED_SECONDS]
 */
#include "figure.h"

#include <ruralnet/replay.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define FLOWS 20
#define LINES 6
#define REPEATS 7
#define SECOND INT64_C(1000000000)

static struct rnet_conversation conversations[FLOWS];
static struct rnet_message messages[FLOWS];
static struct rnet_demand demand;

static void
make_demand(int64_t seconds)
{
    for (uint32_t i = 0; i < FLOWS; i++) {
        const int64_t start_ns = (int64_t)i * 50000000; /* one after the other, 50 ms apart */

        conversations[i] = (struct rnet_conversation){.start_ns = start_ns,
                                                      .end_ns = start_ns,
                                                      .rtt_internet_ns = 2000000,
                                                      .rtt_office_ns = -1,
                                                      .first_item = i,
                                                      .items = 1,
                                                      .flags = RNET_CONVERSATION_HANDSHAKE_SEEN |
                                                               RNET_CONVERSATION_TIMESTAMPS};
        messages[i] = (struct rnet_message){.start_ns = start_ns,
                                            .end_ns = start_ns,
                                            .bytes = UINT64_C(1) << 34,
                                            .direction = RNET_DOWN,
                                            .release = RNET_RELEASE_OPEN};
    }
    demand = (struct rnet_demand){.conversations = conversations,
                                  .messages = messages,
                                  .conversation_count = FLOWS,
                                  .message_count = FLOWS,
                                  .end_ns = seconds * SECOND};
}

static struct rnet_link
dumbbell(void)
{
    struct rnet_link link = {.framing = RNET_FRAMING_IP, .overhead_bytes = 2, .mtu_bytes = 1500};

    link.direction[RNET_DOWN].rate_bps = 8000000;
    link.direction[RNET_UP].rate_bps = 1000000;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        link.direction[d].delay_ns = 20000000;
        link.direction[d].buffer_bytes = 65536;
    }
    return link;
}

static double
clock_s(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* One thread's lines, and the CPU time they took it. */
struct share {
    int lines;
    double cpu_s;
};

static void *
run_lines(void *argument)
{
    struct share *share = argument;
    const double begun_s = clock_s(CLOCK_THREAD_CPUTIME_ID);
    const struct rnet_replay_options options = {.max_time_ns = 1};
    struct rnet_outcomes outcomes = {0};
    const struct rnet_link link = dumbbell();

    for (int i = 0; i < share->lines; i++)
        rnet_replay_run(&demand, &link, &options, &outcomes, NULL);
    rnet_outcomes_clear(&outcomes);
    share->cpu_s = clock_s(CLOCK_THREAD_CPUTIME_ID) - begun_s;
    return NULL;
}

/* The clock's time for all lines, and the busiest thread's CPU time: the same on idle cores. */
static double
wall_s(int threads, double *busiest_s)
{
    pthread_t others[LINES];
    struct share shares[LINES];
    const double begun_s = clock_s(CLOCK_MONOTONIC);
    double took_s;

    for (int i = 0; i < threads; i++)
        shares[i].lines = LINES / threads;
    for (int i = 1; i < threads; i++)
        pthread_create(&others[i], NULL, run_lines, &shares[i]);
    run_lines(&shares[0]);
    for (int i = 1; i < threads; i++)
        pthread_join(others[i], NULL);
    took_s = clock_s(CLOCK_MONOTONIC) - begun_s;
    *busiest_s = 0;
    for (int i = 0; i < threads; i++)
        *busiest_s = shares[i].cpu_s > *busiest_s ? shares[i].cpu_s : *busiest_s;
    return took_s;
}

static int
by_value(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static double
median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

int
main(int argc, char **argv)
{
    const int64_t seconds = argc > 1 ? atoi(argv[1]) : 300;
    const struct rnet_replay_options options = {.max_time_ns = 1};
    const struct rnet_link link = dumbbell();
    struct rnet_outcomes outcomes = {0};
    double took_s[REPEATS], one_s[REPEATS], two_s[REPEATS], one_cpu_s[REPEATS], two_cpu_s[REPEATS];
    struct rusage usage;

    make_demand(seconds);
    for (int r = 0; r < REPEATS; r++) {
        const double begun_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);

        rnet_replay_run(&demand, &link, &options, &outcomes, NULL);
        took_s[r] = clock_s(CLOCK_PROCESS_CPUTIME_ID) - begun_s;
        one_s[r] = wall_s(1, &one_cpu_s[r]);
        two_s[r] = wall_s(2, &two_cpu_s[r]);
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("simulated                %10" PRId64 " s, %d flows\n", seconds, FLOWS);
    printf("packets on the line      %10" PRIu64 " (%" PRIu64 " down, %" PRIu64 " up, %" PRIu64
           " dropped)\n",
           outcomes.packets, outcomes.line[RNET_DOWN].packets_in, outcomes.line[RNET_UP].packets_in,
           outcomes.line[RNET_DOWN].packets_dropped + outcomes.line[RNET_UP].packets_dropped);
    printf("goodput                  %10.3f Mbit/s\n",
           (double)outcomes.line[RNET_DOWN].bytes_out * 8e-6 / (double)seconds * 1448 / 1500);
    printf("CPU time, median of %d    %10.4f s\n", REPEATS, median(took_s, REPEATS));
    printf("packets per CPU second   %10.0f\n", (double)outcomes.packets / median(took_s, REPEATS));
    printf("events per CPU second    %10.0f (%.2f per packet)\n",
           (double)outcomes.events / median(took_s, REPEATS),
           (double)outcomes.events / (double)outcomes.packets);
    printf("six lines                %10.3f s on one thread, %.3f s on two: %.2f times as fast\n",
           median(one_s, REPEATS), median(two_s, REPEATS),
           median(one_s, REPEATS) / median(two_s, REPEATS));
    printf("                         %10.3f CPU s of one thread, %.3f of the busier of two: %.2f "
           "times as fast on idle cores\n",
           median(one_cpu_s, REPEATS), median(two_cpu_s, REPEATS),
           median(one_cpu_s, REPEATS) / median(two_cpu_s, REPEATS));
    printf("resident set             %10ld KiB at most\n", usage.ru_maxrss);
    figure((double)outcomes.packets / median(took_s, REPEATS), "packets/CPU-s", "more",
           "20 downloads/replayed");
    figure(median(one_s, REPEATS) / median(two_s, REPEATS), "times", "more",
           "six lines on two threads/speed-up");
    figure((double)usage.ru_maxrss / 1024, "MiB", "less", "peak memory");
    rnet_outcomes_clear(&outcomes);
    return EXIT_SUCCESS;
}
