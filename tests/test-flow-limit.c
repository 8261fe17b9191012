/*
 * What limited a flow, and whether the line was full, on flows made by a small simulation: a sender
 * with a window, a bottleneck with a queue, a receiver; the capture point stands between, as an
 * office's does.
 */
#include "flow-fixture.h"

#include "flow/flow.h"

#include <math.h>

#define SEGMENT 1448
#define OFFICE "192.168.1.7"
#define SERVER "198.51.100.1"

/* A transfer and its path. Times in ms, rates in kbit/s of payload. */
struct transfer {
    const char *why;
    uint8_t direction; /* of the data */
    uint32_t segments;
    uint32_t window;        /* most segments in flight, whatever holds them */
    uint32_t receive_bytes; /* the receiver's window */
    double rate;            /* of the line; 0 = none */
    double rtt;             /* without the queue */
    uint32_t lost;          /* every n-th segment is lost; 0 = none */
    uint32_t chunk;         /* the application rests after so many segments; 0 = never */
    bool timestamps;
    uint8_t expect;
    bool full; /* the line is to be found full */
};

static const struct transfer transfers[] = {
    {"a window of 20 segments of its own over a fast line, the receiver open wide", RNET_UP, 4000,
     40, 1000000, 0, 20, 0, 0, true, RNET_LIMIT_APPLICATION, false},
    {"the same downwards", RNET_DOWN, 1500, 40, 1000000, 0, 20, 0, 0, true, RNET_LIMIT_APPLICATION,
     false},
    {"the receiver's window is all in flight", RNET_UP, 1500, 45, 64 * 1024, 0, 20, 0, 0, true,
     RNET_LIMIT_RECEIVER, false},
    {"the same downwards", RNET_DOWN, 1500, 45, 64 * 1024, 0, 20, 0, 0, true, RNET_LIMIT_RECEIVER,
     false},
    {"the same without timestamps", RNET_DOWN, 1500, 45, 64 * 1024, 0, 20, 0, 0, false,
     RNET_LIMIT_RECEIVER, false},
    {"a queue as long as the path stands before a line of 2 Mbit/s", RNET_UP, 2000, 45, 1000000,
     2000, 20, 0, 0, true, RNET_LIMIT_NETWORK, true},
    {"the same downwards, seen in the timestamps", RNET_DOWN, 2000, 45, 1000000, 2000, 20, 0, 0,
     true, RNET_LIMIT_NETWORK, true},
    {"the window would be open no wider on a full line", RNET_UP, 2000, 45, 64 * 1024, 2000, 20, 0,
     0, true, RNET_LIMIT_NETWORK, true},
    {"segments are lost", RNET_UP, 1500, 40, 1000000, 0, 20, 100, 0, true, RNET_LIMIT_NETWORK,
     false},
    {"less than a first window at a time, then a rest", RNET_DOWN, 400, 8, 1000000, 0, 20, 0, 6,
     true, RNET_LIMIT_APPLICATION, false},
    {"much at a time, but all of it in flight at once", RNET_UP, 600, 30, 1000000, 0, 20, 0, 25,
     true, RNET_LIMIT_APPLICATION, false},
    {"five segments tell nothing", RNET_DOWN, 5, 5, 1000000, 0, 20, 0, 0, true, RNET_LIMIT_UNKNOWN,
     false},
};

struct simulation {
    const struct transfer *transfer;
    struct rnet_flow_table *table;
    double acked_at[64]; /* when the n-th last segment's acknowledgement reaches the sender */
    double line_free;
    uint32_t acknowledged;
};

/* A packet at the capture point, ms. */
static void
pass(const struct simulation *simulation, double ms, bool from_office, uint32_t sequence,
     uint32_t acknowledgement, uint32_t payload, uint8_t flags)
{
    struct rnet_headers headers = packet_of(
        (int64_t)(ms * 1e6), from_office ? OFFICE : SERVER, from_office ? 40000 : 443,
        from_office ? SERVER : OFFICE, from_office ? 443 : 40000, RNET_IPPROTO_TCP, payload);

    headers.tcp_flags = flags;
    headers.tcp_sequence = sequence;
    headers.tcp_acknowledgement = acknowledgement;
    headers.tcp_window = (uint16_t)(simulation->transfer->receive_bytes >> 5);
    headers.tcp_has_timestamps = simulation->transfer->timestamps;
    /* Clocks of both ends in ms, as far as they have been heard half a round trip later. */
    headers.tcp_timestamp = (uint32_t)(1000 + ms);
    headers.tcp_timestamp_echo = (uint32_t)(1000 + ms);
    if (flags & RNET_TCP_SYN) {
        headers.tcp_mss = SEGMENT + 12;
        headers.tcp_window_scale = 5;
    }
    ck_assert_int_eq(rnet_flow_table_add(simulation->table, &headers, NULL), RNET_OK);
}

struct event {
    double ms;
    uint32_t number; /* segment */
    bool is_ack;
    double echo; /* ms: what the timestamp in it answers */
};

static int
by_time(const void *a, const void *b)
{
    const struct event *left = a, *right = b;

    return left->ms < right->ms ? -1 : left->ms > right->ms;
}

/* Every segment and acknowledgement at the capture point. The capture point is beside the office.
 */
static size_t
simulate(const struct transfer *transfer, struct event *events)
{
    const double half = transfer->rtt / 2;
    double *acked = rnet_alloc_zero(transfer->segments, sizeof *acked), sent = 2 * transfer->rtt,
           free_at = 0, delivered;
    size_t count = 0;

    ck_assert_ptr_nonnull(acked);
    for (uint32_t i = 0; i < transfer->segments; i++) {
        const double heard = i >= transfer->window ? acked[i - transfer->window] : 0;
        const double service = transfer->rate > 0 ? SEGMENT * 8 / transfer->rate : 0.01;

        if (heard > sent)
            sent = heard;
        if (transfer->chunk != 0 && i % transfer->chunk == 0 && i > 0)
            sent = acked[i - 1] + 200;
        sent += 0.005;
        free_at = (free_at > sent ? free_at : sent) + service;
        delivered = free_at + half;
        acked[i] = delivered + half;
        if (transfer->lost != 0 && i % transfer->lost == transfer->lost - 1 && i > 0)
            acked[i] += 2 * transfer->rtt;
        if (i > 0 && acked[i] < acked[i - 1])
            acked[i] = acked[i - 1];
        if (transfer->direction == RNET_UP) {
            events[count++] = (struct event){sent, i, false, 0};
            events[count++] = (struct event){acked[i], i, true, sent};
        } else {
            events[count++] = (struct event){delivered, i, false, heard - half};
            events[count++] = (struct event){delivered + 0.001, i, true, 0};
        }
    }
    rnet_free(acked);
    qsort(events, count, sizeof *events, by_time);
    return count;
}

static void
pass_event(const struct simulation *simulation, const struct event *event)
{
    const bool from_office = (simulation->transfer->direction == RNET_UP) != event->is_ack;
    const uint32_t lost = simulation->transfer->lost;
    struct rnet_headers headers =
        packet_of((int64_t)(event->ms * 1e6), from_office ? OFFICE : SERVER,
                  from_office ? 40000 : 443, from_office ? SERVER : OFFICE,
                  from_office ? 443 : 40000, RNET_IPPROTO_TCP, event->is_ack ? 0 : SEGMENT);

    headers.tcp_flags = RNET_TCP_ACK;
    headers.tcp_sequence = event->is_ack ? 1 : 1 + event->number * SEGMENT;
    headers.tcp_acknowledgement = event->is_ack ? 1 + (event->number + 1) * SEGMENT : 1;
    headers.tcp_window = (uint16_t)(simulation->transfer->receive_bytes >> 5);
    headers.tcp_has_timestamps = simulation->transfer->timestamps;
    headers.tcp_timestamp = (uint32_t)(1000 + event->ms);
    headers.tcp_timestamp_echo = (uint32_t)(1000 + event->echo);
    ck_assert_int_eq(rnet_flow_table_add(simulation->table, &headers, NULL), RNET_OK);
    if (!event->is_ack && lost != 0 && event->number % lost == lost - 1 && event->number > 0) {
        headers.time_ns += (int64_t)(2 * simulation->transfer->rtt * 1e6);
        ck_assert_int_eq(rnet_flow_table_add(simulation->table, &headers, NULL), RNET_OK);
    }
}

static void
run(const struct transfer *transfer, struct collected *all, struct rnet_captured_line *line)
{
    const struct rnet_flow_options options = {.hash_seed = {1, 2}};
    const struct rnet_flow_sink sink = collector(all);
    struct event *events = rnet_alloc_zero(2 * (size_t)transfer->segments, sizeof *events);
    struct simulation simulation = {.transfer = transfer};
    const size_t count = simulate(transfer, events);

    ck_assert_int_eq(rnet_flow_table_new(&options, &sink, &simulation.table), RNET_OK);
    pass(&simulation, 0, true, 0, 0, 0, RNET_TCP_SYN);
    pass(&simulation, transfer->rtt, false, 0, 1, 0, RNET_TCP_SYN | RNET_TCP_ACK);
    pass(&simulation, transfer->rtt + 0.01, true, 1, 1, 0, RNET_TCP_ACK);
    for (size_t i = 0; i < count; i++)
        pass_event(&simulation, &events[i]);
    ck_assert_int_eq(rnet_flow_table_finish(simulation.table), RNET_OK);
    *line = *rnet_flow_table_captured_line(simulation.table);
    rnet_flow_table_free(simulation.table);
    rnet_free(events);
}

START_TEST(what_limits_a_transfer_is_named)
{
    const struct transfer *transfer = &transfers[_i];
    struct collected all = {0};
    struct rnet_captured_line line;

    run(transfer, &all, &line);
    ck_assert_uint_eq(all.flow_count, 1);
    ck_assert_msg(all.flows[0].rate_limit[transfer->direction] == transfer->expect,
                  "%s: %u, not %u", transfer->why, all.flows[0].rate_limit[transfer->direction],
                  transfer->expect);
    collected_clear(&all);
}
END_TEST

START_TEST(a_full_line_is_found_with_its_rate_and_only_a_full_one)
{
    const struct transfer *transfer = &transfers[_i];
    const uint8_t d = transfer->direction;
    /* In IP bits: 40 bytes of headers; the fixture counts no TCP options. */
    const double true_bps = transfer->rate * 1000 * (SEGMENT + 40) / SEGMENT;
    struct collected all = {0};
    struct rnet_captured_line line;

    run(transfer, &all, &line);
    ck_assert_msg((line.rate_bps[d] > 0) == transfer->full, "%s: %.0f bit/s", transfer->why,
                  line.rate_bps[d]);
    ck_assert_double_eq(line.rate_bps[1 - d], 0);
    if (transfer->full) {
        /* Both are means over whole trains or seconds: only the ends of the transfer blur them. */
        ck_assert_double_eq_tol(line.rate_bps[d], true_bps, 0.02 * true_bps);
        ck_assert_double_gt(line.delay_ms[d], 100);
    } else {
        ck_assert(isnan(line.delay_ms[d]));
    }
    collected_clear(&all);
}
END_TEST

START_TEST(an_own_window_is_told_in_bytes_and_a_receivers_is_not)
{
    struct collected all = {0};
    struct rnet_captured_line line;
    size_t flagged = 0;

    run(&transfers[0], &all, &line);
    ck_assert_double_eq_tol(all.flows[0].conversation.app_bytes_per_round[RNET_UP], 40 * SEGMENT,
                            SEGMENT);
    for (size_t i = 0; i < all.message_count; i++)
        flagged += (all.messages[i].message.flags & RNET_MESSAGE_APP_LIMITED) != 0;
    ck_assert_uint_gt(flagged, 0);
    collected_clear(&all);
    run(&transfers[2], &all, &line);
    ck_assert_uint_eq(all.flows[0].conversation.app_bytes_per_round[RNET_UP], 0);
    collected_clear(&all);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("flow-limit");
    TCase *tcase = tcase_create("limits");
    const int count = (int)(sizeof transfers / sizeof *transfers);

    tcase_add_loop_test(tcase, what_limits_a_transfer_is_named, 0, count);
    tcase_add_loop_test(tcase, a_full_line_is_found_with_its_rate_and_only_a_full_one, 0, count);
    tcase_add_test(tcase, an_own_window_is_told_in_bytes_and_a_receivers_is_not);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
