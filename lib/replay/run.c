#include "replay/sim.h"
#include "replay/source.h"
#include "replay/tcp.h"

#include <assert.h>

/* What people wait for has limits of minutes; a night's job has ten hours. Lines that are too slow are
 * simulated until the end of it: the events of it are those of its bytes, whenever they come. */
#define DEFAULT_MAX_TIME_NS (12 * 3600 * RNET_NS_PER_S)
#define STOP_CHECK_EVENTS 4096 /* how often to look whether somebody wants us to stop */
#define LIMIT_CHECK_EVENTS 65536 /* which take a few megabytes and milliseconds */

struct rnet_packet *
rnet_sim_packet(struct rnet_sim *sim, uint32_t conversation, enum rnet_packet_kind kind,
                enum rnet_direction direction, uint32_t ip_bytes, uint32_t *index)
{
    struct rnet_packet *packet;

    *index = rnet_packet_take(&sim->packets);
    if (*index == RNET_NONE)
        return NULL;
    packet = &sim->packets.packets[*index];
    packet->conversation = conversation;
    packet->ip_bytes = ip_bytes;
    packet->kind = (uint8_t)kind;
    packet->direction = (uint8_t)direction;
    return packet;
}

static void
await_service(struct rnet_sim *sim, enum rnet_direction direction, struct rnet_line_service service)
{
    if (service.started)
        rnet_sim_at(sim, service.done_ns, RNET_EVENT_LINE_SENT, direction);
}

void
rnet_sim_enter_line(struct rnet_sim *sim, uint32_t index)
{
    const enum rnet_direction direction =
        (enum rnet_direction)sim->packets.packets[index].direction;

    await_service(sim, direction, rnet_line_put(&sim->lines[direction], index, sim->now_ns));
}

void
rnet_sim_send(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_packet *packet = &sim->packets.packets[index];
    const struct rnet_path *path = &sim->paths[packet->conversation];
    const int64_t before_ns = packet->direction == RNET_UP ? path->office_ns : path->internet_ns;

    if (before_ns == 0)
        rnet_sim_enter_line(sim, index);
    else
        rnet_sim_at(sim, sim->now_ns + before_ns, RNET_EVENT_ENTER_LINE, index);
}

static void
line_sent(struct rnet_sim *sim, enum rnet_direction direction)
{
    struct rnet_line_service next;
    int64_t flight_ns = 0;
    const uint32_t index = rnet_line_sent(&sim->lines[direction], sim->now_ns, &flight_ns, &next);

    sim->last_ns = sim->now_ns;
    await_service(sim, direction, next);
    if (index != RNET_NONE) {
        const struct rnet_path *path = &sim->paths[sim->packets.packets[index].conversation];
        const int64_t behind_ns = direction == RNET_UP ? path->internet_ns : path->office_ns;

        rnet_sim_at(sim, sim->now_ns + flight_ns + behind_ns, RNET_EVENT_ARRIVE, index);
    }
}

static void
arrive(struct rnet_sim *sim, uint32_t index)
{
    /* A copy: what the packet causes may grow the pool. */
    const struct rnet_packet packet = sim->packets.packets[index];

    sim->last_ns = sim->now_ns;
    rnet_packet_give_back(&sim->packets, index);
    switch ((enum rnet_packet_kind)packet.kind) {
    case RNET_PACKET_DATAGRAM:
        rnet_datagram_arrived(sim, &packet);
        break;
    case RNET_PACKET_FRAGMENT:
    case RNET_PACKET_FILLER:
        rnet_baseline_arrived(sim, &packet);
        break;
    case RNET_PACKET_SEGMENT:
        rnet_tcp_arrived(sim, &packet);
        break;
    }
}

static void
next_item(struct rnet_sim *sim, uint32_t conversation)
{
    if (sim->demand->conversations[conversation].transport == RNET_TRANSPORT_OPEN)
        rnet_datagrams_next(sim, conversation);
    else if (sim->baseline != NULL)
        rnet_baseline_next(sim, conversation);
    else if (rnet_tcp_of(sim, conversation) != NULL)
        rnet_source_next(sim, conversation);
}

static void
begin_conversation(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];

    if (conversation->transport == RNET_TRANSPORT_OPEN || sim->baseline != NULL)
        next_item(sim, index);
    else if (conversation->open_release == RNET_RELEASE_CLOCK)
        rnet_tcp_open(sim, index);
}

/* Start the conversations that are due on the capture's clock, and come back for the next one. */
static void
begin(struct rnet_sim *sim)
{
    const struct rnet_demand *demand = sim->demand;

    while (sim->next_conversation < demand->conversation_count) {
        const uint32_t index = sim->next_conversation;
        const int64_t due_ns = rnet_sim_time(sim, demand->conversations[index].start_ns);

        if (due_ns > sim->now_ns) {
            rnet_sim_at(sim, due_ns, RNET_EVENT_BEGIN, 0);
            return;
        }
        sim->next_conversation++;
        begin_conversation(sim, index);
    }
}

static void
handle(struct rnet_sim *sim, const struct rnet_event *event)
{
    switch (rnet_event_kind(event)) {
    case RNET_EVENT_ENTER_LINE:
        rnet_sim_enter_line(sim, event->target);
        break;
    case RNET_EVENT_LINE_SENT:
        line_sent(sim, (enum rnet_direction)event->target);
        break;
    case RNET_EVENT_ARRIVE:
        arrive(sim, event->target);
        break;
    case RNET_EVENT_BEGIN:
        begin(sim);
        break;
    case RNET_EVENT_NEXT_ITEM:
        next_item(sim, event->target);
        break;
    case RNET_EVENT_MESSAGE:
        if (sim->baseline != NULL)
            rnet_baseline_message(sim, event->target);
        else
            rnet_source_start(sim, event->target);
        break;
    case RNET_EVENT_OPEN:
        rnet_tcp_open(sim, event->target);
        break;
    case RNET_EVENT_TCP_TIMER:
        rnet_tcp_timer(sim, event->target);
        break;
    case RNET_EVENT_TCP_ACK:
        rnet_tcp_ack_timer(sim, event->target);
        break;
    case RNET_EVENT_TCP_PACE:
        rnet_tcp_pace(sim, event->target);
        break;
    case RNET_EVENT_PATIENCE:
        rnet_patience_check(sim, event->target);
        break;
    }
}

static bool
stop_asked(const struct rnet_sim *sim)
{
    return sim->options.stop != NULL && *sim->options.stop != 0;
}

static bool
memory_is_used_up(const struct rnet_sim *sim)
{
    return sim->options.max_memory_bytes > 0 && rnet_heap_bytes() > sim->options.max_memory_bytes;
}

static bool
limit_is_reached(const struct rnet_sim *sim)
{
    return memory_is_used_up(sim) ||
           (sim->options.max_cpu_ns > 0 && rnet_thread_cpu_ns() > sim->cpu_end_ns);
}

/* Ended before its time, other than by the time allowed. */
static enum rnet_status
cut(struct rnet_sim *sim, enum rnet_status why)
{
    sim->outcomes->cut = true;
    return why;
}

static bool
memory_lacked(const struct rnet_sim *sim)
{
    return sim->events.out_of_memory || sim->packets.out_of_memory;
}

static enum rnet_status
run(struct rnet_sim *sim)
{
    const int64_t period_ns = rnet_sim_time(sim, sim->demand->end_ns);
    const int64_t more_ns =
        sim->options.max_time_ns > 0 ? sim->options.max_time_ns : DEFAULT_MAX_TIME_NS;
    const int64_t end_ns = rnet_time_add(period_ns, more_ns);
    uint64_t *events = &sim->outcomes->events;
    struct rnet_event event;

    rnet_sim_at(sim, 0, RNET_EVENT_BEGIN, 0);
    while (rnet_events_pop(&sim->events, &event)) {
        if (event.time_ns >= end_ns)
            return RNET_PARTIAL;
        if (sim->options.max_events != 0 && *events >= sim->options.max_events)
            return cut(sim, RNET_PARTIAL);
        if (*events % STOP_CHECK_EVENTS == 0 && stop_asked(sim))
            return cut(sim, RNET_EINTERRUPTED);
        if (*events % LIMIT_CHECK_EVENTS == 0 && limit_is_reached(sim))
            return cut(sim, RNET_PARTIAL);
        ++*events;
        sim->now_ns = event.time_ns;
        handle(sim, &event);
        if (memory_lacked(sim))
            return RNET_ENOMEM;
        if (sim->status != RNET_OK)
            return sim->status;
    }
    if (memory_lacked(sim)) /* for the very first event */
        return RNET_ENOMEM;
    /* Nothing is left to happen, so nothing is left under way. */
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        assert(sim->lines[d].queued_packets == 0 && sim->lines[d].queued_bytes == 0);
    return RNET_OK;
}

static enum rnet_status
find_owners(struct rnet_sim *sim, struct rnet_error *err)
{
    const struct rnet_demand *demand = sim->demand;

    for (size_t i = 0; i < demand->message_count; i++)
        sim->owners[i] = RNET_NONE;
    for (size_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *conversation = &demand->conversations[i];

        if (conversation->transport == RNET_TRANSPORT_OPEN)
            continue;
        for (uint32_t k = 0; k < conversation->items; k++) {
            uint32_t *owner = &sim->owners[conversation->first_item + k];

            if (*owner != RNET_NONE)
                return rnet_error_set(err, RNET_EINVAL,
                                      "message %zu belongs to conversations %u and %zu",
                                      (size_t)conversation->first_item + k, *owner, i);
            *owner = (uint32_t)i;
        }
    }
    return RNET_OK;
}

static enum rnet_status
prepare(struct rnet_sim *sim, struct rnet_error *err)
{
    const struct rnet_demand *demand = sim->demand;
    enum rnet_status status;

    rnet_events_init(&sim->events);
    rnet_packet_pool_init(&sim->packets);
    status = rnet_outcomes_init(sim->outcomes, demand);
    if (status != RNET_OK)
        return status;
    sim->paths = rnet_alloc_zero(demand->conversation_count, sizeof *sim->paths);
    sim->next_items = rnet_alloc_zero(demand->conversation_count, sizeof *sim->next_items);
    sim->owners = rnet_alloc_zero(demand->message_count, sizeof *sim->owners);
    if (sim->paths == NULL || sim->next_items == NULL || sim->owners == NULL)
        return RNET_ENOMEM;
    status = find_owners(sim, err);
    if (status == RNET_OK)
        status = rnet_paths_init(sim);
    for (int d = 0; d < RNET_DIRECTIONS && status == RNET_OK; d++)
        status = rnet_line_init(&sim->lines[d], sim->link, (enum rnet_direction)d,
                                sim->options.seed, &sim->packets, &sim->outcomes->line[d]);
    for (uint32_t d = 0; d < RNET_DIRECTIONS; d++)
        sim->lines[d].rate_factor = rnet_sim_spread(sim, RNET_SPREAD_RATE, d);
    if (status == RNET_OK && sim->options.open_loop)
        return rnet_baseline_init(sim);
    if (status == RNET_OK)
        status = rnet_source_init(sim);
    if (status == RNET_OK)
        status = rnet_tcp_init(sim);
    return status;
}

static void
clean_up(struct rnet_sim *sim)
{
    rnet_baseline_clear(sim);
    rnet_source_clear(sim);
    rnet_tcp_clear(sim);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        rnet_line_clear(&sim->lines[d]);
    rnet_events_clear(&sim->events);
    rnet_packet_pool_clear(&sim->packets);
    rnet_free(sim->paths);
    rnet_free(sim->next_items);
    rnet_free(sim->owners);
}

static enum rnet_status
check_link(const struct rnet_link *link, struct rnet_error *err)
{
    if (link->mtu_bytes < 576 || link->mtu_bytes > 9000)
        return rnet_error_set(err, RNET_EINVAL, "link: MTU of %u bytes is not within 576..9000",
                              link->mtu_bytes);
    if (link->mss_bytes != 0 && (link->mss_bytes < 536 || link->mss_bytes > 8960))
        return rnet_error_set(err, RNET_EINVAL, "link: MSS of %u bytes is not within 536..8960",
                              link->mss_bytes);
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const struct rnet_link_direction *spec = &link->direction[d];

        if (spec->rate_bps < 1 || spec->rate_bps > UINT64_C(1000000000000) || spec->delay_ns < 0 ||
            spec->delay_ns > 3600 * RNET_NS_PER_S || spec->jitter_ns < 0 ||
            spec->jitter_ns > 3600 * RNET_NS_PER_S)
            return rnet_error_set(err, RNET_EINVAL, "link: rate, delay or jitter %s out of range",
                                  d == RNET_UP ? "up" : "down");
        if (spec->shaper_bps > spec->rate_bps)
            return rnet_error_set(err, RNET_EINVAL, "link: a shaper above the rate does nothing");
    }
    return RNET_OK;
}

enum rnet_status
rnet_replay_run(const struct rnet_demand *demand, const struct rnet_link *link,
                const struct rnet_replay_options *options, struct rnet_outcomes *outcomes,
                struct rnet_error *err)
{
    struct rnet_sim sim = {.demand = demand, .link = link, .outcomes = outcomes};
    enum rnet_status status = check_link(link, err);

    if (status != RNET_OK)
        return status;
    if (options != NULL)
        sim.options = *options;
    if (sim.options.access_rtt_ns < 0)
        return rnet_error_set(err, RNET_EINVAL, "round trip of the access is negative");
    if (sim.options.max_cpu_ns > 0)
        sim.cpu_end_ns = rnet_time_add(rnet_thread_cpu_ns(), sim.options.max_cpu_ns);
    status = prepare(&sim, err);
    if (status == RNET_OK)
        status = run(&sim);
    if (status >= RNET_OK || status == RNET_EINTERRUPTED)
        rnet_outcomes_finish(&sim);
    else
        rnet_outcomes_clear(outcomes);
    clean_up(&sim);
    if (status == RNET_ENOMEM)
        rnet_error_set(err, status, "replay: out of memory");
    return status;
}
