/* One line per packet of a capture, for tests/compare-tshark: wire bytes, IP version or 0, protocol
 * found ("tcp", "udp", "-"), ports, payload bytes. Exit 0, 3 = cut short, 4 = refused. */
#include <ruralnet/capture.h>

#include <stdio.h>

static void
list_one(const struct rnet_packet *packet)
{
    struct rnet_headers headers;
    const char *protocol = "-";
    const bool ip = rnet_packet_decode(packet, &headers, NULL) == RNET_OK;

    if (ip && !headers.is_later_fragment && headers.protocol == RNET_IPPROTO_TCP)
        protocol = "tcp";
    else if (ip && !headers.is_later_fragment && headers.protocol == RNET_IPPROTO_UDP)
        protocol = "udp";
    printf("%u %d %s %d %d %lld\n", packet->wire_bytes, ip ? headers.source.version : 0, protocol,
           ip ? headers.source_port : 0, ip ? headers.destination_port : 0,
           ip && headers.has_transport && headers.protocol == RNET_IPPROTO_TCP
               ? (long long)headers.payload_bytes
               : -1);
}

int
main(int argc, char **argv)
{
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    struct rnet_error err = {0};
    enum rnet_status status;

    if (argc != 2 || rnet_capture_open(argv[1], NULL, &capture, &err) != RNET_OK) {
        fprintf(stderr, "%s\n", argc != 2 ? "usage: list-headers CAPTURE" : err.message);
        return 4;
    }
    while ((status = rnet_capture_next(capture, &packet, &err)) == RNET_OK)
        list_one(&packet);
    rnet_capture_close(capture);
    return status == RNET_END ? 0 : 3;
}
