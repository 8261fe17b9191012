/* A replay over a line of one's own: replay CAPTURE-OR-PROFILE. The line is a preset with a longer buffer
 * on the way up; what changes is what people got.
 */
#include <ruralnet/ruralnet.h>
#include <stdio.h>

static enum rnet_status
load(const char *path, struct rnet_profile **profile, struct rnet_error *err)
{
    struct rnet_capture *capture = NULL;
    enum rnet_status status;

    if (rnet_profile_is_file(path))
        return rnet_profile_load(path, profile, err);
    status = rnet_capture_open(path, NULL, &capture, err);
    if (status == RNET_OK)
        status = rnet_observe(capture, NULL, profile, err);
    rnet_capture_close(capture);
    return status;
}

static enum rnet_status
replay(const struct rnet_demand *demand, const struct rnet_link *link, struct rnet_error *err)
{
    const struct rnet_replay_options options = {.seed = 1};
    struct rnet_outcomes outcomes = {0};
    struct rnet_quality quality = {0};
    enum rnet_status status = rnet_replay_run(demand, link, &options, &outcomes, err);

    if (status == RNET_OK)
        status = rnet_quality_measure(demand, &outcomes, NULL, &quality, err);
    if (status == RNET_OK)
        printf("%s, %u kB of buffer up: %zu uses, line busy %.0f %% up\n", link->name,
               (unsigned)(link->direction[RNET_UP].buffer_bytes / 1000), quality.use_count,
               100 * quality.line[RNET_UP].busy_ratio);
    rnet_quality_clear(&quality);
    rnet_outcomes_clear(&outcomes);
    return status;
}

int
main(int argc, char **argv)
{
    struct rnet_profile *profile = NULL;
    struct rnet_demand demand = {0};
    struct rnet_link link;
    struct rnet_error err = {0};
    enum rnet_status status = argc == 2 ? load(argv[1], &profile, &err) : RNET_EINVAL;

    if (status == RNET_OK)
        status = rnet_link_parse("adsl:2048/256,buffer=64kB", &link, &err);
    if (status == RNET_OK) {
        const struct rnet_profile_summary *seen = rnet_profile_get_summary(profile);

        status = rnet_profile_demand(profile, seen->begin_ns, seen->end_ns + 1, &demand, &err);
    }
    if (status == RNET_OK)
        status = replay(&demand, &link, &err);
    link.direction[RNET_UP].buffer_bytes *= 4;
    if (status == RNET_OK)
        status = replay(&demand, &link, &err);
    if (status != RNET_OK)
        fprintf(stderr, "replay: %s\n", err.message);
    rnet_demand_clear(&demand);
    rnet_profile_free(profile);
    return status != RNET_OK;
}
