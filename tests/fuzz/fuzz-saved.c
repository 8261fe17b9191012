/* Any bytes as a saved report: what is accepted can be shown in every format. */
#include "fuzz.h"

#include <ruralnet/report.h>

static void
render(const struct rnet_report *report)
{
    char *text = NULL;
    size_t length;

    if (rnet_report_text(report, NULL, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_json(report, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_html(report, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_csv(report, &text, &length) == RNET_OK)
        rnet_report_free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rnet_saved_report *saved = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;

    fuzz_begin_failing(data, size);
    status = rnet_report_read(data, size, &saved, &err);
    fuzz_expect_words(status, &err);
    fuzz_reached += status == RNET_OK;
    if (status == RNET_OK)
        render(rnet_saved_report_get(saved));
    rnet_saved_report_free(saved);
    fuzz_end_failing();
    return 0;
}
