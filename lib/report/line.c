/* What an explained line comes to, and the sentences its forms share. */
#include "report/line.h"

#include <inttypes.h>
#include <math.h>

#define TCP_HEADERS_BYTES 40 /* IPv4 20, TCP 20 */

struct line_facts
line_facts(const struct rnet_link *link)
{
    struct line_facts facts = {.mss_bytes = link->mtu_bytes - TCP_HEADERS_BYTES};

    if (link->mss_bytes != 0 && link->mss_bytes < facts.mss_bytes)
        facts.mss_bytes = link->mss_bytes;
    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        const enum rnet_direction way = (enum rnet_direction)i;
        const struct rnet_link_direction *line = &link->direction[way];
        const double packets = line->buffer_bytes > 0
                                   ? (double)line->buffer_bytes / (double)link->mtu_bytes
                                   : (double)line->buffer_packets;

        facts.full_ms[way] = (double)rnet_link_service_ns(link, way, link->mtu_bytes) / 1e6;
        facts.ack_ms[way] = (double)rnet_link_service_ns(link, way, LINE_ACK_BYTES) / 1e6;
        facts.ip_bps[way] = (double)link->mtu_bytes * 8e3 / facts.full_ms[way];
        facts.buffer_ms[way] =
            packets > 0 && line->queue == RNET_QUEUE_DROP_TAIL ? packets * facts.full_ms[way] : NAN;
        facts.first_hop_ms += (double)(line->delay_ns + line->jitter_ns) / 1e6;
    }
    return facts;
}

const char *
line_framing_words(enum rnet_framing framing)
{
    switch (framing) {
    case RNET_FRAMING_ATM:
        return _("ATM cells (53 bytes for every 48 begun)");
    case RNET_FRAMING_PTM:
        return _("PTM (65 bytes for 64)");
    case RNET_FRAMING_ETHERNET:
        return _("Ethernet frames");
    case RNET_FRAMING_IP:
        break;
    }
    return _("IP packets as they are");
}

const char *
line_queue_words(enum rnet_queue queue)
{
    return queue == RNET_QUEUE_FQ_CODEL ? _("a fair queue with controlled delay (fq_codel)")
                                        : _("one queue, first in first out");
}

void
line_add_loop(struct text *text, const struct rnet_copper *copper)
{
    for (uint32_t i = 0; i < copper->sections; i++)
        text_say(text,
                 copper->section[i].is_tap ? _("%san open tap of %.0f m of %s")
                                           : _("%s%.0f m of %s"),
                 i > 0 ? _(", then ") : "", copper->section[i].length_m,
                 rnet_cable_name(copper->section[i].cable));
    if (copper->other.length_m > 0)
        text_say(text, _(" (or %.0f m of %s: the cable is not known, the band covers both)"),
                 copper->other.length_m, rnet_cable_name(copper->other.cable));
}

void
line_add_model(struct text *text, const struct rnet_copper *copper)
{
    text_say(text,
             _("Noise %.1f dBm/Hz at both ends, disturbers of the line's own kind: %.3g, margin "
               "%.1f/%.1f dB, coding gain %.1f dB"),
             copper->noise_dbm_hz, copper->fext, copper->margin_db[RNET_DOWN],
             copper->margin_db[RNET_UP], copper->coding_gain_db);
    if (copper->next > 0)
        text_say(text, _(", disturbers of another kind (%2$s): %1$.3g"), copper->next,
                 rnet_disturber_name(copper->next_kind));
    text_add(text, "%s",
             copper->rate_is_reported
                 ? _(". The noise is what makes the model sync at the rate that was reported.")
                 : ".");
}

void
line_add_attenuation(struct text *text, const struct rnet_copper_result *result)
{
    text_say(text, _(": %.1f dB at 300 kHz"), result->attenuation_300khz_db);
    if (isfinite(result->planning_db))
        text_say(text, _(" (%.1f dB by French planning)"), result->planning_db);
}

void
line_add_carriage(struct text *text, const struct rnet_link *link, const struct line_facts *facts)
{
    text_say(text,
             _("Carried in %s; %" PRIu32 " bytes of overhead per packet; packets up to %" PRIu32
               " bytes, TCP segments up to %" PRIu32 "; %s; first hop at %.0f ms there and back."),
             line_framing_words(link->framing), link->overhead_bytes, link->mtu_bytes,
             facts->mss_bytes, line_queue_words(link->direction[RNET_DOWN].queue),
             facts->first_hop_ms);
    if (link->direction[RNET_UP].queue != link->direction[RNET_DOWN].queue)
        text_say(text, _(" Upstream: %s."), line_queue_words(link->direction[RNET_UP].queue));
}
