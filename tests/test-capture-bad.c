/* The bad inputs that today's tools get wrong (a table of what each must come to), and every file
 * of the shared hostile collection. */
#include "input.h"

#include <dirent.h>
#include <string.h>

static const struct {
    const char *name;
    enum rnet_status opens;
    uint64_t packets;
    enum rnet_status ends;
    enum rnet_notice notice; /* counted once, with RNET_PARTIAL */
    const char *words;       /* must be in the message */
} inputs[] = {
    {"bad-empty.pcap", RNET_EFORMAT, 0, RNET_OK, 0, "empty"},
    {"bad-header-cut.pcap", RNET_EFORMAT, 0, RNET_OK, 0, "truncated"},
    {"bad-no-packets.pcap", RNET_OK, 0, RNET_END, 0, ""},
    {"bad-cut.pcap", RNET_OK, 2, RNET_PARTIAL, RNET_NOTICE_TRUNCATED_FILE, "after packet 2"},
    {"bad-cut-header.pcap", RNET_OK, 2, RNET_PARTIAL, RNET_NOTICE_TRUNCATED_FILE, "after packet 2"},
    {"bad-length-2gib.pcap", RNET_OK, 1, RNET_PARTIAL, RNET_NOTICE_DAMAGED_FILE, "2147483648"},
    {"bad-length-10mb.pcap", RNET_OK, 1, RNET_PARTIAL, RNET_NOTICE_DAMAGED_FILE, "10000000"},
    {"bad-link-type.pcap", RNET_EUNSUPPORTED, 0, RNET_OK, 0, "9999"},
    {"bad-link-type-named.pcap", RNET_EUNSUPPORTED, 0, RNET_OK, 0, "link type"},
    {"bad-text.pcap", RNET_EFORMAT, 0, RNET_OK, 0, "not a capture"},
    {"two-link-types.pcapng", RNET_EUNSUPPORTED, 0, RNET_OK, 0, "editcap -F nsecpcap -T T"},
    {"two-snap-lengths.pcapng", RNET_EUNSUPPORTED, 0, RNET_OK, 0, "editcap -F nsecpcap FILE"},
    {"late-link-type.pcapng", RNET_OK, 2, RNET_PARTIAL, RNET_NOTICE_DAMAGED_FILE, "editcap"},
    {"no-such-file.pcap", RNET_EIO, 0, RNET_OK, 0, "No such file"},
    {"", RNET_EIO, 0, RNET_OK, 0, "directory"},
};

START_TEST(a_bad_input_comes_to_what_the_table_says)
{
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    struct rnet_error err = {0};
    enum rnet_status status = rnet_capture_open(input_path(inputs[_i].name), NULL, &capture, &err);
    uint64_t packets = 0;

    ck_assert_msg(status == inputs[_i].opens, "%s: %d %s", inputs[_i].name, status, err.message);
    if (status == RNET_OK) {
        while ((status = rnet_capture_next(capture, &packet, &err)) == RNET_OK)
            packets++;
        ck_assert_int_eq(status, inputs[_i].ends);
        if (status == RNET_PARTIAL) {
            ck_assert_uint_eq(rnet_capture_notices(capture)->count[inputs[_i].notice], 1);
            ck_assert_uint_eq(err.packet, packets);
            ck_assert_int_eq(err.status, RNET_PARTIAL);
        }
        rnet_capture_close(capture);
    }
    ck_assert_uint_eq(packets, inputs[_i].packets);
    ck_assert_msg(strstr(err.message, inputs[_i].words) != NULL, "%s", err.message);
}
END_TEST

START_TEST(a_wild_stamp_is_kept_as_stamped_and_counted)
{
    struct rnet_capture *capture = input_open("wild-time.pcap");
    int64_t times[4];

    for (int i = 0; i < 4; i++)
        times[i] = input_next(capture).time_ns;
    ck_assert_int_eq(times[2], INT64_C(0xffffffff) * 1000000000);
    ck_assert_int_eq(times[3] - times[1], INT64_C(2000000000));
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_TIME_WILD], 2);
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_TIME_BACKWARDS], 1);
    rnet_capture_close(capture);
}
END_TEST

static void
read_hostile(const char *path)
{
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_notices notices = {0};
    struct rnet_error err = {0};
    enum rnet_status status = rnet_capture_open(path, NULL, &capture, &err);

    if (status != RNET_OK) {
        ck_assert_msg(err.message[0] != '\0', "%s: refused without words", path);
        return;
    }
    while ((status = rnet_capture_next(capture, &packet, &err)) == RNET_OK) {
        ck_assert_uint_le(packet.captured_bytes, packet.wire_bytes);
        if (rnet_packet_decode(&packet, &headers, &notices) == RNET_OK) {
            ck_assert_uint_le(headers.ip_bytes, packet.wire_bytes);
            ck_assert_uint_le(headers.payload_bytes, headers.ip_bytes);
            ck_assert_uint_le(headers.payload_captured_bytes, headers.payload_bytes);
        }
    }
    ck_assert_msg(status == RNET_END || status == RNET_PARTIAL, "%s: %d", path, status);
    rnet_capture_close(capture);
}

/* Two minutes of CPU would be a bug of its own: the whole collection takes under a second. */
START_TEST(every_hostile_capture_is_read_or_refused_with_words)
{
    char folder[4096], path[8192];
    const char *manifest = shared_path("captures/MANIFEST.tsv");
    const struct dirent *entry;
    DIR *directory;
    int files = 0;

    if (manifest == NULL)
        return;
    snprintf(folder, sizeof folder, "%.*shostile", (int)(strlen(manifest) - strlen("MANIFEST.tsv")),
             manifest);
    directory = opendir(folder);
    ck_assert_ptr_nonnull(directory);
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        read_hostile(path);
        files++;
    }
    closedir(directory);
    ck_assert_int_ge(files, 300);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("capture-bad");
    TCase *tcase = tcase_create("bad inputs");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_bad_input_comes_to_what_the_table_says, 0,
                        sizeof inputs / sizeof inputs[0]);
    tcase_add_test(tcase, a_wild_stamp_is_kept_as_stamped_and_counted);
    tcase_add_test(tcase, every_hostile_capture_is_read_or_refused_with_words);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
