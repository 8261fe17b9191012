/* Any words as a link specification: what is accepted must be a line that packets
 * can cross, and its canonical form must say the same line. */
#include "fuzz.h"

#include <ruralnet/link.h>

#include <string.h>

static void
check(const struct rnet_link *link)
{
    static const uint32_t sizes[] = {1, 40, 1500, 65575};

    struct rnet_link again;

    if (rnet_link_parse(link->specification, &again, NULL) != RNET_OK)
        abort();
    memcpy(again.name, link->name, sizeof again.name);
    if (memcmp(&again, link, sizeof again) != 0)
        abort();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (rnet_link_wire_bytes(link, sizes[i]) < sizes[i])
            abort();
        for (int d = 0; d < RNET_DIRECTIONS; d++)
            /* At 800 Gbit/s a byte takes less than half a nanosecond. */
            if (rnet_link_serialise_ns(link, (enum rnet_direction)d, sizes[i]) < 0 ||
                rnet_link_service_ns(link, (enum rnet_direction)d, sizes[i]) < 0)
                abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rnet_error err = {0};
    struct rnet_link link;
    enum rnet_status status;
    char *text = malloc(size + 1);

    if (text == NULL)
        exit(1);
    memcpy(text, data, size);
    text[size] = '\0';
    fuzz_begin_failing(data, size);
    status = rnet_link_parse(text, &link, &err);
    fuzz_end_failing();
    fuzz_expect_words(status, &err);
    if (status == RNET_OK) {
        fuzz_reached++;
        check(&link);
    }
    free(text);
    return 0;
}
