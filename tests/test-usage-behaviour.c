/* Behaviour: media without signalling, announced connections, shapes, and uses told apart. Flows
 * are made by hand, fed to a classifier without nDPI, so that only these layers can answer. */
#include "suite.h"
#include "usage-packets.h"

#include "base/base.h"

#include <ruralnet/usage.h>

#define MS RNET_NS_PER_MS

static struct rnet_classifier *classifier;

static void
open_classifier(void)
{
    const struct rnet_classifier_options options = {
        .no_dpi = true, .data_directory = RNET_SOURCE_ROOT "/lib/usage/data"};

    ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
}

static void
close_classifier(void)
{
    rnet_classifier_free(classifier);
}

static void
send_bytes(struct rnet_flow *flow, enum rnet_direction direction, int64_t time_ns,
           const void *payload, uint32_t bytes)
{
    static const uint8_t filler[1500] = {0x55, 0x55, 0x55};
    struct made_packet packet;

    made_packet(&packet, flow, direction, time_ns, RNET_TCP_ACK, payload != NULL ? payload : filler,
                bytes);
    ck_assert_int_eq(rnet_classifier_feed(classifier, flow, &packet.headers), RNET_OK);
}

static struct rnet_label
decide(struct rnet_flow *flow)
{
    struct rnet_label label;

    rnet_classifier_decide(classifier, flow, &label);
    return label;
}

/* One RTP packet; behind `prefix` bytes of another header. */
static void
send_rtp(struct rnet_flow *flow, enum rnet_direction direction, int64_t time_ns, uint8_t type,
         uint16_t sequence, uint32_t timestamp, uint32_t bytes, const void *prefix, size_t prefixed)
{
    uint8_t payload[1500] = {0};
    uint8_t *rtp = payload + prefixed;

    if (prefixed > 0)
        memcpy(payload, prefix, prefixed);
    rtp[0] = 0x80;
    rtp[1] = type;
    rtp[2] = (uint8_t)(sequence >> 8);
    rtp[3] = (uint8_t)sequence;
    rtp[6] = (uint8_t)(timestamp >> 8);
    rtp[7] = (uint8_t)timestamp;
    rtp[11] = (uint8_t)(7 + direction);
    send_bytes(flow, direction, time_ns, payload, bytes + (uint32_t)prefixed);
}

START_TEST(voice_without_signalling_is_a_voice_call)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 40001, 40002);
    struct rnet_label label;

    for (uint16_t i = 0; i < 200; i++) {
        send_rtp(&flow, RNET_UP, i * 20 * MS, 8, (uint16_t)(65500 + i), i * 160u, 172, NULL, 0);
        send_rtp(&flow, RNET_DOWN, i * 20 * MS + 7, 8, i, i * 160u, 172, NULL, 0);
    }
    label = decide(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_VOIP);
    ck_assert_int_eq(label.evidence, RNET_EVIDENCE_PROTOCOL);
    ck_assert_str_eq(label.application, "RTP.audio");
}
END_TEST

/* Pictures: three full packets with one timestamp, 25 times a second. */
static void
send_pictures(struct rnet_flow *flow, enum rnet_direction direction, const void *prefix,
              size_t bytes)
{
    for (uint16_t i = 0; i < 300; i++)
        send_rtp(flow, direction, (i / 3) * 40 * MS + i % 3, 96, i, (i / 3) * 3600u, 1000, prefix,
                 bytes);
}

static const struct {
    bool up, down;
    enum rnet_usage usage;
    const char *why;
} picture_ways[] = {
    {true, true, RNET_USAGE_VIDEOCONFERENCE, "both see each other"},
    {false, true, RNET_USAGE_VIDEO_STREAMING, "somebody watches"},
    {true, false, RNET_USAGE_VIDEO_SURVEILLANCE, "a camera sends out"},
};

START_TEST(pictures_are_told_by_who_sends_them)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 40001, 40002);

    if (picture_ways[_i].up)
        send_pictures(&flow, RNET_UP, NULL, 0);
    if (picture_ways[_i].down)
        send_pictures(&flow, RNET_DOWN, NULL, 0);
    ck_assert_msg(decide(&flow).usage == picture_ways[_i].usage, "%s", picture_ways[_i].why);
}
END_TEST

START_TEST(zoom_media_between_peers_is_a_video_call)
{
    uint8_t prefix[24] = {16};
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 40001, 40002);
    struct rnet_label label;

    send_pictures(&flow, RNET_UP, prefix, sizeof prefix);
    label = decide(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_VIDEOCONFERENCE);
    ck_assert_str_eq(label.application, "Zoom.video");
}
END_TEST

START_TEST(voice_through_a_turn_relay_is_seen)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 40001, 40002);
    const uint8_t channel[4] = {0x40, 0x01, 0, 172};

    for (uint16_t i = 0; i < 200; i++) {
        send_rtp(&flow, RNET_UP, i * 20 * MS, 111, i, i * 960u, 172, channel, 4);
        send_rtp(&flow, RNET_DOWN, i * 20 * MS + 9, 111, i, i * 960u, 172, channel, 4);
    }
    ck_assert_int_eq(decide(&flow).usage, RNET_USAGE_VOIP);
}
END_TEST

START_TEST(random_bytes_are_not_media)
{
    struct rnet_random random = rnet_random_stream(11, 0);
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 40001, 40002);
    struct rnet_label label;

    for (int64_t i = 0; i < 2000; i++) {
        uint8_t payload[200];

        for (size_t at = 0; at < sizeof payload; at++)
            payload[at] = (uint8_t)rnet_random_u64(&random);
        payload[0] = 0x80; /* as RTP begins */
        send_bytes(&flow, (enum rnet_direction)(i % 2),
                   i * (int64_t)rnet_random_below(&random, 300) * MS, payload, sizeof payload);
    }
    label = decide(&flow);
    ck_assert_int_ne(label.evidence, RNET_EVIDENCE_PROTOCOL);
}
END_TEST

START_TEST(announced_ftp_connection_is_a_file_transfer)
{
    struct rnet_flow control = made_flow(RNET_IPPROTO_TCP, 50000, 21);
    struct rnet_flow data = made_flow(RNET_IPPROTO_TCP, 50001, 47000);
    static const char *const replies[] = {"227 Entering Passive Mode (203,0,113,5,183,152).\r\n",
                                          "229 Entering Extended Passive Mode (|||47000|)\r\n"};
    struct rnet_label label;

    send_bytes(&control, RNET_DOWN, 0, replies[_i], (uint32_t)strlen(replies[_i]));
    send_bytes(&data, RNET_DOWN, 100 * MS, NULL, 1400);
    label = decide(&data);
    ck_assert_int_eq(label.usage, RNET_USAGE_FILE_TRANSFER);
    ck_assert_str_eq(label.application, "FTP-data");
    rnet_classifier_drop(classifier, &control);
}
END_TEST

static const struct {
    const char *sdp;
    enum rnet_usage usage;
    const char *why;
} calls[] = {
    {"m=audio 47000 RTP/AVP 8\r\n", RNET_USAGE_VOIP, "sound only"},
    {"m=audio 47000 RTP/AVP 8\r\nm=video 47002 RTP/AVP 96\r\n", RNET_USAGE_VIDEOCONFERENCE,
     "the sound of a video call belongs to it"},
    {"m=audio 47000 RTP/AVP 8\r\nm=video 0 RTP/AVP 96\r\n", RNET_USAGE_VOIP, "video refused"},
};

START_TEST(media_is_named_by_the_call_that_announced_it)
{
    struct rnet_flow sip = made_flow(RNET_IPPROTO_UDP, 5060, 5060);
    struct rnet_flow media = made_flow(RNET_IPPROTO_UDP, 40000, 47000);
    char answer[512];

    snprintf(answer, sizeof answer,
             "SIP/2.0 200 OK\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
             "c=IN IP4 203.0.113.5\r\n%s",
             calls[_i].sdp);
    send_bytes(&sip, RNET_DOWN, 0, answer, (uint32_t)strlen(answer));
    for (uint16_t i = 0; i < 100; i++) {
        send_rtp(&media, RNET_UP, i * 20 * MS, 8, i, i * 160u, 172, NULL, 0);
        send_rtp(&media, RNET_DOWN, i * 20 * MS + 9, 8, i, i * 160u, 172, NULL, 0);
    }
    ck_assert_msg(decide(&media).usage == calls[_i].usage, "%s", calls[_i].why);
    rnet_classifier_drop(classifier, &sip);
}
END_TEST

START_TEST(address_learned_from_dns_names_the_next_flow_of_that_host_only)
{
    /* cloud.dropbox.com is at 203.0.113.5 */
    static const uint8_t answer[] =
        "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x05"
        "cloud\x07"
        "dropbox\x03"
        "com\x00\x00\x01\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c"
        "\x00\x04\xcb\x00\x71\x05";
    struct rnet_flow dns = made_flow(RNET_IPPROTO_UDP, 50000, 53);
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50001, 443), other = flow;
    struct rnet_label label;

    send_bytes(&dns, RNET_DOWN, 0, answer, sizeof answer - 1);
    send_bytes(&flow, RNET_UP, 10 * MS, NULL, 500);
    other.office.bytes[3]++;
    send_bytes(&other, RNET_UP, 10 * MS, NULL, 500);
    label = decide(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_CLOUD_SYNC);
    ck_assert_int_eq(label.evidence, RNET_EVIDENCE_NAME);
    ck_assert_str_eq(label.application, "Dropbox"); /* never the host's name */
    rnet_classifier_drop(classifier, &dns);
    /* The other host never asked; but by now that server's port is known for this. */
    label = decide(&other);
    ck_assert_int_ne(label.evidence, RNET_EVIDENCE_NAME);
}
END_TEST

/* SSH: greeting, then either keys and echoes or full packets. */
static struct rnet_label
ssh_label(bool files)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 22);
    static const char greeting[] = "SSH-2.0-OpenSSH_9.2\r\n";

    send_bytes(&flow, RNET_DOWN, 0, greeting, sizeof greeting - 1);
    for (int64_t i = 0; i < 600; i++) {
        send_bytes(&flow, RNET_UP, i * 150 * MS, NULL, files ? 1448 : 36);
        if (!files)
            send_bytes(&flow, RNET_DOWN, i * 150 * MS + 30 * MS, NULL, 44);
    }
    return decide(&flow);
}

START_TEST(files_within_ssh_are_not_a_shell)
{
    ck_assert_int_eq(ssh_label(false).usage, RNET_USAGE_REMOTE_SHELL);
    ck_assert_int_eq(ssh_label(true).usage, RNET_USAGE_FILE_TRANSFER);
}
END_TEST

/* TLS nobody named, with `requests` answers of `kilobytes` and pauses between. */
static struct rnet_label
tls_label(int requests, int kilobytes, int64_t pause_ms, bool upload)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 443);
    const enum rnet_direction data = upload ? RNET_UP : RNET_DOWN;
    int64_t now = 0;

    for (int i = 0; i < requests; i++) {
        send_bytes(&flow, data == RNET_UP ? RNET_DOWN : RNET_UP, now, NULL, 400);
        for (int k = 0; k < kilobytes; k++)
            send_bytes(&flow, data, now += MS, NULL, 1400);
        now += pause_ms * MS;
    }
    return decide(&flow);
}

START_TEST(uses_of_one_carrier_are_told_apart)
{
    ck_assert_int_eq(tls_label(30, 20, 100, false).usage, RNET_USAGE_WEB);
    ck_assert_int_eq(tls_label(1, 5000, 0, false).usage, RNET_USAGE_FILE_TRANSFER);
    ck_assert_int_eq(tls_label(1, 1000, 0, true).usage, RNET_USAGE_FILE_TRANSFER);
    ck_assert_int_eq(tls_label(8, 700, 4000, false).usage, RNET_USAGE_VIDEO_STREAMING);
}
END_TEST

START_TEST(shape_alone_is_called_shape)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 40001, 40002);
    struct rnet_label label;

    for (int64_t i = 0; i < 300; i++) { /* encrypted voice: a clock, nothing readable */
        send_bytes(&flow, RNET_UP, i * 20 * MS, NULL, 90);
        send_bytes(&flow, RNET_DOWN, i * 20 * MS + 8 * MS, NULL, 90);
    }
    label = decide(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_VOIP);
    ck_assert_int_eq(label.evidence, RNET_EVIDENCE_SHAPE);
    ck_assert_double_lt(label.confidence, 0.75);
}
END_TEST

START_TEST(tunnel_is_judged_by_its_demand)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 51820, 51820);
    struct rnet_label label;

    for (int64_t i = 0; i < 300; i++)
        send_bytes(&flow, RNET_DOWN, i * 5 * MS, NULL, 1400);
    label = decide(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_VPN);
    ck_assert_str_eq(label.application, "WireGuard/bulk");
}
END_TEST

START_TEST(lone_broadcast_is_named)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 21027, 21027);
    struct made_packet packet;
    struct rnet_label label;

    made_packet(&packet, &flow, RNET_UP, 0, 0, "\x2e\xa7\xd9\x0b", 4);
    rnet_classifier_judge_packet(classifier, &packet.headers, &label);
    ck_assert_int_eq(label.usage, RNET_USAGE_CLOUD_SYNC);
}
END_TEST

START_TEST(nothing_read_means_less_confidence)
{
    struct rnet_flow whole = made_flow(RNET_IPPROTO_TCP, 50000, 443), cut = whole;
    struct made_packet packet;

    send_bytes(&whole, RNET_UP, 0, NULL, 300);
    made_packet(&packet, &cut, RNET_UP, 0, RNET_TCP_ACK, NULL, 300);
    packet.headers.payload_captured_bytes = 20;
    ck_assert_int_eq(rnet_classifier_feed(classifier, &cut, &packet.headers), RNET_OK);
    ck_assert_double_lt(decide(&cut).confidence, decide(&whole).confidence);
}
END_TEST

static const struct {
    enum rnet_direction direction;
    bool begun_before, doubtful;
    const char *why;
} shell_files[] = {
    {RNET_DOWN, false, false, "somebody fetches files"},
    {RNET_DOWN, true, true, "from somewhere in between nothing bears it out"},
    {RNET_UP, false, true, "it may be a backup that nobody waits for"},
};

START_TEST(what_decides_no_verdict_by_itself_is_doubtful)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 22);
    struct rnet_label label;

    if (shell_files[_i].begun_before)
        flow.conversation.flags = 0;
    for (int i = 0; i < 400; i++)
        send_bytes(&flow, shell_files[_i].direction, i * MS, NULL, 1448);
    flow.conversation.end_ns = 400 * MS;
    label = decide(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_FILE_TRANSFER);
    ck_assert_msg((label.confidence < RNET_LABEL_DOUBTFUL) == shell_files[_i].doubtful, "%s",
                  shell_files[_i].why);
}
END_TEST

START_TEST(explanation_names_layers_and_hosts_only_when_asked)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: www.netflix.com\r\n\r\n";

    for (int keep = 0; keep < 2; keep++) {
        const struct rnet_classifier_options options = {.no_dpi = true, .keep_hosts = keep == 1};
        struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 80);
        struct rnet_explanation why;
        struct rnet_label label;

        close_classifier();
        ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
        send_bytes(&flow, RNET_UP, 0, request, sizeof request - 1);
        rnet_classifier_explain(classifier, &flow, &why);
        rnet_classifier_decide(classifier, &flow, &label);
        ck_assert_int_eq(why.label.usage, RNET_USAGE_VIDEO_STREAMING);
        ck_assert_int_eq(label.usage, why.label.usage);
        ck_assert_double_eq_tol(label.confidence, why.label.confidence, 1e-12);
        ck_assert_uint_eq(why.count, 2); /* name and port */
        ck_assert_str_eq(why.layers[0].layer, "name");
        ck_assert_int_eq(strncmp(why.layers[0].rule, "names.txt:", 10), 0);
        ck_assert_int_eq(strncmp(why.layers[1].rule, "ports.txt:", 10), 0);
        ck_assert(why.layers[0].decided && !why.layers[1].decided);
        ck_assert_str_eq(why.host, keep == 1 ? "www.netflix.com" : "");
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage-behaviour");
    TCase *tcase = tcase_create("behaviour");

    tcase_add_checked_fixture(tcase, open_classifier, close_classifier);
    tcase_add_test(tcase, voice_without_signalling_is_a_voice_call);
    tcase_add_loop_test(tcase, pictures_are_told_by_who_sends_them, 0, 3);
    tcase_add_test(tcase, zoom_media_between_peers_is_a_video_call);
    tcase_add_test(tcase, voice_through_a_turn_relay_is_seen);
    tcase_add_test(tcase, random_bytes_are_not_media);
    tcase_add_loop_test(tcase, announced_ftp_connection_is_a_file_transfer, 0, 2);
    tcase_add_loop_test(tcase, media_is_named_by_the_call_that_announced_it, 0, 3);
    tcase_add_test(tcase, address_learned_from_dns_names_the_next_flow_of_that_host_only);
    tcase_add_test(tcase, files_within_ssh_are_not_a_shell);
    tcase_add_test(tcase, uses_of_one_carrier_are_told_apart);
    tcase_add_test(tcase, shape_alone_is_called_shape);
    tcase_add_test(tcase, tunnel_is_judged_by_its_demand);
    tcase_add_test(tcase, lone_broadcast_is_named);
    tcase_add_test(tcase, nothing_read_means_less_confidence);
    tcase_add_loop_test(tcase, what_decides_no_verdict_by_itself_is_doubtful, 0,
                        (int)(sizeof shell_files / sizeof *shell_files));
    tcase_add_test(tcase, explanation_names_layers_and_hosts_only_when_asked);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
