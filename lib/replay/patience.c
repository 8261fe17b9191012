/*
 * Giving up. A conversation in which something is under way and nothing has arrived for as long as
 * clients or servers of its kind usually wait is reported as one that would fail.
 */
#include "replay/source.h"

/*
 * Seconds without a byte, from memory of usual defaults: web clients 300 (Firefox; servers often
 * less), mail 300 (RFC 5321 section 4.5.3.2), SMB 60 (Windows' session time-out), remote desktop
 * and shells keep waiting until TCP gives up (about 900 s), payment terminals and sensors 30.
 */
static const uint16_t patience_s[RNET_USAGE_COUNT] = {
    [RNET_USAGE_UNKNOWN] = 300,
    [RNET_USAGE_WEB] = 300,
    [RNET_USAGE_EMAIL] = 300,
    [RNET_USAGE_VOIP] = 32, /* RFC 3261 timer B; from memory */
    [RNET_USAGE_VIDEOCONFERENCE] = 30,
    [RNET_USAGE_MESSAGING] = 60,
    [RNET_USAGE_VIDEO_STREAMING] = 60,
    [RNET_USAGE_AUDIO_STREAMING] = 60,
    [RNET_USAGE_FILE_TRANSFER] = 300,
    [RNET_USAGE_CLOUD_SYNC] = 300,
    [RNET_USAGE_BACKUP] = 300,
    [RNET_USAGE_REMOTE_DESKTOP] = 900,
    [RNET_USAGE_VPN] = 120,
    [RNET_USAGE_FILE_SHARING] = 60,
    [RNET_USAGE_BUSINESS_APP] = 300,
    [RNET_USAGE_SOFTWARE_UPDATE] = 300,
    [RNET_USAGE_TELEMETRY] = 30,
    [RNET_USAGE_VIDEO_SURVEILLANCE] = 60,
    [RNET_USAGE_SOCIAL] = 300,
    [RNET_USAGE_REMOTE_SHELL] = 900,
    [RNET_USAGE_LEISURE] = 60,
    [RNET_USAGE_NETWORK] = 60,
};

#define SET_UP_PATIENCE_S                                                                          \
    127 /* six SYN retries doubling from 1 s (Linux tcp_syn_retries); computed */

static int64_t
patience_ns(const struct rnet_sim *sim, const struct rnet_tcp_connection *connection)
{
    const uint8_t usage = sim->demand->conversations[connection->conversation].usage;

    if (!connection->endpoint[connection->opener].established)
        return SET_UP_PATIENCE_S * RNET_NS_PER_S;
    return patience_s[usage < RNET_USAGE_COUNT ? usage : RNET_USAGE_UNKNOWN] * RNET_NS_PER_S;
}

static bool
under_way(const struct rnet_tcp_connection *connection)
{
    return !connection->endpoint[connection->opener].established ||
           connection->endpoint[RNET_UP].sender.first_undelivered != RNET_NONE ||
           connection->endpoint[RNET_DOWN].sender.first_undelivered != RNET_NONE;
}

static void
look_at(struct rnet_sim *sim, struct rnet_tcp_connection *connection, int64_t time_ns)
{
    connection->watched = true;
    connection->watch_ns = time_ns;
    rnet_sim_at(sim, time_ns, RNET_EVENT_PATIENCE, connection->conversation);
}

void
rnet_patience_watch(struct rnet_sim *sim, struct rnet_tcp_connection *connection)
{
    const int64_t due_ns = sim->now_ns + patience_ns(sim, connection);

    if (!connection->watched)
        connection->progress_ns = sim->now_ns;
    else if (connection->watch_ns <= due_ns)
        return; /* set-up has more patience than some uses: then look sooner */
    look_at(sim, connection, due_ns);
}

void
rnet_patience_check(struct rnet_sim *sim, uint32_t conversation)
{
    struct rnet_tcp_connection *connection = rnet_tcp_of(sim, conversation);
    int64_t until_ns;

    if (connection == NULL || !connection->watched || sim->now_ns != connection->watch_ns)
        return;
    connection->watched = false;
    if (!under_way(connection))
        return;
    until_ns = connection->progress_ns + patience_ns(sim, connection);
    if (until_ns <= sim->now_ns) {
        rnet_patience_give_up(sim, conversation);
        return;
    }
    look_at(sim, connection, until_ns);
}

void
rnet_patience_give_up(struct rnet_sim *sim, uint32_t index)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[index];
    struct rnet_conversation_outcome *outcome = &sim->outcomes->conversations[index];

    for (uint32_t i = 0; i < conversation->items; i++) {
        struct rnet_message_outcome *message =
            &sim->outcomes->messages[conversation->first_item + i];

        if (message->state != RNET_OUTCOME_DONE)
            message->state = RNET_OUTCOME_FAILED;
    }
    outcome->state = RNET_OUTCOME_FAILED;
    outcome->closed_ns = sim->now_ns;
    rnet_tcp_close(sim, index);
}
