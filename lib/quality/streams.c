/*
 * Open-loop uses: calls, video calls and feeds, in windows of ten seconds.
 *
 * A video call adapts its pictures to what the line gives. Replayed at its captured rate over a
 * line too slow for it, it overflows the queue by itself; a real one would send less. So, where the
 * call itself is most of what a direction was offered, the rate it got is judged and the loss and
 * delay it caused itself are not. A tunnel's inside would slow down too, but to what cannot be
 * told: such windows are unknown, not zero.
 */
#include "quality/quality.h"

#include <math.h>
#include <string.h>

#define VOICE_PACKETS_PER_S 10.0 /* a voice clock ticks every 10..60 ms; slower is signalling */
#define VIDEO_BPS_MIN 10e3       /* slower than any audio codec: signalling */
#define AS_ASKED 0.98            /* share delivered that counts as all; RTP tolerates 1-2 % loss */
#define OWN_SHARE 0.5            /* of the direction's bytes: the call is its own trouble */
#define IP_UDP_RTP_BYTES 40.0

static enum rnet_status
window_push(struct window *window, double delay_ms, uint32_t bytes)
{
    if (window->count == window->capacity) {
        const size_t grown = window->capacity != 0 ? 2 * window->capacity : 512;
        double *delays = rnet_realloc_array(window->delay_ms, grown, sizeof *delays);
        double *sorted =
            delays == NULL ? NULL : rnet_realloc_array(window->sorted, grown, sizeof *sorted);
        bool *lost = sorted == NULL ? NULL : rnet_realloc_array(window->lost, grown, sizeof *lost);

        window->delay_ms = delays != NULL ? delays : window->delay_ms;
        window->sorted = sorted != NULL ? sorted : window->sorted;
        window->lost = lost != NULL ? lost : window->lost;
        if (lost == NULL)
            return RNET_ENOMEM;
        window->capacity = grown;
    }
    window->delay_ms[window->count++] = delay_ms;
    window->bytes += bytes;
    window->lost_bytes += isnan(delay_ms) ? bytes : 0;
    return RNET_OK;
}

struct stretch {
    const struct rnet_conversation *conversation;
    int64_t start_ns; /* capture clock */
    double seconds;
};

/* Payload of RTP packets tells G.711 (multiples of 80 bytes) and G.729 (20 or 30). */
static const struct rnet_codec *
guess_codec(const struct measure *m, const struct window *window)
{
    const double payload = (double)window->bytes / (double)window->count - IP_UDP_RTP_BYTES;

    if (m->codec == RNET_CODEC_WORST)
        return rnet_codec_find("g711");
    if (payload >= 15 && payload <= 36)
        return rnet_codec_find("g729a");
    for (double size = 80; size <= 240; size += 80)
        if (payload >= size - 8 && payload <= size + 16) /* an authentication tag at most */
            return rnet_codec_find("g711-plc");
    return rnet_codec_find("opus");
}

static void
put_voice(struct measure *m, struct rnet_use *use, double seconds)
{
    struct voice_score worst = {.r = 1000};
    double delay = 0, jitter = 0, loss = 0;

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        struct window *window = &m->window[d];
        struct voice_score score;

        if ((double)window->count < VOICE_PACKETS_PER_S * seconds)
            continue; /* silence, or a direction that carries reports only */
        score = quality_voice(window, guess_codec(m, window));
        worst = score.r < worst.r ? score : worst;
        delay = fmax(delay, score.delay_ms);
        jitter = fmax(jitter, score.jitter_ms);
        loss = fmax(loss, score.loss_percent);
    }
    quality_put(use, RNET_METRIC_VOICE_R, worst.r);
    quality_put(use, RNET_METRIC_DELAY_MS, delay);
    quality_put(use, RNET_METRIC_JITTER_MS, jitter);
    quality_put(use, RNET_METRIC_LOSS_PERCENT, loss);
}

static double
own_share(const struct measure *m, const struct stretch *stretch, enum rnet_direction direction)
{
    const int64_t from = rnet_elapsed_ns(m->demand->begin_ns, stretch->start_ns);
    const double all = quality_load_bytes(&m->load, direction, (double)from,
                                          (double)from + stretch->seconds * 1e9);

    return all > 0 ? (double)m->window[direction].bytes / all : 1;
}

struct both {
    double delay_ms, jitter_ms, loss_percent;
    bool overloaded; /* by this stream itself, in some direction */
};

/* Rates of both directions, and delay, jitter and loss that are not the stream's own doing. */
static struct both
put_rates(struct measure *m, struct rnet_use *use, const struct stretch *stretch)
{
    struct both both = {0};

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        struct window *window = &m->window[d];
        const double asked = (double)window->bytes;
        const double got = asked - (double)window->lost_bytes;
        const bool all = got >= AS_ASKED * asked;
        double p95;

        if (window->count == 0)
            continue;
        quality_put(use, d == RNET_UP ? RNET_METRIC_RATE_UP_KBPS : RNET_METRIC_RATE_DOWN_KBPS,
                    all ? (double)INFINITY : got * 8 / 1000 / stretch->seconds);
        if (!all && own_share(m, stretch, (enum rnet_direction)d) >= OWN_SHARE) {
            both.overloaded = true;
            continue;
        }
        p95 = quality_delay_quantile(window, 0.95);
        both.delay_ms = isnan(p95) ? (double)INFINITY : fmax(both.delay_ms, p95);
        both.jitter_ms = fmax(both.jitter_ms, quality_jitter_ms(window));
        both.loss_percent = fmax(both.loss_percent, quality_loss_percent(window));
    }
    return both;
}

static void
put_video(struct measure *m, struct rnet_use *use, const struct stretch *stretch)
{
    const struct both both = put_rates(m, use, stretch);

    quality_put(use, RNET_METRIC_DELAY_MS, both.delay_ms);
    quality_put(use, RNET_METRIC_JITTER_MS, both.jitter_ms);
    quality_put(use, RNET_METRIC_LOSS_PERCENT, both.loss_percent);
}

static void
put_feed(struct measure *m, struct rnet_use *use, const struct stretch *stretch)
{
    const struct both both = put_rates(m, use, stretch);

    if (use->usage == RNET_USAGE_VPN && both.overloaded) {
        use->state = RNET_USE_UNKNOWN;
        use->values = 0;
        return;
    }
    /* A camera does not slow down by itself: what it loses is lost, whoever filled the line. */
    quality_put(use, RNET_METRIC_DELAY_MS, both.delay_ms);
    quality_put(use, RNET_METRIC_LOSS_PERCENT,
                fmax(quality_loss_percent(&m->window[RNET_UP]),
                     quality_loss_percent(&m->window[RNET_DOWN])));
    quality_put(use, RNET_METRIC_LAG_S, both.delay_ms / 1000);
}

static bool
is_signalling(const struct measure *m, enum open_way way, double seconds)
{
    const struct window *up = &m->window[RNET_UP], *down = &m->window[RNET_DOWN];
    const double packets = (double)(up->count > down->count ? up->count : down->count);

    if (way == OPEN_VOICE)
        return packets < VOICE_PACKETS_PER_S * seconds;
    if (way == OPEN_VIDEO)
        return packets < VOICE_PACKETS_PER_S * seconds &&
               8 * (double)(up->bytes + down->bytes) < VIDEO_BPS_MIN * seconds;
    return false;
}

static enum rnet_status
add_window(struct measure *m, const struct way *way, const struct stretch *stretch)
{
    static const enum rnet_use_kind kinds[] = {[OPEN_NONE] = RNET_USE_FEED,
                                               [OPEN_VOICE] = RNET_USE_VOICE,
                                               [OPEN_VIDEO] = RNET_USE_VIDEO,
                                               [OPEN_FEED] = RNET_USE_FEED};
    struct rnet_use *use;

    if (m->window[RNET_UP].count + m->window[RNET_DOWN].count == 0)
        return RNET_OK;
    if (is_signalling(m, way->open, stretch->seconds)) {
        m->quality->signalling += m->window[RNET_UP].count + m->window[RNET_DOWN].count;
        return RNET_OK;
    }
    use = quality_add(m, (enum rnet_usage)stretch->conversation->usage, kinds[way->open],
                      stretch->start_ns, stretch->seconds);
    if (use == NULL)
        return RNET_ENOMEM;
    use->bytes = m->window[RNET_UP].bytes + m->window[RNET_DOWN].bytes;
    use->doubtful = quality_is_doubtful(stretch->conversation);
    if (!quality_is_whole(stretch->conversation))
        use->state = RNET_USE_PART_MISSING;
    else if (way->open == OPEN_VOICE)
        put_voice(m, use, stretch->seconds);
    else if (way->open == OPEN_VIDEO)
        put_video(m, use, stretch);
    else
        put_feed(m, use, stretch);
    return RNET_OK;
}

static void
empty_windows(struct measure *m)
{
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        m->window[d].count = 0;
        m->window[d].bytes = 0;
        m->window[d].lost_bytes = 0;
    }
}

/* Windows of a conversation; the last takes what is left, up to one and a half. */
static int64_t
window_count(const struct measure *m, int64_t length_ns)
{
    const int64_t count =
        length_ns / m->window_ns + (length_ns % m->window_ns >= m->window_ns / 2 ? 1 : 0);

    return count > 1 ? count : 1;
}

/* Fill the scratch windows from datagrams[*at] on, up to a time. */
static enum rnet_status
fill_windows(struct measure *m, const struct rnet_conversation *conversation, uint32_t *at,
             int64_t end_ns)
{
    const struct rnet_datagram *datagrams = &m->demand->datagrams[conversation->first_item];
    const struct rnet_datagram_outcome *outcomes =
        &m->outcomes->datagrams[conversation->first_item];
    enum rnet_status status = RNET_OK;

    empty_windows(m);
    for (; status == RNET_OK && *at < conversation->items; (*at)++) {
        const int64_t delay = outcomes[*at].delay_ns;

        if (end_ns != INT64_MAX &&
            rnet_elapsed_ns(conversation->start_ns, datagrams[*at].time_ns) >= end_ns)
            break;
        if (outcomes[*at].sent_ns >= 0)
            status = window_push(&m->window[datagrams[*at].direction],
                                 delay >= 0 ? (double)delay * 1e-6 : (double)NAN,
                                 datagrams[*at].ip_bytes);
    }
    return status;
}

enum rnet_status
quality_open(struct measure *m, const struct way *way, uint32_t index)
{
    const struct rnet_conversation *conversation = &m->demand->conversations[index];
    const struct rnet_datagram *datagrams = &m->demand->datagrams[conversation->first_item];
    const int64_t length = rnet_elapsed_ns(conversation->start_ns, conversation->end_ns);
    const int64_t windows = window_count(m, length);
    struct stretch stretch = {.conversation = conversation};
    uint32_t at = 0;

    while (at < conversation->items) {
        /* Straight to the window of the next datagram: silence may last for years. */
        const int64_t next =
            rnet_elapsed_ns(conversation->start_ns, datagrams[at].time_ns) / m->window_ns;
        const int64_t window = next < windows ? next : windows - 1;
        const bool last = window + 1 == windows;
        const int64_t begin = window * m->window_ns;
        enum rnet_status status =
            fill_windows(m, conversation, &at, last ? INT64_MAX : begin + m->window_ns);

        stretch.start_ns = conversation->start_ns + begin;
        stretch.seconds = fmax(0.1, (double)(last ? length - begin : m->window_ns) * 1e-9);
        if (status == RNET_OK)
            status = add_window(m, way, &stretch);
        if (status != RNET_OK)
            return status;
    }
    return RNET_OK;
}
