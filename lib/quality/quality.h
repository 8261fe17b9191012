/* Quality, for its own files: how uses are cut out of a demand and measured. */
#ifndef RNET_QUALITY_INTERNAL_H
#define RNET_QUALITY_INTERNAL_H

#include "base/base.h"

#include <ruralnet/quality.h>
#include <ruralnet/score.h>

/* How a usage's closed-loop messages make uses. */
enum closed_way {
    CLOSED_NONE,     /* not judged by its messages */
    CLOSED_BURST,    /* all an activity did between two pauses of its client */
    CLOSED_EXCHANGE, /* every question with its answer */
    CLOSED_MEDIA,    /* segments into a player */
    CLOSED_FEED,     /* a long one-way message, sent as it is produced */
};

/* How a usage's datagrams make uses: windows, and what is asked of them. */
enum open_way {
    OPEN_NONE,
    OPEN_VOICE,
    OPEN_VIDEO,
    OPEN_FEED,
};

/* When a use is a transfer, judged by its size, rather than what its usage usually does. */
enum transfer_way {
    TRANSFER_NEVER,
    TRANSFER_BODY,    /* one large body: a page's many objects stay a page */
    TRANSFER_ONE_WAY, /* much in one direction, in however many pieces */
};

struct way {
    enum closed_way closed;
    enum rnet_use_kind kind; /* of an ordinary closed-loop use */
    enum open_way open;
    int64_t pause_ns;       /* of the client, in the capture: ends a use */
    int64_t longest_ns;     /* a burst longer than this in the capture is judged exchange by
                               exchange; 0 = never */
    uint64_t chatter_bytes; /* smaller uses are shown, not judged, where there are larger ones */
    enum transfer_way transfers;
    unsigned primary; /* kinds (1u << kind) that decide where any is present */
};

const struct way *
quality_way(enum rnet_usage usage);

/* A message on its way into a use. */
struct item {
    int64_t start_ns;
    int64_t end_ns;
    uint32_t conversation;
    uint32_t message; /* index in demand->messages */
    uint32_t activity;
    uint32_t host;
    uint8_t usage;
    bool opens_connection; /* first message of use on its connection */
    bool opens_exchange;
    bool from_client;
};

/* Bytes offered to the line over replay time, all traffic, in equal bins. */
struct load {
    double *bytes[RNET_DIRECTIONS];
    size_t bins;
    int64_t bin_ns;
};

/* The datagrams of a window in one direction, in sending order. */
struct window {
    double *delay_ms; /* NAN = lost */
    double *sorted;   /* room for as many */
    bool *lost;       /* room for as many */
    size_t count;
    size_t capacity;
    uint64_t bytes; /* asked */
    uint64_t lost_bytes;
};

struct measure {
    const struct rnet_demand *demand;
    const struct rnet_outcomes *outcomes;
    struct rnet_quality *quality;
    struct item *items;
    size_t item_count;
    struct load load;
    struct window window[RNET_DIRECTIONS]; /* scratch */
    int64_t window_ns;
    enum rnet_codec_guess codec;
};

/* Whether the capture has all of a conversation; of the uses of others nothing is measured. */
bool
quality_is_whole(const struct rnet_conversation *conversation);

/* Whether a conversation, or every one of a set of messages', may be of another usage. */
bool
quality_is_doubtful(const struct rnet_conversation *conversation);
bool
quality_all_doubtful(const struct measure *m, const struct item *items, size_t count);

/* When a set of messages began (its connections' opening included) and ended, in replay time.
 * RNET_USE_FAILED when one of them did not arrive, RNET_USE_PART_MISSING when one may not be all that
 * was said. */
struct span {
    int64_t begin_ns;
    int64_t end_ns;
    enum rnet_use_state state;
};
struct span
quality_span(const struct measure *m, const struct item *items, size_t count);
/* When the sender of a message was ready to send it, whatever held it back then; -1 = never. */
int64_t
quality_intended_ns(const struct measure *m, const struct item *item);

/* Append a use; NULL when out of memory. */
struct rnet_use *
quality_add(struct measure *m, enum rnet_usage usage, enum rnet_use_kind kind, int64_t start_ns,
            double weight);
void
quality_put(struct rnet_use *use, enum rnet_metric metric, double value);

/* The uses of one usage; items are its own, sorted by host, activity, time. */
enum rnet_status
quality_closed(struct measure *m, const struct way *way, struct item *items, size_t count);
enum rnet_status
quality_media(struct measure *m, const struct way *way, struct item *items, size_t count);
enum rnet_status
quality_bursts(struct measure *m, const struct way *way, struct item *items, size_t count);
enum rnet_status
quality_open(struct measure *m, const struct way *way, uint32_t conversation);

/* A call's window in one direction, heard through a jitter buffer. */
struct voice_score {
    double r;
    double jitter_ms;
    double loss_percent; /* of the network */
    double late_percent; /* too late for the buffer */
    double delay_ms;     /* median, network only */
    double buffer_ms;
};
struct voice_score
quality_voice(struct window *window, const struct rnet_codec *codec);
/* RFC 3550 interarrival jitter, mean over the window. */
double
quality_jitter_ms(const struct window *window);
/* A quantile of the delays that arrived; NAN when none did. */
double
quality_delay_quantile(struct window *window, double p);
double
quality_loss_percent(const struct window *window);

enum rnet_status
quality_load_init(struct load *load, const struct rnet_demand *demand,
                  const struct rnet_outcomes *outcomes);
/* Bytes offered between two replay times. */
double
quality_load_bytes(const struct load *load, enum rnet_direction direction, double from_ns,
                   double to_ns);
void
quality_load_clear(struct load *load);

#endif
