/*
 * What the flow table finds of exchanges, sizes and dependencies that are known: the ground truth's
 * captures, each made by a script whose requests and sizes its README states.
 *
 *     flow-truth GROUNDTRUTH-FOLDER
 *
 * Sizes seen hold TLS, SSH or SMB framing and headers as well. A request count is of questions that
 * are not set-up; known ones leave out what the protocol asks on its own account (log-in, goodbye).
 */
#include "figure.h"

#include <ruralnet/ruralnet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_FLOWS 4096

struct seen {
    uint32_t questions;
    uint64_t sum_bytes[RNET_DIRECTIONS], largest_bytes[RNET_DIRECTIONS];
};

struct reading {
    struct seen flows[MOST_FLOWS];
    uint16_t port; /* wanted */
    struct seen all;
    uint32_t connections, tied; /* of the port; openings released by an answer of that port */
    uint16_t ports[MOST_FLOWS];
    uint64_t after[MOST_FLOWS]; /* flow that released the opening; 0 = none */
};

static const struct truth {
    const char *name;
    uint16_t port;
    uint32_t questions; /* 0 = not known */
    uint64_t bytes;
    int direction;
    bool in_one; /* in one message, else in sum */
} truths[] = {
    {"dl10", 443, 1, 10000000, RNET_DOWN, true},    {"ul5", 443, 1, 5000000, RNET_UP, true},
    {"db200", 5432, 200, 0, RNET_DOWN, false},      {"web_h1", 443, 61, 1870000, RNET_DOWN, false},
    {"imap", 993, 0, 4100000, RNET_DOWN, true},     {"rsync", 22, 0, 10000000, RNET_UP, false},
    {"smb_t600", 445, 0, 5000000, RNET_DOWN, true},
};

static enum rnet_status
take_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
              uint32_t first_index, size_t count)
{
    struct reading *reading = context;

    (void)first_index;
    for (size_t i = 0; i < count && flow->id < MOST_FLOWS; i++) {
        struct seen *seen = &reading->flows[flow->id];
        const int d = messages[i].direction;

        seen->questions += (messages[i].flags & RNET_MESSAGE_OPENS_EXCHANGE) != 0 &&
                           (messages[i].flags & RNET_MESSAGE_HANDSHAKE) == 0;
        seen->sum_bytes[d] += messages[i].bytes;
        if (messages[i].bytes > seen->largest_bytes[d])
            seen->largest_bytes[d] = messages[i].bytes;
    }
    return RNET_OK;
}

static enum rnet_status
take_flow(void *context, const struct rnet_flow *flow)
{
    struct reading *reading = context;
    const struct rnet_conversation *c = &flow->conversation;
    const struct seen *seen;

    if (flow->id >= MOST_FLOWS)
        return RNET_OK;
    seen = &reading->flows[flow->id];
    reading->ports[flow->id] = flow->internet_port;
    if (c->open_release == RNET_RELEASE_DELIVERY && c->after_conversation < MOST_FLOWS)
        reading->after[flow->id] = c->after_conversation;
    if (flow->internet_port != reading->port)
        return RNET_OK;
    reading->connections++;
    reading->all.questions += seen->questions;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        reading->all.sum_bytes[d] += seen->sum_bytes[d];
        if (seen->largest_bytes[d] > reading->all.largest_bytes[d])
            reading->all.largest_bytes[d] = seen->largest_bytes[d];
    }
    return RNET_OK;
}

static bool
read_capture(const char *path, struct reading *reading)
{
    const struct rnet_flow_sink sink = {
        .context = reading, .messages = take_messages, .ended = take_flow};
    struct rnet_capture *capture;
    struct rnet_flow_table *table;
    struct rnet_packet packet;
    struct rnet_headers headers;

    if (rnet_capture_open(path, NULL, &capture, NULL) != RNET_OK)
        return false;
    if (rnet_flow_table_new(NULL, &sink, &table) != RNET_OK)
        exit(1);
    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK)
        if (rnet_packet_decode(&packet, &headers, NULL) == RNET_OK &&
            rnet_flow_table_add(table, &headers, NULL) != RNET_OK)
            exit(1);
    if (rnet_flow_table_finish(table) != RNET_OK)
        exit(1);
    rnet_flow_table_free(table);
    rnet_capture_close(capture);
    for (int i = 0; i < MOST_FLOWS; i++)
        reading->tied += reading->ports[i] == reading->port && reading->after[i] != 0 &&
                         reading->ports[reading->after[i]] == reading->port;
    return true;
}

static void
print_truth(const struct truth *truth, const struct reading *reading)
{
    const uint64_t *found = truth->in_one ? reading->all.largest_bytes : reading->all.sum_bytes;

    printf("%-9s %2u connections, %3u requests", truth->name, reading->connections,
           reading->all.questions);
    if (truth->questions > 0)
        printf(" (known: %u)", truth->questions);
    if (truth->bytes > 0)
        printf(", %8" PRIu64 " bytes %s %s (known: %" PRIu64 ", framing %+.1f %%)",
               found[truth->direction], truth->direction == RNET_UP ? "up" : "down",
               truth->in_one ? "in one" : "in all", truth->bytes,
               100 * ((double)found[truth->direction] / (double)truth->bytes - 1));
    printf("; %u openings wait for an answer of the same service\n", reading->tied);
    if (truth->questions > 0)
        figure(fabs((double)reading->all.questions - truth->questions), "requests", "less",
               "requests away from what is known/%s", truth->name);
    if (truth->bytes > 0)
        figure(100 * ((double)found[truth->direction] / (double)truth->bytes - 1), "%", "neither",
               "bytes more than the files hold (framing)/%s", truth->name);
}

int
main(int argc, char **argv)
{
    static struct reading reading;
    char path[4096];

    if (argc != 2) {
        fprintf(stderr, "usage: flow-truth GROUNDTRUTH-FOLDER\n");
        return 2;
    }
    if (access(argv[1], R_OK) != 0) {
        printf("skipped: no captures in %s\n", argv[1]);
        return 77;
    }
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        snprintf(path, sizeof path, "%s/%s.pcap", argv[1], truths[i].name);
        reading = (struct reading){.port = truths[i].port};
        if (!read_capture(path, &reading))
            printf("%-9s skipped: not readable\n", truths[i].name);
        else
            print_truth(&truths[i], &reading);
    }
    return 0;
}
