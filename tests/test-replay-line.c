#include "base/base.h"
#include "replay/events.h"
#include "replay/line.h"
#include "replay.h"
#include "suite.h"

/* --- the event queue against sorting ----------------------------------------------------- */

START_TEST(events_come_out_by_time_and_then_in_the_order_they_were_asked_for)
{
    struct rnet_events events = {0};
    struct rnet_random random = rnet_random_stream(1, (uint64_t)_i);
    struct rnet_event event;
    int64_t before_ns = -1;
    uint64_t order_before = 0;
    size_t popped = 0;

    for (uint32_t i = 0; i < 2000; i++) {
        rnet_events_push(&events, (int64_t)rnet_random_below(&random, 50), RNET_EVENT_OPEN, i);
        if (rnet_random_below(&random, 3) == 0 && rnet_events_pop(&events, &event)) {
            popped++;
            /* Never later than anything still waiting: every heap entry is compared. */
            for (size_t k = 0; k < events.count; k++)
                ck_assert(events.heap[k].time_ns > event.time_ns ||
                          (events.heap[k].time_ns == event.time_ns &&
                           events.heap[k].order_kind > event.order_kind));
        }
    }
    while (rnet_events_pop(&events, &event)) {
        ck_assert_int_ge(event.time_ns, before_ns);
        if (event.time_ns == before_ns)
            ck_assert_uint_gt(event.order_kind, order_before);
        before_ns = event.time_ns;
        order_before = event.order_kind;
        popped++;
    }
    ck_assert_uint_eq(popped, 2000);
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
    struct rnet_events events = {0};
    struct rnet_event event;
    struct rnet_line line;
    uint64_t left = 0;

    if (link.queue != RNET_QUEUE_DROP_TAIL)
        return;
    make_arrivals(arrivals, (uint64_t)_i, &link);
    work_through(arrivals, &link);
    rnet_packet_pool_init(&pool);
    ck_assert_int_eq(rnet_line_init(&line, &link, RNET_UP, 1, &pool, &counts), RNET_OK);
    /* Departures first at equal times: asked for with lower numbers than any arrival would be. */
    for (uint32_t i = 0; i <= ARRIVALS; i++) {
        const int64_t until_ns = i < ARRIVALS ? arrivals[i].time_ns : INT64_MAX;
        struct rnet_line_service service;
        uint32_t index;

        while (events.count > 0 && events.heap[0].time_ns <= until_ns) {
            int64_t flight_ns;

            rnet_events_pop(&events, &event);
            index = rnet_line_sent(&line, event.time_ns, &flight_ns, &service);
            ck_assert_uint_ne(index, RNET_NONE);
            ck_assert_int_eq(flight_ns, link.direction[RNET_UP].delay_ns);
            ck_assert_int_eq(event.time_ns, arrivals[pool.packets[index].item].left_ns);
            rnet_packet_give_back(&pool, index);
            left++;
            if (service.started)
                rnet_events_push(&events, service.done_ns, RNET_EVENT_LINE_SENT, 0);
        }
        if (i == ARRIVALS)
            break;
        index = rnet_packet_take(&pool);
        pool.packets[index].item = i;
        pool.packets[index].ip_bytes = arrivals[i].ip_bytes;
        service = rnet_line_put(&line, index, arrivals[i].time_ns);
        if (service.started)
            rnet_events_push(&events, service.done_ns, RNET_EVENT_LINE_SENT, 0);
    }
    for (int i = 0; i < ARRIVALS; i++)
        left -= arrivals[i].left_ns >= 0;
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_eq(counts.packets_in, ARRIVALS);
    ck_assert_uint_eq(counts.packets_in, counts.packets_out + counts.packets_dropped);
    if ((fixtures[_i].flags & FIXTURE_SHALLOW) != 0)
        ck_assert_uint_gt(counts.packets_dropped, 0);
    rnet_events_clear(&events);
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

int
main(void)
{
    Suite *suite = suite_create("replay line");
    TCase *tcase = tcase_create("line");

    tcase_add_loop_test(tcase, events_come_out_by_time_and_then_in_the_order_they_were_asked_for, 0,
                        5);
    tcase_add_loop_test(tcase, drop_tail_agrees_with_a_slow_model_packet_by_packet, 0, FIXTURES);
    tcase_add_test(tcase, the_classes_of_delay_rise_to_infinity);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
