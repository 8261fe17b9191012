/*
 * Closed-loop uses: pages, transactions, transfers, echoes, jobs, from messages.
 *
 * Uses are cut on the capture's clock, by pauses of the client, so that they are the same on every
 * line; they are timed on the replay's clock. A use begins when its first message could be sent, or
 * when the connection opened for it began to open; it ends when its last byte has arrived.
 */
#include "quality/quality.h"

#include <math.h>
#include <stdlib.h>

/* A server silent for longer than this on the capture's own line was not answering someone who
 * waits (long polls, push): what it sent then begins a use of its own. G.1010's limit for data
 * transactions, 4 s. */
#define SERVER_PAUSE_NS (4 * RNET_NS_PER_S)
/* A connection opened at most this long before its first message was opened for it. */
#define OPENED_FOR_NS (5 * RNET_NS_PER_S)
/* A use that is mostly one body of at least this size is a transfer; project choice: the time to
 * fetch it is then the body's, not the page's. */
#define TRANSFER_BYTES 1000000u
/* A keystroke or a mouse move in SSH or RDP takes 30 to 200 bytes; project choice. */
#define INPUT_BYTES 300u
/* Within a connection: after this silence it is another stretch; as the reader's pause of ways.c.
 */
#define STRETCH_PAUSE_NS RNET_NS_PER_S
/* One or two HTTP/2 window updates of 13 bytes in TLS records of 22 to 29 bytes more. */
#define NO_QUESTION_BYTES 64u

/* Replications spread a sender's own time by up to a sixth; what goes beyond is being held back. */
#define THINK_SPREAD 1.2

int64_t
quality_intended_ns(const struct measure *m, const struct item *item)
{
    const struct rnet_message *message = &m->demand->messages[item->message];
    const struct rnet_message_outcome *outcome = &m->outcomes->messages[item->message];
    const double own =
        message->release == RNET_RELEASE_CLOCK ? 0 : THINK_SPREAD * (double)message->wait_ns;

    if (outcome->started_ns < 0 || outcome->released_ns < 0)
        return outcome->started_ns;
    return (double)rnet_elapsed_ns(outcome->released_ns, outcome->started_ns) > own
               ? outcome->released_ns + (int64_t)own
               : outcome->started_ns;
}

static int64_t
begin_ns(const struct measure *m, const struct item *item)
{
    const struct rnet_conversation *conversation = &m->demand->conversations[item->conversation];
    const int64_t opened = m->outcomes->conversations[item->conversation].opened_ns;
    const int64_t intended = quality_intended_ns(m, item);

    if (item->opens_connection && opened >= 0 && opened < intended &&
        (conversation->flags & RNET_CONVERSATION_HANDSHAKE_SEEN) != 0 &&
        rnet_elapsed_ns(conversation->start_ns, item->start_ns) <= OPENED_FOR_NS)
        return opened;
    return intended;
}

bool
quality_is_whole(const struct rnet_conversation *conversation)
{
    return (conversation->flags & RNET_CONVERSATION_PART_MISSING) == 0;
}

bool
quality_is_doubtful(const struct rnet_conversation *conversation)
{
    return (conversation->flags & RNET_CONVERSATION_LABEL_DOUBTFUL) != 0;
}

bool
quality_all_doubtful(const struct measure *m, const struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!quality_is_doubtful(&m->demand->conversations[items[i].conversation]))
            return false;
    return true;
}

/* What had not ended when the replay did never ends, unless the replay was cut. */
static enum rnet_use_state
state_of(const struct measure *m, const struct rnet_message_outcome *outcome)
{
    return m->outcomes->cut && outcome->state != RNET_OUTCOME_FAILED ? RNET_USE_UNKNOWN
                                                                     : RNET_USE_FAILED;
}

struct span
quality_span(const struct measure *m, const struct item *items, size_t count)
{
    struct span span = {INT64_MAX, INT64_MIN, RNET_USE_MEASURED};
    bool whole = true;

    for (size_t i = 0; i < count; i++) {
        const struct rnet_message_outcome *outcome = &m->outcomes->messages[items[i].message];
        const int64_t begin = begin_ns(m, &items[i]);

        whole = whole && quality_is_whole(&m->demand->conversations[items[i].conversation]);
        if (outcome->state != RNET_OUTCOME_DONE || begin < 0) {
            if (span.state != RNET_USE_FAILED)
                span.state = state_of(m, outcome);
            continue;
        }
        if (begin < span.begin_ns)
            span.begin_ns = begin;
        if (outcome->done_ns > span.end_ns)
            span.end_ns = outcome->done_ns;
    }
    if (!whole)
        span.state = RNET_USE_PART_MISSING;
    return span;
}

struct rnet_use *
quality_add(struct measure *m, enum rnet_usage usage, enum rnet_use_kind kind, int64_t start_ns,
            double weight)
{
    struct rnet_quality *quality = m->quality;
    void *uses = quality->uses;
    struct rnet_use *use;

    if (rnet_array_reserve(&uses, &quality->use_capacity, quality->use_count + 1,
                           sizeof *quality->uses) != RNET_OK)
        return NULL;
    quality->uses = uses;
    use = &quality->uses[quality->use_count++];
    *use = (struct rnet_use){
        .start_ns = start_ns, .weight = weight, .usage = (uint8_t)usage, .kind = (uint8_t)kind};
    return use;
}

void
quality_put(struct rnet_use *use, enum rnet_metric metric, double value)
{
    if (use->values == RNET_USE_VALUES)
        return;
    use->metric[use->values] = (uint8_t)metric;
    use->value[use->values++] = (float)value;
}

struct extent {
    uint64_t bytes;
    uint64_t one_way;  /* most bytes of one connection in one direction */
    uint64_t body;     /* largest answer, or all that one connection sent up */
    int64_t length_ns; /* in the capture */
};

static uint64_t
add_bytes(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static int
compare_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    return x->message < y->message ? -1 : x->message > y->message;
}

/*
 * How much a set of messages carries, and in what. Messages are in the order of their connections.
 *
 * What one connection sends up without a pause is one body, whatever its server says in between; a
 * body coming down ends with the next question. Questions shorter than a window update of HTTP/2
 * over TLS are none.
 */
static struct extent
extent_of(const struct measure *m, const struct item *items, size_t count)
{
    struct extent extent = {0};
    int64_t begin = INT64_MAX, end = INT64_MIN;
    uint64_t up = 0, down = 0, answer = 0;

    for (size_t i = 0; i < count; i++) {
        const struct rnet_message *message = &m->demand->messages[items[i].message];

        if (i > 0 && items[i].conversation != items[i - 1].conversation)
            up = down = answer = 0;
        extent.bytes = add_bytes(extent.bytes, message->bytes);
        if (message->direction == RNET_UP) {
            up = add_bytes(up, message->bytes);
            answer = message->bytes > NO_QUESTION_BYTES ? 0 : answer;
        } else {
            down = add_bytes(down, message->bytes);
            answer = add_bytes(answer, message->bytes);
        }
        extent.one_way = larger(extent.one_way, larger(up, down));
        extent.body = larger(extent.body, larger(up, answer));
        begin = items[i].start_ns < begin ? items[i].start_ns : begin;
        end = items[i].end_ns > end ? items[i].end_ns : end;
    }
    extent.length_ns = rnet_elapsed_ns(begin, end);
    return extent;
}

static bool
is_transfer(const struct way *way, const struct extent *extent)
{
    const uint64_t bulk = way->transfers == TRANSFER_BODY ? extent->body : extent->one_way;

    return way->transfers != TRANSFER_NEVER && bulk >= TRANSFER_BYTES && bulk >= extent->bytes / 2;
}

static void
put_duration(struct rnet_use *use, double seconds)
{
    switch ((enum rnet_use_kind)use->kind) {
    case RNET_USE_PAGE:
        quality_put(use, RNET_METRIC_PAGE_S, seconds);
        break;
    case RNET_USE_TRANSFER:
        quality_put(use, RNET_METRIC_TRANSFER_S, seconds);
        break;
    case RNET_USE_JOB:
        quality_put(use, RNET_METRIC_JOB_H, seconds / 3600);
        break;
    case RNET_USE_TRANSACTION:
    case RNET_USE_ECHO:
    case RNET_USE_VOICE:
    case RNET_USE_VIDEO:
    case RNET_USE_PLAYBACK:
    case RNET_USE_FEED:
    case RNET_USE_KINDS:
        quality_put(use, RNET_METRIC_TRANSACTION_S, seconds);
        break;
    }
}

/* One use from all the messages given. */
static enum rnet_status
add_timed(struct measure *m, const struct way *way, enum rnet_use_kind kind,
          const struct item *items, size_t count)
{
    const struct extent extent = extent_of(m, items, count);
    const struct span span = quality_span(m, items, count);
    const enum rnet_use_kind real = is_transfer(way, &extent) ? RNET_USE_TRANSFER : kind;
    struct rnet_use *use = quality_add(m, (enum rnet_usage)items[0].usage, real, items[0].start_ns,
                                       extent.bytes < way->chatter_bytes ? 0 : 1);

    if (use == NULL)
        return RNET_ENOMEM;
    use->bytes = extent.bytes;
    use->doubtful = quality_all_doubtful(m, items, count);
    use->state = (uint8_t)span.state;
    if (span.state == RNET_USE_MEASURED)
        put_duration(use, (double)rnet_elapsed_ns(span.begin_ns, span.end_ns) * 1e-9);
    return RNET_OK;
}

/*
 * Echo: the way out of the last input before the answer, and the way back of the answer's first
 * byte. What the server took in between is its own.
 */
static enum rnet_status
add_echo(struct measure *m, const struct item *items, size_t count)
{
    const struct rnet_message_outcome *question, *answer;
    const struct extent extent = extent_of(m, items, count);
    size_t reply = 0;
    struct rnet_use *use;

    while (reply < count && items[reply].from_client)
        reply++;
    if (reply == 0 || reply == count)
        return RNET_OK; /* nothing asked, or nothing answered: no echo to time */
    if (m->demand->messages[items[reply - 1].message].bytes > INPUT_BYTES)
        return RNET_OK; /* key exchange, pasted pages, files: not what a hand typed */
    use = quality_add(m, (enum rnet_usage)items[0].usage, RNET_USE_ECHO, items[0].start_ns, 1);
    if (use == NULL)
        return RNET_ENOMEM;
    use->bytes = extent.bytes;
    use->doubtful = quality_all_doubtful(m, items, count);
    if (!quality_is_whole(&m->demand->conversations[items[0].conversation])) {
        use->state = RNET_USE_PART_MISSING;
        return RNET_OK;
    }
    question = &m->outcomes->messages[items[reply - 1].message];
    answer = &m->outcomes->messages[items[reply].message];
    if (question->state != RNET_OUTCOME_DONE || answer->first_byte_ns < 0) {
        use->state =
            (uint8_t)state_of(m, question->state != RNET_OUTCOME_DONE ? question : answer);
        return RNET_OK;
    }
    quality_put(
        use, RNET_METRIC_ECHO_MS,
        ((double)rnet_elapsed_ns(quality_intended_ns(m, &items[reply - 1]), question->done_ns) +
         (double)rnet_elapsed_ns(quality_intended_ns(m, &items[reply]), answer->first_byte_ns)) *
            1e-6);
    return RNET_OK;
}

/* A question begins where the client speaks after its server, or as the flow says. */
static bool
begins_exchange(const struct item *items, size_t i)
{
    return items[i].opens_exchange || (items[i].from_client && !items[i - 1].from_client) ||
           rnet_elapsed_ns(items[i - 1].end_ns, items[i].start_ns) > SERVER_PAUSE_NS;
}

/* Every question with its answers, one use each; messages of one connection. */
static enum rnet_status
add_exchanges(struct measure *m, const struct way *way, const struct item *items, size_t count)
{
    size_t from = 0;

    for (size_t i = 1; i <= count; i++) {
        enum rnet_status status;

        if (i < count && !begins_exchange(items, i))
            continue;
        status = way->kind == RNET_USE_ECHO ? add_echo(m, items + from, i - from)
                                            : add_timed(m, way, way->kind, items + from, i - from);
        if (status != RNET_OK)
            return status;
        from = i;
    }
    return RNET_OK;
}

/* Connection by connection: a stretch without a pause that moves a large body is a transfer (files
 * over a shell's connection, a tunnel's download), anything else goes question by question. */
static enum rnet_status
add_connections(struct measure *m, const struct way *way, struct item *items, size_t count)
{
    size_t from = 0;

    qsort(items, count, sizeof *items, compare_order);
    for (size_t i = 1; i <= count; i++) {
        struct extent extent;
        enum rnet_status status;

        if (i < count && items[i].conversation == items[from].conversation &&
            rnet_elapsed_ns(items[i - 1].end_ns, items[i].start_ns) <=
                (items[i].from_client ? STRETCH_PAUSE_NS : SERVER_PAUSE_NS))
            continue;
        extent = extent_of(m, items + from, i - from);
        status = is_transfer(way, &extent)
                     ? add_timed(m, way, RNET_USE_TRANSFER, items + from, i - from)
                     : add_exchanges(m, way, items + from, i - from);
        if (status != RNET_OK)
            return status;
        from = i;
    }
    return RNET_OK;
}

static enum rnet_status
add_burst(struct measure *m, const struct way *way, struct item *items, size_t count)
{
    struct extent extent;

    qsort(items, count, sizeof *items, compare_order);
    extent = extent_of(m, items, count);
    if (way->longest_ns != 0 && extent.length_ns > way->longest_ns && !is_transfer(way, &extent))
        return add_connections(m, way, items, count);
    return add_timed(m, way, way->kind, items, count);
}

static bool
same_activity(const struct item *a, const struct item *b)
{
    return a->host == b->host && a->activity == b->activity;
}

enum rnet_status
quality_bursts(struct measure *m, const struct way *way, struct item *items, size_t count)
{
    size_t from = 0;
    int64_t last_ns = count != 0 ? items[0].end_ns : 0;

    for (size_t i = 1; i <= count; i++) {
        const int64_t pause = i < count && items[i].from_client ? way->pause_ns
                              : way->pause_ns > SERVER_PAUSE_NS ? way->pause_ns
                                                                : SERVER_PAUSE_NS;
        enum rnet_status status;

        if (i < count && same_activity(&items[i], &items[from]) &&
            rnet_elapsed_ns(last_ns, items[i].start_ns) <= pause) {
            if (items[i].end_ns > last_ns)
                last_ns = items[i].end_ns;
            continue;
        }
        status = add_burst(m, way, items + from, i - from);
        if (status != RNET_OK)
            return status;
        from = i;
        last_ns = i < count ? items[i].end_ns : 0;
    }
    return RNET_OK;
}

/* Lag of a feed's message: how much longer than in the capture it took to arrive. */
static enum rnet_status
add_feeds(struct measure *m, const struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double length_s = (double)rnet_elapsed_ns(items[i].start_ns, items[i].end_ns) * 1e-9;
        const struct span span = quality_span(m, &items[i], 1);
        struct rnet_use *use = quality_add(m, (enum rnet_usage)items[i].usage, RNET_USE_FEED,
                                           items[i].start_ns, length_s > 0.1 ? length_s : 0.1);

        if (use == NULL)
            return RNET_ENOMEM;
        use->bytes = m->demand->messages[items[i].message].bytes;
        use->doubtful = quality_all_doubtful(m, &items[i], 1);
        use->state = (uint8_t)span.state;
        if (span.state == RNET_USE_MEASURED)
            quality_put(
                use, RNET_METRIC_LAG_S,
                fmax(0, (double)rnet_elapsed_ns(span.begin_ns, span.end_ns) * 1e-9 - length_s));
    }
    return RNET_OK;
}

enum rnet_status
quality_closed(struct measure *m, const struct way *way, struct item *items, size_t count)
{
    switch (way->closed) {
    case CLOSED_NONE:
        return RNET_OK;
    case CLOSED_MEDIA:
    case CLOSED_BURST: /* there may be players in pages: their pace tells */
        return quality_media(m, way, items, count);
    case CLOSED_EXCHANGE:
        return count != 0 ? add_connections(m, way, items, count) : RNET_OK;
    case CLOSED_FEED:
        return add_feeds(m, items, count);
    }
    return RNET_OK;
}
