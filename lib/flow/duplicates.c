/*
 * Packets captured twice: by a mirror port that copies what enters and what leaves, by a machine
 * that listens on all of its interfaces. Left in, they double every load and tear every call apart.
 *
 * A packet is the one before it when everything from its IP identification to some bytes of its
 * payload is the same but for what routers change (TTL, its checksum, DSCP), within a moment.
 * Places are few and found by a hash; the latest packet has its place. The hash has no secret key,
 * so that the same capture gives the same answer: who makes two packets collide has only left out
 * one of his own.
 */
#include "flow/flow.h"

#include <string.h>
#include <xxhash.h>

#define PLACES 4096u /* 64 KiB: stays in a processor's cache */
/* Header bytes and some of the payload: TCP's checksum, RTP's number, a tunnel's counter are in it.
 */
#define TELLING_BYTES 96u

/* IPv4 senders number their packets, so what has the same number is the same: a copy may have
 * waited behind a queue. Chosen: shorter than any 16-bit numbers come round in full packets at a
 * gigabit. */
#define NUMBERED_NS (50 * RNET_NS_PER_MS)
/* Without a number (IPv6, atomic datagrams of RFC 6864) only a copy made on the spot is told from
 * what was said twice. Chosen: copies in switches and hosts take microseconds. */
#define UNNUMBERED_NS (1 * RNET_NS_PER_MS)

struct flow_duplicates {
    struct seen_packet {
        uint64_t hash;
        int64_t time_ns;
    } places[PLACES];
};

struct flow_duplicates *
flow_duplicates_new(void)
{
    return rnet_alloc_zero(1, sizeof(struct flow_duplicates));
}

void
flow_duplicates_free(struct flow_duplicates *duplicates)
{
    rnet_free(duplicates);
}

/* Length, identification, fragment: of IPv4 the second to eighth bytes; IPv6 has the length only.
 */
static uint64_t
packet_number(const uint8_t *ip, bool is_v4)
{
    uint64_t number = 0;

    memcpy(&number, ip + (is_v4 ? 2 : 4), is_v4 ? 6 : 2);
    return number;
}

bool
flow_duplicates_knows(struct flow_duplicates *duplicates, const struct rnet_headers *headers)
{
    const uint8_t *ip = headers->ip;
    const bool is_v4 = headers->source.version == 4;
    const uint32_t from = is_v4 ? 12 : 8; /* where the addresses begin */
    const uint32_t end =
        headers->ip_captured_bytes < TELLING_BYTES ? headers->ip_captured_bytes : TELLING_BYTES;
    struct seen_packet *place;
    int64_t since_ns;
    bool numbered, known;
    uint64_t hash;

    if (ip == NULL || end <= from + (is_v4 ? 8 : 32))
        return false;
    numbered = is_v4 && (ip[4] | ip[5]) != 0;
    /* Acknowledgements of the same data are the same, and mean something. */
    if (!numbered && (headers->protocol == RNET_IPPROTO_TCP && headers->payload_bytes == 0))
        return false;
    hash = XXH3_64bits_withSeed(ip + from, end - from, packet_number(ip, is_v4));
    place = &duplicates->places[hash % PLACES];
    since_ns = headers->time_ns - place->time_ns;
    known = place->hash == hash &&
            (since_ns < 0 ? -since_ns : since_ns) <= (numbered ? NUMBERED_NS : UNNUMBERED_NS);
    *place = (struct seen_packet){hash, headers->time_ns};
    return known;
}
