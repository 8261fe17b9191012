/* Each rule of TCP tracking on segments written by hand, under several initial sequence numbers. */
#include "flow-fixture.h"

#define MOST_STEPS 12
#define US RNET_NS_PER_US

/* A segment: who, when, flags, numbers relative to the initial ones (so a SYN has 0), payload. The
 * window is 1000 unless said otherwise; NO_WINDOW stands for 0. */
#define NO_WINDOW 0xffff
struct step {
    int time_us;
    enum { END, OFFICE, SERVER } from;
    const char *flags; /* letters of SAFRP; 's' and 'S' both: SYN that offers scale */
    int64_t sequence, acknowledgement;
    uint32_t payload;
    uint32_t window;
};

struct counts {
    uint64_t retransmitted[2], out_of_order[2], duplicate_acks[2], zero_windows[2]; /* up, down */
    uint64_t keep_alives;
};

/* The usual beginning: the office opens, 20 ms to the server and back, 10 ms to the office. */
#define HANDSHAKE                                                                                  \
    {0, OFFICE, "S", 0, 0, 0, 0}, {20000, SERVER, "SA", 0, 1, 0, 0},                               \
    {                                                                                              \
        30000, OFFICE, "A", 1, 1, 0, 0                                                             \
    }

static const struct scenario {
    const char *why;
    struct step steps[MOST_STEPS];
    struct counts want;
} scenarios[] = {
    {"a question and its answer: nothing to count",
     {HANDSHAKE,
      {31000, OFFICE, "AP", 1, 1, 100, 0},
      {55000, SERVER, "AP", 1, 101, 1460, 0},
      {65000, OFFICE, "A", 101, 1461, 0, 0}},
     {.keep_alives = 0}},
    {"sent again, long after: retransmitted",
     {HANDSHAKE,
      {50000, SERVER, "A", 1, 1, 1460, 0},
      {50100, SERVER, "A", 1461, 1, 1460, 0},
      {350000, SERVER, "A", 1, 1, 1460, 0}},
     {.retransmitted = {0, 1}}},
    {"sent again although acknowledged: retransmitted, however soon",
     {HANDSHAKE,
      {50000, SERVER, "A", 1, 1, 1460, 0},
      {50100, SERVER, "A", 1461, 1, 1460, 0},
      {50200, OFFICE, "A", 1, 2921, 0, 0},
      {50300, SERVER, "A", 1, 1, 1460, 0}},
     {.retransmitted = {0, 1}}},
    {"the last segment again, at once: retransmitted, for it cannot have been overtaken",
     {HANDSHAKE, {50000, SERVER, "A", 1, 1, 1460, 0}, {50100, SERVER, "A", 1, 1, 1460, 0}},
     {.retransmitted = {0, 1}}},
    {"asked for by two duplicate ACKs: retransmitted, sooner than a round trip",
     {HANDSHAKE,
      {50000, SERVER, "A", 1461, 1, 1460, 0},
      {50100, OFFICE, "A", 1, 1, 0, 0},
      {50200, SERVER, "A", 2921, 1, 1460, 0},
      {50300, OFFICE, "A", 1, 1, 0, 0},
      {60000, SERVER, "A", 1, 1, 1460, 0}},
     {.retransmitted = {0, 1}, .duplicate_acks = {2, 0}}},
    {"one duplicate ACK does not ask yet: reordered",
     {HANDSHAKE,
      {50000, SERVER, "A", 1461, 1, 1460, 0},
      {50100, OFFICE, "A", 1, 1, 0, 0},
      {60000, SERVER, "A", 1, 1, 1460, 0}},
     {.out_of_order = {0, 1}, .duplicate_acks = {1, 0}}},
    {"overtaken by less than the handshake's round trip: reordered",
     {HANDSHAKE,
      {50000, OFFICE, "A", 1, 1, 1460, 0},
      {50100, OFFICE, "A", 2921, 1, 1460, 0},
      {79000, OFFICE, "A", 1461, 1, 1460, 0}},
     {.out_of_order = {1, 0}}},
    {"later than the handshake's round trip: retransmitted",
     {HANDSHAKE,
      {50000, OFFICE, "A", 1, 1, 1460, 0},
      {50100, OFFICE, "A", 2921, 1, 1460, 0},
      {81000, OFFICE, "A", 1461, 1, 1460, 0}},
     {.retransmitted = {1, 0}}},
    {"begun in mid-stream, 2 ms behind: reordered (3 ms stand for the unknown round trip)",
     {{0, SERVER, "A", 500, 1, 1460, 0},
      {100, SERVER, "A", 3420, 1, 1460, 0},
      {2100, SERVER, "A", 1960, 1, 1460, 0}},
     {.out_of_order = {0, 1}}},
    {"begun in mid-stream, 4 ms behind: retransmitted",
     {{0, SERVER, "A", 500, 1, 1460, 0},
      {100, SERVER, "A", 3420, 1, 1460, 0},
      {4100, SERVER, "A", 1960, 1, 1460, 0}},
     {.retransmitted = {0, 1}}},
    {"the end overtakes the last data: reordered, and the end counts as seen then",
     {HANDSHAKE, {50000, SERVER, "FA", 224, 1, 0, 0}, {56000, SERVER, "AP", 1, 1, 223, 0}},
     {.out_of_order = {0, 1}}},
    {"a segment stamped before the one it follows: reordered",
     {HANDSHAKE, {50000, SERVER, "FA", 2, 1, 0, 0}, {49990, SERVER, "AP", 1, 1, 1, 0}},
     {.out_of_order = {0, 1}}},
    {"more than a largest window behind: nothing that old is on its way",
     {HANDSHAKE,
      {50000, SERVER, "A", INT64_C(1500000000), 1, 1460, 0},
      {50100, SERVER, "A", 1, 1, 1460, 0}},
     {.retransmitted = {0, 1}}},
    {"the capture missed data: what follows is new",
     {HANDSHAKE, {50000, SERVER, "A", 1, 1, 1460, 0}, {50100, SERVER, "A", 14601, 1, 1460, 0}},
     {.keep_alives = 0}},
    {"an acknowledgement of what cannot have been sent is not believed",
     {HANDSHAKE,
      {40000, SERVER, "A", 1, INT64_C(400000000), 0, 0},
      {50000, OFFICE, "A", 1, 1, 1460, 0},
      {50100, OFFICE, "A", 1461, 1, 1460, 0}},
     {.keep_alives = 0}},
    {"the same ACK three times is two duplicates",
     {HANDSHAKE,
      {50000, SERVER, "A", 1, 1, 1460, 0},
      {50100, OFFICE, "A", 1, 1461, 0, 0},
      {50200, OFFICE, "A", 1, 1461, 0, 0},
      {50300, OFFICE, "A", 1, 1461, 0, 0}},
     {.duplicate_acks = {2, 0}}},
    {"the same ACK with another window, or with data, is no duplicate",
     {HANDSHAKE,
      {50000, SERVER, "A", 1, 1, 1460, 0},
      {50100, OFFICE, "A", 1, 1461, 0, 0},
      {50200, OFFICE, "A", 1, 1461, 0, 2000},
      {50300, OFFICE, "A", 1, 1461, 10, 2000}},
     {.keep_alives = 0}},
    {"a closed window counts per packet that says so, not when it resets",
     {HANDSHAKE,
      {50000, OFFICE, "A", 1, 1, 0, NO_WINDOW},
      {60000, SERVER, "A", 1, 1, 0, NO_WINDOW},
      {70000, SERVER, "A", 1, 1, 10, NO_WINDOW},
      {80000, OFFICE, "RA", 1, 11, 0, NO_WINDOW}},
     {.zero_windows = {1, 2}}},
    {"one byte against a closed window is a probe; sent whole later, nothing was retransmitted",
     {HANDSHAKE,
      {50000, OFFICE, "A", 1, 1, 0, NO_WINDOW},
      {300000, SERVER, "A", 1, 1, 1, 0},
      {500000, SERVER, "A", 1, 1, 1460, 0}},
     {.zero_windows = {1, 0}}},
    {"keep-alives, with and without a byte, and their answers: no retransmission, no duplicate",
     {HANDSHAKE,
      {50000, OFFICE, "A", 1, 1, 100, 0},
      {70000, SERVER, "A", 1, 101, 0, 0},
      {60000000, OFFICE, "A", 100, 1, 0, 0},
      {60020000, SERVER, "A", 1, 101, 0, 0},
      {120000000, OFFICE, "A", 100, 1, 1, 0},
      {120020000, SERVER, "A", 1, 101, 0, 0}},
     {.keep_alives = 2}},
    {"SYN and its answer sent again",
     {{0, OFFICE, "S", 0, 0, 0, 0},
      {1000000, OFFICE, "S", 0, 0, 0, 0},
      {1020000, SERVER, "SA", 0, 1, 0, 0},
      {1520000, SERVER, "SA", 0, 1, 0, 0}},
     {.retransmitted = {1, 1}}},
    {"a second answer with another number (a firewall renumbers) repeats nothing",
     {{0, OFFICE, "S", 0, 0, 0, 0},
      {20000, SERVER, "SA", 0, 1, 0, 0},
      {20100, SERVER, "SA", 900000, 1, 0, 0}},
     {.keep_alives = 0}},
    {"a reset that carries words, and repeats them",
     {{0, OFFICE, "S", 0, 0, 0, 0},
      {100000, SERVER, "RA", 0, 1, 11, 0},
      {500000, OFFICE, "S", 0, 0, 0, 0},
      {600000, SERVER, "RA", 0, 1, 11, 0}},
     {.retransmitted = {1, 1}}},
    {"a reset is a reset, whatever other flags it has",
     {HANDSHAKE,
      {50000, OFFICE, "A", 1, 1, 100, 0},
      {60000, SERVER, "SRA", 777, 101, 0, 0},
      {70000, OFFICE, "A", 1, 1, 100, 0}},
     {.retransmitted = {1, 0}}},
};

#define SCENARIOS (sizeof scenarios / sizeof scenarios[0])

static uint8_t
flags_of(const char *letters)
{
    uint8_t flags = 0;

    for (; *letters != '\0'; letters++)
        flags |= *letters == 'S'   ? RNET_TCP_SYN
                 : *letters == 'A' ? RNET_TCP_ACK
                 : *letters == 'F' ? RNET_TCP_FIN
                 : *letters == 'R' ? RNET_TCP_RST
                                   : RNET_TCP_PSH;
    return flags;
}

/* Initial numbers so that the sequence wraps before, during or after the scenario's data. */
static const uint32_t initial[][2] = {{0, 0},
                                      {1000000, 5000000},
                                      {UINT32_MAX, UINT32_MAX - 1},
                                      {UINT32_MAX - 50, UINT32_MAX - 1500},
                                      {INT32_MAX - 50, INT32_MAX - 1500},
                                      {UINT32_MAX - 2000, 77}};

static struct rnet_headers
segment(const struct step *step, const uint32_t numbers[2])
{
    const bool up = step->from == OFFICE;
    struct rnet_headers headers =
        up ? packet_of(step->time_us * US, "192.168.1.7", 40001, "198.51.100.1", 443,
                       RNET_IPPROTO_TCP, step->payload)
           : packet_of(step->time_us * US, "198.51.100.1", 443, "192.168.1.7", 40001,
                       RNET_IPPROTO_TCP, step->payload);

    headers.time_ns += RNET_NS_PER_S; /* nothing before 1970 */
    headers.tcp_flags = flags_of(step->flags);
    headers.tcp_sequence = numbers[!up] + (uint32_t)step->sequence;
    if ((headers.tcp_flags & RNET_TCP_ACK) != 0)
        headers.tcp_acknowledgement = numbers[up] + (uint32_t)step->acknowledgement;
    headers.tcp_window = step->window == NO_WINDOW ? 0
                         : step->window == 0       ? 1000
                                                   : (uint16_t)step->window;
    return headers;
}

static struct rnet_flow_table *
play(struct collected *all, const struct step *steps, const uint32_t numbers[2])
{
    static const struct rnet_flow_options seeded = {.hash_seed = {1, 2}};
    const struct rnet_flow_sink sink = collector(all);
    struct rnet_flow_table *table;

    ck_assert_int_eq(rnet_flow_table_new(&seeded, &sink, &table), RNET_OK);
    for (int i = 0; i < MOST_STEPS && steps[i].from != END; i++) {
        const struct rnet_headers headers = segment(&steps[i], numbers);

        ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_OK);
    }
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    return table;
}

static void
check_counts(const struct rnet_flow *flow, const struct counts *want, const char *why)
{
    for (int d = 0; d < 2; d++) {
        ck_assert_msg(flow->retransmitted_packets[d] == want->retransmitted[d],
                      "%s: %d: %d retransmitted", why, d, (int)flow->retransmitted_packets[d]);
        ck_assert_msg(flow->out_of_order_packets[d] == want->out_of_order[d],
                      "%s: %d: %d out of order", why, d, (int)flow->out_of_order_packets[d]);
        ck_assert_msg(flow->duplicate_acks[d] == want->duplicate_acks[d], "%s: %d: %d duplicates",
                      why, d, (int)flow->duplicate_acks[d]);
        ck_assert_msg(flow->zero_windows[d] == want->zero_windows[d], "%s: %d: %d zero windows",
                      why, d, (int)flow->zero_windows[d]);
    }
    ck_assert_msg(flow->keep_alives == want->keep_alives, "%s: %d keep-alives", why,
                  (int)flow->keep_alives);
}

START_TEST(every_rule_holds_wherever_numbers_begin)
{
    const struct scenario *scenario = &scenarios[_i];

    for (size_t n = 0; n < sizeof initial / sizeof initial[0]; n++) {
        struct collected all = {0};
        struct rnet_flow_table *table = play(&all, scenario->steps, initial[n]);

        ck_assert_uint_eq(all.flow_count, 1);
        check_counts(&all.flows[0], &scenario->want, scenario->why);
        rnet_flow_table_free(table);
        collected_clear(&all);
    }
}
END_TEST

/* Round trips in ms: handshake, to the internet side, to the office side; -1 = none to be seen. */
static const struct {
    const char *why;
    struct step steps[MOST_STEPS];
    int handshake_ms, internet_ms, office_ms;
} trips[] = {
    {"a handshake shows all three", {HANDSHAKE}, 30, 20, 10},
    {"without its answer, only the sum",
     {{0, OFFICE, "S", 0, 0, 0, 0}, {30000, OFFICE, "A", 1, 1, 0, 0}},
     30,
     -1,
     -1},
    {"of a repeated SYN the last one counts",
     {{0, OFFICE, "S", 0, 0, 0, 0},
      {1000000, OFFICE, "S", 0, 0, 0, 0},
      {1020000, SERVER, "SA", 0, 1, 0, 0},
      {1030000, OFFICE, "A", 1, 1, 0, 0}},
     30,
     20,
     10},
    {"a refusal answers too",
     {{0, OFFICE, "S", 0, 0, 0, 0}, {25000, SERVER, "RA", 0, 1, 0, 0}},
     25,
     -1,
     -1},
    {"in mid-stream data and its ACK show the side beyond the capture point; the smallest counts",
     {{0, OFFICE, "A", 1, 1, 100, 0},
      {40000, SERVER, "A", 1, 101, 0, 0},
      {100000, OFFICE, "A", 101, 1, 100, 0},
      {125000, SERVER, "A", 1, 201, 0, 0},
      {200000, SERVER, "A", 1, 201, 100, 0},
      {207000, OFFICE, "A", 201, 101, 0, 0}},
     -1,
     25,
     7},
    {"what was sent twice shows nothing (Karn's rule): which of the two was acknowledged?",
     {{0, OFFICE, "A", 1, 1, 100, 0},
      {300000, OFFICE, "A", 1, 1, 100, 0},
      {320000, SERVER, "A", 1, 101, 0, 0}},
     -1,
     -1,
     -1},
};

static int64_t
in_ns(int ms)
{
    return ms < 0 ? -1 : ms * RNET_NS_PER_MS;
}

START_TEST(round_trips_are_told_by_side)
{
    struct collected all = {0};
    struct rnet_flow_table *table = play(&all, trips[_i].steps, initial[3]);
    const struct rnet_flow *flow = &all.flows[0];

    ck_assert_uint_eq(all.flow_count, 1);
    ck_assert_msg(flow->initial_rtt_ns == in_ns(trips[_i].handshake_ms), "%s: handshake %lld",
                  trips[_i].why, (long long)flow->initial_rtt_ns);
    ck_assert_msg(flow->conversation.rtt_internet_ns == in_ns(trips[_i].internet_ms),
                  "%s: internet %lld", trips[_i].why,
                  (long long)flow->conversation.rtt_internet_ns);
    ck_assert_msg(flow->conversation.rtt_office_ns == in_ns(trips[_i].office_ms), "%s: office %lld",
                  trips[_i].why, (long long)flow->conversation.rtt_office_ns);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(a_window_is_scaled_when_both_offered_it_and_never_in_a_syn)
{
    static const struct {
        uint8_t office, server; /* offered in the SYNs; 255 = not */
        uint32_t want_down;     /* most the office advertised, for data going down */
        const char *why;
    } cases[] = {
        {7, 2, 2000 << 7, "the office's own scale applies to what the office advertises"},
        {0, 7, 60000, "scale 0: the SYN's own window was the largest"},
        {7, 255, 60000, "the server did not offer: no scaling"},
        {255, 7, 60000, "the office did not offer: no scaling"},
        {200, 2, 2000 << 14, "more than 14 means 14 (RFC 7323)"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static const struct step steps[] = {{0, OFFICE, "S", 0, 0, 0, 60000},
                                            {20000, SERVER, "SA", 0, 1, 0, 60000},
                                            {30000, OFFICE, "A", 1, 1, 0, 2000}};
        struct collected all = {0};
        const struct rnet_flow_sink sink = collector(&all);
        struct rnet_flow_table *table;

        ck_assert_int_eq(rnet_flow_table_new(NULL, &sink, &table), RNET_OK);
        for (int s = 0; s < 3; s++) {
            struct rnet_headers headers = segment(&steps[s], initial[1]);

            headers.tcp_window_scale = s == 0 ? cases[i].office : s == 1 ? cases[i].server : 255;
            ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_OK);
        }
        ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
        ck_assert_msg(all.flows[0].conversation.window_bytes[RNET_DOWN] == cases[i].want_down,
                      "%s: %u", cases[i].why, all.flows[0].conversation.window_bytes[RNET_DOWN]);
        rnet_flow_table_free(table);
        collected_clear(&all);
    }
}
END_TEST

START_TEST(a_connection_begun_before_the_capture_says_so)
{
    static const struct step steps[] = {{0, OFFICE, "A", 5000, 9000, 100, 502},
                                        {20000, SERVER, "A", 9000, 5100, 1460, 502},
                                        {.from = END}};
    struct collected all = {0};
    struct rnet_flow_table *table = play(&all, steps, initial[1]);

    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_MIDSTREAM_FLOW], 1);
    ck_assert_int_eq(all.flows[0].initial_rtt_ns, -1);
    ck_assert_uint_eq(all.flows[0].conversation.flags & RNET_CONVERSATION_HANDSHAKE_SEEN, 0);
    ck_assert_uint_eq(all.message_count, 2);
    ck_assert_uint_eq(all.messages[0].message.bytes, 100);
    ck_assert_uint_eq(all.messages[1].message.bytes, 1460);
    /* Nobody can tell what 502 in a window field stands for without the SYN. */
    ck_assert_uint_eq(all.flows[0].conversation.window_bytes[RNET_UP], 0);
    ck_assert_uint_eq(all.flows[0].conversation.window_bytes[RNET_DOWN], 0);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(the_same_ports_again_are_another_connection)
{
    static const struct {
        const char *why;
        struct step steps[MOST_STEPS];
        size_t connections;
    } cases[] = {
        {"a new number after the end",
         {HANDSHAKE,
          {40000, OFFICE, "FA", 1, 1, 0, 0},
          {60000, SERVER, "FA", 1, 2, 0, 0},
          {900000, OFFICE, "S", 70000, 0, 0, 0},
          {920000, SERVER, "SA", 80000, 70001, 0, 0}},
         2},
        {"a new number without an end", {HANDSHAKE, {900000, OFFICE, "S", 70000, 0, 0, 0}}, 2},
        {"the same number is the same SYN", {HANDSHAKE, {900000, OFFICE, "S", 0, 0, 0, 0}}, 1},
        {"an answer to this SYN after a forged reset",
         {{0, OFFICE, "S", 0, 0, 0, 0},
          {10000, SERVER, "RA", 0, 1, 0, 0},
          {20000, SERVER, "SA", 9000, 1, 0, 0}},
         1},
        {"SYN and reset together open nothing",
         {HANDSHAKE, {900000, OFFICE, "SR", 70000, 0, 0, 0}},
         1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct collected all = {0};
        struct rnet_flow_table *table = play(&all, cases[i].steps, initial[1]);

        ck_assert_msg(all.flow_count == cases[i].connections, "%s: %zu", cases[i].why,
                      all.flow_count);
        rnet_flow_table_free(table);
        collected_clear(&all);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("flow-tcp");
    TCase *tcase = tcase_create("tcp");

    tcase_add_loop_test(tcase, every_rule_holds_wherever_numbers_begin, 0, SCENARIOS);
    tcase_add_loop_test(tcase, round_trips_are_told_by_side, 0, sizeof trips / sizeof trips[0]);
    tcase_add_test(tcase, a_window_is_scaled_when_both_offered_it_and_never_in_a_syn);
    tcase_add_test(tcase, a_connection_begun_before_the_capture_says_so);
    tcase_add_test(tcase, the_same_ports_again_are_another_connection);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
