/*
 * Which use is what: per usage, how its messages and datagrams make uses.
 *
 * The pauses are choices of this project: nobody reads a page, a mail or a screen in less than
 * about a second, and machines seldom wait that long between the parts of one. What went on without
 * a pause for longer than `longest` on the line of the capture was nobody waiting for one page or
 * screen, or he would have given up there too: it is judged exchange by exchange.
 */
#include "quality/quality.h"

#define MS RNET_NS_PER_MS
#define S RNET_NS_PER_S
#define KIND(k) (1u << RNET_USE_##k)

static const struct way nothing = {.closed = CLOSED_NONE, .open = OPEN_NONE};

static const struct way ways[RNET_USAGE_COUNT] = {
    [RNET_USAGE_WEB] = {CLOSED_BURST, RNET_USE_PAGE, OPEN_NONE, 1 * S, 15 * S, 2000, TRANSFER_BODY,
                        KIND(PAGE) | KIND(TRANSFER) | KIND(PLAYBACK)},
    [RNET_USAGE_SOCIAL] = {CLOSED_BURST, RNET_USE_PAGE, OPEN_NONE, 1 * S, 15 * S, 2000,
                           TRANSFER_BODY, KIND(PAGE) | KIND(TRANSFER) | KIND(PLAYBACK)},
    [RNET_USAGE_EMAIL] = {CLOSED_BURST, RNET_USE_TRANSACTION, OPEN_NONE, 1 * S, 0, 0,
                          TRANSFER_NEVER, KIND(TRANSACTION)},
    [RNET_USAGE_VOIP] = {CLOSED_NONE, RNET_USE_TRANSACTION, OPEN_VOICE, 0, 0, 0, TRANSFER_NEVER,
                         KIND(VOICE)},
    [RNET_USAGE_VIDEOCONFERENCE] = {CLOSED_BURST, RNET_USE_PAGE, OPEN_VIDEO, 1 * S, 15 * S, 2000,
                                    TRANSFER_BODY, KIND(VIDEO)},
    [RNET_USAGE_MESSAGING] = {CLOSED_EXCHANGE, RNET_USE_TRANSACTION, OPEN_NONE, 0, 0, 0,
                              TRANSFER_BODY, KIND(TRANSACTION) | KIND(TRANSFER)},
    [RNET_USAGE_VIDEO_STREAMING] = {CLOSED_MEDIA, RNET_USE_PAGE, OPEN_FEED, 1 * S, 15 * S, 2000,
                                    TRANSFER_NEVER, KIND(PLAYBACK) | KIND(FEED)},
    [RNET_USAGE_AUDIO_STREAMING] = {CLOSED_MEDIA, RNET_USE_PAGE, OPEN_FEED, 1 * S, 15 * S, 2000,
                                    TRANSFER_NEVER, KIND(PLAYBACK) | KIND(FEED)},
    [RNET_USAGE_FILE_TRANSFER] = {CLOSED_BURST, RNET_USE_TRANSFER, OPEN_NONE, 1 * S, 0, 2000,
                                  TRANSFER_NEVER, KIND(TRANSFER)},
    [RNET_USAGE_CLOUD_SYNC] = {CLOSED_BURST, RNET_USE_TRANSFER, OPEN_NONE, 5 * S, 0, 2000,
                               TRANSFER_NEVER, KIND(TRANSFER)},
    [RNET_USAGE_BACKUP] = {CLOSED_BURST, RNET_USE_JOB, OPEN_NONE, 60 * S, 0, 2000, TRANSFER_NEVER,
                           KIND(JOB)},
    [RNET_USAGE_REMOTE_DESKTOP] = {CLOSED_EXCHANGE, RNET_USE_ECHO, OPEN_FEED, 0, 0, 0,
                                   TRANSFER_NEVER, KIND(ECHO) | KIND(TRANSFER) | KIND(FEED)},
    [RNET_USAGE_VPN] = {CLOSED_EXCHANGE, RNET_USE_TRANSACTION, OPEN_FEED, 0, 0, 0, TRANSFER_ONE_WAY,
                        KIND(TRANSACTION) | KIND(TRANSFER) | KIND(FEED)},
    [RNET_USAGE_FILE_SHARING] = {CLOSED_BURST, RNET_USE_TRANSACTION, OPEN_NONE, 500 * MS, 4 * S, 0,
                                 TRANSFER_ONE_WAY, KIND(TRANSACTION) | KIND(TRANSFER)},
    [RNET_USAGE_BUSINESS_APP] = {CLOSED_BURST, RNET_USE_TRANSACTION, OPEN_NONE, 500 * MS, 4 * S, 0,
                                 TRANSFER_ONE_WAY, KIND(TRANSACTION) | KIND(TRANSFER)},
    [RNET_USAGE_SOFTWARE_UPDATE] = {CLOSED_BURST, RNET_USE_JOB, OPEN_NONE, 60 * S, 0, 2000,
                                    TRANSFER_NEVER, KIND(JOB)},
    [RNET_USAGE_TELEMETRY] = {CLOSED_EXCHANGE, RNET_USE_TRANSACTION, OPEN_FEED, 0, 0, 0,
                              TRANSFER_NEVER, KIND(TRANSACTION) | KIND(FEED)},
    [RNET_USAGE_VIDEO_SURVEILLANCE] = {CLOSED_FEED, RNET_USE_FEED, OPEN_FEED, 0, 0, 0,
                                       TRANSFER_NEVER, KIND(FEED)},
    [RNET_USAGE_REMOTE_SHELL] = {CLOSED_EXCHANGE, RNET_USE_ECHO, OPEN_FEED, 0, 0, 0,
                                 TRANSFER_ONE_WAY, KIND(ECHO) | KIND(TRANSFER) | KIND(FEED)},
    [RNET_USAGE_LEISURE] = {CLOSED_BURST, RNET_USE_TRANSFER, OPEN_FEED, 1 * S, 0, 2000,
                            TRANSFER_NEVER, KIND(TRANSFER) | KIND(FEED)},
};

const struct way *
quality_way(enum rnet_usage usage)
{
    return (unsigned)usage < RNET_USAGE_COUNT ? &ways[usage] : &nothing;
}
