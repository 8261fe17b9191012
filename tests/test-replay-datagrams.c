#include "base/base.h"
#include "replay.h"
#include "suite.h"

/* A call of 20 ms packets both ways, 10 ms of internet path; its media shows no round trip itself.
 */
#define PACKETS 500

static struct rnet_conversation conversations[2];
static struct rnet_datagram datagrams[2 * PACKETS];
static struct rnet_message messages[2];
static struct rnet_demand demand;

static void
make_call(void)
{
    conversations[0] = (struct rnet_conversation){.start_ns = 5 * SECOND,
                                                  .end_ns = 5 * SECOND,
                                                  .rtt_internet_ns = 20 * MS,
                                                  .server = 3,
                                                  .items = 2,
                                                  .flags = RNET_CONVERSATION_TIMESTAMPS};
    messages[0] = (struct rnet_message){.start_ns = 6 * SECOND, .end_ns = 6 * SECOND, .bytes = 500};
    messages[1] = (struct rnet_message){
        .start_ns = 7 * SECOND, .end_ns = 8 * SECOND, .bytes = 14400, .direction = RNET_DOWN};
    conversations[1] = (struct rnet_conversation){.start_ns = 10 * SECOND,
                                                  .end_ns = 20 * SECOND,
                                                  .rtt_internet_ns = -1,
                                                  .server = 3,
                                                  .items = 2 * PACKETS,
                                                  .transport = RNET_TRANSPORT_OPEN};
    for (uint32_t i = 0; i < 2 * PACKETS; i++)
        datagrams[i] = (struct rnet_datagram){.time_ns = 10 * SECOND + i / 2 * 20 * MS,
                                              .ip_bytes = 200,
                                              .direction = i % 2 == 0 ? RNET_UP : RNET_DOWN};
    demand = (struct rnet_demand){.conversations = conversations,
                                  .messages = messages,
                                  .datagrams = datagrams,
                                  .conversation_count = 2,
                                  .message_count = 2,
                                  .datagram_count = 2 * PACKETS,
                                  .begin_ns = 5 * SECOND,
                                  .end_ns = 20 * SECOND};
}

START_TEST(a_call_alone_gets_the_delay_of_the_path_and_of_one_packet)
{
    const struct rnet_link link = fixture_link(&fixtures[_i]);
    struct rnet_outcomes outcomes = {0};

    make_call();
    ck_assert_int_eq(rnet_demand_check(&demand, NULL), RNET_OK);
    ck_assert_int_eq(rnet_replay_run(&demand, &link,
                                     &(struct rnet_replay_options){.open_loop = true}, &outcomes,
                                     NULL),
                     RNET_OK);
    for (int i = 0; i < 2 * PACKETS; i++)
        ck_assert_int_eq(
            outcomes.datagrams[i].delay_ns,
            10 * MS + link.direction[0].delay_ns +
                rnet_link_serialise_ns(&link, (enum rnet_direction)datagrams[i].direction, 200));
    ck_assert_uint_eq(outcomes.conversations[1].state, RNET_OUTCOME_DONE);
    ck_assert(outcomes.complete);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(a_dialogue_shows_the_round_trip_its_media_cannot)
{
    const struct rnet_link link = named_link("fibre");
    struct rnet_outcomes outcomes = {0};

    /* The first conversation becomes signalling: a question answered after 20 ms. */
    make_call();
    conversations[0].transport = RNET_TRANSPORT_OPEN;
    conversations[0].rtt_internet_ns = -1;
    conversations[1].first_item = 2;
    conversations[1].items -= 2;
    datagrams[0].time_ns = 6 * SECOND;
    datagrams[1].time_ns = 6 * SECOND + 20 * MS;
    ck_assert_int_eq(rnet_replay_run(&demand, &link, NULL, &outcomes, NULL), RNET_OK);
    ck_assert_int_eq(outcomes.datagrams[5].delay_ns,
                     14 * MS + rnet_link_serialise_ns(&link, RNET_DOWN, 200));
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(open_loop_messages_keep_the_captures_pace)
{
    const struct rnet_link link = named_link("fibre");
    struct rnet_outcomes outcomes = {0};

    make_call();
    ck_assert_int_eq(rnet_replay_run(&demand, &link,
                                     &(struct rnet_replay_options){.open_loop = true}, &outcomes,
                                     NULL),
                     RNET_OK);
    ck_assert_int_eq(outcomes.messages[1].started_ns, 2 * SECOND);
    /* The last packet leaves when it did; line and path add 14 ms and its own sending. */
    ck_assert_int_ge(outcomes.messages[1].done_ns, 3 * SECOND + 4 * MS);
    ck_assert_int_le(outcomes.messages[1].done_ns, 3 * SECOND + 15 * MS);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(what_does_not_fit_the_line_is_late_or_lost)
{
    struct rnet_link link = named_link("adsl-512k");
    struct rnet_outcomes outcomes = {0};
    int lost = 0;

    link.direction[RNET_UP].rate_bps = 64000; /* a G.711 call needs 106 kbit/s in cells */
    make_call();
    ck_assert_int_eq(rnet_replay_run(&demand, &link, NULL, &outcomes, NULL), RNET_OK);
    for (int i = 0; i < 2 * PACKETS; i += 2)
        lost += outcomes.datagrams[i].delay_ns < 0;
    /* 106 kbit/s offered to 64: 198 of 500 find no room, less the 30 the buffer held at first. */
    ck_assert_int_ge(lost, 198 - 30 - 2);
    ck_assert_int_le(lost, 198);
    /* 200 bytes every 20 ms were asked; what arrived is what the line carries, and no more. */
    ck_assert_double_eq_tol(outcomes.conversations[1].asked_bps[RNET_UP], 80000, 1);
    ck_assert_double_eq_tol(outcomes.conversations[1].got_bps[RNET_UP],
                            80000 * (PACKETS - lost) / (double)PACKETS, 1);
    ck_assert_double_eq_tol(outcomes.conversations[1].got_bps[RNET_DOWN], 80000, 1);
    ck_assert_double_eq(outcomes.conversations[0].asked_bps[RNET_UP], 0);
    for (int i = 1; i < 2 * PACKETS; i += 2)
        ck_assert_int_ge(outcomes.datagrams[i].delay_ns, 0);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

START_TEST(random_loss_is_the_share_asked_for_and_the_seed_decides_which)
{
    struct rnet_link link = named_link("fibre");
    struct rnet_outcomes outcomes[3] = {{0}, {0}, {0}};
    int same = 0;
    int lost = 0;

    link.direction[RNET_UP].loss_ratio = 0.2;
    make_call();
    for (int k = 0; k < 3; k++) {
        const struct rnet_replay_options options = {.seed = k == 2 ? 9 : 4};

        ck_assert_int_eq(rnet_replay_run(&demand, &link, &options, &outcomes[k], NULL), RNET_OK);
    }
    for (int i = 0; i < 2 * PACKETS; i++) {
        ck_assert_int_eq(outcomes[0].datagrams[i].delay_ns, outcomes[1].datagrams[i].delay_ns);
        same += outcomes[0].datagrams[i].delay_ns == outcomes[2].datagrams[i].delay_ns;
        lost += outcomes[0].datagrams[i].delay_ns < 0;
    }
    ck_assert_int_lt(same, 2 * PACKETS);
    /* Binomial(500, 0.2): mean 100, deviation 8.9; five deviations. */
    ck_assert_int_ge(lost, 55);
    ck_assert_int_le(lost, 145);
    for (int k = 0; k < 3; k++)
        rnet_outcomes_clear(&outcomes[k]);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    const struct rnet_link link = named_link("adsl-2m-fair");
    enum rnet_status status;
    uint64_t n = 0;

    make_call();
    do {
        struct rnet_outcomes outcomes = {0};

        rnet_alloc_fail_at(++n);
        status = rnet_replay_run(&demand, &link, &(struct rnet_replay_options){.open_loop = true},
                                 &outcomes, NULL);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        ck_assert(status == RNET_OK || outcomes.messages == NULL);
        rnet_outcomes_clear(&outcomes);
    } while (status != RNET_OK);
    rnet_alloc_fail_at(0);
    ck_assert_uint_gt(n, 8);
}
END_TEST

START_TEST(a_limit_or_a_wish_to_stop_ends_the_run_with_what_happened_so_far)
{
    const struct rnet_link link = named_link("adsl-2m");
    const volatile int stop = 1;
    struct rnet_outcomes outcomes = {0};

    make_call();
    ck_assert_int_eq(rnet_replay_run(&demand, &link,
                                     &(struct rnet_replay_options){.max_events = 100}, &outcomes,
                                     NULL),
                     RNET_PARTIAL);
    ck_assert_uint_eq(outcomes.events, 100);
    ck_assert(!outcomes.complete);
    ck_assert_int_eq(rnet_replay_run(&demand, &link, &(struct rnet_replay_options){.stop = &stop},
                                     &outcomes, NULL),
                     RNET_EINTERRUPTED);
    rnet_outcomes_clear(&outcomes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay datagrams");
    TCase *tcase = tcase_create("datagrams");

    tcase_add_loop_test(tcase, a_call_alone_gets_the_delay_of_the_path_and_of_one_packet, 0,
                        FIXTURES);
    tcase_add_test(tcase, a_dialogue_shows_the_round_trip_its_media_cannot);
    tcase_add_test(tcase, open_loop_messages_keep_the_captures_pace);
    tcase_add_test(tcase, what_does_not_fit_the_line_is_late_or_lost);
    tcase_add_test(tcase, random_loss_is_the_share_asked_for_and_the_seed_decides_which);
    tcase_add_test(tcase, every_allocation_may_fail);
    tcase_add_test(tcase, a_limit_or_a_wish_to_stop_ends_the_run_with_what_happened_so_far);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
