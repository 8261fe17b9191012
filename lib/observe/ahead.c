/* Reading ahead: batches of packets pass from the reading thread to the caller and back. */
#include "observe/ahead.h"

#include "base/base.h"
#include "observe/digest.h"

#include <pthread.h>
#include <string.h>

/* A batch stays in a core's cache; a few of them even out who is faster. Chosen. */
#define BATCH_PACKETS 512
#define BATCH_BYTES (256u << 10)
#define BATCHES 4u

struct batch {
    struct rnet_packet packets[BATCH_PACKETS];
    size_t count;
    XXH3_state_t *before; /* the digest of all packets before its own */
    uint8_t *bytes;       /* of all its packets, one after the other */
    size_t used, capacity;
    enum rnet_status end; /* what reading said after the last packet; RNET_OK = more to come */
    struct rnet_error err;
    uint64_t done_bytes, total_bytes;
};

struct ahead {
    struct rnet_capture *capture;
    XXH3_state_t *digest; /* the thread's: of what it has read */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct batch batches[BATCHES]; /* a ring */
    size_t filled, freed;          /* batches handed over and given back so far; under the lock */
    bool stopping;                 /* under the lock */
    struct batch *reading;         /* the caller's; NULL = none */
    size_t at;
};

static bool
make_room(struct batch *batch, size_t bytes)
{
    return rnet_array_reserve((void **)&batch->bytes, &batch->capacity, bytes, 1) == RNET_OK;
}

/* Wait for an empty batch; NULL when the caller wants no more. */
static struct batch *
next_empty(struct ahead *ahead)
{
    struct batch *batch = NULL;

    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled - ahead->freed == BATCHES && !ahead->stopping)
        pthread_cond_wait(&ahead->moved, &ahead->lock);
    if (!ahead->stopping)
        batch = &ahead->batches[ahead->filled % BATCHES];
    pthread_mutex_unlock(&ahead->lock);
    if (batch != NULL) {
        batch->count = batch->used = 0;
        XXH3_copyState(batch->before, ahead->digest);
    }
    return batch;
}

static void
hand_over(struct ahead *ahead, struct batch *batch, enum rnet_status end)
{
    batch->end = end;
    rnet_capture_progress(ahead->capture, &batch->done_bytes, &batch->total_bytes);
    pthread_mutex_lock(&ahead->lock);
    ahead->filled++;
    pthread_cond_signal(&ahead->moved);
    pthread_mutex_unlock(&ahead->lock);
}

static bool
has_room(const struct batch *batch, uint32_t bytes)
{
    return batch->count < BATCH_PACKETS && batch->used + bytes <= batch->capacity;
}

/* Copy a packet; only the first of a batch may move its memory. False when that cannot be had. */
static bool
put(struct batch *batch, const struct rnet_packet *packet)
{
    if (batch->count == 0 && !make_room(batch, packet->captured_bytes))
        return false;
    batch->packets[batch->count] = *packet;
    batch->packets[batch->count].data = batch->bytes + batch->used;
    memcpy(batch->bytes + batch->used, packet->data, packet->captured_bytes);
    batch->used += packet->captured_bytes;
    batch->count++;
    return true;
}

static void *
read_ahead(void *context)
{
    struct ahead *ahead = context;
    struct batch *batch = next_empty(ahead);
    struct rnet_packet packet;

    while (batch != NULL) {
        const enum rnet_status status = rnet_capture_next(ahead->capture, &packet, &batch->err);

        if (status != RNET_OK) {
            hand_over(ahead, batch, status);
            return NULL;
        }
        if (!has_room(batch, packet.captured_bytes) && batch->count > 0) {
            hand_over(ahead, batch, RNET_OK);
            batch = next_empty(ahead);
        }
        if (batch != NULL && !put(batch, &packet)) {
            hand_over(ahead, batch, RNET_ENOMEM);
            return NULL;
        }
        digest_packet(ahead->digest, &packet); /* its bytes are in this core's cache now */
    }
    return NULL;
}

static void
give_back(struct ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->freed++;
    pthread_cond_signal(&ahead->moved);
    pthread_mutex_unlock(&ahead->lock);
    ahead->reading = NULL;
}

static void
take_next(struct ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled == ahead->freed)
        pthread_cond_wait(&ahead->moved, &ahead->lock);
    ahead->reading = &ahead->batches[ahead->freed % BATCHES];
    pthread_mutex_unlock(&ahead->lock);
    ahead->at = 0;
}

enum rnet_status
ahead_next(struct ahead *ahead, struct rnet_packet *packet, struct rnet_error *err)
{
    if (ahead->reading != NULL && ahead->at == ahead->reading->count &&
        ahead->reading->end == RNET_OK)
        give_back(ahead);
    if (ahead->reading == NULL)
        take_next(ahead);
    if (ahead->at < ahead->reading->count) {
        *packet = ahead->reading->packets[ahead->at++];
        return RNET_OK;
    }
    if (err != NULL && ahead->reading->end != RNET_END)
        *err = ahead->reading->err;
    return ahead->reading->end;
}

void
ahead_progress(const struct ahead *ahead, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = ahead->reading != NULL ? ahead->reading->done_bytes : 0;
    *total_bytes = ahead->reading != NULL ? ahead->reading->total_bytes : 0;
}

void
ahead_digest(const struct ahead *ahead, XXH3_state_t *digest)
{
    const struct batch *batch = ahead != NULL ? ahead->reading : NULL;

    if (batch == NULL)
        return;
    XXH3_copyState(digest, batch->before);
    for (size_t i = 0; i < ahead->at; i++)
        digest_packet(digest, &batch->packets[i]);
}

static void
free_all(struct ahead *ahead)
{
    for (size_t i = 0; i < BATCHES; i++) {
        rnet_free(ahead->batches[i].bytes);
        XXH3_freeState(ahead->batches[i].before);
    }
    XXH3_freeState(ahead->digest);
    pthread_cond_destroy(&ahead->moved);
    pthread_mutex_destroy(&ahead->lock);
    rnet_free(ahead);
}

struct ahead *
ahead_start(struct rnet_capture *capture)
{
    struct ahead *ahead = rnet_alloc_zero(1, sizeof *ahead);
    bool ready = ahead != NULL;

    if (!ready)
        return NULL;
    ahead->capture = capture;
    ahead->digest = XXH3_createState();
    ready = ahead->digest != NULL && XXH3_128bits_reset(ahead->digest) == XXH_OK;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->moved, NULL);
    for (size_t i = 0; i < BATCHES; i++) {
        ahead->batches[i].before = XXH3_createState();
        ready =
            make_room(&ahead->batches[i], BATCH_BYTES) && ahead->batches[i].before != NULL && ready;
    }
    if (ready && pthread_create(&ahead->thread, NULL, read_ahead, ahead) == 0)
        return ahead;
    free_all(ahead);
    return NULL;
}

void
ahead_stop(struct ahead *ahead)
{
    if (ahead == NULL)
        return;
    pthread_mutex_lock(&ahead->lock);
    ahead->stopping = true;
    pthread_cond_signal(&ahead->moved);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
    free_all(ahead);
}
