/* DNS and mDNS answers: which addresses belong to which name. */
#ifndef RNET_USAGE_DNS_H
#define RNET_USAGE_DNS_H

#include <ruralnet/packet.h>

/* One address of an answer; `name` is what was asked for, in lower case. */
typedef void (*rnet_dns_take)(void *context, const char *name, const struct rnet_address *address);

/* Read a DNS message over UDP as far as it was captured. Any bytes are safe. */
void rnet_dns_read(const uint8_t *message, size_t bytes, rnet_dns_take take, void *context);

#endif
