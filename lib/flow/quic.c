/*
 * Questions and answers over UDP: name lookups and their like, datagram by datagram, and QUIC.
 *
 * QUIC hides its acknowledgements, so units are found from sizes and directions (docs/flows.md): a
 * packet that carries no more than an acknowledgement could is not part of a message. A message
 * ends when the other side has answered or the sender pauses; a gap of the sender's that is no
 * longer than a round trip belongs to the message, because its window may explain it.
 */
#include "flow/flow.h"

/* Payload up to which a QUIC packet is taken for an acknowledgement: short header with an 8-byte
 * connection id 9 to 13, tag 16, ACK frame with several ranges up to about 40 (RFC 9000 §17.3,
 * §19.3; computed). Requests are longer: field sections of HTTP/3 take 50 bytes and more. */
#define ACK_PAYLOAD_BYTES 72
/* Short header with connection id 11, frame header 4, tag 16 (RFC 9000 §17.3.1, RFC 9001 §5.3;
 * computed); the replay adds the same. */
#define QUIC_OVERHEAD_BYTES 31
#define PAUSE_NS (5 * RNET_NS_PER_MS)
#define THINK_MOST_NS (30 * RNET_NS_PER_S)
#define CLEARLY_LATER_NS (5 * RNET_NS_PER_MS)
#define LOOKUPS 4

struct quic_track {
    struct flow_talk talk;             /* first: see flow_record.talk */
    int64_t data_ns[RNET_DIRECTIONS];  /* last packet of a message */
    int64_t rtt_ns;                    /* smallest question-to-answer time; -1 = not seen */
    uint32_t largest[RNET_DIRECTIONS]; /* payload */
    uint32_t asked[LOOKUPS];           /* lookups: message of a question, by its id */
    uint16_t asked_id[LOOKUPS];
    uint8_t asked_next;
    bool is_quic;
    bool began; /* a long header was seen first */
};

/* DNS, Kerberos, NTP, SNMP: one question, one answer. */
static bool
is_lookup_port(uint16_t port)
{
    return port == 53 || port == 88 || port == 123 || port == 161;
}

bool
quic_is_closed_loop(const struct rnet_headers *headers)
{
    const uint8_t *p = headers->payload;
    const uint16_t low = headers->source_port < headers->destination_port
                             ? headers->source_port
                             : headers->destination_port;

    if (headers->protocol != RNET_IPPROTO_UDP)
        return false;
    if (is_lookup_port(low))
        return true;
    if (p == NULL || headers->payload_captured_bytes < 5)
        return low == 443;
    /* QUIC (RFC 9000 §17, RFC 9369): long header with a version anywhere, the fixed bit on 443. */
    if ((p[0] & 0xc0) == 0xc0 && headers->payload_bytes >= 1200 &&
        ((p[1] == 0 && p[2] == 0 && p[3] == 0 && p[4] == 1) ||
         (p[1] == 0x6b && p[2] == 0x33 && p[3] == 0x43 && p[4] == 0xcf) ||
         (p[1] == 0xff && p[2] == 0 && p[3] == 0) || p[1] == 'Q'))
        return true;
    return low == 443 && ((p[0] & 0x40) != 0 || (p[0] & 0xcf) == 0x0d || p[0] == 0x0c);
}

struct quic_track *
quic_track_new(void)
{
    struct quic_track *track = rnet_alloc_zero(1, sizeof *track);

    if (track == NULL)
        return NULL;
    talk_init(&track->talk);
    track->rtt_ns = -1;
    for (int i = 0; i < LOOKUPS; i++)
        track->asked[i] = RNET_NONE;
    return track;
}

enum rnet_status
quic_track_reserve(struct quic_track *track, struct rnet_flow_table *table,
                   struct flow_record *record)
{
    return talk_make_room(&track->talk, table, record);
}

static struct rnet_message *
begin(struct quic_track *track, const struct flow_record *record, const struct flow_packet *packet,
      enum rnet_release release, uint32_t after, int64_t since_ns)
{
    struct rnet_message *message =
        talk_begin(&track->talk, record, packet->time_ns, packet->direction);

    message->release = (uint8_t)release;
    message->after_message = after;
    message->wait_ns = packet->time_ns > since_ns ? packet->time_ns - since_ns : 0;
    return message;
}

/* A client asks: after another flow's answer, this one's, its own last question, or by the clock.
 */
static struct rnet_message *
begin_question(struct quic_track *track, struct rnet_flow_table *table, struct flow_record *record,
               const struct flow_packet *packet)
{
    struct flow_talk *talk = &track->talk;
    const uint8_t own = packet->direction, other = 1 - own;
    const bool heard = talk->last[other] != RNET_NONE && talk->last[own] != RNET_NONE &&
                       track->data_ns[other] >= track->data_ns[own];
    const int64_t since_ns = heard ? track->data_ns[other] : track->data_ns[own];
    struct rnet_message *message;
    struct flow_cause cause;

    if (talk->last[own] == RNET_NONE) {
        message = begin(track, record, packet, RNET_RELEASE_OPEN, RNET_NONE, packet->time_ns);
        depend_join(table, record);
        talk->activity = message->activity = record->activity;
        return message;
    }
    talk->open[other] = RNET_NONE;
    if (depend_question(table, record, packet->time_ns, since_ns + CLEARLY_LATER_NS, &cause)) {
        message = begin(track, record, packet, RNET_RELEASE_DELIVERY, cause.message, cause.end_ns);
        message->after_conversation = cause.flow;
    } else if (packet->time_ns - since_ns > THINK_MOST_NS) {
        message = begin(track, record, packet, RNET_RELEASE_CLOCK, RNET_NONE, packet->time_ns);
    } else if (heard) {
        message = begin(track, record, packet, RNET_RELEASE_DELIVERY, talk->last[other], since_ns);
    } else {
        message = begin(track, record, packet, RNET_RELEASE_WRITTEN, talk->last[own], since_ns);
    }
    talk->activity = message->activity = record->activity;
    return message;
}

/* A server answers what was asked a round trip ago, or goes on by itself. */
static struct rnet_message *
begin_answer(struct quic_track *track, struct rnet_flow_table *table, struct flow_record *record,
             const struct flow_packet *packet, uint32_t question)
{
    struct flow_talk *talk = &track->talk;
    const uint8_t own = packet->direction;
    const int64_t asked_ns = talk->end_ns[1 - own];
    struct rnet_message *message;

    if (question == RNET_NONE) {
        message = talk->last[own] == RNET_NONE
                      ? begin(track, record, packet, RNET_RELEASE_OPEN, RNET_NONE, packet->time_ns)
                      : begin(track, record, packet, RNET_RELEASE_WRITTEN, talk->last[own],
                              track->data_ns[own]);
    } else {
        if (track->rtt_ns < 0 || packet->time_ns - asked_ns < track->rtt_ns)
            track->rtt_ns = packet->time_ns - asked_ns;
        message =
            begin(track, record, packet, RNET_RELEASE_DELIVERY, question, asked_ns + track->rtt_ns);
        if (talk->open[1 - own] == question)
            talk->open[1 - own] = RNET_NONE;
    }
    depend_join(table, record);
    return message;
}

/* Lookups: every datagram is a message; an answer belongs to the question of the same id. */
static void
add_lookup(struct quic_track *track, struct rnet_flow_table *table, struct flow_record *record,
           const struct flow_packet *packet, bool from_client)
{
    const uint16_t id =
        packet->head_bytes >= 2 ? (uint16_t)(packet->head[0] * 256 + packet->head[1]) : 0;
    struct rnet_message *message;
    uint32_t question = track->talk.last[1 - packet->direction];

    if (from_client) {
        message = begin_question(track, table, record, packet);
        message->flags |= RNET_MESSAGE_OPENS_EXCHANGE;
        track->asked[track->asked_next] = track->talk.last[packet->direction];
        track->asked_id[track->asked_next] = id;
        track->asked_next = (uint8_t)((track->asked_next + 1) % LOOKUPS);
    } else {
        for (int i = 0; i < LOOKUPS; i++)
            if (track->asked[i] != RNET_NONE && track->asked_id[i] == id)
                question = track->asked[i];
        message = begin_answer(track, table, record, packet, question);
    }
    message->bytes = packet->payload_bytes;
    track->talk.open[packet->direction] = RNET_NONE;
    track->talk.resting[packet->direction] = true;
}

static bool
is_handshake(const struct flow_packet *packet)
{
    return packet->head_bytes > 0 && (packet->head[0] & 0x80) != 0;
}

static void
add_quic(struct quic_track *track, struct rnet_flow_table *table, struct flow_record *record,
         const struct flow_packet *packet, bool from_client)
{
    struct flow_talk *talk = &track->talk;
    const uint8_t own = packet->direction, other = 1 - own;
    struct rnet_message *message = talk_at(talk, talk->open[own]);
    const int64_t gap_ns = packet->time_ns - track->data_ns[own];
    const int64_t round_ns = track->rtt_ns > 0 && !from_client ? track->rtt_ns : 0;
    const bool spoken_to =
        talk->last[other] != RNET_NONE && talk->end_ns[other] > track->data_ns[own];
    bool begins = message == NULL;

    if (packet->payload_bytes <= ACK_PAYLOAD_BYTES && talk->last[own] != RNET_NONE)
        return;
    if (!begins && spoken_to)
        begins = packet->time_ns - talk->end_ns[other] >= round_ns * 9 / 10;
    if (!begins)
        begins = gap_ns > PAUSE_NS + round_ns * 3 / 2;
    if (begins && from_client) {
        message = begin_question(track, table, record, packet);
        message->flags |= RNET_MESSAGE_OPENS_EXCHANGE;
    } else if (begins) {
        message =
            begin_answer(track, table, record, packet, spoken_to ? talk->last[other] : RNET_NONE);
    }
    if (begins && is_handshake(packet))
        message->flags |= RNET_MESSAGE_HANDSHAKE;
    /* Application bytes: what the packet's own header, frame and tag leave. */
    message->bytes += packet->payload_bytes > QUIC_OVERHEAD_BYTES
                          ? packet->payload_bytes - QUIC_OVERHEAD_BYTES
                          : 1;
    message->end_ns = packet->time_ns;
    talk->resting[own] = packet->payload_bytes < track->largest[own];
}

void
quic_track_add(struct quic_track *track, struct rnet_flow_table *table, struct flow_record *record,
               const struct flow_packet *packet)
{
    const uint8_t own = packet->direction;
    const bool from_client = record->opened_by_office == (own == RNET_UP);
    const bool is_first = track->largest[RNET_UP] + track->largest[RNET_DOWN] == 0;
    const uint16_t low =
        record->key.low_port < record->key.high_port ? record->key.low_port : record->key.high_port;

    if (packet->payload_bytes == 0)
        return;
    if (is_first) {
        track->began = is_handshake(packet);
        track->is_quic = !is_lookup_port(low);
    }
    if (packet->payload_bytes > track->largest[own])
        track->largest[own] = packet->payload_bytes;
    if (!track->is_quic)
        add_lookup(track, table, record, packet, from_client);
    else
        add_quic(track, table, record, packet, from_client);
    if (packet->payload_bytes > ACK_PAYLOAD_BYTES || !track->is_quic) {
        track->data_ns[own] = packet->time_ns;
        track->talk.end_ns[own] = packet->time_ns;
    }
}

enum rnet_status
quic_track_finish(struct quic_track *track, struct rnet_flow_table *table,
                  struct flow_record *record)
{
    return talk_finish(&track->talk, table, record);
}

void
quic_track_describe(const struct quic_track *track, struct rnet_flow *flow)
{
    struct rnet_conversation *conversation = &flow->conversation;

    conversation->media_pace_ns = track->talk.media_pace_ns;
    conversation->items = track->talk.handed_on + (uint32_t)track->talk.count;
    conversation->rtt_internet_ns = track->rtt_ns;
    conversation->rtt_office_ns = track->rtt_ns >= 0 ? 0 : -1;
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        conversation->mss_bytes[d] =
            (uint16_t)(track->largest[d] < 1472 ? track->largest[d] : 1472);
    if (track->began || !track->is_quic)
        conversation->flags |= RNET_CONVERSATION_HANDSHAKE_SEEN;
    if (track->talk.last[RNET_DOWN] == RNET_NONE || track->talk.last[RNET_UP] == RNET_NONE)
        conversation->flags |= RNET_CONVERSATION_FAILED;
}

void
quic_track_free(struct quic_track *track)
{
    if (track == NULL)
        return;
    talk_clear(&track->talk);
    rnet_free(track);
}
