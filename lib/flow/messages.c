/*
 * Messages: what the applications at both ends of a TCP connection said, and what each saying
 * waited for (docs/flows.md).
 *
 * A message ends when its sender turns to listen (it speaks again only after having received an
 * answer to all it had said) or pauses by itself. A gap that the sender's window explains is not a
 * pause: data that goes on one round trip after earlier data was acknowledged belongs to the same
 * message.
 *
 * What a sender had received when it spoke is in the acknowledgement number of its segment, so
 * causes are known wherever the capture point is.
 */
#include "flow/tcp.h"

/* Shorter pauses are not worth a message: two packets take longer on any line judged here. Chosen.
 */
#define PAUSE_NS (3 * RNET_NS_PER_MS)
/* A sender is not held back by its window before it has sent about an initial one (RFC 6928: 10
 * segments, verified); two less for senders that count in other units. */
#define FIRST_WINDOW_SEGMENTS 8
/* Typing and pointing: small, at a person's pace. Chosen: 5 keys/s are usual, 15 fast. */
#define TYPED_BYTES 128
#define TYPED_LEAST_NS (30 * RNET_NS_PER_MS)
#define TYPED_MOST_NS (2000 * RNET_NS_PER_MS)
/* Questions later than this after the last answer start by the clock. Chosen: longer than reading.
 */
#define THINK_MOST_NS (30 * RNET_NS_PER_S)
/* Another connection's answer must have come this much later to be the cause. */
#define CLEARLY_LATER_NS (5 * RNET_NS_PER_MS)
/* Session tickets and the like fit in this. */
#define HANDSHAKE_TAIL_BYTES 4096

/* A packet about to become part of a message, and what is known around it. */
struct saying {
    struct tcp_track *track;
    struct rnet_flow_table *table;
    struct flow_record *record;
    const struct flow_packet *packet;
    struct tcp_stream *own;
    struct tcp_stream *other;
    uint64_t heard; /* what the sender had received of the other stream */
    int64_t to_sender_ns;
    bool from_client;
    bool turn;
    bool paused;
};

/*
 * Whether it was the sender's turn: it has received something since it began its message, all there
 * is, and that was said by one who had heard all of its own.
 */
static bool
is_turn(const struct saying *saying)
{
    const struct tcp_stream *own = saying->own, *other = saying->other;

    return own->spoke && other->spoke && saying->heard > own->spoke_ack &&
           saying->heard >= other->next && other->open_ack >= own->next;
}

/*
 * Whether the server has now heard a question that it had not when it began what it is saying, and
 * had finished saying that: what follows is the answer.
 */
static bool
is_new_answer(const struct saying *saying)
{
    const struct tcp_stream *own = saying->own, *other = saying->other;
    struct flow_talk *talk = &saying->track->talk;
    const struct rnet_message *asked = talk_at(talk, talk->last[1 - saying->packet->direction]);

    return !saying->from_client && own->spoke && own->last_partial && asked != NULL &&
           (asked->flags & RNET_MESSAGE_OPENS_EXCHANGE) != 0 && saying->heard >= other->next &&
           own->open_ack <= other->began;
}

/*
 * Whether its window explains the sender's silence since its last data: it had sent as much as a
 * first window, or nothing but full segments, and went on as soon as the latest acknowledgement
 * could have reached it.
 */
static bool
network_explains(const struct saying *saying)
{
    const struct tcp_stream *own = saying->own;
    const uint32_t mss = tcp_full_segment_bytes(saying->track, saying->packet->direction);
    const uint64_t burst = own->next - own->burst_from;
    const int64_t slack_ns = PAUSE_NS + saying->to_sender_ns / 2;

    if (own->last_partial && burst < (uint64_t)FIRST_WINDOW_SEGMENTS * (mss != 0 ? mss : 1460))
        return false;
    return saying->packet->time_ns <= own->acked_ns + saying->to_sender_ns + slack_ns;
}

/*
 * The other side's message being built is a cause: it ends where it was heard, and what was already
 * seen beyond goes on as another message, written without waiting.
 */
static void
close_heard(const struct saying *saying)
{
    struct flow_talk *talk = &saying->track->talk;
    const uint8_t direction = 1 - saying->packet->direction;
    struct rnet_message *message = talk_at(talk, talk->open[direction]), *rest;
    const uint64_t next = saying->other->next;
    const uint64_t beyond = next > saying->heard ? next - saying->heard : 0;
    const uint32_t said = talk->open[direction];
    int64_t heard_ns;

    talk->open[direction] = RNET_NONE;
    if (message == NULL || beyond == 0 || beyond >= message->bytes)
        return;
    heard_ns = tcp_marks_time(saying->other, saying->heard);
    if (heard_ns < message->start_ns)
        heard_ns = message->start_ns;
    if (heard_ns > message->end_ns)
        heard_ns = message->end_ns;
    saying->other->previous = said;
    saying->other->began = saying->heard;
    rest = talk_begin(talk, saying->record, heard_ns, direction);
    rest->end_ns = talk->end_ns[direction] = message->end_ns;
    rest->bytes = beyond;
    rest->release = RNET_RELEASE_WRITTEN;
    rest->after_message = said;
    message->bytes -= beyond;
    message->end_ns = heard_ns;
}

static bool
is_interactive_port(uint16_t port)
{
    return port == 22 || port == 23 || port == 1494 || port == 2598 || port == 3389 ||
           port == 5900 || port == 5938;
}

/* Whether this is a key pressed or a pointer moved: at a person's rhythm, whatever the screen did.
 */
static bool
is_typed(const struct saying *saying, int64_t heard_ns)
{
    struct flow_talk *talk = &saying->track->talk;
    const struct rnet_message *said = talk_at(talk, talk->last[saying->packet->direction]);
    const struct rnet_message *echo = talk_at(talk, talk->last[1 - saying->packet->direction]);
    const int64_t since_ns = saying->packet->time_ns - saying->own->data_ns;
    const struct flow_record *record = saying->record;

    if (!saying->from_client || said == NULL || echo == NULL || said->bytes > TYPED_BYTES ||
        saying->packet->payload_bytes > TYPED_BYTES || echo->bytes > 8 * TYPED_BYTES ||
        (said->flags & RNET_MESSAGE_HANDSHAKE) != 0)
        return false;
    if (since_ns < TYPED_LEAST_NS || since_ns > TYPED_MOST_NS ||
        saying->packet->time_ns - heard_ns < TYPED_LEAST_NS / 2)
        return false;
    return saying->track->typed_ahead >= 2 || is_interactive_port(record->key.low_port) ||
           is_interactive_port(record->key.high_port);
}

/* The sender paused, and heard something meanwhile that was too little or too usual to matter. */
static bool
is_own_pace(const struct saying *saying)
{
    const int64_t gap_ns = saying->packet->time_ns - saying->own->data_ns;

    return !saying->turn && saying->own->pace_ns > 0 && gap_ns < 2 * saying->own->pace_ns;
}

static void
set_release(struct rnet_message *message, enum rnet_release release, uint32_t after,
            int64_t since_ns)
{
    message->release = (uint8_t)release;
    message->after_message = after;
    message->wait_ns = message->start_ns > since_ns ? message->start_ns - since_ns : 0;
}

static struct rnet_message *
begin(const struct saying *saying)
{
    saying->own->previous = saying->track->talk.last[saying->packet->direction];
    saying->own->began = saying->own->next;
    return talk_begin(&saying->track->talk, saying->record, saying->packet->time_ns,
                      saying->packet->direction);
}

/* Another connection's answer may have come later than this one's; a long silence is the clock's.
 */
static void
look_beyond(const struct saying *saying, struct rnet_message *message, int64_t heard_ns)
{
    const int64_t office_ns = saying->to_sender_ns;
    const int64_t now_ns = saying->packet->time_ns;
    struct flow_cause cause;

    if (!saying->from_client)
        return;
    if (depend_question(saying->table, saying->record, now_ns,
                        heard_ns - office_ns + CLEARLY_LATER_NS, &cause)) {
        set_release(message, RNET_RELEASE_DELIVERY, cause.message, cause.end_ns + office_ns);
        message->after_conversation = cause.flow;
    } else if (message->wait_ns > THINK_MOST_NS) {
        set_release(message, RNET_RELEASE_CLOCK, RNET_NONE, now_ns);
    }
    saying->track->talk.activity = saying->record->activity;
    message->activity = saying->record->activity;
}

static struct rnet_message *
begin_after_hearing(const struct saying *saying, int64_t heard_ns)
{
    struct flow_talk *talk = &saying->track->talk;
    const uint8_t from = 1 - saying->packet->direction;
    const uint32_t said = talk->last[saying->packet->direction];
    uint32_t cause = talk->last[from];
    struct rnet_message *message;
    const bool before_last =
        saying->heard <= saying->other->began && saying->other->previous != RNET_NONE;

    if (is_typed(saying, heard_ns)) {
        message = begin(saying);
        set_release(message, RNET_RELEASE_WRITTEN, said, saying->own->data_ns);
        return message;
    }
    if (before_last) {
        cause = saying->other->previous;
    } else if (talk->open[from] != RNET_NONE) {
        cause = talk->open[from];
        close_heard(saying);
    }
    message = begin(saying);
    set_release(message, RNET_RELEASE_DELIVERY, cause, heard_ns);
    if (saying->turn)
        message->flags |= RNET_MESSAGE_SERIAL;
    look_beyond(saying, message, heard_ns);
    return message;
}

static struct rnet_message *
begin_by_itself(const struct saying *saying)
{
    const uint32_t said = saying->track->talk.last[saying->packet->direction];
    struct tcp_stream *own = saying->own;
    const int64_t gap_ns = saying->packet->time_ns - own->data_ns;
    struct rnet_message *message = begin(saying);

    if (!saying->paused) {
        set_release(message, RNET_RELEASE_WRITTEN, said, message->start_ns);
        return message;
    }
    own->pace_ns = own->pace_ns == 0 ? gap_ns : (3 * own->pace_ns + gap_ns) / 4;
    if (gap_ns > THINK_MOST_NS)
        set_release(message, RNET_RELEASE_CLOCK, RNET_NONE, message->start_ns);
    else
        set_release(message, RNET_RELEASE_WRITTEN, said, own->data_ns);
    return message;
}

static struct rnet_message *
begin_first(const struct saying *saying)
{
    const struct tcp_track *track = saying->track;
    struct rnet_message *message = begin(saying);

    if (track->open_ns >= 0)
        set_release(message, RNET_RELEASE_OPEN, RNET_NONE,
                    saying->packet->direction == track->opener
                        ? track->open_ns
                        : track->open_ns + saying->to_sender_ns);
    look_beyond(saying, message, message->start_ns - message->wait_ns);
    return message;
}

/* Begin a message, released by the later of what its sender last heard and last said. */
static struct rnet_message *
begin_message(const struct saying *saying)
{
    const struct flow_talk *talk = &saying->track->talk;
    const struct tcp_stream *own = saying->own, *other = saying->other;
    const bool said = talk->last[saying->packet->direction] != RNET_NONE;
    const bool heard_more = talk->last[1 - saying->packet->direction] != RNET_NONE &&
                            saying->heard > own->spoke_ack && saying->heard > other->first;
    int64_t heard_ns;

    if (heard_more) {
        heard_ns = tcp_marks_time(other, saying->heard) + saying->to_sender_ns;
        if (!said || saying->turn ||
            (saying->paused && heard_ns >= own->data_ns && !is_own_pace(saying)))
            return begin_after_hearing(saying, heard_ns);
    }
    return said ? begin_by_itself(saying) : begin_first(saying);
}

/* TLS record header (RFC 8446 §5.1): content type, version 3.x, at most 2^14 + 256 bytes. */
static int
tls_type(const struct flow_packet *packet)
{
    if (packet->head_bytes < 5 || packet->head[1] != 3 || packet->head[2] > 4 ||
        packet->head[0] < 20 || packet->head[0] > 23 ||
        (packet->head[3] << 8 | packet->head[4]) > 16384 + 256)
        return 0;
    return packet->head[0];
}

/* Whether a new message is part of setting up TLS: handshake (22) and cipher change (20) records,
 * and what the server sends unasked right after (tickets). */
static void
mark_handshake(const struct saying *saying, struct rnet_message *message)
{
    struct flow_talk *talk = &saying->track->talk;
    const struct rnet_message *cause = NULL;
    const int type = tls_type(saying->packet);

    if (message->release == RNET_RELEASE_DELIVERY &&
        message->after_conversation == (uint32_t)saying->record->id)
        cause = talk_at(talk, message->after_message);
    if ((type == 22 || type == 20) && !saying->own->tls_data)
        message->flags |= RNET_MESSAGE_HANDSHAKE;
    else if (type == 23 && !saying->from_client && cause != NULL &&
             (cause->flags & RNET_MESSAGE_HANDSHAKE) != 0)
        message->flags |= RNET_MESSAGE_HANDSHAKE; /* until it proves longer */
    else if (type == 23)
        saying->own->tls_data = true;
}

static void
mark_exchange(const struct saying *saying, struct rnet_message *message, bool answered)
{
    if (saying->from_client && message->release != RNET_RELEASE_WRITTEN && answered)
        message->flags |= RNET_MESSAGE_OPENS_EXCHANGE;
    else if (saying->from_client && message->wait_ns >= TYPED_LEAST_NS && answered)
        message->flags |= RNET_MESSAGE_OPENS_EXCHANGE;
}

/* A client's first application record behind its handshake: the question proper. */
static bool
ends_handshake(const struct saying *saying, const struct rnet_message *message)
{
    return saying->from_client && (message->flags & RNET_MESSAGE_HANDSHAKE) != 0 &&
           tls_type(saying->packet) == 23;
}

static struct rnet_message *
message_for(struct saying *saying)
{
    struct flow_talk *talk = &saying->track->talk;
    struct tcp_stream *own = saying->own;
    struct rnet_message *message = talk_at(talk, talk->open[saying->packet->direction]);
    const bool asked = message != NULL && ends_handshake(saying, message);
    /* Everything the other side had said was heard, or nothing was said yet. */
    const bool answered = !own->spoke || asked ||
                          (saying->heard >= saying->other->next && saying->other->last_partial);

    if (message != NULL && !saying->turn && !saying->paused && !asked)
        return message;
    if (saying->from_client && own->spoke && !answered && saying->paused &&
        saying->packet->payload_bytes <= TYPED_BYTES)
        saying->track->typed_ahead++;
    message = begin_message(saying);
    depend_join(saying->table, saying->record);
    own->open_ack = saying->heard;
    mark_handshake(saying, message);
    mark_exchange(saying, message, answered);
    if (asked)
        message->flags |= RNET_MESSAGE_OPENS_EXCHANGE;
    return message;
}

void
messages_add(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record,
             const struct flow_packet *packet, uint64_t new_bytes)
{
    struct flow_talk *talk = &track->talk;
    const uint8_t direction = packet->direction;
    const uint32_t mss = tcp_full_segment_bytes(track, direction);
    struct saying saying = {.track = track,
                            .table = table,
                            .record = record,
                            .packet = packet,
                            .own = &track->stream[direction],
                            .other = &track->stream[1 - direction],
                            .from_client = record->opened_by_office == (direction == RNET_UP)};
    struct tcp_stream *own = saying.own;
    struct rnet_message *message;
    bool gap;

    if ((packet->tcp_flags & RNET_TCP_ACK) != 0 && saying.other->known)
        saying.heard = tcp_unwrap(saying.other->next, packet->acknowledgement);
    /* The sender is the receiver of the other stream. */
    saying.to_sender_ns = saying.other->rtt_ns > 0 ? saying.other->rtt_ns : 0;
    gap = own->spoke && packet->time_ns - own->data_ns >= PAUSE_NS;
    saying.turn = is_turn(&saying) || is_new_answer(&saying);
    saying.paused = gap && !network_explains(&saying);
    message = message_for(&saying);
    message->bytes += new_bytes;
    message->end_ns = packet->time_ns;
    if (message->bytes > HANDSHAKE_TAIL_BYTES && !saying.from_client &&
        message->release == RNET_RELEASE_DELIVERY && tls_type(&record->first) == 0 && own->tls_data)
        message->flags &= (uint16_t)~RNET_MESSAGE_HANDSHAKE;
    talk->end_ns[direction] = packet->time_ns;
    if (gap || !own->spoke)
        own->burst_from = own->next;
    own->spoke = true;
    own->spoke_ack = saying.heard;
    own->last_partial = packet->payload_bytes < (mss != 0 ? mss : own->largest_payload);
    talk->resting[direction] = own->last_partial;
}
