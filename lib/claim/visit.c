/* Walking over a survey: its firms, by name, and what each one's captures hold. */
#include "claim/survey.h"

/* A walk, and how many captures it has behind it, of how many. */
struct walk {
    struct rnet_survey *survey;
    const struct survey_visitor *visitor;
    size_t done;
    size_t total;
};

void
rnet_survey_set_progress(struct rnet_survey *survey, rnet_survey_progress *progress, void *context)
{
    survey->progress = progress;
    survey->progress_context = context;
}

static void
note_capture(struct walk *walk)
{
    walk->done++;
    if (walk->survey->progress != NULL)
        walk->survey->progress(walk->survey->progress_context, walk->done, walk->total);
}

static enum rnet_status
visit_captures(struct walk *walk, const struct rnet_firm *firm, struct rnet_error *err)
{
    const struct survey_visitor *visitor = walk->visitor;
    struct rnet_survey_capture *captures;
    size_t count;
    enum rnet_status status = rnet_survey_captures(walk->survey, firm->name, &captures, &count, err);

    for (size_t i = 0; i < count && status == RNET_OK; i++) {
        struct rnet_profile *profile;

        status = rnet_survey_profile(walk->survey, captures[i].digest, &profile, err);
        if (status == RNET_OK)
            status = visitor->capture(visitor->context, firm, rnet_profile_get_summary(profile));
        rnet_profile_free(profile);
        note_capture(walk);
    }
    rnet_survey_list_free(captures);
    return status;
}

enum rnet_status
survey_visit(struct rnet_survey *survey, const struct survey_visitor *visitor,
             struct rnet_error *err)
{
    struct walk walk = {.survey = survey, .visitor = visitor};
    struct rnet_firm *firms;
    size_t count;
    enum rnet_status status = rnet_survey_firms(survey, &firms, &count, err);

    for (size_t i = 0; i < count && status == RNET_OK; i++)
        walk.total += firms[i].captures;
    for (size_t i = 0; i < count && status == RNET_OK; i++) {
        status = visitor->firm(visitor->context, &firms[i]);
        if (status == RNET_OK)
            status = visit_captures(&walk, &firms[i], err);
    }
    rnet_survey_list_free(firms);
    return status;
}

bool
line_was_full(const struct rnet_captured_line *line)
{
    return line->rate_bps[RNET_UP] > 0 || line->rate_bps[RNET_DOWN] > 0;
}
