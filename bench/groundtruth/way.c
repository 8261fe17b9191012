/* One direction of a line: queue, serialiser by ATM cells, delay. */
#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

void
list_append(struct list *list, struct packet *packet)
{
    packet->next = NULL;
    if (list->last != NULL)
        list->last->next = packet;
    else
        list->first = packet;
    list->last = packet;
}

struct packet *
list_take(struct list *list)
{
    struct packet *packet = list->first;

    if (packet == NULL)
        return NULL;
    list->first = packet->next;
    if (list->first == NULL)
        list->last = NULL;
    return packet;
}

bool
line_parse(const char *name, struct line_spec *spec)
{
    unsigned down_kbps, up_kbps, delay_ms, down_kib, up_kib;
    const int read =
        sscanf(name, "adsl:%u/%u,%u,%uk/%uk", &down_kbps, &up_kbps, &delay_ms, &down_kib, &up_kib);

    if (strcmp(name, "fast") == 0) {
        *spec = (struct line_spec){{400000000, 400000000}, {1024000, 1024000}, 0, false, false};
        return true;
    }
    if (read < 4 || down_kbps == 0 || up_kbps == 0)
        return false;
    *spec = (struct line_spec){
        .rate_bps = {up_kbps * UINT64_C(1000), down_kbps * UINT64_C(1000)},
        .buffer_bytes = {(read == 5 ? up_kib : down_kib) * UINT64_C(1024), down_kib * UINT64_C(1024)},
        .delay_ns = delay_ms * INT64_C(1000000),
        .atm = true,
        .fair = strstr(name, ",fqcodel") != NULL};
    return true;
}

bool
way_init(struct way *way, const struct line_spec *spec, int side)
{
    *way = (struct way){.spec = *spec, .side = side};
    if (spec->fair)
        way->fair = fq_new();
    return !spec->fair || way->fair != NULL;
}

void
way_clear(struct way *way)
{
    struct packet *packet;

    while ((packet = list_take(&way->tail)) != NULL || (packet = list_take(&way->sent)) != NULL)
        free(packet);
    free(way->serving);
    fq_free(way->fair);
    *way = (struct way){0};
}

int64_t
way_serialisation_ns(const struct way *way, uint32_t bytes)
{
    const uint64_t wire_bytes = way->spec.atm ? 53 * ((bytes + UINT64_C(40) + 47) / 48) : bytes;

    return (int64_t)(wire_bytes * 8 * (uint64_t)SECOND / way->spec.rate_bps[way->side]);
}

/* Begin to send the next queued packet at the moment the line became free. */
static void
serve(struct way *way, int64_t now_ns)
{
    uint64_t dropped = 0;
    struct packet *packet =
        way->fair != NULL ? fq_take(way->fair, now_ns, &dropped) : list_take(&way->tail);

    way->dropped += dropped;
    way->queued_packets -= dropped;
    way->serving = packet;
    if (packet == NULL)
        return;
    if (now_ns - packet->arrived_ns > way->max_queue_ns)
        way->max_queue_ns = now_ns - packet->arrived_ns;
    packet->due_ns = now_ns + way_serialisation_ns(way, packet->bytes);
}

/* Let every packet whose serialisation has ended by now leave for the other end. */
static void
advance(struct way *way, int64_t now_ns)
{
    while (way->serving != NULL && way->serving->due_ns <= now_ns) {
        struct packet *packet = way->serving;
        const int64_t free_ns = packet->due_ns;

        way->queued_bytes -= packet->bytes;
        way->queued_packets--;
        packet->due_ns += way->spec.delay_ns;
        list_append(&way->sent, packet);
        serve(way, free_ns);
    }
}

void
way_put(struct way *way, struct packet *packet, int64_t now_ns)
{
    advance(way, now_ns);
    way->in++;
    packet->arrived_ns = now_ns;
    if (!way->spec.fair && way->queued_bytes + packet->bytes > way->spec.buffer_bytes[way->side]) {
        way->dropped++;
        free(packet);
        return;
    }
    way->queued_packets++;
    way->queued_bytes += packet->bytes; /* means something with drop tail only */
    if (way->fair != NULL)
        fq_put(way->fair, packet);
    else
        list_append(&way->tail, packet);
    if (way->serving == NULL)
        serve(way, now_ns);
}

struct packet *
way_take(struct way *way, int64_t now_ns)
{
    advance(way, now_ns);
    if (way->sent.first == NULL || way->sent.first->due_ns > now_ns)
        return NULL;
    way->out++;
    return list_take(&way->sent);
}

int64_t
way_next_ns(const struct way *way)
{
    const int64_t sent_ns = way->sent.first != NULL ? way->sent.first->due_ns : NO_TIME;
    const int64_t served_ns = way->serving != NULL ? way->serving->due_ns : NO_TIME;

    return sent_ns < served_ns ? sent_ns : served_ns;
}
