/* Protocols told by fixed bytes at the front of a payload (data/signatures.txt): what nDPI does
 * not know, and what is wanted without it. */
#ifndef RNET_USAGE_SIGNATURES_H
#define RNET_USAGE_SIGNATURES_H

#include "usage/opinion.h"

#include <ruralnet/packet.h>

struct rnet_signatures;

enum rnet_status rnet_signatures_new(const char *directory, struct rnet_signatures **signatures,
                                     struct rnet_error *err);
void rnet_signatures_free(struct rnet_signatures *signatures);

/* Judge one packet's payload. Abstains with confidence 0. */
void rnet_signatures_judge(const struct rnet_signatures *signatures,
                           const struct rnet_headers *headers, struct rnet_opinion *opinion);

#endif
