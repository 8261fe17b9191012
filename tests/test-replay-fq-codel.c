/*
 * fq_codel packet by packet against a second way of computing it: RFC 8289's pseudo-code and RFC
 * 8290's lists written out over plain arrays, with nothing shared with lib/replay but the line's
 * rate. Where the product states its own choice (docs/replay.md), so does the model.
 */
#include "base/base.h"
#include "replay/line.h"
#include "replay.h"
#include "suite.h"

#include <math.h>

#define PACKETS 4000
#define FLOWS 12
#define FAR INT64_C(1000000000000000)

struct arrival {
    int64_t time_ns;
    uint32_t flow;
    uint32_t ip_bytes;
};

enum fate { FATE_WAITING, FATE_SENT, FATE_DROPPED };

struct fates {
    enum fate what[PACKETS];
    int64_t when_ns[PACKETS]; /* sent: service begins; dropped: then */
};

static struct arrival arrivals[PACKETS];

/* --- the model ------------------------------------------------------------------------------ */

struct model_flow {
    int queue[PACKETS];
    int length;
    int deficit;
    bool listed;
    /* RFC 8289's variables */
    int64_t first_above_time;
    int64_t drop_next;
    unsigned count;
    unsigned lastcount;
    bool dropping;
};

struct model {
    struct model_flow flows[FLOWS];
    int new_flows[FLOWS + 1], new_count;
    int old_flows[FLOWS + 1], old_count;
    uint64_t backlog_bytes; /* of all flows */
    const struct rnet_link *link;
    struct fates *fates;
};

static struct model model;

static void
list_push(int *list, int *count, int flow)
{
    list[(*count)++] = flow;
}

static void
list_shift(int *list, int *count)
{
    (*count)--;
    for (int i = 0; i < *count; i++)
        list[i] = list[i + 1];
}

static int
model_shift(struct model_flow *flow)
{
    const int packet = flow->queue[0];

    flow->length--;
    for (int i = 0; i < flow->length; i++)
        flow->queue[i] = flow->queue[i + 1];
    model.backlog_bytes -= arrivals[packet].ip_bytes;
    return packet;
}

static void
model_drop(int packet, int64_t now)
{
    model.fates->what[packet] = FATE_DROPPED;
    model.fates->when_ns[packet] = now;
}

/* RFC 8289 section 5.2: dodequeue(). */
static int
dodequeue(struct model_flow *flow, int64_t now, bool *ok_to_drop)
{
    int packet;

    *ok_to_drop = false;
    if (flow->length == 0) {
        flow->first_above_time = 0;
        return -1;
    }
    packet = model_shift(flow);
    if (now - arrivals[packet].time_ns < model.link->codel_target_ns ||
        model.backlog_bytes <= model.link->mtu_bytes) { /* stated choice: the whole line's */
        flow->first_above_time = 0;
    } else if (flow->first_above_time == 0) {
        flow->first_above_time = now + model.link->codel_interval_ns;
    } else if (now >= flow->first_above_time) {
        *ok_to_drop = true;
    }
    return packet;
}

static int64_t
control_law(int64_t t, unsigned count)
{
    return t + (int64_t)llround((double)model.link->codel_interval_ns / sqrt(count));
}

/* RFC 8289 section 5.3: dequeue(). */
static int
codel(struct model_flow *flow, int64_t now)
{
    bool ok_to_drop;
    int packet = dodequeue(flow, now, &ok_to_drop);

    if (flow->dropping) {
        if (!ok_to_drop)
            flow->dropping = false;
        while (flow->dropping && now >= flow->drop_next) {
            model_drop(packet, now);
            flow->count++;
            packet = dodequeue(flow, now, &ok_to_drop);
            if (!ok_to_drop)
                flow->dropping = false;
            else
                flow->drop_next = control_law(flow->drop_next, flow->count);
        }
    } else if (ok_to_drop) {
        const unsigned delta = flow->count - flow->lastcount;

        model_drop(packet, now);
        packet = dodequeue(flow, now, &ok_to_drop);
        flow->dropping = true;
        flow->count = 1;
        if (delta > 1 && now - flow->drop_next < 16 * model.link->codel_interval_ns)
            flow->count = delta;
        flow->drop_next = control_law(now, flow->count);
        flow->lastcount = flow->count;
    }
    return packet;
}

static void
model_unlist_first(bool from_new)
{
    if (from_new)
        list_shift(model.new_flows, &model.new_count);
    else
        list_shift(model.old_flows, &model.old_count);
}

/* RFC 8290 section 4.2. An emptied new flow joins the old only if there are any, as in Linux. */
static int
model_dequeue(int64_t now)
{
    while (model.new_count + model.old_count > 0) {
        const bool from_new = model.new_count > 0;
        const int number = from_new ? model.new_flows[0] : model.old_flows[0];
        struct model_flow *flow = &model.flows[number];
        int packet;

        if (flow->deficit <= 0) {
            flow->deficit += (int)model.link->codel_quantum_bytes;
            model_unlist_first(from_new);
            list_push(model.old_flows, &model.old_count, number);
            continue;
        }
        packet = codel(flow, now);
        if (packet >= 0) {
            flow->deficit -= (int)arrivals[packet].ip_bytes;
            return packet;
        }
        model_unlist_first(from_new);
        if (from_new && model.old_count > 0)
            list_push(model.old_flows, &model.old_count, number);
        else
            flow->listed = false;
    }
    return -1;
}

/* RFC 8290 section 4.1. */
static void
model_enqueue(int packet, int64_t now)
{
    struct model_flow *flow = &model.flows[arrivals[packet].flow];
    const uint64_t limit = model.link->direction[RNET_UP].buffer_bytes;
    uint64_t most = 0;
    int fattest = 0;

    flow->queue[flow->length++] = packet;
    model.backlog_bytes += arrivals[packet].ip_bytes;
    if (!flow->listed) {
        flow->listed = true;
        flow->deficit = (int)model.link->codel_quantum_bytes;
        list_push(model.new_flows, &model.new_count, (int)arrivals[packet].flow);
    }
    if (limit == 0 || model.backlog_bytes <= limit)
        return;
    for (int f = 0; f < FLOWS; f++) {
        uint64_t bytes = 0;

        for (int i = 0; i < model.flows[f].length; i++)
            bytes += arrivals[model.flows[f].queue[i]].ip_bytes;
        if (bytes > most) {
            most = bytes;
            fattest = f;
        }
    }
    model_drop(model_shift(&model.flows[fattest]), now);
}

static void
run_model(const struct rnet_link *link, struct fates *fates)
{
    int64_t free_ns = -1; /* when the packet in service will have left; -1 = idle */
    int next = 0;

    memset(&model, 0, sizeof model);
    memset(fates, 0, sizeof *fates);
    model.link = link;
    model.fates = fates;
    while (next < PACKETS || free_ns >= 0) {
        const int64_t arrives_ns = next < PACKETS ? arrivals[next].time_ns : FAR;
        const bool leaves = free_ns >= 0 && free_ns <= arrives_ns;
        const int64_t now = leaves ? free_ns : arrives_ns;
        int packet;

        if (leaves)
            free_ns = -1;
        else
            model_enqueue(next++, now);
        if (free_ns >= 0)
            continue;
        packet = model_dequeue(now);
        if (packet < 0)
            continue;
        fates->what[packet] = FATE_SENT;
        fates->when_ns[packet] = now;
        free_ns = now + rnet_link_serialise_ns(link, RNET_UP, arrivals[packet].ip_bytes);
    }
}

/* --- the line ------------------------------------------------------------------------------- */

static void
run_line(const struct rnet_link *link, struct fates *fates, struct rnet_line_outcome *counts)
{
    struct rnet_packet_pool pool;
    struct rnet_line_service service = {.started = false};
    struct rnet_line line;

    memset(fates, 0, sizeof *fates);
    rnet_packet_pool_init(&pool);
    ck_assert_int_eq(rnet_line_init(&line, link, RNET_UP, 3, &pool, counts), RNET_OK);
    for (uint32_t i = 0; i <= PACKETS; i++) {
        const int64_t until_ns = i < PACKETS ? arrivals[i].time_ns : FAR;
        struct rnet_line_service started;
        uint32_t index;

        while (service.started && service.done_ns <= until_ns) {
            const int64_t now_ns = service.done_ns;
            int64_t flight_ns;

            index = rnet_line_sent(&line, now_ns, &flight_ns, &service);
            fates->what[pool.packets[index].item] = FATE_SENT;
            fates->when_ns[pool.packets[index].item] =
                now_ns - rnet_link_serialise_ns(link, RNET_UP, pool.packets[index].ip_bytes);
            rnet_packet_give_back(&pool, index);
        }
        if (i == PACKETS)
            break;
        index = rnet_packet_take(&pool);
        pool.packets[index].item = i;
        pool.packets[index].conversation = arrivals[i].flow;
        pool.packets[index].ip_bytes = arrivals[i].ip_bytes;
        started = rnet_line_put(&line, index, arrivals[i].time_ns);
        if (started.started)
            service = started;
    }
    rnet_line_clear(&line);
    rnet_packet_pool_clear(&pool);
}

/* --- what is compared ----------------------------------------------------------------------- */

/* Bursts of greedy flows and lone packets of sparse ones; `load` is the share of the line asked. */
static void
make_arrivals(uint64_t seed, const struct rnet_link *link, double load)
{
    struct rnet_random random = rnet_random_stream(seed, 7);
    int64_t time_ns = 1;

    for (int i = 0; i < PACKETS; i++) {
        const bool greedy = rnet_random_below(&random, 100) < 80;
        const uint32_t bytes = (uint32_t)rnet_random_below(&random, greedy ? 1452 : 200) + 40;

        arrivals[i] = (struct arrival){
            .time_ns = time_ns,
            .flow = (uint32_t)(greedy ? rnet_random_below(&random, 3)
                                      : 3 + rnet_random_below(&random, FLOWS - 3)),
            .ip_bytes = bytes};
        /* Quiet every now and then, so that queues empty and phases begin anew. */
        time_ns += (int64_t)((double)rnet_link_serialise_ns(link, RNET_UP, bytes) / load *
                             2 * rnet_random_unit(&random));
        if (rnet_random_below(&random, 300) == 0)
            time_ns += 400 * MS;
    }
}

static const struct {
    const char *why;
    double load;
    uint64_t rate_bps;
    uint64_t buffer_bytes;
    bool must_drop;
} cases[] = {
    {"a line with room to spare leaves everything alone", 0.5, 2000000, 0, false},
    {"a little too much: phases of dropping begin and end", 1.1, 2000000, 0, true},
    {"far too much: drops come closer and closer together", 2.0, 2000000, 0, true},
    {"a slow line, where every packet waits longer than the target", 1.2, 128000, 0, true},
    {"a full buffer takes from the longest queue", 2.0, 2000000, 30000, true},
};

START_TEST(every_packet_fares_as_in_the_model)
{
    static struct fates expected, found;
    const int which = _i / 6;
    struct rnet_line_outcome counts = {0};
    struct rnet_link link = named_link("adsl-2m-fair");
    unsigned dropped = 0;

    link.codel_flows = 65536; /* no two flows share a queue: the model does not hash */
    link.direction[RNET_UP].rate_bps = cases[which].rate_bps;
    link.direction[RNET_UP].buffer_bytes = cases[which].buffer_bytes;
    make_arrivals((uint64_t)_i, &link, cases[which].load);
    run_model(&link, &expected);
    run_line(&link, &found, &counts);
    for (int i = 0; i < PACKETS; i++) {
        /* The line does not say when it dropped. */
        const bool when = expected.what[i] != FATE_SENT || expected.when_ns[i] == found.when_ns[i];

        ck_assert_int_ne(expected.what[i], FATE_WAITING);
        ck_assert_msg((expected.what[i] == FATE_SENT) == (found.what[i] == FATE_SENT) && when,
                      "%s: packet %d of flow %u", cases[which].why, i, arrivals[i].flow);
        dropped += expected.what[i] == FATE_DROPPED;
    }
    ck_assert_uint_eq(counts.packets_dropped, dropped);
    ck_assert_uint_eq(counts.packets_out + dropped, PACKETS);
    ck_assert_int_eq(dropped > 0, cases[which].must_drop);
}
END_TEST

START_TEST(sparse_flows_keep_short_queues_beside_greedy_ones)
{
    static struct fates found;
    struct rnet_line_outcome counts = {0};
    struct rnet_link link = named_link("adsl-2m-fair");
    int late = 0, sparse = 0;

    link.direction[RNET_UP].rate_bps = 2000000;
    make_arrivals(1, &link, 2.0);
    run_line(&link, &found, &counts);
    for (int i = 0; i < PACKETS; i++) {
        if (arrivals[i].flow < 3)
            continue;
        ck_assert_int_eq(found.what[i], FATE_SENT);
        sparse++;
        /* A turn of each greedy flow and one packet under way: four full packets, and its peers. */
        late += found.when_ns[i] - arrivals[i].time_ns >
                5 * rnet_link_serialise_ns(&link, RNET_UP, link.mtu_bytes);
    }
    ck_assert_int_gt(sparse, 500);
    ck_assert_int_eq(late, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay fq_codel");
    TCase *tcase = tcase_create("fq_codel");

    tcase_add_loop_test(tcase, every_packet_fares_as_in_the_model, 0,
                        6 * (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tcase, sparse_flows_keep_short_queues_beside_greedy_ones);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
