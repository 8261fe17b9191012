/* Reading classic files written here byte by byte, so that every field is known. */
#include "capture/capture.h"
#include "suite.h"

#include <string.h>
#include <unistd.h>

struct file_kind {
    uint32_t magic;
    bool swapped;
    uint32_t ns_per_unit;
    uint32_t record_extra; /* bytes a record header has more */
};

static const struct file_kind kinds[] = {
    {0xa1b2c3d4, false, 1000, 0}, {0xa1b2c3d4, true, 1000, 0},  {0xa1b23c4d, false, 1, 0},
    {0xa1b23c4d, true, 1, 0},     {0xa1b2cd34, false, 1000, 8}, {0xa1b2cd34, true, 1000, 8},
};

static void
put32(FILE *file, uint32_t value, bool swapped)
{
    for (int i = 0; i < 4; i++)
        putc((int)(value >> (swapped ? 24 - 8 * i : 8 * i) & 0xff), file);
}

static void
put_header(FILE *file, const struct file_kind *kind, uint32_t link_type)
{
    put32(file, kind->magic, kind->swapped);
    put32(file, kind->swapped ? 0x00020004 : 0x00040002, kind->swapped);
    put32(file, 0, kind->swapped);
    put32(file, 0, kind->swapped);
    put32(file, 65535, kind->swapped);
    put32(file, link_type, kind->swapped);
}

static void
put_packet(FILE *file, const struct file_kind *kind, uint32_t seconds, uint32_t fraction,
           uint32_t captured, uint32_t wire)
{
    put32(file, seconds, kind->swapped);
    put32(file, fraction, kind->swapped);
    put32(file, captured, kind->swapped);
    put32(file, wire, kind->swapped);
    for (uint32_t i = 0; i < kind->record_extra; i++)
        putc(0, file);
    for (uint32_t i = 0; i < captured; i++)
        putc((int)(i & 0xff), file);
}

static const char *
scratch(void)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/rnet-test-capture-%ld.pcap", (long)getpid());
    return path;
}

static struct rnet_capture *
opened(void)
{
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_capture_open(scratch(), NULL, &capture, &err) == RNET_OK, "%s", err.message);
    unlink(scratch());
    return capture;
}

START_TEST(both_lengths_and_nanoseconds_survive_every_kind_of_classic_file)
{
    const struct file_kind *kind = &kinds[_i];
    FILE *file = fopen(scratch(), "wb");
    struct rnet_capture *capture;
    struct rnet_packet packet;
    struct rnet_error err = {0};

    put_header(file, kind, 1);
    put_packet(file, kind, 1400000000, 123456, 60, 1514);
    put_packet(file, kind, 1400000001, 999999, 60, 60);
    fclose(file);
    capture = opened();
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_OK);
    ck_assert_int_eq(packet.time_ns, 1400000000 * RNET_NS_PER_S + 123456 * kind->ns_per_unit);
    ck_assert_uint_eq(packet.number, 1);
    ck_assert_uint_eq(packet.captured_bytes, 60);
    ck_assert_uint_eq(packet.wire_bytes, 1514);
    ck_assert_int_eq(packet.link_type, 1);
    ck_assert_uint_eq(packet.data[59], 59);
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_OK);
    ck_assert_uint_eq(packet.number, 2);
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_END);
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_END);
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_SNAPPED_PACKET], 1);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(a_file_cut_in_a_packet_is_partial_and_says_after_which)
{
    FILE *file = fopen(scratch(), "wb");
    struct rnet_capture *capture;
    struct rnet_packet packet;
    struct rnet_error err = {0};

    put_header(file, &kinds[0], 1);
    put_packet(file, &kinds[0], 1, 0, 60, 60);
    put_packet(file, &kinds[0], 2, 0, 60, 60);
    fclose(file);
    ck_assert_int_eq(truncate(scratch(), 24 + 76 + 40), 0);
    capture = opened();
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_OK);
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_PARTIAL);
    ck_assert_uint_eq(err.packet, 1);
    ck_assert_ptr_nonnull(strstr(err.message, "after packet 1"));
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_TRUNCATED_FILE], 1);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(an_unknown_link_type_is_refused_by_number)
{
    FILE *file = fopen(scratch(), "wb");
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};

    put_header(file, &kinds[0], 9999);
    fclose(file);
    ck_assert_int_eq(rnet_capture_open(scratch(), NULL, &capture, &err), RNET_EUNSUPPORTED);
    ck_assert_ptr_null(capture);
    ck_assert_ptr_nonnull(strstr(err.message, "9999"));
    unlink(scratch());
}
END_TEST

START_TEST(every_failing_allocation_while_opening_is_survived)
{
    FILE *file = fopen(scratch(), "wb");
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};
    enum rnet_status status = RNET_ENOMEM;
    uint64_t n;

    put_header(file, &kinds[0], 1);
    fclose(file);
    for (n = 1; status != RNET_OK; n++) {
        ck_assert_uint_lt(n, 50);
        rnet_alloc_fail_at(n);
        status = rnet_capture_open(scratch(), NULL, &capture, &err);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        ck_assert((status == RNET_OK) == (capture != NULL));
    }
    rnet_alloc_fail_at(0);
    ck_assert_uint_gt(n, 2);
    rnet_capture_close(capture);
    unlink(scratch());
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("capture-read");
    TCase *tcase = tcase_create("classic files");

    tcase_add_loop_test(tcase, both_lengths_and_nanoseconds_survive_every_kind_of_classic_file, 0,
                        sizeof kinds / sizeof kinds[0]);
    tcase_add_test(tcase, a_file_cut_in_a_packet_is_partial_and_says_after_which);
    tcase_add_test(tcase, an_unknown_link_type_is_refused_by_number);
    tcase_add_test(tcase, every_failing_allocation_while_opening_is_survived);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
