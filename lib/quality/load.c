/*
 * What was offered to the line when: bytes of all traffic over replay time, so that a stream's
 * trouble can be told to be its own doing or its neighbours'. A message's bytes are spread evenly
 * over the time it took to arrive.
 */
#include "quality/quality.h"

#include <math.h>

#define BINS_MAX 16384u /* a day in bins of 5 s; chosen, no deeper reason */

static void
load_add(struct load *load, enum rnet_direction direction, int64_t from_ns, int64_t to_ns,
         double bytes)
{
    const double first = (double)from_ns / (double)load->bin_ns;
    const double last = (double)to_ns / (double)load->bin_ns;
    double *bins = load->bytes[direction];
    const size_t top = load->bins - 1;
    const size_t a = first < 0 ? 0 : (size_t)fmin(first, (double)top);
    const size_t b = last < 0 ? 0 : (size_t)fmin(last, (double)top);

    if (a >= b || !(last > first)) {
        bins[a] += bytes;
        return;
    }
    for (size_t i = a; i <= b; i++) {
        const double share = fmin(last, (double)i + 1) - fmax(first, (double)i);

        bins[i] += bytes * fmax(share, 0) / (last - first);
    }
}

static void
add_all(struct load *load, const struct rnet_demand *demand, const struct rnet_outcomes *outcomes)
{
    for (size_t i = 0; i < demand->message_count; i++) {
        const struct rnet_message_outcome *outcome = &outcomes->messages[i];
        const int64_t end = outcome->done_ns >= 0 ? outcome->done_ns : outcomes->end_ns;

        if (outcome->started_ns >= 0)
            load_add(load, (enum rnet_direction)demand->messages[i].direction, outcome->started_ns,
                     end, (double)demand->messages[i].bytes);
    }
    for (size_t i = 0; i < demand->datagram_count; i++)
        if (outcomes->datagrams[i].sent_ns >= 0)
            load_add(load, (enum rnet_direction)demand->datagrams[i].direction,
                     outcomes->datagrams[i].sent_ns, outcomes->datagrams[i].sent_ns,
                     (double)demand->datagrams[i].ip_bytes);
}

enum rnet_status
quality_load_init(struct load *load, const struct rnet_demand *demand,
                  const struct rnet_outcomes *outcomes)
{
    const int64_t end = outcomes->end_ns > 0 ? outcomes->end_ns : 0;

    load->bin_ns = RNET_NS_PER_S;
    if (end / load->bin_ns >= BINS_MAX)
        load->bin_ns = end / BINS_MAX + 1;
    load->bins = (size_t)(end / load->bin_ns) + 1;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        load->bytes[d] = rnet_alloc_zero(load->bins, sizeof *load->bytes[d]);
        if (load->bytes[d] == NULL)
            return RNET_ENOMEM;
    }
    add_all(load, demand, outcomes);
    return RNET_OK;
}

double
quality_load_bytes(const struct load *load, enum rnet_direction direction, double from_ns,
                   double to_ns)
{
    const double from = fmax(0, fmin((double)load->bins, from_ns / (double)load->bin_ns));
    const double to = fmin((double)load->bins, to_ns / (double)load->bin_ns);
    double sum = 0;

    for (size_t i = (size_t)from; (double)i < to && i < load->bins; i++)
        sum += load->bytes[direction][i] * fmax(0, fmin(to, (double)i + 1) - fmax(from, (double)i));
    return sum;
}

void
quality_load_clear(struct load *load)
{
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        rnet_free(load->bytes[d]);
    *load = (struct load){0};
}
