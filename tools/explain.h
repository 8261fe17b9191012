/* Why flows of a capture are labelled as they are. */
#ifndef NETSUFF_EXPLAIN_H
#define NETSUFF_EXPLAIN_H

#include "commands.h"
#include "confine.h"
#include "reading.h"

struct explain_request {
    const char *what;   /* a flow's number, a usage's identifier, or "all" */
    struct reading *reading; /* with keep_names servers are named: the only output of netsuff that does */
    bool quiet; /* no progress */
    struct confinement confinement;
};

/* Print the account on stdout; an exit code. No address is ever printed. */
int
explain_captures(const struct explain_request *request, char **paths, size_t count);

/* Whether `what` is something to explain; complains otherwise. */
bool
explain_check(const char *what);

#endif
