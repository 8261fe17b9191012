/*
 * TCP tracking: sequence space, retransmissions, handshake, windows.
 *
 * What counts as retransmitted, out of order, a keep-alive or a duplicate ACK follows the
 * definitions that Wireshark documents for tcp.analysis, so that the counts can be compared.
 */
#include "flow/tcp.h"

#include <string.h>

#define SEQUENCE_BASE (UINT64_C(1) << 32)
/* Where no handshake was seen, a late segment within this time is taken for reordered. */
#define REORDER_NS (3 * RNET_NS_PER_MS)
/* A segment asked for by duplicate ACKs follows them within this time. */
#define FAST_RETRANSMIT_NS (20 * RNET_NS_PER_MS)
/* Windows of this size are the largest that common systems open (Linux: 6 to 32 MB). */
#define MAX_HOLE_BYTES (UINT64_C(16) << 20)

/* The largest window there can be (RFC 7323 §2.3): larger jumps of an acknowledgement or of an empty
 * segment are not believed, and nothing further behind can be on its way still. */
#define MAX_JUMP_BYTES (UINT64_C(1) << 30)
/* Longer is no round trip (RFC 9293 gives up on a connection after minutes). Chosen. */
#define LONGEST_RTT_NS (100 * RNET_NS_PER_S)

struct tcp_track *
tcp_track_new(void)
{
    struct tcp_track *track = rnet_alloc_zero(1, sizeof *track);

    if (track == NULL)
        return NULL;
    talk_init(&track->talk);
    track->initial_rtt_ns = -1;
    track->open_ns = -1;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        track->stream[d].syn_ns = -1;
        track->stream[d].rtt_ns = -1;
        track->stream[d].window_scale = 255;
        track->stream[d].previous = RNET_NONE;
        track->stream[d].marks = track->few_marks[d];
        track->limit[d].heard = track->few_heard[d];
        track->stream[d].mark_mask = track->limit[d].heard_mask = TCP_FEW - 1;
    }
    return track;
}

/* A packet adds at most one entry to each ring: nothing was overwritten so far. */
static enum rnet_status
ensure_rings(struct tcp_track *track)
{
    bool enough = track->rings != NULL;

    if (!enough)
        enough = track->stream[0].mark_end < TCP_FEW && track->stream[1].mark_end < TCP_FEW &&
                 track->limit[0].heard_end < TCP_FEW && track->limit[1].heard_end < TCP_FEW;
    if (enough)
        return RNET_OK;
    track->rings = rnet_alloc_zero(1, sizeof *track->rings);
    if (track->rings == NULL)
        return RNET_ENOMEM;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        memcpy(track->rings->marks[d], track->few_marks[d], sizeof track->few_marks[d]);
        memcpy(track->rings->heard[d], track->few_heard[d], sizeof track->few_heard[d]);
        track->stream[d].marks = track->rings->marks[d];
        track->stream[d].mark_mask = TCP_MARKS - 1;
        track->limit[d].heard = track->rings->heard[d];
        track->limit[d].heard_mask = TCP_HEARD - 1;
    }
    return RNET_OK;
}

enum rnet_status
tcp_track_reserve(struct tcp_track *track, struct rnet_flow_table *table,
                  struct flow_record *record)
{
    const enum rnet_status status = ensure_rings(track);

    if (status != RNET_OK)
        return status;
    return talk_make_room(&track->talk, table, record);
}

void
tcp_track_free(struct tcp_track *track)
{
    if (track == NULL)
        return;
    talk_clear(&track->talk);
    rnet_free(track->rings);
    rnet_free(track);
}

static void
learn_stream(struct tcp_stream *stream, uint32_t first_byte)
{
    if (stream->known)
        return;
    stream->known = true;
    stream->first = SEQUENCE_BASE + first_byte;
    stream->next = stream->first;
    stream->acked = stream->first;
}

static void
note_syn(struct tcp_track *track, const struct flow_packet *packet)
{
    struct tcp_stream *own = &track->stream[packet->direction];
    struct tcp_stream *other = &track->stream[1 - packet->direction];
    const bool from_opener = (packet->tcp_flags & RNET_TCP_ACK) == 0;

    if (from_opener)
        track->opener = packet->direction;
    /* Another initial number is no repetition (a firewall's renumbered copy, see docs/flows.md). */
    if (own->syn_seen && (uint32_t)own->first == packet->sequence + 1)
        own->retransmitted++;
    own->syn_seen = true;
    own->syn_ns = packet->time_ns;
    own->window_scale = packet->window_scale;
    own->sack = packet->sack_permitted;
    own->timestamps = packet->has_timestamps;
    other->mss_option = packet->mss;
    learn_stream(own, packet->sequence + 1);
    if (!from_opener && other->syn_ns >= 0 && !other->ack_known)
        other->rtt_ns = packet->time_ns - other->syn_ns;
    track->handshake_seen |= from_opener;
}

/*
 * The opener's first acknowledgement after its SYN ends the handshake, even where the answer to the
 * SYN was not captured. A refusal (RST) ends it as well, with the round trip to whoever refused.
 */
static void
note_handshake_end(struct tcp_track *track, const struct flow_packet *packet)
{
    const struct tcp_stream *opener = &track->stream[track->opener];
    struct tcp_stream *answerer = &track->stream[1 - track->opener];
    const bool refused = (packet->tcp_flags & RNET_TCP_RST) != 0;

    if (track->initial_rtt_ns >= 0 || opener->syn_ns < 0 ||
        (packet->tcp_flags & (RNET_TCP_SYN | RNET_TCP_ACK)) != RNET_TCP_ACK ||
        (packet->direction != track->opener && !refused))
        return;
    track->initial_rtt_ns = packet->time_ns - opener->syn_ns;
    if (refused)
        return;
    track->open_ns = packet->time_ns;
    if (answerer->syn_ns >= 0)
        answerer->rtt_ns = packet->time_ns - answerer->syn_ns;
}

static void
note_window(struct tcp_track *track, const struct flow_packet *packet)
{
    const struct tcp_stream *own = &track->stream[packet->direction];
    struct tcp_stream *other = &track->stream[1 - packet->direction];
    /* Scaling holds only when both offered it, and never in a SYN (RFC 7323). Of an end whose SYN was
     * not captured the scale is not known, so no window of it is. */
    const bool scaled = own->window_scale != 255 &&
                        (other->window_scale != 255 || !other->syn_seen) &&
                        (packet->tcp_flags & RNET_TCP_SYN) == 0;
    const uint8_t shift = own->window_scale > 14 ? 14 : own->window_scale;

    other->window = scaled ? (uint32_t)packet->window << shift : packet->window;
    if (own->syn_seen && other->window > other->window_most)
        other->window_most = other->window;
    if (packet->window == 0 &&
        (packet->tcp_flags & (RNET_TCP_RST | RNET_TCP_FIN | RNET_TCP_SYN)) == 0)
        other->zero_windows++;
}

/* Where the capture shows a direction, what it misses of it is bounded by a window; of a direction
 * that it does not show, only the steps from one acknowledgement to the next are known. */
static bool
ack_is_credible(const struct tcp_stream *data, uint64_t acked)
{
    const uint64_t known = data->next > data->acked ? data->next : data->acked;
    const bool shown = data->syn_seen || data->largest_payload > 0;

    return acked <= known || acked - known < (shown ? MAX_HOLE_BYTES : MAX_JUMP_BYTES);
}

/* Round trips between the capture point and the internet side are the line's: to the receiver of
 * what goes up, to the sender of what comes down. */
static void
note_line_rtt(struct tcp_track *track, struct rnet_flow_table *table,
              const struct flow_record *record, int direction, int64_t rtt_ns)
{
    const struct tcp_limit *limit = &track->limit[direction];
    int64_t least_ns = track->stream[RNET_UP].rtt_ns;

    if (rtt_ns < 0 || rtt_ns > LONGEST_RTT_NS || record->scope != RNET_SCOPE_CROSSES)
        return;
    if (limit->rtt_least_ns == 0 && flow_known_rtt_ns(table, record) >= 0)
        least_ns = flow_known_rtt_ns(table, record);
    limit_rtt(track, direction, rtt_ns, least_ns);
    pressure_add_delay(flow_table_pressure(table), rtt_ns - limit->rtt_least_ns);
}

/* Data going up has passed the line: a duplicate acknowledgement tells of one segment, which the next
 * new one tells of again. */
static void
note_delivered(struct tcp_track *track, struct rnet_flow_table *table,
               const struct flow_record *record, const struct flow_packet *packet,
               uint64_t acked_bytes)
{
    const struct tcp_stream *data = &track->stream[RNET_UP];
    struct tcp_limit *limit = &track->limit[RNET_UP];
    const uint16_t full = tcp_full_segment_bytes(track, RNET_UP);
    const uint32_t segment_bytes = full != 0 ? full : 1460;
    const uint32_t header_bytes = (packet->is_ipv6 ? 60u : 40u) + (packet->has_timestamps ? 12u : 0u);
    const uint64_t told =
        acked_bytes < limit->told_bytes ? acked_bytes : limit->told_bytes;

    if (record->scope != RNET_SCOPE_CROSSES || packet->direction != RNET_DOWN)
        return;
    limit->told_bytes -= told;
    acked_bytes -= told;
    if (acked_bytes == 0 && told == 0 &&
        data->acked + limit->told_bytes + segment_bytes <= data->next) {
        limit->told_bytes += segment_bytes;
        acked_bytes = segment_bytes;
    }
    if (acked_bytes > 0)
        pressure_add_delivered(flow_table_pressure(table), packet->time_ns, acked_bytes,
                               segment_bytes, header_bytes);
}

static void
note_ack(struct tcp_track *track, struct rnet_flow_table *table, const struct flow_record *record,
         const struct flow_packet *packet, uint32_t window_before)
{
    struct tcp_stream *own = &track->stream[packet->direction];
    struct tcp_stream *data = &track->stream[1 - packet->direction];
    uint64_t acked;
    int64_t rtt_ns;

    if ((packet->tcp_flags & RNET_TCP_ACK) == 0)
        return;
    learn_stream(data, packet->acknowledgement);
    acked = tcp_unwrap(data->next, packet->acknowledgement);
    if (acked > data->acked && ack_is_credible(data, acked)) {
        note_delivered(track, table, record, packet, acked - data->acked);
        data->acked = acked;
        data->acked_ns = packet->time_ns;
        data->duplicates_in_row = 0;
        rtt_ns = tcp_marks_acked(data, acked, packet->time_ns);
        if (packet->direction == RNET_DOWN)
            note_line_rtt(track, table, record, RNET_UP, rtt_ns);
    } else if (acked == data->acked && data->ack_known && packet->payload_bytes == 0 &&
               data->window == window_before && packet->window != 0 && own->known &&
               !data->keep_alive_last && tcp_unwrap(own->next, packet->sequence) == own->next &&
               (packet->tcp_flags & (RNET_TCP_SYN | RNET_TCP_FIN | RNET_TCP_RST)) == 0) {
        note_delivered(track, table, record, packet, 0);
        data->duplicate_acks++;
        data->duplicates_in_row++;
        data->acked_ns = packet->time_ns;
    }
    data->ack_known = true;
    limit_heard(track, packet);
}

static enum tcp_place
place_segment(const struct tcp_track *track, const struct flow_packet *packet)
{
    const struct tcp_stream *stream = &track->stream[packet->direction];
    const uint64_t start = tcp_unwrap(stream->next, packet->sequence);
    const uint64_t end = start + packet->payload_bytes;
    const bool fin = (packet->tcp_flags & RNET_TCP_FIN) != 0;
    const int64_t reorder_ns = track->initial_rtt_ns > 0 ? track->initial_rtt_ns : REORDER_NS;

    if (packet->payload_bytes <= 1 && start + 1 == stream->next && !fin)
        return TCP_KEEP_ALIVE;
    if (packet->payload_bytes == 0 && !fin)
        return TCP_EMPTY;
    if (packet->payload_bytes > 0 && stream->ack_known && end <= stream->acked)
        return TCP_RETRANSMITTED; /* it had arrived */
    if (start >= stream->next || (packet->payload_bytes > 1 && start + 1 == stream->next))
        return TCP_NEW;
    if (stream->duplicates_in_row >= 2 && start == stream->acked &&
        packet->time_ns - stream->acked_ns < FAST_RETRANSMIT_NS)
        return TCP_RETRANSMITTED;
    if (stream->next - start < MAX_JUMP_BYTES &&
        packet->time_ns - stream->next_ns < reorder_ns && end + fin != stream->next)
        return TCP_OUT_OF_ORDER;
    return TCP_RETRANSMITTED;
}

static void
advance(struct tcp_stream *stream, uint64_t next, int64_t now_ns)
{
    stream->next = next;
    stream->next_ns = now_ns;
}

static void
note_data(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record,
          const struct flow_packet *packet, uint64_t end)
{
    struct tcp_stream *stream = &track->stream[packet->direction];
    uint64_t fresh = end > stream->next ? end - stream->next : 0;
    int64_t rtt_ns;
    bool rested;

    /* Bytes the capture missed were said all the same; a jump no window allows is damage. */
    if (fresh > packet->payload_bytes + MAX_HOLE_BYTES)
        fresh = packet->payload_bytes;
    if (packet->payload_bytes > stream->largest_payload)
        stream->largest_payload = packet->payload_bytes;
    if (fresh == 0)
        return;
    messages_add(track, table, record, packet, fresh);
    rested = stream->began == stream->next;
    limit_data(track, packet->direction, packet->time_ns, end, fresh, rested);
    rtt_ns = limit_echo_rtt(track, packet, rested);
    if (packet->direction == RNET_DOWN)
        note_line_rtt(track, table, record, RNET_DOWN, rtt_ns);
    advance(stream, end, packet->time_ns);
    stream->data_ns = packet->time_ns;
    tcp_marks_sent(stream, end, packet->time_ns);
}

/* A reset may carry words (RFC 1122 §4.2.2.12), which are no application's; they can be repeated. */
static void
note_reset(struct tcp_track *track, const struct flow_packet *packet)
{
    struct tcp_stream *stream = &track->stream[packet->direction];

    track->reset = true;
    if (packet->payload_bytes == 0)
        return;
    learn_stream(stream, packet->sequence);
    if (place_segment(track, packet) == TCP_RETRANSMITTED)
        stream->retransmitted++;
    else
        advance(stream, tcp_unwrap(stream->next, packet->sequence) + packet->payload_bytes,
                packet->time_ns);
}

static void
note_segment(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record,
             const struct flow_packet *packet)
{
    struct tcp_stream *stream = &track->stream[packet->direction];
    enum tcp_place place;
    uint64_t end;

    if ((packet->tcp_flags & (RNET_TCP_SYN | RNET_TCP_RST)) != 0)
        return;
    learn_stream(stream, packet->sequence);
    place = place_segment(track, packet);
    end = tcp_unwrap(stream->next, packet->sequence) + packet->payload_bytes;
    stream->keep_alive_last = place == TCP_KEEP_ALIVE;
    switch (place) {
    case TCP_KEEP_ALIVE:
        track->keep_alives++;
        return;
    case TCP_EMPTY:
        /* What lies between was sent but not captured. */
        if (end > stream->next && end - stream->next < MAX_JUMP_BYTES)
            advance(stream, end, packet->time_ns);
        return;
    case TCP_RETRANSMITTED:
        stream->retransmitted++;
        tcp_marks_resent(stream);
        break;
    case TCP_OUT_OF_ORDER:
        stream->out_of_order++;
        break;
    case TCP_NEW:
        break;
    }
    if (packet->payload_bytes > 0)
        note_data(track, table, record, packet, end);
    if ((packet->tcp_flags & RNET_TCP_FIN) != 0 && end >= stream->next) {
        stream->fin_seen = true;
        advance(stream, end + 1, packet->time_ns);
    }
}

enum rnet_status
tcp_track_add(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record,
              const struct flow_packet *packet)
{
    const uint32_t window_before = track->stream[1 - packet->direction].window;

    if (flow_is_syn(packet->tcp_flags))
        note_syn(track, packet);
    note_handshake_end(track, packet);
    note_window(track, packet);
    if ((packet->tcp_flags & RNET_TCP_RST) != 0)
        note_reset(track, packet);
    note_segment(track, table, record, packet);
    note_ack(track, table, record, packet, window_before);
    return RNET_OK;
}

bool
tcp_track_is_closed(const struct tcp_track *track)
{
    return track->reset || (track->stream[RNET_UP].fin_seen && track->stream[RNET_DOWN].fin_seen);
}

bool
tcp_track_is_reused(const struct tcp_track *track, const struct flow_packet *packet)
{
    const struct tcp_stream *stream = &track->stream[packet->direction];

    /* A second answer to one SYN (a firewall's, a replay's) is no new connection. */
    if ((packet->tcp_flags & RNET_TCP_ACK) != 0 &&
        (!tcp_track_is_closed(track) ||
         packet->acknowledgement == (uint32_t)track->stream[1 - packet->direction].first))
        return false;
    return flow_is_syn(packet->tcp_flags) && stream->known &&
           (uint32_t)stream->first != packet->sequence + 1;
}

enum rnet_status
tcp_track_finish(struct tcp_track *track, struct rnet_flow_table *table, struct flow_record *record)
{
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        limit_end_stretch(track, d);
        if (record->scope == RNET_SCOPE_CROSSES)
            pressure_add_stretches(flow_table_pressure(table), d, track->limit[d].bytes);
    }
    return talk_finish(&track->talk, table, record);
}

/* Payload of a full segment: what the SYN allows less the options of every segment, or, without
 * SYN, the largest seen; above an Ethernet frame's it was captured before segmentation. */
uint16_t
tcp_full_segment_bytes(const struct tcp_track *track, int direction)
{
    const struct tcp_stream *stream = &track->stream[direction];
    const bool timestamps = track->stream[0].timestamps && track->stream[1].timestamps;
    const uint32_t options = timestamps ? 12 : 0;
    uint32_t most = 1460 - options;

    if (stream->mss_option > options + 64) {
        most = stream->mss_option - options;
        /* The other side's own offer bounds what its interface sends. */
        if (track->stream[1 - direction].mss_option > options + 64 &&
            track->stream[1 - direction].mss_option - options < most)
            most = track->stream[1 - direction].mss_option - options;
        return (uint16_t)most;
    }
    if (stream->largest_payload < 500)
        return 0;
    return (uint16_t)(stream->largest_payload < most ? stream->largest_payload : most);
}

/* So much of what was said may be missing: the share of use that verdicts leave aside. */
#define LACKING_PART 20 /* a twentieth */
/* A few segments are too little to tell by: a capture that begins or ends between them lacks some. */
#define LACKING_LEAST_BYTES 8192

/*
 * What was captured of the data, sent again or not, is less than the sequence numbers span: holes that
 * no later packet filled. What the line lost was sent again and counts; what the capture lost is gone.
 */
static bool
lacks_bytes(const struct tcp_stream *stream, uint64_t payload_bytes)
{
    const uint64_t end = stream->next > stream->acked ? stream->next : stream->acked;
    const uint64_t span = end - stream->first;

    return stream->known && span > payload_bytes &&
           span - payload_bytes > LACKING_LEAST_BYTES + span / LACKING_PART;
}

/* Whether the capture lacks a direction of an open connection, or more bytes than it may. */
static bool
lacks_part(const struct tcp_track *track, const struct rnet_flow *flow)
{
    const uint64_t *packets = flow->conversation.packets;

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        if (lacks_bytes(&track->stream[d], flow->payload_bytes[d]))
            return true;
        if (packets[d] == 0 && track->stream[d].ack_known &&
            packets[1 - d] >= FLOW_TELLING_PACKETS)
            return true;
    }
    return false;
}

void
tcp_track_describe(const struct tcp_track *track, struct rnet_flow *flow)
{
    struct rnet_conversation *conversation = &flow->conversation;
    const struct tcp_stream *up = &track->stream[RNET_UP], *down = &track->stream[RNET_DOWN];

    flow->initial_rtt_ns = track->initial_rtt_ns;
    flow->keep_alives = track->keep_alives;
    flow->closed = tcp_track_is_closed(track);
    conversation->rtt_internet_ns = up->rtt_ns;
    conversation->rtt_office_ns = down->rtt_ns;
    conversation->media_pace_ns = track->talk.media_pace_ns;
    conversation->items = track->talk.handed_on + (uint32_t)track->talk.count;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const struct tcp_stream *stream = &track->stream[d];

        flow->retransmitted_packets[d] = stream->retransmitted;
        flow->out_of_order_packets[d] = stream->out_of_order;
        flow->duplicate_acks[d] = track->stream[1 - d].duplicate_acks;
        flow->zero_windows[d] = track->stream[1 - d].zero_windows;
        conversation->window_bytes[d] = stream->window_most;
        conversation->mss_bytes[d] = tcp_full_segment_bytes(track, d);
        conversation->app_bytes_per_round[d] = track->limit[d].own_window;
        flow->rate_limit[d] = (uint8_t)limit_of(track, d);
    }
    if (track->handshake_seen)
        conversation->flags |= RNET_CONVERSATION_HANDSHAKE_SEEN;
    if (up->timestamps && down->timestamps)
        conversation->flags |= RNET_CONVERSATION_TIMESTAMPS;
    if (up->sack && down->sack)
        conversation->flags |= RNET_CONVERSATION_SACK;
    if (!track->stream[RNET_DOWN].known || !track->stream[RNET_UP].known ||
        (track->reset && track->open_ns < 0 && track->handshake_seen))
        conversation->flags |= RNET_CONVERSATION_FAILED;
    if (lacks_part(track, flow))
        conversation->flags |= RNET_CONVERSATION_PART_MISSING;
}
