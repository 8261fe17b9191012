/* Walking over a survey: its firms, by name, and what each one's captures hold. */
#include "claim/survey.h"

void
rnet_survey_set_progress(struct rnet_survey *survey, rnet_survey_progress *progress, void *context)
{
    survey->steps.progress = progress;
    survey->steps.context = context;
}

void
survey_step(struct survey_steps *steps)
{
    steps->done++;
    if (steps->progress != NULL)
        steps->progress(steps->context, steps->done, steps->total);
}

static enum rnet_status
visit_captures(struct rnet_survey *survey, const struct rnet_firm *firm,
               const struct survey_visitor *visitor, struct rnet_error *err)
{
    struct rnet_survey_capture *captures;
    size_t count;
    enum rnet_status status = rnet_survey_captures(survey, firm->name, &captures, &count, err);

    for (size_t i = 0; i < count && status == RNET_OK; i++) {
        struct rnet_profile *profile;

        status = rnet_survey_profile(survey, captures[i].digest, &profile, err);
        if (status == RNET_OK)
            status = visitor->capture(visitor->context, firm, rnet_profile_get_summary(profile));
        rnet_profile_free(profile);
        survey_step(&survey->steps);
    }
    rnet_survey_list_free(captures);
    return status;
}

enum rnet_status
survey_visit(struct rnet_survey *survey, const struct survey_visitor *visitor,
             struct rnet_error *err)
{
    struct rnet_firm *firms;
    size_t count;
    enum rnet_status status = rnet_survey_firms(survey, &firms, &count, err);

    survey->steps.done = survey->steps.total = 0;
    for (size_t i = 0; i < count && status == RNET_OK; i++)
        survey->steps.total += firms[i].captures;
    for (size_t i = 0; i < count && status == RNET_OK; i++) {
        status = visitor->firm(visitor->context, &firms[i]);
        if (status == RNET_OK)
            status = visit_captures(survey, &firms[i], visitor, err);
    }
    rnet_survey_list_free(firms);
    return status;
}

bool
line_was_full(const struct rnet_captured_line *line)
{
    return line->rate_bps[RNET_UP] > 0 || line->rate_bps[RNET_DOWN] > 0;
}
