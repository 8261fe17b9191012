/*
 * Any bytes as a saved profile. Its checksum is made right first, which random bytes never are:
 * what is read must be a demand that a replay may rely on, and be written again as it was read.
 */
#include "fuzz.h"

#include <ruralnet/assess.h>
#include <ruralnet/profile.h>

#include <string.h>
#include <zlib.h>

#define CRC_BYTES 4

static void
replay(struct rnet_profile *profile)
{
    static const char *const lines[] = {"adsl-2m"};
    static const volatile int stop = 0;
    const struct rnet_assess_options options = {.links = lines,
                                                .link_count = 1,
                                                .replications = 2, /* the second with jitter */
                                                .threads = 1,
                                                .no_causes = true,
                                                .max_cpu_ns = RNET_NS_PER_S,
                                                .stop = &stop};
    struct rnet_assessment assessment = {0};
    struct rnet_error err = {0};

    fuzz_reached++;
    fuzz_expect_words(rnet_assess(profile, &options, &assessment, &err), &err);
    rnet_assessment_clear(&assessment);
}

static void
check(struct rnet_profile *profile)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    struct rnet_demand demand = {0};
    struct rnet_error err = {0};
    const enum rnet_status status =
        rnet_profile_demand(profile, summary->begin_ns, summary->end_ns, &demand, &err);

    fuzz_expect_words(status, &err);
    if (status == RNET_OK && rnet_demand_check(&demand, &err) != RNET_OK)
        abort();
    if (status == RNET_OK && demand.message_count + demand.datagram_count < 1000)
        replay(profile);
    rnet_demand_clear(&demand);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    uint8_t *whole = malloc(size + CRC_BYTES);
    const uLong crc = crc32(crc32(0, NULL, 0), data, (uInt)size);
    enum rnet_status status;

    if (whole == NULL)
        exit(1);
    memcpy(whole, data, size);
    for (int i = 0; i < CRC_BYTES; i++)
        whole[size + (size_t)i] = (uint8_t)(crc >> (8 * i));
    fuzz_begin_failing(data, size);
    status = rnet_profile_read(whole, size + CRC_BYTES, &profile, &err);
    fuzz_expect_words(status, &err);
    if (status == RNET_OK)
        check(profile);
    rnet_profile_free(profile);
    fuzz_end_failing();
    free(whole);
    return 0;
}
