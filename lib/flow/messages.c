/*
 * Messages: what the applications at both ends of a TCP connection said, and what each saying
 * waited for (docs/flows.md).
 *
 * A message ends when its sender turns to listen (it speaks again only after having received an
 * answer to all it had said) or pauses by itself. A gap that the sender's congestion or receive
 * window explains is not a pause: full segments that follow, one round trip later, acknowledgements
 * of earlier ones belong to the same message.
 *
 * What a sender had received when it spoke is in the acknowledgement number of its segment, so
 * causes are known wherever the capture point is.
 */
#include "flow/tcp.h"

/* Shorter pauses are not worth a message: two packets take longer on any line judged here. Chosen.
 */
#define PAUSE_NS (3 * RNET_NS_PER_MS)
/* Messages held back per flow before a piece is handed on. Chosen; 48 KiB. */
#define PIECE_MESSAGES 1024
/* One packet adds at most this many: its own, and the rest of a split one. */
#define MESSAGES_PER_PACKET 3

enum rnet_status
messages_make_room(struct tcp_track *track, struct rnet_flow_table *table,
                   struct flow_record *record)
{
    enum rnet_status status;

    if (track->count + MESSAGES_PER_PACKET > PIECE_MESSAGES) {
        const uint32_t first = track->handed_on;
        const size_t count = track->count;

        for (int d = 0; d < RNET_DIRECTIONS; d++)
            track->stream[d].open = RNET_NONE;
        track->handed_on += (uint32_t)count;
        track->count = 0;
        status = flow_emit_messages(table, record, track->messages, first, count);
        if (status != RNET_OK)
            return status;
    }
    return rnet_array_reserve((void **)&track->messages, &track->capacity,
                              track->count + MESSAGES_PER_PACKET, sizeof *track->messages);
}

enum rnet_status
messages_finish(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record)
{
    const uint32_t first = track->handed_on;
    const size_t count = track->count;

    if (count == 0)
        return RNET_OK;
    track->handed_on += (uint32_t)count;
    track->count = 0;
    return flow_emit_messages(table, record, track->messages, first, count);
}

/* The message of an index if it is still here, else NULL. */
static struct rnet_message *
message_at(struct tcp_track *track, uint32_t index)
{
    if (index == RNET_NONE || index < track->handed_on)
        return NULL;
    return &track->messages[index - track->handed_on];
}

/* Whether the connection is one where a question stays unspoken until the answer is there. */
static bool
is_turn(const struct tcp_stream *own, const struct tcp_stream *other, uint64_t heard)
{
    return other->last != RNET_NONE && heard > own->open_ack && heard >= other->next &&
           heard > own->spoke_ack && other->open_ack >= own->next;
}

/*
 * Whether the network explains the sender's silence since its last data: it had filled its last
 * segment and went on as soon as the latest acknowledgement could have reached it.
 */
static bool
network_explains(const struct tcp_track *track, int direction, int64_t now_ns)
{
    const struct tcp_stream *own = &track->stream[direction];
    /* The sender is the receiver of the other stream. */
    const int64_t to_sender_ns = track->stream[1 - direction].rtt_ns;
    const int64_t slack_ns = PAUSE_NS + (to_sender_ns > 0 ? to_sender_ns / 2 : 0);

    if (own->last_partial)
        return false;
    return now_ns <= own->acked_ns + (to_sender_ns > 0 ? to_sender_ns : 0) + slack_ns;
}

static struct rnet_message *
begin(struct tcp_track *track, const struct flow_record *record, const struct flow_packet *packet)
{
    struct tcp_stream *own = &track->stream[packet->direction];
    struct rnet_message *message = &track->messages[track->count];

    *message = (struct rnet_message){.start_ns = packet->time_ns,
                                     .end_ns = packet->time_ns,
                                     .after_conversation = (uint32_t)record->id,
                                     .after_message = RNET_NONE,
                                     .direction = packet->direction,
                                     .release = RNET_RELEASE_CLOCK};
    own->open = own->last = track->handed_on + (uint32_t)track->count++;
    return message;
}

/*
 * The other side's message being built is a cause: it ends where it was heard, and what was already
 * seen beyond goes on as another message, written without waiting.
 */
static void
close_heard(struct tcp_track *track, const struct flow_record *record, int direction,
            uint64_t heard)
{
    struct tcp_stream *stream = &track->stream[direction];
    struct rnet_message *message = message_at(track, stream->open);
    const uint64_t beyond = stream->next > heard ? stream->next - heard : 0;

    stream->open = RNET_NONE;
    if (message == NULL || beyond == 0 || beyond >= message->bytes)
        return;
    track->messages[track->count] = (struct rnet_message){
        .start_ns = tcp_marks_time(stream, heard),
        .end_ns = message->end_ns,
        .bytes = beyond,
        .after_conversation = (uint32_t)record->id,
        .after_message = stream->last,
        .direction = message->direction,
        .release = RNET_RELEASE_WRITTEN,
        .flags = (uint16_t)(message->flags & RNET_MESSAGE_HANDSHAKE),
    };
    message->bytes -= beyond;
    message->end_ns = track->messages[track->count].start_ns;
    if (message->end_ns < message->start_ns)
        message->end_ns = message->start_ns;
    track->messages[track->count].start_ns = message->end_ns;
    stream->open = stream->last = track->handed_on + (uint32_t)track->count++;
}

/* Set what a new message waited for: the later of what its sender last heard and last said. */
static void
find_release(struct tcp_track *track, const struct flow_record *record,
             const struct flow_packet *packet, uint64_t heard, bool paused)
{
    struct tcp_stream *own = &track->stream[packet->direction];
    struct tcp_stream *other = &track->stream[1 - packet->direction];
    const int64_t to_sender_ns = other->rtt_ns > 0 ? other->rtt_ns : 0;
    const bool heard_more =
        other->last != RNET_NONE && heard > own->spoke_ack && heard > other->first;
    const int64_t heard_ns = heard_more ? tcp_marks_time(other, heard) + to_sender_ns : INT64_MIN;
    const uint32_t said = own->last;
    uint32_t cause;
    struct rnet_message *message;
    int64_t since_ns = packet->time_ns;

    if (heard_more && (said == RNET_NONE || (paused && heard_ns >= own->data_ns))) {
        cause = other->last;
        if (other->open != RNET_NONE) {
            cause = other->open;
            close_heard(track, record, 1 - packet->direction, heard);
        }
        message = begin(track, record, packet);
        message->release = RNET_RELEASE_DELIVERY;
        message->after_message = cause;
        since_ns = heard_ns;
    } else if (said != RNET_NONE) {
        message = begin(track, record, packet);
        message->release = RNET_RELEASE_WRITTEN;
        message->after_message = said;
        if (paused)
            since_ns = own->data_ns;
    } else {
        message = begin(track, record, packet);
        if (track->open_ns >= 0) {
            message->release = RNET_RELEASE_OPEN;
            since_ns =
                packet->direction == track->opener ? track->open_ns : track->open_ns + to_sender_ns;
        }
    }
    message->wait_ns = packet->time_ns > since_ns ? packet->time_ns - since_ns : 0;
}

static void
note_tls(struct tcp_track *track, struct rnet_message *message, const struct flow_packet *packet)
{
    struct tcp_stream *own = &track->stream[packet->direction];

    /* TLS record: content type, version 3.x (RFC 8446 §5.1). 20 change cipher, 22 handshake. */
    if (packet->head_bytes < 3 || packet->head[1] != 3 || packet->head[2] > 4)
        return;
    if (packet->head[0] == 23)
        own->tls_data = true;
    else if ((packet->head[0] == 22 || packet->head[0] == 20) && message->bytes == 0 &&
             !track->stream[0].tls_data && !track->stream[1].tls_data)
        message->flags |= RNET_MESSAGE_HANDSHAKE;
}

void
messages_add(struct tcp_track *track, const struct flow_record *record,
             const struct flow_packet *packet, uint64_t new_bytes)
{
    struct tcp_stream *own = &track->stream[packet->direction];
    struct tcp_stream *other = &track->stream[1 - packet->direction];
    const uint64_t heard = (packet->tcp_flags & RNET_TCP_ACK) != 0 && other->known
                               ? tcp_unwrap(other->next, packet->acknowledgement)
                               : 0;
    const bool turn = own->spoke && is_turn(own, other, heard);
    const bool paused = own->spoke && packet->time_ns - own->data_ns >= PAUSE_NS &&
                        !network_explains(track, packet->direction, packet->time_ns);
    struct rnet_message *message = message_at(track, own->open);

    if (message == NULL || turn || paused) {
        find_release(track, record, packet, heard, !own->spoke || turn || paused);
        message = message_at(track, own->open);
        own->open_ack = heard;
    }
    note_tls(track, message, packet);
    message->bytes += new_bytes;
    message->end_ns = packet->time_ns;
    own->spoke = true;
    own->spoke_ack = heard;
    own->last_partial = packet->payload_bytes < own->largest_payload;
}
