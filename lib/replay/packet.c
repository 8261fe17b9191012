#include "replay/packet.h"

void
rnet_packet_pool_init(struct rnet_packet_pool *pool)
{
    *pool = (struct rnet_packet_pool){.free = RNET_NONE};
}

void
rnet_packet_pool_clear(struct rnet_packet_pool *pool)
{
    rnet_free(pool->packets);
    rnet_packet_pool_init(pool);
}

uint32_t
rnet_packet_take(struct rnet_packet_pool *pool)
{
    uint32_t index = pool->free;

    if (index != RNET_NONE) {
        pool->free = pool->packets[index].next;
        return index;
    }
    if (pool->used >= RNET_NONE - 1 ||
        rnet_array_reserve((void **)&pool->packets, &pool->capacity, pool->used + 1,
                           sizeof *pool->packets) != RNET_OK) {
        pool->out_of_memory = true;
        return RNET_NONE;
    }
    return (uint32_t)pool->used++;
}

void
rnet_packet_give_back(struct rnet_packet_pool *pool, uint32_t index)
{
    pool->packets[index].next = pool->free;
    pool->free = index;
}
