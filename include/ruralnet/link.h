/**
 * Link: an access line, and what a packet costs on it.
 *
 *     struct rnet_link link;
 *     struct rnet_error err = {0};
 *     if (rnet_link_parse("adsl:2048/256,delay=20ms,buffer=64KiB", &link, &err) == RNET_OK)
 *         printf("%" PRId64 " ns\n", rnet_link_serialise_ns(&link, RNET_UP, 1492));
 *
 * A specification is FAMILY:DOWN/UP, or a preset, or FAMILY: and what is known of the copper pair,
 * and then options, all with commas between: "adsl:8192/800,delay=15ms,buffer=128KiB/64KiB",
 * "adsl2+:loop=3.2km@0.4mm+1.1km@0.5mm,noise=-133". Every pair of values is down/up; one value
 * stands for both. docs/lines.md has the whole language and the source of every default.
 */
#ifndef RURALNET_LINK_H
#define RURALNET_LINK_H

#include <ruralnet/base.h>
#include <ruralnet/copper.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What carries IP packets on the line. */
enum rnet_framing {
    RNET_FRAMING_ATM = 0,      /**< AAL5 in 53-byte cells (ADSL, ADSL2+, SDSL) */
    RNET_FRAMING_PTM = 1,      /**< 64/65 octets (VDSL2) */
    RNET_FRAMING_ETHERNET = 2, /**< Ethernet frames (fibre, cable) */
    RNET_FRAMING_IP = 3,       /**< the stated rate is that of IP packets (mobile, satellite) */
};

enum rnet_queue {
    RNET_QUEUE_DROP_TAIL = 0, /**< first in, first out; a packet that does not fit is dropped */
    RNET_QUEUE_FQ_CODEL = 1,  /**< RFC 8290 */
};

/** How a delay varies from packet to packet, on top of the fixed delay. */
enum rnet_jitter {
    RNET_JITTER_NONE = 0,
    RNET_JITTER_EXPONENTIAL = 1, /**< mean jitter_ns; order of packets is kept */
};

/** One direction of a line. */
struct rnet_link_direction {
    uint64_t rate_bps;     /**< sync rate: what the framing's bytes are sent at; 1..10^12 */
    uint64_t shaper_bps;   /**< a shaper in front, set below the sync rate (SQM) and counting the
                                framing's bytes as SQM users set it up to; 0 = none */
    int64_t delay_ns;      /**< fixed one-way delay of the line (propagation, interleaving) */
    int64_t jitter_ns;     /**< scale of the variable delay, see enum rnet_jitter */
    enum rnet_queue queue; /**< a router or modem has one on each side of the line */
    uint64_t buffer_bytes; /**< bytes of IP packets queued, the one being sent included; 0 = no
                                byte limit */
    uint32_t
        buffer_packets;    /**< packets queued, the one being sent included; 0 = no packet limit */
    double loss_ratio;     /**< random loss behind the queue, 0..1 */
    uint64_t backhaul_bps; /**< shared rate behind the line; 0 = never the bottleneck */
    double backhaul_load;  /**< share of the backhaul others use, on average, 0..1 */
};

/** An access line. Fill by rnet_link_parse(); plain, may be copied. */
struct rnet_link {
    char name[48];           /**< as shown in tables: preset name or family:down/up */
    char specification[256]; /**< canonical; parsing it again gives the same link */
    struct rnet_link_direction direction[RNET_DIRECTIONS];
    enum rnet_framing framing;
    uint32_t overhead_bytes;      /**< per packet, ahead of padding to cells or coding */
    uint32_t minimum_frame_bytes; /**< packet and overhead are padded to this; 0 = none */
    uint32_t mtu_bytes;           /**< largest IP packet, 576..9000 */
    uint32_t mss_bytes;           /**< TCP's largest segment is clamped to this, options included;
                                       536..8960; 0 = what the MTU leaves */
    enum rnet_jitter jitter;
    uint32_t codel_flows;         /**< fq_codel: queues (1024) */
    uint32_t codel_quantum_bytes; /**< fq_codel: (1514) */
    int64_t codel_target_ns;      /**< fq_codel: (5 ms) */
    int64_t codel_interval_ns;    /**< fq_codel: (100 ms) */
};

/** A line with a name of its own. */
struct rnet_link_preset {
    const char *name;          /**< e.g. "adsl-2m" */
    const char *specification; /**< what the name stands for */
    const char *words;         /**< one line of English */
};

/**
 * Read a link specification, e.g. "adsl-2m", "adsl:2048/256", "ethernet:300000/300000,delay=4ms".
 * Rates of a copper pair are those of the model's point unless "rate=" asks for another of the
 * band.
 * @return RNET_OK; RNET_EINVAL with the offence and its 1-based column in err; RNET_ENOMEM. The
 * link is untouched on failure.
 */
RNET_API enum rnet_status
rnet_link_parse(const char *specification, struct rnet_link *link, struct rnet_error *err);

/**
 * The copper pair a specification speaks of, ready for rnet_copper_solve(): from "loop=",
 * "attenuation=" or "modem=". With a stated sync rate and what the modem shows, its noise is such
 * that the model syncs at that rate downstream (left at the default where no noise does).
 * @return RNET_OK; RNET_ECANTTELL (only rates are stated); RNET_EINVAL as rnet_link_parse();
 *         RNET_ENOMEM.
 */
RNET_API enum rnet_status
rnet_link_copper(const char *specification, struct rnet_copper_solver *solver,
                 struct rnet_copper *copper, struct rnet_error *err);

/** The standard ladder of ADSL-grade lines, slowest first, as specifications rnet_link_parse()
 *  takes; NULL past the end. Static storage. */
RNET_API const char *
rnet_link_ladder(size_t index);

/** The lines a ladder is compared with (READSL2, VDSL2, 4G, fibre, satellite), likewise. */
RNET_API const char *
rnet_link_comparison(size_t index);

/** Every preset, ladder and comparison lines first; NULL past the end. Static storage. */
RNET_API const struct rnet_link_preset *
rnet_link_preset(size_t index);

/** Bytes on the wire for one IP packet of @p ip_bytes (1..65 575). PTM rounds up to whole bytes. */
RNET_API uint64_t
rnet_link_wire_bytes(const struct rnet_link *link, uint32_t ip_bytes);

/** Time to send one IP packet at the sync rate, in ns, rounded to nearest. */
RNET_API int64_t
rnet_link_serialise_ns(const struct rnet_link *link, enum rnet_direction direction,
                       uint32_t ip_bytes);

/** Time one IP packet keeps the queue's server busy, in ns: as rnet_link_serialise_ns(), but at the
 *  shaper's rate where there is a shaper. The packet itself is across after the time to serialise;
 *  the next one may start after this time. */
RNET_API int64_t
rnet_link_service_ns(const struct rnet_link *link, enum rnet_direction direction,
                     uint32_t ip_bytes);

#ifdef __cplusplus
}
#endif
#endif
