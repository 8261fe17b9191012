#include "base/base.h"

static uint64_t
mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct rnet_random
rnet_random_stream(uint64_t seed, uint64_t node_id)
{
    return (struct rnet_random){mix(mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^
                                    mix(node_id * UINT64_C(0xd1342543de82ef95) + 1))};
}

uint64_t
rnet_random_u64(struct rnet_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(random->state);
}

double
rnet_random_unit(struct rnet_random *random)
{
    return (double)(rnet_random_u64(random) >> 11) * 0x1.0p-53;
}

uint64_t
rnet_random_below(struct rnet_random *random, uint64_t bound)
{
    /* Numbers below 2^64 mod bound would favour small results: draw again. */
    const uint64_t biased = (UINT64_MAX - bound + 1) % bound;
    uint64_t x;

    do
        x = rnet_random_u64(random);
    while (x < biased);
    return x % bound;
}
