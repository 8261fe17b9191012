/*
 * What an hour of an office costs over the ladder, and whether cost and memory stay linear: eight
 * people each open a page of 1.5 MB on six connections every two minutes, two calls of twenty
 * minutes, an upload of 20 MB. Then two and four such hours.
 *
 *     build/bench/replay-office [HOURS]
 */
#include "figure.h"

#include <ruralnet/link.h>
#include <ruralnet/replay.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)
#define PEOPLE 8
#define PAGE_EVERY_S 120
#define CONNECTIONS 6
#define EXCHANGES 5
#define OBJECT_BYTES 50000
#define CALLS 2
#define CALL_S 1200
#define CALL_EVERY_MS 20
#define UPLOAD_BYTES 20000000

static int
by_start(const void *a, const void *b)
{
    const struct rnet_conversation *left = a;
    const struct rnet_conversation *right = b;

    return (left->start_ns > right->start_ns) - (left->start_ns < right->start_ns);
}

static struct rnet_conversation *
add_connection(struct rnet_demand *demand, int64_t start_ns)
{
    struct rnet_conversation *c = &demand->conversations[demand->conversation_count++];

    *c = (struct rnet_conversation){.start_ns = start_ns,
                                    .end_ns = start_ns + SECOND,
                                    .rtt_internet_ns = 20 * MS,
                                    .rtt_office_ns = -1,
                                    .first_item = (uint32_t)demand->message_count,
                                    .usage = RNET_USAGE_WEB,
                                    .flags = RNET_CONVERSATION_HANDSHAKE_SEEN |
                                             RNET_CONVERSATION_TIMESTAMPS};
    return c;
}

static void
add_exchange(struct rnet_demand *demand, struct rnet_conversation *c, uint64_t asked,
             uint64_t answered)
{
    const uint64_t bytes[] = {asked, answered};

    for (int d = 0; d < 2; d++) {
        struct rnet_message *message = &demand->messages[demand->message_count++];

        *message = (struct rnet_message){.start_ns = c->start_ns,
                                         .end_ns = c->start_ns,
                                         .wait_ns = 5 * MS,
                                         .bytes = bytes[d],
                                         .direction = d == 0 ? RNET_UP : RNET_DOWN,
                                         .release = c->items == 0 ? RNET_RELEASE_OPEN
                                                                  : RNET_RELEASE_DELIVERY,
                                         .after_message = c->items == 0 ? 0 : c->items - 1};
        c->items++;
    }
}

static void
add_page(struct rnet_demand *demand, int64_t start_ns)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        struct rnet_conversation *c = add_connection(demand, start_ns + i * 10 * MS);

        for (int k = 0; k < EXCHANGES; k++)
            add_exchange(demand, c, 500, OBJECT_BYTES);
    }
}

static void
add_call(struct rnet_demand *demand, int64_t start_ns)
{
    struct rnet_conversation *c = add_connection(demand, start_ns);

    c->transport = RNET_TRANSPORT_OPEN;
    c->usage = RNET_USAGE_VOIP;
    c->end_ns = start_ns + CALL_S * SECOND;
    c->first_item = (uint32_t)demand->datagram_count;
    for (int64_t t_ms = 0; t_ms < CALL_S * 1000; t_ms += CALL_EVERY_MS)
        for (uint8_t d = 0; d < RNET_DIRECTIONS; d++) {
            demand->datagrams[demand->datagram_count++] = (struct rnet_datagram){
                .time_ns = start_ns + t_ms * MS, .ip_bytes = 200, .direction = d};
            c->items++;
        }
}

static void
make_office(struct rnet_demand *demand, int64_t hours)
{
    const size_t pages = (size_t)(hours * 3600 / PAGE_EVERY_S) * PEOPLE;
    const size_t calls = (size_t)hours * CALLS;

    *demand = (struct rnet_demand){.end_ns = hours * 3600 * SECOND};
    demand->conversations =
        calloc(pages * CONNECTIONS + calls + (size_t)hours, sizeof *demand->conversations);
    demand->messages = calloc((pages * CONNECTIONS * EXCHANGES + (size_t)hours) * 2,
                              sizeof *demand->messages);
    demand->datagrams =
        calloc(calls * CALL_S * 1000 / CALL_EVERY_MS * 2, sizeof *demand->datagrams);
    if (demand->conversations == NULL || demand->messages == NULL || demand->datagrams == NULL)
        abort();
    for (size_t i = 0; i < pages; i++)
        add_page(demand, (int64_t)i * PAGE_EVERY_S * SECOND / PEOPLE);
    for (int64_t h = 0; h < hours; h++) {
        for (int64_t i = 0; i < CALLS; i++)
            add_call(demand, h * 3600 * SECOND + i * 600 * SECOND);
        add_exchange(demand, add_connection(demand, h * 3600 * SECOND + 900 * SECOND),
                     UPLOAD_BYTES, 500);
    }
    qsort(demand->conversations, demand->conversation_count, sizeof *demand->conversations,
          by_start);
    for (size_t i = 0; i < demand->conversation_count; i++)
        for (uint32_t k = 0;
             demand->conversations[i].transport == RNET_TRANSPORT_TCP &&
             k < demand->conversations[i].items;
             k++)
            demand->messages[demand->conversations[i].first_item + k].after_conversation =
                (uint32_t)i;
}

static double
cpu_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* CPU seconds of the whole ladder; packets and (when wanted) a row per line. */
static double
replay_ladder(const struct rnet_demand *demand, bool print, uint64_t *packets)
{
    const double begun_s = cpu_s();
    struct rnet_outcomes outcomes = {0};
    struct rnet_error err = {0};

    *packets = 0;
    for (size_t i = 0; rnet_link_ladder(i) != NULL; i++) {
        const double line_begun_s = cpu_s();
        struct rnet_link link;

        if (rnet_link_parse(rnet_link_ladder(i), &link, &err) != RNET_OK ||
            rnet_replay_run(demand, &link, NULL, &outcomes, &err) < RNET_OK) {
            fprintf(stderr, "%s: %s\n", rnet_link_ladder(i), err.message);
            exit(EXIT_FAILURE);
        }
        *packets += outcomes.packets;
        if (print)
            printf("%-12s %10" PRIu64 " packets %8.3f CPU s, down %3.0f %% busy\n",
                   rnet_link_ladder(i), outcomes.packets, cpu_s() - line_begun_s,
                   100 * (double)outcomes.line[RNET_DOWN].busy_ns / (double)outcomes.end_ns);
    }
    rnet_outcomes_clear(&outcomes);
    return cpu_s() - begun_s;
}

int
main(int argc, char **argv)
{
    const int64_t most = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 4;

    for (int64_t hours = 1; hours <= most; hours *= 2) {
        struct rnet_demand demand;
        struct rusage usage;
        uint64_t packets;
        double took_s;

        make_office(&demand, hours);
        if (rnet_demand_check(&demand, NULL) != RNET_OK)
            return EXIT_FAILURE;
        took_s = replay_ladder(&demand, hours == 1, &packets);
        getrusage(RUSAGE_SELF, &usage);
        printf("%" PRId64 " h over the ladder %10" PRIu64 " packets %8.3f CPU s, %.2f million "
               "packets per CPU s, %ld KiB resident at most\n",
               hours, packets, took_s, (double)packets * 1e-6 / took_s, usage.ru_maxrss);
        figure((double)packets / took_s, "packets/CPU-s", "more", "ladder/%" PRId64 " h", hours);
        figure((double)usage.ru_maxrss / 1024, "MiB", "less", "peak memory/%" PRId64 " h", hours);
        rnet_demand_clear(&demand);
    }
    return EXIT_SUCCESS;
}
