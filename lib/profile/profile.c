/* A profile's life: made empty, fed with flows, finished, read. */
#include "profile/profile.h"

#include <string.h>

enum rnet_status
rnet_profile_new(struct rnet_profile **profile)
{
    *profile = rnet_alloc_zero(1, sizeof **profile);
    return *profile != NULL ? RNET_OK : RNET_ENOMEM;
}

void
rnet_profile_free(struct rnet_profile *profile)
{
    if (profile == NULL)
        return;
    log_clear(&profile->log);
    timeline_clear(&profile->timeline);
    rnet_free(profile);
}

enum rnet_status
rnet_profile_add_messages(struct rnet_profile *profile, uint64_t flow_id,
                          const struct rnet_message *messages, uint32_t first_index, size_t count)
{
    return record_write_messages(&profile->log, flow_id, messages, first_index, count);
}

enum rnet_status
rnet_profile_add_datagrams(struct rnet_profile *profile, uint64_t flow_id,
                           const struct rnet_datagram *datagrams, uint32_t first_index,
                           size_t count)
{
    return record_write_datagrams(&profile->log, flow_id, datagrams, first_index, count);
}

enum rnet_status
rnet_profile_add_flow(struct rnet_profile *profile, const struct rnet_flow *flow,
                      const struct rnet_label *label)
{
    struct flow_record record = {
        .flow_id = flow->id,
        .conversation = flow->conversation,
        .scope = flow->scope,
        .protocol = flow->protocol,
        .evidence = (uint8_t)label->evidence,
        .confidence_percent = (uint8_t)(label->confidence * 100 + 0.5),
    };

    record.conversation.usage = (uint8_t)label->usage;
    profile->flow_records++;
    return record_write_flow(&profile->log, &record);
}

enum rnet_status
rnet_profile_finish(struct rnet_profile *profile, const struct rnet_capture_facts *facts)
{
    struct rnet_profile_summary *summary = &profile->summary;

    *summary = (struct rnet_profile_summary){
        .notices = facts->notices,
        .packets = facts->packets,
        .wire_bytes = facts->wire_bytes,
        .office_hosts = facts->office_hosts,
        .begin_ns = facts->begin_ns,
        .end_ns = facts->end_ns,
        .captured_line = facts->captured_line,
        .complete = facts->complete,
    };
    memcpy(summary->digest, facts->digest, sizeof summary->digest);
    profile->finished = true;
    return summary_build(profile);
}

const struct rnet_profile_summary *
rnet_profile_get_summary(const struct rnet_profile *profile)
{
    return &profile->summary;
}

void
rnet_profile_get_timeline(const struct rnet_profile *profile, struct rnet_timeline *timeline)
{
    *timeline = (struct rnet_timeline){.begin_ns = profile->timeline.begin_ns,
                                       .window_ns = profile->timeline.window_ns,
                                       .windows = profile->timeline.windows};
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        for (int d = 0; d < RNET_DIRECTIONS; d++)
            timeline->bytes[usage][d] = profile->timeline.bytes[usage][d];
}
