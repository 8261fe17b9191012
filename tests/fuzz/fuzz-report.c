/* Any bytes as a capture file, taken all the way to reports in every format. */
#include "fuzz.h"

#include <ruralnet/ruralnet.h>

#ifndef RNET_FUZZ_DPI
#define RNET_FUZZ_DPI 0
#endif

/* Making a classifier costs more than a run, so it is kept. Mutants of real captures go through nDPI
 * as well; for random bytes fuzz-flow is the better way to it. One in which runs have failed keeps the state of their flows, so it is replaced now and then. */
static struct rnet_classifier *
classifier(bool failed)
{
    static const struct rnet_classifier_options options = {.no_dpi = !RNET_FUZZ_DPI};
    static struct rnet_classifier *made;
    static unsigned failures;
    struct rnet_error err = {0};

    failures += failed;
    if (failures == 1000) {
        rnet_classifier_free(made);
        made = NULL;
        failures = 0;
    }
    if (made == NULL && rnet_classifier_new(&options, &made, &err) != RNET_OK)
        abort();
    return made;
}

static void
render(struct rnet_profile *profile, const struct rnet_assessment *assessment)
{
    struct rnet_timeline timeline;
    const struct rnet_report report = {.profile = rnet_profile_get_summary(profile),
                                       .assessment = assessment,
                                       .timeline = &timeline};
    char *text = NULL;
    size_t length;

    rnet_profile_get_timeline(profile, &timeline);
    if (rnet_report_text(&report, NULL, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_json(&report, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_html(&report, &text, &length) == RNET_OK)
        rnet_report_free(text);
}

static void
answer(struct rnet_profile *profile)
{
    static const char *const lines[] = {"adsl-2m"};
    const struct rnet_assess_options options = {
        .links = lines, .link_count = 1, .replications = 2, .threads = 1};
    struct rnet_assessment assessment = {0};
    struct rnet_error err = {0};
    const enum rnet_status status = rnet_assess(profile, &options, &assessment, &err);

    fuzz_expect_words(status, &err);
    fuzz_reached += status >= RNET_OK && assessment.messages > 0;
    if (status >= RNET_OK)
        render(profile, &assessment);
    rnet_assessment_clear(&assessment);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rnet_capture_options capture_options = {.max_expanded_bytes = 1 << 20};
    const struct rnet_observe_options observe_options = {.classifier = classifier(false),
                                                         .flows.hash_seed = {1, 2}};
    struct rnet_capture *capture = NULL;
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;
    char path[64];
    const int fd = fuzz_file(data, size, path);

    fuzz_begin_failing(data, size);
    status = rnet_capture_open(path, &capture_options, &capture, &err);
    if (status == RNET_OK)
        status = rnet_observe(capture, &observe_options, &profile, &err);
    fuzz_expect_words(status, &err);
    rnet_capture_close(capture);
    if (status >= RNET_OK)
        answer(profile);
    rnet_profile_free(profile);
    fuzz_end_failing();
    classifier(status < RNET_OK);
    close(fd);
    return 0;
}
