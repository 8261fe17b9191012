/* Connections that others announce: FTP's data connections, the media of SIP, MGCP and RTSP, the
 * transfer port of TFTP. */
#ifndef RNET_USAGE_SIGNALLING_H
#define RNET_USAGE_SIGNALLING_H

#include "usage/opinion.h"

#include <ruralnet/packet.h>

/* An endpoint that will carry `opinion`. */
typedef void (*rnet_signalling_take)(void *context, const struct rnet_address *address,
                                     uint16_t port, uint8_t protocol,
                                     const struct rnet_opinion *opinion);

/* Read one packet that may announce something. Any bytes are safe. */
void rnet_signalling_read(const struct rnet_headers *headers, rnet_signalling_take take,
                          void *context);

#endif
