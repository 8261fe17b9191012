#include "base/base.h"

#include <ruralnet/demand.h>

#include <inttypes.h>

void
rnet_demand_clear(struct rnet_demand *demand)
{
    rnet_free(demand->conversations);
    rnet_free(demand->messages);
    rnet_free(demand->datagrams);
    *demand = (struct rnet_demand){0};
}

static bool
release_is_valid(const struct rnet_demand *demand, uint32_t index, uint32_t item,
                 const struct rnet_message *message)
{
    const struct rnet_conversation *self = &demand->conversations[index];
    const struct rnet_conversation *other;

    switch ((enum rnet_release)message->release) {
    case RNET_RELEASE_CLOCK:
    case RNET_RELEASE_OPEN:
        return true;
    case RNET_RELEASE_WRITTEN:
        return message->after_message < item &&
               demand->messages[self->first_item + message->after_message].direction ==
                   message->direction;
    case RNET_RELEASE_DELIVERY:
        if (message->after_conversation >= demand->conversation_count)
            return false;
        if (message->after_conversation == index)
            return message->after_message < item;
        other = &demand->conversations[message->after_conversation];
        /* Across conversations, capture time orders the two; equal times could form a cycle. */
        return other->transport != RNET_TRANSPORT_OPEN && message->after_message < other->items &&
               demand->messages[other->first_item + message->after_message].start_ns <
                   message->start_ns;
    }
    return false;
}

static enum rnet_status
check_messages(const struct rnet_demand *demand, uint32_t index, struct rnet_error *err)
{
    const struct rnet_conversation *conversation = &demand->conversations[index];

    if (conversation->items > demand->message_count ||
        conversation->first_item > demand->message_count - conversation->items)
        return rnet_error_set(err, RNET_EFORMAT,
                              "conversation %" PRIu32 ": messages %" PRIu32 "+%" PRIu32
                              " exceed the %zu there are",
                              index, conversation->first_item, conversation->items,
                              demand->message_count);
    for (uint32_t i = 0; i < conversation->items; i++) {
        const struct rnet_message *message = &demand->messages[conversation->first_item + i];

        if (message->bytes == 0 || message->wait_ns < 0 || message->end_ns < message->start_ns ||
            message->direction >= RNET_DIRECTIONS)
            return rnet_error_set(err, RNET_EFORMAT,
                                  "conversation %" PRIu32 " message %" PRIu32
                                  ": size, wait, time or direction out of range",
                                  index, i);
        if (!release_is_valid(demand, index, i, message))
            return rnet_error_set(err, RNET_EFORMAT,
                                  "conversation %" PRIu32 " message %" PRIu32
                                  ": waits for message %" PRIu32 " of conversation %" PRIu32
                                  ", which does not come before it",
                                  index, i, message->after_message, message->after_conversation);
    }
    return RNET_OK;
}

static enum rnet_status
check_datagrams(const struct rnet_demand *demand, uint32_t index, struct rnet_error *err)
{
    const struct rnet_conversation *conversation = &demand->conversations[index];

    if (conversation->items > demand->datagram_count ||
        conversation->first_item > demand->datagram_count - conversation->items)
        return rnet_error_set(err, RNET_EFORMAT,
                              "conversation %" PRIu32 ": datagrams %" PRIu32 "+%" PRIu32
                              " exceed the %zu there are",
                              index, conversation->first_item, conversation->items,
                              demand->datagram_count);
    for (uint32_t i = 0; i < conversation->items; i++) {
        const struct rnet_datagram *datagram = &demand->datagrams[conversation->first_item + i];

        if (datagram->ip_bytes == 0 || datagram->ip_bytes > 65575 ||
            datagram->direction >= RNET_DIRECTIONS ||
            (i > 0 && datagram->time_ns < datagram[-1].time_ns))
            return rnet_error_set(err, RNET_EFORMAT,
                                  "conversation %" PRIu32 " datagram %" PRIu32
                                  ": size, time or direction out of range",
                                  index, i);
    }
    return RNET_OK;
}

static bool
opening_is_valid(const struct rnet_demand *demand, uint32_t index)
{
    const struct rnet_conversation *self = &demand->conversations[index];
    const struct rnet_conversation *other;

    if (self->open_release == RNET_RELEASE_CLOCK)
        return true;
    if (self->open_release != RNET_RELEASE_DELIVERY ||
        self->after_conversation >= demand->conversation_count || self->open_wait_ns < 0)
        return false;
    other = &demand->conversations[self->after_conversation];
    return other->transport != RNET_TRANSPORT_OPEN && self->after_message < other->items &&
           demand->messages[other->first_item + self->after_message].start_ns < self->start_ns;
}

enum rnet_status
rnet_demand_check(const struct rnet_demand *demand, struct rnet_error *err)
{
    for (uint32_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *conversation = &demand->conversations[i];
        enum rnet_status status;

        if (conversation->usage >= RNET_USAGE_COUNT || conversation->end_ns < conversation->start_ns ||
            (i > 0 && conversation->start_ns < conversation[-1].start_ns))
            return rnet_error_set(err, RNET_EFORMAT,
                                  "conversation %" PRIu32 ": usage or times out of range or order", i);
        status = conversation->transport == RNET_TRANSPORT_OPEN ? check_datagrams(demand, i, err)
                                                                : check_messages(demand, i, err);
        if (status != RNET_OK)
            return status;
    }
    /* Openings last: they may point at any conversation, whose messages are now known to be sound. */
    for (uint32_t i = 0; i < demand->conversation_count; i++)
        if (!opening_is_valid(demand, i))
            return rnet_error_set(err, RNET_EFORMAT,
                                  "conversation %" PRIu32 ": opening waits for something that does "
                                  "not come before it",
                                  i);
    return RNET_OK;
}
