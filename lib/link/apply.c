#include "link/link.h"

#include <math.h>
#include <string.h>

/* RFC 8290: limit of the whole queue, number of queues; quantum of a full Ethernet frame, as Linux
 * has it. The queues and the quantum are those of the sheet's §9 as well. */
#define CODEL_LIMIT_PACKETS 10240
#define CODEL_FLOWS 1024
#define CODEL_QUANTUM_BYTES 1514
#define CODEL_TARGET_NS (5 * RNET_NS_PER_MS)
#define CODEL_INTERVAL_NS (100 * RNET_NS_PER_MS)

static void
apply_codel(const struct link_settings *settings, struct rnet_link *link)
{
    link->codel_flows =
        link_settings_has(settings, LINK_OPTION_FLOWS) ? settings->codel_flows : CODEL_FLOWS;
    link->codel_quantum_bytes = link_settings_has(settings, LINK_OPTION_QUANTUM)
                                    ? settings->codel_quantum_bytes
                                    : CODEL_QUANTUM_BYTES;
    link->codel_target_ns = link_settings_has(settings, LINK_OPTION_TARGET)
                                ? settings->codel_target_ns
                                : CODEL_TARGET_NS;
    link->codel_interval_ns = link_settings_has(settings, LINK_OPTION_INTERVAL)
                                  ? settings->codel_interval_ns
                                  : CODEL_INTERVAL_NS;
}

static void
apply_queue(const struct link_settings *settings, int way, struct rnet_link_direction *line)
{
    if (link_settings_has(settings, LINK_OPTION_QUEUE))
        line->queue = settings->queue[way];
    if (link_settings_has(settings, LINK_OPTION_BUFFER)) {
        line->buffer_bytes = settings->buffer_bytes[way];
        line->buffer_packets = settings->buffer_packets[way];
    } else if (line->queue == RNET_QUEUE_FQ_CODEL) {
        line->buffer_packets = CODEL_LIMIT_PACKETS;
    } else {
        line->buffer_bytes = link_default_buffer_bytes(line->rate_bps, settings->family->buffer_ns);
    }
}

static int64_t
line_delay_ns(const struct link_settings *settings, int way)
{
    const struct link_family *family = settings->family;

    if (link_settings_has(settings, LINK_OPTION_DELAY))
        return settings->delay_ns[way];
    if (link_settings_has(settings, LINK_OPTION_INTERLEAVE))
        return family->base_delay_ns + settings->propagation_ns + settings->interleave_ns[way];
    return family->base_delay_ns + settings->propagation_ns +
           (family->interleave_ns > 0 ? family->interleave_ns : 0);
}

static void
apply_direction(const struct link_settings *settings, int way, struct rnet_link *link)
{
    struct rnet_link_direction *line = &link->direction[way];

    line->rate_bps = settings->rate_bps[way];
    line->delay_ns = line_delay_ns(settings, way);
    line->jitter_ns = link_settings_has(settings, LINK_OPTION_JITTER) ? settings->jitter_ns[way]
                                                                      : settings->family->jitter_ns;
    line->loss_ratio = link_settings_has(settings, LINK_OPTION_LOSS) ? settings->loss_ratio[way]
                                                                     : settings->family->loss_ratio;
    if (link_settings_has(settings, LINK_OPTION_SHAPER)) {
        const double shaper = settings->shaper[way];

        line->shaper_bps =
            (uint64_t)llround(shaper <= 1 ? shaper * (double)line->rate_bps : shaper);
        if (line->shaper_bps == 0)
            line->shaper_bps = 1;
    }
    if (link_settings_has(settings, LINK_OPTION_CONTENTION)) {
        line->backhaul_bps = settings->backhaul_bps[way];
        line->backhaul_load = settings->backhaul_load[way];
    }
    apply_queue(settings, way, line);
}

const struct link_encap *
link_settings_encap(const struct link_settings *settings)
{
    const char *usual = settings->family->encap;

    return link_settings_has(settings, LINK_OPTION_ENCAP) ? settings->encap
                                                          : link_encap_find(usual, strlen(usual));
}

void
link_settings_apply(const struct link_settings *settings, struct rnet_link *link)
{
    memset(link, 0, sizeof *link);
    link_encap_apply(link_settings_encap(settings),
                     link_settings_has(settings, LINK_OPTION_FCS) && settings->fcs,
                     link_settings_has(settings, LINK_OPTION_VLAN) ? settings->vlan_tags : 0, link);
    if (link_settings_has(settings, LINK_OPTION_MTU))
        link->mtu_bytes = settings->mtu_bytes;
    if (link_settings_has(settings, LINK_OPTION_MSS))
        link->mss_bytes = settings->mss_bytes;
    apply_codel(settings, link);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        apply_direction(settings, way, link);
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        if (link->direction[way].jitter_ns > 0)
            link->jitter = RNET_JITTER_EXPONENTIAL;
}
