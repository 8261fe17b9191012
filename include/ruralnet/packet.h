/**
 * Packet: what was on the wire, and the headers found in it.
 *
 * Two lengths never mix: what was captured (how far pointers may be read) and what was on the wire
 * (what volumes are counted from).
 */
#ifndef RURALNET_PACKET_H
#define RURALNET_PACKET_H

#include <ruralnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One packet of a capture, borrowed from it until its next call. */
struct rnet_packet {
    const uint8_t *data;      /**< link-layer header first */
    uint64_t number;          /**< 1-based, in the order read */
    int64_t time_ns;          /**< since 1970, as stamped */
    uint32_t captured_bytes;  /**< readable at data */
    uint32_t wire_bytes;      /**< on the wire; >= captured_bytes */
    int link_type;            /**< DLT_* of libpcap */
};

/** An IPv4 or IPv6 address. IPv4 uses the first 4 bytes, the rest are 0. */
struct rnet_address {
    uint8_t bytes[16];
    uint8_t version; /**< 4 or 6; 0 = none */
};

enum rnet_tcp_flag {
    RNET_TCP_FIN = 0x01,
    RNET_TCP_SYN = 0x02,
    RNET_TCP_RST = 0x04,
    RNET_TCP_PSH = 0x08,
    RNET_TCP_ACK = 0x10,
};

#define RNET_IPPROTO_TCP 6
#define RNET_IPPROTO_UDP 17

/** Headers of one packet: the innermost IP packet that could be reached through tunnels that this
 *  library opens. Pointers are borrowed from the packet. */
struct rnet_headers {
    int64_t time_ns;             /**< of the packet */
    uint64_t packet_number;
    struct rnet_address source;
    struct rnet_address destination;
    struct rnet_address line_source;      /**< of the outermost IP packet: differs in a tunnel */
    struct rnet_address line_destination;
    const uint8_t *ip;           /**< the IP header (for nDPI) */
    const uint8_t *payload;      /**< after the transport header; NULL when none was captured */
    uint32_t ip_captured_bytes;  /**< readable at ip */
    uint32_t payload_captured_bytes; /**< readable at payload, within the IP packet's length */
    uint32_t ip_bytes;           /**< original length of the IP packet, header included */
    uint32_t payload_bytes;      /**< original length after the transport header (no padding) */
    uint32_t line_ip_bytes;      /**< original length of the outermost IP packet: what crosses the line */
    uint16_t source_port;        /**< TCP, UDP, SCTP; else 0 */
    uint16_t destination_port;
    uint8_t protocol;            /**< IP protocol of the transport, after IPv6 extension headers */
    uint8_t dscp;
    uint8_t ttl;
    uint8_t tunnels;             /**< how many tunnels were opened on the way */
    bool is_fragment;            /**< any fragment */
    bool is_later_fragment;      /**< not the first: no ports, no transport header */
    uint32_t fragment_id;        /**< of a fragment: which packet it is of (IP identification) */
    bool has_transport;          /**< the transport header was captured whole */
    bool is_broadcast;           /**< broadcast or multicast, at link (but for TCP) or network layer */
    bool has_mac;                /**< the two below are valid */
    uint8_t source_mac[6];
    uint8_t destination_mac[6];
    /* TCP only, when has_transport: */
    uint32_t tcp_sequence;
    uint32_t tcp_acknowledgement;
    uint16_t tcp_window;         /**< as sent, unscaled */
    uint8_t tcp_flags;           /**< enum rnet_tcp_flag */
    bool tcp_options_whole;      /**< the options below were all captured */
    bool tcp_sack_permitted;     /**< SYN only */
    bool tcp_has_timestamps;
    uint8_t tcp_window_scale;    /**< SYN only; 255 = no such option */
    uint8_t tcp_sack_blocks;     /**< number of blocks; 0..4 */
    uint16_t tcp_mss;            /**< SYN only; 0 = no such option */
    uint32_t tcp_timestamp;      /**< TSval */
    uint32_t tcp_timestamp_echo; /**< TSecr */
    uint32_t tcp_sack[8];        /**< left, right edges */
};

/**
 * Find the headers of a packet.
 *
 * A tunnel whose inside is not IP, encrypted, damaged or not captured far enough yields the tunnel's
 * own headers. A TCP packet captured before segmentation may give its IP length as 0: the length
 * then comes from the frame. Link-layer padding is never counted.
 *
 * Handles Ethernet (802.1Q, QinQ, MPLS, PPPoE), Linux cooked v1 and v2, raw IP, NULL/LOOP, PPP,
 * 802.11 with radiotap; GRE, IP-in-IP, 6in4, VXLAN, GENEVE, GTP-U, L2TP
 * inside.
 *
 * @param packet   the packet; any bytes are safe.
 * @param headers  filled on RNET_OK.
 * @param notices  counts what was odd; may be NULL.
 * @return RNET_OK           an IP packet; headers filled as far as bytes were captured.
 *         RNET_ENOTFOUND    not IP (counted as RNET_NOTICE_NOT_IP).
 *         RNET_EFORMAT      headers contradict the packet (counted as RNET_NOTICE_BAD_HEADER).
 *         RNET_ECANTTELL    captured too short to reach the addresses (the capture has counted it
 *                           as RNET_NOTICE_SNAPPED_PACKET).
 *         RNET_EUNSUPPORTED a link type this library does not read; never counted here.
 */
RNET_API enum rnet_status rnet_packet_decode(const struct rnet_packet *packet,
                                             struct rnet_headers *headers,
                                             struct rnet_notices *notices);

/** Whether rnet_packet_decode() reads packets of this DLT_* link type. */
RNET_API bool rnet_link_type_is_known(int link_type);

/** What a packet becomes on a line: `packets` IP packets of `full_ip_bytes`, the last one of
 *  `last_ip_bytes`. An ordinary packet is one. */
struct rnet_segments {
    uint32_t packets;
    uint32_t full_ip_bytes;
    uint32_t last_ip_bytes;
};

/**
 * Split a packet that was captured before segmentation (or after it was put together by the
 * receiving card) as the sender's card would: TCP and UDP payload is cut at the size that fits,
 * each piece under its own copy of the headers; anything else is cut like IP fragments.
 * @param mtu_bytes  largest IP packet of the line; 0 = 1500.
 */
RNET_API struct rnet_segments rnet_packet_segments(const struct rnet_headers *headers,
                                                   uint32_t mtu_bytes);

/** Whether two addresses are the same. */
RNET_API bool rnet_address_equal(const struct rnet_address *a, const struct rnet_address *b);

#ifdef __cplusplus
}
#endif
#endif
