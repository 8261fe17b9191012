/* The smallest profile there is anything to judge in, for tests and fuzz targets alike. */
#ifndef RNET_TESTS_UPLOAD_PROFILE_H
#define RNET_TESTS_UPLOAD_PROFILE_H

#include "base/base.h"

#include <ruralnet/profile.h>

#include <stdio.h>

static inline void
digest_of(unsigned number, char digest[RNET_DIGEST_TEXT])
{
    snprintf(digest, RNET_DIGEST_TEXT, "%032x", number);
}

/* One upload of `bytes` in a second; its number is its digest. NULL = out of memory. */
static inline struct rnet_profile *
upload_profile(unsigned number, uint64_t bytes)
{
    const struct rnet_message upload = {.start_ns = RNET_NS_PER_S,
                                        .end_ns = 2 * RNET_NS_PER_S,
                                        .bytes = bytes,
                                        .release = RNET_RELEASE_OPEN,
                                        .flags = RNET_MESSAGE_OPENS_EXCHANGE};
    const struct rnet_label label = {.usage = RNET_USAGE_FILE_TRANSFER, .confidence = 1};
    const struct rnet_flow flow = {.id = 1,
                                   .conversation = {.start_ns = RNET_NS_PER_S - 1,
                                                    .end_ns = 2 * RNET_NS_PER_S,
                                                    .rtt_internet_ns = 20000000,
                                                    .rtt_office_ns = 1000,
                                                    .bytes = {bytes, 1000},
                                                    .packets = {bytes / 1460 + 1, 20},
                                                    .mss_bytes = {1460, 1460},
                                                    .flags = RNET_CONVERSATION_HANDSHAKE_SEEN}};
    struct rnet_capture_facts facts = {
        .packets = 1 + number, .end_ns = 3 * RNET_NS_PER_S, .complete = true};
    struct rnet_profile *profile;

    digest_of(number, facts.digest);
    if (rnet_profile_new(&profile) != RNET_OK)
        return NULL;
    if (rnet_profile_add_messages(profile, 1, &upload, 0, 1) == RNET_OK &&
        rnet_profile_add_flow(profile, &flow, &label) == RNET_OK &&
        rnet_profile_finish(profile, &facts) == RNET_OK)
        return profile;
    rnet_profile_free(profile);
    return NULL;
}

#endif
