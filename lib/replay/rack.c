/*
 * RACK, RFC 8985: a segment is lost when one sent a reordering window later has been delivered.
 */
#include "replay/tcp.h"

#define DUPTHRESH 3

static bool
sent_after(int64_t a_ns, uint64_t a_end, int64_t b_ns, uint64_t b_end)
{
    return a_ns > b_ns || (a_ns == b_ns && a_end > b_end);
}

void
rnet_rack_delivered(struct rnet_tcp_sender *sender, const struct rnet_sent *sent, int64_t now_ns)
{
    struct rnet_rack *rack = &sender->rack;
    const int64_t rtt_ns = now_ns - sent->sent_ns;

    /* Sooner than any round trip: the acknowledgement must be for an earlier copy. */
    if ((sent->flags & RNET_SENT_EVER_AGAIN) != 0 && rtt_ns < sender->rtt.minimum_ns &&
        sender->rtt.minimum_ns != INT64_MAX)
        return;
    rack->advanced = true;
    rack->rtt_ns = rtt_ns;
    if (sent_after(sent->sent_ns, rnet_sent_end(sent), rack->sent_ns, rack->end)) {
        rack->sent_ns = sent->sent_ns;
        rack->end = rnet_sent_end(sent);
    }
}

/* Linux: none in recovery or after three segments beyond the hole, unless reordering was seen. */
static int64_t
window_ns(const struct rnet_tcp_sender *sender)
{
    int64_t quarter_ns;

    if (!sender->reordering_seen &&
        (sender->state >= RNET_TCP_RECOVERY || sender->board.sacked >= DUPTHRESH))
        return 0;
    quarter_ns = sender->rtt.minimum_ns != INT64_MAX ? sender->rtt.minimum_ns / 4 : 0;
    return quarter_ns < sender->rtt.smoothed_ns ? quarter_ns : sender->rtt.smoothed_ns;
}

int64_t
rnet_rack_overdue_ns(const struct rnet_tcp_sender *sender, const struct rnet_sent *sent,
                     int64_t within_ns, int64_t now_ns)
{
    return now_ns - sent->sent_ns - sender->rack.rtt_ns - within_ns;
}

int64_t
rnet_rack_mark(struct rnet_tcp_sender *sender, int64_t now_ns, bool *lost_again)
{
    const int64_t within_ns = window_ns(sender);
    struct rnet_scoreboard *board = &sender->board;
    int64_t wait_ns = 0;
    uint32_t later;

    if (!sender->rack.advanced)
        return 0;
    sender->rack.advanced = false;
    for (uint32_t number = board->oldest; number != RNET_NONE; number = later) {
        const struct rnet_sent *sent = rnet_scoreboard_at(board, number);
        int64_t overdue_ns;

        later = sent->later;
        if ((sent->flags & RNET_SENT_LOST) != 0 && (sent->flags & RNET_SENT_AGAIN) == 0)
            continue;
        if (!sent_after(sender->rack.sent_ns, sender->rack.end, sent->sent_ns, rnet_sent_end(sent)))
            break;
        overdue_ns = rnet_rack_overdue_ns(sender, sent, within_ns, now_ns);
        if (overdue_ns < 0) {
            wait_ns = -overdue_ns > wait_ns ? -overdue_ns : wait_ns;
            continue;
        }
        if ((sent->flags & RNET_SENT_AGAIN) != 0)
            *lost_again = true;
        rnet_scoreboard_mark_lost(board, number);
        if ((int32_t)(number - sender->retransmit_hint) < 0)
            sender->retransmit_hint = number;
    }
    return wait_ns;
}
