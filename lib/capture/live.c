/* A live interface. Waiting is done here with poll(), because libpcap's own time-out need not fire
 * on an idle Linux interface, and then no signal would be noticed (pcap(3pcap), "read timeout"). */
#include "capture/capture.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define DEFAULT_SNAP_BYTES 2048
#define DEFAULT_BUFFER_BYTES (16 << 20)
#define DEFAULT_WAIT_MS 250
#define BLOCK_MS 100 /* how long the kernel may gather packets before it hands them over */

static int64_t
monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * RNET_NS_PER_S + now.tv_nsec;
}

void
rnet_counter_advance(struct rnet_counter *counter, uint32_t reading)
{
    const uint32_t step = reading - counter->seen;

    if (step <= UINT32_MAX / 2)
        counter->total += step;
    counter->seen = reading;
}

static enum rnet_status
activate(struct rnet_live *live, const char *interface, struct rnet_error *err)
{
    const int came_to = pcap_activate(live->pcap);

    if (came_to >= 0) /* a warning is not in the way: e.g. no promiscuous mode on "any" */
        return RNET_OK;
    if (came_to == PCAP_ERROR_PERM_DENIED)
        return rnet_error_set(err, RNET_EIO,
                              "%s: not permitted to capture; run as root, or give the program the "
                              "right: setcap cap_net_raw+ep",
                              interface);
    if (came_to == PCAP_ERROR_NO_SUCH_DEVICE)
        return rnet_error_set(err, RNET_EIO, "%s: no such interface", interface);
    return rnet_error_set(err, RNET_EIO, "%s: %s: %s", interface, pcap_statustostr(came_to),
                          pcap_geterr(live->pcap));
}

static void
set_options(struct rnet_live *live, const struct rnet_live_options *options)
{
    const uint32_t snap = options->snap_bytes != 0 ? options->snap_bytes : DEFAULT_SNAP_BYTES;
    const uint32_t buffer =
        options->buffer_bytes != 0 ? options->buffer_bytes : DEFAULT_BUFFER_BYTES;
    const uint32_t wait = options->wait_ms != 0 ? options->wait_ms : DEFAULT_WAIT_MS;

    /* These can only fail on a handle that is active already. */
    pcap_set_snaplen(live->pcap, snap > INT32_MAX ? INT32_MAX : (int)snap);
    pcap_set_buffer_size(live->pcap, buffer > INT32_MAX ? INT32_MAX : (int)buffer);
    pcap_set_timeout(live->pcap, BLOCK_MS);
    pcap_set_promisc(live->pcap, options->promiscuous);
    pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
    live->wait_ms = wait > INT32_MAX ? INT32_MAX : (int)wait;
    live->stop = options->stop;
    live->ends_ns = INT64_MAX;
    if (options->duration_ns > 0 && options->duration_ns < INT64_MAX - monotonic_ns())
        live->ends_ns = monotonic_ns() + options->duration_ns;
}

enum rnet_status
rnet_live_open(struct rnet_live *live, const char *interface,
               const struct rnet_live_options *options, struct rnet_error *err)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    enum rnet_status status;

    *live = (struct rnet_live){0};
    live->pcap = pcap_create(interface, words);
    if (live->pcap == NULL)
        return rnet_error_set(err, RNET_EIO, "%s: %s", interface, words);
    set_options(live, options);
    status = activate(live, interface, err);
    if (status == RNET_OK)
        status = rnet_pcap_check_link_type(live->pcap, interface, err);
    if (status == RNET_OK)
        status = rnet_pcap_set_filter(live->pcap, options->filter, err);
    if (status == RNET_OK && pcap_setnonblock(live->pcap, 1, words) != 0)
        status = rnet_error_set(err, RNET_EIO, "%s: %s", interface, words);
    if (status != RNET_OK)
        rnet_live_close(live);
    return status;
}

void
rnet_live_poll_counters(struct rnet_live *live, struct rnet_notices *notices)
{
    const uint64_t before = live->dropped.total + live->interface_dropped.total;
    struct pcap_stat readings;

    live->counts = pcap_stats(live->pcap, &readings) == 0;
    if (!live->counts)
        return;
    rnet_counter_advance(&live->received, readings.ps_recv);
    rnet_counter_advance(&live->dropped, readings.ps_drop);
    rnet_counter_advance(&live->interface_dropped, readings.ps_ifdrop);
    notices->count[RNET_NOTICE_DROPPED_PACKET] +=
        live->dropped.total + live->interface_dropped.total - before;
}

static int
read_one(struct rnet_live *live, struct rnet_packet *packet)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    const int got = pcap_next_ex(live->pcap, &header, &data);

    if (got == 1)
        *packet = rnet_pcap_packet(header, data, pcap_datalink(live->pcap));
    return got;
}

static bool
is_over(const struct rnet_live *live, int64_t now_ns)
{
    return now_ns >= live->ends_ns || (live->stop != NULL && *live->stop != 0);
}

/* Once a second by the packets' stamps, so that the clock is not asked for every packet. */
static bool
is_time_to_look(struct rnet_live *live, const struct rnet_packet *packet)
{
    const int64_t second = packet->time_ns / RNET_NS_PER_S;

    if (second == live->looked_s)
        return false;
    live->looked_s = second;
    return true;
}

/* At 100 Gbit/s of small packets a 32-bit counter wraps in 29 s: a look every second is enough. */
enum rnet_status
rnet_live_read(struct rnet_live *live, struct rnet_packet *packet, struct rnet_notices *notices,
               struct rnet_error *err)
{
    struct pollfd ready = {.fd = pcap_get_selectable_fd(live->pcap), .events = POLLIN};
    int got = live->stop != NULL && *live->stop != 0 ? 0 : read_one(live, packet);

    if (got == 0 && !is_over(live, monotonic_ns()) && poll(&ready, 1, live->wait_ms) > 0)
        got = read_one(live, packet);
    if (got == 0 || (got == 1 && is_time_to_look(live, packet))) {
        rnet_live_poll_counters(live, notices);
        if (is_over(live, monotonic_ns()))
            return RNET_END;
    }
    if (got == 1) {
        live->wire_bytes += packet->wire_bytes;
        return RNET_OK;
    }
    if (got == 0)
        return RNET_AGAIN;
    return rnet_error_set(err, RNET_EIO, "%s", pcap_geterr(live->pcap));
}

void
rnet_live_close(struct rnet_live *live)
{
    if (live->pcap != NULL)
        pcap_close(live->pcap);
    *live = (struct rnet_live){0};
}
