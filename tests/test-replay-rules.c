/* The rules of TCP and QUIC one by one, against what their RFCs say happens on the wire. */
#include "base/base.h"
#include "replay-demand.h"
#include "replay/tcp.h"

#include <math.h>
#include <stdlib.h>

/* --- set-up: RFC 6298 section 2, RFC 9293 section 3.8.3 ----------------------------------------- */

START_TEST(a_syn_is_tried_seven_times_as_linux_does)
{
    struct rnet_link link = long_fat_link();

    link.direction[RNET_UP].loss_ratio = 1.0;
    begin_demand();
    add_conversation(0);
    add_message(RNET_UP, 100, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    ck_assert_uint_eq(outcomes.line[RNET_UP].packets_dropped, 7);
    /* Five seconds apart by one, then two and four: tcp_syn_linear_timeouts and six retries. */
    ck_assert_int_eq(outcomes.conversations[0].closed_ns, 11 * SECOND);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* --- acknowledgements: RFC 1122 section 4.2.3.2, RFC 9000 section 13.2 --------------------------- */

static uint64_t
packets_up(enum rnet_transport transport)
{
    const struct rnet_link link = long_fat_link();

    begin_demand();
    add_conversation(0)->transport = (uint8_t)transport;
    /* A receiver that shows what it has from the start: nothing to grow, nothing to hurry. */
    conversations[0].window_bytes[RNET_DOWN] = 65000;
    conversations[0].bytes[RNET_DOWN] = 3000000;
    add_message(RNET_DOWN, 2896000, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    return outcomes.line[RNET_UP].packets_in;
}

START_TEST(every_second_segment_is_acknowledged_but_for_the_first)
{
    const uint64_t acks = packets_up(RNET_TRANSPORT_TCP);

    ck_assert_uint_ge(acks, 1000);
    ck_assert_uint_le(acks, 1000 + 16 + 24); /* quick at first; a lone last one of a window */
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(quic_acknowledges_every_second_packet_from_the_first_on)
{
    const uint64_t acks = packets_up(RNET_TRANSPORT_QUIC);
    const uint64_t packets = outcomes.line[RNET_DOWN].packets_in;

    ck_assert_uint_ge(acks, packets / 2);
    ck_assert_uint_le(acks, packets / 2 + packets / 40);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(quic_acknowledges_a_lone_packet_after_25_ms)
{
    const struct rnet_link link = long_fat_link();

    begin_demand();
    add_conversation(0)->transport = RNET_TRANSPORT_QUIC;
    add_message(RNET_DOWN, 500, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    /* 50 ms down, 25 ms of waiting, 50 ms up. */
    ck_assert_int_ge(outcomes.end_ns, 125 * MS);
    ck_assert_int_le(outcomes.end_ns, 125 * MS + 4000);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(small_messages_do_not_wait_for_acknowledgements)
{
    const struct rnet_link link = long_fat_link();

    /* Nagle's algorithm is off: keys 5 ms apart travel 5 ms apart though the round trip is 100. */
    begin_demand();
    add_conversation(0);
    add_message(RNET_UP, 50, RNET_RELEASE_OPEN, 0);
    for (uint32_t i = 1; i < 10; i++)
        add_message(RNET_UP, 50, RNET_RELEASE_WRITTEN, i - 1)->wait_ns = 5 * MS;
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    for (uint32_t i = 1; i < 10; i++)
        ck_assert_int_le(
            llabs(outcomes.messages[i].done_ns - outcomes.messages[i - 1].done_ns - 5 * MS), 1000);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* --- loss: RFC 2018, 6675, 8985 ------------------------------------------------------------------ */

START_TEST(what_was_lost_is_sent_again_and_hardly_anything_else)
{
    struct rnet_link link = named_link("adsl-8m");
    uint64_t lost, again;

    link.direction[RNET_DOWN].loss_ratio = 0.01;
    begin_demand();
    add_conversation(0);
    add_message(RNET_DOWN, 20000000, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, &(struct rnet_replay_options){.seed = (uint64_t)_i}), RNET_OK);
    lost = outcomes.line[RNET_DOWN].packets_dropped;
    again = outcomes.messages[0].retransmissions;
    ck_assert_uint_ge(lost, 80); /* 14 000 segments at 1 %: five deviations below */
    ck_assert_uint_ge(again, lost);
    ck_assert_uint_le(again, lost + lost / 10);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(a_lost_tail_is_repaired_by_a_probe)
{
    struct rnet_link link = long_fat_link();

    /* Room for two packets: the third of a burst is dropped, and nothing follows that would tell. */
    link.direction[RNET_DOWN].rate_bps = 10000000;
    link.direction[RNET_DOWN].buffer_packets = 2;
    begin_demand();
    add_conversation(0);
    add_message(RNET_DOWN, 3 * 1400, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    ck_assert_uint_eq(outcomes.line[RNET_DOWN].packets_dropped, 1);
    ck_assert_uint_eq(outcomes.messages[0].retransmissions, 1);
    /* One round trip to hear of the two, the probe's wait (two round trips and 200 ms for one in
     * flight, but no longer than the time-out of 300), half a round trip. */
    ck_assert_double_ge(took_s(0), 0.1 + 0.2 + 0.05);
    ck_assert_double_le(took_s(0), 0.1 + 0.32 + 0.06);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

static struct rnet_tcp_sender sender;

/* Twenty segments a millisecond apart, and a smallest round trip of 40 ms. */
static void
make_flight(void)
{
    memset(&sender, 0, sizeof sender);
    sender.congestion = &rnet_congestion_cubic;
    rnet_scoreboard_clear(&sender.board);
    rnet_rtt_init(&sender.rtt, RNET_RTO_FLOOR_NS);
    rnet_rtt_add(&sender.rtt, 40 * MS, 0, 0);
    rnet_rtt_add_minimum(&sender.rtt, 40 * MS, 0);
    for (uint64_t i = 0; i < 20; i++)
        ck_assert_ptr_nonnull(
            rnet_scoreboard_add(&sender.board, i * 1000, 1000, (int64_t)(i + 1) * MS));
}

static void
sack(uint32_t number, int64_t now_ns)
{
    rnet_rack_delivered(&sender, rnet_scoreboard_at(&sender.board, number), now_ns);
    rnet_scoreboard_mark_sacked(&sender.board, number);
}

START_TEST(a_hole_is_given_a_quarter_of_a_round_trip_to_be_reordering)
{
    bool lost_again = false;
    int64_t wait_ns;

    make_flight();
    sack(4, 45 * MS); /* sent at 5 ms; 0 to 3 are missing */
    wait_ns = rnet_rack_mark(&sender, 45 * MS, &lost_again);
    ck_assert_uint_eq(sender.board.lost, 0);
    /* The youngest of them, sent at 4 ms, has until 4 + 40 + 10. */
    ck_assert_int_eq(wait_ns, 9 * MS);
    sender.rack.advanced = true;
    rnet_rack_mark(&sender, 45 * MS + wait_ns, &lost_again);
    ck_assert_uint_eq(sender.board.lost, 4);
    ck_assert(!lost_again);
    rnet_scoreboard_clear(&sender.board);
}
END_TEST

START_TEST(three_segments_beyond_a_hole_make_it_a_loss)
{
    bool lost_again = false;

    make_flight();
    for (uint32_t number = 1; number <= 3; number++) {
        ck_assert_uint_eq(sender.board.lost, 0);
        sack(number, (41 + number) * MS);
        rnet_rack_mark(&sender, (41 + number) * MS, &lost_again);
    }
    ck_assert_uint_eq(sender.board.lost, 1);
    ck_assert_uint_ne(rnet_scoreboard_at(&sender.board, 0)->flags & RNET_SENT_LOST, 0);
    rnet_scoreboard_clear(&sender.board);
}
END_TEST

START_TEST(a_retransmission_may_be_lost_too)
{
    bool lost_again = false;

    make_flight();
    for (uint32_t number = 1; number <= 3; number++)
        sack(number, 44 * MS);
    rnet_rack_mark(&sender, 44 * MS, &lost_again);
    rnet_scoreboard_mark_again(&sender.board, 0, 45 * MS);
    rnet_scoreboard_add(&sender.board, 20000, 1000, 46 * MS);
    sender.state = RNET_TCP_RECOVERY;
    sack(20, 90 * MS); /* sent after the retransmission, and here before it */
    rnet_rack_mark(&sender, 90 * MS, &lost_again);
    ck_assert(lost_again);
    rnet_scoreboard_clear(&sender.board);
}
END_TEST

/* --- several things at once ---------------------------------------------------------------------- */

START_TEST(both_directions_of_a_connection_carry_at_once)
{
    const struct rnet_link link = long_fat_link();
    double alone_s;

    begin_demand();
    add_conversation(0);
    add_message(RNET_UP, 2000000, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    alone_s = took_s(0);
    add_message(RNET_DOWN, 2000000, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert_double_eq_tol(took_s(i), alone_s, 0.11); /* a round trip */
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* Ten questions of one connection, each answered 5 ms after it arrives. */
static void
make_questions(bool serial)
{
    begin_demand();
    add_conversation(0);
    for (uint32_t i = 0; i < 10; i++) {
        struct rnet_message *question =
            serial && i > 0 ? add_message(RNET_UP, 100, RNET_RELEASE_DELIVERY, 2 * i - 1)
                            : add_message(RNET_UP, 100, RNET_RELEASE_OPEN, 0);

        question->flags = RNET_MESSAGE_OPENS_EXCHANGE | (serial ? RNET_MESSAGE_SERIAL : 0);
        add_message(RNET_DOWN, 1000, RNET_RELEASE_DELIVERY, 2 * i)->wait_ns = 5 * MS;
    }
}

START_TEST(several_requests_may_be_in_flight_on_one_connection)
{
    const struct rnet_link link = long_fat_link();
    double all_s[2];

    for (int serial = 0; serial < 2; serial++) {
        make_questions(serial != 0);
        conversations[0].transport = _i == 0 ? RNET_TRANSPORT_TCP : RNET_TRANSPORT_QUIC;
        ck_assert_int_eq(replay(&link, NULL), RNET_OK);
        all_s[serial] = (double)(outcomes.messages[19].done_ns - outcomes.messages[0].started_ns) *
                        1e-9;
    }
    ck_assert_double_eq_tol(all_s[0], 0.105, 0.001);
    ck_assert_double_eq_tol(all_s[1], 1.05, 0.001);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* --- giving up ----------------------------------------------------------------------------------- */

START_TEST(a_client_that_hears_nothing_gives_up_as_its_kind_does)
{
    static const struct {
        enum rnet_usage usage;
        int64_t patience_s;
    } table[] = {{RNET_USAGE_TELEMETRY, 30}, {RNET_USAGE_FILE_SHARING, 60}, {RNET_USAGE_WEB, 300}};
    struct rnet_link link = long_fat_link();

    link.direction[RNET_UP].loss_ratio = 1.0;
    begin_demand();
    add_conversation(0)->flags = RNET_CONVERSATION_TIMESTAMPS; /* open before the capture began */
    conversations[0].usage = (uint8_t)table[_i].usage;
    add_message(RNET_UP, 100, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    ck_assert_uint_eq(outcomes.messages[0].state, RNET_OUTCOME_FAILED);
    ck_assert_int_eq(outcomes.conversations[0].closed_ns, table[_i].patience_s * SECOND);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(slow_is_not_failed_and_a_server_may_think)
{
    struct rnet_link link = named_link("adsl-512k");

    /* Ten minutes of transfer and two of thinking, with a patience of half a minute. */
    link.direction[RNET_UP].rate_bps = 16000;
    begin_demand();
    add_conversation(0)->usage = RNET_USAGE_TELEMETRY;
    add_message(RNET_UP, 1000000, RNET_RELEASE_OPEN, 0);
    add_message(RNET_DOWN, 100, RNET_RELEASE_DELIVERY, 0)->wait_ns = 120 * SECOND;
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    ck_assert_uint_eq(outcomes.messages[0].state, RNET_OUTCOME_DONE);
    ck_assert_uint_eq(outcomes.messages[1].state, RNET_OUTCOME_DONE);
    ck_assert_int_ge(outcomes.messages[0].done_ns, 500 * SECOND);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* --- lines of every kind --------------------------------------------------------------------------
 */

static const int64_t delays_ns[] = {2 * MS, 20 * MS, 270 * MS};
static const uint64_t buffers_bytes[] = {16384, 65536, 300000, 0};

/* Two downloads, an upload and thirty small exchanges. */
static void
make_office(void)
{
    begin_demand();
    for (int i = 0; i < 2; i++) {
        add_conversation(i * SECOND);
        add_message(RNET_DOWN, 500000, RNET_RELEASE_OPEN, 0);
    }
    add_conversation(2 * SECOND);
    add_message(RNET_UP, 300000, RNET_RELEASE_OPEN, 0);
    add_conversation(3 * SECOND);
    for (uint32_t i = 0; i < 30; i++) {
        add_message(RNET_UP, 300, i == 0 ? RNET_RELEASE_OPEN : RNET_RELEASE_DELIVERY,
                    i == 0 ? 0 : 2 * i - 1)
            ->wait_ns = 20 * MS;
        add_message(RNET_DOWN, 4000, RNET_RELEASE_DELIVERY, 2 * i);
    }
}

static double
all_done_s(const struct rnet_link *link)
{
    int64_t last_ns = 0;

    make_office();
    ck_assert_int_eq(replay(link, NULL), RNET_OK);
    ck_assert(outcomes.complete);
    for (size_t i = 0; i < demand.message_count; i++) {
        ck_assert_uint_eq(outcomes.messages[i].state, RNET_OUTCOME_DONE);
        last_ns = outcomes.messages[i].done_ns > last_ns ? outcomes.messages[i].done_ns : last_ns;
    }
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const struct rnet_line_outcome *line = &outcomes.line[d];

        ck_assert_uint_eq(line->bytes_in, line->bytes_out + line->bytes_dropped);
        ck_assert_int_le(line->busy_ns, outcomes.end_ns);
        /* Cells cost more than the packets in them: no more than the rate gets through. */
        ck_assert_double_le(8e9 * (double)line->bytes_out,
                            (double)link->direction[d].rate_bps * (double)outcomes.end_ns);
    }
    return (double)last_ns * 1e-9;
}

START_TEST(a_line_twice_as_fast_is_not_slower)
{
    struct rnet_link link = named_link(_i % 2 == 0 ? "adsl-2m" : "adsl-2m-fair");
    double before_s = INFINITY;

    for (uint64_t down_bps = 256000; down_bps <= 32768000; down_bps *= 2) {
        double now_s;

        for (int d = 0; d < RNET_DIRECTIONS; d++) {
            link.direction[d].rate_bps = d == RNET_DOWN ? down_bps : down_bps / 6;
            link.direction[d].delay_ns = delays_ns[_i / 8];
            link.direction[d].buffer_bytes = buffers_bytes[_i / 2 % 4];
        }
        now_s = all_done_s(&link);
        /* Losses fall where they fall: a tenth either way is theirs. */
        ck_assert_msg(now_s <= 1.1 * before_s, "%g s at %g kbit/s, %g s at half of it", now_s,
                      (double)down_bps * 1e-3, before_s);
        before_s = now_s;
    }
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(a_shaper_sets_the_pace_where_it_is_slower_than_the_line)
{
    static const struct {
        uint64_t shaper_bps;
        double takes_s; /* 691 packets of 1492 bytes: 9.38 Mbit in cells */
    } table[] = {{0, 1.15}, {4000000, 2.35}, {1000000, 9.38}};
    struct rnet_link link = named_link("adsl-8m");

    link.direction[RNET_DOWN].shaper_bps = table[_i].shaper_bps;
    link.direction[RNET_DOWN].buffer_bytes = 0;
    begin_demand();
    add_conversation(0);
    add_message(RNET_DOWN, 691 * 1440, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    /* Slow start costs up to half a second of it where the line is quick. */
    ck_assert_double_ge(took_s(0), table[_i].takes_s * 0.99);
    ck_assert_double_le(took_s(0), table[_i].takes_s * 1.03 + (_i == 0 ? 0.5 : 0.15));
    link.direction[RNET_DOWN].shaper_bps = link.direction[RNET_DOWN].rate_bps + 1;
    ck_assert_int_eq(replay(&link, NULL), RNET_EINVAL);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* --- cost ------------------------------------------------------------------------------------------
 */

static uint64_t
allocations(uint64_t bytes, uint64_t *packets)
{
    const struct rnet_link link = named_link("adsl-8m");
    uint64_t counted;

    begin_demand();
    for (int i = 0; i < 4; i++) {
        add_conversation(i * SECOND);
        add_message(i % 2 == 0 ? RNET_DOWN : RNET_UP, bytes, RNET_RELEASE_OPEN, 0);
    }
    rnet_alloc_fail_at(0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    counted = rnet_alloc_fail_at(0);
    *packets = outcomes.packets;
    rnet_outcomes_clear(&outcomes);
    return counted;
}

START_TEST(nothing_is_allocated_per_packet)
{
    uint64_t packets[2];
    const uint64_t few = allocations(4000000, &packets[0]);
    const uint64_t many = allocations(40000000, &packets[1]);

    ck_assert_uint_ge(packets[1], 9 * packets[0]);
    /* A few arrays may still find their final size; a hundred thousand packets need no more. */
    ck_assert_uint_le(many, few + 6);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay rules");
    TCase *tcase = tcase_create("rules");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_syn_is_tried_seven_times_as_linux_does);
    tcase_add_test(tcase, every_second_segment_is_acknowledged_but_for_the_first);
    tcase_add_test(tcase, quic_acknowledges_every_second_packet_from_the_first_on);
    tcase_add_test(tcase, quic_acknowledges_a_lone_packet_after_25_ms);
    tcase_add_test(tcase, small_messages_do_not_wait_for_acknowledgements);
    tcase_add_loop_test(tcase, what_was_lost_is_sent_again_and_hardly_anything_else, 1, 6);
    tcase_add_test(tcase, a_lost_tail_is_repaired_by_a_probe);
    tcase_add_test(tcase, a_hole_is_given_a_quarter_of_a_round_trip_to_be_reordering);
    tcase_add_test(tcase, three_segments_beyond_a_hole_make_it_a_loss);
    tcase_add_test(tcase, a_retransmission_may_be_lost_too);
    tcase_add_test(tcase, both_directions_of_a_connection_carry_at_once);
    tcase_add_loop_test(tcase, several_requests_may_be_in_flight_on_one_connection, 0, 2);
    tcase_add_loop_test(tcase, a_client_that_hears_nothing_gives_up_as_its_kind_does, 0, 3);
    tcase_add_test(tcase, slow_is_not_failed_and_a_server_may_think);
    tcase_add_loop_test(tcase, a_line_twice_as_fast_is_not_slower, 0, 24);
    tcase_add_loop_test(tcase, a_shaper_sets_the_pace_where_it_is_slower_than_the_line, 0, 3);
    tcase_add_test(tcase, nothing_is_allocated_per_packet);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
