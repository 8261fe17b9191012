/*
 * Write a large capture of made-up office traffic: TLS, plain HTTP, DNS, QUIC and RTP between
 * private addresses and documentation ones. Same options, same bytes.
 *
 *     make-capture OUT [--bytes N | --packets N] [--flows LIVE] [--seed N] [--small 1]
 *                      [--rate PACKETS_PER_SECOND]
 *
 * OUT may be `-`. --small leaves RTP and DNS only: small packets, in flows that last. The shares of
 * packet sizes and protocols are chosen to be plausible, not measured: it is for speed and memory,
 * not for verdicts. QUIC packets have true headers and no true handshake.
 */
#include <pcap/pcap.h>

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_TLS, KIND_HTTP, KIND_QUIC, KIND_RTP, KIND_DNS };

struct flow {
    enum kind kind;
    uint32_t packet;  /* how many were written */
    uint32_t packets; /* how many it will have */
    uint32_t host;    /* last 16 bits of the office address */
    uint32_t server;
    uint16_t port;
    uint32_t sequence[2]; /* TCP; RTP uses [0], [1] as sequence numbers */
};

struct maker {
    uint64_t random;
    uint64_t flows_made;
    bool small;
    uint8_t frame[1600];
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint32_t
draw(struct maker *maker, uint32_t bound)
{
    uint64_t z = maker->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(((z ^ z >> 31) >> 32) * bound >> 32);
}

static void
put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

/* Lengths in packets: most flows are short, a few are long. */
static void
begin_flow(struct maker *maker, struct flow *flow)
{
    static const enum kind kinds[10] = {KIND_TLS,  KIND_TLS, KIND_TLS, KIND_TLS, KIND_HTTP,
                                        KIND_QUIC, KIND_RTP, KIND_DNS, KIND_DNS, KIND_DNS};
    const uint32_t number = (uint32_t)maker->flows_made++;
    const uint32_t first = maker->small ? 6 : 0; /* from here on packets are small */

    *flow = (struct flow){.kind = kinds[first + draw(maker, 10 - first)],
                          .host = 2 + number % 60000,
                          .server = draw(maker, 4096),
                          .port = (uint16_t)(1024 + number % 64000)};
    flow->packets =
        flow->kind == KIND_DNS ? 2 : 6 + draw(maker, 30) * (1 + draw(maker, 4) * draw(maker, 8));
    if (maker->small && flow->kind == KIND_RTP)
        flow->packets = 400 + draw(maker, 1200); /* calls of 4 to 16 seconds */
    flow->sequence[0] = draw(maker, UINT32_MAX);
    flow->sequence[1] = draw(maker, UINT32_MAX);
}

static uint32_t
ip_header(struct maker *maker, const struct flow *flow, bool up, uint8_t protocol, uint32_t bytes)
{
    uint8_t *ip = maker->frame + 14;
    const uint32_t office = 0x0a000000 | flow->host, server = 0xc6336400 | (flow->server & 0xff);

    memset(maker->frame, 0, 54);
    maker->frame[5] = up ? 1 : 2;
    maker->frame[11] = up ? 2 : 1;
    put16(maker->frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, 20 + bytes);
    ip[8] = 64;
    ip[9] = protocol;
    put32(ip + 12, up ? office : server);
    put32(ip + 16, up ? server : office);
    return 14 + 20 + bytes;
}

static uint32_t
tcp_packet(struct maker *maker, struct flow *flow, bool up, uint8_t flags, uint32_t payload)
{
    uint8_t *tcp = maker->frame + 34;
    const uint16_t service = flow->kind == KIND_TLS ? 443 : 80;
    const uint32_t bytes = ip_header(maker, flow, up, 6, 20 + payload);

    put16(tcp, up ? flow->port : service);
    put16(tcp + 2, up ? service : flow->port);
    put32(tcp + 4, flow->sequence[!up]);
    put32(tcp + 8, (flags & 0x10) != 0 ? flow->sequence[up] : 0);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    put16(tcp + 14, 64240);
    if (payload > 5 && flow->kind == KIND_TLS)
        memcpy(tcp + 20, "\x17\x03\x03\x05\x00", 5); /* application data */
    else if (payload > 60)
        memcpy(tcp + 20,
               up ? "GET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
                  : "HTTP/1.1 200 OK\r\nServer: example\r\n\r\n",
               up ? 43 : 36);
    flow->sequence[!up] += payload + ((flags & 0x03) != 0);
    return bytes;
}

static uint32_t
udp_packet(struct maker *maker, const struct flow *flow, bool up, uint16_t service,
           uint32_t payload)
{
    uint8_t *udp = maker->frame + 34;
    const uint32_t bytes = ip_header(maker, flow, up, 17, 8 + payload);

    put16(udp, up ? flow->port : service);
    put16(udp + 2, up ? service : flow->port);
    put16(udp + 4, 8 + payload);
    memset(udp + 8, 0, 12);
    return bytes;
}

/* A TLS ClientHello with a server name and nothing else; random numbers stay zero. */
static uint32_t
client_hello(struct maker *maker, struct flow *flow)
{
    static const char domains[8][20] = {"mail.example.com",   "www.example.org", "files.example.net",
                                        "api.example.com",    "cdn.example.org", "login.example.com",
                                        "update.example.net", "crm.example.org"};
    const char *name = domains[flow->server % 8];
    const uint32_t name_bytes = (uint32_t)strlen(name), hello = 2 + 32 + 1 + 4 + 2 + 2 + 9 + name_bytes;
    const uint32_t bytes = tcp_packet(maker, flow, true, 0x18, 9 + hello);
    uint8_t *at = maker->frame + 54;

    memset(at, 0, 9 + hello);
    memcpy(at, "\x16\x03\x01", 3);
    put16(at + 3, 4 + hello);
    at[5] = 1;
    put16(at + 7, hello);
    put16(at + 9, 0x0303);
    memcpy(at + 44, "\x00\x02\x13\x01\x01\x00", 6); /* one cipher suite, no compression */
    put16(at + 50, 9 + name_bytes);                  /* extensions: the server name alone */
    put16(at + 54, 5 + name_bytes);
    put16(at + 56, 3 + name_bytes);
    put16(at + 59, name_bytes);
    memcpy(at + 61, name, name_bytes);
    return bytes;
}

static uint32_t
tcp_step(struct maker *maker, struct flow *flow)
{
    static const uint8_t handshake[3] = {0x02, 0x12, 0x10};
    const uint32_t left = flow->packets - flow->packet;

    if (flow->packet < 3)
        return tcp_packet(maker, flow, flow->packet != 1, handshake[flow->packet], 0);
    if (left <= 2)
        return tcp_packet(maker, flow, left == 2, 0x11, 0);
    if (flow->packet == 3 && flow->kind == KIND_TLS)
        return client_hello(maker, flow);
    if (flow->packet % 8 == 3)
        return tcp_packet(maker, flow, true, 0x18, 100 + draw(maker, 600));
    return flow->packet % 3 == 0 ? tcp_packet(maker, flow, true, 0x10, 0)
                                 : tcp_packet(maker, flow, false, 0x10, 1460);
}

static uint32_t
udp_step(struct maker *maker, struct flow *flow)
{
    const bool up = flow->kind == KIND_QUIC ? flow->packet % 3 == 0 : flow->packet % 2 == 0;
    uint8_t *payload = maker->frame + 42;
    uint32_t bytes;

    if (flow->kind == KIND_RTP) {
        bytes = udp_packet(maker, flow, up, 5004, 172);
        payload[0] = 0x80;
        put16(payload + 2, flow->sequence[up]++);
        put32(payload + 4, flow->packet * 80);
    } else if (flow->kind == KIND_QUIC) {
        bytes = udp_packet(maker, flow, up, 443, up && flow->packet > 0 ? 40 : 1200);
        payload[0] = flow->packet < 2 ? 0xc0 : 0x40;
        payload[4] = 1;
    } else {
        static const uint8_t question[] = "\0\0\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1";

        bytes = udp_packet(maker, flow, up, 53, sizeof question - 1);
        memcpy(payload, question, sizeof question - 1);
        put16(payload, flow->port);
        payload[2] = up ? 1 : 0x81;
    }
    return bytes;
}

static bool
write_all(struct maker *maker, pcap_dumper_t *dumper, struct flow *flows,
          const unsigned long long *values)
{
    const uint64_t rate = values['r'], most = values['p'], bytes = most > 0 ? UINT64_MAX : values['b'];
    const uint32_t live = (uint32_t)values['f'];
    uint64_t packets = 0;

    for (uint64_t written = 24; written < bytes && (most == 0 || packets < most); packets++) {
        struct flow *flow = &flows[draw(maker, live)];
        const uint64_t ns = packets * 1000000000 / rate;
        struct pcap_pkthdr header = {.ts = {.tv_sec = (time_t)(1412848800 + ns / 1000000000),
                                            .tv_usec = (suseconds_t)(ns % 1000000000)}};

        if (flow->packet == flow->packets)
            begin_flow(maker, flow);
        header.len = flow->kind <= KIND_HTTP ? tcp_step(maker, flow) : udp_step(maker, flow);
        flow->packet++;
        header.caplen = header.len;
        pcap_dump((u_char *)dumper, &header, maker->frame);
        written += 16 + header.len;
    }
    fprintf(stderr, "%llu packets, %llu flows\n", (unsigned long long)packets,
            (unsigned long long)maker->flows_made);
    return pcap_dump_flush(dumper) == 0;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {{"bytes", required_argument, NULL, 'b'},
                                            {"flows", required_argument, NULL, 'f'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"rate", required_argument, NULL, 'r'},
                                            {"packets", required_argument, NULL, 'p'},
                                            {"small", required_argument, NULL, 'm'},
                                            {NULL, 0, NULL, 0}};
    unsigned long long values[128] = {['b'] = 100000000, ['f'] = 1000, ['s'] = 1, ['r'] = 5000};
    struct maker maker = {0};
    struct flow *flows;
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    bool ok;

    for (int code; (code = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (code == '?')
            return 2;
        values[code] = strtoull(optarg, NULL, 10);
    }
    if (optind + 1 != argc || values['f'] == 0 || values['f'] > 100000000 || values['r'] == 0)
        return 2;
    maker.random = values['s'];
    maker.small = values['m'] != 0;
    flows = calloc(values['f'], sizeof *flows);
    pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
    dumper = pcap != NULL ? pcap_dump_open(pcap, argv[optind]) : NULL;
    if (flows == NULL || dumper == NULL)
        return 4;
    ok = write_all(&maker, dumper, flows, values);
    pcap_dump_close(dumper);
    pcap_close(pcap);
    free(flows);
    return ok ? 0 : 4;
}
