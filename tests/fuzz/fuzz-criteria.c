/* Any bytes as a criteria file. */
#include "fuzz.h"

#include <ruralnet/verdict.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rnet_criteria criteria = {0};
    struct rnet_error err = {0};
    enum rnet_status status;
    char path[64];
    const int fd = fuzz_file(data, size, path);

    fuzz_begin_failing(data, size);
    status = rnet_criteria_load(NULL, path, &criteria, &err);
    fuzz_end_failing();
    fuzz_expect_words(status, &err);
    fuzz_reached += status == RNET_OK;
    for (size_t i = 0; i < criteria.count; i++)
        if (!rnet_is_printable(criteria.items[i].id) || !rnet_is_printable(criteria.items[i].name))
            abort();
    rnet_criteria_clear(&criteria);
    close(fd);
    return 0;
}
