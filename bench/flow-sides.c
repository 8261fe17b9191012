/*
 * How often a guess of the office's side is right, by what it rests on.
 *
 *     build/bench/flow-sides CAPTURE…
 *
 * Flows between a private and a public address show the truth. The table is asked for it twice: as
 * usual, and told of an office network that holds no address, so that it has to guess.
 */
#include "figure.h"

#include <ruralnet/capture.h>
#include <ruralnet/flow.h>

#include <inttypes.h>
#include <stdio.h>

struct tally {
    uint64_t flows[4], right[4], captures[4];
};

static enum rnet_status
ignore(void *context, const struct rnet_flow *flow)
{
    (void)context;
    (void)flow;
    return RNET_OK;
}

/* Both tables number flows alike, so the first packet of a flow is the first in both. */
static enum rnet_status
count_packet(struct rnet_flow_table *knows, struct rnet_flow_table *guesses,
             const struct rnet_headers *headers, uint64_t *seen, struct tally *tally)
{
    struct rnet_flow *truth, *guess;
    enum rnet_status status = rnet_flow_table_add(knows, headers, &truth);

    if (status == RNET_OK)
        status = rnet_flow_table_add(guesses, headers, &guess);
    if (status != RNET_OK || truth == NULL || guess == NULL || truth->id <= *seen)
        return status;
    *seen = truth->id;
    if (truth->scope != RNET_SCOPE_CROSSES || truth->sides_guessed)
        return RNET_OK;
    tally->flows[guess->sides_evidence]++;
    tally->right[guess->sides_evidence] += rnet_address_equal(&truth->office, &guess->office);
    return RNET_OK;
}

static bool
read_capture(const char *path, struct tally *tally)
{
    const struct rnet_network nowhere = {{{255, 255, 255, 255}, 4}, 32};
    const struct rnet_flow_options blind = {
        .offices = &nowhere, .office_count = 1, .hash_seed = {1, 1}};
    const struct rnet_flow_sink sink = {.ended = ignore};
    struct rnet_flow_table *knows = NULL, *guesses = NULL;
    struct rnet_capture *capture;
    struct rnet_packet packet;
    struct rnet_headers headers;
    const struct tally before = *tally;
    uint64_t seen = 0;

    if (rnet_capture_open(path, NULL, &capture, NULL) != RNET_OK)
        return false;
    if (rnet_flow_table_new(NULL, &sink, &knows) == RNET_OK &&
        rnet_flow_table_new(&blind, &sink, &guesses) == RNET_OK)
        while (rnet_capture_next(capture, &packet, NULL) == RNET_OK)
            if (rnet_packet_decode(&packet, &headers, NULL) == RNET_OK &&
                count_packet(knows, guesses, &headers, &seen, tally) != RNET_OK)
                break;
    for (int i = 0; i < 4; i++)
        tally->captures[i] += tally->flows[i] > before.flows[i];
    rnet_flow_table_free(knows);
    rnet_flow_table_free(guesses);
    rnet_capture_close(capture);
    return true;
}

int
main(int argc, char **argv)
{
    static const char *const names[] = {"known", "gateway", "fan-out", "opener"};
    struct tally tally = {0};
    bool some = false;

    for (int i = 1; i < argc; i++)
        some = read_capture(argv[i], &tally) || some;
    if (!some) {
        puts("skipped: no capture to be read");
        return 77;
    }
    for (int i = 1; i < 4; i++) {
        printf("%-8s %6" PRIu64 " of %6" PRIu64 " flows right, in %" PRIu64 " captures\n", names[i],
               tally.right[i], tally.flows[i], tally.captures[i]);
        figure(100.0 * (double)tally.right[i] / (double)tally.flows[i], "%", "more",
               "flows whose office side is guessed right/%s", names[i]);
    }
    return 0;
}
