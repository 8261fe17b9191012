/* A survey as a whole: who answered, and what was seen at them. */
#include "claim/survey.h"

#include <ruralnet/stats.h>

#include <math.h>
#include <string.h>

#define LEVEL 0.95

static void
add_usage(struct rnet_survey_usage *into, const struct rnet_usage_summary *from)
{
    const double bytes = (double)(from->bytes[RNET_UP] + from->bytes[RNET_DOWN]);

    into->confidence += from->confidence * bytes; /* a mean at the end */
    into->active_s += from->active_s;
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        into->bytes[way] += from->bytes[way];
}

static void
add_capture(struct rnet_survey_overview *overview, struct rnet_survey_office *office,
            const struct rnet_profile_summary *summary, bool seen[RNET_USAGE_COUNT])
{
    office->seconds += (double)(summary->end_ns - summary->begin_ns) / RNET_NS_PER_S;
    overview->captures++;
    overview->incomplete += !summary->complete;
    overview->full += summary->captured_line.rate_bps[RNET_UP] > 0 ||
                      summary->captured_line.rate_bps[RNET_DOWN] > 0;
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        add_usage(&overview->usages[u], &summary->usages[u]);
        seen[u] = seen[u] || summary->usages[u].flows > 0;
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            office->bytes[way] += summary->usages[u].bytes[way];
    }
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        office->peak_bps[way] = fmax(office->peak_bps[way], summary->peak_bps[way]);
}

static enum rnet_status
add_office(struct rnet_survey *survey, struct rnet_survey_overview *overview,
           struct rnet_survey_office *office, struct rnet_error *err)
{
    struct rnet_survey_capture *captures;
    bool seen[RNET_USAGE_COUNT] = {false};
    size_t count;
    enum rnet_status status =
        rnet_survey_captures(survey, office->firm.name, &captures, &count, err);

    for (size_t i = 0; i < count && status == RNET_OK; i++) {
        struct rnet_profile *profile;

        status = rnet_survey_profile(survey, captures[i].digest, &profile, err);
        if (status == RNET_OK)
            add_capture(overview, office, rnet_profile_get_summary(profile), seen);
        rnet_profile_free(profile);
    }
    rnet_survey_list_free(captures);
    overview->answered += count > 0;
    overview->modelled += office->firm.modelled;
    overview->seconds += office->seconds;
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        overview->usages[u].offices += seen[u];
        office->usages += seen[u] && u != RNET_USAGE_UNKNOWN;
    }
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        overview->bytes[way] += office->bytes[way];
    return status;
}

static void
conclude(struct rnet_survey_overview *overview)
{
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        struct rnet_survey_usage *usage = &overview->usages[u];
        const double bytes = (double)(usage->bytes[RNET_UP] + usage->bytes[RNET_DOWN]);

        usage->usage = (enum rnet_usage)u;
        usage->confidence = bytes > 0 ? usage->confidence / bytes : NAN;
        usage->share = overview->answered > 0 ? rnet_share_exact((double)usage->offices,
                                                                 (double)overview->answered, LEVEL)
                                              : (struct rnet_interval){NAN, NAN};
    }
}

enum rnet_status
rnet_survey_overview(struct rnet_survey *survey, struct rnet_survey_overview *overview,
                     struct rnet_error *err)
{
    struct rnet_firm *firms;
    enum rnet_status status;

    memset(overview, 0, sizeof *overview);
    status = rnet_survey_firms(survey, &firms, &overview->firms, err);
    if (status != RNET_OK)
        return status;
    overview->offices = rnet_alloc_zero(overview->firms, sizeof *overview->offices);
    if (overview->offices == NULL)
        status = rnet_error_set(err, RNET_ENOMEM, "out of memory");
    for (size_t i = 0; i < overview->firms && status == RNET_OK; i++) {
        overview->offices[i].firm = firms[i];
        status = add_office(survey, overview, &overview->offices[i], err);
    }
    rnet_survey_list_free(firms);
    conclude(overview);
    if (status != RNET_OK)
        rnet_survey_overview_clear(overview);
    return status;
}

void
rnet_survey_overview_clear(struct rnet_survey_overview *overview)
{
    rnet_free(overview->offices);
    memset(overview, 0, sizeof *overview);
}
