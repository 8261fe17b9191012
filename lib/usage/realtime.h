/* Media of calls: RTP (RFC 3550), also within TURN (RFC 8656) and Zoom's own headers, with or
 * without signalling; STUN and DTLS around it. */
#ifndef RNET_USAGE_REALTIME_H
#define RNET_USAGE_REALTIME_H

#include "usage/opinion.h"

#include <ruralnet/packet.h>

/* One RTP stream one way. */
struct rnet_rtp_track {
    uint32_t ssrc, timestamp;
    uint32_t packets;   /* in sequence */
    uint32_t broken;    /* not */
    uint32_t same_time; /* with the timestamp of the one before: a picture in several packets */
    uint64_t bytes;
    uint16_t sequence;
    uint8_t payload_type;
};

#define RNET_RTP_TRACKS 3

struct rnet_realtime {
    struct rnet_rtp_track track[RNET_DIRECTIONS][RNET_RTP_TRACKS];
    uint32_t packets;
    uint32_t stun, dtls, turn, rtcp, zoom;
    bool sides_guessed; /* who sends and who receives may be the other way round */
};

/* Whether a TCP payload begins with RTP framed as RFC 4571 or RTSP's interleaving (RFC 2326 §10.12)
 * have it; then media may be added, of whole captured frames. */
bool rnet_realtime_is_framed(const struct rnet_headers *headers);

void rnet_realtime_add(struct rnet_realtime *realtime, enum rnet_direction direction,
                       const struct rnet_headers *headers);

/* Judge by what was seen. Abstains with confidence 0. */
void rnet_realtime_judge(const struct rnet_realtime *realtime, struct rnet_opinion *opinion);

/* Whether the streams look like pictures. */
bool rnet_realtime_has_video(const struct rnet_realtime *realtime);

#endif
