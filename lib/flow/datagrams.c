/* Open-loop flows: datagrams at their captured times, handed on in pieces. */
#include "flow/flow.h"

/* Datagrams held back per flow; a piece of 3 KiB. Chosen; no deeper reason. */
#define PIECE_DATAGRAMS 128
/* A super-packet of 65 575 bytes becomes at most this many. */
#define MAX_SPLIT 64u

struct datagram_track {
    struct rnet_datagram *items;
    size_t count;
    size_t capacity;
    uint32_t handed_on;
    int64_t last_ns;
    uint32_t ssrc[4]; /* RTP streams told apart, in order of appearance; number = place + 1 */
    uint8_t ssrc_count;
    bool asked;
    int64_t asked_ns; /* when the office last sent a question that is answered at once */
    int64_t rtt_ns;   /* smallest time to its answer; 0 = not seen */
};

/* Ports whose protocols answer at once: SIP, STUN, IKE, WireGuard, OpenVPN. */
static const uint16_t answering_ports[] = {500, 1194, 3478, 5060, 5061, 51820};

/* Whether a packet from the office is a question, or one to it an answer, for the round trip. */
static bool
is_question_or_answer(const struct flow_record *record, const struct flow_packet *packet)
{
    /* STUN binding, in any flow: type and magic cookie (RFC 8489 §5). */
    if (packet->head_bytes >= 6 && packet->head[0] <= 1 && packet->head[1] == 1 &&
        packet->head[4] == 0x21 && packet->head[5] == 0x12)
        return (packet->head[0] == 0) == (packet->direction == RNET_UP);
    for (size_t i = 0; i < sizeof answering_ports / sizeof *answering_ports; i++)
        if (record->key.low_port == answering_ports[i] ||
            record->key.high_port == answering_ports[i])
            return true;
    return false;
}

static void
note_round_trip(struct datagram_track *track, const struct flow_record *record,
                const struct flow_packet *packet)
{
    int64_t rtt_ns;

    if (!is_question_or_answer(record, packet))
        return;
    if (packet->direction == RNET_DOWN && track->asked) {
        rtt_ns = packet->time_ns - track->asked_ns;
        if (track->rtt_ns == 0 || rtt_ns < track->rtt_ns)
            track->rtt_ns = rtt_ns > 0 ? rtt_ns : 1;
    }
    track->asked = packet->direction == RNET_UP;
    track->asked_ns = packet->time_ns;
}

struct datagram_track *
datagram_track_new(void)
{
    return rnet_alloc_zero(1, sizeof(struct datagram_track));
}

enum rnet_status
datagram_track_reserve(struct datagram_track *track)
{
    return rnet_array_reserve((void **)&track->items, &track->capacity, track->count + MAX_SPLIT,
                              sizeof *track->items);
}

static uint8_t
substream(struct datagram_track *track, const struct flow_packet *packet)
{
    if (!packet->has_rtp)
        return 0;
    for (uint8_t i = 0; i < track->ssrc_count; i++)
        if (track->ssrc[i] == packet->ssrc)
            return (uint8_t)(i + 1);
    if (track->ssrc_count == sizeof track->ssrc / sizeof *track->ssrc)
        return 0;
    track->ssrc[track->ssrc_count++] = packet->ssrc;
    return track->ssrc_count;
}

static enum rnet_status
hand_on(struct datagram_track *track, struct rnet_flow_table *table, struct flow_record *record)
{
    const size_t count = track->count;
    const uint32_t first = track->handed_on;

    if (count == 0)
        return RNET_OK;
    track->count = 0;
    track->handed_on += (uint32_t)count;
    return flow_emit_datagrams(table, record, track->items, first, count);
}

enum rnet_status
datagram_track_add(struct datagram_track *track, struct rnet_flow_table *table,
                   struct flow_record *record, const struct flow_packet *packet)
{
    struct rnet_datagram item = {.time_ns = packet->time_ns,
                                 .direction = packet->direction,
                                 .substream = substream(track, packet),
                                 .sequence = packet->has_rtp ? packet->rtp_sequence : 0};
    const uint16_t pieces = packet->pieces < MAX_SPLIT ? packet->pieces : MAX_SPLIT;

    note_round_trip(track, record, packet);
    if (packet->last_ip_bytes == 0 || track->handed_on > UINT32_MAX - 2 * PIECE_DATAGRAMS)
        return RNET_OK;
    if (item.time_ns < track->last_ns)
        item.time_ns = track->last_ns;
    track->last_ns = item.time_ns;
    /* A super-packet (segmentation offload) is several packets on the line. */
    for (uint16_t i = 1; i <= pieces; i++) {
        item.ip_bytes = i < pieces ? packet->full_ip_bytes : packet->last_ip_bytes;
        track->items[track->count++] = item;
    }
    return track->count >= PIECE_DATAGRAMS ? hand_on(track, table, record) : RNET_OK;
}

enum rnet_status
datagram_track_finish(struct datagram_track *track, struct rnet_flow_table *table,
                      struct flow_record *record)
{
    return hand_on(track, table, record);
}

void
datagram_track_describe(const struct datagram_track *track, struct rnet_flow *flow)
{
    if (track->rtt_ns > 0)
        flow->conversation.rtt_internet_ns = track->rtt_ns;
    flow->conversation.items = track->handed_on + (uint32_t)track->count;
}

void
datagram_track_free(struct datagram_track *track)
{
    if (track == NULL)
        return;
    rnet_free(track->items);
    rnet_free(track);
}
