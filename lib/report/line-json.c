/* A line explained as one JSON document. */
#include "report/line.h"
#include "report/fields.h"

#include <jansson.h>
#include <string.h>

#define LINE_JSON_VERSION 2 /* 2: the queue of each direction */

static json_t *
direction_json(const struct rnet_line_report *report, const struct line_facts *facts, int way)
{
    const struct rnet_link_direction *line = &report->link->direction[way];
    json_t *entry = json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:f, s:f, s:o}", "rate_bps",
        count_json(line->rate_bps), "shaper_bps",
        line->shaper_bps > 0 ? count_json(line->shaper_bps) : json_null(), "queue",
        line->queue == RNET_QUEUE_FQ_CODEL ? "fq_codel" : "droptail", "buffer_bytes",
        line->buffer_bytes > 0 ? count_json(line->buffer_bytes) : json_null(), "buffer_packets",
        line->buffer_packets > 0 ? count_json(line->buffer_packets) : json_null(), "backhaul_bps",
        line->backhaul_bps > 0 ? count_json(line->backhaul_bps) : json_null(), "backhaul_load",
        line->backhaul_bps > 0 ? json_real(line->backhaul_load) : json_null(), "delay_s",
        (double)line->delay_ns / 1e9, "jitter_s", (double)line->jitter_ns / 1e9, "loss_ratio",
        line->loss_ratio, "ip_bps", number_json(facts->ip_bps[way]), "full_packet_s",
        facts->full_ms[way] / 1e3, "acknowledgement_s", facts->ack_ms[way] / 1e3, "full_buffer_s",
        number_json(facts->buffer_ms[way] / 1e3));

    return entry;
}

static json_t *
point_json(const struct rnet_copper_direction *direction)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rate_bps", count_json(direction->rate_bps),
        "p10_bps", count_json(direction->p10_bps), "p50_bps", count_json(direction->p50_bps),
        "p90_bps", count_json(direction->p90_bps), "gross_bps", count_json(direction->gross_bps),
        "modem_db", number_json(direction->attenuation_db), "tones", count_json(direction->tones));
}

static json_t *
loop_json(const struct rnet_copper *copper)
{
    json_t *loop = json_array();

    for (uint32_t i = 0; i < copper->sections; i++)
        json_push(&loop, json_pack("{s:f, s:s, s:b}", "length_m", copper->section[i].length_m,
                                   "cable", rnet_cable_name(copper->section[i].cable), "tap",
                                   (int)copper->section[i].is_tap));
    return loop;
}

/* Tones that carry or could carry bits: number, direction, bits, dBm/Hz and dB. */
static json_t *
tones_json(const struct rnet_line_report *report)
{
    json_t *tones = json_array();

    for (uint32_t i = 0; i < report->result->tone_count; i++) {
        const struct rnet_copper_tone *tone = &report->tones[i];

        if (report->result->way[i] < RNET_DIRECTIONS)
            json_push(&tones,
                      json_pack("[i, s, i, o, o, o, o]", (int)i,
                                report->result->way[i] == RNET_UP ? "up" : "down",
                                (int)report->result->bits[i], number_json(tone->sent_dbm_hz),
                                number_json(tone->received_dbm_hz), number_json(tone->noise_dbm_hz),
                                number_json(tone->snr_db)));
    }
    return tones;
}

static json_t *
copper_json(const struct rnet_line_report *report)
{
    const struct rnet_copper *copper = report->copper;
    const struct rnet_copper_result *result = report->result;

    if (copper == NULL)
        return json_null();
    return json_pack(
        "{s:s, s:b, s:o, s:f, s:o, s:f, s:f, s:f, s:s, s:f, s:f, s:f, s:o, s:o, s:s, s:o}",
        "technology", rnet_dsl_name(copper->dsl), "rate_is_reported", (int)copper->rate_is_reported,
        "loop", loop_json(copper), "attenuation_300khz_db", result->attenuation_300khz_db,
        "planning_db", number_json(result->planning_db), "noise_dbm_hz", copper->noise_dbm_hz,
        "fext", copper->fext, "next", copper->next, "next_kind",
        rnet_disturber_name(copper->next_kind), "margin_down_db", copper->margin_db[RNET_DOWN],
        "margin_up_db", copper->margin_db[RNET_UP], "coding_gain_db", copper->coding_gain_db,
        "down", point_json(&result->direction[RNET_DOWN]), "up",
        point_json(&result->direction[RNET_UP]), "tone_fields",
        "number direction bits sent_dbm_hz received_dbm_hz noise_dbm_hz snr_db", "tones",
        tones_json(report));
}

/* Every step of the staircase: the largest packet of each price. */
static json_t *
prices_json(const struct rnet_link *link)
{
    json_t *prices = json_array();

    for (uint32_t bytes = 20; bytes <= link->mtu_bytes; bytes++)
        if (bytes == link->mtu_bytes ||
            rnet_link_wire_bytes(link, bytes + 1) > rnet_link_wire_bytes(link, bytes))
            json_push(&prices, json_pack("{s:i, s:o}", "ip_bytes_up_to", (int)bytes, "line_bytes",
                                         count_json(rnet_link_wire_bytes(link, bytes))));
    return prices;
}

enum rnet_status
rnet_report_line_json(const struct rnet_line_report *report, char **text, size_t *length)
{
    static const char *const framings[] = {"atm", "ptm", "ethernet", "ip"};
    const struct rnet_link *link = report->link;
    const struct line_facts facts = line_facts(link);
    json_t *document = json_pack(
        "{s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:f, s:o, s:o, s:o, s:o}", "version",
        LINE_JSON_VERSION, "name", link->name, "specification", link->specification, "framing",
        framings[link->framing], "overhead_bytes", count_json(link->overhead_bytes),
        "minimum_frame_bytes", count_json(link->minimum_frame_bytes), "mtu_bytes",
        count_json(link->mtu_bytes), "mss_bytes", count_json(facts.mss_bytes), "first_hop_s",
        facts.first_hop_ms / 1e3, "down", direction_json(report, &facts, RNET_DOWN), "up",
        direction_json(report, &facts, RNET_UP), "copper", copper_json(report), "prices",
        prices_json(link));

    return json_take(document, 9, text, length);
}
