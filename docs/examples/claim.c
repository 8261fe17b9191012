/* The claim over a survey: claim SURVEY CAPTURE…; each capture is a firm. */
#include <ruralnet/ruralnet.h>
#include <stdio.h>

static enum rnet_status
add(struct rnet_survey *survey, const char *path, int number, struct rnet_error *err)
{
    struct rnet_firm firm = {.weight = 1};
    struct rnet_capture *capture = NULL;
    struct rnet_profile *profile = NULL;
    enum rnet_status status = rnet_capture_open(path, NULL, &capture, err);

    snprintf(firm.name, sizeof firm.name, "%d", number);
    if (status == RNET_OK)
        status = rnet_observe(capture, NULL, &profile, err);
    if (status >= RNET_OK)
        status = rnet_survey_add(survey, &firm, profile, "", err);
    rnet_profile_free(profile);
    rnet_capture_close(capture);
    return status == RNET_END ? RNET_OK : status; /* there already */
}

int
main(int argc, char **argv)
{
    static const char *const lines[] = {"adsl:2048/256"};
    const struct rnet_claim_options options = {
        .assess = {.links = lines, .link_count = 1, .seed = 1}, .no_loops = true};
    struct rnet_survey *survey = NULL;
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    enum rnet_status status =
        argc > 2 ? rnet_survey_open(argv[1], RNET_SURVEY_CREATE, &survey, &err) : RNET_EINVAL;

    for (int i = 2; i < argc && status == RNET_OK; i++)
        status = add(survey, argv[i], i - 1, &err);
    if (status == RNET_OK)
        status = rnet_claim_test(survey, &options, &claim, &err);
    if (status >= RNET_OK) {
        const struct rnet_claim_line *line = &claim.lines[claim.reference];

        printf("%s: %zu offices, %g satisfied, %g not, %g cannot say: %s\n", line->name,
               line->offices, line->satisfied, line->not_satisfied, line->cannot_say,
               rnet_claim_answer_name(line->firms.answer));
    } else {
        fprintf(stderr, "claim: %s\n", err.message);
    }
    rnet_claim_clear(&claim);
    rnet_survey_close(survey);
    return status < RNET_OK;
}
