/* Report, inside: what the three forms of an explained line share. */
#ifndef RNET_REPORT_LINE_H
#define RNET_REPORT_LINE_H

#include "report/report.h"

/* What follows from a line's parameters; NAN = does not apply. */
struct line_facts {
    double ip_bps[RNET_DIRECTIONS];    /* IP in full packets, shaper and framing taken off */
    double full_ms[RNET_DIRECTIONS];   /* time of a packet of the MTU */
    double ack_ms[RNET_DIRECTIONS];    /* time of an acknowledgement with timestamps */
    double buffer_ms[RNET_DIRECTIONS]; /* what a full buffer of full packets adds */
    double first_hop_ms;               /* idle round trip, jitter's mean included */
    uint32_t mss_bytes;                /* what a TCP segment may hold, without options */
};

struct line_facts
line_facts(const struct rnet_link *link);

/* "ATM cells (53 bytes for every 48 begun)"; static storage. */
const char *
line_framing_words(enum rnet_framing framing);
const char *
line_queue_words(enum rnet_queue queue);

/* "3200 m of 0.4mm, then a tap of 200 m of 0.5mm" */
void
line_add_loop(struct text *text, const struct rnet_copper *copper);
/* Noise, disturbers, margin, coding gain: a sentence. */
void
line_add_model(struct text *text, const struct rnet_copper *copper);

/* ": 42.0 dB at 300 kHz (41.2 dB by French planning)" */
void
line_add_attenuation(struct text *text, const struct rnet_copper_result *result);
/* What every packet is carried in: a sentence. */
void
line_add_carriage(struct text *text, const struct rnet_link *link, const struct line_facts *facts);

/* SVG figures. */
void
line_add_loading(struct text *text, const struct rnet_line_report *report);
void
line_add_staircase(struct text *text, const struct rnet_link *link);

#define LINE_ACK_BYTES 52 /* IP 20, TCP 20, timestamps 12 */

#endif
