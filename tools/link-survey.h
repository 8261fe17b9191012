/* netsuff link --survey: thousands of lines from one table to rates. */
#ifndef NETSUFF_LINK_SURVEY_H
#define NETSUFF_LINK_SURVEY_H

#include "commands.h"

struct link_survey_request {
    const char *input;      /* "-" is standard input */
    const char *technology; /* of rows that name none */
    const char *output;     /* NULL or "-": standard output */
    bool json;              /* else comma-separated values */
    bool quiet;
};

/* An exit code: done, partial (some rows failed, or interrupted), or failed. */
int
link_survey(const struct link_survey_request *request);

#endif
