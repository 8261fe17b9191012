#include "capture/capture.h"

#include <string.h>

/* Words and notice for an input whose bytes failed, as opposed to their meaning. */
static enum rnet_status
bytes_failed(struct rnet_source *source, const struct rnet_input_failure *failure,
             struct rnet_notices *notices)
{
    if (failure->status == RNET_PARTIAL)
        rnet_notice_add(notices,
                        failure->cut ? RNET_NOTICE_TRUNCATED_FILE : RNET_NOTICE_DAMAGED_FILE);
    if (failure->status == RNET_EFULL)
        rnet_notice_add(notices, RNET_NOTICE_LIMIT_REACHED);
    return rnet_error_set(&source->failure, failure->status, "%s: after packet %llu: %s",
                          source->name, (unsigned long long)source->number, failure->words);
}

/*
 * libpcap could not go on. Before the first packet that makes a file unusable; behind it, what was
 * read stands.
 */
static enum rnet_status
read_failed(struct rnet_source *source, struct rnet_notices *notices)
{
    const struct rnet_input_failure failure = rnet_input_failed(&source->input);
    const char *words = pcap_geterr(source->pcap);

    source->failure.packet = source->number;
    if (failure.status != RNET_OK)
        return bytes_failed(source, &failure, notices);
    if (rnet_pcap_advice(words, source->name, &source->failure)) {
        if (source->number == 0)
            return RNET_EUNSUPPORTED;
        rnet_notice_add(notices, RNET_NOTICE_DAMAGED_FILE);
        return source->failure.status = RNET_PARTIAL;
    }
    rnet_notice_add(notices, strncmp(words, "truncated dump file", 19) == 0
                                 ? RNET_NOTICE_TRUNCATED_FILE
                                 : RNET_NOTICE_DAMAGED_FILE);
    return rnet_error_set(&source->failure, RNET_PARTIAL, "%s: after packet %llu: %s", source->name,
                          (unsigned long long)source->number, words);
}

enum rnet_status
rnet_source_read(struct rnet_source *source, struct rnet_notices *notices)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    const int got = pcap_next_ex(source->pcap, &header, &data);

    if (got == 1) {
        source->next = rnet_pcap_packet(header, data, source->next.link_type);
        source->number++;
        return source->status = RNET_OK;
    }
    /* A compressed file that ends early between two packets looks like an end to libpcap. */
    if (got == PCAP_ERROR_BREAK && rnet_input_failed(&source->input).status == RNET_OK)
        return source->status = RNET_END;
    return source->status = read_failed(source, notices);
}

static enum rnet_status
open_pcap(struct rnet_source *source, struct rnet_notices *notices, struct rnet_error *err)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    struct rnet_input_failure failure;

    source->pcap = pcap_fopen_offline_with_tstamp_precision(source->input.file,
                                                            PCAP_TSTAMP_PRECISION_NANO, words);
    if (source->pcap != NULL)
        return RNET_OK;
    failure = rnet_input_failed(&source->input);
    if (failure.status == RNET_EFULL)
        rnet_notice_add(notices, RNET_NOTICE_LIMIT_REACHED);
    if (failure.status != RNET_OK)
        return rnet_error_set(err, failure.status == RNET_PARTIAL ? RNET_EFORMAT : failure.status,
                              "%s: %s", source->name, failure.words);
    if (strcmp(words, "unknown file format") == 0)
        return rnet_error_set(err, RNET_EFORMAT,
                              "%s: not a capture (neither pcap nor pcapng, plain or compressed "
                              "with gzip or zstd)",
                              source->name);
    return rnet_error_set(err, RNET_EFORMAT, "%s: %s", source->name, words);
}

enum rnet_status
rnet_source_read_first(struct rnet_source *source, struct rnet_notices *notices,
                       struct rnet_error *err)
{
    rnet_source_read(source, notices);
    if (source->status != RNET_EUNSUPPORTED)
        return RNET_OK;
    if (err != NULL)
        *err = source->failure;
    return RNET_EUNSUPPORTED;
}

enum rnet_status
rnet_source_open(struct rnet_source *source, const char *path,
                 const struct rnet_capture_options *options, struct rnet_error *err)
{
    enum rnet_status status;

    *source = (struct rnet_source){0};
    source->name = rnet_strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    if (source->name == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", path);
    status = rnet_input_open(&source->input, path, options, err);
    if (status != RNET_OK)
        rnet_source_close(source);
    return status;
}

enum rnet_status
rnet_source_begin(struct rnet_source *source, const char *filter, struct rnet_notices *notices,
                  struct rnet_error *err)
{
    enum rnet_status status = open_pcap(source, notices, err);

    if (status == RNET_OK)
        status = rnet_pcap_check_link_type(source->pcap, source->name, err);
    if (status == RNET_OK)
        status = rnet_pcap_set_filter(source->pcap, filter, err);
    if (status == RNET_OK)
        source->next.link_type = pcap_datalink(source->pcap);
    return status;
}

void
rnet_source_close(struct rnet_source *source)
{
    const bool pcap_closes = source->pcap != NULL;

    if (pcap_closes)
        pcap_close(source->pcap); /* closes the file too, unless it is stdin */
    rnet_input_close(&source->input, !pcap_closes);
    rnet_free(source->name);
    *source = (struct rnet_source){0};
}
