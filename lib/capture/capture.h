/* Capture, inside: a capture is one source or several, each a file read by libpcap. */
#ifndef RNET_CAPTURE_INTERNAL_H
#define RNET_CAPTURE_INTERNAL_H

#include "base/base.h"

#include <ruralnet/capture.h>

#include <pcap/pcap.h>

/* One file (or standard input) and its next packet. */
struct rnet_source {
    pcap_t *pcap;
    FILE *file;           /* what libpcap reads from; closed with pcap */
    char *name;           /* for messages */
    uint64_t number;      /* of the packet in `next` */
    uint64_t total_bytes; /* of the file; 0 = not known */
    uint64_t read_bytes;  /* where the file cannot tell */
    struct rnet_packet next;
    int link_type;
};

/* Opens, checks the link type, sets the filter. On failure nothing needs closing. */
enum rnet_status
rnet_source_open(struct rnet_source *source, const char *path,
                 const struct rnet_capture_options *options, struct rnet_error *err);
void
rnet_source_close(struct rnet_source *source);
/* Read one packet into source->next. RNET_OK, RNET_END, or as rnet_capture_next(). */
enum rnet_status
rnet_source_read(struct rnet_source *source, struct rnet_notices *notices, struct rnet_error *err);

#endif
