/* netsuff claim --plan. */
#include "claim-plan.h"

#include <string.h>

int
claim_plan(const struct rnet_plan_options *options, const char *format, const char *output)
{
    const struct rnet_text_options layout = {.columns = output == NULL ? terminal_columns() : 80};
    struct rnet_error err = {0};
    struct rnet_plan plan;
    char *text = NULL;
    size_t length = 0;
    enum rnet_status status;
    bool ok;

    if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
        complain("claim --plan: there are text and json, not '%s'", format);
        return EXIT_USAGE;
    }
    if (rnet_plan_make(options, &plan, &err) != RNET_OK) {
        complain("claim --plan: %s", err.message);
        return EXIT_USAGE;
    }
    status = strcmp(format, "json") == 0 ? rnet_report_plan_json(&plan, &text, &length)
                                         : rnet_report_plan_text(&plan, &layout, &text, &length);
    if (status != RNET_OK) {
        complain("the plan could not be written: %s", rnet_status_text(status));
        return EXIT_FAILED;
    }
    ok = write_output(output, text, length);
    rnet_report_free(text);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
