/*
 * What limits a TCP sender, told at the capture point.
 *
 * A sender's data is cut into stretches: a stretch ends where its application had nothing to say
 * (messages.c). Each stretch's bytes are booked under what held it back:
 *
 *   application   less than a first window was said, or all of it was in flight at once, so that no
 *                 acknowledgement was waited for; or the same amount stood in flight round after
 *                 round, nothing else explaining it
 *   receiver      most of its time what was in flight had reached the end of the advertised window
 *   network       segments were lost, or round trips grew with what was in flight
 *   unknown       none of these: TCP was still opening its window when the stretch ended
 *
 * After Siekkinen et al. (2008), "A root cause analysis toolkit for TCP", whose application-limited
 * periods, receiver window score and retransmission score these are; the time account is that of
 * Linux's tcp_chrono (busy, receive window, send buffer). From memory, both.
 *
 * In flight is what the sender knew of: what the receiver told passes the capture point earlier
 * by the round trip between capture point and sender.
 */
#include "flow/tcp.h"

/* Sent without waiting for any acknowledgement (RFC 6928: 10 segments, verified). */
#define FIRST_WINDOW_SEGMENTS 10
/* Within this of the window's end is at it: Siekkinen's 3 segments (from memory), and what a
 * sender that waits to fill an offloaded segment leaves free (Linux: up to a third of the
 * congestion window; a sixteenth of the receive window, chosen). */
#define EDGE_SEGMENTS 3
#define EDGE_PART 16
/* A queue stands where round trips are on average this much above the smallest: chosen, above what
 * delayed acknowledgements of full segments and scheduling add. */
#define QUEUE_PART 4
#define QUEUE_LEAST_NS (5 * RNET_NS_PER_MS)
/* And as long as so many segments take at the stretch's rate: a sender that paces itself (Linux: in
 * twos) answers an acknowledgement up to two segments late. */
#define QUEUE_SEGMENTS 4
/* As many equal rounds are no coincidence: CUBIC and Reno grow by more than two segments in them.
 */
#define LEVEL_ROUNDS 8
/* Less in flight than this, always the same, is taken for a rate of the application's own: holding
 * it to so many bytes a round would slow it down where round trips are longer. Chosen. */
#define OWN_WINDOW_LEAST_BYTES 32768
#define ROUND_LEAST_NS RNET_NS_PER_MS

static uint32_t
segment_bytes(const struct tcp_track *track, int direction)
{
    const uint16_t full = tcp_full_segment_bytes(track, direction);

    return full != 0 ? full : 1460;
}

static struct tcp_heard *
heard_at(struct tcp_limit *limit, uint32_t index)
{
    return &limit->heard[index & limit->heard_mask];
}

/* Entries stand at least an eighth of the sender's round trip apart, so that all together span it
 * twice; the latest is always exact. */
void
limit_heard(struct tcp_track *track, const struct flow_packet *packet)
{
    const int direction = 1 - packet->direction;
    const struct tcp_stream *data = &track->stream[direction];
    const int64_t spacing_ns = track->stream[packet->direction].rtt_ns / 8;
    struct tcp_limit *limit = &track->limit[direction];
    const struct tcp_heard now = {packet->time_ns, (uint32_t)data->acked, data->window};

    if (packet->has_timestamps && !limit->echo_wanted) {
        limit->echo_wanted = true;
        limit->echo_value = packet->timestamp;
        limit->echo_ns = packet->time_ns;
    }

    if (limit->heard_end >= 2 && heard_at(limit, limit->heard_end - 1)->time_ns -
                                         heard_at(limit, limit->heard_end - 2)->time_ns <
                                     spacing_ns)
        limit->heard_end--;
    *heard_at(limit, limit->heard_end++) = now;
}

/* What the sender knew at a time: in flight below `end`, and the room its receiver had left. */
struct known {
    uint32_t flight;
    uint32_t window;
};

static bool
known_at(struct tcp_limit *limit, int64_t time_ns, uint64_t end, struct known *known)
{
    const uint32_t held = limit->heard_end < TCP_HEARD ? limit->heard_end : TCP_HEARD;
    const struct tcp_heard *after = NULL;
    double part = 0;

    for (uint32_t back = 1; back <= held; back++) {
        const struct tcp_heard *at = heard_at(limit, limit->heard_end - back);

        if (at->time_ns > time_ns) {
            after = at;
            continue;
        }
        if (after != NULL)
            part = (double)(time_ns - at->time_ns) / (double)(after->time_ns - at->time_ns);
        known->flight = (uint32_t)end - at->acked;
        known->window = at->window;
        if (after != NULL) {
            known->flight -= (uint32_t)(part * (double)(uint32_t)(after->acked - at->acked));
            known->window = (uint32_t)((1 - part) * at->window + part * after->window);
        }
        return known->flight <= UINT32_MAX / 2;
    }
    return false;
}

static bool
queue_stands(const struct tcp_track *track, int direction, int parts)
{
    const struct tcp_limit *limit = &track->limit[direction];
    double wait_ns, segment_ns;

    if (limit->rtt_count == 0)
        return false;
    wait_ns = (double)(limit->rtt_sum_ns / limit->rtt_count - limit->rtt_least_ns);
    segment_ns =
        (double)limit->busy_ns * segment_bytes(track, direction) / (double)limit->stretch_bytes;
    return wait_ns >= QUEUE_LEAST_NS && wait_ns >= QUEUE_SEGMENTS * segment_ns &&
           wait_ns >= (double)limit->rtt_least_ns / parts;
}

static enum rnet_rate_limit
judge(const struct tcp_track *track, int direction)
{
    const struct tcp_limit *limit = &track->limit[direction];
    const bool lost = track->stream[direction].retransmitted > limit->lost_before;

    if (limit->stretch_bytes < (uint64_t)FIRST_WINDOW_SEGMENTS * segment_bytes(track, direction) ||
        limit->stretch_bytes <= limit->stretch_flight)
        return RNET_LIMIT_APPLICATION;
    /* Where the queue is as long as the path, a wider window would only lengthen it. */
    if (limit->edge_ns > limit->busy_ns / 2 && !queue_stands(track, direction, 1))
        return RNET_LIMIT_RECEIVER;
    if (lost || queue_stands(track, direction, QUEUE_PART))
        return RNET_LIMIT_NETWORK;
    /* Without any round trip seen a queue may stand, too. */
    return limit->level_most >= LEVEL_ROUNDS && limit->rtt_count > 0 ? RNET_LIMIT_APPLICATION
                                                                     : RNET_LIMIT_UNKNOWN;
}

void
limit_end_stretch(struct tcp_track *track, int direction)
{
    struct tcp_limit *limit = &track->limit[direction];

    if (limit->stretch_bytes == 0)
        return;
    limit->bytes[judge(track, direction)] += limit->stretch_bytes;
    limit->stretches++;
    limit->lost_before = track->stream[direction].retransmitted;
    limit->stretch_bytes = 0;
    limit->busy_ns = limit->edge_ns = limit->rtt_sum_ns = 0;
    limit->rtt_count = 0;
    limit->round_rtt_ns = 0;
    limit->level_rounds = limit->level_most = 0;
    limit->round_flight = limit->stretch_flight = 0;
}

/* The message under way is held to its own window. */
static void
mark_limited(struct tcp_track *track, int direction)
{
    struct tcp_limit *limit = &track->limit[direction];
    struct rnet_message *message = talk_at(&track->talk, track->talk.open[direction]);

    if (limit->rtt_count == 0 || limit->level_flight < OWN_WINDOW_LEAST_BYTES ||
        limit->edge_ns > limit->busy_ns / 2 ||
        track->stream[direction].retransmitted > limit->lost_before ||
        queue_stands(track, direction, QUEUE_PART))
        return;
    if (limit->level_flight > limit->own_window)
        limit->own_window = limit->level_flight;
    if (message != NULL)
        message->flags |= RNET_MESSAGE_APP_LIMITED;
}

/* A round ended: whether as much was in flight as in those before. */
static void
end_round(struct tcp_track *track, int direction)
{
    struct tcp_limit *limit = &track->limit[direction];
    const uint32_t mss = segment_bytes(track, direction);
    const uint32_t high =
        limit->round_flight > limit->level_flight ? limit->round_flight : limit->level_flight;

    if (limit->level_rounds > 0 && 2 * high - limit->round_flight - limit->level_flight <= mss) {
        limit->level_rounds++;
    } else {
        limit->level_rounds = 1;
        limit->level_flight = limit->round_flight;
    }
    if (limit->level_rounds > limit->level_most)
        limit->level_most = limit->level_rounds;
    if (limit->level_rounds >= LEVEL_ROUNDS)
        mark_limited(track, direction);
    limit->round_flight = 0;
    if (limit->round_rtt_ns > 0) {
        limit->rtt_sum_ns += limit->round_rtt_ns;
        limit->rtt_count++;
    }
    limit->round_rtt_ns = 0;
}

void
limit_data(struct tcp_track *track, int direction, int64_t time_ns, uint64_t end, uint64_t fresh,
           bool rested)
{
    const struct tcp_stream *stream = &track->stream[direction];
    const int64_t to_sender_ns = track->stream[1 - direction].rtt_ns;
    const uint32_t mss = segment_bytes(track, direction);
    struct tcp_limit *limit = &track->limit[direction];
    const int64_t gap_ns = time_ns - stream->data_ns;
    int64_t round_ns = ROUND_LEAST_NS;
    struct known known;

    if (rested) {
        limit_end_stretch(track, direction);
        limit->round_ns = time_ns;
    } else if (limit->stretch_bytes > 0) {
        limit->busy_ns += gap_ns;
        limit->edge_ns += limit->at_edge ? gap_ns : 0;
    }
    limit->stretch_bytes += fresh;
    limit->at_edge = false;
    if (to_sender_ns < 0 || !known_at(limit, time_ns - to_sender_ns, end, &known))
        return;
    /* Without the receiver's SYN the scale of its window is not known. */
    limit->at_edge = track->stream[1 - direction].syn_seen &&
                     known.flight + EDGE_SEGMENTS * mss + known.window / EDGE_PART > known.window;
    if (to_sender_ns + (stream->rtt_ns > 0 ? stream->rtt_ns : 0) > round_ns)
        round_ns = to_sender_ns + (stream->rtt_ns > 0 ? stream->rtt_ns : 0);
    if (time_ns - limit->round_ns >= round_ns) {
        end_round(track, direction);
        limit->round_ns = time_ns;
    }
    if (known.flight > limit->round_flight)
        limit->round_flight = known.flight;
    if (known.flight > limit->stretch_flight)
        limit->stretch_flight = known.flight;
}

void
limit_rtt(struct tcp_track *track, int direction, int64_t rtt_ns, int64_t known_least_ns)
{
    struct tcp_limit *limit = &track->limit[direction];
    const int64_t least_ns =
        known_least_ns >= 0 && known_least_ns < rtt_ns ? known_least_ns : rtt_ns;

    if (limit->rtt_least_ns == 0 || least_ns < limit->rtt_least_ns)
        limit->rtt_least_ns = least_ns;
    if (limit->round_rtt_ns == 0 || rtt_ns < limit->round_rtt_ns)
        limit->round_rtt_ns = rtt_ns;
}

/*
 * Timestamps (RFC 7323): an acknowledgement carries a value, and what is sent from its arrival
 * until that of the next one echoes it. One value at a time is followed; data that was not sent in
 * answer to it, because the application rested or a later value had arrived, tells nothing.
 */
int64_t
limit_echo_rtt(struct tcp_track *track, const struct flow_packet *packet, bool rested)
{
    struct tcp_limit *limit = &track->limit[packet->direction];

    if (!packet->has_timestamps || !limit->echo_wanted)
        return -1;
    if (rested || (int32_t)(packet->timestamp_echo - limit->echo_value) > 0) {
        limit->echo_wanted = false;
        return -1;
    }
    if (packet->timestamp_echo != limit->echo_value)
        return -1;
    limit->echo_wanted = false;
    return packet->time_ns - limit->echo_ns;
}

enum rnet_rate_limit
limit_of(const struct tcp_track *track, int direction)
{
    const struct tcp_limit *limit = &track->limit[direction];
    uint64_t bytes[RNET_RATE_LIMITS], all = limit->stretch_bytes;
    int most = RNET_LIMIT_APPLICATION;

    for (int i = 0; i < RNET_RATE_LIMITS; i++) {
        bytes[i] = limit->bytes[i];
        all += bytes[i];
    }
    if (limit->stretch_bytes > 0)
        bytes[judge(track, direction)] += limit->stretch_bytes;
    if (limit->stretches < 3 &&
        all < (uint64_t)FIRST_WINDOW_SEGMENTS * segment_bytes(track, direction))
        return RNET_LIMIT_UNKNOWN;
    for (int i = RNET_LIMIT_RECEIVER; i < RNET_RATE_LIMITS; i++)
        if (bytes[i] > bytes[most])
            most = i;
    return 2 * bytes[most] >= all ? (enum rnet_rate_limit)most : RNET_LIMIT_UNKNOWN;
}
