/**
 * Base: what every stage shares: status and error words, notices, directions, version.
 *
 *     struct rnet_error err = {0};
 *     struct rnet_link link;
 *     if (rnet_link_parse("adsl:2048/256", &link, &err) != RNET_OK)
 *         fprintf(stderr, "%s\n", err.message);
 */
#ifndef RURALNET_BASE_H
#define RURALNET_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RNET_API __attribute__((visibility("default")))
#define RNET_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define RNET_API
#define RNET_PRINTF(format_at, args_at)
#endif

/** What a call came to. 0 and positive values are ordinary outcomes, negative ones failures.
 *  A number, once released, keeps its meaning. */
enum rnet_status {
    RNET_OK = 0,
    RNET_END = 1,            /**< no more of what was asked for */
    RNET_AGAIN = 2,          /**< nothing now (live capture); call again */
    RNET_PARTIAL = 3,        /**< done as far as the input allowed; the result says how far */
    RNET_ENOMEM = -1,        /**< out of memory; arguments are as before the call */
    RNET_EINVAL = -2,        /**< an argument, option or specification is not valid */
    RNET_EIO = -3,           /**< the system refused to open, read or write */
    RNET_EFORMAT = -4,       /**< the input is damaged or not of the expected format */
    RNET_EUNSUPPORTED = -5,  /**< valid, but not something this version handles */
    RNET_EFULL = -6,         /**< a stated limit is reached */
    RNET_ECANTTELL = -7,     /**< the data does not allow an answer */
    RNET_ENOTFOUND = -8,     /**< no such name */
    RNET_EINTERRUPTED = -9,  /**< stopped by request */
};

/** A few English words for a status; never NULL, static storage. */
RNET_API const char *rnet_status_text(enum rnet_status status);

/** Words for a failure, in a fixed buffer so that running out of memory can be reported too.
 *  Start from {0}; functions that take one accept NULL. */
struct rnet_error {
    enum rnet_status status;
    char message[480];  /**< names the thing and both values; UTF-8, no newline at the end */
    uint64_t packet;    /**< 1-based packet number in the file, or 0 */
    uint64_t position;  /**< byte offset in a file, or 1-based column in a specification, or 0 */
};

/** The two directions of an access line. Arrays over directions are indexed by it. */
enum rnet_direction {
    RNET_UP = 0,   /**< from the office to the internet */
    RNET_DOWN = 1, /**< from the internet to the office */
    RNET_DIRECTIONS = 2
};

/**
 * Notices: what was odd but survivable, counted where it was seen. A report's caveats are these.
 * Codes are permanent. The list with its words is in lib/base/notice.c.
 */
enum rnet_notice {
    RNET_NOTICE_TRUNCATED_FILE,      /**< the capture ends in the middle of a packet */
    RNET_NOTICE_DAMAGED_FILE,        /**< a record could not be read; the rest was not looked at */
    RNET_NOTICE_SNAPPED_PACKET,      /**< captured shorter than on the wire */
    RNET_NOTICE_SUPER_PACKET,        /**< larger than the MTU: captured before segmentation */
    RNET_NOTICE_TIME_BACKWARDS,      /**< timestamp earlier than the one before */
    RNET_NOTICE_TIME_WILD,           /**< timestamp more than a day away from its neighbours */
    RNET_NOTICE_NOT_IP,              /**< link-layer traffic other than IP (ARP, STP, …) */
    RNET_NOTICE_BAD_HEADER,          /**< header lengths contradict the packet */
    RNET_NOTICE_FRAGMENT,            /**< IP fragment */
    RNET_NOTICE_TUNNEL,              /**< looked at the inner packet of a tunnel */
    RNET_NOTICE_FLOW_EVICTED,        /**< the flow table was full: its oldest flow was closed early */
    RNET_NOTICE_MIDSTREAM_FLOW,      /**< TCP connection whose beginning is not in the capture */
    RNET_NOTICE_SIDES_GUESSED,       /**< which side is the office was inferred from who opened */
    RNET_NOTICE_INTERNAL_TRAFFIC,    /**< packet between two office hosts: never crosses the line */
    RNET_NOTICE_NOTHING_CROSSES,     /**< all traffic is internal; answers are a what-if */
    RNET_NOTICE_SUPPRESSED_DEMAND,   /**< the capture itself was made behind a slow line */
    RNET_NOTICE_DROPPED_PACKET,      /**< lost by the capturing machine, as its driver reports */
    RNET_NOTICE_LIMIT_REACHED,       /**< a limit (memory, flows, expansion, time) cut the analysis */
    RNET_NOTICE_INTERRUPTED,         /**< stopped by the user or a signal */
    RNET_NOTICE_DETECTION_GIVEN_UP,  /**< protocol detection was cut short for a flow */
    RNET_NOTICE_SIDES_GATEWAY,       /**< … from the gateway's hardware address */
    RNET_NOTICE_SIDES_FAN_OUT,       /**< … from which end takes part in many flows */
    RNET_NOTICE_NAME_TOO_LONG,       /**< a server's name longer than any can be, left alone */
    RNET_NOTICE_DUPLICATE_PACKET,    /**< captured twice: left out but for the count of packets */
    RNET_NOTICE_PART_MISSING,        /**< connection of which the capture lacks a part */
    RNET_NOTICE_ONE_DIRECTION,       /**< conversations of which one direction was captured, where
                                          they are most of all */
    RNET_NOTICE_COUNT
};

/** One counter per notice; start from {0}. */
struct rnet_notices {
    uint64_t count[RNET_NOTICE_COUNT];
};

/** The permanent identifier of a notice, e.g. "truncated-file"; static storage. */
RNET_API const char *rnet_notice_id(enum rnet_notice notice);
/** One English sentence about it, the count put in as given; cut to fit, always terminated. */
RNET_API void rnet_notice_sentence(enum rnet_notice notice, const char *count, char *sentence,
                                   size_t room);
/** Add every counter of @p from to @p into. */
RNET_API void rnet_notices_merge(struct rnet_notices *into, const struct rnet_notices *from);

/** Bytes of the UTF-8 character @p text begins with, 1..4; 0 = it begins with none, or with one
 * that a terminal obeys (a control character), or that turns the order of reading round
 * (Bidi_Control, UAX #9). */
RNET_API size_t rnet_printable_bytes(const char *text);
/** Make every byte of @p text '?' that begins no such character: what a file from anywhere says may
 * then be shown. Its length stays. Messages of struct rnet_error are made so. */
RNET_API void rnet_make_printable(char *text);

/** The library's version, e.g. "0.1.0"; static storage. */
RNET_API const char *rnet_version(void);

/** Names and versions of the libraries it was built with, e.g. "libpcap 1.10.3"; NULL after the last;
 *  static storage. */
RNET_API const char *const *rnet_version_details(void);

#ifdef __cplusplus
}
#endif
#endif
