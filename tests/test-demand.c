#include "base/base.h"
#include "suite.h"

#include <ruralnet/demand.h>
#include <ruralnet/usage.h>

#include <math.h>
#include <stdlib.h>
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

/* A tunnel of so many seconds, filled by hand. */
static struct rnet_datagram packets[20000];
static struct rnet_conversation tunnel;
static struct rnet_demand tunnels;

static void
begin_tunnel(void)
{
    tunnel = (struct rnet_conversation){.transport = RNET_TRANSPORT_OPEN, .usage = RNET_USAGE_VPN};
    tunnels = (struct rnet_demand){
        .conversations = &tunnel, .datagrams = packets, .conversation_count = 1};
}

/* A packet every step_ms from first_ms, for ten seconds, each off by up to +-jitter_ms. */
static void
send(enum rnet_direction way, double first_ms, double step_ms, double jitter_ms, uint32_t bytes)
{
    uint32_t random = 1;

    for (double at_ms = first_ms; at_ms < 10000; at_ms += step_ms) {
        random = random * 1664525 + 1013904223;
        ck_assert_uint_lt(tunnel.items, sizeof packets / sizeof *packets);
        packets[tunnel.items++] = (struct rnet_datagram){
            .time_ns = (int64_t)((at_ms + jitter_ms * ((double)random / 2147483648.0 - 1)) * 1e6),
            .ip_bytes = bytes,
            .direction = (uint8_t)way};
    }
}

static int
by_time(const void *a, const void *b)
{
    const struct rnet_datagram *one = a, *other = b;

    return (one->time_ns > other->time_ns) - (one->time_ns < other->time_ns);
}

static struct rnet_tunnel_demand
look(void)
{
    struct rnet_tunnel_demand found;
    uint64_t bytes = 0;

    qsort(packets, tunnel.items, sizeof *packets, by_time);
    rnet_demand_tunnels(&tunnels, &found);
    for (uint32_t i = 0; i < tunnel.items; i++)
        bytes += packets[i].ip_bytes;
    ck_assert_uint_eq(found.bytes, bytes);
    ck_assert_double_eq_tol(found.bulk_ratio + found.realtime_ratio + found.interactive_ratio, 1,
                            1e-12);
    return found;
}

START_TEST(a_voice_in_a_tunnel_is_seen_by_its_clock)
{
    static const struct {
        double step_ms;
        uint32_t bytes;
    } codecs[] = {{20, 260}, {20, 120}, {60, 240}, {10, 140}, {30, 180}};

    begin_tunnel();
    send(RNET_UP, 0, codecs[_i].step_ms, codecs[_i].step_ms / 5, codecs[_i].bytes);
    send(RNET_DOWN, 3, codecs[_i].step_ms, codecs[_i].step_ms / 5, codecs[_i].bytes);
    ck_assert_double_gt(look().realtime_ratio, 0.98);
}
END_TEST

START_TEST(pictures_in_a_tunnel_are_seen_by_their_clock)
{
    begin_tunnel();
    for (int piece = 0; piece < 3; piece++) { /* 25 pictures a second, three packets each */
        send(RNET_UP, 0.3 * piece, 40, 0, 1250);
        send(RNET_DOWN, 5 + 0.3 * piece, 40, 0, 1300);
    }
    ck_assert_double_gt(look().realtime_ratio, 0.98);
}
END_TEST

START_TEST(a_transfer_in_a_tunnel_is_bulk_at_any_rate_of_adsl)
{
    static const double step_ms[] = {0.1, 1, 5.5, 22, 50}; /* of 1420 bytes: 0.23 to 114 Mbit/s */

    begin_tunnel();
    for (double at_ms = 0; step_ms[_i] < 1 && at_ms < 900; at_ms += step_ms[_i]) {
        packets[tunnel.items++] =
            (struct rnet_datagram){(int64_t)(at_ms * 1e6), 1420, RNET_DOWN, 0, 0};
        if (tunnel.items % 3 == 1)
            packets[tunnel.items++] =
                (struct rnet_datagram){(int64_t)(at_ms * 1e6) + 50000, 112, RNET_UP, 0, 0};
    }
    if (step_ms[_i] >= 1) {
        send(RNET_DOWN, 0, step_ms[_i], 0, 1420);
        send(RNET_UP, 0.2, 2 * step_ms[_i], 0, 112);
    }
    ck_assert_double_gt(look().bulk_ratio, 0.9);
    ck_assert_double_eq(look().realtime_ratio, 0);
}
END_TEST

START_TEST(keys_and_many_programs_at_once_have_no_clock)
{
    begin_tunnel();
    send(RNET_UP, 0, 180, 80, 120); /* keys and echoes */
    send(RNET_DOWN, 30, 180, 80, 150);
    ck_assert_double_eq(look().interactive_ratio, 1);
    for (int program = 0; program < 6; program++) {
        send(RNET_UP, 7 * program, 90 + 17 * program, 60, 200);
        send(RNET_DOWN, 7 * program, 90 + 17 * program, 60, 300);
    }
    ck_assert_double_eq(look().interactive_ratio, 1);
}
END_TEST

START_TEST(a_voice_beside_a_transfer_is_told_from_it)
{
    struct rnet_tunnel_demand found;

    begin_tunnel();
    send(RNET_UP, 0, 20, 3, 260); /* 26 kB/s of both directions */
    send(RNET_DOWN, 3, 20, 3, 260);
    send(RNET_DOWN, 1, 10, 0, 1420); /* 142 kB/s, acknowledged by nothing */
    found = look();
    ck_assert_double_eq_tol(found.realtime_ratio, 26.0 / 168, 0.01);
    ck_assert_double_eq_tol(found.bulk_ratio, 142.0 / 168, 0.01);
}
END_TEST

START_TEST(no_tunnel_no_shares_and_wild_times_do_no_harm)
{
    struct rnet_tunnel_demand found;

    begin_tunnel();
    send(RNET_UP, 0, 20, 0, 100);
    tunnel.usage = RNET_USAGE_VOIP;
    rnet_demand_tunnels(&tunnels, &found);
    ck_assert_uint_eq(found.bytes, 0);
    ck_assert(isnan(found.bulk_ratio) && isnan(found.realtime_ratio));
    tunnel.usage = RNET_USAGE_VPN;
    tunnel.start_ns = INT64_MAX;
    packets[1].time_ns = INT64_MIN;
    packets[2].time_ns = INT64_MAX;
    rnet_demand_tunnels(&tunnels, &found);
    ck_assert_uint_eq(found.bytes, 100 * (uint64_t)tunnel.items);
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
    tcase_add_loop_test(tcase, a_voice_in_a_tunnel_is_seen_by_its_clock, 0, 5);
    tcase_add_test(tcase, pictures_in_a_tunnel_are_seen_by_their_clock);
    tcase_add_loop_test(tcase, a_transfer_in_a_tunnel_is_bulk_at_any_rate_of_adsl, 0, 5);
    tcase_add_test(tcase, keys_and_many_programs_at_once_have_no_clock);
    tcase_add_test(tcase, a_voice_beside_a_transfer_is_told_from_it);
    tcase_add_test(tcase, no_tunnel_no_shares_and_wild_times_do_no_harm);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
