/* libpcap's ways, where files and interfaces share them. */
#include "capture/capture.h"

#include <string.h>

/* Seconds beyond this (year 2255) would soon overflow 63 bits of nanoseconds; chosen. */
#define MAX_SECONDS INT64_C(9000000000)

/* pcap_open_offline() accepts any number as a link type: the check is ours. */
enum rnet_status
rnet_pcap_check_link_type(pcap_t *pcap, const char *name, struct rnet_error *err)
{
    const int link_type = pcap_datalink(pcap);
    const char *known_as = pcap_datalink_val_to_name(link_type);
    const char *description = pcap_datalink_val_to_description(link_type);

    if (rnet_link_type_is_known(link_type))
        return RNET_OK;
    if (known_as == NULL || description == NULL)
        return rnet_error_set(err, RNET_EUNSUPPORTED,
                              "%s: link type %d has no name that libpcap knows and is not read",
                              name, link_type);
    return rnet_error_set(err, RNET_EUNSUPPORTED, "%s: link type %s (%s) is not read", name,
                          known_as, description);
}

enum rnet_status
rnet_pcap_set_filter(pcap_t *pcap, const char *filter, struct rnet_error *err)
{
    struct bpf_program program;
    enum rnet_status status = RNET_OK;

    if (filter == NULL)
        return RNET_OK;
    if (pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return rnet_error_set(err, RNET_EINVAL, "filter \"%s\": %s", filter, pcap_geterr(pcap));
    if (pcap_setfilter(pcap, &program) != 0)
        status = rnet_error_set(err, RNET_EINVAL, "filter \"%s\": %s", filter, pcap_geterr(pcap));
    pcap_freecode(&program);
    return status;
}

/*
 * Classic files hold 32 bits of seconds, which libpcap takes as signed: from January 2038 on they
 * come out negative. Fractions are checked by nobody and may be anything.
 */
static int64_t
time_of(const struct pcap_pkthdr *header)
{
    int64_t seconds = header->ts.tv_sec;
    int64_t fraction_ns = header->ts.tv_usec; /* nanoseconds: that precision was asked for */

    if (seconds < 0 && seconds >= INT32_MIN)
        seconds += INT64_C(1) << 32;
    if (seconds < 0)
        seconds = 0;
    if (seconds > MAX_SECONDS)
        seconds = MAX_SECONDS;
    if (fraction_ns < 0 || fraction_ns > RNET_NS_PER_S * 5)
        fraction_ns = 0;
    return seconds * RNET_NS_PER_S + fraction_ns;
}

struct rnet_packet
rnet_pcap_packet(const struct pcap_pkthdr *header, const uint8_t *data, int link_type)
{
    return (struct rnet_packet){
        .data = data,
        .time_ns = time_of(header),
        .captured_bytes = header->caplen,
        .wire_bytes = header->len > header->caplen ? header->len : header->caplen,
        .link_type = link_type,
    };
}

/*
 * libpcap wants one link type and one snapshot length for a whole pcapng file (pcap-ng's interfaces
 * each have their own; libpcap#1252, #1078). Wireshark's tools part them.
 */
bool
rnet_pcap_advice(const char *words, const char *name, struct rnet_error *err)
{
    if (strstr(words, "different from the type of the first interface") != NULL) {
        rnet_error_set(
            err, RNET_EUNSUPPORTED,
            "%s: holds several link types, which libpcap does not read. List them with "
            "capinfos -I; for each interface N of type T (ether, linux-sll, rawip, ...): "
            "tshark -r FILE -Y 'frame.interface_id == N' -w - | editcap -F nsecpcap -T T "
            "- N.pcap; then analyse all N.pcap together.",
            name);
        return true;
    }
    if (strstr(words, "different from the snapshot length of the first interface") != NULL) {
        rnet_error_set(err, RNET_EUNSUPPORTED,
                       "%s: its interfaces have several snapshot lengths, which libpcap does not "
                       "read. Convert it: editcap -F nsecpcap FILE FILE.pcap",
                       name);
        return true;
    }
    return false;
}
