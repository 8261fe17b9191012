/* Published address and port ranges of services (data/ranges.txt). */
#ifndef RNET_USAGE_RANGES_H
#define RNET_USAGE_RANGES_H

#include "usage/opinion.h"

#include <ruralnet/packet.h>

struct rnet_ranges;

enum rnet_status rnet_ranges_new(const char *directory, struct rnet_ranges **ranges,
                                 struct rnet_error *err);
void rnet_ranges_free(struct rnet_ranges *ranges);

/* Judge by one end of a flow. Abstains with confidence 0. */
void rnet_ranges_judge(const struct rnet_ranges *ranges, const struct rnet_address *address,
                       uint16_t port, uint8_t protocol, struct rnet_opinion *opinion);

#endif
