/*
 * Sources: when each message of a demand starts, and what its arrival sets off.
 *
 * A message is released (what it waited for has happened), waits its sender's own time, and starts:
 * its bytes join the stream. It is done when its last byte has arrived in order.
 */
#ifndef RNET_REPLAY_SOURCE_H
#define RNET_REPLAY_SOURCE_H

#include "replay/tcp.h"

/* Every array is parallel to the demand's messages or conversations; lists are of indices. */
struct rnet_source {
    uint32_t *first_waiting; /* per message: messages that wait for it */
    uint32_t *next_waiting;  /* per message: in that list, or among those held back by SERIAL */
    uint32_t *first_opening; /* per message: conversations that wait for it */
    uint32_t *next_opening;  /* per conversation */
    uint32_t *next_written;  /* per message: the one after it in the stream */
    uint64_t *stream_end;    /* per message: where it ends in its stream */
    uint32_t *first_held;    /* per conversation: messages held back by SERIAL */
    uint32_t *undelivered[RNET_DIRECTIONS]; /* per conversation: first item not delivered */
    uint32_t *undone;                       /* per conversation: messages not delivered */
};

enum rnet_status
rnet_source_init(struct rnet_sim *sim);
void
rnet_source_clear(struct rnet_sim *sim);

/* An endpoint's side of the conversation is open. */
void
rnet_source_established(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
/* Its next items on the capture's clock may be due. */
void
rnet_source_next(struct rnet_sim *sim, uint32_t conversation);
/* A message's wait is over. */
void
rnet_source_start(struct rnet_sim *sim, uint32_t message);
/* The endpoint has received more of the stream in order. */
void
rnet_source_received(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
/* The endpoint's peer has acknowledged more of its stream. */
void
rnet_source_acknowledged(struct rnet_sim *sim, struct rnet_tcp_endpoint *endpoint);
void
rnet_source_retransmitted(struct rnet_sim *sim, const struct rnet_tcp_endpoint *endpoint,
                          uint64_t sequence);
/* What it sends now is held back by the application itself. */
bool
rnet_source_is_limited(const struct rnet_sim *sim, const struct rnet_tcp_endpoint *endpoint);

/* patience.c: giving up as clients and servers do */
void
rnet_patience_watch(struct rnet_sim *sim, struct rnet_tcp_connection *connection);
void
rnet_patience_check(struct rnet_sim *sim, uint32_t conversation);
void
rnet_patience_give_up(struct rnet_sim *sim, uint32_t conversation);

/* typing.c: keys typed ahead of their echo */
struct rnet_typing {
    uint32_t after;  /* item of the conversation: the key before */
    int64_t wait_ns; /* since then */
};
/* Whether an item is a key that follows another at the typist's pace. */
bool
rnet_typing_find(const struct rnet_sim *sim, uint32_t owner, uint32_t item,
                 struct rnet_typing *typing);

/* player.c: segmented media */
void
rnet_player_init(const struct rnet_sim *sim, struct rnet_player *player, uint32_t conversation);
/* How long a question released now waits for the player's buffer; -1 = not the player's business.
 */
int64_t
rnet_player_wait_ns(const struct rnet_sim *sim, struct rnet_player *player, uint32_t message);
void
rnet_player_delivered(const struct rnet_sim *sim, struct rnet_player *player, uint32_t message);

#endif
