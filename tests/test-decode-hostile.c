/* No byte may lead a reader astray. Packets stand in blocks of exactly their captured size, so that
 * the address sanitizer sees any read beyond. */
#include "input.h"

#include "base/base.h"

#include <string.h>

static const int link_types[] = {1, 113, 276, 12, 228, 229, 0, 108, 9, 50, 51, 127, 105};

static const char *const seeds[] = {
    "layers-mpls-pseudowire.pcap",
    "layers-vlan-pppoe.pcap",
    "layers-cooked1.pcap",
    "layers-cooked2.pcap",
    "layers-raw.pcap",
    "layers-null-big.pcap",
    "layers-ppp-compressed.pcap",
    "layers-pppoe-bare.pcap",
    "layers-radiotap.pcap",
    "layers-wifi-bundle.pcap",
    "layers-extensions.pcap",
    "layers-gre-full.pcap",
    "layers-pptp.pcap",
    "layers-vxlan.pcap",
    "layers-geneve.pcap",
    "layers-gtp-full.pcap",
    "layers-l2tp-full.pcap",
    "layers-gre-in-gre.pcap",
    "layers-vlan-snap.pcap",
    "layers-ip-in-ipv6.pcap",
};

/* Decode a copy that ends where its block ends, and check what must hold of any result. */
static void
decode_alone(const uint8_t *bytes, uint32_t captured, uint32_t wire, int link_type)
{
    uint8_t *copy = malloc(captured != 0 ? captured : 1);
    const struct rnet_packet packet = {.data = copy,
                                       .number = 1,
                                       .captured_bytes = captured,
                                       .wire_bytes = wire,
                                       .link_type = link_type};
    struct rnet_notices notices = {0};
    struct rnet_headers headers;
    enum rnet_status status;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, captured);
    status = rnet_packet_decode(&packet, &headers, &notices);
    if (status == RNET_OK) {
        ck_assert_uint_le(headers.ip_bytes, wire);
        ck_assert_uint_le(headers.line_ip_bytes, wire);
        ck_assert_uint_le(headers.payload_bytes, headers.ip_bytes);
        ck_assert_uint_le(headers.payload_captured_bytes, headers.payload_bytes);
        ck_assert(headers.ip >= copy && headers.ip + headers.ip_captured_bytes <= copy + captured);
        ck_assert(headers.payload == NULL ||
                  (headers.payload >= headers.ip &&
                   headers.payload + headers.payload_captured_bytes <= copy + captured));
        ck_assert(headers.source.version == 4 || headers.source.version == 6);
        ck_assert_uint_ge(rnet_packet_segments(&headers, 0).packets, 1);
    } else {
        ck_assert(status == RNET_ENOTFOUND || status == RNET_EFORMAT || status == RNET_ECANTTELL);
        ck_assert(status != RNET_ECANTTELL || captured < wire);
    }
    free(copy);
}

START_TEST(every_prefix_of_a_packet_is_safe_snapped_and_sent_short)
{
    struct rnet_capture *capture = input_open(seeds[_i]);
    struct rnet_packet packet;

    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        for (uint32_t bytes = 0; bytes <= packet.captured_bytes; bytes++) {
            decode_alone(packet.data, bytes, packet.wire_bytes, packet.link_type);
            decode_alone(packet.data, bytes, bytes, packet.link_type);
        }
    }
    rnet_capture_close(capture);
}
END_TEST

START_TEST(every_single_byte_may_hold_any_value)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct rnet_capture *capture = input_open(seeds[_i]);
    struct rnet_packet packet;
    uint8_t changed[2048];

    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        memcpy(changed, packet.data, packet.captured_bytes);
        for (uint32_t at = 0; at < packet.captured_bytes; at++) {
            for (size_t i = 0; i < sizeof values; i++) {
                changed[at] = values[i];
                decode_alone(changed, packet.captured_bytes, packet.wire_bytes, packet.link_type);
            }
            changed[at] = packet.data[at];
        }
    }
    rnet_capture_close(capture);
}
END_TEST

START_TEST(random_bytes_are_safe_on_every_link_type)
{
    struct rnet_random random = rnet_random_stream(2014, (uint64_t)_i);
    uint8_t bytes[300];

    for (int run = 0; run < 20000; run++) {
        const uint32_t captured = (uint32_t)rnet_random_below(&random, sizeof bytes);

        for (uint32_t i = 0; i < captured; i++)
            bytes[i] = (uint8_t)rnet_random_u64(&random);
        decode_alone(bytes, captured, captured + (uint32_t)rnet_random_below(&random, 100),
                     link_types[_i]);
    }
}
END_TEST

START_TEST(tunnels_without_end_are_given_up)
{
    uint8_t bytes[20 * 100 + 20];

    for (size_t at = 0; at < sizeof bytes; at += 20) {
        const uint16_t left = (uint16_t)(sizeof bytes - at);
        const uint8_t header[20] = {0x45, 0, (uint8_t)(left >> 8), (uint8_t)left, [9] = 4};

        memcpy(bytes + at, header, sizeof header);
    }
    decode_alone(bytes, sizeof bytes, sizeof bytes, 12);
}
END_TEST

START_TEST(a_link_type_without_reader_is_unsupported)
{
    const struct rnet_packet packet = {.data = (const uint8_t *)"", .link_type = 9999};
    struct rnet_headers headers;

    ck_assert_int_eq(rnet_packet_decode(&packet, &headers, NULL), RNET_EUNSUPPORTED);
    ck_assert(!rnet_link_type_is_known(9999));
    for (size_t i = 0; i < sizeof link_types / sizeof link_types[0]; i++)
        ck_assert(rnet_link_type_is_known(link_types[i]));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("decode-hostile");
    TCase *tcase = tcase_create("hostile packets");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, every_prefix_of_a_packet_is_safe_snapped_and_sent_short, 0,
                        sizeof seeds / sizeof seeds[0]);
    tcase_add_loop_test(tcase, every_single_byte_may_hold_any_value, 0,
                        sizeof seeds / sizeof seeds[0]);
    tcase_add_loop_test(tcase, random_bytes_are_safe_on_every_link_type, 0,
                        sizeof link_types / sizeof link_types[0]);
    tcase_add_test(tcase, tunnels_without_end_are_given_up);
    tcase_add_test(tcase, a_link_type_without_reader_is_unsupported);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
