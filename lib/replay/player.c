/*
 * Segmented video keeps its own pace: it fetches until its buffer is full and then whenever there
 * is room for more, whatever the capture's clock said. How full that is shows in the capture: the
 * most that was buffered when a segment was asked for.
 *
 * The player begins after one whole segment, stalls when the buffer is empty and goes on after one
 * more whole segment: the quickest usual policy, so that stalls are not blamed on the player.
 */
#include "replay/player.h"
#include "replay/source.h"

static bool
is_question(const struct rnet_message *message)
{
    return (message->flags & RNET_MESSAGE_MEDIA_SEGMENT) != 0 && message->direction == RNET_UP;
}

void
rnet_player_init(const struct rnet_sim *sim, struct rnet_player *player, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];
    const struct rnet_message *messages = &sim->demand->messages[conversation->first_item];
    int64_t begun_ns = 0; /* when the first segment had arrived in the capture */
    int64_t answered_ns = 0;
    int64_t asked = 0;

    *player = (struct rnet_player){0};
    if (conversation->media_pace_ns <= 0 || conversation->media_pace_ns > 3600 * RNET_NS_PER_S)
        return;
    player->pace_ns = conversation->media_pace_ns;
    player->own_wait_ns = INT64_MAX;
    for (uint32_t i = 0; i < conversation->items; i++) {
        if (is_question(&messages[i])) {
            const int64_t buffered_ns =
                asked * player->pace_ns - (rnet_sim_time(sim, messages[i].start_ns) - begun_ns);

            if (asked > 0 && buffered_ns > player->full_ns)
                player->full_ns = buffered_ns;
            if (messages[i].wait_ns < player->own_wait_ns)
                player->own_wait_ns = messages[i].wait_ns;
            asked++;
        } else if (messages[i].direction == RNET_DOWN && asked > 0) {
            answered_ns = rnet_sim_time(sim, messages[i].end_ns);
            if (asked == 1)
                begun_ns = answered_ns;
        }
    }
    if (player->own_wait_ns == INT64_MAX)
        player->pace_ns = 0;
}

static void
look(struct rnet_player *player, int64_t now_ns)
{
    if (player->playing) {
        player->buffered_ns -= now_ns - player->looked_ns;
        if (player->buffered_ns <= 0) {
            player->buffered_ns = 0;
            player->playing = false;
        }
    }
    player->looked_ns = now_ns;
}

int64_t
rnet_player_wait_ns(const struct rnet_sim *sim, struct rnet_player *player, uint32_t index)
{
    if (player->pace_ns == 0 || !is_question(&sim->demand->messages[index]))
        return -1;
    look(player, sim->now_ns);
    player->asked = true;
    if (player->buffered_ns > player->full_ns)
        return player->buffered_ns - player->full_ns;
    return player->own_wait_ns;
}

void
rnet_player_delivered(const struct rnet_sim *sim, struct rnet_player *player, uint32_t index)
{
    if (player->pace_ns == 0 || !player->asked ||
        sim->demand->messages[index].direction != RNET_DOWN)
        return;
    look(player, sim->now_ns);
    player->asked = false;
    player->buffered_ns += player->pace_ns;
    player->playing = true;
}
