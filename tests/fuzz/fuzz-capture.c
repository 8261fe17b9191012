/* Any bytes as a capture file: plain, gzip or zstd, read to the end and decoded. */
#include "fuzz.h"

#include <ruralnet/capture.h>

static void
read_all(const char *path)
{
    const struct rnet_capture_options options = {.max_expanded_bytes = 1 << 22};
    struct rnet_capture *capture = NULL;
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_error err = {0};
    struct rnet_clock clock = {0};
    int64_t latest_ns = INT64_MIN;

    if (rnet_capture_open(path, &options, &capture, &err) != RNET_OK) {
        if (err.message[0] == '\0')
            abort(); /* refused without words */
        return;
    }
    while (rnet_capture_next(capture, &packet, &err) == RNET_OK) {
        const int64_t time_ns = rnet_clock_contain(&clock, packet.time_ns);

        if (latest_ns != INT64_MIN && time_ns < latest_ns - RNET_CLOCK_WINDOW_NS)
            abort();
        latest_ns = clock.latest_ns;
        if (packet.captured_bytes > packet.wire_bytes)
            abort();
        if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
            continue;
        fuzz_reached++;
        if (headers.payload_bytes > headers.ip_bytes)
            abort();
    }
    rnet_capture_close(capture);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    const int fd = fuzz_file(data, size, path);

    read_all(path);
    close(fd);
    return 0;
}
