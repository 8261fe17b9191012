#include "base/base.h"
#include "profile/profile.h"
#include "suite.h"

#include <string.h>
#include <unistd.h>

#define S RNET_NS_PER_S

static struct rnet_flow
make_flow(uint64_t id, int64_t start_ns, int64_t end_ns, enum rnet_transport transport)
{
    return (struct rnet_flow){.id = id,
                              .conversation = {.start_ns = start_ns,
                                               .end_ns = end_ns,
                                               .transport = (uint8_t)transport,
                                               .bytes = {2000, 100000},
                                               .packets = {20, 80},
                                               .rtt_internet_ns = 10000000,
                                               .rtt_office_ns = -1,
                                               .after_conversation = RNET_NONE,
                                               .after_message = RNET_NONE}};
}

static void
add(struct rnet_profile *profile, const struct rnet_flow *flow, enum rnet_usage usage)
{
    const struct rnet_label label = {
        .usage = usage, .evidence = RNET_EVIDENCE_NAME, .confidence = 0.9};

    ck_assert_int_eq(rnet_profile_add_flow(profile, flow, &label), RNET_OK);
}

/* A page on two connections, the second released by the first's answer, and a call. */
static struct rnet_profile *
make_profile(void)
{
    static const struct rnet_message first[2] = {
        {.start_ns = 100 * S,
         .end_ns = 100 * S,
         .bytes = 400,
         .release = RNET_RELEASE_OPEN,
         .wait_ns = 5,
         .flags = RNET_MESSAGE_OPENS_EXCHANGE,
         .activity = 3},
        {.start_ns = 101 * S,
         .end_ns = 103 * S,
         .bytes = 90000,
         .direction = RNET_DOWN,
         .release = RNET_RELEASE_DELIVERY,
         .after_conversation = 7,
         .after_message = 0,
         .wait_ns = 120},
    };
    static const struct rnet_message second[1] = {
        {.start_ns = 104 * S,
         .end_ns = 104 * S,
         .bytes = 300,
         .release = RNET_RELEASE_DELIVERY,
         .after_conversation = 7,
         .after_message = 1},
    };
    struct rnet_datagram call[100];
    struct rnet_profile *profile;
    struct rnet_flow flow;
    const struct rnet_capture_facts facts = {.packets = 300,
                                             .wire_bytes = 999,
                                             .begin_ns = 100 * S,
                                             .end_ns = 110 * S,
                                             .complete = true,
                                             .digest = "00ff"};

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    for (int i = 0; i < 100; i++)
        call[i] = (struct rnet_datagram){.time_ns = 102 * S + i * 20000000LL,
                                         .ip_bytes = 200,
                                         .direction = (uint8_t)(i & 1),
                                         .sequence = (uint16_t)i};
    ck_assert_int_eq(rnet_profile_add_messages(profile, 7, first, 0, 1), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_datagrams(profile, 9, call, 0, 60), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_messages(profile, 7, first + 1, 1, 1), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_datagrams(profile, 9, call + 60, 60, 40), RNET_OK);
    flow = make_flow(9, 102 * S, 104 * S, RNET_TRANSPORT_OPEN);
    add(profile, &flow, RNET_USAGE_VOIP);
    ck_assert_int_eq(rnet_profile_add_messages(profile, 8, second, 0, 1), RNET_OK);
    flow = make_flow(8, 103 * S + 1, 104 * S, RNET_TRANSPORT_TCP);
    flow.conversation.open_release = RNET_RELEASE_DELIVERY;
    flow.conversation.after_conversation = 7;
    flow.conversation.after_message = 1;
    add(profile, &flow, RNET_USAGE_WEB);
    flow = make_flow(7, 100 * S, 103 * S, RNET_TRANSPORT_TCP);
    add(profile, &flow, RNET_USAGE_WEB);
    flow = make_flow(10, 100 * S, 100 * S, RNET_TRANSPORT_TCP);
    flow.scope = RNET_SCOPE_INTERNAL;
    add(profile, &flow, RNET_USAGE_FILE_SHARING);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    return profile;
}

static void
check_demand(struct rnet_profile *profile)
{
    struct rnet_demand demand;
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_profile_demand(profile, 0, INT64_MAX, &demand, &err), RNET_OK);
    ck_assert_uint_eq(demand.conversation_count, 3);
    ck_assert_uint_eq(demand.message_count, 3);
    ck_assert_uint_eq(demand.datagram_count, 100);
    /* Sorted by start: connection 7, the call, connection 8. */
    ck_assert_int_eq(demand.conversations[0].usage, RNET_USAGE_WEB);
    ck_assert_int_eq(demand.conversations[1].usage, RNET_USAGE_VOIP);
    ck_assert_uint_eq(demand.conversations[2].after_conversation, 0);
    ck_assert_uint_eq(demand.conversations[2].after_message, 1);
    ck_assert_int_eq(demand.conversations[2].open_release, RNET_RELEASE_DELIVERY);
    ck_assert_uint_eq(demand.messages[1].bytes, 90000);
    ck_assert_int_eq(demand.messages[1].end_ns, 103 * S);
    ck_assert_int_eq(demand.messages[1].wait_ns, 120);
    ck_assert_uint_eq(demand.messages[0].activity, 3);
    ck_assert_uint_eq(demand.messages[2].after_conversation, 0);
    ck_assert_int_eq(demand.datagrams[99].sequence, 99);
    ck_assert_int_eq(demand.datagrams[99].time_ns, 102 * S + 99 * 20000000LL);
    rnet_demand_clear(&demand);
}

START_TEST(demand_comes_out_as_it_went_in_with_dependencies_in_place)
{
    struct rnet_profile *profile = make_profile();

    check_demand(profile);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(a_period_keeps_only_its_own_items_and_no_dangling_dependency)
{
    struct rnet_profile *profile = make_profile();
    struct rnet_demand demand;

    ck_assert_int_eq(rnet_profile_demand(profile, 103 * S, 200 * S, &demand, NULL), RNET_OK);
    for (size_t i = 0; i < demand.message_count; i++)
        ck_assert_int_eq(demand.messages[i].release, RNET_RELEASE_CLOCK);
    ck_assert_uint_eq(demand.message_count, 1);
    ck_assert_uint_eq(demand.datagram_count, 50);
    rnet_demand_clear(&demand);
    rnet_profile_free(profile);
}
END_TEST

/* An upload of three hours with its server's words in between, and a page: in the middle hour. */
START_TEST(what_is_under_way_when_a_period_begins_belongs_to_it_with_the_rest)
{
    const struct rnet_message messages[] = {
        {.start_ns = 0, .end_ns = 10800 * S, .bytes = 3000000, .activity = 1},
        {.start_ns = 60 * S, .end_ns = 61 * S, .bytes = 50, .direction = RNET_DOWN},
        {.start_ns = 3700 * S, .end_ns = 3701 * S, .bytes = 60, .direction = RNET_DOWN,
         .release = RNET_RELEASE_WRITTEN, .after_conversation = 7, .after_message = 1},
        {.start_ns = 3800 * S, .end_ns = 3801 * S, .bytes = 70, .direction = RNET_DOWN,
         .release = RNET_RELEASE_WRITTEN, .after_conversation = 7, .after_message = 2},
        {.start_ns = 7100 * S, .end_ns = 8000 * S, .bytes = 80, .direction = RNET_DOWN,
         .release = RNET_RELEASE_DELIVERY, .after_conversation = 7, .after_message = 0}};
    const struct rnet_capture_facts facts = {.packets = 9, .end_ns = 10800 * S, .complete = true};
    struct rnet_flow flow = make_flow(7, 0, 10800 * S, RNET_TRANSPORT_TCP);
    struct rnet_profile *profile;
    struct rnet_demand demand;

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_messages(profile, 7, messages, 0, 5), RNET_OK);
    flow.conversation.flags |= RNET_CONVERSATION_HANDSHAKE_SEEN;
    add(profile, &flow, RNET_USAGE_BACKUP);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    ck_assert_int_eq(rnet_profile_demand(profile, 3600 * S, 7200 * S, &demand, NULL), RNET_OK);
    ck_assert_uint_eq(demand.message_count, 4);
    ck_assert_int_eq(demand.messages[0].start_ns, 3600 * S);
    ck_assert_uint_eq(demand.messages[0].bytes, 2000000); /* two hours of three are left */
    ck_assert_int_eq(demand.messages[0].release, RNET_RELEASE_CLOCK);
    ck_assert_uint_eq(demand.messages[1].bytes, 60);
    ck_assert_int_eq(demand.messages[1].release, RNET_RELEASE_CLOCK); /* what it waited for is past */
    ck_assert_int_eq(demand.messages[2].release, RNET_RELEASE_WRITTEN);
    ck_assert_uint_eq(demand.messages[2].after_message, 1);
    ck_assert_uint_eq(demand.messages[3].bytes, 80); /* begins in the period: whole */
    ck_assert_uint_eq(demand.messages[3].after_message, 0);
    ck_assert_int_eq(demand.conversations[0].start_ns, 3600 * S);
    ck_assert_uint_eq(demand.conversations[0].flags & RNET_CONVERSATION_HANDSHAKE_SEEN, 0);
    rnet_demand_clear(&demand);
    rnet_profile_free(profile);
}
END_TEST

/* Times of today as doubles are 256 ns apart: the rest of what crosses the border within them must
 * not be 0 over 0. */
START_TEST(a_message_of_nanoseconds_across_the_border_keeps_its_rest)
{
    const int64_t border_ns = INT64_C(1764252000000000000);
    const struct rnet_message message = {.start_ns = border_ns - 30,
                                         .end_ns = border_ns + 10,
                                         .bytes = 4000,
                                         .flags = RNET_MESSAGE_OPENS_EXCHANGE};
    const struct rnet_capture_facts facts = {
        .packets = 3, .begin_ns = border_ns - S, .end_ns = border_ns + S, .complete = true};
    struct rnet_flow flow = make_flow(7, border_ns - S, border_ns + S, RNET_TRANSPORT_TCP);
    struct rnet_profile *profile;
    struct rnet_demand demand;

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_messages(profile, 7, &message, 0, 1), RNET_OK);
    add(profile, &flow, RNET_USAGE_WEB);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    ck_assert_int_eq(rnet_profile_demand(profile, border_ns, border_ns + S, &demand, NULL),
                     RNET_OK);
    ck_assert_uint_eq(demand.message_count, 1);
    ck_assert_uint_eq(demand.messages[0].bytes, 1000);
    rnet_demand_clear(&demand);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(totals_by_usage_leave_internal_traffic_out)
{
    struct rnet_profile *profile = make_profile();
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    const struct rnet_usage_summary *web = &summary->usages[RNET_USAGE_WEB];

    ck_assert_uint_eq(summary->flows, 3);
    ck_assert_uint_eq(summary->internal_flows, 1);
    ck_assert_uint_eq(summary->usages[RNET_USAGE_FILE_SHARING].flows, 0);
    ck_assert_uint_eq(web->flows, 2);
    ck_assert_uint_eq(web->bytes[RNET_DOWN], 200000);
    ck_assert_uint_eq(web->flows_by_evidence[RNET_EVIDENCE_NAME], 2);
    ck_assert_double_eq_tol(web->confidence, 0.9, 1e-9);
    ck_assert(!summary->what_if_internal);
    rnet_profile_free(profile);
}
END_TEST

/* Bytes of the timeline add up to the bytes of the flows: nothing is lost in placing them. */
START_TEST(the_timeline_conserves_bytes)
{
    struct rnet_profile *profile = make_profile();

    for (int usage = RNET_USAGE_WEB; usage <= RNET_USAGE_VOIP; usage++) {
        for (int d = 0; d < RNET_DIRECTIONS; d++) {
            const float *lane = profile->timeline.bytes[usage][d];
            const double expected = (double)profile->summary.usages[usage].bytes[d];
            double sum = 0;

            for (size_t i = 0; lane != NULL && i < profile->timeline.windows; i++)
                sum += lane[i];
            /* float lanes: 24-bit mantissa */
            ck_assert_double_eq_tol(sum, expected, expected * 1e-5 + 1e-9);
        }
    }
    rnet_profile_free(profile);
}
END_TEST

START_TEST(a_saved_profile_loads_to_the_same_and_any_damage_is_refused)
{
    char path[] = "profile-test-XXXXXX";
    struct rnet_profile *profile = make_profile(), *loaded = NULL;
    struct rnet_error err = {0};
    const int fd = mkstemp(path);
    uint8_t bytes[8192];
    size_t count;
    FILE *file;

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(rnet_profile_save(profile, path, &err), RNET_OK);
    ck_assert(rnet_profile_is_file(path));
    ck_assert_int_eq(rnet_profile_load(path, &loaded, &err), RNET_OK);
    check_demand(loaded);
    ck_assert_int_eq(memcmp(rnet_profile_get_summary(loaded), rnet_profile_get_summary(profile),
                            sizeof(struct rnet_profile_summary)),
                     0);
    rnet_profile_free(loaded);
    file = fopen(path, "rb");
    count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t i = 0; i < count; i += 7) {
        file = fopen(path, "wb");
        bytes[i] ^= 0x55;
        fwrite(bytes, 1, count, file);
        bytes[i] ^= 0x55;
        fclose(file);
        ck_assert_int_lt(rnet_profile_load(path, &loaded, &err), 0);
        file = fopen(path, "wb");
        fwrite(bytes, 1, i, file); /* and cut there */
        fclose(file);
        ck_assert_int_lt(rnet_profile_load(path, &loaded, &err), 0);
    }
    unlink(path);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(a_log_beyond_its_memory_spills_and_reads_back)
{
    enum { FLOWS = 60000, EACH = 20 };
    struct rnet_profile *profile;
    struct rnet_demand demand;
    struct rnet_datagram datagrams[EACH];
    const struct rnet_capture_facts facts = {.begin_ns = 0, .end_ns = FLOWS * RNET_NS_PER_MS};

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    for (uint64_t id = 1; id <= FLOWS; id++) {
        const int64_t start = (int64_t)id * RNET_NS_PER_MS;
        struct rnet_flow flow = make_flow(id, start, start + EACH, RNET_TRANSPORT_OPEN);

        for (int i = 0; i < EACH; i++)
            datagrams[i] =
                (struct rnet_datagram){.time_ns = start + i, .ip_bytes = (uint32_t)(id % 1400 + 1)};
        ck_assert_int_eq(rnet_profile_add_datagrams(profile, id, datagrams, 0, EACH), RNET_OK);
        add(profile, &flow, RNET_USAGE_TELEMETRY);
    }
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    ck_assert_ptr_nonnull(profile->log.spill);
    ck_assert_int_eq(rnet_profile_demand(profile, 0, INT64_MAX, &demand, NULL), RNET_OK);
    ck_assert_uint_eq(demand.datagram_count, (size_t)FLOWS * EACH);
    for (size_t i = 0; i < demand.datagram_count; i += 997)
        ck_assert_uint_eq(demand.datagrams[i].ip_bytes, (i / EACH + 1) % 1400 + 1);
    rnet_demand_clear(&demand);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(the_busiest_stretch_is_where_the_bytes_are)
{
    struct rnet_profile *profile = make_profile();
    int64_t begin_ns, end_ns;

    rnet_profile_busiest(profile, 3600 * S, &begin_ns, &end_ns);
    ck_assert_int_eq(begin_ns, 100 * S);
    ck_assert_int_eq(end_ns, 110 * S + 1);
    rnet_profile_busiest(profile, 3 * S, &begin_ns, &end_ns);
    ck_assert_int_eq(end_ns - begin_ns, 3 * S);
    ck_assert_int_le(begin_ns, 103 * S);
    ck_assert_int_ge(end_ns, 103 * S);
    rnet_profile_free(profile);
}
END_TEST

static void
add_talk(struct rnet_profile *profile, uint64_t id, enum rnet_usage usage, int64_t begin_s,
         int64_t end_s, uint64_t bytes)
{
    const struct rnet_message message = {.start_ns = begin_s * S,
                                         .end_ns = end_s * S,
                                         .bytes = bytes,
                                         .release = RNET_RELEASE_OPEN};
    struct rnet_flow flow = make_flow(id, begin_s * S, end_s * S, RNET_TRANSPORT_TCP);

    flow.conversation.bytes[RNET_UP] = bytes;
    flow.conversation.bytes[RNET_DOWN] = 0;
    ck_assert_int_eq(rnet_profile_add_messages(profile, id, &message, 0, 1), RNET_OK);
    add(profile, &flow, usage);
}

static const struct {
    bool people, upload_at_noon;
    int64_t from_s, to_s; /* where the busiest hour begins */
    const char *why;
} days[] = {
    {true, false, 28000, 32400, "people at work from nine, whatever a backup carries at night"},
    {true, true, 39600, 43200, "and among their hours that in which something is sent up beside them"},
    {false, false, 0, 7200, "nobody at work: where the bytes are"},
};

/* A backup from midnight to two with polls in between; people at nine, and fewer at noon. */
START_TEST(the_busiest_hour_is_one_of_people)
{
    const struct rnet_capture_facts facts = {.packets = 9, .end_ns = 86400 * S, .complete = true};
    struct rnet_profile *profile;
    int64_t begin_ns, end_ns;
    uint64_t id = 1;

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    add_talk(profile, id++, RNET_USAGE_BACKUP, 0, 7200, 4000000000);
    for (int64_t t = 0; days[_i].people && t < 86400; t += 60)
        add_talk(profile, id++, RNET_USAGE_EMAIL, t, t, 3000);
    for (int64_t t = 32400; days[_i].people && t < 36000; t += 6)
        add_talk(profile, id++, RNET_USAGE_WEB, t, t + 2, 60000);
    for (int64_t t = 39600; days[_i].people && t < 43200; t += 9)
        add_talk(profile, id++, RNET_USAGE_WEB, t, t + 2, 60000);
    if (days[_i].upload_at_noon)
        add_talk(profile, id++, RNET_USAGE_CLOUD_SYNC, 39600, 43200, 400000000);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    rnet_profile_busiest(profile, 3600 * S, &begin_ns, &end_ns);
    ck_assert_int_eq(end_ns - begin_ns, 3600 * S);
    ck_assert_msg(begin_ns >= days[_i].from_s * S && begin_ns <= days[_i].to_s * S,
                  "%s: from %lld s", days[_i].why, (long long)(begin_ns / S));
    rnet_profile_free(profile);
}
END_TEST

START_TEST(every_failed_allocation_ends_in_a_status)
{
    struct rnet_profile *profile = make_profile();
    struct rnet_demand demand;
    enum rnet_status status = RNET_ENOMEM;

    for (uint64_t n = 1; status != RNET_OK; n++) {
        rnet_alloc_fail_at(n);
        status = rnet_profile_demand(profile, 0, INT64_MAX, &demand, NULL);
        rnet_alloc_fail_at(0);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        ck_assert_uint_lt(n, 100);
    }
    rnet_demand_clear(&demand);
    rnet_profile_free(profile);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("profile");
    TCase *tcase = tcase_create("profile");

    tcase_add_test(tcase, demand_comes_out_as_it_went_in_with_dependencies_in_place);
    tcase_add_test(tcase, a_period_keeps_only_its_own_items_and_no_dangling_dependency);
    tcase_add_test(tcase, what_is_under_way_when_a_period_begins_belongs_to_it_with_the_rest);
    tcase_add_test(tcase, a_message_of_nanoseconds_across_the_border_keeps_its_rest);
    tcase_add_test(tcase, totals_by_usage_leave_internal_traffic_out);
    tcase_add_test(tcase, the_timeline_conserves_bytes);
    tcase_add_test(tcase, a_saved_profile_loads_to_the_same_and_any_damage_is_refused);
    tcase_add_test(tcase, a_log_beyond_its_memory_spills_and_reads_back);
    tcase_add_test(tcase, the_busiest_stretch_is_where_the_bytes_are);
    tcase_add_loop_test(tcase, the_busiest_hour_is_one_of_people, 0,
                        (int)(sizeof days / sizeof *days));
    tcase_add_test(tcase, every_failed_allocation_ends_in_a_status);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
