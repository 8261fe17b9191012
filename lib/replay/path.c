/*
 * One-way delays outside the line, half of the smallest round trips the capture showed. A
 * conversation that showed none takes those of another one with the same server, and failing that
 * the median of all: a call's media often has no round trip of its own while its signalling has.
 */
#include "replay/sim.h"

#include <stdlib.h>

#define DIALOGUE_ITEMS 64 /* more datagrams than this are a stream; chosen */

struct known {
    int64_t rtt_ns;
    uint32_t server;
};

static int
by_server(const void *a, const void *b)
{
    const struct known *left = a;
    const struct known *right = b;

    if (left->server != right->server)
        return left->server < right->server ? -1 : 1;
    return (left->rtt_ns > right->rtt_ns) - (left->rtt_ns < right->rtt_ns);
}

static int
by_rtt(const void *a, const void *b)
{
    const struct known *left = a;
    const struct known *right = b;

    return (left->rtt_ns > right->rtt_ns) - (left->rtt_ns < right->rtt_ns);
}

static const struct known *
find_server(const struct known *known, size_t count, uint32_t server)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (known[middle].server < server)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && known[low].server == server ? &known[low] : NULL;
}

/* A path of more than a day is damage, not distance. */
static int64_t
sane(int64_t rtt_ns)
{
    return rtt_ns < 24 * 3600 * RNET_NS_PER_S ? rtt_ns : 0;
}

/*
 * A dialogue of datagrams (signalling, name look-ups, network time) shows its round trip in how
 * soon the first answer came; a stream of media shows nothing.
 */
static int64_t
dialogue_rtt_ns(const struct rnet_demand *demand, const struct rnet_conversation *conversation)
{
    const struct rnet_datagram *datagrams = &demand->datagrams[conversation->first_item];
    int64_t smallest_ns = -1;

    if (conversation->transport != RNET_TRANSPORT_OPEN || conversation->items > DIALOGUE_ITEMS)
        return -1;
    for (uint32_t i = 0; i + 1 < conversation->items; i++) {
        const uint64_t gap_ns = (uint64_t)datagrams[i + 1].time_ns - (uint64_t)datagrams[i].time_ns;

        if (datagrams[i].direction == RNET_UP && datagrams[i + 1].direction == RNET_DOWN &&
            gap_ns < (uint64_t)RNET_NS_PER_S && (smallest_ns < 0 || (int64_t)gap_ns < smallest_ns))
            smallest_ns = (int64_t)gap_ns;
    }
    return smallest_ns;
}

/* Conversations of the kind asked for whose round trip is known. */
static size_t
collect(const struct rnet_demand *demand, bool dialogues, struct known *known)
{
    size_t count = 0;

    for (size_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *conversation = &demand->conversations[i];
        const int64_t rtt_ns = dialogues && conversation->rtt_internet_ns < 0
                                   ? dialogue_rtt_ns(demand, conversation)
                                   : conversation->rtt_internet_ns;

        if (rtt_ns >= 0)
            known[count++] = (struct known){sane(rtt_ns), conversation->server};
    }
    return count;
}

static int64_t
median_rtt_ns(struct known *known, size_t count)
{
    if (count == 0)
        return -1;
    qsort(known, count, sizeof *known, by_rtt);
    return known[count / 2].rtt_ns;
}

/* 1 on average, with the relative spread the options ask for, and never less than a twentieth. */
double
rnet_sim_spread(const struct rnet_sim *sim, enum rnet_spread_node node, uint32_t index)
{
    const double root_of_3 = 1.7320508075688772; /* a uniform law's half-width over its deviation */
    const double spread =
        node == RNET_SPREAD_RATE ? sim->options.rate_jitter : sim->options.think_jitter;
    struct rnet_random random;
    double factor;

    if (!(spread > 0.0))
        return 1.0;
    random = rnet_random_stream(sim->options.seed, (uint64_t)node << 32 | index);
    factor = 1.0 + spread * root_of_3 * (2.0 * rnet_random_unit(&random) - 1.0);
    return factor > 0.05 ? factor : 0.05;
}

enum rnet_status
rnet_paths_init(struct rnet_sim *sim)
{
    const struct rnet_demand *demand = sim->demand;
    struct known *known = rnet_alloc_zero(demand->conversation_count, sizeof *known);
    int64_t typical_ns;
    size_t count;

    if (known == NULL)
        return RNET_ENOMEM;
    typical_ns = median_rtt_ns(known, collect(demand, false, known));
    count = collect(demand, true, known);
    if (typical_ns < 0)
        typical_ns = median_rtt_ns(known, count);
    if (typical_ns < 0)
        typical_ns = 0;
    qsort(known, count, sizeof *known, by_server);
    for (size_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *conversation = &demand->conversations[i];
        const struct known *same = find_server(known, count, conversation->server);
        int64_t rtt_ns = sane(conversation->rtt_internet_ns);

        if (rtt_ns < 0)
            rtt_ns = same != NULL ? same->rtt_ns : typical_ns;
        /* The capture's own access is not part of the internet. */
        rtt_ns = rtt_ns > sim->options.access_rtt_ns ? rtt_ns - sim->options.access_rtt_ns : 0;
        sim->paths[i].internet_ns =
            (int64_t)((double)(rtt_ns / 2) * rnet_sim_spread(sim, RNET_SPREAD_PATH, (uint32_t)i));
        sim->paths[i].office_ns =
            conversation->rtt_office_ns > 0 ? sane(conversation->rtt_office_ns) / 2 : 0;
    }
    rnet_free(known);
    return RNET_OK;
}
