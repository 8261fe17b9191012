/* Live capture on the loopback of a network namespace of its own; needs root, else only what can be
 * tested without it runs. */
#define _GNU_SOURCE /* unshare() */
#include "capture/capture.h"
#include "suite.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
loopback_up(int fd)
{
    struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};

    snprintf(request.ifr_name, sizeof request.ifr_name, "lo");
    return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

/* A namespace of our own, for this forked test only. */
static bool
own_network(void)
{
    int fd;
    bool up;

    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
        fprintf(stderr, "skipped: no right to make a network namespace\n");
        return false;
    }
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    up = fd >= 0 && loopback_up(fd);
    close(fd);
    if (!up)
        fprintf(stderr, "skipped: no loopback in the namespace\n");
    return up;
}

static void
send_datagrams(int count, size_t bytes)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(5004), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    uint8_t payload[4000] = {0};

    ck_assert_int_ge(fd, 0);
    for (int i = 0; i < count; i++)
        sendto(fd, payload, bytes, 0, (const struct sockaddr *)&to, sizeof to);
    close(fd);
}

/* Read until nothing comes for a while; how many. */
static uint64_t
read_waiting(struct rnet_capture *capture, uint32_t wire_bytes)
{
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_error err = {0};
    uint64_t packets = 0;
    enum rnet_status status;

    while ((status = rnet_capture_next(capture, &packet, &err)) == RNET_OK) {
        packets++;
        ck_assert_uint_eq(packet.number, packets);
        ck_assert_uint_eq(packet.wire_bytes, wire_bytes);
        ck_assert_int_eq(rnet_packet_decode(&packet, &headers, NULL), RNET_OK);
        ck_assert_uint_eq(headers.destination_port, 5004);
    }
    ck_assert_msg(status == RNET_AGAIN, "%s", err.message);
    return packets;
}

START_TEST(packets_of_an_interface_come_with_both_lengths)
{
    const struct rnet_live_options options = {
        .filter = "udp port 5004", .snap_bytes = 96, .wait_ms = 400};
    struct rnet_capture *capture = NULL;
    struct rnet_capture_statistics statistics;
    struct rnet_error err = {0};

    if (!own_network())
        return;
    ck_assert_msg(rnet_capture_open_live("lo", &options, &capture, &err) == RNET_OK, "%s",
                  err.message);
    send_datagrams(100, 1000);
    ck_assert_uint_eq(read_waiting(capture, 14 + 28 + 1000), 100);
    ck_assert_int_eq(rnet_capture_statistics(capture, &statistics), RNET_OK);
    ck_assert_uint_eq(statistics.dropped, 0);
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_SNAPPED_PACKET], 100);
    rnet_capture_close(capture);
}
END_TEST

/* The kernel shows loopback traffic leaving and arriving; libpcap hides the leaving half of what was
 * kept, while the count of what was not has both. */
START_TEST(what_the_kernel_drops_is_counted_to_the_packet)
{
    enum { SENT = 5000 };
    const struct rnet_live_options options = {
        .filter = "udp port 5004", .snap_bytes = 2048, .buffer_bytes = 1 << 20, .wait_ms = 400};
    struct rnet_capture *capture = NULL;
    struct rnet_capture_statistics statistics;
    uint64_t read;

    if (!own_network())
        return;
    ck_assert_int_eq(rnet_capture_open_live("lo", &options, &capture, NULL), RNET_OK);
    send_datagrams(SENT, 1000);
    read = read_waiting(capture, 14 + 28 + 1000);
    ck_assert_int_eq(rnet_capture_statistics(capture, &statistics), RNET_OK);
    ck_assert_uint_gt(statistics.dropped, 0);
    ck_assert_uint_eq(2 * read + statistics.dropped, 2 * SENT);
    ck_assert_uint_eq(rnet_capture_notices(capture)->count[RNET_NOTICE_DROPPED_PACKET],
                      statistics.dropped + statistics.interface_dropped);
    rnet_capture_close(capture);
}
END_TEST

static void
note_alarm(int number)
{
    (void)number;
}

START_TEST(a_signal_ends_the_wait_on_an_idle_interface)
{
    const struct rnet_live_options options = {.wait_ms = 20000};
    const struct sigaction action = {.sa_handler = note_alarm};
    const struct itimerval soon = {.it_value = {.tv_usec = 100000}};
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;

    if (!own_network())
        return;
    ck_assert_int_eq(rnet_capture_open_live("lo", &options, &capture, NULL), RNET_OK);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    ck_assert_int_eq(rnet_capture_next(capture, &packet, NULL), RNET_AGAIN);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(an_interface_that_is_not_there_is_named)
{
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_capture_open_live("nosuch0", NULL, &capture, &err), RNET_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, "nosuch0"));
    ck_assert_ptr_null(capture);
}
END_TEST

START_TEST(a_file_has_no_drop_counters)
{
    struct rnet_capture *capture = NULL;
    struct rnet_capture_statistics statistics;

    ck_assert_int_eq(
        rnet_capture_open(RNET_SOURCE_ROOT "/tests/data/input/four.pcap", NULL, &capture, NULL),
        RNET_OK);
    ck_assert_int_eq(rnet_capture_statistics(capture, &statistics), RNET_ECANTTELL);
    rnet_capture_close(capture);
}
END_TEST

START_TEST(counters_survive_32_bits_and_ignore_nonsense)
{
    static const struct {
        uint32_t reading;
        uint64_t total;
        const char *why;
    } steps[] = {
        {0, 0, "fresh"},
        {1000, 1000, "counts"},
        {2000000000, 2000000000, "far"},
        {4000000000, 4000000000, "farther"},
        {1000000000, 5294967296, "wrapped: 4294967296 + 1000000000"},
        {999999995, 5294967296, "five back is nonsense, not a wrap"},
        {1000000005, 5294967306, "goes on from there"},
        {4294965006, 5294967306, "tcpdump's famous reading"},
    };
    struct rnet_counter counter = {0};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        rnet_counter_advance(&counter, steps[i].reading);
        ck_assert_msg(counter.total == steps[i].total, "%s: %llu", steps[i].why,
                      (unsigned long long)counter.total);
    }
}
END_TEST

/* In the forked test process only: there is no way back. */
START_TEST(dropped_privileges_cannot_be_regained)
{
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};
    const bool root = geteuid() == 0;

    if (getenv("CK_FORK") != NULL && strcmp(getenv("CK_FORK"), "no") == 0)
        return;
    ck_assert_int_eq(rnet_privileges_drop("nobody-of-that-name", &err),
                     root ? RNET_ENOTFOUND : RNET_OK);
    ck_assert_int_eq(rnet_privileges_drop("root", &err), root ? RNET_EINVAL : RNET_OK);
    ck_assert_msg(rnet_privileges_drop(NULL, &err) == RNET_OK, "%s", err.message);
    ck_assert_uint_ne(getuid(), 0);
    ck_assert_uint_ne(geteuid(), 0);
    ck_assert_int_ne(setuid(0), 0);
    ck_assert_int_eq(getgroups(0, NULL), root ? 0 : getgroups(0, NULL));
    ck_assert_int_eq(rnet_capture_open_live("lo", NULL, &capture, &err), RNET_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, "not permitted"));
    ck_assert_int_eq(rnet_privileges_drop(NULL, &err), RNET_OK);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("capture-live");
    TCase *tcase = tcase_create("live");

    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, packets_of_an_interface_come_with_both_lengths);
    tcase_add_test(tcase, what_the_kernel_drops_is_counted_to_the_packet);
    tcase_add_test(tcase, a_signal_ends_the_wait_on_an_idle_interface);
    tcase_add_test(tcase, an_interface_that_is_not_there_is_named);
    tcase_add_test(tcase, a_file_has_no_drop_counters);
    tcase_add_test(tcase, counters_survive_32_bits_and_ignore_nonsense);
    tcase_add_test(tcase, dropped_privileges_cannot_be_regained);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
