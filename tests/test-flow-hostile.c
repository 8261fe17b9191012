/* Whatever headers say, what comes out is a sound demand (collected_build checks it). */
#include "flow-fixture.h"

static const uint16_t ports[] = {22, 53, 80, 443, 5060, 9999, 40000, 40001};
static const char *const ends[] = {"192.168.1.7", "198.51.100.1", "192.168.1.8", "203.0.113.9"};

/* Few ends and sequence numbers from a small range, so that flows meet and states are reached. */
static struct rnet_headers
random_packet(struct rnet_random *random, int64_t *time_ns, uint8_t *bytes)
{
    struct rnet_headers headers;

    *time_ns += (int64_t)rnet_random_below(random, 40) * MS - 5 * MS;
    if (rnet_random_below(random, 500) == 0)
        *time_ns = (int64_t)rnet_random_u64(random);
    headers =
        packet_of(*time_ns, ends[rnet_random_below(random, 4)], ports[rnet_random_below(random, 8)],
                  ends[rnet_random_below(random, 4)], ports[rnet_random_below(random, 8)],
                  rnet_random_below(random, 3) == 0 ? RNET_IPPROTO_UDP : RNET_IPPROTO_TCP,
                  (uint32_t)rnet_random_below(random, 1460));
    for (int i = 0; i < 16; i++)
        bytes[i] = (uint8_t)(rnet_random_below(random, 2) == 0 ? 20 + rnet_random_below(random, 4)
                                                               : rnet_random_u64(random));
    headers.payload = headers.payload_bytes != 0 ? bytes : NULL;
    headers.payload_captured_bytes = headers.payload_bytes < 16 ? headers.payload_bytes : 16;
    headers.tcp_sequence = rnet_random_below(random, 20) == 0
                               ? (uint32_t)rnet_random_u64(random)
                               : UINT32_MAX - 20000 + (uint32_t)rnet_random_below(random, 40000);
    headers.tcp_acknowledgement = UINT32_MAX - 20000 + (uint32_t)rnet_random_below(random, 40000);
    headers.tcp_window = (uint16_t)rnet_random_u64(random);
    headers.tcp_window_scale = (uint8_t)rnet_random_u64(random);
    headers.tcp_mss = (uint16_t)rnet_random_u64(random);
    headers.tcp_flags =
        rnet_random_below(random, 30) == 0 ? (uint8_t)rnet_random_u64(random) : RNET_TCP_ACK;
    return headers;
}

START_TEST(any_headers_give_a_sound_demand)
{
    const struct rnet_flow_options options = {.max_flows = 40, .hash_seed = {(uint64_t)_i + 1, 9}};
    struct collected all = {0};
    const struct rnet_flow_sink sink = collector(&all);
    struct rnet_random random = rnet_random_stream((uint64_t)_i, 1);
    struct rnet_flow_table *table;
    int64_t time_ns = 0;
    uint8_t bytes[16];

    ck_assert_int_eq(rnet_flow_table_new(&options, &sink, &table), RNET_OK);
    for (int i = 0; i < 6000; i++) {
        const struct rnet_headers headers = random_packet(&random, &time_ns, bytes);

        ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_OK);
    }
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    rnet_flow_table_free(table);
    collected_build(&all);
    collected_clear(&all);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("flow-hostile");
    TCase *tcase = tcase_create("random headers");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, any_headers_give_a_sound_demand, 0, 12);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
