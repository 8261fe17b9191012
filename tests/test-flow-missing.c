/* What a capture has twice, and what it lacks. */
#include "flow-fixture.h"

#include "flow/flow.h"

#define OFFICE "192.168.1.7"
#define SERVER "198.51.100.1"

/* An IP packet as the check for copies sees it: number, what routers change, a byte of its payload.
 */
struct sight {
    int64_t time_us;
    uint8_t version, protocol;
    uint16_t identification;
    uint8_t ttl, payload;
    bool empty; /* TCP without payload */
};

static const struct {
    const char *why;
    struct sight first, second;
    bool copy;
} sights[] = {
    {"the same again after 3 us", {0, 4, 17, 7, 64, 1, false}, {3, 4, 17, 7, 64, 1, false}, true},
    {"on the other side of a router",
     {0, 4, 6, 7, 64, 1, false},
     {200, 4, 6, 7, 63, 1, false},
     true},
    {"behind a queue", {0, 4, 6, 7, 64, 1, false}, {49000, 4, 6, 7, 64, 1, false}, true},
    {"too late for a copy", {0, 4, 6, 7, 64, 1, false}, {51000, 4, 6, 7, 64, 1, false}, false},
    {"stamped before the first", {100, 4, 6, 7, 64, 1, false}, {0, 4, 6, 7, 64, 1, false}, true},
    {"sent again: another number", {0, 4, 6, 7, 64, 1, false}, {3, 4, 6, 8, 64, 1, false}, false},
    {"the same number, other words",
     {0, 4, 17, 7, 64, 1, false},
     {3, 4, 17, 7, 64, 2, false},
     false},
    {"an acknowledgement with a number",
     {0, 4, 6, 7, 64, 0, true},
     {3, 4, 6, 7, 64, 0, true},
     true},
    {"without a number the same may be meant twice",
     {0, 4, 6, 0, 64, 0, true},
     {3, 4, 6, 0, 64, 0, true},
     false},
    {"IPv6 on the spot", {0, 6, 17, 0, 64, 1, false}, {3, 6, 17, 0, 63, 1, false}, true},
    {"IPv6 later: said twice", {0, 6, 17, 0, 64, 1, false}, {1100, 6, 17, 0, 64, 1, false}, false},
    {"IPv6 duplicate acknowledgements",
     {0, 6, 6, 0, 64, 0, true},
     {3, 6, 6, 0, 64, 0, true},
     false},
};

static struct rnet_headers
headers_of(const struct sight *sight, uint8_t ip[static 120])
{
    const bool v4 = sight->version == 4;
    struct rnet_headers headers = {.time_ns = sight->time_us * RNET_NS_PER_US,
                                   .source.version = sight->version,
                                   .protocol = sight->protocol,
                                   .payload_bytes = sight->empty ? 0 : 60,
                                   .ip = ip,
                                   .ip_captured_bytes = 120};

    memset(ip, 0, 120);
    ip[v4 ? 8 : 7] = sight->ttl;
    ip[4] = v4 ? (uint8_t)(sight->identification >> 8) : 0;
    ip[5] = v4 ? (uint8_t)sight->identification : 80;
    ip[v4 ? 12 : 8] = 10;
    ip[60] = sight->payload;
    return headers;
}

START_TEST(a_packet_captured_twice_is_told_from_one_sent_twice)
{
    struct flow_duplicates *duplicates = flow_duplicates_new();
    uint8_t ip[120];
    struct rnet_headers headers = headers_of(&sights[_i].first, ip);

    ck_assert_ptr_nonnull(duplicates);
    ck_assert(!flow_duplicates_knows(duplicates, &headers));
    headers = headers_of(&sights[_i].second, ip);
    ck_assert_msg(flow_duplicates_knows(duplicates, &headers) == sights[_i].copy, "%s",
                  sights[_i].why);
    flow_duplicates_free(duplicates);
}
END_TEST

START_TEST(a_packet_cut_before_its_transport_is_never_a_copy)
{
    struct flow_duplicates *duplicates = flow_duplicates_new();
    uint8_t ip[120];
    struct rnet_headers headers = headers_of(&sights[0].first, ip);

    headers.ip_captured_bytes = 20;
    ck_assert(!flow_duplicates_knows(duplicates, &headers));
    ck_assert(!flow_duplicates_knows(duplicates, &headers));
    headers.ip = NULL;
    ck_assert(!flow_duplicates_knows(duplicates, &headers));
    flow_duplicates_free(duplicates);
}
END_TEST

/* A download of 40 segments, acknowledged one by one, of which the capture lacks some. */
static const struct lack {
    const char *why;
    bool no_up, no_down;
    int every; /* n-th data segment is missing; 0 = none */
    uint32_t segments;
    bool part_missing;
    uint64_t one_direction; /* the notice's count */
} lacks[] = {
    {"all there", false, false, 0, 40, false, 0},
    {"one in fifty missing: little enough", false, false, 50, 400, false, 0},
    {"one in four missing", false, false, 4, 40, true, 0},
    {"few bytes: too little to tell by", false, false, 4, 8, false, 0},
    {"only what comes down", true, false, 0, 40, true, 1},
    {"only what goes up", false, true, 0, 40, true, 1},
};

static void
add_segment(struct rnet_flow_table *table, int64_t time_ns, bool up, uint8_t flags,
            uint32_t sequence, uint32_t acknowledgement, uint32_t payload_bytes)
{
    struct rnet_headers headers =
        up ? packet_of(time_ns, OFFICE, 40000, SERVER, 443, RNET_IPPROTO_TCP, payload_bytes)
           : packet_of(time_ns, SERVER, 443, OFFICE, 40000, RNET_IPPROTO_TCP, payload_bytes);

    headers.tcp_flags = flags;
    headers.tcp_sequence = sequence;
    headers.tcp_acknowledgement = acknowledgement;
    headers.tcp_window = 60000;
    ck_assert_int_eq(rnet_flow_table_add(table, &headers, NULL), RNET_OK);
}

static void
download(struct rnet_flow_table *table, const struct lack *lack)
{
    for (uint32_t i = 0; i < lack->segments; i++) {
        const int64_t now = (int64_t)i * MS;
        const bool missing = lack->every != 0 && i % (uint32_t)lack->every == 1;

        if (!lack->no_down && !missing)
            add_segment(table, now, false, RNET_TCP_ACK, 5000 + 1460 * i, 900, 1460);
        if (!lack->no_up)
            add_segment(table, now + MS / 2, true, RNET_TCP_ACK, 900, 5000 + 1460 * (i + 1), 0);
    }
}

START_TEST(a_connection_captured_in_part_says_so)
{
    const struct lack *lack = &lacks[_i];
    struct collected all = {0};
    const struct rnet_flow_sink sink = collector(&all);
    const struct rnet_notices *notices;
    struct rnet_flow_table *table;

    ck_assert_int_eq(rnet_flow_table_new(NULL, &sink, &table), RNET_OK);
    download(table, lack);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    notices = rnet_flow_table_notices(table);
    ck_assert_uint_eq(all.flow_count, 1);
    ck_assert_msg(((all.flows[0].conversation.flags & RNET_CONVERSATION_PART_MISSING) != 0) ==
                      lack->part_missing,
                  "%s", lack->why);
    ck_assert_uint_eq(notices->count[RNET_NOTICE_PART_MISSING], lack->part_missing);
    ck_assert_msg(notices->count[RNET_NOTICE_ONE_DIRECTION] == lack->one_direction, "%s",
                  lack->why);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

START_TEST(what_nobody_answered_is_no_missing_direction)
{
    struct collected all = {0};
    const struct rnet_flow_sink sink = collector(&all);
    struct rnet_flow_table *table;

    ck_assert_int_eq(rnet_flow_table_new(NULL, &sink, &table), RNET_OK);
    for (int i = 0; i < 6; i++)
        add_segment(table, i * RNET_NS_PER_S, true, RNET_TCP_SYN, 900, 0, 0);
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_PART_MISSING], 0);
    ck_assert_uint_eq(rnet_flow_table_notices(table)->count[RNET_NOTICE_ONE_DIRECTION], 0);
    rnet_flow_table_free(table);
    collected_clear(&all);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("flow-missing");
    TCase *tcase = tcase_create("missing");

    tcase_add_loop_test(tcase, a_packet_captured_twice_is_told_from_one_sent_twice, 0,
                        sizeof sights / sizeof sights[0]);
    tcase_add_test(tcase, a_packet_cut_before_its_transport_is_never_a_copy);
    tcase_add_loop_test(tcase, a_connection_captured_in_part_says_so, 0,
                        sizeof lacks / sizeof lacks[0]);
    tcase_add_test(tcase, what_nobody_answered_is_no_missing_direction);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
