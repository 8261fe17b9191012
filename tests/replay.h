/* What the replay's tests share: lines as fixtures, and demands written by hand. */
#ifndef RNET_TESTS_REPLAY_H
#define RNET_TESTS_REPLAY_H

#include <ruralnet/replay.h>

#include <string.h>

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

enum fixture_flag {
    FIXTURE_ATM = 1u << 0,
    FIXTURE_FAIR = 1u << 1,
    FIXTURE_SHALLOW = 1u << 2, /* a buffer of a few packets */
};

struct fixture {
    const char *name;
    unsigned flags;
    uint64_t rate_bps[RNET_DIRECTIONS];
    int64_t delay_ns;
    uint64_t buffer_bytes[RNET_DIRECTIONS];
    uint32_t mtu_bytes;
    uint32_t overhead_bytes;
};

static const struct fixture fixtures[] = {
    {"adsl-8m", FIXTURE_ATM, {800000, 8192000}, 15 * MS, {65536, 131072}, 1492, 40},
    {"adsl-2m", FIXTURE_ATM, {256000, 2048000}, 20 * MS, {65536, 65536}, 1492, 40},
    {"adsl-2m-fair", FIXTURE_ATM | FIXTURE_FAIR, {256000, 2048000}, 20 * MS, {0, 0}, 1492, 40},
    {"adsl-512k", FIXTURE_ATM | FIXTURE_SHALLOW, {128000, 512000}, 10 * MS, {6000, 6000}, 1492, 40},
    {"fibre", 0, {300000000, 300000000}, 4 * MS, {1000000, 1000000}, 1500, 38},
};

#define FIXTURES ((int)(sizeof fixtures / sizeof fixtures[0]))

static inline struct rnet_link
fixture_link(const struct fixture *fixture)
{
    struct rnet_link link = {
        .framing = (fixture->flags & FIXTURE_ATM) != 0 ? RNET_FRAMING_ATM : RNET_FRAMING_ETHERNET,
        .overhead_bytes = fixture->overhead_bytes,
        .mtu_bytes = fixture->mtu_bytes,
        .codel_flows = 1024,
        .codel_quantum_bytes = 1514,
        .codel_target_ns = 5 * MS,
        .codel_interval_ns = 100 * MS};

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        link.direction[d].queue =
            (fixture->flags & FIXTURE_FAIR) != 0 ? RNET_QUEUE_FQ_CODEL : RNET_QUEUE_DROP_TAIL;
        link.direction[d].rate_bps = fixture->rate_bps[d];
        link.direction[d].delay_ns = fixture->delay_ns;
        link.direction[d].buffer_bytes = fixture->buffer_bytes[d];
    }
    return link;
}

static inline struct rnet_link
named_link(const char *name)
{
    for (int i = 0; i < FIXTURES; i++)
        if (strcmp(fixtures[i].name, name) == 0)
            return fixture_link(&fixtures[i]);
    return (struct rnet_link){0};
}

#endif
