/* netsuff analyse --outcomes and --flows: every message, stream, use and flow, a row each. */
#include "commands.h"

#include <string.h>

static bool
ends_in(const char *word, const char *ending)
{
    const size_t length = strlen(word), wanted = strlen(ending);

    return length >= wanted && strcmp(word + length - wanted, ending) == 0;
}

static enum rnet_status
write_link(const struct rnet_demand *demand, const struct rnet_link *link,
           const struct rnet_assess_options *allowed, const struct rnet_assessment *assessment,
           const struct rnet_outcome_sink *sink, struct rnet_error *err)
{
    const struct rnet_replay_options options = {.seed = assessment->seed,
                                                .access_rtt_ns = assessment->access_rtt_ns,
                                                .max_memory_bytes = allowed->max_memory_bytes,
                                                .max_cpu_ns = allowed->max_cpu_ns,
                                                .stop = &stop_requested};
    struct rnet_outcomes outcomes = {0};
    struct rnet_quality quality = {0};
    enum rnet_status status = rnet_replay_run(demand, link, &options, &outcomes, err);

    if (status >= RNET_OK || status == RNET_EINTERRUPTED)
        status = rnet_quality_measure(demand, &outcomes, NULL, &quality, err);
    if (status == RNET_OK)
        status = rnet_report_outcomes(demand, link, &outcomes, &quality, sink);
    rnet_quality_clear(&quality);
    rnet_outcomes_clear(&outcomes);
    return status;
}

bool
write_outcomes(const char *path, struct rnet_profile *profile,
               const struct rnet_assess_options *allowed, const struct rnet_assessment *assessment)
{
    struct output output;
    struct rnet_outcome_sink sink = {&output, output_write, ends_in(path, ".csv"), true};
    struct rnet_demand demand = {0};
    struct rnet_error err = {0};
    enum rnet_status status =
        rnet_profile_demand(profile, assessment->begin_ns, assessment->end_ns, &demand, &err);

    if (status == RNET_OK && !output_open(&output, path)) {
        rnet_demand_clear(&demand);
        return false;
    }
    for (size_t i = 0; i < assessment->link_count && status == RNET_OK; i++) {
        status = write_link(&demand, &assessment->links[i].link, allowed, assessment, &sink, &err);
        sink.heading = false;
    }
    rnet_demand_clear(&demand);
    if (status != RNET_OK)
        complain("%s: %s", path, *err.message != '\0' ? err.message : rnet_status_text(status));
    return output_close(&output, status == RNET_OK);
}

bool
write_flows(const char *path, struct rnet_profile *profile)
{
    struct output output;
    const struct rnet_outcome_sink sink = {&output, output_write, ends_in(path, ".csv"), true};
    enum rnet_status status;

    if (!output_open(&output, path))
        return false;
    status = rnet_report_flows(profile, &sink);
    if (status != RNET_OK)
        complain("%s: %s", path, rnet_status_text(status));
    return output_close(&output, status == RNET_OK);
}
