/* Acknowledgements received: what they cover, what they measure, what follows. */
#include "replay/source.h"
#include "replay/tcp.h"

#include <assert.h>

/* Collected while an acknowledgement is worked through. */
struct findings {
    unsigned flags;        /* enum rnet_ack_flag */
    int64_t first_sent_ns; /* of the newly acknowledged segments, never retransmitted; -1 */
    int64_t last_sent_ns;
    int64_t first_sacked_ns; /* of the newly sacked ones, never retransmitted; -1 */
    int64_t last_sacked_ns;
    struct rnet_ack_sample sample;
};

static void
count_delivered(struct rnet_tcp_sender *sender, const struct rnet_sent *sent,
                struct findings *findings, int64_t now_ns)
{
    sender->delivered++;
    findings->sample.newly_delivered++;
    if (sent->delivered >= findings->sample.prior_delivered) {
        findings->sample.prior_delivered = sent->delivered;
        findings->sample.interval_ns = now_ns - sent->delivered_ns;
    }
    rnet_rack_delivered(sender, sent, now_ns);
}

static void
newly_sacked(struct rnet_tcp_sender *sender, uint32_t number, struct findings *findings,
             int64_t now_ns)
{
    const struct rnet_sent *sent = rnet_scoreboard_at(&sender->board, number);

    if ((sent->flags & RNET_SENT_EVER_AGAIN) == 0) {
        if (findings->first_sacked_ns < 0)
            findings->first_sacked_ns = sent->sent_ns;
        findings->last_sacked_ns = sent->sent_ns;
        if (rnet_sent_end(sent) <= sender->recovery_end)
            findings->flags |= RNET_ACK_ORIGINAL;
    }
    findings->flags |= RNET_ACK_SACKED;
    count_delivered(sender, sent, findings, now_ns);
    rnet_scoreboard_mark_sacked(&sender->board, number);
}

/* A block repeated from an earlier acknowledgement is only looked at where it has grown. */
static uint64_t
already_seen(const struct rnet_tcp_sender *sender, const struct rnet_byte_range *block)
{
    for (int i = 0; i < RNET_SACK_BLOCKS; i++)
        if (sender->sack_seen[i].begin <= block->begin && sender->sack_seen[i].end > block->begin)
            return sender->sack_seen[i].end;
    return block->begin;
}

static void
take_block(struct rnet_tcp_sender *sender, const struct rnet_byte_range *block,
           struct findings *findings, int64_t now_ns)
{
    const struct rnet_scoreboard *board = &sender->board;
    const uint64_t from = already_seen(sender, block);
    const uint32_t end = board->first + board->count;

    if (from >= block->end || block->end > sender->next)
        return;
    for (uint32_t number = rnet_scoreboard_find(board, from); number != end; number++) {
        const struct rnet_sent *sent = rnet_scoreboard_at(board, number);

        if (rnet_sent_end(sent) > block->end)
            break;
        if (sent->begin >= block->begin && (sent->flags & RNET_SENT_SACKED) == 0)
            newly_sacked(sender, number, findings, now_ns);
    }
}

static void
take_sack(struct rnet_tcp_sender *sender, const struct rnet_segment *segment,
          struct findings *findings, int64_t now_ns)
{
    uint8_t first = 0;

    if ((segment->flags & RNET_SEGMENT_DSACK) != 0) {
        first = 1;
        findings->flags |= RNET_ACK_DUPLICATE;
        if (sender->undo.armed && sender->undo.again > 0 &&
            segment->sack[0].end > sender->undo.from)
            sender->undo.again--;
    }
    for (uint8_t i = first; i < segment->sack_count; i++)
        take_block(sender, &segment->sack[i], findings, now_ns);
    for (uint8_t i = 0; i < RNET_SACK_BLOCKS; i++)
        sender->sack_seen[i] = first + i < segment->sack_count ? segment->sack[first + i]
                                                               : (struct rnet_byte_range){0, 0};
}

static void
take_cumulative(struct rnet_tcp_sender *sender, uint64_t acked, struct findings *findings,
                int64_t now_ns)
{
    struct rnet_scoreboard *board = &sender->board;

    while (board->count > 0) {
        const struct rnet_sent *sent = rnet_scoreboard_at(board, board->first);

        if (rnet_sent_end(sent) > acked)
            break;
        findings->flags |= RNET_ACK_DATA;
        if ((sent->flags & RNET_SENT_EVER_AGAIN) != 0) {
            findings->flags |= RNET_ACK_AGAIN;
        } else if ((sent->flags & RNET_SENT_SACKED) == 0) {
            if (findings->first_sent_ns < 0)
                findings->first_sent_ns = sent->sent_ns;
            findings->last_sent_ns = sent->sent_ns;
            if (rnet_sent_end(sent) <= sender->recovery_end)
                findings->flags |= RNET_ACK_ORIGINAL;
        }
        if ((sent->flags & RNET_SENT_SACKED) == 0)
            count_delivered(sender, sent, findings, now_ns);
        rnet_scoreboard_drop_first(board);
    }
    if (acked > sender->acked) {
        sender->acked = acked;
        findings->flags |= RNET_ACK_ADVANCED;
    }
}

/*
 * RFC 6298 with Karn's rule: a retransmitted segment measures nothing, except through timestamps
 * (RFC 7323) when nothing else was acknowledged. Congestion control sees the newest segment's time,
 * the time-out the oldest's, which includes the receiver's delay.
 */
static void
measure(struct rnet_tcp_sender *sender, const struct rnet_segment *segment,
        struct findings *findings, int64_t now_ns)
{
    int64_t rtt_ns = -1;
    int64_t newest_ns = -1;

    if (findings->first_sent_ns >= 0 && (findings->flags & RNET_ACK_AGAIN) == 0) {
        rtt_ns = now_ns - findings->first_sent_ns;
        newest_ns = now_ns - findings->last_sent_ns;
    }
    if (findings->first_sacked_ns >= 0) {
        if (rtt_ns < 0)
            rtt_ns = now_ns - findings->first_sacked_ns;
        if (newest_ns < 0)
            newest_ns = now_ns - findings->last_sacked_ns;
    }
    if (rtt_ns < 0 && (findings->flags & RNET_ACK_DATA) != 0 && segment->echoed_ns > 0) {
        rtt_ns = now_ns - segment->echoed_ns;
        newest_ns = rtt_ns;
    }
    findings->sample.rtt_ns = newest_ns;
    if (rtt_ns < 0)
        return;
    rnet_rtt_add_minimum(&sender->rtt, newest_ns, now_ns);
    rnet_rtt_add(&sender->rtt, rtt_ns, sender->acked, sender->next);
    sender->backoff = 0;
}

static void
move_window(struct rnet_tcp_sender *sender, const struct rnet_segment *segment,
            struct findings *findings)
{
    const uint64_t end = segment->acknowledged + segment->window_bytes;

    if (end != sender->window_end && segment->acknowledged >= sender->acked) {
        sender->window_end = end;
        findings->flags |= RNET_ACK_WINDOW;
    }
}

/* RFC 8985 section 7.4: the probe's fate. */
static void
judge_probe(struct rnet_tcp_sender *sender, uint64_t acked, unsigned flags, int64_t now_ns)
{
    if (sender->probe_end == 0 || acked < sender->probe_end)
        return;
    if (!sender->probe_was_again || (flags & RNET_ACK_DUPLICATE) != 0) {
        sender->probe_end = 0;
    } else if (acked > sender->probe_end) {
        /* The probe repaired a loss nobody else noticed. */
        sender->probe_end = 0;
        if (sender->congestion->control == NULL) {
            rnet_tcp_begin_reduction(sender);
            sender->state = RNET_TCP_CWR;
            rnet_tcp_end_reduction(sender, now_ns);
            rnet_tcp_keep_open(sender);
        }
    } else if ((flags &
                (RNET_ACK_ADVANCED | RNET_ACK_SACKED | RNET_ACK_HAS_DATA | RNET_ACK_WINDOW)) == 0) {
        sender->probe_end = 0;
    }
}

static void
adapt(struct rnet_tcp_sender *sender, const struct findings *findings, uint32_t newly_lost)
{
    const struct rnet_congestion *congestion = sender->congestion;

    if (congestion->control != NULL) {
        congestion->control(&sender->window, &findings->sample);
        return;
    }
    if (sender->state == RNET_TCP_CWR || sender->state == RNET_TCP_RECOVERY)
        rnet_tcp_prr(sender, findings->sample.newly_delivered, newly_lost,
                     (findings->flags & RNET_ACK_ADVANCED) != 0);
    else if ((findings->flags & (RNET_ACK_DATA | RNET_ACK_SACKED)) != 0) {
        if (rnet_window_is_limiting(&sender->window))
            congestion->grow(&sender->window, findings->sample.newly_delivered,
                             findings->sample.now_ns);
        /* Linux: being acknowledged is use enough; RFC 2861 would ask for a full window. */
        sender->window_used_ns = findings->sample.now_ns;
    }
}

/* The retransmission timer runs from the newest proof that the oldest segment is not overdue. */
static bool
sacked_before_oldest(const struct rnet_tcp_sender *sender, const struct findings *findings)
{
    return findings->first_sacked_ns >= 0 && sender->board.count > 0 &&
           findings->first_sacked_ns <
               rnet_scoreboard_at(&sender->board, sender->board.first)->sent_ns;
}

/* Bytes written = acknowledged + under way + not yet sent; segments under way are on the board. */
static void
check_stream(const struct rnet_tcp_sender *sender)
{
    const struct rnet_scoreboard *board = &sender->board;

    assert(sender->acked <= sender->next && sender->next <= sender->written);
    assert((board->count == 0) == (sender->acked == sender->next));
    assert(board->sacked + board->lost <= board->count && board->again <= board->count);
    (void)board;
}

void
rnet_tcp_acknowledged(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                      const struct rnet_segment *segment)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    const uint32_t lost_before = sender->board.lost;
    enum rnet_resend resend = RNET_RESEND_NONE;
    struct findings findings = {.flags = segment->bytes > 0 ? RNET_ACK_HAS_DATA : 0,
                                .first_sent_ns = -1,
                                .last_sent_ns = -1,
                                .first_sacked_ns = -1,
                                .last_sacked_ns = -1};
    uint32_t newly_lost;

    if (segment->acknowledged > sender->next)
        return;
    check_stream(sender);
    move_window(sender, segment, &findings);
    if (segment->sack_count > 0)
        take_sack(sender, segment, &findings, sim->now_ns);
    take_cumulative(sender, segment->acknowledged, &findings, sim->now_ns);
    measure(sender, segment, &findings, sim->now_ns);
    if (findings.sample.newly_delivered > 0)
        sender->delivered_ns = sim->now_ns;
    findings.sample.now_ns = sim->now_ns;
    findings.sample.acked = sender->acked;
    findings.sample.next = sender->next;
    findings.sample.delivered = sender->delivered;
    findings.sample.application_limited = !sender->window.limited;
    if (sender->congestion->sample != NULL)
        sender->congestion->sample(&sender->window, &findings.sample);
    if ((findings.flags & RNET_ACK_DATA) != 0 || sacked_before_oldest(sender, &findings))
        findings.flags |= RNET_ACK_SET_TIMER;
    judge_probe(sender, segment->acknowledged, findings.flags, sim->now_ns);
    if (sender->state != RNET_TCP_OPEN || (findings.flags & (RNET_ACK_SACKED | RNET_ACK_DUPLICATE)))
        resend = rnet_tcp_recover(sim, endpoint, &findings.flags, segment->echoed_ns);
    if ((findings.flags & RNET_ACK_SET_TIMER) != 0)
        rnet_tcp_arm_after_ack(sim, endpoint);
    newly_lost = sender->board.lost > lost_before ? sender->board.lost - lost_before : 0;
    findings.sample.in_flight = rnet_scoreboard_in_flight(&sender->board);
    adapt(sender, &findings, newly_lost);
    if (resend == RNET_RESEND_LOST)
        rnet_tcp_send_lost(sim, endpoint);
    rnet_tcp_push(sim, endpoint);
    if (resend == RNET_RESEND_NEW && sender->board.count > 0 &&
        sender->next <= sender->recovery_end)
        sender->forward_rto = false;
    rnet_source_acknowledged(sim, endpoint);
}
