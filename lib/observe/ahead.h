/*
 * A file read ahead by a thread of its own, while the caller works on what it has read before.
 * The same packets in the same order as rnet_capture_next() gives them, in bounded memory.
 */
#ifndef RNET_OBSERVE_AHEAD_H
#define RNET_OBSERVE_AHEAD_H

#include <ruralnet/capture.h>

#include <xxhash.h>

struct ahead;

/* NULL when a thread or memory lacks. Until ahead_stop(), the capture is the thread's alone. */
struct ahead *ahead_start(struct rnet_capture *capture);
/* As rnet_capture_next(). */
enum rnet_status ahead_next(struct ahead *ahead, struct rnet_packet *packet,
                            struct rnet_error *err);
/* As rnet_capture_progress(), as of the packets given out. */
void ahead_progress(const struct ahead *ahead, uint64_t *done_bytes, uint64_t *total_bytes);
/* The digest of the packets given out, before ahead_stop(); left as it is when there were none. */
void ahead_digest(const struct ahead *ahead, XXH3_state_t *digest);
/* End the thread, wherever it is, and free all; NULL is fine. The file must not be one to wait for. */
void ahead_stop(struct ahead *ahead);

#endif
