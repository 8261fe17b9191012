#include "usage/refine.h"

#include "base/base.h"

#include <stdio.h>
#include <string.h>

/* From here on a download or upload is what the user waits for, not part of a page: the median
 * page of 2022-2024 weighs 2.0-2.7 MB over some 70 requests (HTTP Archive, from memory), so one
 * object of 1 MB is no page element. */
#define LARGE_OBJECT_BYTES 1000000
/* An upload: a form or a photo stays below. Chosen. */
#define LARGE_UPLOAD_BYTES 300000
/* A night's backup rather than a file somebody sends. Chosen. */
#define BACKUP_BYTES 200000000.0
#define BACKUP_SECONDS 600

/* A tunnel is for bulk when that much of its bytes comes in large bursts. Chosen. */
#define TUNNEL_BULK_RATIO 0.7

static void
turn_into(struct rnet_opinion *best, enum rnet_usage usage, float confidence)
{
    best->usage = usage;
    best->confidence = confidence;
    best->evidence = best->evidence == RNET_EVIDENCE_NONE ? RNET_EVIDENCE_SHAPE : best->evidence;
}

static bool
is_carrier(const struct rnet_opinion *opinion)
{
    return opinion->usage == RNET_USAGE_WEB && opinion->confidence < RNET_CARRIER_CONFIDENCE;
}

/* Within plain HTTP the answers say what they are. */
static const char *
by_content(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const uint64_t *bytes = known->content_bytes;
    const uint64_t all = bytes[RNET_CONTENT_UNKNOWN] + bytes[RNET_CONTENT_PAGE] +
                         bytes[RNET_CONTENT_DATA] + bytes[RNET_CONTENT_VIDEO] +
                         bytes[RNET_CONTENT_AUDIO] + bytes[RNET_CONTENT_CAMERA] +
                         bytes[RNET_CONTENT_FILE];

    if (best->usage != RNET_USAGE_WEB || all == 0)
        return NULL;
    if (bytes[RNET_CONTENT_CAMERA] * 2 > all) {
        turn_into(best, RNET_USAGE_VIDEO_SURVEILLANCE, 0.85f);
        return N_("HTTP answers of picture after picture");
    }
    if (bytes[RNET_CONTENT_VIDEO] * 2 > all && bytes[RNET_CONTENT_VIDEO] > 50000) {
        turn_into(best, RNET_USAGE_VIDEO_STREAMING, 0.88f);
        return N_("HTTP answers of type video");
    }
    if (bytes[RNET_CONTENT_AUDIO] * 2 > all && bytes[RNET_CONTENT_AUDIO] > 50000) {
        turn_into(best, RNET_USAGE_AUDIO_STREAMING, 0.88f);
        return N_("HTTP answers of type audio");
    }
    if (bytes[RNET_CONTENT_FILE] * 3 > all * 2 &&
        bytes[RNET_CONTENT_FILE] > LARGE_OBJECT_BYTES / 2) {
        turn_into(best, RNET_USAGE_FILE_TRANSFER, 0.80f);
        return N_("HTTP answers that are files");
    }
    return NULL;
}

static const char *
of_web(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const struct rnet_shape_side *up = &known->shape->side[RNET_UP];
    const struct rnet_shape_side *down = &known->shape->side[RNET_DOWN];
    const char *why = by_content(known, best);

    if (why != NULL || !is_carrier(best))
        return why;
    if (known->asks_device && known->content_bytes[RNET_CONTENT_PAGE] == 0) {
        turn_into(best, RNET_USAGE_TELEMETRY, 0.65f);
        return N_("a program asking a device of the office by its address");
    }
    if (known->traits->bulk_up && up->bytes > LARGE_UPLOAD_BYTES) {
        const bool backup =
            (double)up->bytes > BACKUP_BYTES || known->traits->seconds > BACKUP_SECONDS;

        turn_into(best, backup ? RNET_USAGE_BACKUP : RNET_USAGE_FILE_TRANSFER, 0.62f);
        return N_("a large upload");
    }
    if (known->traits->segments && known->traits->segment_bytes > 150e3 &&
        down->large_bursts >= 4) {
        turn_into(best, RNET_USAGE_VIDEO_STREAMING, 0.60f);
        return N_("segments with pauses, as players fetch them");
    }
    /* One question, one long answer. */
    if (known->traits->bulk_down && down->bytes > 3 * LARGE_OBJECT_BYTES &&
        known->shape->turns < 24) {
        turn_into(best, RNET_USAGE_FILE_TRANSFER, 0.60f);
        return N_("one large download");
    }
    return NULL;
}

/* Whether somebody waits for files going up within SSH (scp) or nobody does (rsync, borg at night)
 * does not show, and limits differ by hours: below RNET_LABEL_DOUBTFUL by confidence.txt. Chosen. */
#define FILES_UP_CONFIDENCE 0.48f

/* scp, sftp and rsync fill packets; keys and screens of text do not. */
static const char *
of_shell(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const struct rnet_shape_side *up = &known->shape->side[RNET_UP];
    const struct rnet_shape_side *down = &known->shape->side[RNET_DOWN];

    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        const struct rnet_shape_side *side = i == RNET_UP ? up : down;
        const struct rnet_shape_side *back = i == RNET_UP ? down : up;

        if (side->bytes > LARGE_UPLOAD_BYTES && side->bytes > 8 * back->bytes &&
            rnet_shape_size_share(side, SIZE_1200, SIZE_MORE) > 0.5) {
            const bool backup = i == RNET_UP && known->named == RNET_USAGE_BACKUP;

            turn_into(best, backup ? RNET_USAGE_BACKUP : RNET_USAGE_FILE_TRANSFER,
                      i == RNET_UP && !backup ? FILES_UP_CONFIDENCE : 0.85f);
            return backup ? N_("files within SSH, to a backup server") : N_("files within SSH");
        }
    }
    return NULL;
}

/* A connection of a remote desktop that only carries a file: no pictures answer small packets. */
static const char *
of_desktop(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const struct rnet_shape_traits *traits = known->traits;
    const struct rnet_shape_side *up = &known->shape->side[RNET_UP];

    if (traits->screen || traits->typing || !traits->bulk_up || up->bytes < LARGE_OBJECT_BYTES ||
        rnet_shape_size_share(up, SIZE_1200, SIZE_MORE) < 0.8)
        return NULL;
    turn_into(best, RNET_USAGE_FILE_TRANSFER, 0.65f);
    return N_("a file within a remote desktop");
}

/* Voice and pictures of a service that is otherwise for messages. */
static const char *
of_people(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    if (known->flow->protocol != RNET_IPPROTO_UDP || !known->traits->call)
        return NULL;
    turn_into(best, known->traits->call_video ? RNET_USAGE_VIDEOCONFERENCE : RNET_USAGE_VOIP,
              0.80f);
    return N_("a call within a messaging service");
}

/* Real-time media behind a carrier's or a content network's name. */
static const char *
of_carried_call(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const bool met = known->realtime != NULL && known->realtime->stun + known->realtime->dtls > 0;

    if (known->flow->protocol != RNET_IPPROTO_UDP || !known->traits->call ||
        best->confidence >= RNET_CARRIER_CONFIDENCE)
        return NULL;
    turn_into(best, known->traits->call_video ? RNET_USAGE_VIDEOCONFERENCE : RNET_USAGE_VOIP,
              met ? 0.80f : 0.65f);
    return N_("a clock both ways, as calls have");
}

/* Inside a tunnel the usage cannot be named: say what its demand is like. */
static const char *
of_tunnel(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const char *like = "mixed";
    const size_t length = strlen(best->application);

    if (known->traits->call)
        like = "realtime";
    else if (known->traits->bulk_ratio > TUNNEL_BULK_RATIO)
        like = "bulk";
    else if (known->traits->typing || known->traits->screen)
        like = "interactive";
    if (length + strlen(like) + 2 > sizeof best->application)
        return NULL;
    snprintf(best->application + length, sizeof best->application - length, "/%s", like);
    return N_("a tunnel: its demand, not its contents");
}

const char *
rnet_refine(const struct rnet_refinement *known, struct rnet_opinion *best)
{
    const char *why = of_carried_call(known, best);

    if (why != NULL)
        return why;
    if (best->usage == RNET_USAGE_WEB)
        return of_web(known, best);
    if (best->usage == RNET_USAGE_REMOTE_SHELL)
        return of_shell(known, best);
    if (best->usage == RNET_USAGE_REMOTE_DESKTOP)
        return of_desktop(known, best);
    if (best->usage == RNET_USAGE_MESSAGING || best->usage == RNET_USAGE_SOCIAL)
        return of_people(known, best);
    if (best->usage == RNET_USAGE_VPN && best->confidence >= RNET_CARRIER_CONFIDENCE)
        return of_tunnel(known, best);
    return NULL;
}
