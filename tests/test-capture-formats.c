/* One capture, many wrappings: the packets that come out must be the same. */
#include "capture/capture.h"
#include "input.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static const char *
scratch(const char *ending)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/rnet-test-formats-%ld%s", (long)getpid(), ending);
    return path;
}

static size_t
read_whole(const char *path, uint8_t *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t got;

    ck_assert_ptr_nonnull(file);
    got = fread(bytes, 1, room, file);
    ck_assert_uint_lt(got, room);
    fclose(file);
    return got;
}

static const char *
write_whole(const char *ending, const uint8_t *bytes, size_t count)
{
    const char *path = scratch(ending);
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    fclose(file);
    return path;
}

static size_t
compress_gzip(const uint8_t *bytes, size_t count, uint8_t *out, size_t room)
{
    z_stream zlib = {0};

    ck_assert_int_eq(deflateInit2(&zlib, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    zlib.next_in = (Bytef *)(uintptr_t)bytes;
    zlib.avail_in = (uInt)count;
    zlib.next_out = out;
    zlib.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    deflateEnd(&zlib);
    return room - zlib.avail_out;
}

/* A sum over everything a packet says, so that two captures can be compared by one number. */
static uint64_t
digest(struct rnet_capture *capture, uint64_t *packets)
{
    struct rnet_packet packet;
    uint64_t sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    *packets = 0;
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        const uint64_t about[] = {(uint64_t)packet.time_ns, packet.wire_bytes,
                                  packet.captured_bytes, packet.number, (uint64_t)packet.link_type};

        for (size_t i = 0; i < sizeof about / sizeof about[0]; i++)
            sum = (sum ^ about[i]) * UINT64_C(0x100000001b3);
        for (uint32_t i = 0; i < packet.captured_bytes; i++)
            sum = (sum ^ packet.data[i]) * UINT64_C(0x100000001b3);
        ++*packets;
    }
    return sum;
}

static uint64_t
digest_of(const char *path, uint64_t *packets)
{
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};
    uint64_t sum;

    ck_assert_msg(rnet_capture_open(path, NULL, &capture, &err) == RNET_OK, "%s", err.message);
    sum = digest(capture, packets);
    rnet_capture_close(capture);
    return sum;
}

static uint64_t
digest_of_stdin(const char *path, uint64_t *packets)
{
    const int file = open(path, O_RDONLY);
    const int kept = dup(STDIN_FILENO);
    uint64_t sum;

    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(dup2(file, STDIN_FILENO), STDIN_FILENO);
    close(file);
    sum = digest_of("-", packets);
    if (kept >= 0)
        dup2(kept, STDIN_FILENO);
    clearerr(stdin);
    return sum;
}

START_TEST(pcap_pcapng_gzip_zstd_and_stdin_give_the_same_packets)
{
    static uint8_t plain[65536], packed[65536];
    const size_t count = read_whole(input_path("four.pcap"), plain, sizeof plain);
    const size_t ng = read_whole(input_path("four.pcapng"), plain, sizeof plain);
    uint64_t packets, expected;
    size_t bytes;

    expected = digest_of(input_path("four.pcap"), &packets);
    ck_assert_uint_eq(packets, 4);
    ck_assert_uint_eq(digest_of(input_path("four.pcapng"), &packets), expected);
    ck_assert_uint_eq(digest_of_stdin(input_path("four.pcap"), &packets), expected);
    bytes = compress_gzip(plain, ng, packed, sizeof packed);
    ck_assert_uint_eq(digest_of(write_whole("", packed, bytes), &packets), expected);
    read_whole(input_path("four.pcap"), plain, sizeof plain);
    bytes = compress_gzip(plain, count, packed, sizeof packed);
    ck_assert_uint_eq(digest_of(write_whole("", packed, bytes), &packets), expected);
    ck_assert_uint_eq(digest_of_stdin(scratch(""), &packets), expected);
    bytes = ZSTD_compress(packed, sizeof packed, plain, count, 19);
    ck_assert(!ZSTD_isError(bytes));
    ck_assert_uint_eq(digest_of(write_whole("", packed, bytes), &packets), expected);
    unlink(scratch(""));
}
END_TEST

/* As `cat a.gz b.gz` and pigz make them: two members, one stream; zero padding behind is nothing.
 */
START_TEST(members_and_frames_follow_each_other_and_padding_is_ignored)
{
    static uint8_t plain[65536], packed[65536];
    const size_t count = read_whole(input_path("four.pcap"), plain, sizeof plain);
    uint64_t packets, expected = digest_of(input_path("four.pcap"), &packets);
    size_t bytes;

    bytes = compress_gzip(plain, 100, packed, sizeof packed);
    bytes += compress_gzip(plain + 100, count - 100, packed + bytes, sizeof packed - bytes);
    memset(packed + bytes, 0, 512);
    ck_assert_uint_eq(digest_of(write_whole("", packed, bytes + 512), &packets), expected);
    bytes = ZSTD_compress(packed, sizeof packed, plain, 100, 1);
    bytes += ZSTD_compress(packed + bytes, sizeof packed - bytes, plain + 100, count - 100, 1);
    ck_assert_uint_eq(digest_of(write_whole("", packed, bytes), &packets), expected);
    unlink(scratch(""));
}
END_TEST

/* At every byte: never a crash, never an "end" before all packets were seen. */
START_TEST(a_compressed_file_cut_anywhere_is_never_taken_for_whole)
{
    static uint8_t plain[65536], packed[65536];
    const size_t count = read_whole(input_path("four.pcap"), plain, sizeof plain);
    const size_t bytes = _i == 0 ? compress_gzip(plain, count, packed, sizeof packed)
                                 : ZSTD_compress(packed, sizeof packed, plain, count, 1);

    for (size_t cut = 0; cut < bytes; cut++) {
        struct rnet_capture *capture = NULL;
        struct rnet_packet packet;
        struct rnet_error err = {0};
        enum rnet_status status =
            rnet_capture_open(write_whole("", packed, cut), NULL, &capture, &err);

        if (status != RNET_OK) {
            ck_assert_int_eq(status, RNET_EFORMAT);
            continue;
        }
        while ((status = rnet_capture_next(capture, &packet, &err)) == RNET_OK)
            continue;
        ck_assert_int_eq(status, RNET_PARTIAL);
        ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_TRUNCATED_FILE], 1);
        rnet_capture_close(capture);
    }
    unlink(scratch(""));
}
END_TEST

/* A valid header, then zeros: packets of length 0 for ever. */
static size_t
make_bomb(uint8_t *packed, size_t room, bool gzip)
{
    static uint8_t zeros[1 << 20];
    uint8_t header[24];
    size_t bytes;

    read_whole(input_path("four.pcap"), zeros, sizeof zeros);
    memcpy(header, zeros, sizeof header);
    memset(zeros, 0, sizeof zeros);
    bytes = gzip ? compress_gzip(header, sizeof header, packed, room)
                 : ZSTD_compress(packed, room, header, sizeof header, 1);
    for (int i = 0; i < 100; i++)
        bytes += gzip ? compress_gzip(zeros, sizeof zeros, packed + bytes, room - bytes)
                      : ZSTD_compress(packed + bytes, room - bytes, zeros, sizeof zeros, 1);
    return bytes;
}

static enum rnet_status
read_to_end(const char *path, const struct rnet_capture_options *options, uint64_t *packets,
            struct rnet_error *err)
{
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    enum rnet_status status = rnet_capture_open(path, options, &capture, err);

    *packets = 0;
    if (status != RNET_OK)
        return status;
    while ((status = rnet_capture_next(capture, &packet, err)) == RNET_OK)
        ++*packets;
    ck_assert((status == RNET_EFULL) ==
              (rnet_capture_notices(capture)->count[RNET_NOTICE_LIMIT_REACHED] == 1));
    rnet_capture_close(capture);
    return status;
}

START_TEST(what_expands_beyond_a_limit_is_stopped_there)
{
    static uint8_t packed[1 << 20];
    const struct rnet_capture_options absolute = {.max_expanded_bytes = 10000};
    const struct rnet_capture_options ratio = {.max_expansion_ratio = 500};
    const struct rnet_capture_options patient = {.max_expansion_ratio = 1000000};
    struct rnet_error err = {0};
    uint64_t packets;
    const char *path = write_whole("", packed, make_bomb(packed, sizeof packed, _i == 0));

    ck_assert_int_eq(read_to_end(path, &absolute, &packets, &err), RNET_EFULL);
    ck_assert_uint_le(packets, (10000 + 65536 * 2) / 16);
    ck_assert_ptr_nonnull(strstr(err.message, "10000 bytes"));
    ck_assert_int_eq(read_to_end(path, &ratio, &packets, &err), RNET_EFULL);
    ck_assert_uint_ge(packets, (UINT64_C(64) << 20) / 16 - 1); /* the first 64 MiB are free */
    ck_assert_uint_le(packets, (UINT64_C(65) << 20) / 16);
    ck_assert_int_eq(read_to_end(path, &patient, &packets, &err), RNET_END);
    ck_assert_uint_eq(packets, (UINT64_C(100) << 20) / 16);
    unlink(scratch(""));
}
END_TEST

START_TEST(several_files_come_merged_by_time_then_by_order)
{
    const char *paths[3];
    char copies[3][4096];
    static const char *const names[] = {"four.pcap", "layers-raw.pcap", "four.pcapng"};
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    int64_t before = 0;

    for (int i = 0; i < 3; i++) {
        snprintf(copies[i], sizeof copies[i], "%s", input_path(names[i]));
        paths[i] = copies[i];
    }
    ck_assert_int_eq(rnet_capture_open_many(paths, 3, NULL, &capture, NULL), RNET_OK);
    for (uint64_t i = 0; i < 12; i++) {
        ck_assert_int_eq(rnet_capture_next(capture, &packet, NULL), RNET_OK);
        ck_assert_uint_eq(packet.number, i + 1);
        ck_assert_int_eq(packet.link_type, i % 3 == 1 ? 12 : 1); /* equal times: file order */
        ck_assert_int_ge(packet.time_ns, before);
        before = packet.time_ns;
    }
    ck_assert_int_eq(rnet_capture_next(capture, &packet, NULL), RNET_END);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(a_cut_file_among_several_does_not_stop_the_others)
{
    char cut[4096], whole[4096];
    const char *paths[] = {cut, whole};
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    struct rnet_error err = {0};
    uint64_t packets = 0;
    enum rnet_status status;

    snprintf(cut, sizeof cut, "%s", input_path("bad-cut.pcap"));
    snprintf(whole, sizeof whole, "%s", input_path("four.pcap"));
    ck_assert_int_eq(rnet_capture_open_many(paths, 2, NULL, &capture, NULL), RNET_OK);
    while ((status = rnet_capture_next(capture, &packet, &err)) == RNET_OK)
        packets++;
    ck_assert_uint_eq(packets, 2 + 4);
    ck_assert_int_eq(status, RNET_PARTIAL);
    ck_assert_ptr_nonnull(strstr(err.message, "bad-cut.pcap"));
    ck_assert_int_eq(rnet_capture_next(capture, &packet, &err), RNET_PARTIAL);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(a_filter_chooses_packets_and_a_wrong_one_is_named)
{
    const struct rnet_capture_options tcp = {.filter = "tcp"}, wrong = {.filter = "not a filter"};
    struct rnet_error err = {0};
    struct rnet_capture *capture = NULL;
    uint64_t packets;

    ck_assert_int_eq(read_to_end(input_path("four.pcap"), &tcp, &packets, &err), RNET_END);
    ck_assert_uint_eq(packets, 2);
    ck_assert_int_eq(rnet_capture_open(input_path("four.pcap"), &wrong, &capture, &err),
                     RNET_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "not a filter"));
}
END_TEST

START_TEST(progress_goes_from_little_to_all_of_the_file)
{
    struct rnet_capture *capture = input_open("four.pcap");
    uint64_t done, total, before = 0, packets;

    rnet_capture_progress(capture, &done, &total);
    ck_assert_uint_gt(total, 0);
    ck_assert_uint_le(done, total);
    before = done;
    digest(capture, &packets);
    rnet_capture_progress(capture, &done, &total);
    ck_assert_uint_ge(done, before);
    ck_assert_uint_eq(done, total);
    rnet_capture_close(capture);
}
END_TEST

static enum rnet_status
open_all(struct rnet_capture **capture)
{
    char copies[2][4096];
    const char *paths[] = {copies[0], copies[1]};

    snprintf(copies[0], sizeof copies[0], "%s", scratch(""));
    snprintf(copies[1], sizeof copies[1], "%s", input_path("four.pcap"));
    return rnet_capture_open_many(paths, 2, NULL, capture, NULL);
}

START_TEST(every_failing_allocation_while_opening_is_survived)
{
    static uint8_t plain[65536], packed[65536];
    const size_t count = read_whole(input_path("four.pcap"), plain, sizeof plain);
    struct rnet_capture *capture = NULL;
    enum rnet_status status = RNET_ENOMEM;
    uint64_t n;

    write_whole("", packed, compress_gzip(plain, count, packed, sizeof packed));
    for (n = 1; status != RNET_OK; n++) {
        ck_assert_uint_lt(n, 50);
        rnet_alloc_fail_at(n);
        status = open_all(&capture);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        ck_assert((status == RNET_OK) == (capture != NULL));
    }
    rnet_alloc_fail_at(0);
    ck_assert_uint_gt(n, 6);
    rnet_capture_close(capture);
    unlink(scratch(""));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("capture-formats");
    TCase *tcase = tcase_create("formats");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, pcap_pcapng_gzip_zstd_and_stdin_give_the_same_packets);
    tcase_add_test(tcase, members_and_frames_follow_each_other_and_padding_is_ignored);
    tcase_add_loop_test(tcase, a_compressed_file_cut_anywhere_is_never_taken_for_whole, 0, 2);
    tcase_add_loop_test(tcase, what_expands_beyond_a_limit_is_stopped_there, 0, 2);
    tcase_add_test(tcase, several_files_come_merged_by_time_then_by_order);
    tcase_add_test(tcase, a_cut_file_among_several_does_not_stop_the_others);
    tcase_add_test(tcase, a_filter_chooses_packets_and_a_wrong_one_is_named);
    tcase_add_test(tcase, progress_goes_from_little_to_all_of_the_file);
    tcase_add_test(tcase, every_failing_allocation_while_opening_is_survived);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
