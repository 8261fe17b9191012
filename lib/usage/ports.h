/* What is usually behind a port or an IP protocol (data/ports.txt). */
#ifndef RNET_USAGE_PORTS_H
#define RNET_USAGE_PORTS_H

#include "usage/opinion.h"

#include <ruralnet/flow.h>

struct rnet_ports;

enum rnet_status rnet_ports_new(const char *directory, struct rnet_ports **ports,
                                struct rnet_error *err);
void rnet_ports_free(struct rnet_ports *ports);

/* Judge by the server's port; by the client's, with less confidence, when who is the server is not
 * known. Abstains with confidence 0. */
void rnet_ports_judge(const struct rnet_ports *ports, const struct rnet_flow *flow,
                      struct rnet_opinion *opinion);

#endif
