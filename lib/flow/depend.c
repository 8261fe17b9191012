/*
 * Dependencies: which answer released the opening of a connection, or a question on one that had
 * been waiting (docs/flows.md).
 *
 * For every office host and class of service the flows that answered lately are remembered. What
 * released something is the latest answer of a related flow that looked complete. Related are
 * flows of the same class (a page's connections to whatever servers), and name lookups, which
 * release openings of any class. Waits beyond what programs need are people's and stay with the
 * same connection or the clock.
 */
#include "flow/flow.h"

#define RECENT_FLOWS 12
#define SLOTS 1024u /* a power of two; hosts that share a slot forget each other */

/* A host that nothing is on its way to, and that asks nothing, for this long has finished an
 * activity (page, job); what comes next is another one. Chosen: parsers and scripts take less,
 * readers more. */
#define ACTIVITY_PAUSE_NS (500 * RNET_NS_PER_MS)
/* A question may stay unanswered for this long and still be part of the activity. Chosen. */
#define ANSWER_MOST_NS (5 * RNET_NS_PER_S)
/* A person goes on within this time after the last answer, or by the clock. Chosen. */
#define THINK_MOST_NS (30 * RNET_NS_PER_S)

struct recent {
    uint64_t id;
    uint32_t place;
};

struct slot {
    struct recent flows[RECENT_FLOWS]; /* round robin */
    int64_t asked_ns;                  /* last question or opening */
    uint32_t host;
    uint32_t activity; /* 0 = free slot */
    uint16_t class;
    uint8_t next;
};

struct flow_depend {
    struct slot slots[SLOTS];
    uint32_t activities;
};

struct flow_depend *
depend_new(void)
{
    return rnet_alloc_zero(1, sizeof(struct flow_depend));
}

void
depend_free(struct flow_depend *depend)
{
    rnet_free(depend);
}

static uint16_t
class_of(const struct flow_record *record)
{
    const uint16_t port = record->office_is_low == record->opened_by_office ? record->key.high_port
                                                                            : record->key.low_port;

    switch (port) {
    case 80:
    case 443:
    case 3128:
    case 8000:
    case 8080:
    case 8443:
        return FLOW_CLASS_WEB;
    default:
        return port;
    }
}

static struct slot *
slot_of(struct flow_depend *depend, uint32_t host, uint16_t class)
{
    return &depend->slots[(host * 31u + class * 7u) & (SLOTS - 1)];
}

static struct slot *
find_slot(struct flow_depend *depend, uint32_t host, uint16_t class)
{
    struct slot *slot = slot_of(depend, host, class);

    return slot->activity != 0 && slot->host == host && slot->class == class ? slot : NULL;
}

/* The latest answer in a slot that looks complete and ended within [since, now]. */
static void
latest_answer(struct rnet_flow_table *table, const struct slot *slot,
              const struct flow_record *self, int64_t since_ns, int64_t now_ns,
              struct flow_record **best)
{
    for (int i = 0; slot != NULL && i < RECENT_FLOWS; i++) {
        struct flow_record *flow =
            slot->flows[i].id == 0
                ? NULL
                : flow_table_record(table, slot->flows[i].place, slot->flows[i].id);

        if (flow == NULL || flow == self || flow->kind == FLOW_KIND_DATAGRAMS ||
            flow->talk == NULL || flow->talk->last[RNET_DOWN] == RNET_NONE ||
            !flow->talk->resting[RNET_DOWN] || flow->talk->end_ns[RNET_DOWN] < since_ns ||
            flow->talk->end_ns[RNET_DOWN] >= now_ns)
            continue;
        if (*best == NULL || (*best)->talk->end_ns[RNET_DOWN] < flow->talk->end_ns[RNET_DOWN])
            *best = flow;
    }
}

static bool
is_set_up(const struct flow_record *flow)
{
    const struct rnet_message *answer = talk_at(flow->talk, flow->talk->last[RNET_DOWN]);

    return answer != NULL && (answer->flags & RNET_MESSAGE_HANDSHAKE) != 0;
}

/* Take it as the cause: what follows in that flow is another message. */
static struct flow_cause
take_cause(struct flow_record *flow)
{
    flow->talk->open[RNET_DOWN] = RNET_NONE;
    return (struct flow_cause){.flow = (uint32_t)flow->id,
                               .message = flow->talk->last[RNET_DOWN],
                               .end_ns = flow->talk->end_ns[RNET_DOWN]};
}

/* When the slot's host last did anything of its class, an answer still owed to it included. */
static int64_t
last_active_ns(struct rnet_flow_table *table, const struct slot *slot, int64_t now_ns)
{
    int64_t last_ns = slot->asked_ns;

    for (int i = 0; i < RECENT_FLOWS; i++) {
        const struct flow_record *flow =
            slot->flows[i].id == 0
                ? NULL
                : flow_table_record(table, slot->flows[i].place, slot->flows[i].id);

        if (flow == NULL || flow->kind == FLOW_KIND_DATAGRAMS || flow->talk == NULL)
            continue;
        if (flow->talk->end_ns[RNET_DOWN] > last_ns)
            last_ns = flow->talk->end_ns[RNET_DOWN];
        if (flow->talk->end_ns[RNET_UP] > flow->talk->end_ns[RNET_DOWN] &&
            now_ns - flow->talk->end_ns[RNET_UP] < ANSWER_MOST_NS)
            last_ns = now_ns;
    }
    return last_ns;
}

/* The activity that something asked now belongs to. */
static uint32_t
activity_at(struct rnet_flow_table *table, uint32_t host, uint16_t class, int64_t now_ns)
{
    struct flow_depend *depend = flow_table_depend(table);
    /* A lookup belongs to the page it is for, as far as can be told. */
    const uint16_t of = class == FLOW_CLASS_DNS ? FLOW_CLASS_WEB : class;
    struct slot *slot = find_slot(depend, host, of);

    if (slot == NULL) {
        slot = slot_of(depend, host, of);
        *slot = (struct slot){.host = host, .class = of, .activity = ++depend->activities};
    } else if (now_ns - last_active_ns(table, slot, now_ns) > ACTIVITY_PAUSE_NS) {
        slot->activity = ++depend->activities;
    }
    slot->asked_ns = now_ns;
    return slot->activity;
}

void
depend_open(struct rnet_flow_table *table, struct flow_record *record)
{
    struct flow_depend *depend = flow_table_depend(table);
    const uint16_t class = class_of(record);
    const int64_t now_ns = record->start_ns;
    /* People go on browsing after they have read; what else opens connections does so at once. */
    const bool by_people = class == FLOW_CLASS_WEB || class == FLOW_CLASS_DNS;
    const int64_t since_ns = now_ns - (by_people ? THINK_MOST_NS : ACTIVITY_PAUSE_NS);
    struct flow_record *best = NULL;
    struct flow_cause cause;

    record->after_flow = RNET_NONE;
    record->after_message = RNET_NONE;
    if (record->kind == FLOW_KIND_DATAGRAMS)
        return;
    if (record->opened_by_office) {
        latest_answer(table, find_slot(depend, record->host, FLOW_CLASS_DNS), record, since_ns,
                      now_ns, &best);
        latest_answer(
            table,
            find_slot(depend, record->host, class == FLOW_CLASS_DNS ? FLOW_CLASS_WEB : class),
            record, since_ns, now_ns, &best);
    }
    record->activity = activity_at(table, record->host, class, now_ns);
    if (best == NULL)
        return;
    if (is_set_up(best)) {
        /* Nobody waits for another connection's set-up: both had the same reason to open. */
        record->after_flow = best->after_flow;
        record->after_message = best->after_message;
        record->open_wait_ns = best->open_wait_ns + (now_ns - best->start_ns);
        return;
    }
    cause = take_cause(best);
    record->after_flow = cause.flow;
    record->after_message = cause.message;
    record->open_wait_ns = now_ns - cause.end_ns;
}

void
depend_join(struct rnet_flow_table *table, const struct flow_record *record)
{
    struct flow_depend *depend = flow_table_depend(table);
    const uint16_t class = class_of(record);
    struct slot *slot = find_slot(depend, record->host, class);

    if (!record->opened_by_office)
        return;
    if (slot == NULL) {
        slot = slot_of(depend, record->host, class);
        *slot = (struct slot){.host = record->host,
                              .class = class,
                              .activity = ++depend->activities,
                              .asked_ns = record->last_ns};
    }
    for (int i = 0; i < RECENT_FLOWS; i++)
        if (slot->flows[i].id == record->id)
            return;
    slot->flows[slot->next] = (struct recent){.id = record->id, .place = record->place};
    slot->next = (uint8_t)((slot->next + 1) % RECENT_FLOWS);
}

bool
depend_question(struct rnet_flow_table *table, struct flow_record *record, int64_t now_ns,
                int64_t since_ns, struct flow_cause *cause)
{
    const uint16_t class = class_of(record);
    struct flow_record *best = NULL;

    if (!record->opened_by_office)
        return false;
    record->activity = activity_at(table, record->host, class, now_ns);
    if (since_ns < now_ns - ACTIVITY_PAUSE_NS)
        since_ns = now_ns - ACTIVITY_PAUSE_NS;
    latest_answer(table, find_slot(flow_table_depend(table), record->host, class), record, since_ns,
                  now_ns, &best);
    if (best == NULL || is_set_up(best))
        return false;
    *cause = take_cause(best);
    return true;
}
