/* What a User-Agent says (data/agents.txt). */
#ifndef RNET_USAGE_AGENTS_H
#define RNET_USAGE_AGENTS_H

#include "usage/opinion.h"

struct rnet_agents;

enum rnet_status rnet_agents_new(const char *directory, struct rnet_agents **agents,
                                 struct rnet_error *err);
void rnet_agents_free(struct rnet_agents *agents);

/* Abstains with confidence 0. */
void rnet_agents_judge(const struct rnet_agents *agents, const char *agent,
                       struct rnet_opinion *opinion);

#endif
