#include "base/base.h"
#include "replay/events.h"
#include "replay/line.h"
#include "replay.h"
#include "suite.h"

/* --- the event queue against a plain search ---------------------------------------------- */

#define EVENTS 3000

struct waiting {
    int64_t time_ns;
    uint32_t target;
    bool taken;
};

/* The earliest still waiting; of equals, the one asked for first. */
static uint32_t
search_earliest(const struct waiting *waiting, uint32_t count)
{
    uint32_t earliest = RNET_NONE;

    for (uint32_t i = 0; i < count; i++)
        if (!waiting[i].taken &&
            (earliest == RNET_NONE || waiting[i].time_ns < waiting[earliest].time_ns))
            earliest = i;
    return earliest;
}

/* Kinds that travel in lanes and kinds that do not, mostly rising times with many ties. */
static void
push_some(struct rnet_events *events, struct waiting *waiting, uint32_t i,
          struct rnet_random *random)
{
    static const enum rnet_event_kind kinds[] = {RNET_EVENT_ENTER_LINE, RNET_EVENT_LINE_SENT,
                                                 RNET_EVENT_ARRIVE, RNET_EVENT_TCP_TIMER};
    const enum rnet_event_kind kind = kinds[rnet_random_below(random, 4)];
    const int64_t spread = rnet_random_below(random, 10) == 0 ? 400 : 20;

    waiting[i] = (struct waiting){
        .time_ns = i / 4 + (int64_t)rnet_random_below(random, (uint64_t)spread), .target = i};
    rnet_events_push(events, waiting[i].time_ns, kind, i);
}

START_TEST(events_come_out_by_time_and_then_in_the_order_they_were_asked_for)
{
    static struct waiting waiting[EVENTS];
    struct rnet_random random = rnet_random_stream(1, (uint64_t)_i);
    struct rnet_events events;
    struct rnet_event event;
    uint32_t pushed = 0;
    uint32_t popped = 0;

    rnet_events_init(&events);
    while (popped < EVENTS) {
        if (pushed < EVENTS && rnet_random_below(&random, 100) < 52)
            push_some(&events, waiting, pushed++, &random);
        if (rnet_random_below(&random, 2) == 0 || pushed == EVENTS) {
            const uint32_t expected = search_earliest(waiting, pushed);

            ck_assert_int_eq(rnet_events_pop(&events, &event), expected != RNET_NONE);
            if (expected == RNET_NONE)
                continue;
            ck_assert_uint_eq(event.target, expected);
            ck_assert_int_eq(event.time_ns, waiting[expected].time_ns);
            waiting[expected].taken = true;
            popped++;
        }
    }
    ck_assert(!rnet_events_pop(&events, &event));
    rnet_events_clear(&events);
}
END_TEST

/* --- the line against a slow model: a sorted list of arrivals worked through by hand ------- */

#define ARRIVALS 600

struct arrival {
    int64_t time_ns;
    uint32_t ip_bytes;
    int64_t left_ns; /* -1 = dropped */
};

static void
make_arrivals(struct arrival *arrivals, uint64_t seed, const struct rnet_link *link)
{
    struct rnet_random random = rnet_random_stream(seed, 7);
    int64_t time_ns = 0;

    for (int i = 0; i < ARRIVALS; i++) {
        const uint32_t bytes = (uint32_t)rnet_random_below(&random, 1452) + 40;

        /* About 110 % load, in bursts, so that every buffer overflows now and then. */
        if (rnet_random_below(&random, 4) == 0)
            time_ns += (int64_t)rnet_random_below(
                &random, (uint64_t)(7 * rnet_link_serialise_ns(link, RNET_UP, 760)));
        arrivals[i] = (struct arrival){time_ns, bytes, -1};
    }
}

/* The slow model: for each arrival, look at everyone before it to see who is still there. */
static void
work_through(struct arrival *arrivals, const struct rnet_link *link)
{
    int64_t free_ns = 0;

    for (int i = 0; i < ARRIVALS; i++) {
        uint64_t held = arrivals[i].ip_bytes;

        for (int k = 0; k < i; k++)
            if (arrivals[k].left_ns > arrivals[i].time_ns)
                held += arrivals[k].ip_bytes;
        if (link->direction[RNET_UP].buffer_bytes != 0 &&
            held > link->direction[RNET_UP].buffer_bytes)
            continue;
        if (free_ns < arrivals[i].time_ns)
            free_ns = arrivals[i].time_ns;
        free_ns += rnet_link_serialise_ns(link, RNET_UP, arrivals[i].ip_bytes);
        arrivals[i].left_ns = free_ns;
    }
}

START_TEST(drop_tail_agrees_with_a_slow_model_packet_by_packet)
{
    const struct rnet_link link = fixture_link(&fixtures[_i]);
    struct arrival arrivals[ARRIVALS];
    struct rnet_line_outcome counts = {0};
    struct rnet_packet_pool pool;
    struct rnet_line_service service = {.started = false};
    struct rnet_line line;
    uint64_t left = 0;

    if (link.direction[RNET_UP].queue != RNET_QUEUE_DROP_TAIL)
        return;
    make_arrivals(arrivals, (uint64_t)_i, &link);
    work_through(arrivals, &link);
    rnet_packet_pool_init(&pool);
    ck_assert_int_eq(rnet_line_init(&line, &link, RNET_UP, 1, &pool, &counts), RNET_OK);
    /* Departures first at equal times. */
    for (uint32_t i = 0; i <= ARRIVALS; i++) {
        const int64_t until_ns = i < ARRIVALS ? arrivals[i].time_ns : INT64_MAX;
        struct rnet_line_service started;
        uint32_t index;

        while (service.started && service.done_ns <= until_ns) {
            const int64_t now_ns = service.done_ns;
            int64_t flight_ns;

            index = rnet_line_sent(&line, now_ns, &flight_ns, &service);
            ck_assert_uint_ne(index, RNET_NONE);
            ck_assert_int_eq(flight_ns, link.direction[RNET_UP].delay_ns);
            ck_assert_int_eq(now_ns, arrivals[pool.packets[index].item].left_ns);
            rnet_packet_give_back(&pool, index);
            left++;
        }
        if (i == ARRIVALS)
            break;
        index = rnet_packet_take(&pool);
        pool.packets[index].item = i;
        pool.packets[index].ip_bytes = arrivals[i].ip_bytes;
        started = rnet_line_put(&line, index, arrivals[i].time_ns);
        if (started.started)
            service = started;
    }
    for (int i = 0; i < ARRIVALS; i++)
        left -= arrivals[i].left_ns >= 0;
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_eq(counts.packets_in, ARRIVALS);
    ck_assert_uint_eq(counts.packets_in, counts.packets_out + counts.packets_dropped);
    if ((fixtures[_i].flags & FIXTURE_SHALLOW) != 0)
        ck_assert_uint_gt(counts.packets_dropped, 0);
    rnet_line_clear(&line);
    rnet_packet_pool_clear(&pool);
}
END_TEST

START_TEST(the_classes_of_delay_rise_to_infinity)
{
    for (size_t i = 1; i < RNET_DELAY_CLASSES; i++)
        ck_assert_double_gt(rnet_delay_class_edge_ms(i), rnet_delay_class_edge_ms(i - 1));
    ck_assert_double_infinite(rnet_delay_class_edge_ms(RNET_DELAY_CLASSES - 1));
}
END_TEST

/* Keep the line busy with packets of one size; the mean time each takes, in ns. */
static double
mean_service_ns(const char *specification, uint64_t seed, uint32_t packets, uint32_t *slow)
{
    struct rnet_link link;
    struct rnet_error err = {0};
    struct rnet_line_outcome counts = {0};
    struct rnet_packet_pool pool;
    struct rnet_line_service service = {.started = false};
    struct rnet_line line;
    int64_t now_ns = 0;
    bool ok = true;

    ck_assert_msg(rnet_link_parse(specification, &link, &err) == RNET_OK, "%s", err.message);
    rnet_packet_pool_init(&pool);
    ck_assert_int_eq(rnet_line_init(&line, &link, RNET_DOWN, seed, &pool, &counts), RNET_OK);
    *slow = 0;
    for (uint32_t i = 0; i < packets; i++) {
        const uint32_t index = rnet_packet_take(&pool);
        int64_t flight_ns;

        pool.packets[index].ip_bytes = 1000;
        service = rnet_line_put(&line, index, now_ns);
        ok = ok && service.started; /* not ck_assert(): each of those is a system call */
        *slow += service.done_ns - now_ns > 2 * RNET_NS_PER_MS;
        now_ns = service.done_ns;
        ok = rnet_line_sent(&line, now_ns, &flight_ns, &service) == index && ok;
        rnet_packet_give_back(&pool, index);
    }
    ck_assert(ok);
    rnet_line_clear(&line);
    rnet_packet_pool_clear(&pool);
    return (double)now_ns / packets;
}

/*
 * 1000 bytes over 8 Mbit/s of backhaul take 1 ms, and 20 ms of the 5 % that others leave. Theory: a
 * busy line gets 8 Mbit/s less the load on average. Over 2000 s, more than a thousand times on and
 * off, the standard deviation of that mean is at most 2.3 %, of the share of slow time 1.1 points:
 * three of them are allowed.
 */
START_TEST(others_on_the_backhaul_come_and_go_and_take_their_load_on_average)
{
    static const double loads[] = {0.1, 0.5, 0.8};
    const double expected_bps = 8e6 * (1 - loads[_i]);
    const uint32_t packets = (uint32_t)(2000 * expected_bps / 8000);
    char specification[80];
    uint32_t slow;
    double mean_ns;

    snprintf(specification, sizeof specification, "ip:100M/100M,contention=8M@%.1f", loads[_i]);
    mean_ns = mean_service_ns(specification, 5, packets, &slow);
    ck_assert_double_eq_tol(8000e9 / mean_ns / expected_bps, 1, 0.07);
    /* Two speeds only, and the slow one for the share of time the load asks for. */
    ck_assert_double_eq_tol(slow * 20e6 / (mean_ns * packets), loads[_i] / 0.95, 0.033);
}
END_TEST

START_TEST(a_backhaul_with_no_others_or_hardly_anything_left_is_steady)
{
    uint32_t slow;

    ck_assert_double_eq_tol(mean_service_ns("ip:100M/100M,contention=8M@0", 1, 1000, &slow), 1e6,
                            1);
    ck_assert_double_eq_tol(mean_service_ns("ip:100M/100M,contention=8M@99%", 1, 1000, &slow),
                            100e6, 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay line");
    TCase *tcase = tcase_create("line");

    tcase_add_loop_test(tcase, events_come_out_by_time_and_then_in_the_order_they_were_asked_for, 0,
                        5);
    tcase_add_loop_test(tcase, others_on_the_backhaul_come_and_go_and_take_their_load_on_average, 0,
                        3);
    tcase_add_test(tcase, a_backhaul_with_no_others_or_hardly_anything_left_is_steady);
    tcase_add_loop_test(tcase, drop_tail_agrees_with_a_slow_model_packet_by_packet, 0, FIXTURES);
    tcase_add_test(tcase, the_classes_of_delay_rise_to_infinity);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
