/* Connections: their slots, set-up, and who gets which packet. */
#include "replay/source.h"
#include "replay/tcp.h"

#define SYN_OPTION_BYTES 20 /* MSS, SACK permitted, timestamps, window scale, padding */
#define SYN_TRIES 7 /* Linux: six retries; verified: standards.md §9 implies, from memory */
#define SYN_LINEAR_TRIES                                                                           \
    4                    /* Linux 6.5 and later: the first retries come every second; from memory */
#define SMALLEST_MSS 536 /* RFC 1122; verified */
#define QUIC_HEADER_BYTES                                                                          \
    39 /* UDP 8, short header with connection ID 11, tag 16, frame 4; computed */
#define UDP_HEADER_BYTES 8
#define LOOKUP_TIMEOUT_NS (5 * RNET_NS_PER_S) /* resolv.conf(5)'s default; from memory */
#define QUIC_UDP_BYTES 1350                   /* payload of Chromium's datagrams; from memory */

struct rnet_tcp_table {
    struct rnet_tcp_connection **connections;
    size_t count;
    size_t capacity;
    uint32_t free;
    uint32_t *slots; /* per conversation, or RNET_NONE */
    const struct rnet_congestion *congestion;
};

enum rnet_status
rnet_tcp_init(struct rnet_sim *sim)
{
    struct rnet_tcp_table *table = rnet_alloc_zero(1, sizeof *table);

    sim->tcp = table;
    if (table == NULL)
        return RNET_ENOMEM;
    table->free = RNET_NONE;
    table->congestion = rnet_congestion_find(sim->options.congestion_control);
    table->slots = rnet_alloc_zero(sim->demand->conversation_count, sizeof *table->slots);
    if (table->slots == NULL)
        return RNET_ENOMEM;
    for (size_t i = 0; i < sim->demand->conversation_count; i++)
        table->slots[i] = RNET_NONE;
    return RNET_OK;
}

void
rnet_tcp_clear(struct rnet_sim *sim)
{
    struct rnet_tcp_table *table = sim->tcp;

    if (table == NULL)
        return;
    for (size_t i = 0; i < table->count; i++) {
        for (int d = 0; d < RNET_DIRECTIONS; d++) {
            rnet_scoreboard_clear(&table->connections[i]->endpoint[d].sender.board);
            rnet_tcp_receiver_clear(&table->connections[i]->endpoint[d].receiver);
        }
        rnet_free(table->connections[i]);
    }
    rnet_free(table->connections);
    rnet_free(table->slots);
    rnet_free(table);
    sim->tcp = NULL;
}

struct rnet_tcp_connection *
rnet_tcp_connection(const struct rnet_sim *sim, uint32_t slot)
{
    return sim->tcp->connections[slot];
}

struct rnet_tcp_connection *
rnet_tcp_of(const struct rnet_sim *sim, uint32_t conversation)
{
    const uint32_t slot = sim->tcp->slots[conversation];

    return slot == RNET_NONE ? NULL : sim->tcp->connections[slot];
}

static uint32_t
take_slot(struct rnet_tcp_table *table)
{
    struct rnet_tcp_connection *connection;
    const uint32_t slot = table->free;

    if (slot != RNET_NONE) {
        table->free = table->connections[slot]->next_free;
        return slot;
    }
    if (table->count >= RNET_NONE / RNET_DIRECTIONS - 1 ||
        rnet_array_reserve((void **)&table->connections, &table->capacity, table->count + 1,
                           sizeof *table->connections) != RNET_OK)
        return RNET_NONE;
    connection = rnet_alloc_zero(1, sizeof *connection);
    if (connection == NULL)
        return RNET_NONE;
    table->connections[table->count] = connection;
    return (uint32_t)table->count++;
}

/*
 * The capture's segment size counts only where a message was long enough to fill segments: a
 * conversation of short messages shows nothing but their lengths.
 */
static uint32_t
captured_mss(const struct rnet_sim *sim, const struct rnet_conversation *conversation,
             enum rnet_direction direction)
{
    const uint32_t seen = conversation->mss_bytes[direction];

    if (seen < SMALLEST_MSS)
        return UINT32_MAX;
    for (uint32_t i = 0; i < conversation->items; i++) {
        const struct rnet_message *message = &sim->demand->messages[conversation->first_item + i];

        if (message->direction == direction && message->bytes > 2 * (uint64_t)seen)
            return seen;
    }
    return UINT32_MAX;
}

/* What the line lets a segment hold: its MTU's rest, or less where it clamps. The clamp is on the
 * MSS that ends announce, which counts TCP's options as payload (RFC 6691). */
static uint32_t
line_mss(const struct rnet_link *link, const struct rnet_conversation *conversation,
         uint32_t header_bytes)
{
    const uint32_t rest = link->mtu_bytes - header_bytes;
    const uint32_t options = conversation->flags & RNET_CONVERSATION_TIMESTAMPS ? 12 : 0;
    const uint32_t clamp = link->mss_bytes != 0 ? link->mss_bytes - options : rest;

    return clamp < rest ? clamp : rest;
}

static uint32_t
mss_of(const struct rnet_sim *sim, const struct rnet_tcp_connection *connection,
       enum rnet_direction direction)
{
    const struct rnet_conversation *conversation =
        &sim->demand->conversations[connection->conversation];
    const uint32_t mtu = sim->link->mtu_bytes;
    uint32_t mss, most;

    if (connection->quic) {
        const uint32_t usual = connection->header_bytes - QUIC_HEADER_BYTES + 8 + QUIC_UDP_BYTES;

        return (mtu < usual ? mtu : usual) - connection->header_bytes;
    }
    mss = captured_mss(sim, conversation, direction);
    most = line_mss(sim->link, conversation, connection->header_bytes);
    return mss < most ? mss : most;
}

/*
 * A receiver that had its chance to open its window and did not has a fixed one: keep it. One that
 * was never pressed says nothing; it tunes itself.
 */
static uint64_t
window_limit(const struct rnet_conversation *conversation, enum rnet_direction direction)
{
    const uint64_t seen = conversation->window_bytes[direction];

    return seen != 0 && conversation->bytes[direction] / 8 > seen ? seen : 0;
}

static void
set_up_endpoint(struct rnet_sim *sim, struct rnet_tcp_connection *connection, uint32_t slot,
                enum rnet_direction direction)
{
    const struct rnet_conversation *conversation =
        &sim->demand->conversations[connection->conversation];
    const enum rnet_direction other = direction == RNET_UP ? RNET_DOWN : RNET_UP;
    struct rnet_tcp_endpoint *endpoint = &connection->endpoint[direction];

    rnet_tcp_sender_init(&endpoint->sender, sim->tcp->congestion,
                         mss_of(sim, connection, direction), sim->now_ns);
    rnet_tcp_receiver_init(&endpoint->receiver, mss_of(sim, connection, other),
                           window_limit(conversation, other), connection->quic);
    endpoint->timer = RNET_TIMER_NONE;
    endpoint->timer_due_ns = RNET_TIME_MAX;
    endpoint->timer_event_ns = RNET_TIME_MAX;
    endpoint->ack_due_ns = RNET_TIME_MAX;
    endpoint->ack_event_ns = RNET_TIME_MAX;
    endpoint->connection = slot;
    endpoint->direction = (uint8_t)direction;
    endpoint->established = false;
    endpoint->pace_pending = false;
    if (connection->lookup)
        endpoint->sender.rtt.rto_ns = LOOKUP_TIMEOUT_NS;
    connection->flight_limit_bytes[direction] = conversation->app_bytes_per_round[direction];
}

/*
 * Name look-ups and their like come as QUIC conversations without QUIC's overhead: their packets
 * hold the messages and a UDP header, nothing else.
 */
static bool
is_lookup(const struct rnet_sim *sim, const struct rnet_conversation *conversation,
          uint32_t header_bytes)
{
    uint64_t bytes = header_bytes * conversation->packets[RNET_UP];

    if (conversation->transport != RNET_TRANSPORT_QUIC || conversation->packets[RNET_UP] == 0)
        return false;
    for (uint32_t i = 0; i < conversation->items; i++) {
        const struct rnet_message *message = &sim->demand->messages[conversation->first_item + i];

        if (message->direction == RNET_UP)
            bytes += message->bytes;
    }
    return bytes == conversation->bytes[RNET_UP];
}

static uint32_t
header_bytes(const struct rnet_tcp_connection *connection, const struct rnet_conversation *demand,
             uint32_t ip_bytes)
{
    if (connection->lookup)
        return ip_bytes + UDP_HEADER_BYTES;
    if (connection->quic)
        return ip_bytes + QUIC_HEADER_BYTES;
    return ip_bytes + 20 + ((demand->flags & RNET_CONVERSATION_TIMESTAMPS) != 0 ? 12 : 0);
}

static void
set_up(struct rnet_sim *sim, struct rnet_tcp_connection *connection, uint32_t slot,
       uint32_t conversation)
{
    const struct rnet_conversation *demand = &sim->demand->conversations[conversation];
    const uint32_t ip_bytes = (demand->flags & RNET_CONVERSATION_IPV6) != 0 ? 40 : 20;

    connection->conversation = conversation;
    connection->quic = demand->transport == RNET_TRANSPORT_QUIC;
    connection->lookup = is_lookup(sim, demand, ip_bytes + UDP_HEADER_BYTES);
    connection->header_bytes = header_bytes(connection, demand, ip_bytes);
    connection->syn_bytes = ip_bytes + 20 + SYN_OPTION_BYTES;
    connection->opener =
        (demand->flags & RNET_CONVERSATION_SERVER_OPENS) != 0 ? RNET_DOWN : RNET_UP;
    connection->tries = 0;
    connection->answered = false;
    connection->watched = false;
    connection->progress_ns = sim->now_ns;
    rnet_player_init(sim, &connection->player, conversation);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        set_up_endpoint(sim, connection, slot, (enum rnet_direction)d);
}

static void
send_syn(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, bool answer)
{
    struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    struct rnet_packet *packet;
    uint32_t index;

    packet =
        rnet_sim_packet(sim, connection->conversation, RNET_PACKET_SEGMENT,
                        (enum rnet_direction)endpoint->direction, connection->syn_bytes, &index);
    if (packet == NULL)
        return;
    packet->segment = (struct rnet_segment){.flags = RNET_SEGMENT_SYN};
    rnet_tcp_fill_ack(sim, endpoint, &packet->segment);
    if (!answer)
        packet->segment.flags = RNET_SEGMENT_SYN;
    connection->syn_sent_ns[endpoint->direction] = sim->now_ns;
    rnet_sim_send(sim, index);
}

static void
try_to_open(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    const uint32_t tries = connection->tries++;
    const uint32_t doubled = tries > SYN_LINEAR_TRIES ? tries - SYN_LINEAR_TRIES : 0;

    if (tries == SYN_TRIES) {
        rnet_patience_give_up(sim, connection->conversation);
        return;
    }
    send_syn(sim, endpoint, false);
    rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_OPEN,
                       sim->now_ns + (RNET_RTO_INITIAL_NS << doubled));
}

static void
establish(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    struct rnet_tcp_sender *sender = &endpoint->sender;

    endpoint->established = true;
    connection->progress_ns = sim->now_ns;
    rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_NONE, 0);
    if (endpoint->direction == connection->opener)
        sim->outcomes->conversations[connection->conversation].ready_ns = sim->now_ns;
    /* RFC 6298 (5.7) as Linux has it: a lost SYN makes one cautious, one time-out may be chance. */
    if (connection->tries > 2)
        sender->window.segments = 1;
    sender->last_sent_ns = sim->now_ns;
    sender->window_used_ns = sim->now_ns;
    rnet_source_established(sim, endpoint);
}

static void
measure_set_up(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    const int64_t rtt_ns = sim->now_ns - connection->syn_sent_ns[endpoint->direction];

    if (connection->tries > 1)
        return;
    rnet_rtt_add_minimum(&endpoint->sender.rtt, rtt_ns, sim->now_ns);
    rnet_rtt_add(&endpoint->sender.rtt, rtt_ns, 0, 0);
    /* Linux's congestion control is told of the SYN's round trip, not of its answer's. */
    if (endpoint->direction == connection->opener && endpoint->sender.congestion->sample != NULL) {
        const struct rnet_ack_sample ack = {.now_ns = sim->now_ns, .rtt_ns = rtt_ns};

        endpoint->sender.congestion->sample(&endpoint->sender.window, &ack);
    }
}

void
rnet_tcp_open(struct rnet_sim *sim, uint32_t conversation)
{
    const struct rnet_conversation *demand = &sim->demand->conversations[conversation];
    struct rnet_tcp_connection *connection;
    uint32_t slot;

    if (sim->outcomes->conversations[conversation].opened_ns >= 0)
        return;
    slot = take_slot(sim->tcp);
    if (slot == RNET_NONE) {
        sim->status = RNET_ENOMEM;
        return;
    }
    sim->tcp->slots[conversation] = slot;
    connection = sim->tcp->connections[slot];
    set_up(sim, connection, slot, conversation);
    sim->outcomes->conversations[conversation].opened_ns = sim->now_ns;
    rnet_patience_watch(sim, connection);
    rnet_source_next(sim, conversation);
    if (connection->quic || (demand->flags & RNET_CONVERSATION_HANDSHAKE_SEEN) == 0) {
        for (int d = 0; d < RNET_DIRECTIONS; d++)
            connection->endpoint[d].sender.window_end =
                connection->endpoint[1 - d].receiver.window_limit_bytes;
        establish(sim, &connection->endpoint[connection->opener]);
        establish(sim, &connection->endpoint[1 - connection->opener]);
    } else {
        try_to_open(sim, &connection->endpoint[connection->opener]);
    }
}

void
rnet_tcp_close(struct rnet_sim *sim, uint32_t conversation)
{
    const uint32_t slot = sim->tcp->slots[conversation];

    if (slot == RNET_NONE)
        return;
    sim->tcp->slots[conversation] = RNET_NONE;
    sim->tcp->connections[slot]->next_free = sim->tcp->free;
    sim->tcp->connections[slot]->conversation = RNET_NONE;
    sim->tcp->free = slot;
}

/* All messages have arrived: the connection goes once its senders know it. */
void
rnet_tcp_finish(struct rnet_sim *sim, uint32_t conversation)
{
    const struct rnet_tcp_connection *connection = rnet_tcp_of(sim, conversation);
    const struct rnet_tcp_sender *up = &connection->endpoint[RNET_UP].sender;
    const struct rnet_tcp_sender *down = &connection->endpoint[RNET_DOWN].sender;

    if (connection->lookup || (up->acked == up->written && down->acked == down->written))
        rnet_tcp_close(sim, conversation);
}

/* True if the packet was about set-up only. */
static bool
arrived_for_set_up(struct rnet_sim *sim, struct rnet_tcp_connection *connection,
                   struct rnet_tcp_endpoint *endpoint, const struct rnet_segment *segment)
{
    const bool refuses = (sim->demand->conversations[connection->conversation].flags &
                          RNET_CONVERSATION_FAILED) != 0;

    if ((segment->flags & RNET_SEGMENT_SYN) != 0) {
        if (endpoint->direction == connection->opener) {
            endpoint->sender.window_end = segment->window_bytes;
            if (!endpoint->established) {
                measure_set_up(sim, endpoint);
                rnet_tcp_send_ack(sim, endpoint);
                establish(sim, endpoint);
            }
        } else if (!refuses && !endpoint->established) {
            endpoint->sender.window_end = segment->window_bytes;
            send_syn(sim, endpoint, true);
        }
        return true;
    }
    if (!endpoint->established && endpoint->direction != connection->opener) {
        measure_set_up(sim, endpoint);
        endpoint->sender.window_end = segment->acknowledged + segment->window_bytes;
        establish(sim, endpoint);
    }
    return !endpoint->established;
}

void
rnet_tcp_arrived(struct rnet_sim *sim, const struct rnet_packet *packet)
{
    struct rnet_tcp_connection *connection = rnet_tcp_of(sim, packet->conversation);
    const struct rnet_segment *segment = &packet->segment;
    struct rnet_tcp_endpoint *endpoint;

    if (connection == NULL)
        return;
    endpoint = &connection->endpoint[packet->direction == RNET_UP ? RNET_DOWN : RNET_UP];
    if (arrived_for_set_up(sim, connection, endpoint, segment))
        return;
    if (segment->sequence <= endpoint->receiver.next && segment->bytes == 0)
        endpoint->receiver.echo_ns = segment->sent_ns;
    rnet_tcp_acknowledged(sim, endpoint, segment);
    if (rnet_tcp_of(sim, packet->conversation) == connection && segment->bytes > 0)
        rnet_tcp_received(sim, endpoint, segment);
}

static struct rnet_tcp_endpoint *
target_endpoint(const struct rnet_sim *sim, uint32_t target)
{
    struct rnet_tcp_connection *connection = sim->tcp->connections[target / RNET_DIRECTIONS];

    return connection->conversation == RNET_NONE ? NULL
                                                 : &connection->endpoint[target % RNET_DIRECTIONS];
}

void
rnet_tcp_timer(struct rnet_sim *sim, uint32_t target)
{
    struct rnet_tcp_endpoint *endpoint = target_endpoint(sim, target);

    if (endpoint == NULL || endpoint->timer_event_ns != sim->now_ns)
        return;
    endpoint->timer_event_ns = RNET_TIME_MAX;
    if (endpoint->timer == RNET_TIMER_NONE)
        return;
    if (endpoint->timer_due_ns > sim->now_ns)
        rnet_tcp_set_timer(sim, endpoint, endpoint->timer, endpoint->timer_due_ns);
    else if (endpoint->timer == RNET_TIMER_OPEN)
        try_to_open(sim, endpoint);
    else
        rnet_tcp_timer_due(sim, endpoint);
}

void
rnet_tcp_ack_timer(struct rnet_sim *sim, uint32_t target)
{
    struct rnet_tcp_endpoint *endpoint = target_endpoint(sim, target);

    if (endpoint == NULL || endpoint->ack_event_ns != sim->now_ns)
        return;
    endpoint->ack_event_ns = RNET_TIME_MAX;
    if (endpoint->ack_due_ns >= RNET_TIME_MAX)
        return;
    if (endpoint->ack_due_ns > sim->now_ns)
        rnet_tcp_set_ack_timer(sim, endpoint, endpoint->ack_due_ns);
    else
        rnet_tcp_ack_due(sim, endpoint);
}

void
rnet_tcp_pace(struct rnet_sim *sim, uint32_t target)
{
    struct rnet_tcp_endpoint *endpoint = target_endpoint(sim, target);

    if (endpoint == NULL)
        return;
    endpoint->pace_pending = false;
    rnet_tcp_push(sim, endpoint);
}
