/*
 * Open-loop conversations: each datagram goes out when it did in the capture.
 *
 * The capture's clock is the office's: an upward datagram was sent when it was seen, a downward one
 * was seen when it came off the internet path, so that is when it reaches the line's queue here.
 */
#include "replay/sim.h"

static void
send(struct rnet_sim *sim, uint32_t conversation, uint32_t item)
{
    const struct rnet_datagram *datagram = &sim->demand->datagrams[item];
    const int64_t internet_ns = sim->paths[conversation].internet_ns;
    const enum rnet_direction direction = (enum rnet_direction)datagram->direction;
    struct rnet_packet *packet;
    uint32_t index;

    packet = rnet_sim_packet(sim, conversation, RNET_PACKET_DATAGRAM, direction, datagram->ip_bytes,
                             &index);
    if (packet == NULL)
        return;
    packet->item = item;
    sim->outcomes->datagrams[item].sent_ns = direction == RNET_UP
                                                 ? sim->now_ns - sim->paths[conversation].office_ns
                                                 : sim->now_ns - internet_ns;
    rnet_sim_enter_line(sim, index);
}

void
rnet_datagrams_next(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];
    struct rnet_conversation_outcome *outcome = &sim->outcomes->conversations[index];
    uint32_t *next = &sim->next_items[index];

    if (outcome->opened_ns < 0) {
        outcome->opened_ns = sim->now_ns;
        outcome->ready_ns = sim->now_ns;
    }
    while (*next < conversation->items) {
        const uint32_t item = conversation->first_item + *next;
        const int64_t due_ns = rnet_sim_time(sim, sim->demand->datagrams[item].time_ns);

        if (due_ns > sim->now_ns) {
            rnet_sim_at(sim, due_ns, RNET_EVENT_NEXT_ITEM, index);
            return;
        }
        send(sim, index, item);
        (*next)++;
    }
}

void
rnet_datagram_arrived(struct rnet_sim *sim, const struct rnet_packet *packet)
{
    struct rnet_datagram_outcome *outcome = &sim->outcomes->datagrams[packet->item];

    outcome->delay_ns = sim->now_ns - outcome->sent_ns;
    sim->outcomes->conversations[packet->conversation].closed_ns = sim->now_ns;
}
