/* The observed half, end to end, on a capture made here byte by byte. */
#include "base/base.h"
#include "suite.h"

#include <ruralnet/observe.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bytes {
    uint8_t data[65536];
    size_t used;
};

static void
put32(struct bytes *out, uint32_t value)
{
    memcpy(out->data + out->used, &value, 4);
    out->used += 4;
}

/* One Ethernet/IPv4/UDP packet of payload_bytes between two addresses and ports. */
static void
put_packet(struct bytes *out, uint32_t time_ms, const uint8_t source[4],
           const uint8_t destination[4], uint16_t source_port, uint16_t destination_port,
           uint16_t payload_bytes)
{
    const uint16_t ip_bytes = (uint16_t)(28 + payload_bytes),
                   udp_bytes = (uint16_t)(8 + payload_bytes);
    uint8_t frame[14 + 28 + 1400] = {[12] = 0x08, [14] = 0x45, [22] = 64, [23] = 17};

    frame[16] = (uint8_t)(ip_bytes >> 8);
    frame[17] = (uint8_t)ip_bytes;
    memcpy(frame + 26, source, 4);
    memcpy(frame + 30, destination, 4);
    frame[34] = (uint8_t)(source_port >> 8);
    frame[35] = (uint8_t)source_port;
    frame[36] = (uint8_t)(destination_port >> 8);
    frame[37] = (uint8_t)destination_port;
    frame[38] = (uint8_t)(udp_bytes >> 8);
    frame[39] = (uint8_t)udp_bytes;
    put32(out, 1000 + time_ms / 1000);
    put32(out, time_ms % 1000 * 1000);
    put32(out, 14u + ip_bytes);
    put32(out, 14u + ip_bytes);
    memcpy(out->data + out->used, frame, 14u + ip_bytes);
    out->used += 14u + ip_bytes;
}

static const uint8_t office[4] = {192, 168, 1, 10}, other[4] = {192, 168, 1, 11};
static const uint8_t internet[4] = {203, 0, 113, 5};

static void
write_capture(const char *path, size_t cut)
{
    struct bytes out = {.used = 0};
    FILE *file = fopen(path, "wb");

    put32(&out, 0xa1b2c3d4);
    put32(&out, 0x00040002);
    put32(&out, 0);
    put32(&out, 0);
    put32(&out, 65535);
    put32(&out, 1);
    for (uint32_t i = 0; i < 50; i++) {
        put_packet(&out, i * 20, office, internet, 40000, 40002, 172);
        put_packet(&out, i * 20 + 5, internet, office, 40002, 40000, 172);
    }
    put_packet(&out, 1100, office, other, 5000, 5001, 100);
    ck_assert_uint_eq(fwrite(out.data, 1, out.used - cut, file), out.used - cut);
    fclose(file);
}

static struct rnet_profile *
observe(const char *path, enum rnet_status expected)
{
    const struct rnet_observe_options options = {.flows = {.hash_seed = {1, 2}}};
    struct rnet_capture *capture;
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_capture_open(path, NULL, &capture, &err), RNET_OK);
    ck_assert_int_eq(rnet_observe(capture, &options, &profile, &err), expected);
    rnet_capture_close(capture);
    return profile;
}

START_TEST(volumes_sides_and_times_come_out_of_a_capture)
{
    char path[] = "observe-test-XXXXXX";
    struct rnet_profile *profile;
    const struct rnet_profile_summary *summary;
    uint64_t up = 0, down = 0;

    close(mkstemp(path));
    write_capture(path, 0);
    profile = observe(path, RNET_OK);
    summary = rnet_profile_get_summary(profile);
    for (int i = 0; i < RNET_USAGE_COUNT; i++) {
        up += summary->usages[i].bytes[RNET_UP];
        down += summary->usages[i].bytes[RNET_DOWN];
    }
    ck_assert_uint_eq(up, 50 * 200);
    ck_assert_uint_eq(down, 50 * 200);
    ck_assert_uint_eq(summary->packets, 101);
    ck_assert_uint_eq(summary->flows, 1);
    ck_assert_uint_eq(summary->internal_flows, 1);
    ck_assert_uint_eq(summary->internal_bytes, 128);
    ck_assert_uint_eq(summary->office_hosts, 1);
    ck_assert(summary->complete);
    ck_assert_int_eq(summary->end_ns - summary->begin_ns, 1100 * RNET_NS_PER_MS);
    rnet_profile_free(profile);
    unlink(path);
}
END_TEST

START_TEST(a_cut_capture_yields_what_came_before)
{
    char path[] = "observe-test-XXXXXX";
    struct rnet_profile *profile;
    const struct rnet_profile_summary *summary;

    close(mkstemp(path));
    write_capture(path, 30);
    profile = observe(path, RNET_PARTIAL);
    summary = rnet_profile_get_summary(profile);
    ck_assert_uint_eq(summary->packets, 100);
    ck_assert(!summary->complete);
    ck_assert_uint_eq(summary->notices.count[RNET_NOTICE_TRUNCATED_FILE], 1);
    rnet_profile_free(profile);
    unlink(path);
}
END_TEST

START_TEST(the_digest_names_the_packets)
{
    char path[] = "observe-test-XXXXXX";
    struct rnet_profile *whole, *again, *cut;

    close(mkstemp(path));
    write_capture(path, 0);
    whole = observe(path, RNET_OK);
    again = observe(path, RNET_OK);
    write_capture(path, 200);
    cut = observe(path, RNET_PARTIAL);
    ck_assert_str_eq(rnet_profile_get_summary(whole)->digest,
                     rnet_profile_get_summary(again)->digest);
    ck_assert_str_ne(rnet_profile_get_summary(whole)->digest,
                     rnet_profile_get_summary(cut)->digest);
    rnet_profile_free(whole);
    rnet_profile_free(again);
    rnet_profile_free(cut);
    unlink(path);
}
END_TEST

/* A profile's bytes, made on so many threads. */
static size_t
profile_bytes(const char *path, uint32_t threads, enum rnet_status expected, uint8_t **bytes)
{
    const struct rnet_observe_options options = {.threads = threads, .flows.hash_seed = {1}};
    struct rnet_capture *capture;
    struct rnet_profile *profile;
    size_t count;

    ck_assert_int_eq(rnet_capture_open(path, NULL, &capture, NULL), RNET_OK);
    ck_assert_int_eq(rnet_observe(capture, &options, &profile, NULL), expected);
    ck_assert_int_eq(rnet_profile_write(profile, bytes, &count, NULL), RNET_OK);
    rnet_profile_free(profile);
    rnet_capture_close(capture);
    return count;
}

static void
check_threads(const char *path, enum rnet_status expected)
{
    uint8_t *one, *two;
    const size_t count = profile_bytes(path, 1, expected, &one);

    ck_assert_uint_eq(profile_bytes(path, 2, expected, &two), count);
    ck_assert_mem_eq(one, two, count);
    free(one);
    free(two);
}

START_TEST(reading_ahead_changes_no_byte)
{
    char path[] = "observe-test-XXXXXX";

    check_threads(RNET_SOURCE_ROOT "/tests/data/office.pcap", RNET_OK);
    close(mkstemp(path));
    write_capture(path, 30);
    check_threads(path, RNET_PARTIAL);
    unlink(path);
}
END_TEST

static void
stop_at_once(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    ck_assert_uint_le(done_bytes, total_bytes);
    **(volatile int **)context = 1;
}

START_TEST(a_stop_ends_reading_ahead)
{
    volatile int stop = 0, *stopped = &stop;
    const struct rnet_observe_options options = {.threads = 2,
                                                 .stop = &stop,
                                                 .progress = stop_at_once,
                                                 .progress_context = &stopped};
    struct rnet_capture *capture;
    struct rnet_profile *profile;

    ck_assert_int_eq(
        rnet_capture_open(RNET_SOURCE_ROOT "/tests/data/office.pcap", NULL, &capture, NULL),
        RNET_OK);
    ck_assert_int_eq(rnet_observe(capture, &options, &profile, NULL), RNET_PARTIAL);
    ck_assert_uint_eq(rnet_profile_get_summary(profile)->packets, 1024);
    rnet_profile_free(profile);
    rnet_capture_close(capture);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("observe");
    TCase *tcase = tcase_create("observe");

    tcase_add_test(tcase, volumes_sides_and_times_come_out_of_a_capture);
    tcase_add_test(tcase, a_cut_capture_yields_what_came_before);
    tcase_add_test(tcase, the_digest_names_the_packets);
    tcase_add_test(tcase, reading_ahead_changes_no_byte);
    tcase_add_test(tcase, a_stop_ends_reading_ahead);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
