#include "observe/digest.h"

void
digest_packet(XXH3_state_t *digest, const struct rnet_packet *packet)
{
    uint8_t head[20];

    for (int i = 0; i < 8; i++)
        head[i] = (uint8_t)((uint64_t)packet->time_ns >> (8 * i));
    for (int i = 0; i < 4; i++) {
        head[8 + i] = (uint8_t)(packet->captured_bytes >> (8 * i));
        head[12 + i] = (uint8_t)(packet->wire_bytes >> (8 * i));
        head[16 + i] = (uint8_t)((uint32_t)packet->link_type >> (8 * i));
    }
    XXH3_128bits_update(digest, head, sizeof head);
    XXH3_128bits_update(digest, packet->data, packet->captured_bytes);
}
