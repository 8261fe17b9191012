/* Congestion control, time-outs and the scoreboard against published numbers and slow models. */
#include "base/base.h"
#include "replay/congestion.h"
#include "replay/rtt.h"
#include "replay/scoreboard.h"
#include "replay/tcp.h"
#include "replay.h"
#include "suite.h"

#include <math.h>

/* --- time-outs: standards.md §9, computed checks of RFC 6298 ------------------------------ */

START_TEST(the_time_out_follows_rfc_6298)
{
    struct rnet_rtt rtt;

    rnet_rtt_init(&rtt, 0);
    ck_assert_int_eq(rtt.rto_ns, SECOND);
    rnet_rtt_add(&rtt, 100 * MS, 1, 2);
    ck_assert_int_eq(rtt.rto_ns, 300 * MS);
    /* Before the round ends the margin may only rise; RFC 6298 would say 272.5 ms at once. */
    rnet_rtt_add(&rtt, 120 * MS, 1, 2);
    ck_assert_int_eq(rtt.smoothed_ns, 102500000);
    ck_assert_int_eq(rtt.deviation_ns, 42500000);
    ck_assert_int_ge(rtt.rto_ns, 272500000);
}
END_TEST

START_TEST(the_time_out_is_never_closer_than_the_floor_and_never_past_the_ceiling)
{
    struct rnet_rtt rtt;

    rnet_rtt_init(&rtt, RNET_RTO_FLOOR_NS);
    for (uint64_t i = 0; i < 100; i++)
        rnet_rtt_add(&rtt, 50 * MS, i, i + 1);
    ck_assert_int_ge(rtt.rto_ns, 250 * MS);
    ck_assert_int_le(rtt.rto_ns, 251 * MS);
    rnet_rtt_add(&rtt, 1000 * SECOND, 200, 201);
    ck_assert_int_eq(rtt.rto_ns, RNET_RTO_MAX_NS);
    rnet_rtt_add(&rtt, -5, 300, 301); /* a clock that ran backwards */
    ck_assert_int_ge(rtt.rto_ns, RNET_RTO_FLOOR_NS);
}
END_TEST

/* --- CUBIC: standards.md §9, computed checks of RFC 9438 ---------------------------------- */

/* Window after `seconds` of acknowledgements every 10 ms, one window per 100 ms round trip. */
static double
cubic_after(double w_max, uint32_t from, double seconds)
{
    const struct rnet_congestion *cubic = &rnet_congestion_cubic;
    struct rnet_window window = {.segments = from, .ssthresh = from};
    const int64_t end_ns = (int64_t)(seconds * 1e9);

    cubic->init(&window, 0);
    window.u.cubic.plateau_segments = w_max;
    for (int64_t now_ns = 0; now_ns <= end_ns; now_ns += 10 * MS) {
        struct rnet_ack_sample ack = {.now_ns = now_ns, .rtt_ns = 1};

        cubic->sample(&window, &ack);
        cubic->grow(&window, window.segments / 10, now_ns);
    }
    return window.segments;
}

START_TEST(cubic_passes_through_the_published_points)
{
    /* W_max 100 from 70: K = 4.217; W(1) 86.68, W(2) 95.64, W(6) 102.27, W(8) 121.65. The window is
     * whole segments and follows the curve with a round trip of lag: two segments, or three at the
     * steep end. */
    static const struct {
        double t_s;
        double segments;
        double tolerance;
    } points[] = {{1, 86.6808, 2}, {2, 95.6403, 2}, {6, 102.2667, 2}, {8, 121.6527, 3}};

    ck_assert_double_eq_tol(cubic_after(100, 70, points[_i].t_s), points[_i].segments,
                            points[_i].tolerance);
}
END_TEST

/* Just past its plateau the curve is flat: growth is slow there, but still a number. */
START_TEST(cubic_is_slow_but_finite_at_its_plateau)
{
    const struct rnet_congestion *cubic = &rnet_congestion_cubic;

    for (int64_t after_ns = 1; after_ns < SECOND; after_ns *= 3) {
        struct rnet_window window = {.segments = 70, .ssthresh = 70};

        cubic->init(&window, 0);
        window.u.cubic.plateau_segments = 70;
        cubic->grow(&window, 1, 0);
        cubic->grow(&window, 1, 40 * MS + after_ns);
        ck_assert_double_ge(window.u.cubic.count, 2);
        ck_assert_double_le(window.u.cubic.count, 100 * 70);
        window.u.cubic.epoch_ns = 40 * MS + after_ns; /* a curve that begins where it is */
        window.u.cubic.window_seen = 0;
        window.u.cubic.reno_segments = 0; /* and nothing else asks for growth */
        cubic->grow(&window, 1, 40 * MS + 2 * after_ns);
        ck_assert_double_ge(window.u.cubic.count, 2);
        ck_assert_double_le(window.u.cubic.count, 100 * 70);
        ck_assert_uint_le(window.segments, 71);
    }
}
END_TEST

START_TEST(cubic_reduces_to_seven_tenths_and_converges_fast)
{
    const struct rnet_congestion *cubic = &rnet_congestion_cubic;
    struct rnet_window window = {.segments = 100, .ssthresh = RNET_SSTHRESH_INFINITE};

    cubic->init(&window, 0);
    ck_assert_uint_eq(cubic->reduce(&window), 70);
    ck_assert_double_eq_tol(window.u.cubic.plateau_segments, 100, 1e-9);
    window.segments = 80; /* it never got back to 100: W_max becomes 80 (1 + 0.7) / 2 */
    ck_assert_uint_eq(cubic->reduce(&window), 56);
    ck_assert_double_eq_tol(window.u.cubic.plateau_segments, 68, 0.02);
    window.segments = 2;
    ck_assert_uint_eq(cubic->reduce(&window), 2);
}
END_TEST

START_TEST(reno_grows_by_one_segment_per_window)
{
    const struct rnet_congestion *reno = &rnet_congestion_reno;
    struct rnet_window window = {.segments = 10, .ssthresh = 10};
    uint32_t acked = 0;

    for (uint32_t want = 11; want <= 40; want++) {
        for (uint32_t i = 0; i < want - 1; i++, acked++)
            reno->grow(&window, 1, 0);
        ck_assert_uint_ge(window.segments, want - 1);
        ck_assert_uint_le(window.segments, want);
    }
    ck_assert_uint_eq(reno->reduce(&window), window.segments / 2);
}
END_TEST

START_TEST(slow_start_stops_exactly_at_the_threshold)
{
    struct rnet_window window = {.segments = 10, .ssthresh = 25};

    ck_assert_uint_eq(rnet_window_slow_start(&window, 10), 0);
    ck_assert_uint_eq(window.segments, 20);
    ck_assert_uint_eq(rnet_window_slow_start(&window, 10), 5);
    ck_assert_uint_eq(window.segments, 25);
}
END_TEST

START_TEST(hystart_ends_slow_start_when_eight_samples_agree_on_a_queue)
{
    struct rnet_hystart hystart = {0};
    struct rnet_ack_sample ack = {.rtt_ns = 50 * MS + (_i == 0 ? 3 : 8) * MS, .next = 100};
    bool found = false;

    rnet_hystart_reset(&hystart, 0, 100);
    for (int i = 0; i < 20 && !found; i++) {
        ack.now_ns += 5 * MS; /* slower than a train */
        found = rnet_hystart_sample(&hystart, 40, 50 * MS, &ack);
        ck_assert(!found || i == 8);
    }
    ck_assert_int_eq(found, _i == 1); /* 6.25 ms, an eighth of 50, is the line */
}
END_TEST

START_TEST(hystart_leaves_small_windows_alone)
{
    struct rnet_hystart hystart = {0};
    struct rnet_ack_sample ack = {.rtt_ns = 500 * MS, .next = 100};

    rnet_hystart_reset(&hystart, 0, 100);
    for (int i = 0; i < 20; i++)
        ck_assert(!rnet_hystart_sample(&hystart, 15, 50 * MS, &ack));
}
END_TEST

/* --- HyStart++: RFC 9406 section 4.2 -------------------------------------------------------- */

#define ROUND 20 /* segments acknowledged in one */

/* A round of samples of one round trip; true when slow start ended in it. */
static bool
plus_round(struct rnet_hystart_plus *hystart, uint64_t *acked, int64_t rtt_ns)
{
    bool ended = false;

    for (int i = 0; i < ROUND && !ended; i++) {
        const struct rnet_ack_sample ack = {
            .rtt_ns = rtt_ns, .acked = ++*acked, .next = *acked + ROUND - 1};

        ended = rnet_hystart_plus_sample(hystart, &ack);
    }
    return ended;
}

static const struct {
    const char *why;
    int64_t before_ms, after_ms;
    bool conservative;
} plus_cases[] = {
    {"an eighth of 80 ms is the line", 80, 90, true},
    {"less than an eighth is not enough", 80, 89, false},
    {"never less than 4 ms", 8, 11, false},
    {"4 ms are", 8, 12, true},
    {"never more than 16 ms", 400, 416, true},
    {"15 ms of 400 are not", 400, 415, false},
};

START_TEST(hystart_plus_slows_down_at_a_longer_round_trip)
{
    struct rnet_hystart_plus hystart;
    uint64_t acked = 0;

    rnet_hystart_plus_reset(&hystart, 0);
    ck_assert(!plus_round(&hystart, &acked, plus_cases[_i].before_ms * MS));
    ck_assert(!hystart.conservative);
    ck_assert(!plus_round(&hystart, &acked, plus_cases[_i].after_ms * MS));
    ck_assert_msg(hystart.conservative == plus_cases[_i].conservative, "%s", plus_cases[_i].why);
    ck_assert_uint_eq(rnet_hystart_plus_growth(&hystart, 4), hystart.conservative ? 1 : 4);
    /* No more than eight segments an acknowledgement, and a quarter of that. */
    ck_assert_uint_eq(rnet_hystart_plus_growth(&hystart, 30), hystart.conservative ? 2 : 8);
}
END_TEST

START_TEST(hystart_plus_ends_slow_start_after_five_conservative_rounds)
{
    struct rnet_hystart_plus hystart;
    uint64_t acked = 0;
    int rounds = 0;

    rnet_hystart_plus_reset(&hystart, 0);
    plus_round(&hystart, &acked, 80 * MS);
    /* The round in which it begins counts as the first (section 4.2), so the sixth's start ends it.
     */
    while (rounds < 20 && !plus_round(&hystart, &acked, 100 * MS))
        rounds++;
    ck_assert_int_eq(rounds, 5);
}
END_TEST

START_TEST(hystart_plus_resumes_when_the_round_trip_falls)
{
    struct rnet_hystart_plus hystart;
    uint64_t acked = 0;

    rnet_hystart_plus_reset(&hystart, 0);
    plus_round(&hystart, &acked, 80 * MS);
    plus_round(&hystart, &acked, 100 * MS);
    ck_assert(hystart.conservative);
    ck_assert(!plus_round(&hystart, &acked, 99 * MS));
    ck_assert(!hystart.conservative);
    for (int i = 0; i < 10; i++)
        ck_assert(!plus_round(&hystart, &acked, 99 * MS));
}
END_TEST

/* --- PRR ------------------------------------------------------------------------------------ */

START_TEST(prr_sends_in_proportion_and_ends_at_the_threshold)
{
    struct rnet_tcp_sender sender = {.congestion = &rnet_congestion_cubic,
                                     .state = RNET_TCP_RECOVERY};
    uint32_t sent = 0;

    /* RFC 6937 section 4's setting: 20 segments in flight, one lost, the rest sacked one by one. */
    rnet_scoreboard_clear(&sender.board);
    sender.window.segments = 20;
    for (uint64_t i = 0; i < 20; i++)
        ck_assert_ptr_nonnull(rnet_scoreboard_add(&sender.board, i * 1000, 1000, 0));
    rnet_congestion_cubic.init(&sender.window, 0);
    rnet_tcp_begin_reduction(&sender);
    ck_assert_uint_eq(sender.window.ssthresh, 14);
    rnet_scoreboard_mark_lost(&sender.board, 0);
    for (uint32_t i = 1; i < 20; i++) {
        rnet_scoreboard_mark_sacked(&sender.board, i);
        rnet_tcp_prr(&sender, 1, i == 1 ? 1 : 0, false);
        while (rnet_scoreboard_in_flight(&sender.board) < sender.window.segments) {
            if (sent == 0)
                rnet_scoreboard_mark_again(&sender.board, 0, 1);
            else
                rnet_scoreboard_add(&sender.board, (20 + sent) * 1000, 1000, 1);
            sender.prr.out++;
            sent++;
        }
    }
    /* 19 delivered of 20: ceil(19 * 14 / 20) = 14 sent, so that 14 are in flight at the end. */
    ck_assert_uint_ge(sent, 13);
    ck_assert_uint_le(sent, 14);
    ck_assert_uint_le(rnet_scoreboard_in_flight(&sender.board), 14);
    rnet_scoreboard_clear(&sender.board);
}
END_TEST

/* --- the scoreboard against counting --------------------------------------------------------- */

static void
check_counts(const struct rnet_scoreboard *board)
{
    uint32_t sacked = 0, lost = 0, again = 0, listed = 0;
    int64_t before_ns = -1;

    for (uint32_t i = 0; i < board->count; i++) {
        const uint8_t flags = rnet_scoreboard_at(board, board->first + i)->flags;

        sacked += (flags & RNET_SENT_SACKED) != 0;
        lost += (flags & RNET_SENT_LOST) != 0;
        again += (flags & RNET_SENT_AGAIN) != 0;
        listed += (flags & RNET_SENT_LISTED) != 0;
    }
    ck_assert_uint_eq(sacked, board->sacked);
    ck_assert_uint_eq(lost, board->lost);
    ck_assert_uint_eq(again, board->again);
    for (uint32_t n = board->oldest; n != RNET_NONE; n = rnet_scoreboard_at(board, n)->later) {
        ck_assert_int_ge(rnet_scoreboard_at(board, n)->sent_ns, before_ns);
        before_ns = rnet_scoreboard_at(board, n)->sent_ns;
        listed--;
    }
    ck_assert_uint_eq(listed, 0);
}

START_TEST(the_scoreboard_counts_what_it_holds)
{
    struct rnet_random random = rnet_random_stream(3, (uint64_t)_i);
    struct rnet_scoreboard board;
    uint64_t end = 0;

    board.ring = NULL;
    rnet_scoreboard_clear(&board);
    for (int64_t step = 0; step < 3000; step++) {
        const uint32_t pick =
            board.first + (board.count > 0 ? (uint32_t)rnet_random_below(&random, board.count) : 0);
        const uint8_t flags = board.count > 0 ? rnet_scoreboard_at(&board, pick)->flags : 0;

        switch (board.count == 0 ? 0 : rnet_random_below(&random, 7)) {
        case 0:
        case 1:
            ck_assert_ptr_nonnull(rnet_scoreboard_add(
                &board, end, (uint32_t)rnet_random_below(&random, 9) + 1, step));
            end = rnet_sent_end(rnet_scoreboard_at(&board, board.first + board.count - 1));
            break;
        case 2:
            rnet_scoreboard_drop_first(&board);
            break;
        case 3:
            if ((flags & RNET_SENT_SACKED) == 0)
                rnet_scoreboard_mark_sacked(&board, pick);
            break;
        case 4:
            if ((flags & RNET_SENT_SACKED) == 0)
                rnet_scoreboard_mark_lost(&board, pick);
            break;
        case 5:
            if ((flags & RNET_SENT_LOST) != 0)
                rnet_scoreboard_mark_again(&board, pick, step);
            break;
        case 6: {
            /* Any byte is found in the segment that holds it. */
            const struct rnet_sent *sent = rnet_scoreboard_at(&board, pick);

            ck_assert_uint_eq(rnet_scoreboard_find(&board, sent->begin), pick);
            ck_assert_uint_eq(rnet_scoreboard_find(&board, rnet_sent_end(sent) - 1), pick);
            break;
        }
        }
        if (step % 50 == 0)
            check_counts(&board);
    }
    rnet_scoreboard_unmark_lost(&board);
    check_counts(&board);
    rnet_scoreboard_clear(&board);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay congestion");
    TCase *tcase = tcase_create("congestion");

    tcase_add_test(tcase, the_time_out_follows_rfc_6298);
    tcase_add_test(tcase, the_time_out_is_never_closer_than_the_floor_and_never_past_the_ceiling);
    tcase_add_loop_test(tcase, cubic_passes_through_the_published_points, 0, 4);
    tcase_add_test(tcase, cubic_is_slow_but_finite_at_its_plateau);
    tcase_add_test(tcase, cubic_reduces_to_seven_tenths_and_converges_fast);
    tcase_add_test(tcase, reno_grows_by_one_segment_per_window);
    tcase_add_test(tcase, slow_start_stops_exactly_at_the_threshold);
    tcase_add_loop_test(tcase, hystart_ends_slow_start_when_eight_samples_agree_on_a_queue, 0, 2);
    tcase_add_test(tcase, hystart_leaves_small_windows_alone);
    tcase_add_loop_test(tcase, hystart_plus_slows_down_at_a_longer_round_trip, 0,
                        sizeof plus_cases / sizeof *plus_cases);
    tcase_add_test(tcase, hystart_plus_ends_slow_start_after_five_conservative_rounds);
    tcase_add_test(tcase, hystart_plus_resumes_when_the_round_trip_falls);
    tcase_add_test(tcase, prr_sends_in_proportion_and_ends_at_the_threshold);
    tcase_add_loop_test(tcase, the_scoreboard_counts_what_it_holds, 0, 10);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
