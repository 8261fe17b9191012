/* Known requests, answers and sizes of the shared ground-truth captures are found again. */
#include "flow-fixture.h"

#include <ruralnet/usage.h>

static struct collected all;

static bool
open_truth(const char *name)
{
    char relative[64];
    const char *path;

    snprintf(relative, sizeof relative, "groundtruth/%s.pcap", name);
    path = shared_path(relative);
    if (path != NULL)
        collect_capture(&all, path, NULL);
    return path != NULL;
}

static const struct rnet_message *
messages_of(const struct rnet_conversation *conversation)
{
    return &all.demand.messages[conversation->first_item];
}

/* The conversation of the n-th flow to a port (from 0). */
static const struct rnet_conversation *
flow_to(uint16_t port, int n)
{
    for (size_t i = 0; i < all.flow_count; i++)
        if (all.flows[i].internet_port == port && n-- == 0)
            return &all.demand.conversations[i];
    ck_abort_msg("no flow %d to port %u", n, port);
    return NULL;
}

/* Questions of a conversation that are use, not set-up. */
static uint32_t
questions(const struct rnet_conversation *conversation)
{
    const struct rnet_message *messages = messages_of(conversation);
    uint32_t count = 0;

    for (uint32_t i = 0; i < conversation->items; i++)
        count += (messages[i].flags & RNET_MESSAGE_OPENS_EXCHANGE) != 0 &&
                 (messages[i].flags & RNET_MESSAGE_HANDSHAKE) == 0;
    return count;
}

/* Bytes of the largest message of a direction. */
static uint64_t
largest(const struct rnet_conversation *conversation, int direction)
{
    const struct rnet_message *messages = messages_of(conversation);
    uint64_t most = 0;

    for (uint32_t i = 0; i < conversation->items; i++)
        if (messages[i].direction == direction && messages[i].bytes > most)
            most = messages[i].bytes;
    return most;
}

/* Whether bytes are those of a known payload under TLS: 22 to 30 bytes for every record of up to
 * 16 384, and less than a kilobyte of headers. */
static bool
is_payload(uint64_t bytes, uint64_t payload)
{
    return bytes >= payload && bytes <= payload + (payload / 4096 + 1) * 30 + 1000;
}

START_TEST(a_download_is_one_answer_of_its_size)
{
    if (!open_truth("dl10"))
        return;
    ck_assert(is_payload(largest(flow_to(443, 0), RNET_DOWN), 10000000));
    ck_assert_uint_eq(questions(flow_to(443, 0)), 2); /* GET, and the client's goodbye */
    collected_clear(&all);
}
END_TEST

START_TEST(an_upload_is_one_question_of_its_size)
{
    if (!open_truth("ul5"))
        return;
    ck_assert(is_payload(largest(flow_to(443, 0), RNET_UP), 5000000));
    collected_clear(&all);
}
END_TEST

START_TEST(two_hundred_statements_are_two_hundred_exchanges)
{
    if (!open_truth("db200"))
        return;
    /* Beside the statements: SSL request, its answer's handshake, start-up, authentication, end. */
    ck_assert_uint_ge(questions(flow_to(5432, 0)), 200);
    ck_assert_uint_le(questions(flow_to(5432, 0)), 206);
    collected_clear(&all);
}
END_TEST

START_TEST(sixty_one_objects_are_sixty_one_exchanges_on_six_connections)
{
    uint32_t objects = 0;
    uint64_t bytes = 0;

    if (!open_truth("web_h1"))
        return;
    for (int n = 0; n < 6; n++) {
        const struct rnet_conversation *connection = flow_to(443, n);

        objects += questions(connection);
        for (uint32_t i = 0; i < connection->items; i++)
            if (messages_of(connection)[i].direction == RNET_DOWN)
                bytes += messages_of(connection)[i].bytes;
    }
    ck_assert_uint_eq(objects, 61);
    /* 1.87 MB of objects, under TLS and HTTP headers. */
    ck_assert_uint_ge(bytes, 1870000);
    ck_assert_uint_le(bytes, 1870000 * 105 / 100);
    collected_clear(&all);
}
END_TEST

START_TEST(later_connections_of_a_page_wait_for_its_document)
{
    const struct rnet_conversation *document, *later;
    const struct rnet_message *cause;

    if (!open_truth("web_h1"))
        return;
    document = flow_to(443, 0);
    for (int n = 2; n < 6; n++) {
        later = flow_to(443, n);
        ck_assert_int_eq(later->open_release, RNET_RELEASE_DELIVERY);
        ck_assert_ptr_eq(&all.demand.conversations[later->after_conversation], document);
        cause = &messages_of(document)[later->after_message];
        ck_assert_int_eq(cause->direction, RNET_DOWN);
        ck_assert_uint_gt(cause->bytes, 30000); /* the HTML, not the TLS before it */
        ck_assert_int_lt(later->open_wait_ns, 100 * MS);
    }
    /* And it is one activity, apart from what the browser asked for at its start. */
    ck_assert_uint_eq(messages_of(flow_to(443, 5))[4].activity, messages_of(document)[0].activity);
    ck_assert_uint_ne(messages_of(flow_to(53, 0))[0].activity, messages_of(document)[0].activity);
    collected_clear(&all);
}
END_TEST

START_TEST(no_connection_waits_for_the_set_up_of_another)
{
    const struct rnet_conversation *second, *first;

    if (!open_truth("web_h1"))
        return;
    for (size_t i = 0; i < all.demand.conversation_count; i++) {
        const struct rnet_conversation *later = &all.demand.conversations[i];

        if (later->open_release != RNET_RELEASE_DELIVERY)
            continue;
        first = &all.demand.conversations[later->after_conversation];
        ck_assert_uint_eq(messages_of(first)[later->after_message].flags & RNET_MESSAGE_HANDSHAKE,
                          0);
    }
    /* Opened while the first was being set up: for the same reason, a little later. */
    first = flow_to(443, 0);
    second = flow_to(443, 1);
    ck_assert_uint_eq(second->open_release, first->open_release);
    ck_assert_uint_eq(second->after_conversation, first->after_conversation);
    ck_assert_uint_eq(second->after_message, first->after_message);
    ck_assert_int_eq(second->open_wait_ns - first->open_wait_ns,
                     second->start_ns - first->start_ns);
    collected_clear(&all);
}
END_TEST

START_TEST(a_connection_waits_for_the_lookup_of_its_name)
{
    const struct rnet_conversation *mail;

    if (!open_truth("imap"))
        return;
    mail = flow_to(993, 0);
    ck_assert_int_eq(mail->open_release, RNET_RELEASE_DELIVERY);
    ck_assert_ptr_eq(&all.demand.conversations[mail->after_conversation], flow_to(53, 0));
    ck_assert(is_payload(largest(mail, RNET_DOWN), 4100000));
    collected_clear(&all);
}
END_TEST

START_TEST(fifteen_segments_of_four_seconds_are_paced_media)
{
    const struct rnet_conversation *video;
    uint32_t segments = 0;

    if (!open_truth("hls1500"))
        return;
    video = flow_to(443, 0);
    for (uint32_t i = 0; i < video->items; i++)
        segments += (messages_of(video)[i].flags & RNET_MESSAGE_MEDIA_SEGMENT) != 0 &&
                    messages_of(video)[i].direction == RNET_UP;
    ck_assert_uint_eq(segments, 15);
    ck_assert_int_ge(video->media_pace_ns, 3900 * MS);
    ck_assert_int_le(video->media_pace_ns, 4100 * MS);
    collected_clear(&all);
}
END_TEST

START_TEST(keys_are_typed_at_their_own_rhythm)
{
    const struct rnet_conversation *shell;
    uint32_t typed = 0;

    if (!open_truth("keys"))
        return;
    shell = flow_to(22, 0);
    for (uint32_t i = 0; i < shell->items; i++) {
        const struct rnet_message *message = &messages_of(shell)[i];

        typed += message->direction == RNET_UP && message->bytes < 100 &&
                 message->release == RNET_RELEASE_WRITTEN && message->wait_ns > 30 * MS;
    }
    /* About 5 a second for 30 s. */
    ck_assert_uint_ge(typed, 120);
    ck_assert_uint_le(typed, 180);
    collected_clear(&all);
}
END_TEST

START_TEST(an_upload_through_ssh_is_not_cut_into_questions)
{
    const struct rnet_conversation *sync;
    uint64_t bytes = 0;
    int64_t waits_ns = 0;

    if (!open_truth("rsync"))
        return;
    sync = flow_to(22, 0);
    for (uint32_t i = 0; i < sync->items; i++)
        if (messages_of(sync)[i].direction == RNET_UP) {
            bytes += messages_of(sync)[i].bytes;
            if (messages_of(sync)[i].bytes > 1460)
                waits_ns += messages_of(sync)[i].wait_ns;
        }
    ck_assert_uint_ge(bytes, 10000000);
    ck_assert_uint_le(bytes, 10600000);
    /* The whole job took 1.85 s; the payload must not wait longer than that. */
    ck_assert_int_lt(waits_ns, 1850 * MS);
    collected_clear(&all);
}
END_TEST

START_TEST(one_read_of_five_megabytes_is_one_answer)
{
    if (!open_truth("smb_t600"))
        return;
    ck_assert_uint_ge(largest(flow_to(445, 0), RNET_DOWN), 5000000);
    ck_assert_uint_le(largest(flow_to(445, 0), RNET_DOWN), 5001000);
    collected_clear(&all);
}
END_TEST

START_TEST(a_call_is_a_stream_of_fifty_datagrams_a_second_each_way)
{
    uint32_t count[RNET_DIRECTIONS] = {0};

    if (!open_truth("voip"))
        return;
    for (size_t i = 0; i < all.demand.datagram_count; i++)
        if (all.demand.datagrams[i].substream != 0)
            count[all.demand.datagrams[i].direction]++;
    for (int d = 0; d < RNET_DIRECTIONS; d++) { /* 30 s */
        ck_assert_uint_ge(count[d], 1450);
        ck_assert_uint_le(count[d], 1550);
    }
    collected_clear(&all);
}
END_TEST

START_TEST(a_call_knows_how_far_its_other_end_is)
{
    if (!open_truth("voip"))
        return;
    for (size_t i = 0; i < all.flow_count; i++)
        if (all.demand.conversations[i].transport == RNET_TRANSPORT_OPEN) {
            ck_assert_int_ge(all.demand.conversations[i].rtt_internet_ns, 20 * MS);
            ck_assert_int_le(all.demand.conversations[i].rtt_internet_ns, 23 * MS);
        }
    collected_clear(&all);
}
END_TEST

/* What is known of how each was made: who waited for whom. The last two end before TCP's window is open. */
static const struct {
    const char *name;
    uint16_t port;
    int direction;
    enum rnet_rate_limit expect;
    const char *why;
} limits[] = {
    {"db200", 5432, RNET_UP, RNET_LIMIT_APPLICATION, "statements, one after the other"},
    {"db200", 5432, RNET_DOWN, RNET_LIMIT_APPLICATION, "their answers"},
    {"keys", 22, RNET_UP, RNET_LIMIT_APPLICATION, "keys at a person's pace"},
    {"keys_ul", 22, RNET_DOWN, RNET_LIMIT_APPLICATION, "their echoes"},
    {"dl10", 443, RNET_UP, RNET_LIMIT_APPLICATION, "one question"},
    {"dl10", 443, RNET_DOWN, RNET_LIMIT_NETWORK, "10 MB, segments lost"},
    {"ul5", 443, RNET_DOWN, RNET_LIMIT_APPLICATION, "a short answer"},
    {"smb_t600", 445, RNET_UP, RNET_LIMIT_APPLICATION, "requests"},
    {"smb_t600", 445, RNET_DOWN, RNET_LIMIT_UNKNOWN, "one answer of 5 MB in 14 round trips"},
    {"ul5", 443, RNET_UP, RNET_LIMIT_UNKNOWN, "5 MB in 0.2 s"},
};

START_TEST(what_limited_a_flow_is_told)
{
    ck_assert(open_truth(limits[_i].name));
    for (size_t i = 0; i < all.flow_count; i++)
        if (all.flows[i].internet_port == limits[_i].port) {
            ck_assert_msg(all.flows[i].rate_limit[limits[_i].direction] == limits[_i].expect,
                          "%s: %s: %u", limits[_i].name, limits[_i].why,
                          all.flows[i].rate_limit[limits[_i].direction]);
            collected_clear(&all);
            return;
        }
    ck_abort_msg("no flow to port %u", limits[_i].port);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("flow-truth");
    TCase *tcase = tcase_create("truth");

    if (shared_path("groundtruth/dl10.pcap") == NULL)
        return RNET_SKIPPED;
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_download_is_one_answer_of_its_size);
    tcase_add_test(tcase, an_upload_is_one_question_of_its_size);
    tcase_add_test(tcase, two_hundred_statements_are_two_hundred_exchanges);
    tcase_add_test(tcase, sixty_one_objects_are_sixty_one_exchanges_on_six_connections);
    tcase_add_test(tcase, later_connections_of_a_page_wait_for_its_document);
    tcase_add_test(tcase, no_connection_waits_for_the_set_up_of_another);
    tcase_add_test(tcase, a_connection_waits_for_the_lookup_of_its_name);
    tcase_add_test(tcase, fifteen_segments_of_four_seconds_are_paced_media);
    tcase_add_test(tcase, keys_are_typed_at_their_own_rhythm);
    tcase_add_test(tcase, an_upload_through_ssh_is_not_cut_into_questions);
    tcase_add_test(tcase, one_read_of_five_megabytes_is_one_answer);
    tcase_add_test(tcase, a_call_is_a_stream_of_fifty_datagrams_a_second_each_way);
    tcase_add_test(tcase, a_call_knows_how_far_its_other_end_is);
    tcase_add_loop_test(tcase, what_limited_a_flow_is_told, 0,
                        sizeof limits / sizeof *limits);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
