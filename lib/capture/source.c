#include "capture/capture.h"

#include <ruralnet/packet.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Beyond these seconds (year 2255) nanoseconds since 1970 leave 63 bits soon; chosen. */
#define MAX_SECONDS INT64_C(9000000000)

static enum rnet_status
open_file(struct rnet_source *source, const char *path, struct rnet_error *err)
{
    struct stat about;

    if (strcmp(path, "-") == 0) {
        source->file = stdin;
        return RNET_OK;
    }
    source->file = fopen(path, "rb");
    if (source->file == NULL)
        return rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    if (fstat(fileno(source->file), &about) == 0 && S_ISREG(about.st_mode))
        source->total_bytes = (uint64_t)about.st_size;
    return RNET_OK;
}

static enum rnet_status
check_link_type(struct rnet_source *source, struct rnet_error *err)
{
    const char *name;

    source->link_type = pcap_datalink(source->pcap);
    if (rnet_link_type_is_known(source->link_type))
        return RNET_OK;
    name = pcap_datalink_val_to_description_or_dlt(source->link_type);
    return rnet_error_set(err, RNET_EUNSUPPORTED, "%s: link type %d (%s) is not read", source->name,
                          source->link_type, name);
}

static enum rnet_status
set_filter(struct rnet_source *source, const char *filter, struct rnet_error *err)
{
    struct bpf_program program;
    enum rnet_status status = RNET_OK;

    if (filter == NULL)
        return RNET_OK;
    if (pcap_compile(source->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return rnet_error_set(err, RNET_EINVAL, "filter \"%s\": %s", filter,
                              pcap_geterr(source->pcap));
    if (pcap_setfilter(source->pcap, &program) != 0)
        status = rnet_error_set(err, RNET_EINVAL, "filter \"%s\": %s", filter,
                                pcap_geterr(source->pcap));
    pcap_freecode(&program);
    return status;
}

static enum rnet_status
open_pcap(struct rnet_source *source, struct rnet_error *err)
{
    char words[PCAP_ERRBUF_SIZE] = "";

    source->pcap =
        pcap_fopen_offline_with_tstamp_precision(source->file, PCAP_TSTAMP_PRECISION_NANO, words);
    if (source->pcap == NULL)
        return rnet_error_set(err, RNET_EFORMAT, "%s: %s", source->name, words);
    return RNET_OK;
}

enum rnet_status
rnet_source_open(struct rnet_source *source, const char *path,
                 const struct rnet_capture_options *options, struct rnet_error *err)
{
    enum rnet_status status;

    *source = (struct rnet_source){0};
    source->name = rnet_strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    if (source->name == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    status = open_file(source, path, err);
    if (status == RNET_OK)
        status = open_pcap(source, err);
    if (status == RNET_OK)
        status = check_link_type(source, err);
    if (status == RNET_OK)
        status = set_filter(source, options->filter, err);
    if (status != RNET_OK)
        rnet_source_close(source);
    return status;
}

void
rnet_source_close(struct rnet_source *source)
{
    if (source->pcap != NULL)
        pcap_close(source->pcap); /* closes the file too, unless it is stdin */
    else if (source->file != NULL && source->file != stdin)
        fclose(source->file);
    rnet_free(source->name);
    *source = (struct rnet_source){0};
}

/*
 * Classic files hold 32 bits of seconds, which libpcap takes as signed: past January 2038 they come
 * out negative. Fractions are not checked by anyone and may be anything.
 */
static int64_t
time_of(const struct pcap_pkthdr *header)
{
    int64_t seconds = header->ts.tv_sec;

    if (seconds < 0 && seconds >= INT32_MIN)
        seconds += INT64_C(1) << 32;
    if (seconds < 0)
        seconds = 0;
    if (seconds > MAX_SECONDS)
        seconds = MAX_SECONDS;
    return seconds * RNET_NS_PER_S + (int32_t)header->ts.tv_usec;
}

static enum rnet_status
read_failed(struct rnet_source *source, struct rnet_notices *notices, struct rnet_error *err)
{
    const char *words = pcap_geterr(source->pcap);

    if (ferror(source->file))
        return rnet_error_set(err, RNET_EIO, "%s: %s", source->name, words);
    rnet_notice_add(notices, strncmp(words, "truncated dump file", 19) == 0
                                 ? RNET_NOTICE_TRUNCATED_FILE
                                 : RNET_NOTICE_DAMAGED_FILE);
    rnet_error_set(err, RNET_PARTIAL, "%s: after packet %llu: %s", source->name,
                   (unsigned long long)source->number, words);
    if (err != NULL)
        err->packet = source->number;
    return RNET_PARTIAL;
}

enum rnet_status
rnet_source_read(struct rnet_source *source, struct rnet_notices *notices, struct rnet_error *err)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    const int got = pcap_next_ex(source->pcap, &header, &data);

    if (got == PCAP_ERROR_BREAK)
        return RNET_END;
    if (got != 1)
        return read_failed(source, notices, err);
    source->number++;
    source->read_bytes += header->caplen;
    source->next = (struct rnet_packet){
        .data = data,
        .number = source->number,
        .time_ns = time_of(header),
        .captured_bytes = header->caplen,
        .wire_bytes = header->len > header->caplen ? header->len : header->caplen,
        .link_type = source->link_type,
    };
    return RNET_OK;
}
