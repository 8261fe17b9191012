#include "usage/realtime.h"

#include <stdio.h>
#include <string.h>

#define RTP_HEADER_BYTES 12
#define STUN_COOKIE 0x2112a442u
/* A track is real from this many packets in sequence: random bytes give one in 2^32 tries for the
 * stream's number alone. */
#define TRACK_MIN 4
/* Less than a second of voice at 50 packets/s says what it is, hardly what for. Chosen. */
#define SHORT_PACKETS 40
#define SHORT_RATIO 0.75f

static uint32_t
u32_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint16_t
u16_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static bool
is_rtp_header(const uint8_t *payload, size_t bytes)
{
    return bytes >= RTP_HEADER_BYTES && payload[0] >> 6 == 2;
}

/* RTCP's packet types fall where RTP's would be 64..95 (RFC 5761 §4). */
static bool
is_rtcp(const uint8_t *payload)
{
    return payload[1] >= 192 && payload[1] <= 223;
}

/*
 * Zoom wraps RTP into a header per media type, and that, towards its servers, into 8 bytes more
 * (Michel et al., "Enabling passive measurement of Zoom performance in production networks",
 * IMC 2022, table of header types; from memory). 0 = not Zoom's.
 */
static size_t
zoom_offset(const uint8_t *payload, size_t bytes)
{
    const size_t outer = bytes > 8 && payload[0] == 5 ? 8 : 0;
    size_t inner;

    if (bytes < outer + 1)
        return 0;
    switch (payload[outer]) {
    case 13: /* screen */
        inner = 27;
        break;
    case 15: /* audio */
        inner = 19;
        break;
    case 16: /* video */
        inner = 24;
        break;
    case 30: /* screen, towards servers */
        inner = 20;
        break;
    default:
        return 0;
    }
    inner += outer;
    return bytes >= inner && is_rtp_header(payload + inner, bytes - inner) &&
                   !is_rtcp(payload + inner)
               ? inner
               : 0;
}

static struct rnet_rtp_track *
track_of(struct rnet_rtp_track tracks[RNET_RTP_TRACKS], uint32_t ssrc)
{
    struct rnet_rtp_track *least = &tracks[0];

    for (int i = 0; i < RNET_RTP_TRACKS; i++) {
        if (tracks[i].bytes > 0 && tracks[i].ssrc == ssrc)
            return &tracks[i];
        if (tracks[i].packets < least->packets)
            least = &tracks[i];
    }
    memset(least, 0, sizeof *least);
    least->ssrc = ssrc;
    return least;
}

static void
add_rtp(struct rnet_realtime *realtime, enum rnet_direction direction, const uint8_t *rtp,
        uint32_t bytes)
{
    const uint16_t sequence = u16_at(rtp + 2);
    const uint32_t timestamp = u32_at(rtp + 4);
    struct rnet_rtp_track *track = track_of(realtime->track[direction], u32_at(rtp + 8));

    if (track->bytes > 0) {
        const uint16_t step = (uint16_t)(sequence - track->sequence);

        /* A few lost or overtaken packets are normal. */
        if (step == 0 || (step > 50 && step < UINT16_MAX - 50))
            track->broken++;
        else
            track->packets++;
        if (timestamp == track->timestamp)
            track->same_time++;
    }
    track->sequence = sequence;
    track->timestamp = timestamp;
    track->payload_type = rtp[1] & 0x7f;
    track->bytes += bytes;
}

/* Bytes of framing before the RTP header in a TCP payload; 0 = none. */
static size_t
frame_offset(const uint8_t *payload, size_t bytes)
{
    if (bytes >= 4 + RTP_HEADER_BYTES && payload[0] == '$' && payload[1] < 16 &&
        is_rtp_header(payload + 4, bytes - 4))
        return 4;
    if (bytes >= 2 + RTP_HEADER_BYTES && u16_at(payload) >= RTP_HEADER_BYTES &&
        u16_at(payload) + 2u <= bytes && is_rtp_header(payload + 2, bytes - 2))
        return 2;
    return 0;
}

bool
rnet_realtime_is_framed(const struct rnet_headers *headers)
{
    return headers->payload != NULL &&
           frame_offset(headers->payload, headers->payload_captured_bytes) > 0;
}

void
rnet_realtime_add(struct rnet_realtime *realtime, enum rnet_direction direction,
                  const struct rnet_headers *headers)
{
    const uint8_t *payload = headers->payload;
    size_t bytes = headers->payload_captured_bytes, zoom;

    if (payload == NULL || bytes == 0)
        return;
    realtime->packets++;
    if (headers->protocol == RNET_IPPROTO_TCP) {
        const size_t offset = frame_offset(payload, bytes);

        if (offset > 0 && !is_rtcp(payload + offset))
            add_rtp(realtime, direction, payload + offset, headers->payload_bytes);
        return;
    }
    if (bytes >= 8 && payload[0] < 4 && u32_at(payload + 4) == STUN_COOKIE) {
        realtime->stun++;
        return;
    }
    if (bytes >= 13 && payload[0] >= 20 && payload[0] <= 25 && payload[1] == 0xfe &&
        (payload[2] == 0xff || payload[2] == 0xfd)) {
        realtime->dtls++;
        return;
    }
    /* TURN channel data (RFC 8656 §12.4): channel 0x4000..0x4fff, then the length. */
    if (bytes > 4 && payload[0] >> 4 == 4 && u16_at(payload + 2) + 4u <= headers->payload_bytes &&
        u16_at(payload + 2) + 8u > headers->payload_bytes) {
        realtime->turn++;
        payload += 4;
        bytes -= 4;
    }
    zoom = zoom_offset(payload, bytes);
    if (zoom > 0) {
        realtime->zoom++;
        add_rtp(realtime, direction, payload + zoom, headers->payload_bytes);
    } else if (is_rtp_header(payload, bytes) && is_rtcp(payload)) {
        realtime->rtcp++;
    } else if (is_rtp_header(payload, bytes)) {
        add_rtp(realtime, direction, payload, headers->payload_bytes);
    }
}

static bool
is_track(const struct rnet_rtp_track *track)
{
    return track->packets >= TRACK_MIN && track->packets > 4 * track->broken;
}

/* Static payload types of RFC 3551 §6 that are pictures. */
static bool
is_video_type(uint8_t type)
{
    return type == 25 || type == 26 || type == 28 || (type >= 31 && type <= 34);
}

static bool
is_video_track(const struct rnet_rtp_track *track)
{
    if (!is_track(track))
        return false;
    if (is_video_type(track->payload_type))
        return true;
    if (track->payload_type <= 23) /* static audio */
        return false;
    return track->bytes / track->packets > 450 || track->same_time * 4 > track->packets;
}

/* Packets in sequence, one way; *video says whether pictures are among them. */
static uint32_t
track_packets(const struct rnet_realtime *realtime, enum rnet_direction direction, bool *video)
{
    uint32_t packets = 0;

    for (int i = 0; i < RNET_RTP_TRACKS; i++) {
        const struct rnet_rtp_track *track = &realtime->track[direction][i];

        if (is_track(track))
            packets += track->packets;
        *video = *video || is_video_track(track);
    }
    return packets;
}

bool
rnet_realtime_has_video(const struct rnet_realtime *realtime)
{
    bool video = false;

    track_packets(realtime, RNET_UP, &video);
    track_packets(realtime, RNET_DOWN, &video);
    return video;
}

static void
say(struct rnet_opinion *opinion, enum rnet_usage usage, float confidence, const char *application)
{
    opinion->usage = usage;
    opinion->evidence = RNET_EVIDENCE_PROTOCOL;
    opinion->confidence = confidence;
    snprintf(opinion->application, sizeof opinion->application, "%s", application);
}

void
rnet_realtime_judge(const struct rnet_realtime *realtime, struct rnet_opinion *opinion)
{
    bool up_video = false, down_video = false, video, web_rtc;
    const uint32_t up = track_packets(realtime, RNET_UP, &up_video);
    const uint32_t down = track_packets(realtime, RNET_DOWN, &down_video);

    memset(opinion, 0, sizeof *opinion);
    video = up_video || down_video;
    /* Browsers and their kin key RTP by DTLS and find their way by STUN (RFC 8834, 8445). */
    web_rtc = realtime->stun + realtime->dtls + realtime->turn > 0;
    if ((up + down) * 2 < realtime->packets && up + down < 100 && realtime->stun == 0)
        return;
    if (realtime->zoom >= TRACK_MIN)
        say(opinion, RNET_USAGE_VIDEOCONFERENCE, 0.96f, video ? "Zoom.video" : "Zoom.audio");
    else if (up + down == 0)
        return;
    else if (video && (up == 0 || (down == 0 && realtime->sides_guessed)) && !web_rtc)
        say(opinion, RNET_USAGE_VIDEO_STREAMING, up == 0 ? 0.80f : 0.62f, "RTP.video");
    else if (video && down == 0 && !web_rtc)
        say(opinion, RNET_USAGE_VIDEO_SURVEILLANCE, 0.70f, "RTP.video");
    else if (video)
        say(opinion, RNET_USAGE_VIDEOCONFERENCE, 0.88f, web_rtc ? "WebRTC.video" : "RTP.video");
    else
        say(opinion, RNET_USAGE_VOIP, web_rtc ? 0.65f : 0.90f,
            web_rtc ? "WebRTC.audio" : "RTP.audio");
    if (up + down < SHORT_PACKETS)
        opinion->confidence *= SHORT_RATIO;
}
