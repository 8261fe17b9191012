/* A media player's buffer: see player.c. */
#ifndef RNET_REPLAY_PLAYER_H
#define RNET_REPLAY_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

struct rnet_player {
    int64_t pace_ns;     /* media per segment; 0 = no player */
    int64_t full_ns;     /* it asks for more when no more than this is buffered */
    int64_t own_wait_ns; /* its own time between an answer and the next question */
    int64_t buffered_ns; /* when last looked at */
    int64_t looked_ns;
    bool playing;
    bool asked; /* a segment is on its way */
};

#endif
