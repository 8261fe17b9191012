/*
 * People who type do not wait for the echo of each key: on a slow line they type ahead. In the
 * capture every key comes after the echo of the one before, because the echo was quick, so the
 * demand says that it waited for it. For terminals and remote desktops the replay knows better:
 * a key follows the key before it, at the typist's own pace. What comes after a longer answer, or
 * after a longer pause, still waits: then somebody was reading.
 */
#include "replay/source.h"

#define LARGEST_KEY_BYTES 128  /* a key with its protocol's wrapping (SSH: 36 to 100); chosen */
#define LARGEST_ECHO_BYTES 256 /* its echo, a line redrawn at most; chosen */
#define MACHINE_NS (20 * RNET_NS_PER_MS) /* answers sooner than this are a program's; chosen */
#define READING_NS (2 * RNET_NS_PER_S)   /* a pause this long is not within a word; chosen */
#define LOOK_BACK 4

static bool
is_key(const struct rnet_message *message)
{
    return message->direction == RNET_UP && message->bytes <= LARGEST_KEY_BYTES;
}

bool
rnet_typing_find(const struct rnet_sim *sim, uint32_t owner, uint32_t item,
                 struct rnet_typing *typing)
{
    const struct rnet_conversation *conversation = &sim->demand->conversations[owner];
    const struct rnet_message *messages = &sim->demand->messages[conversation->first_item];
    const struct rnet_message *key = &messages[item];

    if ((conversation->usage != RNET_USAGE_REMOTE_SHELL &&
         conversation->usage != RNET_USAGE_REMOTE_DESKTOP) ||
        !is_key(key) || key->release != RNET_RELEASE_DELIVERY || key->after_conversation != owner ||
        key->wait_ns < MACHINE_NS || messages[key->after_message].bytes > LARGEST_ECHO_BYTES)
        return false;
    for (uint32_t back = 1; back <= LOOK_BACK && back <= item; back++) {
        const struct rnet_message *before = &messages[item - back];

        if (before->direction != RNET_UP)
            continue;
        typing->after = item - back;
        typing->wait_ns = rnet_sim_time(sim, key->start_ns) - rnet_sim_time(sim, before->end_ns);
        return is_key(before) && typing->wait_ns >= 0 && typing->wait_ns <= READING_NS;
    }
    return false;
}
