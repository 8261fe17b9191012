#include "base/base.h"
#include "suite.h"

#include <ruralnet/demand.h>
#include <ruralnet/usage.h>

#include <string.h>

/* Two connections: a question with its answer, and a second one the answer released. */
static struct rnet_conversation conversations[2];
static struct rnet_message messages[4];
static struct rnet_demand demand;

static void
reset(void)
{
    memset(conversations, 0, sizeof conversations);
    conversations[0] = (struct rnet_conversation){.start_ns = 0, .end_ns = 100, .items = 2};
    conversations[1] = (struct rnet_conversation){.start_ns = 50,
                                                  .end_ns = 90,
                                                  .first_item = 2,
                                                  .items = 2,
                                                  .open_release = RNET_RELEASE_DELIVERY,
                                                  .after_conversation = 0,
                                                  .after_message = 1};
    messages[0] = (struct rnet_message){
        .start_ns = 10, .end_ns = 10, .bytes = 100, .release = RNET_RELEASE_OPEN};
    messages[1] = (struct rnet_message){.start_ns = 20,
                                        .end_ns = 40,
                                        .bytes = 9000,
                                        .direction = RNET_DOWN,
                                        .release = RNET_RELEASE_DELIVERY,
                                        .after_message = 0};
    messages[2] = (struct rnet_message){
        .start_ns = 60, .end_ns = 60, .bytes = 100, .release = RNET_RELEASE_OPEN};
    messages[3] = (struct rnet_message){.start_ns = 70,
                                        .end_ns = 80,
                                        .bytes = 10,
                                        .release = RNET_RELEASE_WRITTEN,
                                        .after_conversation = 1,
                                        .after_message = 0};
    demand = (struct rnet_demand){.conversations = conversations,
                                  .messages = messages,
                                  .conversation_count = 2,
                                  .message_count = 4,
                                  .end_ns = 100};
}

START_TEST(a_sound_demand_passes)
{
    reset();
    ck_assert_int_eq(rnet_demand_check(&demand, NULL), RNET_OK);
}
END_TEST

START_TEST(every_broken_reference_is_refused)
{
    struct rnet_error err = {0};

    reset();
    switch (_i) {
    case 0:
        messages[1].after_message = 1;
        break; /* waits for itself */
    case 1:
        messages[1].after_conversation = 2;
        break; /* no such conversation */
    case 2:
        messages[1].bytes = 0;
        break;
    case 3:
        messages[1].wait_ns = -1;
        break;
    case 4:
        messages[1].end_ns = 0;
        break;
    case 5:
        messages[3].direction = RNET_DOWN;
        break; /* written by the other side */
    case 6:
        conversations[1].items = 3;
        break;
    case 7:
        conversations[1].start_ns = -1;
        break; /* out of order */
    case 8:
        conversations[1].after_conversation = 1;
        break; /* opens after itself */
    case 9:
        conversations[0].usage = RNET_USAGE_COUNT;
        break;
    case 10:
        conversations[1].transport = RNET_TRANSPORT_OPEN;
        break; /* no such datagrams */
    case 11:
        messages[0].release = 9;
        break;
    }
    ck_assert_int_eq(rnet_demand_check(&demand, &err), RNET_EFORMAT);
    ck_assert_uint_gt(strlen(err.message), 10);
}
END_TEST

START_TEST(usages_are_found_by_their_identifier)
{
    enum rnet_usage usage = RNET_USAGE_WEB;

    ck_assert_int_eq(rnet_usage_info((enum rnet_usage)_i)->usage, _i);
    ck_assert_int_eq(rnet_usage_find(rnet_usage_info((enum rnet_usage)_i)->id, &usage), RNET_OK);
    ck_assert_int_eq(usage, _i);
    ck_assert_int_eq(rnet_usage_find("no such thing", &usage), RNET_ENOTFOUND);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("demand");
    TCase *tcase = tcase_create("demand");

    tcase_add_test(tcase, a_sound_demand_passes);
    tcase_add_loop_test(tcase, every_broken_reference_is_refused, 0, 12);
    tcase_add_loop_test(tcase, usages_are_found_by_their_identifier, 0, RNET_USAGE_COUNT);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
