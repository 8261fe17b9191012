/* What a specification says of queues, shapers and segment sizes, as the replay carries it out. */
#include "base/base.h"
#include "replay-demand.h"
#include "suite.h"

static struct rnet_link
parse(const char *specification)
{
    struct rnet_link link;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_link_parse(specification, &link, &err) == RNET_OK, "%s", err.message);
    return link;
}

/* Half a minute of one transfer at the sync rate; what packets waited on average, in ms. */
static double
mean_wait_ms(const char *specification, enum rnet_direction way, double *mbps)
{
    const struct rnet_link link = parse(specification);
    const uint64_t bytes = link.direction[way].rate_bps * 30 / 8;
    const struct rnet_line_outcome *line = &outcomes.line[way];

    begin_demand();
    add_conversation(0);
    add_message(way, bytes, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(&link, NULL), RNET_OK);
    ck_assert(outcomes.complete);
    *mbps = (double)bytes * 8 / 1e6 / took_s(0);
    return (double)line->total_delay_ns / (double)line->packets_out / 1e6;
}

/* 256 KiB are 262 ms at 8 Mbit/s and 2.1 s at 1 Mbit/s; fq_codel aims at 5 ms and cannot hold less
 * than a few packets of 1.7 and 14 ms. */
#define LINE "adsl:8000/1000,buffer=256KiB,delay=15ms"
static const struct {
    const char *specification;
    double down_min_ms, down_max_ms, up_min_ms, up_max_ms;
} waits[] = {
    {LINE, 80, 400, 500, 2500},
    {LINE ",queue=fq_codel", 0, 30, 0, 60},
    {LINE ",queue=fq_codel/droptail", 0, 30, 500, 2500},
    {LINE ",queue=droptail/fq_codel", 80, 400, 0, 60},
    {LINE ",shaper=90%,queue=fq_codel", 0, 30, 0, 60},
    {LINE ",shaper=100%/80%,queue=droptail/fq_codel", 80, 400, 0, 60},
    {LINE ",shaper=80%/100%,queue=fq_codel/droptail", 0, 30, 500, 2500},
};

START_TEST(queueing_delay_is_short_in_the_direction_that_is_fair_and_only_there)
{
    double mbps, down, up;

    down = mean_wait_ms(waits[_i].specification, RNET_DOWN, &mbps);
    up = mean_wait_ms(waits[_i].specification, RNET_UP, &mbps);
    ck_assert_msg(down >= waits[_i].down_min_ms && down <= waits[_i].down_max_ms &&
                      up >= waits[_i].up_min_ms && up <= waits[_i].up_max_ms,
                  "%s: %.1f ms down, %.1f up", waits[_i].specification, down, up);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* Shaped to half in one direction: half the goodput there, all of it in the other. */
START_TEST(a_shaper_slows_its_own_direction)
{
    double down, up, slow_down, slow_up;

    (void)mean_wait_ms(LINE, RNET_DOWN, &down);
    (void)mean_wait_ms(LINE, RNET_UP, &up);
    (void)mean_wait_ms(LINE ",shaper=50%/100%", RNET_DOWN, &slow_down);
    (void)mean_wait_ms(LINE ",shaper=50%/100%", RNET_UP, &slow_up);
    ck_assert_double_eq_tol(slow_down / down, 0.5, 0.03);
    ck_assert_double_eq_tol(slow_up / up, 1, 0.001);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

/* Payload of the largest segment with timestamps: MTU less 52, or the clamp less 12. */
static const struct {
    const char *specification;
    uint32_t payload;
} segments[] = {
    {"ethernet:100000/100000,mtu=1500", 1448}, {"ethernet:100000/100000,mtu=1492", 1440},
    {"ethernet:100000/100000,mtu=576", 524},   {"ethernet:100000/100000,mtu=9000", 8948},
    {"ethernet:100000/100000,mss=1400", 1388}, {"ethernet:100000/100000,mtu=1000,mss=1400", 948},
};

static uint64_t
packets_for(const struct rnet_link *link, enum rnet_direction way, uint64_t bytes)
{
    begin_demand();
    add_conversation(0);
    add_message(way, bytes, RNET_RELEASE_OPEN, 0);
    ck_assert_int_eq(replay(link, NULL), RNET_OK);
    ck_assert_uint_eq(outcomes.line[way].packets_dropped, 0);
    return outcomes.line[way].packets_in;
}

/* Whole segments need exactly so many packets, and a byte more one more: none is longer than the
 * line's MTU, none shorter than it must. */
START_TEST(segments_fill_the_mtu_and_never_exceed_it)
{
    struct rnet_link link = parse(segments[_i].specification);

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const enum rnet_direction way = (enum rnet_direction)d;
        const uint64_t one = packets_for(&link, way, 1);

        ck_assert_uint_eq(packets_for(&link, way, segments[_i].payload), one);
        ck_assert_uint_eq(packets_for(&link, way, segments[_i].payload + 1), one + 1);
        ck_assert_uint_eq(packets_for(&link, way, 8 * segments[_i].payload), one + 7);
    }
    rnet_outcomes_clear(&outcomes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay shaper");
    TCase *tcase = tcase_create("shaper");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, queueing_delay_is_short_in_the_direction_that_is_fair_and_only_there,
                        0, sizeof waits / sizeof waits[0]);
    tcase_add_test(tcase, a_shaper_slows_its_own_direction);
    tcase_add_loop_test(tcase, segments_fill_the_mtu_and_never_exceed_it, 0,
                        sizeof segments / sizeof segments[0]);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
