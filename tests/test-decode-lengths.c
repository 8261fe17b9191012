/* The two lengths: what was on the wire and what may be read, for whole, snapped, split, merged and
 * lying packets. */
#include "input.h"

#include "decode/decode.h"

#include <string.h>

START_TEST(a_super_packet_takes_its_length_from_the_frame_when_it_states_none)
{
    struct rnet_capture *capture = input_open("super-packets.pcap");
    struct rnet_notices notices = {0};
    struct rnet_headers headers;

    for (int i = 0; i < 3; i++) {
        const struct rnet_packet packet = input_next(capture);

        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, &notices), RNET_OK);
        ck_assert_uint_eq(headers.payload_bytes, 4000);
        ck_assert_uint_eq(headers.payload_captured_bytes, 4000);
        ck_assert_uint_eq(headers.ip_bytes, (i == 1 ? 40 : 20) + 20 + 4000);
    }
    ck_assert_uint_eq(notices.count[RNET_NOTICE_SUPER_PACKET], 3);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], 0);
    rnet_capture_close(capture);
}
END_TEST

/* Splitting done the slow way: give each piece up to a full segment until nothing is left. */
static struct rnet_segments
split_slowly(uint32_t payload, uint32_t around, uint32_t mtu)
{
    struct rnet_segments segments = {0};
    uint32_t left = payload;

    do {
        const uint32_t piece = left < mtu - around ? left : mtu - around;

        if (segments.packets++ == 0)
            segments.full_ip_bytes = around + piece;
        segments.last_ip_bytes = around + piece;
        left -= piece;
    } while (left > 0);
    return segments;
}

START_TEST(segments_carry_all_payload_and_one_header_each)
{
    struct rnet_headers headers = {.has_transport = true, .line_source = {.version = 4}};

    for (uint32_t payload = 0; payload < 65000; payload += 37) {
        for (uint32_t mtu = 576; mtu <= 1500; mtu += 308) {
            const struct rnet_segments slow = split_slowly(payload, 52, mtu);
            struct rnet_segments segments;

            headers.payload_bytes = payload;
            headers.line_ip_bytes = headers.ip_bytes = payload + 52;
            segments = rnet_packet_segments(&headers, mtu);
            ck_assert_uint_eq(segments.packets, slow.packets);
            ck_assert_uint_eq(segments.full_ip_bytes, slow.full_ip_bytes);
            ck_assert_uint_eq(segments.last_ip_bytes, slow.last_ip_bytes);
            ck_assert_uint_le(segments.full_ip_bytes, mtu);
        }
    }
}
END_TEST

START_TEST(what_has_no_transport_is_cut_like_fragments)
{
    const struct rnet_headers headers = {.line_source = {.version = 4}, .line_ip_bytes = 4020};
    const struct rnet_segments segments = rnet_packet_segments(&headers, 0);

    ck_assert_uint_eq(segments.packets, 3); /* 1480 + 1480 + 1040 */
    ck_assert_uint_eq(segments.full_ip_bytes, 1500);
    ck_assert_uint_eq(segments.last_ip_bytes, 1060);
}
END_TEST

START_TEST(fragments_keep_their_lengths_and_only_the_first_has_ports)
{
    static const struct {
        uint32_t payload;
        uint16_t port;
    } steps[] = {{1472, 5004}, {520, 0}, {1440, 5004}, {552, 0}};
    struct rnet_capture *capture = input_open("fragments.pcap");
    struct rnet_notices notices = {0};
    struct rnet_headers headers;

    for (int i = 0; i < 4; i++) {
        const struct rnet_packet packet = input_next(capture);

        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, &notices), RNET_OK);
        ck_assert_uint_eq(headers.protocol, RNET_IPPROTO_UDP);
        ck_assert(headers.is_fragment);
        ck_assert(headers.is_later_fragment == (i % 2 == 1));
        ck_assert_uint_eq(headers.fragment_id, i < 2 ? 0x1234 : 7);
        ck_assert(headers.has_transport == (i % 2 == 0));
        ck_assert_uint_eq(headers.payload_bytes, steps[i].payload);
        ck_assert_uint_eq(headers.destination_port, steps[i].port);
    }
    ck_assert_uint_eq(notices.count[RNET_NOTICE_FRAGMENT], 4);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], 0);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(a_snapped_packet_keeps_its_volume_and_says_what_it_lacks)
{
    static const struct {
        uint32_t captured;
        enum rnet_status status;
        bool transport, ports;
        uint32_t payload_captured;
    } steps[] = {
        {1494, RNET_OK, true, true, 1440},     {66, RNET_OK, true, true, 12},
        {54, RNET_OK, true, true, 0},          {40, RNET_OK, false, true, 0},
        {34, RNET_OK, false, false, 0},        {33, RNET_ECANTTELL, false, false, 0},
        {20, RNET_ECANTTELL, false, false, 0}, {14, RNET_ECANTTELL, false, false, 0},
        {10, RNET_ECANTTELL, false, false, 0}, {1, RNET_ECANTTELL, false, false, 0},
    };
    struct rnet_capture *capture = input_open("snapped.pcap");
    struct rnet_notices notices = {0};
    struct rnet_headers headers;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct rnet_packet packet = input_next(capture);

        ck_assert_uint_eq(packet.captured_bytes, steps[i].captured);
        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, &notices), steps[i].status);
        if (steps[i].status != RNET_OK)
            continue;
        ck_assert_uint_eq(headers.ip_bytes, 1480);
        ck_assert_uint_eq(headers.payload_bytes, 1440);
        ck_assert(headers.has_transport == steps[i].transport);
        ck_assert_uint_eq(headers.destination_port, steps[i].ports ? 443 : 0);
        ck_assert_uint_eq(headers.payload_captured_bytes, steps[i].payload_captured);
        ck_assert((headers.payload != NULL) == (steps[i].payload_captured > 0));
    }
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_SNAPPED_PACKET], 9);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], 0);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(contradicting_headers_are_counted_and_used_as_far_as_they_go)
{
    static const struct {
        enum rnet_status status;
        uint32_t ip_bytes;
        bool transport;
        const char *why;
    } steps[] = {
        {RNET_OK, 48, true, "IPv4 longer than the frame: the frame is believed"},
        {RNET_EFORMAT, 0, false, "IPv4 shorter than its own header"},
        {RNET_EFORMAT, 0, false, "version 5"},
        {RNET_OK, 60, false, "TCP header of 16 bytes"},
        {RNET_OK, 60, false, "TCP header beyond the packet"},
        {RNET_OK, 60, true, "TCP option of length 0"},
        {RNET_OK, 48, true, "UDP length 4"},
        {RNET_OK, 48, true, "UDP longer than its IP packet"},
    };
    struct rnet_capture *capture = input_open("contradictions.pcap");
    struct rnet_notices notices = {0};
    struct rnet_headers headers;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct rnet_packet packet = input_next(capture);

        ck_assert_msg(rnet_packet_decode(&packet, &headers, &notices) == steps[i].status, "%s",
                      steps[i].why);
        ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], i + 1);
        if (steps[i].status != RNET_OK)
            continue;
        ck_assert_msg(headers.ip_bytes == steps[i].ip_bytes, "%s", steps[i].why);
        ck_assert_msg(headers.has_transport == steps[i].transport, "%s", steps[i].why);
        ck_assert_uint_le(headers.payload_bytes, headers.ip_bytes);
    }
    rnet_capture_close(capture);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("decode-lengths");
    TCase *tcase = tcase_create("lengths");

    tcase_add_test(tcase, a_super_packet_takes_its_length_from_the_frame_when_it_states_none);
    tcase_add_test(tcase, segments_carry_all_payload_and_one_header_each);
    tcase_add_test(tcase, what_has_no_transport_is_cut_like_fragments);
    tcase_add_test(tcase, fragments_keep_their_lengths_and_only_the_first_has_ports);
    tcase_add_test(tcase, a_snapped_packet_keeps_its_volume_and_says_what_it_lacks);
    tcase_add_test(tcase, contradicting_headers_are_counted_and_used_as_far_as_they_go);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
