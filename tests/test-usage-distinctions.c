/* Distinctions that decide verdicts, each with what it must not be taken for. Flows are made by
 * hand and judged without nDPI. */
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

/* What a flow does, in words; any may be combined. */
struct doing {
    int asks;              /* questions up, each answered */
    int answer_kilobytes;  /* of each answer */
    int64_t pause_ms;      /* between an answer and the next question */
    int upload_kilobytes;  /* in one go, after the first question */
    int64_t upload_gap_ms; /* between its packets */
    int keys;              /* small packets up, echoed, 150 ms apart */
    int screens;           /* small packets up, pictures down, 100 ms apart */
};

static int64_t
do_it(struct rnet_flow *flow, const struct doing *doing, int64_t now)
{
    for (int i = 0; i < doing->asks; i++, now += doing->pause_ms * MS) {
        send_bytes(flow, RNET_UP, now += 20 * MS, NULL, 400);
        for (int k = 0; k < doing->answer_kilobytes; k++)
            send_bytes(flow, RNET_DOWN, now += MS, NULL, 1400);
    }
    for (int k = 0; k < doing->upload_kilobytes; k++)
        send_bytes(flow, RNET_UP, now += (doing->upload_gap_ms + 1) * MS, NULL, 1400);
    for (int i = 0; i < doing->keys; i++, now += 150 * MS) {
        send_bytes(flow, RNET_UP, now, NULL, 36);
        send_bytes(flow, RNET_DOWN, now + 30 * MS, NULL, 44);
    }
    for (int i = 0; i < doing->screens; i++, now += 100 * MS) {
        send_bytes(flow, RNET_UP, now, NULL, 60);
        for (int k = 0; k < 3; k++)
            send_bytes(flow, RNET_DOWN, now + (30 + k) * MS, NULL, 900);
    }
    return now;
}

static const struct {
    const char *opening; /* first payload; "host NAME" = a request to that host */
    uint16_t port;
    struct doing doing;
    enum rnet_usage usage;
    const char *application; /* its end, or NULL */
    const char *why;
} uses[] = {
    /* One content network: pages, players, downloads, uploads. */
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 30, .answer_kilobytes = 20, .pause_ms = 100},
     RNET_USAGE_WEB,
     NULL,
     "a page of many elements"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 8, .answer_kilobytes = 700, .pause_ms = 4000},
     RNET_USAGE_VIDEO_STREAMING,
     NULL,
     "segments with pauses"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 3, .answer_kilobytes = 700, .pause_ms = 100},
     RNET_USAGE_WEB,
     NULL,
     "three pictures in a row are no player"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 1, .answer_kilobytes = 5000},
     RNET_USAGE_FILE_TRANSFER,
     NULL,
     "one long answer"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 1, .answer_kilobytes = 900},
     RNET_USAGE_WEB,
     NULL,
     "a heavy picture is no download"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 1, .upload_kilobytes = 1000},
     RNET_USAGE_FILE_TRANSFER,
     NULL,
     "a file sent"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 1, .upload_kilobytes = 100},
     RNET_USAGE_WEB,
     NULL,
     "a form sent"},
    {"host e1.cdn.akamai.net",
     80,
     {.asks = 1, .upload_kilobytes = 1500, .upload_gap_ms = 500},
     RNET_USAGE_BACKUP,
     NULL,
     "twelve minutes of upload"},
    /* A name that says what for is not overruled by what it does. */
    {"host www.lemonde.fr",
     80,
     {.asks = 8, .answer_kilobytes = 700, .pause_ms = 4000},
     RNET_USAGE_WEB,
     NULL,
     "a newspaper stays a newspaper"},
    {"host download.windowsupdate.com",
     80,
     {.asks = 1, .answer_kilobytes = 5000},
     RNET_USAGE_SOFTWARE_UPDATE,
     NULL,
     "an update, not a download"},
    {"host www.microsoft.com",
     80,
     {.asks = 20, .answer_kilobytes = 10, .pause_ms = 100},
     RNET_USAGE_WEB,
     NULL,
     "the same firm's pages"},
    /* Uploads of three kinds. */
    {"host f001.backblazeb2.com",
     80,
     {.asks = 1, .upload_kilobytes = 2000},
     RNET_USAGE_BACKUP,
     NULL,
     "to a backup service"},
    {"host content.dropboxapi.com",
     80,
     {.asks = 1, .upload_kilobytes = 2000},
     RNET_USAGE_CLOUD_SYNC,
     NULL,
     "to a sync service"},
    {"EHLO office.example.org\r\n",
     587,
     {.asks = 1, .upload_kilobytes = 2000},
     RNET_USAGE_EMAIL,
     NULL,
     "an attachment"},
    /* SSH. */
    {"SSH-2.0-OpenSSH_9.2\r\n",
     22,
     {.keys = 600},
     RNET_USAGE_REMOTE_SHELL,
     NULL,
     "keys and echoes"},
    {"SSH-2.0-OpenSSH_9.2\r\n",
     22,
     {.keys = 20, .asks = 20, .answer_kilobytes = 8, .pause_ms = 900},
     RNET_USAGE_REMOTE_SHELL,
     NULL,
     "screens of text"},
    {"SSH-2.0-OpenSSH_9.2\r\n",
     22,
     {.upload_kilobytes = 600},
     RNET_USAGE_FILE_TRANSFER,
     NULL,
     "scp up"},
    {"SSH-2.0-OpenSSH_9.2\r\n",
     22,
     {.asks = 1, .answer_kilobytes = 600},
     RNET_USAGE_FILE_TRANSFER,
     NULL,
     "scp down"},
    /* Remote desktop. */
    {"\x03\x01", 3389, {.screens = 300}, RNET_USAGE_REMOTE_DESKTOP, NULL, "a session"},
    {"\x03\x01",
     3389,
     {.upload_kilobytes = 3000},
     RNET_USAGE_FILE_TRANSFER,
     NULL,
     "a file pasted into it"},
    {"\x03\x01",
     3389,
     {.screens = 300, .upload_kilobytes = 1000},
     RNET_USAGE_REMOTE_DESKTOP,
     NULL,
     "a file within a session is part of it"},
    /* Tunnels: by demand. */
    {"SSTP_DUPLEX_POST /sra", 443, {.keys = 300}, RNET_USAGE_VPN, "/interactive", "somebody types"},
    {"SSTP_DUPLEX_POST /sra",
     443,
     {.asks = 1, .answer_kilobytes = 2000},
     RNET_USAGE_VPN,
     "/bulk",
     "a file comes"},
    {"SSTP_DUPLEX_POST /sra",
     443,
     {.asks = 30, .answer_kilobytes = 15, .pause_ms = 600, .keys = 30},
     RNET_USAGE_VPN,
     "/mixed",
     "a bit of all"},
};

START_TEST(a_use_is_told_by_what_it_does)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, uses[_i].port);
    char request[256];
    const char *opening = uses[_i].opening;
    struct rnet_label label;

    if (strncmp(opening, "host ", 5) == 0) {
        snprintf(request, sizeof request,
                 "POST / HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0\r\n\r\n", opening + 5);
        opening = request;
    }
    send_bytes(&flow, RNET_UP, 0, opening, (uint32_t)strlen(opening));
    do_it(&flow, &uses[_i].doing, 20 * MS);
    rnet_classifier_decide(classifier, &flow, &label);
    ck_assert_msg(label.usage == uses[_i].usage, "%s: %s", uses[_i].why,
                  rnet_usage_info(label.usage)->id);
    if (uses[_i].application != NULL)
        ck_assert_msg(strstr(label.application, uses[_i].application) != NULL, "%s: %s",
                      uses[_i].why, label.application);
}
END_TEST

/* A WireGuard tunnel: what goes through it shows in sizes and times only. */
static struct rnet_label
tunnel_label(int64_t up_ms, uint32_t up_bytes, int64_t down_ms, uint32_t down_bytes)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 50000, 51820);
    struct rnet_label label;

    for (int64_t now = 0; now < 20000; now++) {
        if (up_ms > 0 && now % up_ms == 0)
            send_bytes(&flow, RNET_UP, now * MS, NULL, up_bytes);
        if (down_ms > 0 && now % down_ms == 0)
            send_bytes(&flow, RNET_DOWN, now * MS + MS / 2, NULL, down_bytes);
    }
    rnet_classifier_decide(classifier, &flow, &label);
    return label;
}

START_TEST(a_tunnel_says_what_its_demand_is_like)
{
    ck_assert_str_eq(tunnel_label(20, 200, 20, 200).application, "WireGuard/realtime");
    ck_assert_str_eq(tunnel_label(100, 96, 5, 1400).application, "WireGuard/bulk");
    ck_assert_str_eq(tunnel_label(900, 400, 700, 600).application, "WireGuard/mixed");
}
END_TEST

/* Encrypted media one way and the other, nothing readable, on ports nobody knows. */
static enum rnet_usage
call_usage(uint32_t up_bytes, uint32_t down_bytes, int per_picture, bool both)
{
    struct rnet_flow flow = made_flow(RNET_IPPROTO_UDP, 47101, 47102);
    struct rnet_label label;

    for (int64_t now = 0; now<10000; now += per_picture> 1 ? 40 : 20) {
        for (int k = 0; k < per_picture; k++) {
            if (both)
                send_bytes(&flow, RNET_UP, (now + k) * MS, NULL, up_bytes);
            send_bytes(&flow, RNET_DOWN, (now + k) * MS + MS / 2, NULL, down_bytes);
        }
    }
    rnet_classifier_decide(classifier, &flow, &label);
    return label.usage;
}

START_TEST(sound_and_pictures_of_a_call_are_told_apart_by_shape)
{
    ck_assert_int_eq(call_usage(110, 110, 1, true), RNET_USAGE_VOIP);
    ck_assert_int_eq(call_usage(1100, 1100, 3, true), RNET_USAGE_VIDEOCONFERENCE);
    ck_assert_int_eq(call_usage(0, 1100, 3, false), RNET_USAGE_VIDEO_STREAMING);
}
END_TEST

START_TEST(answers_of_no_stated_length_are_counted_as_they_come)
{
    static const struct {
        const char *type;
        enum rnet_usage usage;
    } kinds[] = {{"audio/mpeg", RNET_USAGE_AUDIO_STREAMING},
                 {"video/mp2t", RNET_USAGE_VIDEO_STREAMING},
                 {"multipart/x-mixed-replace;boundary=b", RNET_USAGE_VIDEO_SURVEILLANCE},
                 {"text/html", RNET_USAGE_WEB}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 80);
        static const char request[] = "GET /a HTTP/1.1\r\nHost: 203.0.113.5\r\n\r\n";
        struct rnet_label label;
        char answer[200];

        snprintf(answer, sizeof answer, "HTTP/1.0 200 OK\r\nContent-Type: %s\r\n\r\n",
                 kinds[i].type);
        send_bytes(&flow, RNET_UP, 0, request, sizeof request - 1);
        send_bytes(&flow, RNET_DOWN, 10 * MS, answer, (uint32_t)strlen(answer));
        for (int64_t k = 0; k < 100; k++)
            send_bytes(&flow, RNET_DOWN, (20 + k * 60) * MS, NULL, 1400);
        rnet_classifier_decide(classifier, &flow, &label);
        ck_assert_msg(label.usage == kinds[i].usage, "%s: %s", kinds[i].type,
                      rnet_usage_info(label.usage)->id);
    }
}
END_TEST

/* Names as a capture may hold them: nothing of them may reach an output unasked, nor be taken for
 * anything but a name. */
START_TEST(hostile_names_are_inert)
{
    static const char *const names[] = {"\x1b[31mzoom.us", "<script>alert(1)</script>.zoom.us",
                                        "zoom.us\x00.example.org", "%n%n%s.zoom.us", "zoom .us"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 80);
        struct rnet_label label;
        char request[200];

        snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", names[i]);
        send_bytes(&flow, RNET_UP, 0, request, (uint32_t)strlen(request));
        rnet_classifier_decide(classifier, &flow, &label);
        for (const char *at = label.application; *at != '\0'; at++)
            ck_assert(*at > ' ' && *at < 127 && *at != '<' && *at != '>' && *at != '%');
    }
}
END_TEST

START_TEST(kinds_of_evidence_can_be_left_out)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: www.netflix.com\r\n\r\n";
    static const struct {
        uint32_t without;
        enum rnet_evidence evidence;
    } cases[] = {{0, RNET_EVIDENCE_NAME},
                 {1u << RNET_EVIDENCE_NAME, RNET_EVIDENCE_PORT},
                 {1u << RNET_EVIDENCE_NAME | 1u << RNET_EVIDENCE_PORT, RNET_EVIDENCE_NONE}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct rnet_classifier_options options = {.no_dpi = true,
                                                        .without = cases[i].without};
        struct rnet_flow flow = made_flow(RNET_IPPROTO_TCP, 50000, 80);
        struct rnet_label label;

        close_classifier();
        ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
        send_bytes(&flow, RNET_UP, 0, request, sizeof request - 1);
        rnet_classifier_decide(classifier, &flow, &label);
        ck_assert_int_eq(label.evidence, cases[i].evidence);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage-distinctions");
    TCase *tcase = tcase_create("uses");

    tcase_add_checked_fixture(tcase, open_classifier, close_classifier);
    tcase_add_loop_test(tcase, a_use_is_told_by_what_it_does, 0, sizeof uses / sizeof uses[0]);
    tcase_add_test(tcase, a_tunnel_says_what_its_demand_is_like);
    tcase_add_test(tcase, sound_and_pictures_of_a_call_are_told_apart_by_shape);
    tcase_add_test(tcase, answers_of_no_stated_length_are_counted_as_they_come);
    tcase_add_test(tcase, hostile_names_are_inert);
    tcase_add_test(tcase, kinds_of_evidence_can_be_left_out);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
