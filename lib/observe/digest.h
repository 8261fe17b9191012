/* The digest of a capture: of its packets, not of the file that holds them. */
#ifndef RNET_OBSERVE_DIGEST_H
#define RNET_OBSERVE_DIGEST_H

#include <ruralnet/capture.h>

#include <xxhash.h>

/* Add a packet: the same for pcap, pcapng, gzip or a pipe. */
void
digest_packet(XXH3_state_t *digest, const struct rnet_packet *packet);

#endif
