/**
 * Observe: a capture in, an office's profile out. The observed half of the chain in one call.
 *
 *     struct rnet_capture *capture;
 *     struct rnet_profile *profile;
 *     if (rnet_capture_open("office.pcap", NULL, &capture, &err) == RNET_OK &&
 *         rnet_observe(capture, NULL, &profile, &err) >= RNET_OK) …
 */
#ifndef RURALNET_OBSERVE_H
#define RURALNET_OBSERVE_H

#include <ruralnet/base.h>
#include <ruralnet/capture.h>
#include <ruralnet/flow.h>
#include <ruralnet/profile.h>
#include <ruralnet/usage.h>

#ifdef __cplusplus
extern "C" {
#endif

/** {0} = sensible defaults. */
struct rnet_observe_options {
    struct rnet_flow_options flows;   /**< offices, limits, timeouts */
    bool no_dpi;                      /**< label by names, ports and shape only */
    const char *data_directory;       /**< usage tables; NULL = installed or built-in ones */
    struct rnet_classifier *classifier; /**< the caller's, who frees it, in place of the two above: made
                                           before rights are given up, as making one reads files;
                                           NULL = one of its own */
    const volatile int *stop;         /**< set non-zero from outside to stop; may be NULL */
    int64_t max_duration_ns;          /**< of capture time; 0 = no limit */
    uint64_t max_memory_bytes;        /**< of the process's heap, as malloc counts it; 0 = no limit */
    int64_t max_time_ns;              /**< of processor time, of the whole process; 0 = no limit */
    uint32_t threads;                 /**< 2 or more: read files ahead in a second one, which changes
                                           nothing in what comes out; 0, 1 = all in the caller's */
    void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes); /**< may be NULL */
    void *progress_context;
    void (*flow_ended)(void *context, const struct rnet_flow *flow); /**< before it is labelled, so that
                                           rnet_classifier_explain(), with the caller's classifier,
                                           says why it will be as it is; may be NULL */
    void *flow_context;
};

/**
 * Read a capture to its end (or to the limit) and make its profile.
 * @param options  NULL = defaults.
 * @param profile  new, finished; the caller frees it. NULL on failure.
 * @return RNET_OK; RNET_PARTIAL (the profile holds what could be read; its notices and err say
 *         why: damage, a limit, no memory for more, the stop flag); RNET_ENOMEM, RNET_EINVAL, RNET_EIO.
 */
RNET_API enum rnet_status rnet_observe(struct rnet_capture *capture,
                                       const struct rnet_observe_options *options,
                                       struct rnet_profile **profile, struct rnet_error *err);

#ifdef __cplusplus
}
#endif
#endif
