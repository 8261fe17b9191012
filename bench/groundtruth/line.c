/*
 * A line between two network namespaces, in user space: two TUN devices, made here and moved to
 * where they belong while this runs.
 *
 *     line OFFICE_DEVICE INTERNET_DEVICE LINE DELAYS_FILE
 *
 * LINE is as line_parse() has it. DELAYS_FILE has lines "ADDRESS MILLISECONDS", a server's one-way
 * delay beside the line's own; "default" is every other address. Up: queue, serialiser, line delay,
 * server delay; down: server delay first. Prints "ready"; then, for every line read from standard
 * input, one line of counters since the last: drops up and down, the largest queueing delay up and
 * down in ms, and by how much this program was late at most and at the 99th percentile, in ms.
 */
#include "line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_SERVERS 64
#define LATE_CLASSES 400 /* of 0.1 ms */

struct server {
    uint32_t address; /* network order */
    int64_t delay_ns;
    struct list waiting; /* packets within its delay: constant, so they leave in order */
};

struct line {
    int device[2]; /* read by way 0 (up) and 1 (down) */
    struct way way[2];
    struct server servers[2][MAX_SERVERS]; /* [][0] is the default */
    size_t server_count;
    uint64_t late[LATE_CLASSES + 1];
    int64_t most_late_ns;
};

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int
open_tun(const char *name)
{
    const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};

    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
        perror(name);
        exit(4);
    }
    return device;
}

static bool
read_delays(struct line *line, const char *path)
{
    FILE *file = fopen(path, "r");
    char name[64];
    double ms;

    line->server_count = 1;
    while (file != NULL && fscanf(file, "%63s %lf", name, &ms) == 2) {
        const bool other = strcmp(name, "default") == 0;
        struct server server = {.delay_ns = (int64_t)(ms * 1e6)};

        if (!other && inet_pton(AF_INET, name, &server.address) != 1)
            continue; /* this line carries IPv4 */
        if (!other && line->server_count == MAX_SERVERS)
            return false;
        line->servers[0][other ? 0 : line->server_count] = server;
        line->servers[1][other ? 0 : line->server_count] = server;
        line->server_count += !other;
    }
    return file != NULL && fclose(file) == 0;
}

/* The server a packet goes to (up) or comes from (down). */
static struct server *
server_of(struct line *line, int side, const struct packet *packet)
{
    uint32_t address;

    memcpy(&address, packet->data + (side == 0 ? 16 : 12), 4);
    for (size_t i = 1; i < line->server_count; i++)
        if (line->servers[side][i].address == address)
            return &line->servers[side][i];
    return &line->servers[side][0];
}

static void
wait_at_server(struct line *line, int side, struct packet *packet, int64_t from_ns)
{
    struct server *server = server_of(line, side, packet);

    packet->due_ns = from_ns + server->delay_ns;
    list_append(&server->waiting, packet);
}

static void
deliver(struct line *line, int side, struct packet *packet, int64_t now)
{
    const int64_t late_ns = now - packet->due_ns;
    const int64_t class = late_ns / 100000;

    line->late[class < LATE_CLASSES ? class : LATE_CLASSES]++;
    if (late_ns > line->most_late_ns)
        line->most_late_ns = late_ns;
    if (write(line->device[!side], packet->data, packet->bytes) < 0 && errno != EIO)
        perror("line: write"); /* EIO: the device is down, and the packet lost */
    free(packet);
}

static void
receive(struct line *line, int side)
{
    static uint8_t bytes[65536];
    ssize_t count;

    while ((count = read(line->device[side], bytes, sizeof bytes)) > 0) {
        struct packet *packet = malloc(sizeof *packet + (size_t)count);

        if (packet == NULL || count < 20 || bytes[0] >> 4 != 4) {
            free(packet);
            continue;
        }
        packet->bytes = (uint32_t)count;
        memcpy(packet->data, bytes, (size_t)count);
        if (side == 0)
            way_put(&line->way[0], packet, now_ns());
        else
            wait_at_server(line, 1, packet, now_ns());
    }
}

/* The earliest thing still to happen, by server or way. */
static int64_t
next_ns(const struct line *line)
{
    int64_t next = NO_TIME;

    for (int side = 0; side < 2; side++) {
        const int64_t own = way_next_ns(&line->way[side]);

        next = own < next ? own : next;
        for (size_t i = 0; i < line->server_count; i++) {
            const struct packet *first = line->servers[side][i].waiting.first;

            if (first != NULL && first->due_ns < next)
                next = first->due_ns;
        }
    }
    return next;
}

/* Move on everything that is due, in the order it is due. */
static void
run_until(struct line *line, int64_t now)
{
    for (int64_t at; (at = next_ns(line)) <= now;) {
        for (int side = 0; side < 2; side++)
            for (struct packet *packet; (packet = way_take(&line->way[side], at)) != NULL;)
                if (side == 0)
                    wait_at_server(line, 0, packet, packet->due_ns);
                else
                    deliver(line, 1, packet, now);
        for (int side = 0; side < 2; side++)
            for (size_t i = 0; i < line->server_count; i++) {
                struct list *waiting = &line->servers[side][i].waiting;

                while (waiting->first != NULL && waiting->first->due_ns <= at) {
                    struct packet *packet = list_take(waiting);

                    if (side == 0)
                        deliver(line, 0, packet, now);
                    else
                        way_put(&line->way[1], packet, packet->due_ns);
                }
            }
    }
}

static void
report(struct line *line)
{
    uint64_t all = 0, below = 0;
    int class = 0;

    for (int i = 0; i <= LATE_CLASSES; i++)
        all += line->late[i];
    while (class < LATE_CLASSES && (below += line->late[class]) < all - all / 100)
        class++;
    printf("%llu %llu %.3f %.3f %.3f %.1f\n", (unsigned long long)line->way[0].dropped,
           (unsigned long long)line->way[1].dropped, (double)line->way[0].max_queue_ns * 1e-6,
           (double)line->way[1].max_queue_ns * 1e-6, (double)line->most_late_ns * 1e-6,
           0.1 * (class + 1));
    fflush(stdout);
    for (int side = 0; side < 2; side++)
        line->way[side].dropped = 0, line->way[side].max_queue_ns = 0;
    memset(line->late, 0, sizeof line->late);
    line->most_late_ns = 0;
}

static void
run(struct line *line)
{
    for (;;) {
        struct pollfd files[3] = {{.fd = line->device[0], .events = POLLIN},
                                  {.fd = line->device[1], .events = POLLIN},
                                  {.fd = STDIN_FILENO, .events = POLLIN}};
        const int64_t next = next_ns(line), left = next == NO_TIME ? NO_TIME : next - now_ns();
        const struct timespec wait = {left > 0 ? left / 1000000000 : 0,
                                      left > 0 ? left % 1000000000 : 0};
        char words[64];

        if (ppoll(files, 3, next == NO_TIME ? NULL : &wait, NULL) < 0)
            continue;
        for (int side = 0; side < 2; side++)
            if (files[side].revents != 0)
                receive(line, side);
        run_until(line, now_ns());
        if (files[2].revents != 0) {
            if (read(STDIN_FILENO, words, sizeof words) <= 0)
                return;
            report(line);
        }
    }
}

int
main(int argc, char **argv)
{
    static struct line line;
    struct line_spec spec;

    if (argc != 5 || !line_parse(argv[3], &spec) || !read_delays(&line, argv[4]) ||
        !way_init(&line.way[0], &spec, 0) || !way_init(&line.way[1], &spec, 1)) {
        fprintf(stderr, "usage: line OFFICE_DEVICE INTERNET_DEVICE LINE DELAYS_FILE\n");
        return 2;
    }
    line.device[0] = open_tun(argv[1]);
    line.device[1] = open_tun(argv[2]);
    printf("ready\n");
    fflush(stdout);
    run(&line);
    way_clear(&line.way[0]);
    way_clear(&line.way[1]);
    return 0;
}
