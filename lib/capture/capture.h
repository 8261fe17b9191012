/* Capture, inside: a capture is one source or several, each a file read by libpcap, or live. */
#ifndef RNET_CAPTURE_INTERNAL_H
#define RNET_CAPTURE_INTERNAL_H

#include "base/base.h"

#include <ruralnet/capture.h>

#include <pcap/pcap.h>
#include <stdio.h>

#define RNET_DAY_NS (INT64_C(86400) * RNET_NS_PER_S)

/*
 * The bytes of one file, expanded if need be. libpcap reads `file`; for a compressed input that is
 * a stream whose read function expands `raw`. Why expansion ended early is kept here, because
 * stdio can only say "error".
 */
struct rnet_input {
    FILE *file;
    FILE *raw;
    struct rnet_expansion *expansion; /* NULL = plain; owned by `file` */
    uint64_t total_bytes;             /* of raw; 0 = not known */
};

/* What went wrong with the bytes themselves; status RNET_OK = nothing, and no words. */
struct rnet_input_failure {
    enum rnet_status
        status; /* RNET_EIO, RNET_EFULL, RNET_PARTIAL, RNET_EINTERRUPTED, RNET_ENOMEM */
    bool cut;   /* with RNET_PARTIAL: ends early, rather than damaged */
    char words[160];
};

/* "-" is standard input. On failure nothing needs closing. */
enum rnet_status
rnet_input_open(struct rnet_input *input, const char *path,
                const struct rnet_capture_options *options, struct rnet_error *err);
/* Ask after reading `file` came to an end or failed. */
struct rnet_input_failure
rnet_input_failed(const struct rnet_input *input);
/* Bytes read of raw. */
uint64_t
rnet_input_done(const struct rnet_input *input);
/* Close; `file` unless libpcap has closed it already (then pass false). */
void
rnet_input_close(struct rnet_input *input, bool close_file);

enum rnet_compression { RNET_COMPRESSION_GZIP, RNET_COMPRESSION_ZSTD };

/* A stream of what `raw` expands to; closing it frees the expansion, but not raw. NULL: no memory.
 */
FILE *
rnet_expansion_open(FILE *raw, enum rnet_compression compression,
                    const struct rnet_capture_options *options, struct rnet_expansion **expansion);
const struct rnet_input_failure *
rnet_expansion_failure(const struct rnet_expansion *expansion);
uint64_t
rnet_expansion_read_bytes(const struct rnet_expansion *expansion);

/* One file (or standard input) and its next packet. */
struct rnet_source {
    struct rnet_input input;
    pcap_t *pcap;
    char *name;      /* for messages */
    uint64_t number; /* of the packet in `next` */
    struct rnet_packet next;
    enum rnet_status status;   /* of the last read: RNET_OK while `next` holds a packet */
    struct rnet_error failure; /* words for a status other than RNET_OK and RNET_END */
};

/* Three steps, in this order. On failure only the first leaves nothing to close.
 * Open the file and look at no more of it than says whether it is compressed. */
enum rnet_status
rnet_source_open(struct rnet_source *source, const char *path,
                 const struct rnet_capture_options *options, struct rnet_error *err);
/* Read the file's header, check the link type, set the filter. */
enum rnet_status
rnet_source_begin(struct rnet_source *source, const char *filter, struct rnet_notices *notices,
                  struct rnet_error *err);
/* Read the first packet, so that what libpcap refuses is known at once. */
enum rnet_status
rnet_source_read_first(struct rnet_source *source, struct rnet_notices *notices,
                       struct rnet_error *err);
void
rnet_source_close(struct rnet_source *source);
/* Read one packet into source->next, set and return source->status. */
enum rnet_status
rnet_source_read(struct rnet_source *source, struct rnet_notices *notices);

/* Shared by files and interfaces. */
enum rnet_status
rnet_pcap_check_link_type(pcap_t *pcap, const char *name, struct rnet_error *err);
enum rnet_status
rnet_pcap_set_filter(pcap_t *pcap, const char *filter, struct rnet_error *err);
struct rnet_packet
rnet_pcap_packet(const struct pcap_pkthdr *header, const uint8_t *data, int link_type);
/* libpcap's words for a file it refuses to go on with, turned into what the user can do. Answers
 * false (err untouched) when the words are of another kind. */
bool
rnet_pcap_advice(const char *words, const char *name, struct rnet_error *err);

/* A live interface. */
struct rnet_live {
    pcap_t *pcap;
    int wait_ms;
    int64_t ends_ns;             /* monotonic; INT64_MAX = never */
    const volatile int *stop;    /* may be NULL */
    int64_t looked_s; /* when the counters were last looked at, by the packets' stamps */
    struct rnet_counter {
        uint64_t total;
        uint32_t seen;
    } received, dropped, interface_dropped;
    bool counts; /* the driver answers */
    uint64_t wire_bytes; /* of the packets read */
};

/*
 * Take a new reading of a 32-bit counter into the 64-bit total. A step of more than half the range
 * is no wrap but a driver's nonsense or reset (tcpdump#787 shows 4294965006): taken as 0.
 */
void
rnet_counter_advance(struct rnet_counter *counter, uint32_t reading);

enum rnet_status
rnet_live_open(struct rnet_live *live, const char *interface,
               const struct rnet_live_options *options, struct rnet_error *err);
enum rnet_status
rnet_live_read(struct rnet_live *live, struct rnet_packet *packet, struct rnet_notices *notices,
               struct rnet_error *err);
/* Look at the driver's counters; drops since the last look become notices. */
void
rnet_live_poll_counters(struct rnet_live *live, struct rnet_notices *notices);
void
rnet_live_close(struct rnet_live *live);

#endif
