/* netsuff claim --plan. */
#ifndef NETSUFF_CLAIM_PLAN_H
#define NETSUFF_CLAIM_PLAN_H

#include "commands.h"

/* Make a plan and write it as text or JSON. Exit code. */
int
claim_plan(const struct rnet_plan_options *options, const char *format, const char *output);

#endif
