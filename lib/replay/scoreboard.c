#include "replay/scoreboard.h"

#include <string.h>

#define FIRST_CAPACITY 32

void
rnet_scoreboard_clear(struct rnet_scoreboard *board)
{
    rnet_free(board->ring);
    *board = (struct rnet_scoreboard){.oldest = RNET_NONE, .newest = RNET_NONE};
}

void
rnet_scoreboard_reset(struct rnet_scoreboard *board)
{
    struct rnet_sent *ring = board->ring;
    const uint32_t capacity = board->capacity;

    *board = (struct rnet_scoreboard){
        .ring = ring, .capacity = capacity, .oldest = RNET_NONE, .newest = RNET_NONE};
}

/* The list is made of numbers, so it survives the move. */
static bool
grow(struct rnet_scoreboard *board)
{
    const uint32_t capacity = board->capacity == 0 ? FIRST_CAPACITY : 2 * board->capacity;
    struct rnet_sent *ring = rnet_realloc_array(NULL, capacity, sizeof *ring);

    if (ring == NULL)
        return false;
    for (uint32_t i = 0; i < board->count; i++)
        ring[(board->first + i) & (capacity - 1)] = *rnet_scoreboard_at(board, board->first + i);
    rnet_free(board->ring);
    board->ring = ring;
    board->capacity = capacity;
    return true;
}

static void
list_remove(struct rnet_scoreboard *board, struct rnet_sent *sent)
{
    if ((sent->flags & RNET_SENT_LISTED) == 0)
        return;
    if (sent->earlier == RNET_NONE)
        board->oldest = sent->later;
    else
        rnet_scoreboard_at(board, sent->earlier)->later = sent->later;
    if (sent->later == RNET_NONE)
        board->newest = sent->earlier;
    else
        rnet_scoreboard_at(board, sent->later)->earlier = sent->earlier;
    sent->flags &= (uint8_t)~RNET_SENT_LISTED;
}

static void
list_append(struct rnet_scoreboard *board, uint32_t number)
{
    struct rnet_sent *sent = rnet_scoreboard_at(board, number);

    sent->earlier = board->newest;
    sent->later = RNET_NONE;
    sent->flags |= RNET_SENT_LISTED;
    if (board->newest == RNET_NONE)
        board->oldest = number;
    else
        rnet_scoreboard_at(board, board->newest)->later = number;
    board->newest = number;
}

struct rnet_sent *
rnet_scoreboard_add(struct rnet_scoreboard *board, uint64_t begin, uint32_t bytes, int64_t now_ns)
{
    const uint32_t number = board->first + board->count;
    struct rnet_sent *sent;

    if (board->count == board->capacity && !grow(board))
        return NULL;
    sent = rnet_scoreboard_at(board, number);
    *sent = (struct rnet_sent){.begin = begin, .bytes = bytes, .sent_ns = now_ns};
    board->count++;
    list_append(board, number);
    return sent;
}

static void
forget(struct rnet_scoreboard *board, struct rnet_sent *sent)
{
    if ((sent->flags & RNET_SENT_LOST) != 0)
        board->lost--;
    if ((sent->flags & RNET_SENT_AGAIN) != 0)
        board->again--;
    if ((sent->flags & RNET_SENT_SACKED) != 0)
        board->sacked--;
    list_remove(board, sent);
}

void
rnet_scoreboard_drop_first(struct rnet_scoreboard *board)
{
    forget(board, rnet_scoreboard_at(board, board->first));
    board->first++;
    board->count--;
}

uint32_t
rnet_scoreboard_find(const struct rnet_scoreboard *board, uint64_t sequence)
{
    uint32_t low = 0;
    uint32_t high = board->count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (rnet_sent_end(rnet_scoreboard_at(board, board->first + middle)) <= sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return board->first + low;
}

void
rnet_scoreboard_mark_sacked(struct rnet_scoreboard *board, uint32_t number)
{
    struct rnet_sent *sent = rnet_scoreboard_at(board, number);

    forget(board, sent);
    sent->flags &= (uint8_t) ~(RNET_SENT_LOST | RNET_SENT_AGAIN);
    sent->flags |= RNET_SENT_SACKED;
    board->sacked++;
}

void
rnet_scoreboard_mark_lost(struct rnet_scoreboard *board, uint32_t number)
{
    struct rnet_sent *sent = rnet_scoreboard_at(board, number);

    forget(board, sent);
    sent->flags &= (uint8_t)~RNET_SENT_AGAIN;
    sent->flags |= RNET_SENT_LOST;
    board->lost++;
}

void
rnet_scoreboard_mark_again(struct rnet_scoreboard *board, uint32_t number, int64_t now_ns)
{
    struct rnet_sent *sent = rnet_scoreboard_at(board, number);

    list_remove(board, sent);
    if ((sent->flags & RNET_SENT_AGAIN) == 0)
        board->again++;
    sent->flags |= RNET_SENT_AGAIN | RNET_SENT_EVER_AGAIN;
    sent->sent_ns = now_ns;
    list_append(board, number);
}

void
rnet_scoreboard_unmark_lost(struct rnet_scoreboard *board)
{
    for (uint32_t i = 0; i < board->count; i++)
        rnet_scoreboard_at(board, board->first + i)->flags &= (uint8_t)~RNET_SENT_LOST;
    board->lost = 0;
}
