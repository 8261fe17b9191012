/*
 * Later fragments of IP packets carry no ports. The first fragment's are remembered for a while, so
 * that the others count in its flow. Nothing is put together: of overlaps, only lengths are seen,
 * as they crossed the line. Places are few and found by a keyed hash; the latest first fragment has
 * its place. A fragment that comes before the first one, or too late, keeps to a flow of its own.
 */
#include "flow/flow.h"

#include <sodium.h>
#include <string.h>

/* Linux gives up putting a packet together after 30 s (net.ipv4.ipfrag_time; from memory). */
#define FRAGMENT_TIMEOUT_NS (30 * RNET_NS_PER_S)

static struct flow_fragment
fragment_of(const struct rnet_headers *headers, int64_t now_ns)
{
    return (struct flow_fragment){.source = headers->source,
                                  .destination = headers->destination,
                                  .source_port = headers->source_port,
                                  .destination_port = headers->destination_port,
                                  .protocol = headers->protocol,
                                  .id = headers->fragment_id,
                                  .time_ns = now_ns};
}

static struct flow_fragment *
place_of(struct flow_fragments *fragments, const struct flow_fragment *fragment)
{
    unsigned char bytes[2 * sizeof fragment->source + sizeof fragment->id];
    uint64_t hash;

    memcpy(bytes, &fragment->source, sizeof fragment->source);
    memcpy(bytes + sizeof fragment->source, &fragment->destination, sizeof fragment->destination);
    memcpy(bytes + 2 * sizeof fragment->source, &fragment->id, sizeof fragment->id);
    crypto_shorthash((unsigned char *)&hash, bytes, sizeof bytes, fragments->key);
    return &fragments->places[hash % FLOW_FRAGMENTS];
}

void
flow_fragments_note(struct flow_fragments *fragments, const struct rnet_headers *headers,
                    int64_t now_ns)
{
    const struct flow_fragment fragment = fragment_of(headers, now_ns);

    *place_of(fragments, &fragment) = fragment;
}

bool
flow_fragments_complete(struct flow_fragments *fragments, struct rnet_headers *headers,
                        int64_t now_ns)
{
    const struct flow_fragment later = fragment_of(headers, now_ns);
    const struct flow_fragment *first = place_of(fragments, &later);

    if (first->id != later.id || !rnet_address_equal(&first->source, &later.source) ||
        !rnet_address_equal(&first->destination, &later.destination) ||
        now_ns - first->time_ns > FRAGMENT_TIMEOUT_NS || now_ns < first->time_ns)
        return false;
    /* IPv6 names the transport only behind the first fragment's extensions (RFC 8200 §4.5). */
    if (later.source.version == 4 && first->protocol != later.protocol)
        return false;
    headers->protocol = first->protocol;
    headers->source_port = first->source_port;
    headers->destination_port = first->destination_port;
    headers->has_transport = true;
    return true;
}
