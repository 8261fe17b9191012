/* Any bytes as a survey file: listed, exported, every profile in it read. */
#include "fuzz-folder.h"

#include <ruralnet/profile.h>
#include <ruralnet/report.h>
#include <ruralnet/survey.h>

static void
read_captures(struct rnet_survey *survey)
{
    struct rnet_survey_capture *captures = NULL;
    struct rnet_error err = {0};
    size_t count = 0;

    if (rnet_survey_captures(survey, NULL, &captures, &count, &err) != RNET_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        struct rnet_profile *profile = NULL;

        if (rnet_survey_profile(survey, captures[i].digest, &profile, &err) == RNET_OK)
            rnet_profile_free(profile);
    }
    rnet_survey_list_free(captures);
}

static void
export(struct rnet_survey *survey)
{
    struct rnet_error err = {0};
    char *text = NULL;
    size_t length;

    if (rnet_report_survey_csv(survey, &text, &length, &err) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_survey_json(survey, &text, &length, &err) == RNET_OK)
        rnet_report_free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rnet_survey *survey = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;
    char path[FUZZ_PATH];

    fuzz_named_file("survey", data, size, path);
    fuzz_begin_failing(data, size);
    status = rnet_survey_open(path, RNET_SURVEY_READ, &survey, &err);
    fuzz_expect_words(status, &err);
    if (status == RNET_OK) {
        fuzz_reached++;
        read_captures(survey);
        export(survey);
    }
    rnet_survey_close(survey);
    fuzz_end_failing();
    fuzz_empty_folder();
    return 0;
}
