/* RFC 959 and 2428 (FTP), 8866 (SDP), 2326 (RTSP), 1350 (TFTP): only what names a port. */
#include "usage/signalling.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The head of a message is enough; longer ones are read this far. */
#define TEXT_MAX 2000

struct announcer {
    rnet_signalling_take take;
    void *context;
};

static void
announce(const struct announcer *announcer, const struct rnet_address *address, unsigned port,
         uint8_t protocol, enum rnet_usage usage, float confidence, const char *application)
{
    struct rnet_opinion opinion = {
        .usage = usage, .evidence = RNET_EVIDENCE_PROTOCOL, .confidence = confidence};

    if (port == 0 || port > UINT16_MAX)
        return;
    snprintf(opinion.application, sizeof opinion.application, "%s", application);
    announcer->take(announcer->context, address, (uint16_t)port, protocol, &opinion);
}

/* "227 … (h1,h2,h3,h4,p1,p2)" and "PORT h1,h2,h3,h4,p1,p2". */
static void
read_ftp_ipv4(const char *text, const struct announcer *announcer)
{
    unsigned h[4], p[2];
    struct rnet_address address = {.version = 4};
    const char *at = text + 4;

    while (*at != '\0' && *at != '\n' &&
           sscanf(at, "%3u,%3u,%3u,%3u,%3u,%3u", &h[0], &h[1], &h[2], &h[3], &p[0], &p[1]) != 6)
        at++;
    if (*at == '\0' || *at == '\n' || h[0] > 255 || h[1] > 255 || h[2] > 255 || h[3] > 255 ||
        p[0] > 255 || p[1] > 255)
        return;
    for (int i = 0; i < 4; i++)
        address.bytes[i] = (uint8_t)h[i];
    announce(announcer, &address, p[0] * 256 + p[1], RNET_IPPROTO_TCP, RNET_USAGE_FILE_TRANSFER,
             0.96f, "FTP-data");
}

static void
read_ftp(const struct rnet_headers *headers, const char *text, const struct announcer *announcer)
{
    unsigned family, port;
    char host[INET6_ADDRSTRLEN];
    struct rnet_address address = {.version = 4};

    if (strncmp(text, "227 ", 4) == 0 || strncasecmp(text, "PORT ", 5) == 0) {
        read_ftp_ipv4(text, announcer);
    } else if (strncmp(text, "229 ", 4) == 0) {
        const char *at = strstr(text, "(|||");

        if (at != NULL && sscanf(at, "(|||%5u|", &port) == 1)
            announce(announcer, &headers->source, port, RNET_IPPROTO_TCP, RNET_USAGE_FILE_TRANSFER,
                     0.96f, "FTP-data");
    } else if (strncasecmp(text, "EPRT ", 5) == 0 &&
               sscanf(text + 5, "|%1u|%45[0-9a-fA-F.:]|%5u|", &family, host, &port) == 3) {
        address.version = family == 2 ? 6 : 4;
        if (inet_pton(family == 2 ? AF_INET6 : AF_INET, host, address.bytes) == 1)
            announce(announcer, &address, port, RNET_IPPROTO_TCP, RNET_USAGE_FILE_TRANSFER, 0.96f,
                     "FTP-data");
    }
}

static bool
read_sdp_address(const char *text, struct rnet_address *address)
{
    const char *at = strstr(text, "c=IN IP");
    char host[INET6_ADDRSTRLEN];
    int family;

    if (at == NULL || sscanf(at, "c=IN IP%1d %45[0-9a-fA-F.:]", &family, host) != 2)
        return false;
    memset(address, 0, sizeof *address);
    address->version = family == 6 ? 6 : 4;
    return inet_pton(family == 6 ? AF_INET6 : AF_INET, host, address->bytes) == 1;
}

/* A call with a video line that is not refused (port 0) is a video call, its sound included. */
static void
read_sdp(const struct rnet_headers *headers, const char *text, const struct announcer *announcer)
{
    struct rnet_address addresses[2] = {headers->source, headers->source};
    unsigned audio = 0, video = 0;
    const char *at;
    enum rnet_usage usage;

    read_sdp_address(text, &addresses[0]);
    if ((at = strstr(text, "m=audio ")) != NULL)
        audio = (unsigned)strtoul(at + 8, NULL, 10);
    if ((at = strstr(text, "m=video ")) != NULL)
        video = (unsigned)strtoul(at + 8, NULL, 10);
    usage = video != 0 ? RNET_USAGE_VIDEOCONFERENCE : RNET_USAGE_VOIP;
    /* Behind address translation the media comes from where the message came from. */
    for (int i = 0; i < 2; i++) {
        announce(announcer, &addresses[i], audio, RNET_IPPROTO_UDP, usage, 0.96f, "RTP.audio");
        announce(announcer, &addresses[i], audio + 1, RNET_IPPROTO_UDP, usage, 0.90f, "RTCP");
        announce(announcer, &addresses[i], video, RNET_IPPROTO_UDP, usage, 0.96f, "RTP.video");
        announce(announcer, &addresses[i], video + 1, RNET_IPPROTO_UDP, usage, 0.90f, "RTCP");
    }
}

/* "Transport: RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001", in the answer: its
 * receiver is the client. */
static void
read_rtsp(const struct rnet_headers *headers, const char *text, const struct announcer *announcer)
{
    const char *client = strstr(text, "client_port="), *server = strstr(text, "server_port=");

    if (client == NULL || strncmp(text, "RTSP/", 5) != 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        announce(announcer, &headers->destination, (unsigned)strtoul(client + 12, NULL, 10) + i,
                 RNET_IPPROTO_UDP, RNET_USAGE_VIDEO_STREAMING, 0.85f, "RTSP.RTP");
        if (server != NULL)
            announce(announcer, &headers->source, (unsigned)strtoul(server + 12, NULL, 10) + i,
                     RNET_IPPROTO_UDP, RNET_USAGE_VIDEO_STREAMING, 0.85f, "RTSP.RTP");
    }
}

static bool
is_session_message(const char *text)
{
    static const char *const starts[] = {"INVITE ", "SIP/2.0 ", "ACK ",  "UPDATE ",
                                         "PRACK ",  "200 ",     "CRCX ", "MDCX "};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0)
            return strstr(text, "\nm=") != NULL;
    }
    return false;
}

void
rnet_signalling_read(const struct rnet_headers *headers, rnet_signalling_take take, void *context)
{
    const struct announcer announcer = {take, context};
    char text[TEXT_MAX + 1];
    size_t bytes = headers->payload_captured_bytes;

    if (headers->payload == NULL || bytes < 4)
        return;
    if (headers->protocol == RNET_IPPROTO_UDP && headers->destination_port == 69 &&
        headers->payload[0] == 0 && (headers->payload[1] == 1 || headers->payload[1] == 2)) {
        announce(&announcer, &headers->source, headers->source_port, RNET_IPPROTO_UDP,
                 RNET_USAGE_FILE_TRANSFER, 0.95f, "TFTP");
        return;
    }
    /* All others are text that begins with a word in capitals or a number. */
    if (!isupper(headers->payload[0]) && !isdigit(headers->payload[0]))
        return;
    if (!isalnum(headers->payload[1]) || !isalnum(headers->payload[2]))
        return;
    bytes = bytes < TEXT_MAX ? bytes : TEXT_MAX;
    memcpy(text, headers->payload, bytes);
    text[bytes] = '\0';
    if (headers->protocol == RNET_IPPROTO_TCP)
        read_ftp(headers, text, &announcer);
    if (is_session_message(text))
        read_sdp(headers, text, &announcer);
    else
        read_rtsp(headers, text, &announcer);
}
