#include "capture/capture.h"
#include "suite.h"

#define S RNET_NS_PER_S
#define YEAR (365 * RNET_DAY_NS)
#define START (INT64_C(1412848800) * S)

static int64_t
step(struct rnet_clock *clock, int64_t stamp_ns)
{
    const int64_t before_ns = clock->latest_ns;
    const int64_t time_ns = rnet_clock_contain(clock, stamp_ns);

    if (before_ns != 0)
        ck_assert_int_ge(time_ns, before_ns - RNET_CLOCK_WINDOW_NS);
    return time_ns;
}

START_TEST(an_honest_clock_is_left_alone)
{
    struct rnet_clock clock = {0};
    int64_t stamp = START;

    for (int i = 0; i < 1000; i++, stamp += i * S)
        ck_assert_int_eq(step(&clock, stamp), stamp);
    ck_assert_int_eq(step(&clock, stamp - S / 2), stamp - S / 2);
    ck_assert_int_eq(step(&clock, stamp), stamp);
    ck_assert_uint_eq(clock.epochs, 1);
}
END_TEST

START_TEST(files_joined_end_to_end_follow_each_other_within_a_second)
{
    static const int64_t joints[] = {3 * YEAR, -7 * YEAR, 2 * RNET_DAY_NS, -RNET_DAY_NS};
    struct rnet_clock clock = {0};
    int64_t stamp = START, expected = START;

    ck_assert_int_eq(step(&clock, stamp), expected);
    for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
        stamp += joints[i];
        expected += joints[i] > 0 ? S : 0;
        ck_assert_int_eq(step(&clock, stamp), expected);
        for (int packet = 0; packet < 5; packet++) {
            stamp += 20 * RNET_NS_PER_MS; /* differences inside a file are kept */
            expected += 20 * RNET_NS_PER_MS;
            ck_assert_int_eq(step(&clock, stamp), expected);
        }
    }
}
END_TEST

START_TEST(a_stamp_that_alone_is_wild_leaves_no_trace)
{
    static const int64_t wild[] = {0, INT64_C(0xffffffff) * S, START - 3600 * S, START + YEAR};

    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        struct rnet_clock clock = {0};

        step(&clock, START);
        step(&clock, START + 1000);
        step(&clock, wild[i]);
        ck_assert_int_eq(step(&clock, START + 2000), START + 2000);
        ck_assert_int_eq(step(&clock, START + 5 * S), START + 5 * S);
    }
}
END_TEST

START_TEST(a_clock_set_back_goes_on_from_where_it_was)
{
    struct rnet_clock clock = {0};

    step(&clock, START);
    step(&clock, START + 10 * S);
    ck_assert_int_eq(step(&clock, START + 10 * S - 3600 * S), START + 10 * S);
    ck_assert_int_eq(step(&clock, START + 11 * S - 3600 * S), START + 11 * S);
    ck_assert_int_eq(step(&clock, START + 12 * S - 3600 * S), START + 12 * S);
    ck_assert_uint_eq(clock.epochs, 2);
}
END_TEST

START_TEST(two_clocks_taking_turns_keep_their_own_differences)
{
    struct rnet_clock clock = {0};
    int64_t first = 0;

    step(&clock, START);
    for (int i = 1; i < 100; i++) {
        const int64_t a = step(&clock, START + i * S / 100);
        const int64_t b = step(&clock, START + YEAR + i * S / 100);

        ck_assert_int_eq(a, START + i * S / 100);
        if (i == 1)
            first = b;
        ck_assert_int_eq(b - first, (i - 1) * S / 100);
    }
}
END_TEST

/* Whatever comes, times stay within a day per packet and never fall by more than the window. */
START_TEST(random_stamps_never_run_backwards_by_more_than_the_window)
{
    struct rnet_random random = rnet_random_stream(7, 1);
    struct rnet_clock clock = {0};
    int64_t before;

    before = step(&clock, START);
    for (int i = 0; i < 100000; i++) {
        const int64_t stamp = (int64_t)rnet_random_below(&random, (uint64_t)9000000000) * S +
                              (int64_t)rnet_random_below(&random, (uint64_t)S);
        const int64_t time_ns =
            step(&clock, rnet_random_below(&random, 3) == 0 ? stamp : START + i);

        ck_assert_int_le(time_ns, before + RNET_DAY_NS + S);
        before = clock.latest_ns > before ? clock.latest_ns : before;
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("capture-clock");
    TCase *tcase = tcase_create("clock");

    tcase_add_test(tcase, an_honest_clock_is_left_alone);
    tcase_add_test(tcase, files_joined_end_to_end_follow_each_other_within_a_second);
    tcase_add_test(tcase, a_stamp_that_alone_is_wild_leaves_no_trace);
    tcase_add_test(tcase, a_clock_set_back_goes_on_from_where_it_was);
    tcase_add_test(tcase, two_clocks_taking_turns_keep_their_own_differences);
    tcase_add_test(tcase, random_stamps_never_run_backwards_by_more_than_the_window);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
