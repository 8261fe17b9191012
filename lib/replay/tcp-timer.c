/*
 * The sender's timer. One runs at a time: a retransmission time-out, a tail loss probe or the wait
 * for reordering (RFC 6298, RFC 8985). Moving it later costs nothing: the pending event looks at
 * the due time when it fires and goes back to sleep.
 */
#include "replay/tcp.h"

#define PROBE_SLACK_NS (2 * RNET_NS_PER_MS) /* Linux TCP_TIMEOUT_MIN; verified: standards.md §9 */
#define MAX_BACKOFF 20

void
rnet_tcp_set_timer(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint,
                   enum rnet_tcp_timer timer, int64_t due_ns)
{
    endpoint->timer = timer;
    endpoint->timer_due_ns = timer == RNET_TIMER_NONE ? RNET_TIME_MAX : due_ns;
    if (endpoint->timer_due_ns >= endpoint->timer_event_ns)
        return;
    endpoint->timer_event_ns = endpoint->timer_due_ns;
    rnet_sim_at(sim, endpoint->timer_due_ns, RNET_EVENT_TCP_TIMER,
                endpoint->connection * RNET_DIRECTIONS + endpoint->direction);
}

void
rnet_tcp_set_ack_timer(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, int64_t due_ns)
{
    endpoint->ack_due_ns = due_ns;
    if (due_ns >= endpoint->ack_event_ns)
        return;
    endpoint->ack_event_ns = due_ns;
    rnet_sim_at(sim, due_ns, RNET_EVENT_TCP_ACK,
                endpoint->connection * RNET_DIRECTIONS + endpoint->direction);
}

static int64_t
timeout_ns(const struct rnet_tcp_sender *sender)
{
    const int64_t ns = sender->rtt.rto_ns
                       << (sender->backoff < MAX_BACKOFF ? sender->backoff : MAX_BACKOFF);

    return ns < RNET_RTO_MAX_NS ? ns : RNET_RTO_MAX_NS;
}

/* When the oldest segment will be overdue. */
static int64_t
oldest_due_ns(const struct rnet_tcp_sender *sender)
{
    return rnet_scoreboard_at(&sender->board, sender->board.first)->sent_ns + timeout_ns(sender);
}

void
rnet_tcp_rearm(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const struct rnet_tcp_sender *sender = &endpoint->sender;
    int64_t due_ns = sim->now_ns + timeout_ns(sender);

    if (sender->board.count == 0) {
        rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_NONE, 0);
        return;
    }
    if (endpoint->timer == RNET_TIMER_PROBE || endpoint->timer == RNET_TIMER_REORDER) {
        due_ns = oldest_due_ns(sender);
        if (due_ns <= sim->now_ns)
            due_ns = sim->now_ns + 1;
    }
    rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_RTO, due_ns);
}

bool
rnet_tcp_arm_probe(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, bool advancing)
{
    const struct rnet_tcp_sender *sender = &endpoint->sender;
    int64_t wait_ns = RNET_RTO_INITIAL_NS;
    int64_t latest_ns;

    if (sender->board.count == 0 ||
        (sender->state != RNET_TCP_OPEN && sender->state != RNET_TCP_CWR))
        return false;
    if (sender->rtt.smoothed_ns != 0)
        wait_ns = 2 * sender->rtt.smoothed_ns +
                  (sender->board.count == 1 ? RNET_RTO_FLOOR_NS : PROBE_SLACK_NS);
    latest_ns = advancing ? sim->now_ns + timeout_ns(sender) : oldest_due_ns(sender);
    if (sim->now_ns + wait_ns < latest_ns)
        latest_ns = sim->now_ns + wait_ns;
    rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_PROBE, latest_ns);
    return true;
}

void
rnet_tcp_arm_after_ack(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    if (!rnet_tcp_arm_probe(sim, endpoint, true))
        rnet_tcp_rearm(sim, endpoint);
}

/* RFC 8985 section 7: new data if there is any, else the last segment again. */
static void
send_probe(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;

    if (sender->probe_end == 0) {
        sender->probe_was_again = !rnet_tcp_send_probe_data(sim, endpoint);
        if (sender->probe_was_again)
            rnet_tcp_send_again(sim, endpoint, sender->board.first + sender->board.count - 1);
        sender->probe_end = sender->next;
    }
    endpoint->timer = RNET_TIMER_PROBE;
    rnet_tcp_rearm(sim, endpoint);
}

static void
time_out(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;

    rnet_tcp_enter_loss(sender, sim->now_ns);
    sender->backoff++;
    rnet_tcp_send_again(sim, endpoint, sender->board.first);
    rnet_tcp_set_timer(sim, endpoint, RNET_TIMER_RTO, sim->now_ns + timeout_ns(sender));
}

/* The reordering window has passed without the missing segment: now it is lost. */
static void
reordering_over(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    struct rnet_tcp_sender *sender = &endpoint->sender;
    const uint32_t lost_before = sender->board.lost;
    unsigned flags = 0;

    sender->rack.advanced = true;
    rnet_tcp_recover(sim, endpoint, &flags, 0);
    if (sender->board.lost > lost_before && sender->state == RNET_TCP_RECOVERY)
        rnet_tcp_prr(sender, 1, sender->board.lost - lost_before, false);
    rnet_tcp_send_lost(sim, endpoint);
    if (endpoint->timer != RNET_TIMER_RTO)
        rnet_tcp_rearm(sim, endpoint);
}

void
rnet_tcp_timer_due(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint)
{
    const enum rnet_tcp_timer timer = endpoint->timer;

    endpoint->timer = RNET_TIMER_NONE;
    endpoint->timer_due_ns = RNET_TIME_MAX;
    if (endpoint->sender.board.count == 0)
        return;
    if (timer == RNET_TIMER_PROBE)
        send_probe(sim, endpoint);
    else if (timer == RNET_TIMER_REORDER)
        reordering_over(sim, endpoint);
    else
        time_out(sim, endpoint);
}

void
rnet_tcp_pace_at(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint, int64_t time_ns)
{
    if (endpoint->pace_pending)
        return;
    endpoint->pace_pending = true;
    rnet_sim_at(sim, time_ns, RNET_EVENT_TCP_PACE,
                endpoint->connection * RNET_DIRECTIONS + endpoint->direction);
}
