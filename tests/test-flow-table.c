#include "flow-fixture.h"

#include "flow/flow.h"
#include "flow/tcp.h"

static const struct rnet_flow_options seeded = {.hash_seed = {1, 2}};

static struct rnet_flow_table *
new_table(struct collected *all, const struct rnet_flow_options *options)
{
    const struct rnet_flow_sink sink = collector(all);
    struct rnet_flow_table *table;

    ck_assert_int_eq(rnet_flow_table_new(options, &sink, &table), RNET_OK);
    return table;
}

static struct rnet_flow *
add(struct rnet_flow_table *table, const struct rnet_headers *headers)
{
    struct rnet_flow *flow;

    ck_assert_int_eq(rnet_flow_table_add(table, headers, &flow), RNET_OK);
    return flow;
}

START_TEST(a_live_flow_costs_at_most_256_bytes_before_its_second_packet)
{
    printf("flow record: %zu bytes\n", sizeof(struct flow_record));
    ck_assert_uint_le(sizeof(struct flow_record), 256);
    /* From the second packet a TCP flow has a tracker as well, from the fifth segment its rings. */
    printf("TCP tracker: %zu bytes, rings: %zu bytes\n", sizeof(struct tcp_track),
           sizeof(struct tcp_rings));
    ck_assert_uint_le(sizeof(struct tcp_track), 1088);
    ck_assert_uint_le(sizeof(struct tcp_rings), 1024);
}
END_TEST

START_TEST(both_directions_are_one_flow_and_each_is_counted)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers up = packet_of(0, "192.168.1.7", 5000, "198.51.100.1", 9999, 17, 100);
    struct rnet_headers down = packet_of(MS, "198.51.100.1", 9999, "192.168.1.7", 5000, 17, 400);

    ck_assert_uint_eq(add(table, &up)->id, 1);
    ck_assert_uint_eq(add(table, &down)->id, 1);
    up.protocol = 132; /* same ends and ports, other protocol: never one flow */
    ck_assert_uint_eq(add(table, &up)->id, 2);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    collected_build(&all);
    ck_assert_uint_eq(all.flow_count, 2);
    ck_assert_uint_eq(all.flows[0].conversation.bytes[RNET_UP], 128);
    ck_assert_uint_eq(all.flows[0].conversation.bytes[RNET_DOWN], 428);
    ck_assert_uint_eq(all.flows[0].payload_bytes[RNET_DOWN], 400);
    ck_assert_uint_eq(all.demand.datagram_count, 3);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

static const struct {
    const char *source;
    uint16_t source_port;
    const char *destination;
    uint16_t destination_port;
    uint8_t tcp_flags;
    bool source_is_office;
    uint8_t scope;
    bool guessed;
    bool opened_by_office;
    const char *why;
} sides[] = {
    {"192.168.1.7", 5000, "198.51.100.1", 443, RNET_TCP_SYN, true, RNET_SCOPE_CROSSES, false, true,
     "private speaks to public"},
    {"198.51.100.1", 5000, "10.0.0.2", 443, RNET_TCP_SYN, false, RNET_SCOPE_CROSSES, false, false,
     "an office server is called"},
    {"fe80::1", 5000, "fd00::2", 445, RNET_TCP_SYN, true, RNET_SCOPE_INTERNAL, false, true,
     "link-local and unique-local are inside"},
    {"192.168.1.9", 445, "10.1.2.3", 5000, RNET_TCP_SYN | RNET_TCP_ACK, false, RNET_SCOPE_INTERNAL,
     false, true, "inside, and the answer is seen first"},
    {"203.0.113.9", 5000, "198.51.100.1", 443, RNET_TCP_SYN, true, RNET_SCOPE_CROSSES, true, true,
     "both public: who opened is the office"},
    {"203.0.113.9", 443, "198.51.100.1", 5000, RNET_TCP_SYN | RNET_TCP_ACK, false,
     RNET_SCOPE_CROSSES, true, true, "both public, answer seen first"},
    {"203.0.113.9", 443, "198.51.100.1", 5000, RNET_TCP_ACK, false, RNET_SCOPE_CROSSES, true, true,
     "both public, middle of a connection: a service port is not the office"},
    {"2001:db8::1", 5000, "2001:db8::2", 5001, RNET_TCP_ACK, true, RNET_SCOPE_CROSSES, true, true,
     "nothing known: first seen"},
    {"100.64.3.2", 5000, "198.51.100.1", 80, RNET_TCP_SYN, true, RNET_SCOPE_CROSSES, false, true,
     "carrier-shared addresses are on the office's side"},
};

START_TEST(sides_follow_addresses_then_who_opened)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers =
        packet_of(0, sides[_i].source, sides[_i].source_port, sides[_i].destination,
                  sides[_i].destination_port, RNET_IPPROTO_TCP, 0);
    const struct rnet_flow *flow;

    headers.tcp_flags = sides[_i].tcp_flags;
    flow = add(table, &headers);
    ck_assert_msg(rnet_address_equal(&flow->office, sides[_i].source_is_office
                                                        ? &headers.source
                                                        : &headers.destination),
                  "%s", sides[_i].why);
    ck_assert_int_eq(flow->scope, sides[_i].scope);
    ck_assert_int_eq(flow->sides_guessed, sides[_i].guessed);
    ck_assert_int_eq(flow->opened_by_office, sides[_i].opened_by_office);
    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_SIDES_GUESSED],
                      sides[_i].guessed);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(given_office_networks_overrule_private_addresses)
{
    struct collected all = {0};
    struct rnet_network office;
    struct rnet_flow_options options = {.offices = &office, .office_count = 1};
    struct rnet_flow_table *table;
    struct rnet_headers out = packet_of(0, "192.168.2.1", 1, "192.168.1.1", 2, 17, 10);
    struct rnet_headers other = packet_of(0, "10.0.0.1", 1, "192.168.1.127", 2, 17, 10);

    ck_assert_int_eq(rnet_network_parse("192.168.1.0/25", &office, NULL), RNET_OK);
    table = new_table(&all, &options);
    office.prefix_bits = 0; /* the table keeps its own copy */
    ck_assert(!rnet_address_equal(&add(table, &out)->office, &out.source));
    ck_assert_int_eq(add(table, &other)->scope, RNET_SCOPE_CROSSES);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(an_address_with_many_flows_is_the_office)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers;
    char server[32];

    for (int i = 0; i < 40; i++) {
        snprintf(server, sizeof server, "198.51.100.%d", i);
        headers = packet_of(i * MS, "203.0.113.9", 5000, server, 443, 17, 50);
        add(table, &headers);
    }
    headers = packet_of(41 * MS, "198.51.100.99", 5000, "203.0.113.9", 22, RNET_IPPROTO_TCP, 0);
    headers.tcp_flags = RNET_TCP_SYN;
    ck_assert(rnet_address_equal(&add(table, &headers)->office, &headers.destination));
    ck_assert_uint_gt(rnet_flow_table_notices(table)->count[RNET_NOTICE_SIDES_FAN_OUT], 0);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(the_internet_is_behind_the_hardware_address_of_many)
{
    static const uint8_t gateway = 1, host = 2;
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers;
    const struct rnet_flow *flow;
    char server[32];

    /* Ten servers call the office, whose address none of the weaker rules would take for it. */
    for (int i = 0; i < 10; i++) {
        snprintf(server, sizeof server, "198.51.100.%d", i);
        headers = packet_of(i * MS, server, 5000, "203.0.113.9", 443, RNET_IPPROTO_TCP, 0);
        headers.tcp_flags = RNET_TCP_SYN;
        headers.has_mac = true;
        headers.source_mac[5] = gateway;
        headers.destination_mac[5] = host;
        flow = add(table, &headers);
    }
    ck_assert(rnet_address_equal(&flow->office, &headers.destination));
    ck_assert_uint_eq(flow->sides_evidence, RNET_SIDES_GATEWAY);
    headers.tunnels = 1; /* what is inside a tunnel was not sent by these cards */
    headers.source = address("192.0.2.77");
    headers.destination = address("192.0.2.78");
    flow = add(table, &headers);
    ck_assert_uint_eq(flow->sides_evidence, RNET_SIDES_OPENER);
    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_SIDES_GATEWAY], 2);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

static struct rnet_headers
fragment(int64_t time_ns, uint32_t id, bool later, uint8_t protocol, uint32_t payload_bytes)
{
    struct rnet_headers headers = packet_of(time_ns, "192.168.1.7", later ? 0 : 5000,
                                            "198.51.100.1", later ? 0 : 9999, protocol,
                                            payload_bytes);

    headers.is_fragment = true;
    headers.is_later_fragment = later;
    headers.has_transport = !later;
    headers.fragment_id = id;
    return headers;
}

START_TEST(later_fragments_count_in_the_flow_of_the_first)
{
    static const struct {
        const char *why;
        int64_t ms;
        uint32_t id;
        uint8_t protocol;
        bool belongs;
    } cases[] = {
        {"the second part", 1, 7, 17, true},
        {"the same part again, or overlapping: what crossed the line", 2, 7, 17, true},
        {"of a packet whose beginning was not seen", 3, 8, 17, false},
        {"of another protocol with the same number", 4, 7, 6, false},
        {"much later: the number has come round", 40000, 7, 17, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct collected all = {0};
        struct rnet_flow_table *table = new_table(&all, &seeded);
        struct rnet_headers headers = fragment(0, 7, false, 17, 1472);

        ck_assert_uint_eq(add(table, &headers)->id, 1);
        headers = fragment(cases[i].ms * MS, cases[i].id, true, cases[i].protocol, 520);
        ck_assert_msg((add(table, &headers)->id == 1) == cases[i].belongs, "%s", cases[i].why);
        ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
        collected_build(&all);
        ck_assert_uint_eq(all.flows[0].payload_bytes[RNET_UP],
                          cases[i].belongs ? 1472 + 520 : 1472);
        rnet_flow_table_free(table);
        collected_clear(&all);
    }
}
END_TEST

START_TEST(a_fragment_of_tcp_adds_volume_and_no_segment)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers = fragment(0, 7, false, RNET_IPPROTO_TCP, 1000);

    headers.tcp_flags = RNET_TCP_ACK;
    add(table, &headers);
    headers = fragment(MS, 7, true, RNET_IPPROTO_TCP, 400);
    ck_assert_uint_eq(add(table, &headers)->id, 1);
    headers = fragment(2 * MS, 9, false, RNET_IPPROTO_TCP, 1000);
    headers.tcp_flags = RNET_TCP_ACK;
    headers.tcp_sequence = 1400;
    add(table, &headers);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    collected_build(&all);
    ck_assert_uint_eq(all.flow_count, 1);
    ck_assert_uint_eq(all.flows[0].payload_bytes[RNET_UP], 2400);
    ck_assert_uint_eq(all.flows[0].retransmitted_packets[RNET_UP], 0);
    ck_assert_uint_eq(all.flows[0].out_of_order_packets[RNET_UP], 0);
    ck_assert_uint_eq(all.messages[0].message.bytes, 2400);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(broadcast_is_counted_not_tracked)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers = packet_of(0, "192.168.1.7", 5353, "224.0.0.251", 5353, 17, 60);

    headers.is_broadcast = true;
    ck_assert_ptr_null(add(table, &headers));
    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_INTERNAL_TRAFFIC], 1);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(a_full_table_closes_its_idlest_flow_and_says_so)
{
    const struct rnet_flow_options small = {.max_flows = 100, .hash_seed = {3, 4}};
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &small);
    struct rnet_headers headers;

    for (uint16_t i = 0; i < 1000; i++) {
        headers =
            packet_of(i * MS, "192.168.1.7", (uint16_t)(1000 + i), "198.51.100.1", 9999, 17, 9);
        add(table, &headers);
        if (i % 50 == 49) { /* keep the very first flow busy: it must outlive the others */
            headers.source_port = 1000;
            ck_assert_uint_eq(add(table, &headers)->id, 1);
        }
    }
    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_FLOW_EVICTED], 900);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    collected_build(&all);
    ck_assert_uint_eq(all.flow_count, 1000);
    ck_assert_uint_eq(all.flows[0].conversation.packets[RNET_UP], 21);
    ck_assert_uint_eq(all.demand.datagram_count, 1020);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(idle_flows_end_by_packet_time)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers = packet_of(0, "192.168.1.7", 1, "198.51.100.1", 9999, 17, 9);

    add(table, &headers);
    headers.time_ns = 119 * RNET_NS_PER_S;
    ck_assert_uint_eq(add(table, &headers)->id, 1);
    headers.time_ns = 240 * RNET_NS_PER_S;
    ck_assert_uint_eq(add(table, &headers)->id, 2);
    ck_assert_uint_eq(all.flow_count, 1);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(a_wild_time_ends_nothing_and_no_duration_is_negative)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers =
        packet_of(5000 * MS, "192.168.1.7", 1, "198.51.100.1", 9999, 17, 9);

    add(table, &headers);
    headers.time_ns = INT64_C(4294967295) * RNET_NS_PER_S;
    add(table, &headers);
    headers.time_ns = INT64_MIN;
    add(table, &headers);
    headers.time_ns = 4000 * MS;
    ck_assert_uint_eq(add(table, &headers)->id, 1);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    collected_build(&all); /* checks order and durations */
    ck_assert_int_eq(all.flows[0].conversation.end_ns, 5000 * MS);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(a_hundred_packets_from_another_day_are_believed)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers = packet_of(0, "192.168.1.7", 1, "198.51.100.1", 9999, 17, 9);
    uint64_t id = 0;

    add(table, &headers);
    for (int i = 0; i < 101; i++) {
        headers.time_ns = 10 * 86400 * RNET_NS_PER_S + i * MS;
        id = add(table, &headers)->id;
    }
    ck_assert_uint_eq(id, 2);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(what_the_caller_hangs_on_a_flow_stays)
{
    struct collected all = {0};
    struct rnet_flow_table *table = new_table(&all, &seeded);
    struct rnet_headers headers = packet_of(0, "192.168.1.7", 1, "198.51.100.1", 9999, 17, 9);
    int label = 0;

    add(table, &headers)->user = &label;
    ck_assert_ptr_eq(add(table, &headers)->user, &label);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    ck_assert_ptr_eq(all.flows[0].user, &label);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(results_do_not_depend_on_the_hash_key)
{
    uint64_t first = 0;

    for (uint64_t seed = 1; seed <= 100; seed++) {
        const struct rnet_flow_options options = {.hash_seed = {seed, ~seed}, .max_flows = 64};
        struct collected all = {0};
        struct rnet_flow_table *table = new_table(&all, &options);
        struct rnet_random random = rnet_random_stream(7, 0);
        uint64_t sum = 0;

        for (int i = 0; i < 2000; i++) {
            struct rnet_headers headers =
                packet_of(i * MS, "192.168.1.7", (uint16_t)rnet_random_below(&random, 200),
                          "198.51.100.1", 9999, 17, 9);

            add(table, &headers);
        }
        ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
        for (size_t i = 0; i < all.flow_count; i++)
            sum = sum * 31 + all.flows[i].id * 7 + all.flows[i].office_port +
                  all.flows[i].conversation.host + all.flows[i].conversation.packets[RNET_UP];
        if (seed == 1)
            first = sum;
        ck_assert_uint_eq(sum, first);
        rnet_flow_table_free(table);
        collected_clear(&all);
    }
}
END_TEST

static enum rnet_status
refuse(void *context, const struct rnet_flow *flow)
{
    (void)context;
    (void)flow;
    return RNET_EINTERRUPTED;
}

START_TEST(a_sink_that_refuses_stops_the_table)
{
    const struct rnet_flow_sink sink = {.ended = refuse};
    struct rnet_flow_table *table;
    struct rnet_headers headers = packet_of(0, "192.168.1.7", 1, "198.51.100.1", 9999, 17, 9);

    ck_assert_int_eq(rnet_flow_table_new(NULL, &sink, &table), RNET_OK);
    add(table, &headers);
    headers.time_ns = 500 * RNET_NS_PER_S;
    ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_EINTERRUPTED);
    ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_EINTERRUPTED);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_EINTERRUPTED);
    rnet_flow_table_free(table);
}
END_TEST

/* Two flows of each kind, three packets each: everything that allocates. */
static enum rnet_status
small_job(uint64_t *packets)
{
    const struct rnet_flow_sink sink = {0};
    struct rnet_flow_table *table;
    enum rnet_status status = rnet_flow_table_new(&seeded, &sink, &table);

    *packets = 0;
    if (status != RNET_OK)
        return status;
    for (int i = 0; i < 12 && status == RNET_OK; i++) {
        struct rnet_headers headers =
            packet_of(i * MS, "192.168.1.7", (uint16_t)(i % 4), "198.51.100.1", 80,
                      i % 2 == 0 ? RNET_IPPROTO_TCP : RNET_IPPROTO_UDP, 100);

        headers.tcp_sequence = (uint32_t)i / 4 * 100;
        status = rnet_flow_table_add(table, &headers, NULL);
        if (status == RNET_ENOMEM) /* nothing was counted: once more */
            status = rnet_flow_table_add(table, &headers, NULL);
        *packets += status == RNET_OK;
    }
    if (status == RNET_OK)
        status = rnet_flow_table_finish(table);
    rnet_flow_table_free(table);
    return status;
}

START_TEST(every_failing_allocation_ends_cleanly)
{
    uint64_t packets, most;

    rnet_alloc_fail_at(0);
    ck_assert_int_eq(small_job(&packets), RNET_OK);
    most = rnet_alloc_fail_at(0);
    ck_assert_uint_gt(most, 10);
    for (uint64_t n = 1; n <= most; n++) {
        enum rnet_status status;

        rnet_alloc_fail_at(n);
        status = small_job(&packets);
        rnet_alloc_fail_at(0);
        ck_assert(status == RNET_ENOMEM || (status == RNET_OK && packets == 12));
    }
}
END_TEST

static const struct {
    const char *text;
    enum rnet_status status;
    uint8_t version;
    uint8_t bits;
} networks[] = {
    {"192.0.2.0/24", RNET_OK, 4, 24},
    {"192.0.2.7", RNET_OK, 4, 32},
    {"2001:db8::/32", RNET_OK, 6, 32},
    {"::1", RNET_OK, 6, 128},
    {"0.0.0.0/0", RNET_OK, 4, 0},
    {"192.0.2.0/33", RNET_EINVAL, 0, 0},
    {"192.0.2.0/", RNET_EINVAL, 0, 0},
    {"192.0.2.0/-1", RNET_EINVAL, 0, 0},
    {"::/129", RNET_EINVAL, 0, 0},
    {"192.0.2/24", RNET_EINVAL, 0, 0},
    {"", RNET_EINVAL, 0, 0},
    {"office", RNET_EINVAL, 0, 0},
    {"10.0.0.0/8 ", RNET_EINVAL, 0, 0},
    {"10.0.0.0/00000000008", RNET_EINVAL, 0, 0},
};

START_TEST(networks_are_read_or_refused)
{
    struct rnet_network network = {.prefix_bits = 99};
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_network_parse(networks[_i].text, &network, &err), networks[_i].status);
    if (networks[_i].status == RNET_OK) {
        ck_assert_int_eq(network.address.version, networks[_i].version);
        ck_assert_int_eq(network.prefix_bits, networks[_i].bits);
    } else {
        ck_assert_int_eq(network.prefix_bits, 99);
        ck_assert_uint_gt(strlen(err.message), 5);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("flow-table");
    TCase *tcase = tcase_create("table");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_live_flow_costs_at_most_256_bytes_before_its_second_packet);
    tcase_add_test(tcase, both_directions_are_one_flow_and_each_is_counted);
    tcase_add_loop_test(tcase, sides_follow_addresses_then_who_opened, 0,
                        sizeof sides / sizeof *sides);
    tcase_add_test(tcase, given_office_networks_overrule_private_addresses);
    tcase_add_test(tcase, an_address_with_many_flows_is_the_office);
    tcase_add_test(tcase, the_internet_is_behind_the_hardware_address_of_many);
    tcase_add_test(tcase, later_fragments_count_in_the_flow_of_the_first);
    tcase_add_test(tcase, a_fragment_of_tcp_adds_volume_and_no_segment);
    tcase_add_test(tcase, broadcast_is_counted_not_tracked);
    tcase_add_test(tcase, a_full_table_closes_its_idlest_flow_and_says_so);
    tcase_add_test(tcase, idle_flows_end_by_packet_time);
    tcase_add_test(tcase, a_wild_time_ends_nothing_and_no_duration_is_negative);
    tcase_add_test(tcase, a_hundred_packets_from_another_day_are_believed);
    tcase_add_test(tcase, what_the_caller_hangs_on_a_flow_stays);
    tcase_add_test(tcase, results_do_not_depend_on_the_hash_key);
    tcase_add_test(tcase, a_sink_that_refuses_stops_the_table);
    tcase_add_test(tcase, every_failing_allocation_ends_cleanly);
    tcase_add_loop_test(tcase, networks_are_read_or_refused, 0, sizeof networks / sizeof *networks);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
