/* The measurement: sorts a demand's messages into usages and activities and lets each be measured.
 */
#include "quality/quality.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW_S 10.0
#define UNTOLD_BYTES 10000u /* less is discovery, name look-ups and the like */

static void
describe_line(const struct rnet_demand *demand, const struct rnet_outcomes *outcomes,
              struct rnet_quality *quality)
{
    const int64_t span = rnet_elapsed_ns(demand->begin_ns, demand->end_ns);
    const int64_t whole = outcomes->end_ns > span ? outcomes->end_ns : span;

    quality->span_s = (double)span * 1e-9;
    quality->complete = !outcomes->cut;
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const struct rnet_line_outcome *line = &outcomes->line[d];
        struct rnet_quality_line *out = &quality->line[d];

        out->busy_ratio = whole > 0 ? fmin(1, (double)line->busy_ns / (double)whole) : 0;
        out->mean_queue_ms = line->packets_out != 0
                                 ? (double)line->total_delay_ns * 1e-6 / (double)line->packets_out
                                 : 0;
        out->max_queue_ms = (double)line->max_delay_ns * 1e-6;
        out->loss_ratio =
            line->packets_in != 0 ? (double)line->packets_dropped / (double)line->packets_in : 0;
    }
}

static void
count_volumes(const struct rnet_demand *demand, struct rnet_quality *quality)
{
    for (size_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *conversation = &demand->conversations[i];

        quality->conversations[conversation->usage]++;
        for (int d = 0; d < RNET_DIRECTIONS; d++)
            quality->bytes[conversation->usage][d] += conversation->bytes[d];
    }
}

static void
collect_conversation(struct measure *m, uint32_t index)
{
    const struct rnet_conversation *conversation = &m->demand->conversations[index];
    const enum rnet_direction client =
        (conversation->flags & RNET_CONVERSATION_SERVER_OPENS) != 0 ? RNET_DOWN : RNET_UP;
    bool first = true;

    for (uint32_t i = 0; i < conversation->items; i++) {
        const struct rnet_message *message = &m->demand->messages[conversation->first_item + i];

        if ((message->flags & RNET_MESSAGE_HANDSHAKE) != 0) {
            m->quality->handshakes++;
            continue;
        }
        m->items[m->item_count++] = (struct item){
            .start_ns = message->start_ns,
            .end_ns = message->end_ns,
            .conversation = index,
            .message = conversation->first_item + i,
            .activity = message->activity,
            .host = conversation->host,
            .usage = conversation->usage,
            .opens_connection = first,
            .opens_exchange = (message->flags & RNET_MESSAGE_OPENS_EXCHANGE) != 0,
            .from_client = message->direction == client,
        };
        first = false;
    }
}

static int
compare_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    if (x->usage != y->usage)
        return x->usage < y->usage ? -1 : 1;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    if (x->activity != y->activity)
        return x->activity < y->activity ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->message < y->message ? -1 : x->message > y->message;
}

static enum rnet_status
collect_items(struct measure *m)
{
    m->items = rnet_alloc_zero(m->demand->message_count, sizeof *m->items);
    if (m->items == NULL)
        return RNET_ENOMEM;
    for (uint32_t i = 0; i < m->demand->conversation_count; i++)
        if (m->demand->conversations[i].transport != RNET_TRANSPORT_OPEN &&
            quality_way((enum rnet_usage)m->demand->conversations[i].usage)->closed != CLOSED_NONE)
            collect_conversation(m, i);
    qsort(m->items, m->item_count, sizeof *m->items, compare_items);
    return RNET_OK;
}

/*
 * Where a usage's main kind of use is present, what goes with it (a call's web page, a player's
 * lists) is shown and not judged. Where nothing but chatter was seen, the chatter is judged.
 */
static void
settle(const struct way *way, struct rnet_use *uses, size_t count)
{
    double main = 0, any = 0;

    for (size_t i = 0; i < count; i++) {
        any += uses[i].weight;
        if ((way->primary & (1u << uses[i].kind)) != 0)
            main += uses[i].weight;
    }
    for (size_t i = 0; i < count; i++) {
        if (main > 0 && (way->primary & (1u << uses[i].kind)) == 0)
            uses[i].weight = 0;
        else if (any == 0)
            uses[i].weight = 1;
    }
}

/* Datagrams of a usage that is judged by its messages: nobody can tell what became of the use. */
static enum rnet_status
add_untold(struct measure *m, const struct way *way, const struct rnet_conversation *conversation)
{
    const uint64_t bytes = conversation->bytes[RNET_UP] + conversation->bytes[RNET_DOWN];
    struct rnet_use *use;

    if (way->closed == CLOSED_NONE || bytes < UNTOLD_BYTES)
        return RNET_OK;
    use =
        quality_add(m, (enum rnet_usage)conversation->usage, way->kind, conversation->start_ns, 1);
    if (use == NULL)
        return RNET_ENOMEM;
    use->bytes = bytes;
    use->doubtful = quality_is_doubtful(conversation);
    use->state = RNET_USE_UNKNOWN;
    return RNET_OK;
}

static enum rnet_status
measure_usage(struct measure *m, enum rnet_usage usage, size_t *item)
{
    const struct way *way = quality_way(usage);
    const size_t first_use = m->quality->use_count;
    const size_t from = *item;
    enum rnet_status status;

    while (*item < m->item_count && m->items[*item].usage == usage)
        (*item)++;
    status = quality_closed(m, way, m->items + from, *item - from);
    for (uint32_t i = 0; status == RNET_OK && i < m->demand->conversation_count; i++)
        if (m->demand->conversations[i].transport == RNET_TRANSPORT_OPEN &&
            m->demand->conversations[i].usage == usage)
            status = way->open != OPEN_NONE ? quality_open(m, way, i)
                                            : add_untold(m, way, &m->demand->conversations[i]);
    if (m->quality->use_count > first_use)
        settle(way, m->quality->uses + first_use, m->quality->use_count - first_use);
    return status;
}

static void
release(struct measure *m)
{
    rnet_free(m->items);
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        rnet_free(m->window[d].delay_ms);
        rnet_free(m->window[d].sorted);
        rnet_free(m->window[d].lost);
    }
    quality_load_clear(&m->load);
}

static void
restart(struct rnet_quality *quality)
{
    struct rnet_use *uses = quality->uses;
    const size_t capacity = quality->use_capacity;

    *quality = (struct rnet_quality){.uses = uses, .use_capacity = capacity};
}

enum rnet_status
rnet_quality_measure(const struct rnet_demand *demand, const struct rnet_outcomes *outcomes,
                     const struct rnet_quality_options *options, struct rnet_quality *quality,
                     struct rnet_error *err)
{
    const double window_s = options != NULL && options->window_s > 0 ? options->window_s : WINDOW_S;
    struct measure m = {.demand = demand, .outcomes = outcomes, .quality = quality};
    enum rnet_status status;
    size_t item = 0;

    if ((demand->message_count != 0 && outcomes->messages == NULL) ||
        (demand->datagram_count != 0 && outcomes->datagrams == NULL) ||
        (demand->conversation_count != 0 && outcomes->conversations == NULL))
        return rnet_error_set(err, RNET_EINVAL, "these outcomes are not those of this demand");
    m.window_ns = (int64_t)(fmin(window_s, 1e6) * 1e9);
    m.window_ns = m.window_ns > RNET_NS_PER_MS ? m.window_ns : RNET_NS_PER_MS;
    m.codec = options != NULL ? options->codec : RNET_CODEC_BY_SIZE;
    restart(quality);
    describe_line(demand, outcomes, quality);
    count_volumes(demand, quality);
    status = quality_load_init(&m.load, demand, outcomes);
    if (status == RNET_OK)
        status = collect_items(&m);
    for (int usage = 0; status == RNET_OK && usage < RNET_USAGE_COUNT; usage++)
        status = measure_usage(&m, (enum rnet_usage)usage, &item);
    release(&m);
    if (status != RNET_OK) {
        rnet_quality_clear(quality);
        return rnet_error_set(err, status, "out of memory measuring %zu messages",
                              demand->message_count);
    }
    return RNET_OK;
}

double
rnet_use_value(const struct rnet_use *use, enum rnet_metric metric)
{
    for (size_t i = 0; i < use->values; i++)
        if (use->metric[i] == metric)
            return (double)use->value[i];
    return (double)NAN;
}

/* The video of a call by G.1070's set for H.264 at VGA, 25 frames a second: an aid for ordering only. A
 * rate that is INFINITY was delivered as it was asked; what was asked is in the bytes, both ways. */
static double
video_mos(const struct rnet_use *use)
{
    const double asked_kbps = use->weight > 0 ? (double)use->bytes * 8 / 1000 / use->weight / 2 : 0;
    const double loss = rnet_use_value(use, RNET_METRIC_LOSS_PERCENT);
    double rate_kbps = asked_kbps;

    rate_kbps = fmin(rate_kbps, rnet_use_value(use, RNET_METRIC_RATE_UP_KBPS));
    rate_kbps = fmin(rate_kbps, rnet_use_value(use, RNET_METRIC_RATE_DOWN_KBPS));
    return rnet_g1070_video(5, rate_kbps, 25, isnan(loss) ? 0 : loss).vq;
}

double
rnet_use_mos(const struct rnet_use *use)
{
    double stalls, length;

    if (use->state == RNET_USE_FAILED)
        return 1;
    switch ((enum rnet_use_kind)use->kind) {
    case RNET_USE_VOICE:
        return rnet_mos_of_r(rnet_use_value(use, RNET_METRIC_VOICE_R));
    case RNET_USE_PAGE:
        return rnet_web_mos(rnet_use_value(use, RNET_METRIC_PAGE_S), 15);
    case RNET_USE_PLAYBACK:
        stalls = rnet_use_value(use, RNET_METRIC_STALLS_PER_MIN) * fmax(use->weight, 60) / 60;
        length = rnet_use_value(use, RNET_METRIC_STALL_PERCENT) / 100 * use->weight;
        return stalls > 0 ? rnet_stall_mos(stalls, length / stalls) : 5;
    case RNET_USE_VIDEO:
        return video_mos(use);
    case RNET_USE_TRANSACTION:
    case RNET_USE_TRANSFER:
    case RNET_USE_ECHO:
    case RNET_USE_FEED:
    case RNET_USE_JOB:
    case RNET_USE_KINDS:
        break;
    }
    return (double)NAN;
}

void
rnet_quality_clear(struct rnet_quality *quality)
{
    rnet_free(quality->uses);
    *quality = (struct rnet_quality){0};
}
