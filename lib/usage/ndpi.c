/* The only file that sees nDPI. Written for 4.2 (Debian 12); what later versions changed is
 * confined to the first screen. */
#include "usage/dpi.h"

#include "base/base.h"
#include "usage/table.h"

#include <ndpi/ndpi_api.h>

#include <ctype.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From memory of nDPI's change log: 4.4 added an argument with what the caller knows already, 4.8
 * dropped the wish to guess from ndpi_detection_giveup(). */
#if NDPI_MAJOR > 4 || (NDPI_MAJOR == 4 && NDPI_MINOR >= 4)
#define PROCESS_PACKET(m, f, data, bytes, ms)                                                      \
    ndpi_detection_process_packet(m, f, data, bytes, ms, NULL)
#else
#define PROCESS_PACKET(m, f, data, bytes, ms) ndpi_detection_process_packet(m, f, data, bytes, ms)
#endif
#if NDPI_MAJOR > 4 || (NDPI_MAJOR == 4 && NDPI_MINOR >= 8)
#define GIVE_UP(m, f, guessed) ndpi_detection_giveup(m, f, guessed)
#else
#define GIVE_UP(m, f, guessed) ndpi_detection_giveup(m, f, 1, guessed)
#endif

/* Packets with payload after which ndpiReader 4.2 gives up (its max_num_tcp_dissected_pkts and
 * max_num_udp_dissected_pkts). */
#define TCP_PACKETS_MAX 80
#define UDP_PACKETS_MAX 24

/* An opinion found by an address of nDPI's own, undated list is worth less than one of ours. */
#define BY_ADDRESS_RATIO 0.85f

struct rnet_dpi {
    struct ndpi_detection_module_struct *module;
    struct rnet_opinion *protocols; /* by nDPI's number */
    size_t protocol_count;
};

struct rnet_dpi_flow {
    struct ndpi_flow_struct *ndpi;
    ndpi_protocol found;
    uint16_t packets; /* with payload */
};

static enum rnet_status
take_protocol(struct rnet_dpi *dpi, const struct rnet_table_line *line,
              const struct rnet_opinion *opinion)
{
    for (size_t i = 0; i < dpi->protocol_count; i++) {
        const char *name = ndpi_get_proto_name(dpi->module, (u_int16_t)i);

        if (name != NULL && strcmp(name, line->field[1]) == 0)
            dpi->protocols[i] = *opinion;
    }
    return RNET_OK; /* another version of nDPI may not know this one: no offence */
}

static enum rnet_status
take_category(struct rnet_dpi *dpi, const struct rnet_table_line *line,
              const struct rnet_opinion *opinion)
{
    const ndpi_proto_defaults_t *defaults = ndpi_get_proto_defaults(dpi->module);

    for (size_t i = 0; i < dpi->protocol_count; i++) {
        const char *name = ndpi_category_get_name(dpi->module, defaults[i].protoCategory);

        if (dpi->protocols[i].confidence <= 0 && name != NULL && strcmp(name, line->field[1]) == 0)
            dpi->protocols[i] = *opinion;
    }
    return RNET_OK;
}

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct rnet_opinion opinion = {.evidence = RNET_EVIDENCE_PROTOCOL};
    enum rnet_status status;

    if (line->fields != 4)
        return rnet_table_refuse(err, line, "4 fields are needed, not %zu", line->fields);
    status = rnet_table_usage(line, 2, &opinion.usage, err);
    if (status == RNET_OK)
        status = rnet_table_confidence(line, 3, &opinion.confidence, err);
    if (status != RNET_OK)
        return status;
    rnet_table_note(line, RNET_TABLE_PROTOCOLS, &opinion);
    if (strcmp(line->field[0], "protocol") == 0)
        return take_protocol(context, line, &opinion);
    if (strcmp(line->field[0], "category") == 0)
        return take_category(context, line, &opinion);
    return rnet_table_refuse(err, line, "'protocol' or 'category' is needed, not '%.40s'",
                             line->field[0]);
}

/*
 * nDPI 4.2 does not survive a failed allocation while it sets itself up (it goes on, or asserts on
 * the way back): leave from inside instead. What the half-made module holds, at most 6 MB, cannot
 * be freed and is lost with it. Elsewhere the allocator is the C library's.
 */
static _Thread_local jmp_buf *without_memory;

static void *
allocate(size_t bytes)
{
    void *memory = malloc(bytes);

    if (memory == NULL && without_memory != NULL)
        longjmp(*without_memory, 1);
    return memory;
}

static bool
set_up(struct rnet_dpi *dpi)
{
    jmp_buf way_back;
    NDPI_PROTOCOL_BITMASK all;

    set_ndpi_malloc(allocate);
    without_memory = &way_back;
    if (setjmp(way_back) != 0) {
        without_memory = NULL;
        dpi->module = NULL;
        return false;
    }
    dpi->module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
    if (dpi->module != NULL) {
        NDPI_BITMASK_SET_ALL(all);
        ndpi_set_protocol_detection_bitmask2(dpi->module, &all);
        ndpi_finalize_initialization(dpi->module);
    }
    without_memory = NULL;
    return dpi->module != NULL;
}

static enum rnet_status
open_module(struct rnet_dpi *dpi)
{
    if (!set_up(dpi))
        return RNET_ENOMEM;
    dpi->protocol_count = ndpi_get_num_supported_protocols(dpi->module);
    dpi->protocols = rnet_alloc_zero(dpi->protocol_count, sizeof *dpi->protocols);
    return dpi->protocols != NULL ? RNET_OK : RNET_ENOMEM;
}

enum rnet_status
rnet_dpi_new(const char *directory, struct rnet_dpi **dpi, struct rnet_error *err)
{
    struct rnet_dpi *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status = made != NULL ? open_module(made) : RNET_ENOMEM;

    if (status != RNET_OK)
        rnet_error_set(err, status, "protocol detection: %s", rnet_status_text(status));
    else
        status =
            rnet_table_read(directory, rnet_table_name(RNET_TABLE_PROTOCOLS), take_line, made, err);
    if (status != RNET_OK) {
        rnet_dpi_free(made);
        return status;
    }
    *dpi = made;
    return RNET_OK;
}

void
rnet_dpi_free(struct rnet_dpi *dpi)
{
    if (dpi == NULL)
        return;
    if (dpi->module != NULL)
        ndpi_exit_detection_module(dpi->module);
    rnet_free(dpi->protocols);
    rnet_free(dpi);
}

struct rnet_dpi_flow *
rnet_dpi_flow_new(void)
{
    struct rnet_dpi_flow *flow = rnet_alloc_zero(1, sizeof *flow);

    if (flow == NULL)
        return NULL;
    /* nDPI frees it, so nDPI's own allocator must make it. */
    flow->ndpi = ndpi_flow_malloc(SIZEOF_FLOW_STRUCT);
    if (flow->ndpi == NULL) {
        rnet_free(flow);
        return NULL;
    }
    memset(flow->ndpi, 0, SIZEOF_FLOW_STRUCT);
    return flow;
}

void
rnet_dpi_flow_free(struct rnet_dpi_flow *flow)
{
    if (flow == NULL)
        return;
    ndpi_free_flow(flow->ndpi);
    rnet_free(flow);
}

/*
 * nDPI parses the IP header again. A packet in which it would find another transport than we did
 * (extension headers, damage) must not reach it: two transports in one of its flows crash 4.2.
 */
static bool
is_safe(const struct rnet_headers *headers)
{
    if (headers->ip == NULL || headers->is_later_fragment || !headers->has_transport)
        return false;
    if (headers->source.version == 4)
        return headers->ip_captured_bytes >= 20 && headers->ip[0] >> 4 == 4 &&
               headers->ip[9] == headers->protocol;
    return headers->ip_captured_bytes >= 40 && headers->ip[0] >> 4 == 6 &&
           headers->ip[6] == headers->protocol;
}

bool
rnet_dpi_feed(struct rnet_dpi *dpi, struct rnet_dpi_flow *flow, const struct rnet_headers *headers)
{
    const uint32_t bytes =
        headers->ip_captured_bytes < UINT16_MAX ? headers->ip_captured_bytes : UINT16_MAX;
    const uint16_t limit =
        headers->protocol == RNET_IPPROTO_TCP ? TCP_PACKETS_MAX : UDP_PACKETS_MAX;

    if (!is_safe(headers))
        return false;
    flow->found = PROCESS_PACKET(dpi->module, flow->ndpi, headers->ip, (unsigned short)bytes,
                                 (u_int64_t)(headers->time_ns / RNET_NS_PER_MS));
    if (headers->payload_bytes > 0)
        flow->packets++;
    if (flow->packets > limit)
        return true;
    return flow->found.app_protocol != NDPI_PROTOCOL_UNKNOWN &&
           !ndpi_extra_dissection_possible(dpi->module, flow->ndpi);
}

static bool
is_carrier_of_web(uint16_t protocol)
{
    return protocol == NDPI_PROTOCOL_HTTP || protocol == NDPI_PROTOCOL_TLS ||
           protocol == NDPI_PROTOCOL_QUIC;
}

/* Which of the two names decides: "DNS.Google" is DNS, "TLS.Dropbox" is Dropbox. */
static const struct rnet_opinion *
deciding(const struct rnet_dpi *dpi, ndpi_protocol found)
{
    static const struct rnet_opinion none;
    const uint16_t master = found.master_protocol, app = found.app_protocol;

    if (master != NDPI_PROTOCOL_UNKNOWN && master < dpi->protocol_count &&
        dpi->protocols[master].confidence >= 0.85f)
        return &dpi->protocols[master];
    if (app != NDPI_PROTOCOL_UNKNOWN && app < dpi->protocol_count)
        return &dpi->protocols[app];
    return &none;
}

static void
copy_host(const struct ndpi_flow_struct *flow, char *host, size_t size)
{
    size_t length = 0;

    for (const char *at = flow->host_server_name; *at != '\0' && length + 1 < size; at++)
        host[length++] = (char)tolower((unsigned char)*at);
    host[length] = '\0';
}

/* Without a name asked for, the first one on the server's certificate (TLS up to 1.2 shows it). */
static void
copy_certificate_host(const struct ndpi_flow_struct *flow, char *host, size_t size)
{
    const char *at = flow->protos.tls_quic.server_names;
    size_t length = 0;

    if (at == NULL)
        return;
    if (at[0] == '*' && at[1] == '.')
        at += 2;
    for (; *at != '\0' && *at != ',' && length + 1 < size; at++)
        host[length++] = (char)tolower((unsigned char)*at);
    host[length] = '\0';
}

static bool
is_tls(ndpi_protocol found)
{
    return found.master_protocol == NDPI_PROTOCOL_TLS ||
           (found.master_protocol == NDPI_PROTOCOL_UNKNOWN &&
            found.app_protocol == NDPI_PROTOCOL_TLS);
}

void
rnet_dpi_finish(struct rnet_dpi *dpi, struct rnet_dpi_flow *flow, struct rnet_dpi_result *result)
{
    u_int8_t guessed = 0;
    const ndpi_protocol found = flow->found.app_protocol == NDPI_PROTOCOL_UNKNOWN
                                    ? GIVE_UP(dpi->module, flow->ndpi, &guessed)
                                    : flow->found;

    memset(result, 0, sizeof *result);
    if (flow->ndpi->confidence != NDPI_CONFIDENCE_MATCH_BY_PORT) {
        result->opinion = *deciding(dpi, found);
        ndpi_protocol2name(dpi->module, found, result->opinion.application,
                           sizeof result->opinion.application);
    }
    if (flow->ndpi->confidence == NDPI_CONFIDENCE_MATCH_BY_IP) {
        result->opinion.evidence = RNET_EVIDENCE_ADDRESS;
        result->opinion.confidence *= BY_ADDRESS_RATIO;
    } else if (is_carrier_of_web(found.master_protocol)) {
        result->opinion.evidence = RNET_EVIDENCE_NAME;
    }
    if (result->opinion.confidence <= 0)
        result->opinion = (struct rnet_opinion){0};
    result->is_web =
        is_carrier_of_web(found.master_protocol) || is_carrier_of_web(found.app_protocol);
    result->is_quic =
        found.master_protocol == NDPI_PROTOCOL_QUIC || found.app_protocol == NDPI_PROTOCOL_QUIC;
    if (result->is_web)
        copy_host(flow->ndpi, result->host, sizeof result->host);
    if (result->host[0] == '\0' && is_tls(found) && flow->ndpi->confidence == NDPI_CONFIDENCE_DPI)
        copy_certificate_host(flow->ndpi, result->host, sizeof result->host);
}
