/* Sending: when the window, the receiver and the application let a segment go. */
#include "replay/source.h"
#include "replay/tcp.h"

/* Linux accounts a full segment in the send buffer as a rounded-up page piece; from memory. */
#define ACCOUNTED_SEGMENT_BYTES 4328

void
rnet_tcp_sender_init(struct rnet_tcp_sender *sender, const struct rnet_congestion *congestion,
                     uint32_t mss, int64_t now_ns)
{
    struct rnet_scoreboard board = sender->board;

    rnet_scoreboard_reset(&board);
    *sender = (struct rnet_tcp_sender){
        .mss = mss,
        .board = board,
        .congestion = congestion,
        .delivered_ns = now_ns,
        .last_sent_ns = now_ns,
        .window_used_ns = now_ns,
        .first_undelivered = RNET_NONE,
        .first_unaccepted = RNET_NONE,
        .last_message = RNET_NONE,
        .window = {.segments = RNET_INITIAL_WINDOW, .ssthresh = RNET_SSTHRESH_INFINITE}};
    rnet_rtt_init(&sender->rtt, RNET_RTO_FLOOR_NS);
    congestion->init(&sender->window, now_ns);
}

/* Linux grows the buffer to twice the window in segments as it accounts them. */
uint64_t
rnet_tcp_send_buffer_bytes(const struct rnet_tcp_sender *sender)
{
    const uint64_t segments = sender->window.segments > RNET_INITIAL_WINDOW
                                  ? sender->window.segments
                                  : RNET_INITIAL_WINDOW;
    const uint64_t bytes = 2 * segments * ACCOUNTED_SEGMENT_BYTES;

    return bytes < 4194304 ? bytes : 4194304; /* tcp_wmem's largest; verified: standards.md §9 */
}

static uint32_t
ssthresh_now(const struct rnet_tcp_sender *sender)
{
    const uint32_t most = sender->window.segments / 2 + sender->window.segments / 4;

    return sender->window.ssthresh > most ? sender->window.ssthresh : most;
}

/* RFC 5681 section 4.1 as Linux has it: half the window for every RTO of silence. */
static void
restart_after_idle(struct rnet_tcp_sender *sender, int64_t now_ns)
{
    struct rnet_window *window = &sender->window;
    const uint32_t floor =
        window->segments < RNET_INITIAL_WINDOW ? window->segments : RNET_INITIAL_WINDOW;
    int64_t idle_ns = now_ns - sender->last_sent_ns;

    if (sender->board.count > 0)
        return;
    if (sender->congestion->resumed != NULL && sender->delivered > 0)
        sender->congestion->resumed(window, idle_ns);
    if (sender->congestion->control != NULL || idle_ns <= sender->rtt.rto_ns)
        return;
    window->ssthresh = ssthresh_now(sender);
    while ((idle_ns -= sender->rtt.rto_ns) > 0 && window->segments > floor)
        window->segments /= 2;
    if (window->segments < floor)
        window->segments = floor;
    window->flight_peak = 0;
    sender->window_used = 0;
    sender->window_used_ns = now_ns;
}

/* A window long unused in full says nothing about the network: RFC 2861. */
static void
validate_window(struct rnet_tcp_sender *sender, int64_t now_ns)
{
    struct rnet_window *window = &sender->window;
    const uint32_t used =
        sender->window_used > RNET_INITIAL_WINDOW ? sender->window_used : RNET_INITIAL_WINDOW;

    if (sender->state != RNET_TCP_OPEN || sender->congestion->control != NULL)
        return;
    if (used < window->segments) {
        window->ssthresh = ssthresh_now(sender);
        window->segments = (window->segments + used) / 2;
    }
    sender->window_used = 0;
    sender->window_used_ns = now_ns;
}

static void
note_use(struct rnet_tcp_sender *sender, bool limited, int64_t now_ns)
{
    struct rnet_window *window = &sender->window;
    const uint32_t out = sender->board.count;

    if (sender->acked >= sender->usage_round_end || limited ||
        (!window->limited && out > window->flight_peak)) {
        window->limited = limited;
        window->flight_peak = out;
        sender->usage_round_end = sender->next;
    }
    if (rnet_window_is_limiting(window)) {
        sender->window_used = 0;
        sender->window_used_ns = now_ns;
        return;
    }
    if (out > sender->window_used)
        sender->window_used = out;
    if (now_ns - sender->window_used_ns >= sender->rtt.rto_ns)
        validate_window(sender, now_ns);
}

static void
transmit(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint64_t begin, uint32_t bytes)
{
    const struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    const uint32_t ip_bytes = connection->header_bytes + bytes;
    struct rnet_packet *packet;
    uint32_t index;

    packet = rnet_sim_packet(sim, connection->conversation, RNET_PACKET_SEGMENT,
                             (enum rnet_direction)endpoint->direction, ip_bytes, &index);
    if (packet == NULL)
        return;
    packet->segment.sequence = begin;
    packet->segment.bytes = bytes;
    packet->segment.flags = begin + bytes == endpoint->sender.written ? RNET_SEGMENT_PUSH : 0;
    rnet_tcp_fill_ack(sim, endpoint, &packet->segment);
    endpoint->sender.last_sent_ns = sim->now_ns;
    rnet_sim_send(sim, index);
}

static void
stamp(struct rnet_tcp_sender *sender, struct rnet_sent *sent, int64_t now_ns)
{
    if (rnet_scoreboard_in_flight(&sender->board) <= 1)
        sender->delivered_ns = now_ns;
    sent->delivered = sender->delivered;
    sent->delivered_ns = sender->delivered_ns;
}

/* How many bytes the next segment of new data may have; 0 = none may go. */
static uint32_t
next_bytes(const struct rnet_sim *sim, const struct rnet_tcp_endpoint *endpoint)
{
    const struct rnet_tcp_sender *sender = &endpoint->sender;
    const struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    const uint64_t waiting = sender->written - sender->next;
    const uint32_t bytes = waiting < sender->mss ? (uint32_t)waiting : sender->mss;
    const uint64_t limit = connection->flight_limit_bytes[endpoint->direction];

    if (bytes == 0)
        return 0;
    if (sender->next + bytes > sender->window_end) {
        /* Less than a segment of window is used only when nothing else will make it open. */
        if (sender->board.count > 0 || sender->window_end <= sender->next)
            return 0;
        return (uint32_t)(sender->window_end - sender->next);
    }
    if (limit != 0 && sender->board.count > 0 && sender->next + bytes - sender->acked > limit &&
        rnet_source_is_limited(sim, endpoint))
        return 0;
    return bytes;
}

static void
send_new(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint32_t bytes)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    const uint32_t before = sender->board.count;
    struct rnet_sent *sent;

    if (before == 0)
        restart_after_idle(sender, sim->now_ns);
    sent = rnet_scoreboard_add(&sender->board, sender->next, bytes, sim->now_ns);
    if (sent == NULL) {
        sim->status = RNET_ENOMEM;
        return;
    }
    stamp(sender, sent, sim->now_ns);
    sender->next += bytes;
    sender->prr.out++;
    transmit(sim, endpoint, sender->next - bytes, bytes);
    if (before == 0 || endpoint->timer == RNET_TIMER_PROBE || endpoint->timer == RNET_TIMER_NONE)
        rnet_tcp_rearm(sim, endpoint);
}

static bool
paced(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint32_t bytes)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;

    if (sender->congestion->pace_ns == NULL)
        return true;
    if (sender->pace_free_ns > sim->now_ns) {
        rnet_tcp_pace_at(sim, endpoint, sender->pace_free_ns);
        return false;
    }
    sender->pace_free_ns =
        sim->now_ns + sender->congestion->pace_ns(&sender->window, bytes, sender->mss);
    return true;
}

void
rnet_tcp_push(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    bool limited = false;
    bool sent = false;

    if (!endpoint->established)
        return;
    while (sim->status == RNET_OK) {
        uint32_t bytes;

        if (sender->board.count == 0 && sender->next < sender->written)
            restart_after_idle(sender, sim->now_ns);
        if (rnet_scoreboard_in_flight(&sender->board) >= sender->window.segments) {
            limited = sender->next < sender->written || sent;
            break;
        }
        bytes = next_bytes(sim, endpoint);
        if (bytes == 0 || !paced(sim, endpoint, bytes))
            break;
        send_new(sim, endpoint, bytes);
        sent = true;
    }
    if (sent || limited) {
        note_use(sender,
                 limited || rnet_scoreboard_in_flight(&sender->board) >= sender->window.segments,
                 sim->now_ns);
        if (sent)
            rnet_tcp_arm_probe(sim, endpoint, false);
    }
}

void
rnet_tcp_write(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint64_t bytes)
{
    endpoint->sender.written += bytes;
    rnet_tcp_push(sim, endpoint);
}

bool
rnet_tcp_send_probe_data(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const uint32_t bytes = next_bytes(sim, endpoint);

    if (bytes == 0)
        return false;
    send_new(sim, endpoint, bytes);
    return true;
}

void
rnet_tcp_send_again(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, uint32_t number)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    struct rnet_sent *sent = rnet_scoreboard_at(&sender->board, number);

    rnet_scoreboard_mark_again(&sender->board, number, sim->now_ns);
    stamp(sender, sent, sim->now_ns);
    if (sender->undo.first_again_ns == 0)
        sender->undo.first_again_ns = sim->now_ns;
    if (sender->undo.again < 0)
        sender->undo.again = 0;
    sender->undo.again++;
    rnet_source_retransmitted(sim, endpoint, sent->begin);
    transmit(sim, endpoint, sent->begin, sent->bytes);
}

/* What was called lost, oldest first, as far as the window allows. */
void
rnet_tcp_send_lost(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    struct rnet_scoreboard *board = &sender->board;
    const uint32_t end = board->first + board->count;

    if ((int32_t)(sender->retransmit_hint - board->first) < 0)
        sender->retransmit_hint = board->first;
    for (; sender->retransmit_hint != end && board->lost > board->again;
         sender->retransmit_hint++) {
        const struct rnet_sent *sent = rnet_scoreboard_at(board, sender->retransmit_hint);
        const bool first = sender->retransmit_hint == board->first;

        if (rnet_scoreboard_in_flight(board) >= sender->window.segments)
            return;
        if ((sent->flags & RNET_SENT_LOST) == 0 ||
            (sent->flags & (RNET_SENT_SACKED | RNET_SENT_AGAIN)) != 0)
            continue;
        rnet_tcp_send_again(sim, endpoint, sender->retransmit_hint);
        if (sender->state == RNET_TCP_CWR || sender->state == RNET_TCP_RECOVERY)
            sender->prr.out++;
        if (first && endpoint->timer != RNET_TIMER_REORDER)
            rnet_tcp_rearm(sim, endpoint);
    }
}
