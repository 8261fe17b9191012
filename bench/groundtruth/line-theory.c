/*
 * The emulated line against theory: serialisation, queueing delay, drop counts, the mean wait of an
 * M/D/1 queue, and what fq_codel promises a sparse flow. Virtual time, so exact and quick. The model
 * is what line.c moves real packets through. Any disagreement fails the benchmark.
 */
#include "../figure.h"
#include "line.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static int wrong;

static void
check(const char *what, double got, double expected, double tolerance)
{
    const bool fine = fabs(got - expected) <= tolerance;

    printf("%-60s %12.4f expected %12.4f ± %-8.4g %s\n", what, got, expected, tolerance,
           fine ? "" : "DIFFERS");
    figure(got - expected, "of the unit", "neither", "difference from theory/%s", what);
    wrong += !fine;
}

static struct packet *
make(uint32_t bytes, uint8_t flow)
{
    struct packet *packet = calloc(1, sizeof *packet + bytes);

    if (packet == NULL)
        exit(4);
    packet->bytes = bytes;
    packet->data[0] = 0x45;
    packet->data[9] = 17;
    packet->data[15] = flow;
    return packet;
}

static void
set_up(struct way *way, const char *name)
{
    struct line_spec spec;

    if (!line_parse(name, &spec) || !way_init(way, &spec, 1))
        exit(4);
}

/* Cells counted by hand: (IP + 40) / 48 rounded up, 424 bits each. */
static void
serialisation(void)
{
    static const struct {
        uint32_t bytes;
        int cells;
    } sizes[] = {{40, 2}, {56, 2}, {57, 3}, {200, 5}, {1492, 32}};
    struct way way;

    set_up(&way, "adsl:1024/128,20,64k");
    for (int i = 0; i < 5; i++) {
        char words[40];

        snprintf(words, sizeof words, "serialisation of %u bytes, ms", sizes[i].bytes);
        check(words, (double)way_serialisation_ns(&way, sizes[i].bytes) * 1e-6,
              sizes[i].cells * 424 / 1024.0, 1e-5);
    }
    way_clear(&way);
}

/* A burst larger than the buffer: what fits, how long the last of it waits, what is lost. */
static void
burst(void)
{
    struct packet *packet;
    struct way way;
    int64_t last_ns = 0;
    int out = 0;

    set_up(&way, "adsl:1024/128,20,32k");
    for (int i = 0; i < 100; i++)
        way_put(&way, make(1492, 1), 0);
    check("packets of a burst dropped", (double)way.dropped, 100 - 32768 / 1492, 0);
    for (; (packet = way_take(&way, 100 * SECOND)) != NULL; out++) {
        last_ns = packet->due_ns;
        free(packet);
    }
    check("packets of a burst delivered", out, 32768 / 1492, 0);
    check("arrival of its last, ms", (double)last_ns * 1e-6, 21 * 32 * 424 / 1024.0 + 20, 1e-3);
    check("longest queueing delay, ms", (double)way.max_queue_ns * 1e-6, 20 * 32 * 424 / 1024.0, 1e-3);
    way_clear(&way);
}

/* Steady arrivals above the rate: the long-run loss is what does not fit through. */
static void
overload(void)
{
    const int64_t gap_ns = 10 * MS; /* 13.25 ms each to send */
    struct packet *packet;
    struct way way;
    const int sent = 20000;

    set_up(&way, "adsl:1024/128,0,64k");
    for (int i = 0; i < sent; i++) {
        way_put(&way, make(1492, 1), i * gap_ns);
        while ((packet = way_take(&way, i * gap_ns)) != NULL)
            free(packet);
    }
    check("loss under steady overload, %", 100.0 * (double)way.dropped / sent, 100 * (1 - 10 / 13.25),
          0.3); /* one buffer of 43 packets in 20000 */
    way_clear(&way);
}

/* Poisson arrivals at load 0.7: the mean wait of M/D/1 is service * load / (2 (1 - load)). */
static void
random_arrivals(void)
{
    const double service_ms = 5 * 424 / 1024.0, load = 0.7;
    double at_ns = 0, waited_ms = 0;
    uint64_t state = 1, count = 0;
    struct packet *packet;
    struct way way;

    set_up(&way, "adsl:1024/128,0,1000k");
    for (int i = 0; i < 400000; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        at_ns -= log(((double)(state >> 11) + 1) / 9007199254740993.0) * service_ms / load * 1e6;
        way_put(&way, make(200, 1), (int64_t)at_ns);
        while ((packet = way_take(&way, (int64_t)at_ns)) != NULL) {
            waited_ms += (double)(packet->due_ns - packet->arrived_ns) * 1e-6 - service_ms;
            count++;
            free(packet);
        }
    }
    check("mean wait of random arrivals at load 0.7, ms", waited_ms / (double)count,
          service_ms * load / (2 * (1 - load)), 0.05); /* 2 %: about three standard errors */
    way_clear(&way);
}

/* Beside a flood, a sparse flow waits for the packet in service and at most one other. */
static void
fairness(void)
{
    int64_t worst_ns = 0;
    struct packet *packet;
    struct way way;

    set_up(&way, "adsl:1024/128,0,64k,fqcodel");
    for (int64_t ms = 0; ms < 60000; ms++) {
        if (ms % 10 == 0)
            way_put(&way, make(1492, 1), ms * MS);
        if (ms % 20 == 7)
            way_put(&way, make(200, 2), ms * MS);
        while ((packet = way_take(&way, ms * MS)) != NULL) {
            if (packet->data[15] == 2 && packet->due_ns - packet->arrived_ns > worst_ns)
                worst_ns = packet->due_ns - packet->arrived_ns;
            free(packet);
        }
    }
    check("fq_codel: a call's worst delay beside a flood, ms", (double)worst_ns * 1e-6,
          13.25 + 2.07, 13.25);
    check("fq_codel: packets in = out + dropped + queued",
          (double)(way.out + way.dropped + way.queued_packets), (double)way.in,
          1); /* one may just have been sent */
    way_clear(&way);
}

/*
 * CoDel's own law: while waiting stays above target, drop n + 1 follows drop n by interval / sqrt(n). The
 * sum of 1 / sqrt(k) up to n is 2 sqrt(n) + zeta(1/2) = 2 sqrt(n) - 1.46, so after t seconds of it
 * there were ((t / interval + 1.46) / 2)^2 drops.
 */
static void
control_law(void)
{
    struct way way;
    struct packet *packet;
    const double seconds = 4;
    double expected;

    set_up(&way, "adsl:1024/128,0,64k,fqcodel");
    for (int64_t ms = 0; ms < (int64_t)(seconds * 1000); ms++) {
        if (ms % 5 == 0) /* nearly three times the rate: no drop of CoDel's brings it under */
            way_put(&way, make(1492, 1), ms * MS);
        while ((packet = way_take(&way, ms * MS)) != NULL)
            free(packet);
    }
    /* the first packet above target leaves after 13 ms, and an interval passes before the first drop */
    expected = pow(((seconds - 0.113) / 0.1 + 1.46) / 2, 2);
    check("fq_codel: drops of a flood in its first seconds", (double)way.dropped, expected,
          0.03 * expected); /* drops happen only when a packet leaves, every 13 ms */
    way_clear(&way);
}

int
main(void)
{
    serialisation();
    burst();
    overload();
    random_arrivals();
    fairness();
    control_law();
    printf("%d disagreement(s) with theory\n", wrong);
    return wrong == 0 ? 0 : 1;
}
