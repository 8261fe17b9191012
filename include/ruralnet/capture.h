/**
 * Capture: a file, standard input, compressed or several, or a live interface; yields packets.
 *
 *     struct rnet_capture *capture;
 *     struct rnet_packet packet;
 *     struct rnet_error err = {0};
 *     if (rnet_capture_open("office.pcap", NULL, &capture, &err) != RNET_OK) …
 *     while (rnet_capture_next(capture, &packet, &err) == RNET_OK) …
 *     rnet_capture_close(capture);
 */
#ifndef RURALNET_CAPTURE_H
#define RURALNET_CAPTURE_H

#include <ruralnet/base.h>
#include <ruralnet/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rnet_capture;

/** {0} = sensible defaults. */
struct rnet_capture_options {
    const char *filter;           /**< BPF filter in libpcap's language; NULL = all */
    uint64_t max_expanded_bytes;  /**< of a compressed input; 0 = no absolute limit */
    uint32_t max_expansion_ratio; /**< after the first 64 MiB; 0 = 1100 */
    /** Called once when every file is open and nothing of any has been parsed, so that a program can
     *  give up its rights; with a filter, when that is compiled, since it may name hosts and services.
     *  A failure ends the opening. NULL = not called. */
    enum rnet_status (*ready)(void *context, struct rnet_error *err);
    void *ready_context;
};

/**
 * Open a capture. "-" is standard input; gzip and zstd are recognised by their first byte. Waits
 * for the first packet, so that what libpcap refuses is known at once.
 * @param options  NULL = defaults.
 * @return RNET_OK, RNET_EIO (cannot open or read), RNET_EFORMAT (not a capture), RNET_EUNSUPPORTED
 *         (a link type or file variant that is not read; err says what to do), RNET_EINVAL (filter),
 *         RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_capture_open(const char *path,
                                            const struct rnet_capture_options *options,
                                            struct rnet_capture **capture, struct rnet_error *err);

/**
 * Open several files as one capture, merged in time order as stamped; equal times in the order of
 * the files. Each may have its own link type. All are open at once.
 * @return as rnet_capture_open(); err names the file. RNET_EINVAL when count is 0.
 */
RNET_API enum rnet_status rnet_capture_open_many(const char *const *paths, size_t count,
                                                 const struct rnet_capture_options *options,
                                                 struct rnet_capture **capture,
                                                 struct rnet_error *err);

/** What a live capture takes; {0} = sensible defaults. */
struct rnet_live_options {
    const char *filter;    /**< BPF filter in libpcap's language; NULL = all */
    uint32_t snap_bytes;   /**< captured of a packet at most; 0 = 2048 (names need whole packets) */
    uint32_t buffer_bytes; /**< the kernel's; 0 = 16 MiB */
    uint32_t wait_ms;      /**< how long _next() waits before RNET_AGAIN; 0 = 250 */
    bool promiscuous;      /**< also what is not addressed to this machine (mirror ports) */
    int64_t duration_ns;   /**< the capture ends (RNET_END) after this time; 0 = never by itself */
    const volatile int *stop; /**< set non-zero from outside, it ends as well; may be NULL */
};

/**
 * Open an interface ("any" = all). Needs the right to capture (root, or CAP_NET_RAW);
 * rnet_privileges_drop() gives it up again.
 * @return RNET_OK; RNET_EIO (no such interface, or not permitted: err says which); RNET_EUNSUPPORTED
 *         (link type); RNET_EINVAL (filter); RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_capture_open_live(const char *interface,
                                                 const struct rnet_live_options *options,
                                                 struct rnet_capture **capture,
                                                 struct rnet_error *err);

/**
 * Become an ordinary user for good, and verify that there is no way back. Call once everything that
 * needs the right to be opened is open. Not being root, there is nothing to do but to forbid
 * regaining rights.
 * @param user  name; NULL = whoever called sudo, else "nobody".
 * @return RNET_OK; RNET_ENOTFOUND (no such user); RNET_EINVAL (the user is root); RNET_EIO (the
 *         system refused, or rights could be regained: stop).
 */
RNET_API enum rnet_status rnet_privileges_drop(const char *user, struct rnet_error *err);

/** Counters of a live capture, as its driver reports them: many drivers never count drops. */
struct rnet_capture_statistics {
    uint64_t received;          /**< packets that passed the filter */
    uint64_t dropped;           /**< lost for want of buffer */
    uint64_t interface_dropped; /**< lost by the interface or its driver */
};

/** Counters so far, in 64 bits although the system counts in 32. RNET_OK, or RNET_ECANTTELL (not
 *  live, or the driver does not say; statistics zero). */
RNET_API enum rnet_status rnet_capture_statistics(struct rnet_capture *capture,
                                                  struct rnet_capture_statistics *statistics);

/**
 * Next packet, borrowed until the following call.
 * @return RNET_OK; RNET_END; RNET_AGAIN (live only: nothing came for a while, or a signal did);
 *         RNET_PARTIAL: the file is cut or damaged here and nothing more can be
 *         read (err says where; the notice is counted; what came before is sound); RNET_EIO;
 *         RNET_EFULL (expansion limit); RNET_EINTERRUPTED (a signal, while waiting for a pipe).
 *         Of several files the others are read to their ends before a failure is returned. The
 *         final status repeats.
 */
RNET_API enum rnet_status rnet_capture_next(struct rnet_capture *capture,
                                            struct rnet_packet *packet, struct rnet_error *err);

/** What was odd so far; borrowed, valid until _close(). */
RNET_API const struct rnet_notices *rnet_capture_notices(const struct rnet_capture *capture);

/** Bytes of the input(s) read so far and in all, for progress; total 0 = not known. Of an interface: bytes
 *  of the packets seen. */
RNET_API void rnet_capture_progress(const struct rnet_capture *capture, uint64_t *done_bytes,
                                    uint64_t *total_bytes);

/** Close; NULL is fine. */
RNET_API void rnet_capture_close(struct rnet_capture *capture);

/**
 * A clock for analysis, made of packets' stamps that cannot be trusted: files joined end to end
 * span years, clocks are set back, single stamps are wild. Start from {0} and pass every packet
 * through it in the order read.
 *
 * Differences between neighbours are kept as stamped, except: a step of more than a day forward,
 * or of more than a second back, starts a new epoch, which begins one second (forward) or nothing
 * (back) after the latest time so far. A stamp that alone is off leaves no trace: the next one
 * returns to the old epoch. What it yields is never more than a second below the latest time
 * before, so that no duration can come out negative by more than that window.
 */
struct rnet_clock {
    struct rnet_clock_epoch {
        int64_t offset_ns; /**< yielded - stamped */
        int64_t stamp_ns;  /**< the latest of this epoch */
    } now, other;          /**< the epoch in force; the last one left, or not yet confirmed */
    int64_t latest_ns;     /**< largest time yielded by a confirmed epoch */
    uint64_t epochs;       /**< confirmed so far */
    bool has_other;
};

#define RNET_CLOCK_WINDOW_NS INT64_C(1000000000) /**< how far times may run backwards */

/** The contained time of the next packet stamped stamp_ns; begins with the first stamp itself. */
RNET_API int64_t rnet_clock_contain(struct rnet_clock *clock, int64_t stamp_ns);

#ifdef __cplusplus
}
#endif
#endif
