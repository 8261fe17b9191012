/*
 * Receiving: what has arrived, what to say about it and when, and how much more to invite.
 *
 * Acknowledgements as Linux sends them (RFC 5681 section 4.2, RFC 1122 section 4.2.3.2): at once
 * for the first segments, for every second full segment, for anything out of order and when a hole
 * closes; otherwise within 40 to 200 ms. Selective ones by RFC 2018 and 2883.
 *
 * QUIC's (RFC 9000 section 13.2): for every second packet, for anything out of order, otherwise
 * within 25 ms. Its flow control is not in the way: browsers offer megabytes from the start.
 */
#include "replay/source.h"
#include "replay/tcp.h"

#include <assert.h>
#include <string.h>

#define ACK_TIMEOUT_MIN_NS (40 * RNET_NS_PER_MS) /* verified: ibid. */
#define ACK_TIMEOUT_MAX_NS (200 * RNET_NS_PER_MS)
#define QUIC_ACK_DELAY_NS (25 * RNET_NS_PER_MS) /* RFC 9000 section 18.2; from memory */
#define FIRST_WINDOW_SEGMENTS 44     /* 64 KB; measured on Linux 6.18, as the next two; Nov 2026 */
#define UNTUNED_WINDOW_BYTES 80512   /* what the first tcp_rmem of 128 KB comes to */
#define LARGEST_WINDOW_BYTES 3930752 /* and the last of 6 MB */
#define SMALLEST_GROWING_BYTES 128 /* shorter segments say nothing of a transfer; Linux, from memory */
#define QUICK_ACKS_MAX 16          /* Linux TCP_MAX_QUICKACKS; verified: standards.md §9 */

void
rnet_tcp_receiver_init(struct rnet_tcp_receiver *receiver, uint32_t mss, uint64_t window_limit,
                       bool quic)
{
    struct rnet_byte_range *held = receiver->held;
    const size_t capacity = receiver->held_capacity;
    const uint64_t first = (uint64_t)FIRST_WINDOW_SEGMENTS * mss;

    *receiver = (struct rnet_tcp_receiver){.held = held, .held_capacity = capacity};
    receiver->window_limit_bytes = window_limit != 0 ? window_limit : LARGEST_WINDOW_BYTES;
    receiver->window_bytes =
        first < receiver->window_limit_bytes ? first : receiver->window_limit_bytes;
    receiver->buffer_bytes = UNTUNED_WINDOW_BYTES < receiver->window_limit_bytes
                                 ? UNTUNED_WINDOW_BYTES
                                 : receiver->window_limit_bytes;
    receiver->quic = quic;
    if (quic)
        receiver->window_bytes = receiver->buffer_bytes = receiver->window_limit_bytes;
    receiver->tuned_bytes = (uint64_t)RNET_INITIAL_WINDOW * mss;
    receiver->segment_bytes = 536;
}

void
rnet_tcp_receiver_clear(struct rnet_tcp_receiver *receiver)
{
    rnet_free(receiver->held);
    *receiver = (struct rnet_tcp_receiver){0};
}

uint32_t
rnet_tcp_sack_option_bytes(const struct rnet_tcp_receiver *receiver)
{
    const uint32_t blocks = receiver->recent_count + (receiver->duplicate.end != 0 ? 1u : 0u);

    return blocks == 0 ? 0 : 4 + 8 * (blocks < 3 ? blocks : 3);
}

/* --- what is held out of order --------------------------------------------------------------- */

/* First range that ends at or after `sequence`. */
static size_t
find_held(const struct rnet_tcp_receiver *receiver, uint64_t sequence)
{
    size_t low = 0;
    size_t high = receiver->held_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (receiver->held[middle].end < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Newest first; blocks that touch the new one are now part of it. */
static void
report(struct rnet_tcp_receiver *receiver, struct rnet_byte_range block)
{
    struct rnet_byte_range kept[RNET_SACK_BLOCKS] = {block};
    uint8_t count = 1;

    for (uint8_t i = 0; i < receiver->recent_count && count < RNET_SACK_BLOCKS; i++)
        if (receiver->recent[i].end < block.begin || receiver->recent[i].begin > block.end)
            kept[count++] = receiver->recent[i];
    memcpy(receiver->recent, kept, sizeof kept);
    receiver->recent_count = count;
}

static enum rnet_status
hold(struct rnet_tcp_receiver *receiver, struct rnet_byte_range block)
{
    const size_t at = find_held(receiver, block.begin);
    size_t end = at;

    if (at < receiver->held_count && receiver->held[at].begin <= block.begin &&
        receiver->held[at].end >= block.end) {
        receiver->duplicate = block;
        report(receiver, receiver->held[at]);
        return RNET_OK;
    }
    for (; end < receiver->held_count && receiver->held[end].begin <= block.end; end++) {
        if (receiver->held[end].begin < block.begin)
            block.begin = receiver->held[end].begin;
        if (receiver->held[end].end > block.end)
            block.end = receiver->held[end].end;
    }
    if (end == at) {
        if (rnet_array_reserve((void **)&receiver->held, &receiver->held_capacity,
                               receiver->held_count + 1, sizeof *receiver->held) != RNET_OK)
            return RNET_ENOMEM;
        memmove(&receiver->held[at + 1], &receiver->held[at],
                (receiver->held_count - at) * sizeof *receiver->held);
        receiver->held_count++;
    } else {
        memmove(&receiver->held[at + 1], &receiver->held[end],
                (receiver->held_count - end) * sizeof *receiver->held);
        receiver->held_count -= end - at - 1;
    }
    receiver->held[at] = block;
    report(receiver, block);
    return RNET_OK;
}

static void
forget_reported(struct rnet_tcp_receiver *receiver)
{
    uint8_t count = 0;

    for (uint8_t i = 0; i < receiver->recent_count; i++)
        if (receiver->recent[i].end > receiver->next)
            receiver->recent[count++] = receiver->recent[i];
    receiver->recent_count = count;
}

/* In order up to `end`; what was held and now connects follows. True if a hole closed. */
static bool
advance(struct rnet_tcp_receiver *receiver, uint64_t end)
{
    size_t used = 0;

    receiver->next = end;
    while (used < receiver->held_count && receiver->held[used].begin <= receiver->next) {
        if (receiver->held[used].end > receiver->next)
            receiver->next = receiver->held[used].end;
        used++;
    }
    if (used == 0)
        return false;
    receiver->held_count -= used;
    memmove(receiver->held, receiver->held + used, receiver->held_count * sizeof *receiver->held);
    forget_reported(receiver);
    return true;
}

/* --- how much to invite ---------------------------------------------------------------------- */

/*
 * The window follows what arrives, two bytes for one, as far as the buffer lets it; while it grows
 * every segment is acknowledged at once. Linux tcp_grow_window(), measured on 6.18 in Nov 2026.
 */
static void
grow_window(struct rnet_tcp_receiver *receiver, uint32_t bytes)
{
    const uint64_t room = receiver->buffer_bytes - receiver->window_bytes;

    if (receiver->window_bytes >= receiver->buffer_bytes || bytes < SMALLEST_GROWING_BYTES)
        return;
    receiver->window_bytes += 2 * (uint64_t)bytes < room ? 2 * (uint64_t)bytes : room;
    receiver->quick_acks |= 1;
}

/*
 * Dynamic right-sizing: once a round trip the buffer becomes twice what came in it, as this looks
 * one round trip back, and more the faster that grew, so that slow start may double. Linux
 * tcp_rcvbuf_grow(); measured on 6.18 in Nov 2026.
 */
static void
grow_buffer(struct rnet_tcp_receiver *receiver, uint64_t taken)
{
    const double twice = 2.0 * (double)taken;
    const double before = (double)receiver->tuned_bytes;
    double wanted = twice + 2.0 * twice * ((double)taken - before) / before;

    if (receiver->held_count > 0)
        wanted += (double)(receiver->held[receiver->held_count - 1].end - receiver->next);
    if (wanted > (double)receiver->window_limit_bytes)
        wanted = (double)receiver->window_limit_bytes;
    if (wanted > (double)receiver->buffer_bytes)
        receiver->buffer_bytes = (uint64_t)wanted;
    receiver->tuned_bytes = taken;
}

/* Down at once, up slowly: a queue must not stretch the round trip that the tuning looks at. */
static void
measure_round(struct rnet_tcp_receiver *receiver, const struct rnet_segment *segment,
              int64_t now_ns)
{
    const int64_t sample_ns = now_ns - segment->echoed_ns;

    if (segment->bytes < receiver->segment_bytes || segment->echoed_ns <= 0)
        return;
    if (receiver->rtt_ns == 0 || sample_ns < receiver->rtt_ns)
        receiver->rtt_ns = sample_ns;
    else
        receiver->rtt_ns += (sample_ns - receiver->rtt_ns) / 8;
}

static void
tune_buffer(struct rnet_tcp_receiver *receiver, const struct rnet_segment *segment, int64_t now_ns)
{
    uint64_t taken;

    measure_round(receiver, segment, now_ns);
    if (receiver->rtt_ns == 0 || now_ns - receiver->tuned_ns < receiver->rtt_ns)
        return;
    taken = receiver->next - receiver->tuned_next;
    if (taken > receiver->tuned_bytes)
        grow_buffer(receiver, taken);
    receiver->tuned_ns = now_ns;
    receiver->tuned_next = receiver->next;
}

/* --- when to acknowledge ---------------------------------------------------------------------- */

/* Acknowledge each segment until the sender may have filled half our window, but not for ever. */
static void
be_quick(struct rnet_tcp_receiver *receiver)
{
    uint64_t count = receiver->window_bytes / (2 * receiver->segment_bytes);

    if (count < 2)
        count = 2;
    if (count > QUICK_ACKS_MAX)
        count = QUICK_ACKS_MAX;
    if (count > receiver->quick_acks)
        receiver->quick_acks = (uint32_t)count;
}

/*
 * Data in order. A gap longer than a time-out, as when a hole is filled after a long queue, makes
 * the receiver quick again: the sender may be starting anew.
 */
static void
note_arrival(struct rnet_tcp_receiver *receiver, const struct rnet_segment *segment, int64_t rto_ns,
             int64_t now_ns)
{
    const int64_t gap_ns = now_ns - receiver->last_data_ns;

    if (segment->bytes >= receiver->segment_bytes) {
        receiver->segment_bytes = segment->bytes;
        if ((segment->flags & RNET_SEGMENT_PUSH) != 0 && receiver->pushed == 0)
            receiver->pushed = 1;
    } else {
        receiver->pushed = receiver->pushed == 0 ? 1 : 2;
    }
    if (!receiver->started) {
        receiver->started = true;
        be_quick(receiver);
        receiver->ack_timeout_ns = ACK_TIMEOUT_MIN_NS;
    } else if (gap_ns <= ACK_TIMEOUT_MIN_NS / 2) {
        receiver->ack_timeout_ns = receiver->ack_timeout_ns / 2 + ACK_TIMEOUT_MIN_NS / 2;
    } else if (gap_ns < receiver->ack_timeout_ns) {
        receiver->ack_timeout_ns = receiver->ack_timeout_ns / 2 + gap_ns;
        if (receiver->ack_timeout_ns > rto_ns)
            receiver->ack_timeout_ns = rto_ns;
    } else if (gap_ns > rto_ns) {
        be_quick(receiver);
    }
    receiver->last_data_ns = now_ns;
}

static bool
must_ack_now(const struct rnet_tcp_receiver *receiver)
{
    if (receiver->quic)
        return receiver->next - receiver->acknowledged > receiver->segment_bytes ||
               receiver->held_count > 0;
    return receiver->next - receiver->acknowledged > receiver->segment_bytes ||
           (receiver->quick_acks > 0 && !receiver->interactive) || receiver->held_count > 0 ||
           receiver->pushed > 1 || (receiver->pushed > 0 && !receiver->interactive);
}

static void
ack_later(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const struct rnet_tcp_receiver *receiver = &endpoint->receiver;
    int64_t wait_ns = receiver->ack_timeout_ns;
    int64_t most_ns =
        receiver->interactive || receiver->pushed != 0 ? ACK_TIMEOUT_MAX_NS : RNET_NS_PER_S / 2;

    if (wait_ns > ACK_TIMEOUT_MIN_NS) {
        if (endpoint->sender.rtt.smoothed_ns != 0) {
            const int64_t rtt_ns = endpoint->sender.rtt.smoothed_ns > ACK_TIMEOUT_MIN_NS
                                       ? endpoint->sender.rtt.smoothed_ns
                                       : ACK_TIMEOUT_MIN_NS;

            most_ns = rtt_ns < most_ns ? rtt_ns : most_ns;
        }
        wait_ns = wait_ns < most_ns ? wait_ns : most_ns;
    }
    if (wait_ns > ACK_TIMEOUT_MAX_NS)
        wait_ns = ACK_TIMEOUT_MAX_NS;
    if (receiver->quic)
        wait_ns = QUIC_ACK_DELAY_NS;
    if (endpoint->ack_due_ns > sim->now_ns + wait_ns)
        rnet_tcp_set_ack_timer(sim, endpoint, sim->now_ns + wait_ns);
}

void
rnet_tcp_received(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                  const struct rnet_segment *segment)
{
    struct rnet_tcp_receiver *receiver = &endpoint->receiver;
    const uint64_t end = segment->sequence + segment->bytes;
    bool closed_hole;

    if (end <= receiver->next) {
        receiver->duplicate = (struct rnet_byte_range){segment->sequence, end};
        be_quick(receiver);
        receiver->interactive = false;
        receiver->ack_timeout_ns = ACK_TIMEOUT_MIN_NS;
        rnet_tcp_send_ack(sim, endpoint);
        return;
    }
    if (segment->sequence > receiver->next) {
        if (hold(receiver, (struct rnet_byte_range){segment->sequence, end}) != RNET_OK)
            sim->status = RNET_ENOMEM;
        grow_window(receiver, segment->bytes);
        rnet_tcp_send_ack(sim, endpoint);
        return;
    }
    receiver->echo_ns = segment->sent_ns;
    closed_hole = advance(receiver, end);
    note_arrival(receiver, segment, endpoint->sender.rtt.rto_ns, sim->now_ns);
    grow_window(receiver, segment->bytes);
    tune_buffer(receiver, segment, sim->now_ns);
    if (closed_hole || must_ack_now(receiver))
        rnet_tcp_send_ack(sim, endpoint);
    else
        ack_later(sim, endpoint);
    rnet_source_received(sim, endpoint);
}

/* --- what an acknowledgement says ------------------------------------------------------------- */

static void
fill_sack(struct rnet_tcp_receiver *receiver, struct rnet_segment *segment)
{
    segment->sack_count = 0;
    if (receiver->duplicate.end != 0) {
        segment->sack[segment->sack_count++] = receiver->duplicate;
        segment->flags |= RNET_SEGMENT_DSACK;
        receiver->duplicate = (struct rnet_byte_range){0, 0};
    }
    /* With timestamps three blocks fit (RFC 2018). */
    for (uint8_t i = 0; i < receiver->recent_count && segment->sack_count < 3; i++)
        segment->sack[segment->sack_count++] = receiver->recent[i];
}

void
rnet_tcp_fill_ack(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                  struct rnet_segment *segment)
{
    struct rnet_tcp_receiver *receiver = &endpoint->receiver;

    /* What is held lies beyond a hole. */
    assert(receiver->acknowledged <= receiver->next);
    assert(receiver->held_count == 0 || receiver->held[0].begin > receiver->next);
    segment->flags |= RNET_SEGMENT_ACK;
    segment->acknowledged = receiver->next;
    if (receiver->next + receiver->window_bytes > receiver->window_edge)
        receiver->window_edge = receiver->next + receiver->window_bytes;
    assert(receiver->next <= receiver->window_edge);
    segment->window_bytes = receiver->window_edge - receiver->next;
    segment->sent_ns = sim->now_ns;
    segment->echoed_ns = receiver->echo_ns;
    fill_sack(receiver, segment);
    if (segment->bytes > 0 && sim->now_ns - receiver->last_data_ns < receiver->ack_timeout_ns)
        receiver->interactive = true;
    if (receiver->quick_acks > 0)
        receiver->quick_acks--;
    receiver->acknowledged = receiver->next;
    receiver->pushed = 0;
    endpoint->ack_due_ns = RNET_TIME_MAX;
}

void
rnet_tcp_send_ack(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const struct rnet_tcp_connection *connection = rnet_tcp_connection(sim, endpoint->connection);
    const uint32_t ip_bytes =
        connection->header_bytes + rnet_tcp_sack_option_bytes(&endpoint->receiver);
    struct rnet_packet *packet;
    uint32_t index;

    if (connection->lookup)
        return;
    packet = rnet_sim_packet(sim, connection->conversation, RNET_PACKET_SEGMENT,
                             (enum rnet_direction)endpoint->direction, ip_bytes, &index);
    if (packet == NULL)
        return;
    packet->segment.sequence = endpoint->sender.next;
    packet->segment.bytes = 0;
    packet->segment.flags = 0;
    rnet_tcp_fill_ack(sim, endpoint, &packet->segment);
    rnet_sim_send(sim, index);
}

/* Nobody answered in time: acknowledge alone. */
void
rnet_tcp_ack_due(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_receiver *receiver = &endpoint->receiver;

    if (!receiver->interactive) {
        receiver->ack_timeout_ns *= 2;
        if (receiver->ack_timeout_ns > endpoint->sender.rtt.rto_ns)
            receiver->ack_timeout_ns = endpoint->sender.rtt.rto_ns;
    } else {
        receiver->interactive = false;
        receiver->ack_timeout_ns = ACK_TIMEOUT_MIN_NS;
    }
    rnet_tcp_send_ack(sim, endpoint);
}
