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
    uint32_t max_expansion_ratio; /**< after the first 64 MiB; 0 = 1000 */
};

/**
 * Open a capture. "-" is standard input; gzip and zstd are recognised by their first bytes.
 * @param options  NULL = defaults.
 * @return RNET_OK, RNET_EIO (cannot open or read), RNET_EFORMAT (not a capture), RNET_EUNSUPPORTED
 *         (a link type or file variant that is not read; err says what to do), RNET_EINVAL (filter),
 *         RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_capture_open(const char *path,
                                            const struct rnet_capture_options *options,
                                            struct rnet_capture **capture, struct rnet_error *err);

/**
 * Open several files as one capture, merged in time order.
 * @return as rnet_capture_open(); err names the file.
 */
RNET_API enum rnet_status rnet_capture_open_many(const char *const *paths, size_t count,
                                                 const struct rnet_capture_options *options,
                                                 struct rnet_capture **capture,
                                                 struct rnet_error *err);

/**
 * Next packet, borrowed until the following call.
 * @return RNET_OK; RNET_END; RNET_PARTIAL: the file is cut or damaged here and nothing more can be
 *         read (err says where; the notice is counted; what came before is sound); RNET_EIO;
 *         RNET_EFULL (expansion limit).
 */
RNET_API enum rnet_status rnet_capture_next(struct rnet_capture *capture,
                                            struct rnet_packet *packet, struct rnet_error *err);

/** What was odd so far; borrowed, valid until _close(). */
RNET_API const struct rnet_notices *rnet_capture_notices(const struct rnet_capture *capture);

/** Bytes of the input(s) read so far and in all, for progress; total 0 = not known. */
RNET_API void rnet_capture_progress(const struct rnet_capture *capture, uint64_t *done_bytes,
                                    uint64_t *total_bytes);

/** Close; NULL is fine. */
RNET_API void rnet_capture_close(struct rnet_capture *capture);

#ifdef __cplusplus
}
#endif
#endif
