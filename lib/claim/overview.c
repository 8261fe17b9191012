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

/* The survey so far, and which usages were seen at its last office. */
struct gathering {
    struct rnet_survey_overview *overview;
    size_t capacity;
    bool seen[RNET_USAGE_COUNT];
};

static enum rnet_status
add_office(void *context, const struct rnet_firm *firm)
{
    struct gathering *gathering = context;
    struct rnet_survey_overview *overview = gathering->overview;
    const enum rnet_status status =
        rnet_array_reserve((void **)&overview->offices, &gathering->capacity, overview->firms + 1,
                           sizeof *overview->offices);

    if (status != RNET_OK)
        return status;
    overview->offices[overview->firms++] = (struct rnet_survey_office){.firm = *firm};
    overview->answered += firm->captures > 0;
    overview->modelled += firm->modelled;
    memset(gathering->seen, 0, sizeof gathering->seen);
    return RNET_OK;
}

static void
note_usage(struct gathering *gathering, struct rnet_survey_office *office, int usage)
{
    if (gathering->seen[usage])
        return;
    gathering->seen[usage] = true;
    gathering->overview->usages[usage].offices++;
    office->usages += usage != RNET_USAGE_UNKNOWN;
}

static enum rnet_status
add_capture(void *context, const struct rnet_firm *firm, const struct rnet_profile_summary *summary)
{
    struct gathering *gathering = context;
    struct rnet_survey_overview *overview = gathering->overview;
    struct rnet_survey_office *office = &overview->offices[overview->firms - 1];
    const double seconds = (double)(summary->end_ns - summary->begin_ns) / RNET_NS_PER_S;

    (void)firm;
    office->seconds += seconds;
    overview->seconds += seconds;
    overview->captures++;
    overview->incomplete += !summary->complete;
    overview->full += line_was_full(&summary->captured_line);
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        add_usage(&overview->usages[u], &summary->usages[u]);
        if (summary->usages[u].flows > 0)
            note_usage(gathering, office, u);
        for (int way = 0; way < RNET_DIRECTIONS; way++) {
            office->bytes[way] += summary->usages[u].bytes[way];
            overview->bytes[way] += summary->usages[u].bytes[way];
        }
    }
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        office->peak_bps[way] = fmax(office->peak_bps[way], summary->peak_bps[way]);
    return RNET_OK;
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
    struct gathering gathering = {.overview = overview};
    const struct survey_visitor visitor = {add_office, add_capture, &gathering};
    enum rnet_status status;

    memset(overview, 0, sizeof *overview);
    status = survey_visit(survey, &visitor, err);
    if (status == RNET_ENOMEM)
        rnet_error_set(err, status, "out of memory");
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
