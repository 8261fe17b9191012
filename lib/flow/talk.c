/* The messages of a closed-loop flow: kept until a piece is handed on. */
#include "flow/flow.h"

/* Messages held back per flow before a piece is handed on. Chosen; 48 KiB. */
#define PIECE_MESSAGES 1024
/* One packet adds at most this many: its own, and the rest of one it split. */
#define MESSAGES_PER_PACKET 3

void
talk_init(struct flow_talk *talk)
{
    *talk = (struct flow_talk){.open = {RNET_NONE, RNET_NONE}, .last = {RNET_NONE, RNET_NONE}};
}

void
talk_clear(struct flow_talk *talk)
{
    rnet_free(talk->messages);
    talk->messages = NULL;
}

static enum rnet_status
hand_on(struct flow_talk *talk, struct rnet_flow_table *table, struct flow_record *record)
{
    const uint32_t first = talk->handed_on;
    const size_t count = talk->count;

    if (count == 0)
        return RNET_OK;
    media_mark(talk);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        talk->open[d] = RNET_NONE;
    talk->handed_on += (uint32_t)count;
    talk->count = 0;
    return flow_emit_messages(table, record, talk->messages, first, count);
}

enum rnet_status
talk_make_room(struct flow_talk *talk, struct rnet_flow_table *table, struct flow_record *record)
{
    if (talk->count + MESSAGES_PER_PACKET > PIECE_MESSAGES) {
        const enum rnet_status status = hand_on(talk, table, record);

        if (status != RNET_OK)
            return status;
    }
    return rnet_array_reserve((void **)&talk->messages, &talk->capacity,
                              talk->count + MESSAGES_PER_PACKET, sizeof *talk->messages);
}

struct rnet_message *
talk_at(struct flow_talk *talk, uint32_t index)
{
    if (index == RNET_NONE || index < talk->handed_on)
        return NULL;
    return &talk->messages[index - talk->handed_on];
}

struct rnet_message *
talk_begin(struct flow_talk *talk, const struct flow_record *record, int64_t now_ns,
           uint8_t direction)
{
    struct rnet_message *message = &talk->messages[talk->count];

    *message = (struct rnet_message){.start_ns = now_ns,
                                     .end_ns = now_ns,
                                     .after_conversation = (uint32_t)record->id,
                                     .after_message = RNET_NONE,
                                     .activity = talk->activity,
                                     .direction = direction,
                                     .release = RNET_RELEASE_CLOCK};
    talk->open[direction] = talk->last[direction] = talk->handed_on + (uint32_t)talk->count++;
    talk->end_ns[direction] = now_ns;
    return message;
}

enum rnet_status
talk_finish(struct flow_talk *talk, struct rnet_flow_table *table, struct flow_record *record)
{
    return hand_on(talk, table, record);
}
