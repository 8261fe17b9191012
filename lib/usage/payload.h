/* What the first bytes of a packet's payload say in the open: server names, kinds of content. */
#ifndef RNET_USAGE_PAYLOAD_H
#define RNET_USAGE_PAYLOAD_H

#include "usage/dpi.h"

#define RNET_HOST_ROOM 256 /* for the longest name, RFC 1035 §2.3.4 (V), and its NUL */

enum rnet_host_found {
    RNET_HOST_NONE = 0, /* or not captured whole, or not of the characters of a name */
    RNET_HOST_FOUND,
    RNET_HOST_TOO_LONG, /* for any host (RFC 1035 §2.3.4): left alone */
};

/*
 * The server's name out of a TLS client hello or an HTTP request, in lower case. Any bytes are safe. *rest (may be NULL): 0, or where in the
 * sender's next payload, plus one, the hello's extensions go on; a post-quantum key fills a packet.
 */
enum rnet_host_found rnet_payload_host(const uint8_t *payload, size_t bytes, char *host,
                                       size_t size, uint16_t *rest);
/* The same out of the next payload; *rest as it was left. */
enum rnet_host_found rnet_payload_host_rest(const uint8_t *payload, size_t bytes, char *host,
                                            size_t size, uint16_t *rest);

/* Whether an HTTP answer begins here; then also what it carries and how much (0 = not said). */
bool rnet_payload_content(const uint8_t *payload, size_t bytes, enum rnet_content *content,
                          uint64_t *length);

/* The value of an HTTP request's User-Agent; false if none. */
bool rnet_payload_agent(const uint8_t *payload, size_t bytes, char *agent, size_t size);

/* The kind of a MIME type such as "video/mp4". */
enum rnet_content rnet_content_of(const char *type);

#endif
