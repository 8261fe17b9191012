/*
 * The open-loop baseline: every message is cut into packets sent at the capture's pace, whatever
 * the line does with them. Wrong in kind for TCP, and kept to show by how much.
 */
#include "replay/sim.h"

#include <math.h>

struct rnet_baseline {
    uint32_t *sent; /* per message: packets let go */
};

enum rnet_status
rnet_baseline_init(struct rnet_sim *sim)
{
    struct rnet_baseline *baseline = rnet_alloc(sizeof *baseline);

    if (baseline == NULL)
        return RNET_ENOMEM;
    baseline->sent = rnet_alloc_zero(sim->demand->message_count, sizeof *baseline->sent);
    sim->baseline = baseline;
    return baseline->sent != NULL ? RNET_OK : RNET_ENOMEM;
}

void
rnet_baseline_clear(struct rnet_sim *sim)
{
    if (sim->baseline == NULL)
        return;
    rnet_free(sim->baseline->sent);
    rnet_free(sim->baseline);
    sim->baseline = NULL;
}

static uint32_t
header_bytes(const struct rnet_conversation *conversation)
{
    const uint32_t ip = (conversation->flags & RNET_CONVERSATION_IPV6) != 0 ? 40 : 20;

    return ip + 20 + ((conversation->flags & RNET_CONVERSATION_TIMESTAMPS) != 0 ? 12 : 0);
}

static uint64_t
packets_of(const struct rnet_message *message, uint32_t payload_bytes)
{
    return (message->bytes + payload_bytes - 1) / payload_bytes;
}

/* The conversation's messages begin when they did. */
void
rnet_baseline_next(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];
    struct rnet_conversation_outcome *outcome = &sim->outcomes->conversations[index];
    uint32_t *next = &sim->next_items[index];

    if (outcome->opened_ns < 0) {
        outcome->opened_ns = sim->now_ns;
        outcome->ready_ns = sim->now_ns;
    }
    while (*next < conversation->items) {
        const uint32_t message = conversation->first_item + *next;
        const int64_t due_ns = rnet_sim_time(sim, sim->demand->messages[message].start_ns);

        if (due_ns > sim->now_ns) {
            rnet_sim_at(sim, due_ns, RNET_EVENT_NEXT_ITEM, index);
            return;
        }
        sim->outcomes->messages[message].released_ns = sim->now_ns;
        sim->outcomes->messages[message].started_ns = sim->now_ns;
        sim->outcomes->messages[message].state = RNET_OUTCOME_UNFINISHED;
        rnet_baseline_message(sim, message);
        (*next)++;
    }
}

static void
let_go(struct rnet_sim *sim, uint32_t conversation, enum rnet_packet_kind kind,
       enum rnet_direction direction, uint32_t ip_bytes, uint32_t message)
{
    struct rnet_packet *packet;
    uint32_t index;

    packet = rnet_sim_packet(sim, conversation, kind, direction, ip_bytes, &index);
    if (packet == NULL)
        return;
    packet->item = message;
    rnet_sim_enter_line(sim, index);
}

/* Sends the next packet of a message, and every second time the acknowledgement it would draw. */
void
rnet_baseline_message(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_message *message = &sim->demand->messages[index];
    const uint32_t owner = sim->owners[index];
    const struct rnet_conversation *conversation = &sim->demand->conversations[owner];
    const uint32_t header = header_bytes(conversation);
    const uint32_t payload = sim->link->mtu_bytes - header;
    const uint64_t packets = packets_of(message, payload);
    const enum rnet_direction direction = (enum rnet_direction)message->direction;
    const uint64_t sent = sim->baseline->sent[index]++;
    const uint64_t left = message->bytes - sent * payload;

    let_go(sim, owner, RNET_PACKET_FRAGMENT, direction,
           header + (left < payload ? (uint32_t)left : payload), index);
    if (sent % 2 == 1)
        let_go(sim, owner, RNET_PACKET_FILLER, direction == RNET_UP ? RNET_DOWN : RNET_UP, header,
               index);
    if (sent + 1 < packets) {
        const double pace_ns =
            ((double)message->end_ns - (double)message->start_ns) / (double)(packets - 1);
        const int64_t begun_ns = sim->outcomes->messages[index].started_ns;

        /* A saved profile may say any time: what an integer holds is late enough. */
        rnet_sim_at(sim, rnet_time_add(begun_ns, (int64_t)fmin(pace_ns * (double)(sent + 1), 9e18)),
                    RNET_EVENT_MESSAGE, index);
    }
}

void
rnet_baseline_arrived(struct rnet_sim *sim, const struct rnet_packet *packet)
{
    struct rnet_message_outcome *outcome = &sim->outcomes->messages[packet->item];

    sim->outcomes->conversations[packet->conversation].closed_ns = sim->now_ns;
    if (packet->kind != RNET_PACKET_FRAGMENT)
        return;
    if (outcome->first_byte_ns < 0)
        outcome->first_byte_ns = sim->now_ns;
    outcome->done_ns = sim->now_ns;
    outcome->state = RNET_OUTCOME_DONE;
}
