/* Demands written by hand, and what a replay made of them. */
#ifndef RNET_TESTS_REPLAY_DEMAND_H
#define RNET_TESTS_REPLAY_DEMAND_H

#include "replay.h"
#include "suite.h"

#define MAX_MESSAGES 512
#define MAX_CONVERSATIONS 64

static struct rnet_conversation conversations[MAX_CONVERSATIONS];
static struct rnet_message messages[MAX_MESSAGES];
static struct rnet_demand demand;
static struct rnet_outcomes outcomes;

static inline void
begin_demand(void)
{
    memset(conversations, 0, sizeof conversations);
    memset(messages, 0, sizeof messages);
    demand = (struct rnet_demand){
        .conversations = conversations, .messages = messages, .end_ns = 10 * SECOND};
}

static inline struct rnet_conversation *
add_conversation(int64_t start_ns)
{
    struct rnet_conversation *conversation = &conversations[demand.conversation_count++];

    *conversation = (struct rnet_conversation){.start_ns = start_ns,
                                               .end_ns = start_ns + SECOND,
                                               .rtt_internet_ns = 10 * MS,
                                               .rtt_office_ns = -1,
                                               .first_item = (uint32_t)demand.message_count,
                                               .flags = RNET_CONVERSATION_HANDSHAKE_SEEN |
                                                        RNET_CONVERSATION_TIMESTAMPS};
    return conversation;
}

static inline struct rnet_message *
add_message(enum rnet_direction direction, uint64_t bytes, enum rnet_release release,
            uint32_t after)
{
    const uint32_t owner = (uint32_t)demand.conversation_count - 1;
    struct rnet_message *message = &messages[demand.message_count];

    *message = (struct rnet_message){.start_ns = (int64_t)demand.message_count + 1,
                                     .end_ns = (int64_t)demand.message_count + 1,
                                     .bytes = bytes,
                                     .direction = (uint8_t)direction,
                                     .release = (uint8_t)release,
                                     .after_conversation = owner,
                                     .after_message = after};
    demand.message_count++;
    conversations[owner].items++;
    return message;
}

static inline enum rnet_status
replay(const struct rnet_link *link, const struct rnet_replay_options *options)
{
    struct rnet_error err = {0};

    ck_assert_msg(rnet_demand_check(&demand, &err) == RNET_OK, "%s", err.message);
    return rnet_replay_run(&demand, link, options, &outcomes, &err);
}

static inline double
took_s(uint32_t message)
{
    return (double)(outcomes.messages[message].done_ns - outcomes.messages[message].started_ns) *
           1e-9;
}

/* A line that never queues: a gigabit each way, 50 ms one way. */
static inline struct rnet_link
long_fat_link(void)
{
    struct rnet_link link = named_link("fibre");

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        link.direction[d].rate_bps = UINT64_C(1000000000000);
        link.direction[d].delay_ns = 45 * MS;
        link.direction[d].buffer_bytes = 0;
    }
    return link;
}

#endif
