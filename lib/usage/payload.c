/* TLS (RFC 8446 §4.1.2, RFC 6066 §3) and HTTP/1 (RFC 9112) as far as they name things. */
#include "usage/payload.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TLS_HANDSHAKE 22
#define TLS_CLIENT_HELLO 1
#define TLS_SERVER_NAME 0

static size_t
u16_at(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 8 | bytes[1];
}

static enum rnet_host_found
copy_host(const uint8_t *from, size_t bytes, char *host, size_t size)
{
    if (bytes == 0)
        return RNET_HOST_NONE;
    if (bytes >= size)
        return RNET_HOST_TOO_LONG;
    for (size_t i = 0; i < bytes; i++) {
        if (from[i] <= ' ' || from[i] >= 127)
            return RNET_HOST_NONE;
        host[i] = (char)tolower(from[i]);
    }
    host[bytes] = '\0';
    return RNET_HOST_FOUND;
}

/* Skip a vector with a length of `width` bytes; past the end on damage. */
static size_t
skip_vector(const uint8_t *at, size_t bytes, size_t from, size_t width)
{
    if (from + width > bytes)
        return bytes;
    return from + width + (width == 1 ? at[from] : u16_at(at + from));
}

/* The one name of a server-name extension whose lengths fit each other (RFC 6066 §3). */
static enum rnet_host_found
read_server_name(const uint8_t *at, size_t bytes, size_t length, char *host, size_t size)
{
    if (length < 5 || bytes < 5 || u16_at(at) + 2 != length || at[2] != 0 ||
        u16_at(at + 3) + 5 != length)
        return RNET_HOST_NONE;
    if (length - 5 >= size)
        return RNET_HOST_TOO_LONG;
    if (length > bytes)
        return RNET_HOST_NONE;
    return copy_host(at + 5, length - 5, host, size);
}

/* Walk the extensions from `at` on; what lies past the payload is left to *rest. */
static enum rnet_host_found
read_extensions(const uint8_t *payload, size_t bytes, size_t at, char *host, size_t size,
                uint16_t *rest)
{
    while (at + 4 <= bytes) {
        const size_t type = u16_at(payload + at), length = u16_at(payload + at + 2);

        at += 4;
        if (type == TLS_SERVER_NAME)
            return read_server_name(payload + at, bytes - at, length, host, size);
        at += length;
    }
    if (rest != NULL && at >= bytes && at - bytes < UINT16_MAX)
        *rest = (uint16_t)(at - bytes + 1);
    return RNET_HOST_NONE;
}

static enum rnet_host_found
tls_host(const uint8_t *hello, size_t bytes, char *host, size_t size, uint16_t *rest)
{
    size_t at = 5 + 4 + 2 + 32; /* record, handshake, version, random */
    enum rnet_host_found found = RNET_HOST_NONE;

    if (bytes < at || hello[0] != TLS_HANDSHAKE || hello[1] != 3 || hello[5] != TLS_CLIENT_HELLO)
        return RNET_HOST_NONE;
    at = skip_vector(hello, bytes, at, 1); /* session */
    at = skip_vector(hello, bytes, at, 2); /* cipher suites */
    at = skip_vector(hello, bytes, at, 1); /* compression */
    if (at + 2 <= bytes)
        found = read_extensions(hello, bytes, at + 2, host, size, rest);
    if (rest != NULL && *rest != 0 && bytes + *rest - 1 >= 5 + u16_at(hello + 3))
        *rest = 0; /* the hello ends with this payload */
    return found;
}

enum rnet_host_found
rnet_payload_host_rest(const uint8_t *payload, size_t bytes, char *host, size_t size,
                       uint16_t *rest)
{
    const size_t at = *rest - 1u;

    *rest = 0;
    if (at >= bytes) {
        *rest = (uint16_t)(at - bytes + 1);
        return RNET_HOST_NONE;
    }
    return read_extensions(payload, bytes, at, host, size, rest);
}

static bool
is_http_request(const uint8_t *payload, size_t bytes)
{
    static const char *const methods[] = {"GET ",    "POST ",    "HEAD ",     "PUT ",  "OPTIONS ",
                                          "DELETE ", "CONNECT ", "PROPFIND ", "PATCH "};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const size_t length = strlen(methods[i]);

        if (bytes > length && memcmp(payload, methods[i], length) == 0)
            return true;
    }
    return false;
}

/* The value of a header field within the captured head; its length in *length, NULL if none. */
static const uint8_t *
header_field(const uint8_t *head, size_t bytes, const char *name, size_t *length)
{
    const size_t name_bytes = strlen(name);
    const uint8_t *const end = head + bytes;
    const uint8_t *at = memchr(head, '\n', bytes);

    while (at != NULL && (size_t)(end - ++at) > name_bytes) {
        const uint8_t *line_end = memchr(at, '\n', (size_t)(end - at));

        if (line_end == NULL)
            return NULL;
        if (strncasecmp((const char *)at, name, name_bytes) == 0 && at[name_bytes] == ':') {
            const uint8_t *value = at + name_bytes + 1;

            while (value < line_end && (*value == ' ' || *value == '\t'))
                value++;
            while (line_end > value && isspace(line_end[-1]))
                line_end--;
            *length = (size_t)(line_end - value);
            return value;
        }
        at = line_end;
    }
    return NULL;
}

enum rnet_host_found
rnet_payload_host(const uint8_t *payload, size_t bytes, char *host, size_t size, uint16_t *rest)
{
    enum rnet_host_found found;
    const uint8_t *value;
    size_t length;

    if (rest != NULL)
        *rest = 0;
    found = tls_host(payload, bytes, host, size, rest);
    if (found != RNET_HOST_NONE)
        return found;
    if (!is_http_request(payload, bytes))
        return RNET_HOST_NONE;
    value = header_field(payload, bytes, "Host", &length);
    return value != NULL ? copy_host(value, length, host, size) : RNET_HOST_NONE;
}

bool
rnet_payload_agent(const uint8_t *payload, size_t bytes, char *agent, size_t size)
{
    const uint8_t *value;
    size_t length;

    if (!is_http_request(payload, bytes))
        return false;
    value = header_field(payload, bytes, "User-Agent", &length);
    if (value == NULL || length == 0)
        return false;
    if (length >= size)
        length = size - 1;
    memcpy(agent, value, length);
    agent[length] = '\0';
    return true;
}

enum rnet_content
rnet_content_of(const char *type)
{
    static const struct {
        const char *prefix;
        enum rnet_content content;
    } types[] = {
        {"multipart/x-mixed-replace", RNET_CONTENT_CAMERA},
        {"video/", RNET_CONTENT_VIDEO},
        {"application/dash+xml", RNET_CONTENT_VIDEO},
        {"application/vnd.apple.mpegurl", RNET_CONTENT_VIDEO},
        {"application/x-mpegurl", RNET_CONTENT_VIDEO},
        {"application/vnd.ms-sstr+xml", RNET_CONTENT_VIDEO},
        {"application/vnd.yt-ump", RNET_CONTENT_VIDEO},
        {"application/x-rtsp-tunnelled", RNET_CONTENT_VIDEO},
        {"application/x-mms-framed", RNET_CONTENT_VIDEO},
        {"application/x-fcs", RNET_CONTENT_VIDEO}, /* RTMP within HTTP */
        {"audio/", RNET_CONTENT_AUDIO},
        {"application/ogg", RNET_CONTENT_AUDIO},
        {"text/xml", RNET_CONTENT_DATA},
        {"text/", RNET_CONTENT_PAGE},
        {"image/", RNET_CONTENT_PAGE},
        {"font/", RNET_CONTENT_PAGE},
        {"application/javascript", RNET_CONTENT_PAGE},
        {"application/x-javascript", RNET_CONTENT_PAGE},
        {"application/json", RNET_CONTENT_DATA},
        {"application/x-www-form-urlencoded", RNET_CONTENT_DATA},
        {"application/x-protobuf", RNET_CONTENT_DATA},
        {"application/grpc", RNET_CONTENT_DATA},
        {"application/xml", RNET_CONTENT_DATA},
        {"application/x-shockwave-flash", RNET_CONTENT_PAGE},
        {"application/octet-stream", RNET_CONTENT_FILE},
        {"binary/octet-stream", RNET_CONTENT_FILE},
        {"application/pdf", RNET_CONTENT_FILE},
        {"application/download", RNET_CONTENT_FILE},
        {"application/force-download", RNET_CONTENT_FILE},
        {"application/zip", RNET_CONTENT_FILE},
        {"application/gzip", RNET_CONTENT_FILE},
        {"application/x-", RNET_CONTENT_FILE},
        {"application/vnd.", RNET_CONTENT_FILE},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strncasecmp(type, types[i].prefix, strlen(types[i].prefix)) == 0)
            return types[i].content;
    }
    return RNET_CONTENT_UNKNOWN;
}

bool
rnet_payload_content(const uint8_t *payload, size_t bytes, enum rnet_content *content,
                     uint64_t *length)
{
    char text[64];
    const uint8_t *value;
    size_t value_bytes;

    *content = RNET_CONTENT_UNKNOWN;
    *length = 0;
    if (bytes < 12 || memcmp(payload, "HTTP/1.", 7) != 0)
        return false;
    value = header_field(payload, bytes, "Content-Type", &value_bytes);
    if (value != NULL) {
        if (value_bytes >= sizeof text)
            value_bytes = sizeof text - 1;
        memcpy(text, value, value_bytes);
        text[value_bytes] = '\0';
        *content = rnet_content_of(text);
    }
    value = header_field(payload, bytes, "Content-Length", &value_bytes);
    if (value != NULL && value_bytes > 0 && value_bytes < 16) {
        memcpy(text, value, value_bytes);
        text[value_bytes] = '\0';
        *length = strtoull(text, NULL, 10);
    }
    return true;
}
