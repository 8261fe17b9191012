/*
 * A line between two networks, as a model with its own clock (nanoseconds, never running backwards)
 * so that it can be checked against theory without waiting; line.c moves real packets through it.
 *
 * A way is one direction: queue, serialiser, delay. Its invariant: packets in = out + dropped +
 * queued, the one in service counting as queued.
 */
#ifndef GROUNDTRUTH_LINE_H
#define GROUNDTRUTH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_TIME INT64_MAX

struct packet {
    struct packet *next;
    int64_t arrived_ns; /* at the queue */
    int64_t due_ns;     /* when it leaves the stage it is in */
    uint32_t bytes;     /* of IP */
    uint8_t data[];
};

struct list {
    struct packet *first, *last;
};

void list_append(struct list *list, struct packet *packet);
struct packet *list_take(struct list *list); /* NULL when empty */

struct fq; /* fq_codel's queues */

struct fq *fq_new(void);
void fq_free(struct fq *fq);
void fq_put(struct fq *fq, struct packet *packet);
/* The next packet to send, or NULL. *dropped grows by what CoDel dropped on the way. */
struct packet *fq_take(struct fq *fq, int64_t now_ns, uint64_t *dropped);

/* What a line is; parsed from "fast" or "adsl:DOWN/UP,DELAY,DOWNk[/UPk][,fqcodel]": kbit/s, ms, KiB. */
struct line_spec {
    uint64_t rate_bps[2]; /* up, down */
    uint64_t buffer_bytes[2];
    int64_t delay_ns;
    bool atm; /* 48-byte cells in 53, after 40 bytes of PPPoE LLC/SNAP; else the IP bytes alone */
    bool fair; /* fq_codel */
};

bool line_parse(const char *name, struct line_spec *spec);

struct way {
    struct line_spec spec;
    int side; /* 0 up, 1 down */
    struct list tail;  /* drop tail's queue */
    struct fq *fair;   /* or fq_codel's */
    struct packet *serving;
    struct list sent; /* serialised, under way to the other end; due_ns in order */
    uint64_t queued_bytes, queued_packets;
    uint64_t in, out, dropped;
    int64_t max_queue_ns; /* own serialisation excluded */
};

bool way_init(struct way *way, const struct line_spec *spec, int side);
void way_clear(struct way *way);
/* Time it takes to put a packet of that many IP bytes on the line. */
int64_t way_serialisation_ns(const struct way *way, uint32_t bytes);
/* Offer a packet, which the way then owns (and frees when it drops it). */
void way_put(struct way *way, struct packet *packet, int64_t now_ns);
/* The next packet that has crossed by now_ns; NULL if none has. The caller owns it. */
struct packet *way_take(struct way *way, int64_t now_ns);
/* When something happens next by itself; NO_TIME = never. */
int64_t way_next_ns(const struct way *way);

#endif
