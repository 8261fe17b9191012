/* What a server's name says (data/names.txt). */
#ifndef RNET_USAGE_NAMES_H
#define RNET_USAGE_NAMES_H

#include "usage/opinion.h"

struct rnet_names;

enum rnet_status rnet_names_new(const char *directory, struct rnet_names **names,
                                struct rnet_error *err);
void rnet_names_free(struct rnet_names *names);

/* Judge by a host name in lower case, with or without a port after it. Abstains with confidence 0.
 * The name itself is not kept. */
void rnet_names_judge(const struct rnet_names *names, const char *host,
                      struct rnet_opinion *opinion);

#endif
