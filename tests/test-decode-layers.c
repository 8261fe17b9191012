/* Whatever stands around a packet, its headers come out the same. The files are written by
 * tests/data/input/make.py, whose frames tshark reads the same way (tests/compare-tshark). */
#include "input.h"

#include <string.h>

/* `around`: bytes of the outer IP packet, IPv4 inside, that are not the inner one's. */
static const struct {
    const char *name;
    unsigned version; /* 0 = both: two IPv4 packets, then two IPv6 */
    uint8_t tunnels;
    uint32_t around;
    bool has_mac;
} files[] = {
    {"ethernet", 0, 0, 0, true},
    {"ethernet-padded", 0, 0, 0, true},
    {"vlan", 0, 0, 0, true},
    {"qinq", 0, 0, 0, true},
    {"snap", 0, 0, 0, true},
    {"vlan-snap", 0, 0, 0, true},
    {"mpls", 0, 0, 0, true},
    {"mpls-pseudowire", 0, 0, 0, true},
    {"mpls-pseudowire-bare", 0, 0, 0, true},
    {"pppoe", 0, 0, 0, true},
    {"vlan-pppoe", 0, 0, 0, true},
    {"pppoe-bare", 0, 0, 0, false},
    {"cooked1", 0, 0, 0, false},
    {"cooked2", 0, 0, 0, false},
    {"raw", 0, 0, 0, false},
    {"raw4", 4, 0, 0, false},
    {"raw6", 6, 0, 0, false},
    {"null-little", 0, 0, 0, false},
    {"null-big", 0, 0, 0, false},
    {"loop", 0, 0, 0, false},
    {"ppp", 0, 0, 0, false},
    {"ppp-compressed", 0, 0, 0, false},
    {"ppp-serial", 0, 0, 0, false},
    {"cisco-hdlc", 0, 0, 0, false},
    {"radiotap", 0, 0, 0, true},
    {"radiotap-padded", 0, 0, 0, true},
    {"wifi", 0, 0, 0, true},
    {"wifi-bridge", 0, 0, 0, true},
    {"wifi-bundle", 0, 0, 0, true},
    {"gre", 0, 1, 20 + 4, true},
    {"gre-full", 0, 1, 40 + 16, true},
    {"gre-bridged", 0, 1, 20 + 4 + 14, true},
    {"pptp", 0, 1, 20 + 16 + 4, true},
    {"ip-in-ipv4", 0, 1, 20, true},
    {"ip-in-ipv6", 0, 1, 40, true},
    {"vxlan", 0, 1, 20 + 8 + 8 + 14, true},
    {"geneve", 0, 1, 20 + 8 + 16 + 14, true},
    {"geneve-ip", 0, 1, 20 + 8 + 8, true},
    {"gtp", 0, 1, 20 + 8 + 8, true},
    {"gtp-full", 0, 1, 20 + 8 + 8 + 12, true},
    {"l2tp", 0, 1, 20 + 8 + 6 + 4, true},
    {"l2tp-full", 0, 1, 20 + 8 + 18 + 4, true},
    {"gre-in-gre", 0, 2, 2 * (20 + 4), true},
};

static const uint8_t source4[16] = {192, 0, 2, 1}, destination4[16] = {198, 51, 100, 7};
static const uint8_t source6[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
static const uint8_t destination6[16] = {0x20, 1, 0xd, 0xb8, [15] = 7};

static void
check_addresses(const struct rnet_headers *headers, unsigned version)
{
    ck_assert_uint_eq(headers->source.version, version);
    ck_assert_mem_eq(headers->source.bytes, version == 4 ? source4 : source6, 16);
    ck_assert_mem_eq(headers->destination.bytes, version == 4 ? destination4 : destination6, 16);
    ck_assert_uint_eq(headers->dscp, 46);
    ck_assert_uint_eq(headers->ttl, 63);
    ck_assert(!headers->is_fragment && !headers->is_later_fragment && !headers->is_broadcast);
    ck_assert(headers->has_transport);
}

static void
check_datagram(const struct rnet_headers *headers)
{
    ck_assert_uint_eq(headers->protocol, RNET_IPPROTO_UDP);
    ck_assert_uint_eq(headers->source_port, 40000);
    ck_assert_uint_eq(headers->destination_port, 5004);
    ck_assert_uint_eq(headers->payload_bytes, 20);
    ck_assert_uint_eq(headers->payload_captured_bytes, 20);
    ck_assert_uint_eq(headers->payload[19], 19);
}

static void
check_syn(const struct rnet_headers *headers)
{
    ck_assert_uint_eq(headers->protocol, RNET_IPPROTO_TCP);
    ck_assert_uint_eq(headers->source_port, 40001);
    ck_assert_uint_eq(headers->destination_port, 443);
    ck_assert_uint_eq(headers->tcp_flags, RNET_TCP_SYN);
    ck_assert_uint_eq(headers->tcp_sequence, 1000);
    ck_assert_uint_eq(headers->tcp_window, 64240);
    ck_assert(headers->tcp_options_whole && headers->tcp_sack_permitted);
    ck_assert_uint_eq(headers->tcp_mss, 1460);
    ck_assert_uint_eq(headers->tcp_window_scale, 7);
    ck_assert(headers->tcp_has_timestamps);
    ck_assert_uint_eq(headers->tcp_timestamp, 1);
    ck_assert_uint_eq(headers->tcp_timestamp_echo, 2);
    ck_assert_uint_eq(headers->payload_bytes, 0);
    ck_assert_ptr_null(headers->payload);
}

static void
check_lengths(const struct rnet_headers *headers, unsigned version, bool syn)
{
    const uint32_t inner = (version == 4 ? 20u : 40u) + (syn ? 40u : 28u);

    ck_assert_uint_eq(headers->ip_bytes, inner);
    ck_assert_uint_eq(headers->ip_captured_bytes, inner);
    ck_assert_uint_eq(headers->ip[0] >> 4, version);
    ck_assert_uint_eq(headers->line_ip_bytes, inner);
}

static void
check_macs(const struct rnet_headers *headers, bool expected)
{
    ck_assert(headers->has_mac == expected);
    if (expected) {
        ck_assert_mem_eq(headers->source_mac, "\x02\0\0\0\0\x01", 6);
        ck_assert_mem_eq(headers->destination_mac, "\x02\0\0\0\0\x02", 6);
    }
}

START_TEST(the_same_headers_come_out_of_every_link_type_and_tunnel)
{
    char name[64];
    struct rnet_capture *capture;
    struct rnet_notices notices = {0};
    struct rnet_packet packet;
    struct rnet_headers headers;
    unsigned packets = 0;

    snprintf(name, sizeof name, "layers-%s.pcap", files[_i].name);
    capture = input_open(name);
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        const unsigned version = files[_i].version != 0 ? files[_i].version : packets < 2 ? 4 : 6;
        const bool syn = packets % 2 == 1;

        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, &notices), RNET_OK);
        check_addresses(&headers, version);
        (syn ? check_syn : check_datagram)(&headers);
        ck_assert_uint_eq(headers.tunnels, files[_i].tunnels);
        headers.line_ip_bytes -= files[_i].around;
        check_lengths(&headers, version, syn);
        check_macs(&headers, files[_i].has_mac);
        ck_assert(rnet_address_equal(&headers.line_source, &headers.source) ==
                  (files[_i].tunnels == 0));
        ck_assert_uint_eq(headers.packet_number, ++packets);
    }
    ck_assert_uint_eq(packets, files[_i].version != 0 ? 2 : 4);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_TUNNEL], files[_i].tunnels != 0 ? 4 : 0);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], 0);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_NOT_IP], 0);
    rnet_capture_close(capture);
}
END_TEST

/* Options and extension headers are part of the IP packet, unlike a tunnel's header. */
START_TEST(extension_headers_are_stepped_over_and_counted)
{
    struct rnet_capture *capture = input_open("layers-extensions.pcap");
    static const uint32_t extra[] = {4 + 24, 4 + 24, 48, 48};
    struct rnet_headers headers;

    for (int i = 0; i < 4; i++) {
        const struct rnet_packet packet = input_next(capture);

        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, NULL), RNET_OK);
        check_addresses(&headers, i < 2 ? 4 : 6);
        (i % 2 == 1 ? check_syn : check_datagram)(&headers);
        headers.ip_bytes -= extra[i];
        headers.ip_captured_bytes -= extra[i];
        headers.line_ip_bytes -= extra[i];
        check_lengths(&headers, i < 2 ? 4 : 6, i % 2 == 1);
        ck_assert_uint_eq(headers.tunnels, 0);
    }
    rnet_capture_close(capture);
}
END_TEST

START_TEST(what_is_not_ip_is_counted_as_such)
{
    struct rnet_capture *capture = input_open("not-ip.pcap");
    struct rnet_notices notices = {0};
    struct rnet_packet packet;
    struct rnet_headers headers;
    uint64_t packets = 0;

    for (; rnet_capture_next(capture, &packet, NULL) == RNET_OK; packets++)
        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, &notices), RNET_ENOTFOUND);
    ck_assert_uint_eq(packets, 6);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_NOT_IP], packets);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], 0);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(a_tunnel_that_cannot_be_opened_yields_its_own_headers)
{
    static const struct {
        uint8_t protocol;
        uint16_t port;
        const char *why;
    } steps[] = {
        {47, 0, "GRE with an unknown protocol"},
        {47, 0, "encrypted PPTP"},
        {17, 1701, "L2TP control"},
        {17, 4789, "VXLAN's port, not VXLAN"},
        {17, 6081, "GENEVE's port, not GENEVE"},
        {17, 2152, "GTP's port, not GTP"},
        {17, 2152, "a GTP extension header of no length"},
        {4, 0, "a fragment of IP-in-IP"},
        {4, 0, "garbage in IP-in-IP"},
    };
    struct rnet_capture *capture = input_open("tunnels-closed.pcap");
    struct rnet_notices notices = {0};
    struct rnet_headers headers;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct rnet_packet packet = input_next(capture);

        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, &notices), RNET_OK);
        ck_assert_msg(headers.tunnels == 0, "%s", steps[i].why);
        ck_assert_msg(headers.protocol == steps[i].protocol, "%s", steps[i].why);
        ck_assert_msg(headers.destination_port == steps[i].port, "%s", steps[i].why);
        ck_assert_uint_eq(headers.source.bytes[0], 203);
        ck_assert_uint_eq(headers.ip_bytes, headers.line_ip_bytes);
    }
    ck_assert_uint_eq(notices.count[RNET_NOTICE_TUNNEL], 0);
    ck_assert_uint_eq(notices.count[RNET_NOTICE_BAD_HEADER], 0);
    rnet_capture_close(capture);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("decode-layers");
    TCase *tcase = tcase_create("layers");

    tcase_add_loop_test(tcase, the_same_headers_come_out_of_every_link_type_and_tunnel, 0,
                        sizeof files / sizeof files[0]);
    tcase_add_test(tcase, extension_headers_are_stepped_over_and_counted);
    tcase_add_test(tcase, what_is_not_ip_is_counted_as_such);
    tcase_add_test(tcase, a_tunnel_that_cannot_be_opened_yields_its_own_headers);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
