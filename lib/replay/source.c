#include "replay/source.h"

#define LARGEST_MESSAGE_BYTES (UINT64_C(1) << 40) /* a terabyte: more is damage */

static uint32_t *
indices(size_t count)
{
    uint32_t *array = rnet_alloc_zero(count, sizeof *array);

    if (array != NULL)
        for (size_t i = 0; i < count; i++)
            array[i] = RNET_NONE;
    return array;
}

static bool
allocate(struct rnet_source *source, const struct rnet_demand *demand)
{
    const size_t messages = demand->message_count;
    const size_t conversations = demand->conversation_count;

    source->first_waiting = indices(messages);
    source->next_waiting = indices(messages);
    source->first_opening = indices(messages);
    source->next_opening = indices(conversations);
    source->next_written = indices(messages);
    source->first_held = indices(conversations);
    source->stream_end = rnet_alloc_zero(messages, sizeof *source->stream_end);
    source->undone = rnet_alloc_zero(conversations, sizeof *source->undone);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        source->undelivered[d] = rnet_alloc_zero(conversations, sizeof *source->undelivered[d]);
    return source->first_waiting != NULL && source->next_waiting != NULL &&
           source->first_opening != NULL && source->next_opening != NULL &&
           source->next_written != NULL && source->first_held != NULL &&
           source->stream_end != NULL && source->undone != NULL &&
           source->undelivered[RNET_UP] != NULL && source->undelivered[RNET_DOWN] != NULL;
}

/* What a message waits for: as the demand has it, but for keys typed ahead. */
struct dependency {
    enum rnet_release kind;
    uint32_t cause; /* message */
    int64_t wait_ns;
};

static struct dependency
depends_on(const struct rnet_sim *sim, uint32_t owner, uint32_t item)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[owner];
    const struct rnet_message *message = &sim->demand->messages[conversation->first_item + item];
    struct rnet_typing typing;

    if (rnet_typing_find(sim, owner, item, &typing))
        return (struct dependency){RNET_RELEASE_WRITTEN, conversation->first_item + typing.after,
                                   typing.wait_ns};
    switch ((enum rnet_release)message->release) {
    case RNET_RELEASE_WRITTEN:
        return (struct dependency){RNET_RELEASE_WRITTEN,
                                   conversation->first_item + message->after_message,
                                   message->wait_ns};
    case RNET_RELEASE_DELIVERY:
        return (struct dependency){
            RNET_RELEASE_DELIVERY,
            sim->demand->conversations[message->after_conversation].first_item +
                message->after_message,
            message->wait_ns};
    case RNET_RELEASE_OPEN:
        return (struct dependency){RNET_RELEASE_OPEN, RNET_NONE, message->wait_ns};
    case RNET_RELEASE_CLOCK:
        break;
    }
    return (struct dependency){RNET_RELEASE_CLOCK, RNET_NONE, 0};
}

/* Lists end up in the order of the demand because they are built from its end. */
static void
link_up(const struct rnet_sim *sim, struct rnet_source *source)
{
    const struct rnet_demand *demand = sim->demand;

    for (size_t c = demand->conversation_count; c-- > 0;) {
        const struct rnet_conversation *conversation = &demand->conversations[c];

        if (conversation->open_release == RNET_RELEASE_DELIVERY) {
            const uint32_t cause =
                demand->conversations[conversation->after_conversation].first_item +
                conversation->after_message;

            source->next_opening[c] = source->first_opening[cause];
            source->first_opening[cause] = (uint32_t)c;
        }
        if (conversation->transport == RNET_TRANSPORT_OPEN)
            continue;
        source->undone[c] = conversation->items;
        for (uint32_t i = conversation->items; i-- > 0;) {
            const uint32_t index = conversation->first_item + i;
            const struct dependency dependency = depends_on(sim, (uint32_t)c, i);
            uint32_t cause;

            if (dependency.kind != RNET_RELEASE_DELIVERY && dependency.kind != RNET_RELEASE_WRITTEN)
                continue;
            cause = dependency.cause;
            source->next_waiting[index] = source->first_waiting[cause];
            source->first_waiting[cause] = index;
        }
    }
}

enum rnet_status
rnet_source_init(struct rnet_sim *sim)
{
    struct rnet_source *source = rnet_alloc_zero(1, sizeof *source);

    sim->source = source;
    if (source == NULL || !allocate(source, sim->demand))
        return RNET_ENOMEM;
    link_up(sim, source);
    return RNET_OK;
}

void
rnet_source_clear(struct rnet_sim *sim)
{
    struct rnet_source *source = sim->source;

    if (source == NULL)
        return;
    rnet_free(source->first_waiting);
    rnet_free(source->next_waiting);
    rnet_free(source->first_opening);
    rnet_free(source->next_opening);
    rnet_free(source->next_written);
    rnet_free(source->first_held);
    rnet_free(source->stream_end);
    rnet_free(source->undone);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        rnet_free(source->undelivered[d]);
    rnet_free(source);
    sim->source = NULL;
}

/* --- release ---------------------------------------------------------------------------------- */

static bool
is_done(const struct rnet_sim *sim, uint32_t index)
{
    return sim->outcomes->messages[index].state == RNET_OUTCOME_DONE;
}

/*
 * What it waited for has happened: its sender takes its own time, then it starts. Always through
 * the event queue, so that a chain of messages without waits costs no stack.
 */
static void
release(struct rnet_sim *sim, uint32_t index)
{
    const uint32_t owner = sim->owners[index];
    struct rnet_tcp_connection *connection = rnet_tcp_of(sim, owner);
    int64_t wait_ns =
        depends_on(sim, owner, index - sim->demand->conversations[owner].first_item).wait_ns;

    if (sim->outcomes->messages[index].released_ns >= 0)
        return;
    sim->outcomes->messages[index].released_ns = sim->now_ns;
    if (connection != NULL) {
        const int64_t player_ns = rnet_player_wait_ns(sim, &connection->player, index);

        if (player_ns >= 0)
            wait_ns = player_ns;
    }
    if (wait_ns > 0 && sim->options.think_jitter > 0.0 && wait_ns < RNET_TIME_MAX / 8)
        wait_ns = (int64_t)((double)wait_ns * rnet_sim_spread(sim, RNET_SPREAD_THINK, index));
    rnet_sim_at(sim, rnet_time_add(sim->now_ns, wait_ns), RNET_EVENT_MESSAGE, index);
}

static void
release_waiting(struct rnet_sim *sim, uint32_t cause, enum rnet_release kind)
{
    for (uint32_t index = sim->source->first_waiting[cause]; index != RNET_NONE;) {
        const uint32_t next = sim->source->next_waiting[index];

        if (depends_on(sim, sim->owners[index],
                       index - sim->demand->conversations[sim->owners[index]].first_item)
                .kind == kind)
            release(sim, index);
        index = next;
    }
}

static void
release_openings(struct rnet_sim *sim, uint32_t cause)
{
    for (uint32_t c = sim->source->first_opening[cause]; c != RNET_NONE;
         c = sim->source->next_opening[c]) {
        const double wait_ns = (double)sim->demand->conversations[c].open_wait_ns *
                               rnet_sim_spread(sim, RNET_SPREAD_OPEN, c);

        rnet_sim_at(sim,
                    rnet_time_add(sim->now_ns, wait_ns < (double)RNET_TIME_MAX ? (int64_t)wait_ns
                                                                               : RNET_TIME_MAX),
                    RNET_EVENT_OPEN, c);
    }
}

/* When an item on the capture's clock starts: the server's were seen after the internet path. */
static int64_t
clock_ns(const struct rnet_sim *sim, uint32_t conversation, const struct rnet_message *message)
{
    const int64_t seen_ns = rnet_sim_time(sim, message->start_ns);

    return message->direction == RNET_UP ? seen_ns : seen_ns - sim->paths[conversation].internet_ns;
}

void
rnet_source_next(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];
    uint32_t *next = &sim->next_items[index];

    for (; *next < conversation->items; (*next)++) {
        const struct rnet_message *message =
            &sim->demand->messages[conversation->first_item + *next];
        int64_t due_ns;

        if (message->release != RNET_RELEASE_CLOCK)
            continue;
        due_ns = clock_ns(sim, index, message);
        if (due_ns > sim->now_ns) {
            rnet_sim_at(sim, due_ns, RNET_EVENT_NEXT_ITEM, index);
            return;
        }
        release(sim, conversation->first_item + *next);
    }
}

static void
try_held(struct rnet_sim *sim, uint32_t owner)
{
    uint32_t index = sim->source->first_held[owner];

    sim->source->first_held[owner] = RNET_NONE;
    while (index != RNET_NONE) {
        const uint32_t next = sim->source->next_waiting[index];

        rnet_sim_at(sim, sim->now_ns, RNET_EVENT_MESSAGE, index);
        index = next;
    }
}

void
rnet_source_established(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const uint32_t index = rnet_tcp_connection(sim, endpoint->connection)->conversation;
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];

    for (uint32_t i = 0; i < conversation->items; i++) {
        const struct rnet_message *message = &sim->demand->messages[conversation->first_item + i];

        if (message->release == RNET_RELEASE_OPEN && message->direction == endpoint->direction)
            release(sim, conversation->first_item + i);
    }
    try_held(sim, index);
    rnet_tcp_push(sim, endpoint);
}

/* --- start ------------------------------------------------------------------------------------ */

/* Every earlier message of the other direction has arrived. */
static bool
may_start(struct rnet_sim *sim, uint32_t owner, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[owner];
    const struct rnet_message *message = &sim->demand->messages[index];
    const uint8_t other = message->direction == RNET_UP ? RNET_DOWN : RNET_UP;
    uint32_t *first = &sim->source->undelivered[other][owner];
    struct rnet_typing typing;

    if ((message->flags & RNET_MESSAGE_SERIAL) == 0 ||
        rnet_typing_find(sim, owner, index - conversation->first_item, &typing))
        return true;
    while (*first < conversation->items &&
           (sim->demand->messages[conversation->first_item + *first].direction != other ||
            is_done(sim, conversation->first_item + *first)))
        (*first)++;
    return conversation->first_item + *first > index;
}

static void
accept_written(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    const uint64_t room_end = sender->acked + rnet_tcp_send_buffer_bytes(sender);

    while (sender->first_unaccepted != RNET_NONE &&
           sim->source->stream_end[sender->first_unaccepted] <= room_end) {
        const uint32_t accepted = sender->first_unaccepted;

        sender->first_unaccepted = sim->source->next_written[accepted];
        release_waiting(sim, accepted, RNET_RELEASE_WRITTEN);
    }
}

static void
join_stream(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint32_t index)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    const uint64_t wanted = sim->demand->messages[index].bytes;
    const uint64_t bytes = wanted < LARGEST_MESSAGE_BYTES ? wanted : LARGEST_MESSAGE_BYTES;

    sim->source->stream_end[index] = sender->written + bytes;
    if (sender->last_message != RNET_NONE)
        sim->source->next_written[sender->last_message] = index;
    sender->last_message = index;
    if (sender->first_undelivered == RNET_NONE)
        sender->first_undelivered = index;
    if (sender->first_unaccepted == RNET_NONE)
        sender->first_unaccepted = index;
    rnet_tcp_write(sim, endpoint, bytes);
    accept_written(sim, endpoint);
}

/* It waits until something of its conversation happens: the opening, or a delivery. */
static void
hold(struct rnet_sim *sim, uint32_t owner, uint32_t index)
{
    sim->source->next_waiting[index] = sim->source->first_held[owner];
    sim->source->first_held[owner] = index;
}

void
rnet_source_start(struct rnet_sim *sim, uint32_t index)
{
    struct rnet_message_outcome *outcome = &sim->outcomes->messages[index];
    const uint32_t owner = sim->owners[index];
    struct rnet_tcp_connection *connection = rnet_tcp_of(sim, owner);

    if (outcome->state != RNET_OUTCOME_NOT_STARTED)
        return;
    /* What released it may have come before its own connection could open. */
    if (connection == NULL && sim->outcomes->conversations[owner].opened_ns >= 0)
        return;
    if (connection == NULL || !may_start(sim, owner, index)) {
        hold(sim, owner, index);
        return;
    }
    outcome->started_ns = sim->now_ns;
    outcome->state = RNET_OUTCOME_UNFINISHED;
    rnet_patience_watch(sim, connection);
    join_stream(sim, &connection->endpoint[sim->demand->messages[index].direction], index);
}

/* --- arrival ---------------------------------------------------------------------------------- */

static void
deliver(struct rnet_sim *sim, struct rnet_tcp_connection *connection, uint32_t index)
{
    struct rnet_message_outcome *outcome = &sim->outcomes->messages[index];

    outcome->done_ns = sim->now_ns;
    outcome->state = RNET_OUTCOME_DONE;
    sim->source->undone[connection->conversation]--;
    sim->outcomes->conversations[connection->conversation].closed_ns = sim->now_ns;
    rnet_player_delivered(sim, &connection->player, index);
    release_waiting(sim, index, RNET_RELEASE_DELIVERY);
    release_openings(sim, index);
    try_held(sim, connection->conversation);
}

void
rnet_source_received(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    struct rnet_tcp_sender *peer =
        &connection->endpoint[endpoint->direction == RNET_UP ? RNET_DOWN : RNET_UP].sender;

    connection->progress_ns = sim->now_ns;
    while (peer->first_undelivered != RNET_NONE) {
        const uint32_t index = peer->first_undelivered;
        const uint64_t end = sim->source->stream_end[index];
        const uint64_t bytes = sim->demand->messages[index].bytes;
        struct rnet_message_outcome *outcome = &sim->outcomes->messages[index];

        if (outcome->first_byte_ns < 0 && endpoint->receiver.next > (end > bytes ? end - bytes : 0))
            outcome->first_byte_ns = sim->now_ns;
        if (endpoint->receiver.next < end)
            return;
        peer->first_undelivered = sim->source->next_written[index];
        deliver(sim, connection, index);
    }
    if (connection->lookup && sim->source->undone[connection->conversation] == 0)
        rnet_tcp_finish(sim, connection->conversation);
}

void
rnet_source_acknowledged(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const uint32_t conversation = rnet_tcp_connection(sim, endpoint->connection)->conversation;

    accept_written(sim, endpoint);
    if (sim->source->undone[conversation] == 0)
        rnet_tcp_finish(sim, conversation);
}

void
rnet_source_retransmitted(struct rnet_sim *sim, const struct rnet_tcp_endpoint *endpoint,
                          uint64_t sequence)
{
    uint32_t index = endpoint->sender.first_undelivered;

    while (index != RNET_NONE && sim->source->stream_end[index] <= sequence)
        index = sim->source->next_written[index];
    if (index != RNET_NONE)
        sim->outcomes->messages[index].retransmissions++;
}

bool
rnet_source_is_limited(const struct rnet_sim *sim, const struct rnet_tcp_endpoint *endpoint)
{
    const uint32_t index = endpoint->sender.first_undelivered;

    return index != RNET_NONE &&
           (sim->demand->messages[index].flags & RNET_MESSAGE_APP_LIMITED) != 0;
}
