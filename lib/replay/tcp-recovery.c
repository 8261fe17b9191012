/*
 * Loss recovery: RFC 6675 in spirit, with RACK (RFC 8985) saying what is lost, PRR (RFC 6937)
 * saying how much to send, F-RTO (RFC 5682) and Eifel (RFC 3522) taking back what was needless. The
 * sequence of decisions is Linux's.
 */
#include "replay/tcp.h"

static bool
may_undo(const struct rnet_tcp_sender *sender, int64_t echoed_ns)
{
    if (!sender->undo.armed)
        return false;
    if (sender->undo.again == 0)
        return true;
    /* The acknowledgement is for something sent before the first retransmission. */
    return sender->undo.first_again_ns != 0 && echoed_ns > 0 &&
           echoed_ns < sender->undo.first_again_ns;
}

static void
arm_undo(struct rnet_tcp_sender *sender)
{
    sender->undo.armed = true;
    sender->undo.from = sender->acked;
    sender->undo.again = sender->board.again > 0 ? (int32_t)sender->board.again : -1;
}

static void
undo(struct rnet_tcp_sender *sender, bool none_is_lost)
{
    if (none_is_lost)
        rnet_scoreboard_unmark_lost(&sender->board);
    if (sender->undo.ssthresh_before != 0) {
        if (sender->window.segments < sender->undo.window_before)
            sender->window.segments = sender->undo.window_before;
        if (sender->undo.ssthresh_before > sender->window.ssthresh)
            sender->window.ssthresh = sender->undo.ssthresh_before;
    }
    sender->undo.armed = false;
    sender->rack.advanced = true;
}

static bool
any_again(const struct rnet_tcp_sender *sender)
{
    return sender->board.again > 0 ||
           (sender->board.count > 0 &&
            (rnet_scoreboard_at(&sender->board, sender->board.first)->flags &
             RNET_SENT_EVER_AGAIN) != 0);
}

void
rnet_tcp_keep_open(struct rnet_tcp_sender *sender)
{
    enum rnet_tcp_state state = RNET_TCP_OPEN;

    if (sender->board.sacked + sender->board.lost > 0 || any_again(sender))
        state = RNET_TCP_DISORDER;
    if (sender->state != state) {
        sender->state = state;
        sender->recovery_end = sender->next;
    }
}

void
rnet_tcp_begin_reduction(struct rnet_tcp_sender *sender)
{
    sender->recovery_end = sender->next;
    sender->probe_end = 0;
    sender->window.credit = 0;
    sender->prr = (struct rnet_prr){.window_before = sender->window.segments};
    sender->window.ssthresh = sender->congestion->reduce(&sender->window);
}

void
rnet_tcp_end_reduction(struct rnet_tcp_sender *sender, int64_t now_ns)
{
    if (sender->congestion->control != NULL)
        return;
    if (sender->window.ssthresh < RNET_SSTHRESH_INFINITE &&
        (sender->state == RNET_TCP_CWR || sender->undo.armed)) {
        sender->window.segments = sender->window.ssthresh;
        sender->window_used_ns = now_ns;
    }
}

void
rnet_tcp_prr(struct rnet_tcp_sender *sender, uint32_t newly_delivered, uint32_t newly_lost,
             bool advanced)
{
    struct rnet_prr *prr = &sender->prr;
    const int64_t in_flight = rnet_scoreboard_in_flight(&sender->board);
    const int64_t room = (int64_t)sender->window.ssthresh - in_flight;
    int64_t count;

    if (newly_delivered == 0 || prr->window_before == 0)
        return;
    prr->delivered += newly_delivered;
    if (room < 0) {
        const int64_t share =
            ((int64_t)sender->window.ssthresh * prr->delivered + prr->window_before - 1) /
            prr->window_before;

        count = share - prr->out;
    } else {
        count = (int64_t)prr->delivered - prr->out;
        if (count < newly_delivered)
            count = newly_delivered;
        if (advanced && newly_lost == 0)
            count++;
        if (count > room)
            count = room;
    }
    /* The first retransmission goes out whatever the sums say. */
    if (count < (prr->out == 0 ? 1 : 0))
        count = prr->out == 0 ? 1 : 0;
    sender->window.segments = (uint32_t)(in_flight + count);
}

static uint32_t
ssthresh_to_restore(const struct rnet_tcp_sender *sender)
{
    const uint32_t most = sender->window.segments / 2 + sender->window.segments / 4;

    if (sender->state == RNET_TCP_CWR || sender->state == RNET_TCP_RECOVERY)
        return sender->window.ssthresh;
    return sender->window.ssthresh > most ? sender->window.ssthresh : most;
}

static void
enter_recovery(struct rnet_tcp_sender *sender)
{
    arm_undo(sender);
    sender->undo.ssthresh_before = ssthresh_to_restore(sender);
    sender->undo.window_before = sender->window.segments;
    rnet_tcp_begin_reduction(sender);
    sender->state = RNET_TCP_RECOVERY;
}

/* All that is not known to have arrived, except what was sent too recently to tell. */
static void
mark_timed_out(struct rnet_tcp_sender *sender, int64_t now_ns)
{
    struct rnet_scoreboard *board = &sender->board;

    for (uint32_t i = 0; i < board->count; i++) {
        const uint32_t number = board->first + i;
        const struct rnet_sent *sent = rnet_scoreboard_at(board, number);

        if ((sent->flags & RNET_SENT_SACKED) != 0 ||
            (i > 0 && rnet_rack_overdue_ns(sender, sent, 0, now_ns) < 0))
            continue;
        rnet_scoreboard_mark_lost(board, number);
    }
    sender->retransmit_hint = board->first;
}

void
rnet_tcp_enter_loss(struct rnet_tcp_sender *sender, int64_t now_ns)
{
    const bool new_recovery = sender->state < RNET_TCP_RECOVERY;

    mark_timed_out(sender, now_ns);
    if (sender->state <= RNET_TCP_DISORDER || sender->recovery_end <= sender->acked ||
        (sender->state == RNET_TCP_LOSS && sender->backoff == 0)) {
        sender->undo.ssthresh_before = ssthresh_to_restore(sender);
        sender->undo.window_before = sender->window.segments;
        sender->window.ssthresh = sender->congestion->reduce(&sender->window);
        arm_undo(sender);
        sender->undo.first_again_ns = 0;
    }
    sender->window.segments = rnet_scoreboard_in_flight(&sender->board) + 1;
    sender->window.credit = 0;
    sender->window_used_ns = now_ns;
    sender->state = RNET_TCP_LOSS;
    sender->recovery_end = sender->next;
    sender->probe_end = 0;
    sender->forward_rto = new_recovery || sender->backoff > 0;
    if (sender->congestion->timed_out != NULL)
        sender->congestion->timed_out(&sender->window);
}

static void
mark_losses(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, unsigned *flags)
{
    bool lost_again = false;
    const int64_t wait_ns = rnet_rack_mark(&endpoint->sender, sim->now_ns, &lost_again);

    if (lost_again)
        *flags |= RNET_ACK_LOST_AGAIN;
    if (wait_ns > 0) {
        rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_REORDER, sim->now_ns + wait_ns);
        *flags &= ~(unsigned)RNET_ACK_SET_TIMER;
    }
}

/* After a time-out. True when the episode is over as far as this acknowledgement goes. */
static bool
go_on_after_timeout(struct rnet_tcp_sender *sender, unsigned flags, int64_t echoed_ns,
                    enum rnet_resend *resend)
{
    const bool recovered = sender->acked >= sender->recovery_end;

    *resend = RNET_RESEND_NONE;
    if ((flags & RNET_ACK_ADVANCED) != 0 && may_undo(sender, echoed_ns)) {
        undo(sender, true);
        sender->state = RNET_TCP_OPEN;
        return true;
    }
    if (sender->forward_rto) {
        if ((flags & RNET_ACK_ORIGINAL) != 0) {
            undo(sender, true);
            sender->state = RNET_TCP_OPEN;
            return true;
        }
        if (sender->next > sender->recovery_end) {
            if ((flags & RNET_ACK_SACKED) != 0 || (flags & RNET_ACK_ADVANCED) == 0)
                sender->forward_rto = false;
        } else if ((flags & RNET_ACK_ADVANCED) != 0 && !recovered) {
            sender->recovery_end = sender->next;
            if (sender->written > sender->next && sender->window_end > sender->next) {
                *resend = RNET_RESEND_NEW;
                return true;
            }
            sender->forward_rto = false;
        }
    }
    if (recovered) {
        if (may_undo(sender, echoed_ns))
            undo(sender, false);
        sender->state = RNET_TCP_OPEN;
        sender->undo.armed = false;
        return true;
    }
    *resend = RNET_RESEND_LOST;
    return false;
}

/* The flight of the episode has been acknowledged whole. */
static void
finish_episode(struct rnet_tcp_sender *sender, int64_t echoed_ns, int64_t now_ns)
{
    if (sender->state == RNET_TCP_CWR) {
        rnet_tcp_end_reduction(sender, now_ns);
        sender->state = RNET_TCP_OPEN;
    } else if (sender->state == RNET_TCP_RECOVERY) {
        if (may_undo(sender, echoed_ns))
            undo(sender, false);
        else
            rnet_tcp_end_reduction(sender, now_ns);
        sender->state = RNET_TCP_OPEN;
        sender->undo.armed = false;
    }
}

/* A partial acknowledgement of something sent before the retransmission: it was needless. */
static bool
undo_partial(struct rnet_tcp_sender *sender, int64_t echoed_ns)
{
    if (!sender->undo.armed || sender->undo.first_again_ns == 0 || echoed_ns <= 0 ||
        echoed_ns >= sender->undo.first_again_ns)
        return false;
    if (sender->board.again > 0)
        return true;
    undo(sender, true);
    rnet_tcp_keep_open(sender);
    return true;
}

static void
undo_reported(struct rnet_tcp_sender *sender)
{
    if (sender->undo.armed && sender->undo.again == 0) {
        undo(sender, false);
        rnet_tcp_keep_open(sender);
    }
}

enum rnet_resend
rnet_tcp_recover(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, unsigned *flags,
                 int64_t echoed_ns)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    enum rnet_resend resend = RNET_RESEND_LOST;

    if (sender->state == RNET_TCP_OPEN) {
        if (sender->board.again == 0)
            sender->undo.first_again_ns = 0;
    } else if (sender->acked >= sender->recovery_end) {
        finish_episode(sender, echoed_ns, sim->now_ns);
    }
    if (sender->state == RNET_TCP_LOSS) {
        const bool over = go_on_after_timeout(sender, *flags, echoed_ns, &resend);

        if (sender->state != RNET_TCP_LOSS)
            mark_losses(sim, endpoint, flags);
        if (over && sender->state == RNET_TCP_LOSS)
            return resend;
        if (sender->state != RNET_TCP_OPEN && (*flags & RNET_ACK_LOST_AGAIN) == 0)
            return resend;
    } else if (sender->state == RNET_TCP_RECOVERY) {
        if ((*flags & RNET_ACK_ADVANCED) != 0 && undo_partial(sender, echoed_ns))
            return RNET_RESEND_LOST;
        undo_reported(sender);
        mark_losses(sim, endpoint, flags);
        if (sender->state == RNET_TCP_RECOVERY)
            return RNET_RESEND_LOST;
    } else {
        if (sender->state <= RNET_TCP_DISORDER)
            undo_reported(sender);
        mark_losses(sim, endpoint, flags);
    }
    if (sender->board.lost == 0) {
        if (sender->board.again == 0)
            sender->undo.first_again_ns = 0;
        if (sender->state != RNET_TCP_CWR && sender->state != RNET_TCP_LOSS)
            rnet_tcp_keep_open(sender);
        return RNET_RESEND_LOST;
    }
    if (sender->state != RNET_TCP_LOSS)
        enter_recovery(sender);
    return RNET_RESEND_LOST;
}
