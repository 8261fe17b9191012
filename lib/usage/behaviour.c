/*
 * Usages by shape alone: what is left when nothing names a flow, and what tells two uses of the
 * same service apart. Never more than RNET_EVIDENCE_SHAPE. Every figure below is chosen from what
 * codecs, players and people do, as noted; none is fitted to a file. Known to misfire: games look
 * like calls; a VPN carrying a call does too (its protocol is known by other evidence).
 */
#include "usage/shape.h"

#include "base/base.h"

#include <string.h>

/* Fewer packets than this have no shape. */
#define PACKETS_MIN 16

static double
per_second(double amount, double seconds)
{
    return seconds > 0 ? amount / seconds : 0;
}

/* A call: both ways at a codec's rate (16 packets/s is 60 ms frames; video of 2 Mbit/s stays under
 * 400), most gaps within codecs' clocks or video bursts, no side much quieter than a comfort-noise
 * stream would be. */
static bool
is_call(const struct rnet_shape *shape, const struct rnet_flow *flow,
        const struct rnet_shape_traits *traits)
{
    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        const struct rnet_shape_side *side = &shape->side[i];

        /* Under 24 bytes are acknowledgements: RTP's header alone takes 12, a frame of the
         * thriftiest codec 10 more. */
        if (side->packets < 40 || side->bytes < 24 * (uint64_t)side->packets ||
            traits->packets_per_second[i] < 8 || traits->packets_per_second[i] > 600 ||
            traits->clock[i] < 0.3)
            return false;
    }
    return flow->protocol == RNET_IPPROTO_UDP && traits->seconds > 2 &&
           (traits->clock[RNET_UP] > 0.5 || traits->clock[RNET_DOWN] > 0.5);
}

/* A call whose pictures come as several packets each: what counts is the clock of the bursts, both
 * ways alike (a download's acknowledgements are far fewer bytes than what they acknowledge, and
 * small). Frames come 8 to 60 times a second. */
static bool
is_picture_call(const struct rnet_shape *shape, const struct rnet_flow *flow,
                const struct rnet_shape_traits *traits)
{
    const uint64_t up = shape->side[RNET_UP].bytes, down = shape->side[RNET_DOWN].bytes;

    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        const struct rnet_shape_side *side = &shape->side[i];
        const double apart = rnet_shape_gap_share(side, GAP_14, GAP_MORE);

        if (side->packets < 100 || side->bytes < 300 * (uint64_t)side->packets ||
            traits->packets_per_second[i] * apart < 8 ||
            traits->packets_per_second[i] * apart > 60 || traits->clock[i] < 0.6 * apart)
            return false;
    }
    return flow->protocol == RNET_IPPROTO_UDP && traits->seconds > 2 && up < 6 * down &&
           down < 6 * up;
}

/* A camera or a broadcast: at least 15 packets/s and 60 kbit/s one way for seconds, under an eighth
 * of that back, hardly ever a pause. Not on the port of QUIC, where pages and files look so. */
static bool
is_feed(const struct rnet_shape *shape, const struct rnet_flow *flow,
        const struct rnet_shape_traits *traits, enum rnet_direction out)
{
    const enum rnet_direction back = out == RNET_UP ? RNET_DOWN : RNET_UP;

    return flow->protocol == RNET_IPPROTO_UDP && traits->seconds > 3 &&
           flow->internet_port != 443 && flow->office_port != 443 &&
           rnet_shape_gap_share(&shape->side[out], GAP_1000, GAP_MORE) < 0.03 &&
           traits->packets_per_second[out] > 15 && traits->bits_per_second[out] > 60e3 &&
           traits->bits_per_second[back] < 0.12 * traits->bits_per_second[out];
}

/* Mostly one way, in packets as full as the path allows. */
static bool
is_bulk(const struct rnet_shape *shape, enum rnet_direction out)
{
    const struct rnet_shape_side *side = &shape->side[out];
    const struct rnet_shape_side *back = &shape->side[out == RNET_UP ? RNET_DOWN : RNET_UP];

    return side->bytes >= 100000 && side->bytes > 5 * back->bytes &&
           rnet_shape_size_share(side, SIZE_1200, SIZE_MORE) > 0.6;
}

/* Keys and their echo: small packets both ways, as many turns as packets, pauses of a person. */
static bool
is_typing(const struct rnet_shape *shape, const struct rnet_shape_traits *traits)
{
    const struct rnet_shape_side *up = &shape->side[RNET_UP], *down = &shape->side[RNET_DOWN];
    const uint32_t packets = up->packets + down->packets;

    return up->packets >= PACKETS_MIN && traits->seconds > 5 && shape->turns * 10 > packets * 6 &&
           rnet_shape_size_share(up, SIZE_40, SIZE_120) > 0.8 &&
           rnet_shape_size_share(down, SIZE_40, SIZE_320) > 0.6 &&
           rnet_shape_gap_share(up, GAP_70, GAP_1000) > 0.5 &&
           traits->packets_per_second[RNET_UP] < 15;
}

/* Mouse and keys up, pictures down: many small packets up, larger ones down, all the time. */
static bool
is_screen(const struct rnet_shape *shape, const struct rnet_shape_traits *traits)
{
    const struct rnet_shape_side *up = &shape->side[RNET_UP], *down = &shape->side[RNET_DOWN];

    return up->packets >= 100 && traits->seconds > 5 && traits->packets_per_second[RNET_UP] > 2 &&
           rnet_shape_size_share(up, SIZE_40, SIZE_120) > 0.75 && down->bytes > 3 * up->bytes &&
           rnet_shape_size_share(down, SIZE_320, SIZE_MORE) > 0.3 &&
           rnet_shape_gap_share(up, GAP_1000, GAP_MORE) < 0.3;
}

/* Reports of a machine: small messages with pauses of seconds, for a minute and more. */
static bool
is_report(const struct rnet_shape *shape, const struct rnet_shape_traits *traits)
{
    const struct rnet_shape_side *up = &shape->side[RNET_UP], *down = &shape->side[RNET_DOWN];

    return traits->seconds > 60 && up->packets >= 4 && up->packets + down->packets < 4000 &&
           rnet_shape_size_share(up, SIZE_800, SIZE_MORE) < 0.2 &&
           traits->bits_per_second[RNET_UP] + traits->bits_per_second[RNET_DOWN] < 3000 &&
           rnet_shape_gap_share(up, GAP_1000, GAP_MORE) > 0.3;
}

/* Share of all bytes that came in large bursts. */
static double
bulk_ratio(const struct rnet_shape *shape)
{
    const struct rnet_shape_side *up = &shape->side[RNET_UP], *down = &shape->side[RNET_DOWN];
    const double all = (double)(up->bytes + down->bytes);

    return all > 0 ? (double)(up->bulk_bytes + down->bulk_bytes) / all : 0;
}

void
rnet_shape_traits(const struct rnet_shape *shape, const struct rnet_flow *flow,
                  struct rnet_shape_traits *traits)
{
    const struct rnet_shape_side *down = &shape->side[RNET_DOWN];

    memset(traits, 0, sizeof *traits);
    traits->seconds =
        (double)(flow->conversation.end_ns - flow->conversation.start_ns) / (double)RNET_NS_PER_S;
    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        const struct rnet_shape_side *side = &shape->side[i];

        traits->packets_per_second[i] = per_second(side->packets, traits->seconds);
        traits->bits_per_second[i] = per_second(8.0 * (double)side->bytes, traits->seconds);
        traits->clock[i] = rnet_shape_gap_share(side, GAP_14, GAP_70);
        traits->large[i] = rnet_shape_size_share(side, SIZE_1200, SIZE_MORE);
    }
    traits->call = is_call(shape, flow, traits) || is_picture_call(shape, flow, traits);
    traits->call_video = traits->large[RNET_UP] > 0.1 || traits->large[RNET_DOWN] > 0.1 ||
                         traits->bits_per_second[RNET_UP] > 150e3 ||
                         traits->bits_per_second[RNET_DOWN] > 150e3;
    traits->uplink_feed = is_feed(shape, flow, traits, RNET_UP);
    traits->downlink_feed = is_feed(shape, flow, traits, RNET_DOWN);
    traits->bulk_up = is_bulk(shape, RNET_UP);
    traits->bulk_down = is_bulk(shape, RNET_DOWN);
    traits->bulk_ratio = bulk_ratio(shape);
    if (down->large_bursts > 0)
        traits->segment_bytes = (double)down->bulk_bytes / down->large_bursts;
    /* Three segments of the poorest video (100 kB is 2 s at 400 kbit/s) and pauses between. */
    traits->segments = down->large_bursts >= 3 && down->bytes > 8 * shape->side[RNET_UP].bytes &&
                       (double)down->bulk_bytes > 0.8 * (double)down->bytes && traits->seconds > 6;
    traits->typing = is_typing(shape, traits);
    traits->screen = is_screen(shape, traits);
    traits->report = is_report(shape, traits);
}

static void
say(struct rnet_opinion *opinion, enum rnet_usage usage, float confidence)
{
    if (confidence > opinion->confidence) {
        opinion->usage = usage;
        opinion->confidence = confidence;
    }
}

void
rnet_shape_judge(const struct rnet_shape_traits *traits, const struct rnet_flow *flow,
                 struct rnet_opinion *opinion)
{
    const bool tcp = flow->protocol == RNET_IPPROTO_TCP;

    memset(opinion, 0, sizeof *opinion);
    opinion->evidence = RNET_EVIDENCE_SHAPE;
    if (!tcp && flow->protocol != RNET_IPPROTO_UDP)
        return;
    if (traits->call)
        say(opinion, traits->call_video ? RNET_USAGE_VIDEOCONFERENCE : RNET_USAGE_VOIP, 0.68f);
    /* With sides guessed, who sends is not known either: being sent to is commoner. */
    if (traits->uplink_feed && flow->sides_guessed)
        say(opinion, RNET_USAGE_VIDEO_STREAMING, 0.60f);
    else if (traits->uplink_feed)
        say(opinion, RNET_USAGE_VIDEO_SURVEILLANCE, 0.66f);
    if (traits->downlink_feed)
        say(opinion, RNET_USAGE_VIDEO_STREAMING, 0.62f);
    if (tcp && traits->segments)
        say(opinion,
            traits->segment_bytes > 250e3 ? RNET_USAGE_VIDEO_STREAMING : RNET_USAGE_AUDIO_STREAMING,
            0.45f);
    if (tcp && (traits->bulk_up || traits->bulk_down))
        say(opinion, RNET_USAGE_FILE_TRANSFER, 0.50f);
    if (tcp && traits->typing)
        say(opinion, RNET_USAGE_REMOTE_SHELL, 0.50f);
    if (tcp && traits->screen)
        say(opinion, RNET_USAGE_REMOTE_DESKTOP, 0.45f);
    if (traits->report)
        say(opinion, RNET_USAGE_TELEMETRY, 0.50f);
}
