/*
 * Streaming: the segments of a film or a song into a player, as the replay delivered them.
 *
 * The player begins when its first segment is whole, plays what it has, stops when it runs dry and
 * goes on when the segment it misses is whole: the plainest player, and that of most measured ones.
 *
 *     asked ──► segment 0 whole: start-up ends ──► plays ──► dry: stall ──► next whole: plays on
 *
 * Where the profile knows the pace of the media (rnet_conversation.media_pace_ns) a segment's
 * length is known. Else it is taken from the capture's clock: a player that fetched its pieces at
 * regular intervals showed each for about that long. A single body with no clock at all is taken to
 * be media at a usual rate (standards.md 3.3, from memory), whose first two seconds start it.
 *
 * Most players of segmented video choose the picture by what the line gives. Which pictures were on
 * offer does not show in a capture, so the player is replayed with the one it had; where that is more
 * than the line gives, and the line gives enough for a smaller one, the use is marked (may_adapt).
 */
#include "quality/quality.h"

#include <math.h>

#define VIDEO_BPS 2.5e6 /* 720p */
#define AUDIO_BPS 192e3 /* between 96 and 320 kbit/s */
#define START_S 2.0     /* media needed before the first picture, when there are no segments */
#define ACTED_NS RNET_NS_PER_S /* a pause of the client after which it is a person acting again */
/* A player takes the largest picture that needs at most this share of what it gets (ExoPlayer's default
 * bandwidth fraction, from memory)… */
#define ADAPT_RATIO 0.7
/* …and 360p is the least that people watch: 0.7 Mbit/s (YouTube's system requirements, from memory). */
#define LEAST_PICTURE_BPS 0.7e6
#define ADAPT_SEGMENTS 3 /* fewer give no time to adapt */
#define MEDIA_BYTES 100000u    /* smaller answers are pages, pictures and API calls, not media */

struct player {
    double begin_s; /* asked for */
    double start_s; /* first picture */
    double clock_s; /* when the player runs dry */
    double played_s;
    double stalled_s;
    double stalls;
    double media_s; /* in all, played or not: the demand's, whatever the line did */
    double fetch_s; /* spent fetching segments, those side by side one by one */
    double fetched; /* their bytes */
};

static void
player_feed(struct player *player, double whole_s, double length_s)
{
    if (player->played_s == 0 && player->start_s < 0) {
        player->start_s = whole_s;
        player->clock_s = whole_s;
    } else if (whole_s > player->clock_s) {
        player->stalled_s += whole_s - player->clock_s;
        player->stalls += 1;
        player->clock_s = whole_s;
    }
    player->clock_s += length_s;
    player->played_s += length_s;
}

static enum rnet_status
put_playback(struct measure *m, const struct item *first, uint64_t bytes,
             const struct player *player, enum rnet_use_state state)
{
    struct rnet_use *use = quality_add(m, (enum rnet_usage)first->usage, RNET_USE_PLAYBACK,
                                       first->start_ns, fmax(player->media_s, 1));

    if (use == NULL)
        return RNET_ENOMEM;
    use->bytes = bytes;
    use->state = (uint8_t)state;
    if (state != RNET_USE_MEASURED)
        return RNET_OK;
    quality_put(use, RNET_METRIC_STARTUP_S, fmax(0, player->start_s - player->begin_s));
    quality_put(use, RNET_METRIC_STALL_PERCENT,
                100 * player->stalled_s / (player->played_s + player->stalled_s));
    quality_put(use, RNET_METRIC_STALLS_PER_MIN,
                player->stalls / (fmax(player->played_s, 60) / 60));
    return RNET_OK;
}

/* Whether a smaller picture would have fitted what the segments were fetched at. */
static bool
may_adapt(const struct player *player, size_t segments)
{
    const double got_bps =
        player->fetch_s > 0 ? ADAPT_RATIO * 8 * player->fetched / player->fetch_s : 0;

    return segments >= ADAPT_SEGMENTS && player->media_s > 0 && got_bps >= LEAST_PICTURE_BPS &&
           8 * player->fetched / player->media_s > got_bps;
}

/* Whether the answer that ends with this message is a segment of paced media. */
static bool
is_paced_segment(const struct measure *m, const struct item *item)
{
    const struct rnet_conversation *conversation = &m->demand->conversations[item->conversation];
    const struct rnet_message *messages = m->demand->messages;
    const uint32_t end = conversation->first_item + conversation->items;
    uint64_t bytes = 0;

    if (item->message + 1 < end && messages[item->message + 1].direction == RNET_DOWN)
        return false; /* more of it is to come */
    for (uint32_t i = item->message + 1; i-- > conversation->first_item;) {
        if ((messages[i].flags & RNET_MESSAGE_MEDIA_SEGMENT) != 0)
            return true;
        if (messages[i].direction == RNET_UP)
            break;
        bytes += messages[i].bytes;
        if (bytes >= MEDIA_BYTES)
            return true;
    }
    return false;
}

/* Media of a usage that streams, or on any connection whose pace is known. */
static bool
is_media(const struct measure *m, const struct way *way, const struct item *item)
{
    const struct rnet_message *message = &m->demand->messages[item->message];

    if (item->from_client)
        return false;
    if (m->demand->conversations[item->conversation].media_pace_ns > 0)
        return is_paced_segment(m, item);
    return way->closed == CLOSED_MEDIA &&
           ((message->flags & RNET_MESSAGE_MEDIA_SEGMENT) != 0 || message->bytes >= MEDIA_BYTES);
}

static double
arrived_s(const struct measure *m, const struct item *item)
{
    return (double)m->outcomes->messages[item->message].done_ns * 1e-9;
}

/* Seconds of media in a segment: its pace, or the capture's interval to the next one. */
static double
segment_s(const struct measure *m, const struct item *item, const struct item *next, double usual_s)
{
    const double pace = (double)m->demand->conversations[item->conversation].media_pace_ns * 1e-9;

    if (pace > 0)
        return pace;
    return next != NULL ? (double)rnet_elapsed_ns(item->start_ns, next->start_ns) * 1e-9 : usual_s;
}

/* A body without a clock: bytes at a usual rate, arriving evenly from its first byte to its last.
 */
static enum rnet_status
add_single(struct measure *m, const struct item *item, double begin_s, enum rnet_use_state state)
{
    const struct rnet_message_outcome *outcome = &m->outcomes->messages[item->message];
    const double bits = 8 * (double)m->demand->messages[item->message].bytes;
    const double length_s =
        bits / (item->usage == RNET_USAGE_AUDIO_STREAMING ? AUDIO_BPS : VIDEO_BPS);
    const double first_s = (double)outcome->first_byte_ns * 1e-9;
    const double took_s = (double)rnet_elapsed_ns(outcome->first_byte_ns, outcome->done_ns) * 1e-9;
    struct player player = {.begin_s = begin_s, .played_s = length_s, .media_s = length_s};

    player.start_s = first_s + took_s * fmin(1, START_S / length_s);
    player.stalled_s = fmax(0, first_s + took_s - (player.start_s + length_s));
    player.stalls = player.stalled_s > 0 ? 1 : 0;
    return put_playback(m, item, m->demand->messages[item->message].bytes, &player, state);
}

/* What a segment's arrival does to the player, and where the next segment is. */
static void
add_segment(const struct measure *m, const struct way *way, const struct item *items, size_t count,
            size_t segments, bool arrived, struct player *player)
{
    size_t next = 1;
    double length;

    while (next < count && !is_media(m, way, &items[next]))
        next++;
    length =
        segment_s(m, items, next < count ? &items[next] : NULL, player->media_s / (double)segments);
    player->media_s += length;
    if (arrived)
        player_feed(player, arrived_s(m, items), length);
}

/* All the media of one activity. */
static enum rnet_status
add_playback(struct measure *m, const struct way *way, const struct item *items, size_t count)
{
    struct player player = {.begin_s = -1, .start_s = -1};
    const struct item *segment = NULL;
    uint64_t bytes = 0;
    size_t segments = 0;
    int64_t last_ns = 0;
    enum rnet_use_state state = RNET_USE_MEASURED;

    for (size_t i = 0; i < count; i++)
        segments += is_media(m, way, &items[i]) ? 1 : 0;
    for (size_t i = 0; segments > 0 && i < count; i++) {
        const struct span span = quality_span(m, &items[i], 1);

        /* Asked for when its viewer last acted: lists and keys are fetched without a pause. */
        if (segment == NULL && span.state == RNET_USE_MEASURED &&
            (player.begin_s < 0 ||
             (items[i].from_client && rnet_elapsed_ns(last_ns, items[i].start_ns) > ACTED_NS)))
            player.begin_s = (double)span.begin_ns * 1e-9;
        last_ns = items[i].end_ns;
        bytes += m->demand->messages[items[i].message].bytes;
        if (!is_media(m, way, &items[i]))
            continue;
        if (span.state == RNET_USE_PART_MISSING)
            state = span.state;
        else if (state == RNET_USE_MEASURED && (span.state != RNET_USE_MEASURED || player.begin_s < 0))
            state = span.state == RNET_USE_UNKNOWN ? span.state : RNET_USE_FAILED;
        if (segments == 1 && m->demand->conversations[items[i].conversation].media_pace_ns <= 0)
            return add_single(m, &items[i], player.begin_s, state);
        add_segment(m, way, &items[i], count - i, segments, state == RNET_USE_MEASURED, &player);
        segment = segment == NULL ? &items[i] : segment;
        if (span.state == RNET_USE_MEASURED) {
            player.fetch_s += (double)rnet_elapsed_ns(span.begin_ns, span.end_ns) * 1e-9;
            player.fetched += (double)m->demand->messages[items[i].message].bytes;
        }
    }
    if (segment == NULL)
        return RNET_OK;
    if (put_playback(m, segment, bytes, &player, state) != RNET_OK)
        return RNET_ENOMEM;
    m->quality->uses[m->quality->use_count - 1].may_adapt =
        segment->usage == RNET_USAGE_VIDEO_STREAMING && may_adapt(&player, segments);
    return RNET_OK;
}

enum rnet_status
quality_media(struct measure *m, const struct way *way, struct item *items, size_t count)
{
    size_t from = 0;

    for (size_t i = 1; i <= count; i++) {
        const size_t before = m->quality->use_count;
        enum rnet_status status;

        if (i < count && items[i].host == items[from].host &&
            items[i].activity == items[from].activity)
            continue;
        status = add_playback(m, way, items + from, i - from);
        if (status == RNET_OK && m->quality->use_count == before)
            status = quality_bursts(m, way, items + from, i - from);
        else if (status == RNET_OK)
            m->quality->uses[before].doubtful =
                quality_all_doubtful(m, items + from, i - from);
        if (status != RNET_OK)
            return status;
        from = i;
    }
    return RNET_OK;
}
