/* Labels of hand-made flows: what is recognised, on which evidence, and that nothing is kept. */
#include "suite.h"
#include "usage-packets.h"

#include "base/base.h"

#include <ruralnet/usage.h>

static struct rnet_classifier *classifier;

static void
open_classifier(void)
{
    struct rnet_error err = {0};

    ck_assert_msg(rnet_classifier_new(NULL, &classifier, &err) == RNET_OK, "%s", err.message);
}

static void
close_classifier(void)
{
    rnet_classifier_free(classifier);
}

/* Show `payload` as one packet in a direction. */
static void
say(struct rnet_flow *flow, enum rnet_direction direction, const char *payload)
{
    static int64_t now_ns = INT64_C(1700000000) * RNET_NS_PER_S;
    struct made_packet packet;

    now_ns += 10 * RNET_NS_PER_MS;
    ck_assert_int_eq(rnet_classifier_feed(classifier, flow,
                                          made_packet(&packet, flow, direction, now_ns,
                                                      RNET_TCP_ACK | RNET_TCP_PSH, payload,
                                                      (uint32_t)strlen(payload))),
                     RNET_OK);
}

static struct rnet_label
label_of(struct rnet_flow *flow)
{
    struct rnet_label label;

    memset(&label, 0xff, sizeof label);
    rnet_classifier_decide(classifier, flow, &label);
    ck_assert_ptr_null(flow->user);
    ck_assert(label.confidence >= 0 && label.confidence <= 1);
    ck_assert_ptr_nonnull(memchr(label.application, '\0', sizeof label.application));
    return label;
}

START_TEST(smtp_on_a_strange_port_is_email_by_protocol)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 51000, 2600);
    struct rnet_label label;

    say(&flow, RNET_DOWN, "220 mail.example.org ESMTP Postfix\r\n");
    say(&flow, RNET_UP, "EHLO client.example.org\r\n");
    say(&flow, RNET_DOWN, "250-mail.example.org\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n");
    say(&flow, RNET_UP, "MAIL FROM:<a@example.org>\r\n");
    say(&flow, RNET_DOWN, "250 2.1.0 Ok\r\n");
    say(&flow, RNET_UP, "RCPT TO:<b@example.org>\r\n");
    label = label_of(&flow);
    ck_assert_int_eq(label.usage, RNET_USAGE_EMAIL);
    ck_assert_int_eq(label.evidence, RNET_EVIDENCE_PROTOCOL);
    ck_assert_double_gt(label.confidence, 0.9);
    ck_assert_str_eq(label.application, "SMTP");
}
END_TEST

static const struct {
    uint8_t protocol;
    uint16_t office_port, internet_port;
    enum rnet_usage usage;
    const char *why;
} by_port[] = {
    {RNET_IPPROTO_TCP, 50000, 445, RNET_USAGE_FILE_SHARING, "SMB"},
    {RNET_IPPROTO_TCP, 50000, 3389, RNET_USAGE_REMOTE_DESKTOP, "narrow RDP beats the SAP range"},
    {RNET_IPPROTO_TCP, 50000, 3306, RNET_USAGE_BUSINESS_APP, "MySQL"},
    {RNET_IPPROTO_UDP, 50000, 8805, RNET_USAGE_VIDEOCONFERENCE, "inside a range"},
    {RNET_IPPROTO_UDP, 123, 123, RNET_USAGE_NETWORK, "NTP on both sides"},
    {RNET_IPPROTO_TCP, 3389, 443, RNET_USAGE_WEB, "the server's port, not the client's"},
    {RNET_IPPROTO_TCP, 50000, 47001, RNET_USAGE_UNKNOWN, "nothing known"},
    {50, 0, 0, RNET_USAGE_VPN, "ESP has no ports"},
    {1, 0, 0, RNET_USAGE_NETWORK, "ICMP has no ports"},
};

START_TEST(flow_never_fed_is_named_by_its_port)
{
    struct rnet_flow flow =
        made_flow(by_port[_i].protocol, by_port[_i].office_port, by_port[_i].internet_port);
    const struct rnet_label label = label_of(&flow);

    ck_assert_msg(label.usage == by_port[_i].usage, "%s: %s", by_port[_i].why,
                  rnet_usage_info(label.usage)->id);
    ck_assert_int_eq(label.evidence,
                     label.usage == RNET_USAGE_UNKNOWN ? RNET_EVIDENCE_NONE : RNET_EVIDENCE_PORT);
}
END_TEST

START_TEST(port_of_an_office_server_is_the_server_s)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 25, 50000);

    flow.opened_by_office = 0;
    ck_assert_int_eq(label_of(&flow).usage, RNET_USAGE_EMAIL);
}
END_TEST

/* nDPI is the dearest layer: a name that decides spares it, a name of a carrier does not. */
static const struct {
    const char *host;
    bool detected;
} spared[] = {{"www.netflix.com", false}, {"www.example.net", true}};

START_TEST(detection_is_not_asked_what_a_name_decided)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 51000, 80);
    struct rnet_explanation why;
    char request[128];
    bool detected = false;

    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", spared[_i].host);
    say(&flow, RNET_UP, request);
    say(&flow, RNET_DOWN, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    rnet_classifier_explain(classifier, &flow, &why);
    for (size_t i = 0; i < why.count; i++)
        detected = detected || strcmp(why.layers[i].layer, "protocol detection") == 0;
    ck_assert_int_eq(detected, spared[_i].detected);
    label_of(&flow);
}
END_TEST

START_TEST(any_bytes_are_survived)
{
    struct rnet_random random = rnet_random_stream(7, (uint64_t)_i);
    struct rnet_flow flow = made_flow(_i % 2 ? RNET_IPPROTO_TCP : RNET_IPPROTO_UDP, 50000,
                                      (uint16_t)rnet_random_below(&random, 65536));
    struct made_packet packet;

    for (int64_t i = 0; i < 100; i++) {
        uint8_t payload[256];
        const struct rnet_headers *headers;

        for (size_t at = 0; at < sizeof payload; at++)
            payload[at] = (uint8_t)rnet_random_u64(&random);
        headers = made_packet(&packet, &flow, (enum rnet_direction)rnet_random_below(&random, 2),
                              i * RNET_NS_PER_MS, (uint8_t)rnet_random_below(&random, 64), payload,
                              (uint32_t)rnet_random_below(&random, sizeof payload));
        for (size_t at = 0; at < 20; at++) /* damage the IP header too */
            if (rnet_random_below(&random, 20) == 0)
                packet.ip[at] = (uint8_t)rnet_random_u64(&random);
        packet.headers.ip_captured_bytes =
            (uint32_t)rnet_random_below(&random, headers->ip_bytes + 1);
        if (packet.headers.ip_captured_bytes < headers->ip_bytes - headers->payload_bytes) {
            packet.headers.payload = NULL;
            packet.headers.payload_captured_bytes = 0;
        } else {
            packet.headers.payload_captured_bytes =
                packet.headers.ip_captured_bytes - (headers->ip_bytes - headers->payload_bytes);
        }
        ck_assert_int_eq(rnet_classifier_feed(classifier, &flow, headers), RNET_OK);
    }
    label_of(&flow);
}
END_TEST

START_TEST(oldest_detection_gives_way_and_is_counted)
{
    const struct rnet_classifier_options options = {.max_dpi_flows = 4};
    struct rnet_flow flows[10];
    struct made_packet packet;

    close_classifier();
    ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
    for (uint16_t i = 0; i < 10; i++) {
        flows[i] = made_flow(RNET_IPPROTO_TCP, (uint16_t)(50000 + i), 25);
        made_packet(&packet, &flows[i], RNET_UP, i, RNET_TCP_SYN, NULL, 0);
        ck_assert_int_eq(rnet_classifier_feed(classifier, &flows[i], &packet.headers), RNET_OK);
    }
    ck_assert_uint_eq(rnet_classifier_notices(classifier)->count[RNET_NOTICE_DETECTION_GIVEN_UP],
                      6);
    for (size_t i = 0; i < 10; i++)
        ck_assert_int_eq(label_of(&flows[i]).usage, RNET_USAGE_EMAIL);
}
END_TEST

/* 255 bytes are the longest that could be a name (RFC 1035 §2.3.4); 253 of them can be written. */
START_TEST(a_name_longer_than_names_are_is_counted_and_left_alone)
{
    const int bytes = _i == 0 ? 255 : 256;
    char request[512];
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 80);
    struct made_packet packet;
    const int length = snprintf(request, sizeof request,
                                "GET / HTTP/1.1\r\nHost: %0*d.outlook.com\r\n\r\n",
                                bytes - (int)strlen(".outlook.com"), 0);

    made_packet(&packet, &flow, RNET_UP, 0, RNET_TCP_ACK, request, (uint32_t)length);
    ck_assert_int_eq(rnet_classifier_feed(classifier, &flow, &packet.headers), RNET_OK);
    ck_assert_uint_eq(rnet_classifier_notices(classifier)->count[RNET_NOTICE_NAME_TOO_LONG],
                      bytes > 255);
    label_of(&flow);
}
END_TEST

START_TEST(failing_allocation_loses_a_packet_not_the_flow)
{
    for (uint64_t n = 1; n <= 2; n++) {
        struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 25);
        struct made_packet packet;

        made_packet(&packet, &flow, RNET_UP, 0, RNET_TCP_SYN, NULL, 0);
        rnet_alloc_fail_at(n);
        ck_assert_int_eq(rnet_classifier_feed(classifier, &flow, &packet.headers), RNET_ENOMEM);
        rnet_alloc_fail_at(0);
        ck_assert_int_eq(rnet_classifier_feed(classifier, &flow, &packet.headers), RNET_OK);
        ck_assert_int_eq(label_of(&flow).usage, RNET_USAGE_EMAIL);
    }
}
END_TEST

START_TEST(flows_left_undecided_are_freed_with_the_classifier)
{
    struct rnet_flow flows[3];

    for (uint16_t i = 0; i < 3; i++) {
        flows[i] = made_flow(RNET_IPPROTO_TCP, (uint16_t)(50000 + i), 80);
        say(&flows[i], RNET_UP, "GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n");
    }
    label_of(&flows[1]); /* leak checkers see the rest */
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage-classifier");
    TCase *tcase = tcase_create("labels");

    tcase_add_checked_fixture(tcase, open_classifier, close_classifier);
    tcase_add_test(tcase, smtp_on_a_strange_port_is_email_by_protocol);
    tcase_add_loop_test(tcase, flow_never_fed_is_named_by_its_port, 0,
                        sizeof by_port / sizeof by_port[0]);
    tcase_add_test(tcase, port_of_an_office_server_is_the_server_s);
    tcase_add_loop_test(tcase, detection_is_not_asked_what_a_name_decided, 0,
                        sizeof spared / sizeof spared[0]);
    tcase_add_loop_test(tcase, any_bytes_are_survived, 0, 20);
    tcase_add_test(tcase, oldest_detection_gives_way_and_is_counted);
    tcase_add_loop_test(tcase, a_name_longer_than_names_are_is_counted_and_left_alone, 0, 2);
    tcase_add_test(tcase, failing_allocation_loses_a_packet_not_the_flow);
    tcase_add_test(tcase, flows_left_undecided_are_freed_with_the_classifier);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
