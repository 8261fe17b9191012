#include "base/base.h"
#include "suite.h"

#include <string.h>

START_TEST(every_notice_has_an_id_and_words_with_a_place_for_the_count)
{
    char sentence[400];

    ck_assert_ptr_nonnull(rnet_notice_id((enum rnet_notice)_i));
    rnet_notice_sentence((enum rnet_notice)_i, "12 345", sentence, sizeof sentence);
    ck_assert_ptr_nonnull(strstr(sentence, "12 345"));
    for (int other = 0; other < _i; other++)
        ck_assert_str_ne(rnet_notice_id((enum rnet_notice)_i),
                         rnet_notice_id((enum rnet_notice)other));
}
END_TEST

START_TEST(error_words_are_cut_not_overrun)
{
    struct rnet_error err = {0};
    char longer[2000];

    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_assert_int_eq(rnet_error_set(&err, RNET_EFORMAT, "%s", longer), RNET_EFORMAT);
    ck_assert_int_eq(err.status, RNET_EFORMAT);
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
    ck_assert_int_eq(rnet_error_set(NULL, RNET_EIO, "nobody listens"), RNET_EIO);
}
END_TEST

START_TEST(array_growth_keeps_contents_and_survives_a_failed_allocation)
{
    int *items = NULL;
    size_t capacity = 0;

    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(
            rnet_array_reserve((void **)&items, &capacity, (size_t)i + 1, sizeof *items), RNET_OK);
        items[i] = i;
    }
    rnet_alloc_fail_at(1);
    ck_assert_int_eq(rnet_array_reserve((void **)&items, &capacity, capacity + 1, sizeof *items),
                     RNET_ENOMEM);
    rnet_alloc_fail_at(0);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(items[i], i);
    ck_assert_int_eq(rnet_array_reserve((void **)&items, &capacity, SIZE_MAX / 2, sizeof *items),
                     RNET_ENOMEM);
    rnet_free(items);
}
END_TEST

START_TEST(random_streams_differ_by_seed_and_by_node_and_repeat)
{
    struct rnet_random a = rnet_random_stream(1, 1), again = rnet_random_stream(1, 1);
    struct rnet_random other_node = rnet_random_stream(1, 2), other_seed = rnet_random_stream(2, 1);

    for (int i = 0; i < 100; i++) {
        const uint64_t x = rnet_random_u64(&a);

        ck_assert_uint_eq(x, rnet_random_u64(&again));
        ck_assert_uint_ne(x, rnet_random_u64(&other_node));
        ck_assert_uint_ne(x, rnet_random_u64(&other_seed));
    }
}
END_TEST

/* Mean of n uniforms has standard deviation 1/sqrt(12 n): 5 of them make a false alarm a one in
 * a million event, and the seed is fixed anyway. */
START_TEST(random_units_are_uniform)
{
    enum { N = 100000 };
    struct rnet_random random = rnet_random_stream(42, 7);
    double sum = 0;
    int below[10] = {0};

    for (int i = 0; i < N; i++) {
        const double u = rnet_random_unit(&random);

        ck_assert(u >= 0 && u < 1);
        sum += u;
        below[rnet_random_below(&random, 10)]++;
    }
    ck_assert_double_eq_tol(sum / N, 0.5, 5 * 0.00091287);
    for (int i = 0; i < 10; i++)
        ck_assert_double_eq_tol(below[i], N / 10.0, 5 * 94.87);
}
END_TEST

static const struct {
    const char *text;
    size_t bytes;
} characters[] = {
    {"a", 1},
    {" ", 1},
    {"~", 1},
    {"\xc3\xa9", 2},         /* e acute */
    {"\xc2\xa0", 2},         /* no-break space */
    {"\xe2\x82\xac", 3},     /* euro */
    {"\xf0\x9f\x90\x84", 4}, /* cow */
    {"\xf4\x8f\xbf\xbf", 4}, /* the last there is */
    {"", 0},
    {"\x1b[2J", 0},
    {"\n", 0},
    {"\x7f", 0},
    {"\x80", 0},
    {"\xc2\x9b", 0}, /* CSI */
    {"\xc0\xaf", 0}, /* overlong */
    {"\xe0\x80\xaf", 0},
    {"\xe0\x9f\xbf", 0},
    {"\xf0\x8f\xbf\xbf", 0},
    {"\xed\xa0\x80", 0},     /* surrogate */
    {"\xf4\x90\x80\x80", 0}, /* beyond the last */
    {"\xe2\x82", 0},         /* cut */
    {"\xe2\x82z", 0},
    {"\xe2\x80\xae", 0}, /* right-to-left override */
    {"\xe2\x81\xa6", 0}, /* isolate */
    {"\xd8\x9c", 0},
};

START_TEST(a_character_may_be_shown_or_not)
{
    ck_assert_uint_eq(rnet_printable_bytes(characters[_i].text), characters[_i].bytes);
}
END_TEST

START_TEST(what_may_not_be_shown_becomes_question_marks)
{
    char text[] = "caf\xc3\xa9 \x1b[2J \xe2\x80\xae \xe2\x82";
    struct rnet_error err;

    ck_assert(!rnet_is_printable(text));
    rnet_make_printable(text);
    ck_assert_str_eq(text, "caf\xc3\xa9 ?[2J ??? ??");
    ck_assert(rnet_is_printable(text));
    rnet_error_set(&err, RNET_EFORMAT, "key \"%s\"", "\x1b]0;title\x07");
    ck_assert_str_eq(err.message, "key \"?]0;title?\"");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("base");
    TCase *tcase = tcase_create("base");

    tcase_add_loop_test(tcase, every_notice_has_an_id_and_words_with_a_place_for_the_count, 0,
                        RNET_NOTICE_COUNT);
    tcase_add_loop_test(tcase, a_character_may_be_shown_or_not, 0,
                        (int)(sizeof characters / sizeof *characters));
    tcase_add_test(tcase, what_may_not_be_shown_becomes_question_marks);
    tcase_add_test(tcase, error_words_are_cut_not_overrun);
    tcase_add_test(tcase, array_growth_keeps_contents_and_survives_a_failed_allocation);
    tcase_add_test(tcase, random_streams_differ_by_seed_and_by_node_and_repeat);
    tcase_add_test(tcase, random_units_are_uniform);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
