/* Address ranges: "192.0.2.0/24", "2001:db8::/32", "192.0.2.7". */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static bool
parse_prefix(const char *text, unsigned most, uint8_t *bits)
{
    unsigned value = 0;

    if (*text == '\0')
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || at - text >= 3)
            return false;
        value = value * 10 + (unsigned)(*at - '0');
    }
    *bits = (uint8_t)value;
    return value <= most;
}

enum rnet_status
rnet_network_parse(const char *text, struct rnet_network *network, struct rnet_error *err)
{
    struct rnet_network parsed = {0};
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    const size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);

    if (length >= sizeof address)
        return rnet_error_set(err, RNET_EINVAL, "\"%.60s\" is not an address range", text);
    memcpy(address, text, length);
    address[length] = '\0';
    if (inet_pton(AF_INET, address, parsed.address.bytes) == 1)
        parsed.address.version = 4;
    else if (inet_pton(AF_INET6, address, parsed.address.bytes) == 1)
        parsed.address.version = 6;
    else
        return rnet_error_set(err, RNET_EINVAL, "\"%.60s\" is not an IPv4 or IPv6 address range",
                              text);
    parsed.prefix_bits = parsed.address.version == 4 ? 32 : 128;
    if (slash != NULL && !parse_prefix(slash + 1, parsed.prefix_bits, &parsed.prefix_bits))
        return rnet_error_set(err, RNET_EINVAL, "\"%.60s\": prefix length must be 0 to %d", text,
                              parsed.address.version == 4 ? 32 : 128);
    *network = parsed;
    return RNET_OK;
}
