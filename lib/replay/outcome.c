#include "replay/sim.h"

static enum rnet_status
resize(void **array, size_t count, size_t bytes_each)
{
    void *moved = rnet_realloc_array(*array, count, bytes_each);

    if (moved == NULL)
        return RNET_ENOMEM;
    *array = moved;
    return RNET_OK;
}

enum rnet_status
rnet_outcomes_init(struct rnet_outcomes *outcomes, const struct rnet_demand *demand)
{
    if (resize((void **)&outcomes->messages, demand->message_count, sizeof *outcomes->messages) ||
        resize((void **)&outcomes->datagrams, demand->datagram_count,
               sizeof *outcomes->datagrams) ||
        resize((void **)&outcomes->conversations, demand->conversation_count,
               sizeof *outcomes->conversations))
        return RNET_ENOMEM;
    for (size_t i = 0; i < demand->message_count; i++)
        outcomes->messages[i] = (struct rnet_message_outcome){-1, -1, -1, -1, 0, 0};
    for (size_t i = 0; i < demand->datagram_count; i++)
        outcomes->datagrams[i] = (struct rnet_datagram_outcome){-1, -1};
    for (size_t i = 0; i < demand->conversation_count; i++)
        outcomes->conversations[i] = (struct rnet_conversation_outcome){
            .opened_ns = -1, .ready_ns = -1, .closed_ns = -1};
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        outcomes->line[d] = (struct rnet_line_outcome){0};
    outcomes->end_ns = 0;
    outcomes->events = 0;
    outcomes->packets = 0;
    outcomes->complete = false;
    outcomes->cut = false;
    return RNET_OK;
}

void
rnet_outcomes_clear(struct rnet_outcomes *outcomes)
{
    rnet_free(outcomes->messages);
    rnet_free(outcomes->datagrams);
    rnet_free(outcomes->conversations);
    *outcomes = (struct rnet_outcomes){0};
}

/* The state of a conversation of messages is that of the worst of them. */
static uint32_t
state_of(const struct rnet_sim *sim, const struct rnet_conversation *conversation)
{
    uint32_t worst = RNET_OUTCOME_DONE;

    for (uint32_t i = 0; i < conversation->items; i++) {
        const uint32_t state = sim->outcomes->messages[conversation->first_item + i].state;

        if (state == RNET_OUTCOME_FAILED)
            return RNET_OUTCOME_FAILED;
        if (state < worst)
            worst = state;
    }
    return worst;
}

/* A call replayed at its captured rate shows, by what arrives, the rate it could have had. */
static void
measure_rates(const struct rnet_sim *sim, const struct rnet_conversation *conversation,
              struct rnet_conversation_outcome *outcome)
{
    const int64_t length_ns = rnet_sim_time(sim, conversation->end_ns) -
                              rnet_sim_time(sim, conversation->start_ns);
    const double length_s =
        length_ns > RNET_NS_PER_S ? (double)length_ns / (double)RNET_NS_PER_S : 1.0;

    for (uint32_t i = 0; i < conversation->items; i++) {
        const uint32_t item = conversation->first_item + i;
        const struct rnet_datagram *datagram = &sim->demand->datagrams[item];
        const double bps = 8.0 * (double)datagram->ip_bytes / length_s;

        outcome->asked_bps[datagram->direction] += bps;
        if (sim->outcomes->datagrams[item].delay_ns >= 0)
            outcome->got_bps[datagram->direction] += bps;
    }
}

void
rnet_outcomes_finish(struct rnet_sim *sim)
{
    struct rnet_outcomes *outcomes = sim->outcomes;
    bool complete = true;

    for (size_t i = 0; i < sim->demand->conversation_count; i++) {
        struct rnet_conversation_outcome *outcome = &outcomes->conversations[i];
        const struct rnet_conversation *conversation = &sim->demand->conversations[i];

        if (conversation->transport == RNET_TRANSPORT_OPEN)
            measure_rates(sim, conversation, outcome);
        if (outcome->state == RNET_OUTCOME_FAILED)
            continue;
        if (outcome->opened_ns < 0)
            outcome->state = RNET_OUTCOME_NOT_STARTED;
        else if (conversation->transport == RNET_TRANSPORT_OPEN)
            outcome->state = sim->next_items[i] < conversation->items ? RNET_OUTCOME_UNFINISHED
                                                                      : RNET_OUTCOME_DONE;
        else
            outcome->state = state_of(sim, conversation);
        if (outcome->opened_ns >= 0 && outcome->state == RNET_OUTCOME_NOT_STARTED)
            outcome->state = RNET_OUTCOME_UNFINISHED;
        complete = complete && outcome->state != RNET_OUTCOME_UNFINISHED &&
                   outcome->state != RNET_OUTCOME_NOT_STARTED;
    }
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        outcomes->line[d].bytes_queued = sim->lines[d].queued_bytes;
        outcomes->packets += outcomes->line[d].packets_in;
    }
    outcomes->end_ns = sim->last_ns;
    outcomes->complete = complete;
}
