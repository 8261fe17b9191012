#!/usr/bin/env python3
"""Write the small captures of this folder and their README: one file per link type, tunnel, oddity.

    make.py           write them (same bytes every time)
    make.py --check   exit 1 if a file or the README differs from what would be written

Every file of the first table carries the same four packets (UDP and a TCP SYN, over IPv4 and over
IPv6), so that tests can ask for the same headers whatever stands around them.
"""
import hashlib
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
START = 1412848800  # 9 October 2014, 10:00 UTC

SRC4, DST4 = bytes([192, 0, 2, 1]), bytes([198, 51, 100, 7])
SRC6 = bytes.fromhex("20010db8000000000000000000000001")
DST6 = bytes.fromhex("20010db8000000000000000000000007")
OUT_SRC4, OUT_DST4 = bytes([203, 0, 113, 1]), bytes([203, 0, 113, 2])
OUT_SRC6 = bytes.fromhex("20010db8ffff00000000000000000001")
OUT_DST6 = bytes.fromhex("20010db8ffff00000000000000000002")
MAC_A, MAC_B = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
PAYLOAD = bytes(range(20))


def be16(*values):
    return struct.pack(f">{len(values)}H", *values)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(protocol, body, src=SRC4, dst=DST4, length=None, fragment=0, options=b""):
    head = struct.pack(">BBHHHBBH", 0x40 + 5 + len(options) // 4, 0xB8,
                       20 + len(options) + len(body) if length is None else length,
                       0x1234, fragment, 63, protocol, 0) + src + dst + options
    return head[:10] + be16(checksum(head)) + head[12:] + body


def ipv6(protocol, body, src=SRC6, dst=DST6, length=None):
    return struct.pack(">IHBB", 0x6B800000, len(body) if length is None else length, protocol,
                       63) + src + dst + body


def pseudo(src, dst, protocol, body):
    return checksum(src + dst + struct.pack(">II", len(body), protocol) + body)


def udp(sport, dport, body, src=SRC4, dst=DST4):
    head = be16(sport, dport, 8 + len(body), 0)
    return head[:6] + be16(pseudo(src, dst, 17, head + body)) + body


def syn(src=SRC4, dst=DST4):
    options = bytes.fromhex("020405b4" "0402" "080a0000000100000002" "01" "030307")
    head = struct.pack(">HHIIBBHHH", 40001, 443, 1000, 0, (20 + len(options)) // 4 << 4, 2, 64240,
                       0, 0) + options
    return head[:16] + be16(pseudo(src, dst, 6, head)) + head[18:]


UDP4 = ipv4(17, udp(40000, 5004, PAYLOAD))
TCP4 = ipv4(6, syn())
UDP6 = ipv6(17, udp(40000, 5004, PAYLOAD, SRC6, DST6))
TCP6 = ipv6(6, syn(SRC6, DST6))
FOUR = [(4, UDP4), (4, TCP4), (6, UDP6), (6, TCP6)]
TYPE = {4: 0x0800, 6: 0x86DD}
PPP = {4: 0x0021, 6: 0x0057}
NEXT = {4: 4, 6: 41}


def pcap(link_type, frames, magic=0xA1B23C4D, snap=65535):
    """frames: bytes, or (bytes, original length), or (bytes, original length, seconds, ns)."""
    data = struct.pack("<IHHIIII", magic, 2, 4, 0, 0, snap, link_type)
    for i, frame in enumerate(frames):
        frame = frame if isinstance(frame, tuple) else (frame,)
        wire = frame[1] if len(frame) > 1 else len(frame[0])
        at = frame[2:4] if len(frame) > 3 else (START + i, 1000 * i)
        data += struct.pack("<IIII", *at, len(frame[0]), wire) + frame[0]
    return data


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(interfaces, frames):
    """interfaces: (link type, snap length); frames: (interface, bytes). Nanoseconds."""
    data = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for link_type, snap in interfaces:
        data += block(1, struct.pack("<HHI", link_type, 0, snap) +
                      struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    for i, (interface, frame) in enumerate(frames):
        ns = (START + i) * 10**9 + 1000 * i
        data += block(6, struct.pack("<IIIII", interface, ns >> 32, ns & 0xFFFFFFFF, len(frame),
                                     len(frame)) + frame + b"\0" * (-len(frame) % 4))
    return data


def ether(kind, body, pad=False):
    frame = MAC_B + MAC_A + be16(kind) + body
    return frame + b"\xEE" * (60 - len(frame)) if pad else frame


def snap(kind):
    return bytes.fromhex("aaaa03000000") + be16(kind)


def ppp(version, body):
    return b"\xff\x03" + be16(PPP[version]) + body


def pppoe(version, body):
    inside = be16(PPP[version]) + body
    return struct.pack(">BBHH", 0x11, 0, 7, len(inside)) + inside


def labels(count):
    return b"".join(struct.pack(">I", (16 + i) << 12 | (i == count - 1) << 8 | 64)
                    for i in range(count))


def cooked1(kind, body):
    return be16(4, 1, 6) + MAC_A + b"\0\0" + be16(kind) + body


def cooked2(kind, body):
    return be16(kind, 0) + struct.pack(">IHBB", 3, 1, 4, 6) + MAC_A + b"\0\0" + body


def radiotap(body, flags=0, timer=False):
    present = (1 if timer else 0) | 2
    fields = (bytes(8) if timer else b"") + bytes([flags])
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields + body


def wifi(version, body, to_ap=True, from_ap=False, qos=True, pad=False):
    control = bytes([0x88 if qos else 0x08, to_ap | from_ap << 1])
    ap = bytes.fromhex("0200000000aa")
    if to_ap and from_ap:
        addresses, last = ap + ap + MAC_B, MAC_A
    elif to_ap:
        addresses, last = ap + MAC_A + MAC_B, b""
    else:
        addresses, last = (MAC_B + ap + MAC_A) if from_ap else (MAC_B + MAC_A + ap), b""
    head = control + b"\0\0" + addresses + b"\x10\0" + last + (b"\0\0" if qos else b"")
    return head + (b"\0" * (-len(head) % 4) if pad else b"") + snap(TYPE[version]) + body


def bundle(version, body):
    head = bytes([0x88, 1]) + b"\0\0" + bytes.fromhex("0200000000aa") + MAC_A + MAC_B + b"\x10\0"
    inside = snap(TYPE[version]) + body
    return head + b"\x80\0" + MAC_B + MAC_A + be16(len(inside)) + inside


def outer4(protocol, body):
    return ether(0x0800, ipv4(protocol, body, OUT_SRC4, OUT_DST4))


def outer6(protocol, body):
    return ether(0x86DD, ipv6(protocol, body, OUT_SRC6, OUT_DST6))


def outer_udp(port, body):
    return outer4(17, udp(50000, port, body, OUT_SRC4, OUT_DST4))


def gtp(body, full=False):
    more = bytes.fromhex("00070085" "01100985" "01000100") if full else b""
    return bytes([0x36 if full else 0x30, 255]) + be16(len(more + body), 0, 42) + more + body


def gre(version, body, full=False):
    flags = 0xB000 if full else 0
    return be16(flags, TYPE[version]) + (be16(1, 0, 2, 3, 4, 5) if full else b"") + body


def pptp(version, body):
    inside = ppp(version, body)
    return be16(0x3081, 0x880B, len(inside), 9) + be16(0, 1, 0, 2) + inside


def l2tp(version, body, full=False):
    inside = ppp(version, body)
    if not full:
        return be16(0x0002, 1, 2) + inside
    head = be16(0x4A02)
    rest = be16(1, 2, 0, 0, 4) + b"pad!"
    return head + be16(4 + len(rest) + len(inside)) + rest + inside


def extended(version, body):
    """The same packet with extension headers put in (IPv4: options and an authentication header)."""
    ah = lambda following: bytes([following, 4, 0, 0]) + bytes(20)
    if version == 4:
        return ipv4(51, ah(body[9]) + body[20:], options=b"\x94\x04\0\0")
    chain = (bytes([60, 0]) + b"\x01\x04\0\0\0\0" + bytes([43, 0]) + b"\x01\x04\0\0\0\0" +
             bytes([51, 0, 0, 0]) + bytes(4) + ah(body[6]))
    return ipv6(0, chain + body[40:])


def each(frame):
    return [frame(version, body) for version, body in FOUR]


VLAN = be16(0x0123)
LAYERS = {
    "ethernet": (1, "plain Ethernet", each(lambda v, b: ether(TYPE[v], b))),
    "ethernet-padded": (1, "short frames padded to 60 bytes",
                        each(lambda v, b: ether(TYPE[v], b, True))),
    "vlan": (1, "802.1Q", each(lambda v, b: ether(0x8100, VLAN + be16(TYPE[v]) + b))),
    "qinq": (1, "802.1ad outside, 802.1Q inside",
             each(lambda v, b: ether(0x88A8, VLAN + be16(0x8100) + VLAN + be16(TYPE[v]) + b))),
    "snap": (1, "802.3 with LLC/SNAP",
             each(lambda v, b: ether(len(snap(0) + b), snap(TYPE[v]) + b))),
    "vlan-snap": (1, "LLC/SNAP behind a VLAN tag",
                  each(lambda v, b: ether(0x8100, VLAN + be16(len(b) + 8) + snap(TYPE[v]) + b))),
    "mpls": (1, "three MPLS labels", each(lambda v, b: ether(0x8847, labels(3) + b))),
    "mpls-pseudowire": (1, "Ethernet over MPLS with control word",
                        each(lambda v, b: ether(0x8847, labels(2) + bytes(4) + ether(TYPE[v], b)))),
    "mpls-pseudowire-bare": (1, "Ethernet over MPLS without control word",
                             each(lambda v, b: ether(0x8847, labels(1) + ether(TYPE[v], b)))),
    "pppoe": (1, "PPPoE session", each(lambda v, b: ether(0x8864, pppoe(v, b)))),
    "vlan-pppoe": (1, "PPPoE session in a VLAN, as on many DSL lines",
                   each(lambda v, b: ether(0x8100, VLAN + be16(0x8864) + pppoe(v, b)))),
    "pppoe-bare": (51, "PPPoE session without Ethernet", each(pppoe)),
    "cooked1": (113, "Linux cooked v1 (tcpdump -i any)",
                each(lambda v, b: cooked1(TYPE[v], b))),
    "cooked2": (276, "Linux cooked v2", each(lambda v, b: cooked2(TYPE[v], b))),
    "raw": (101, "bare IP", each(lambda v, b: b)),
    "raw4": (228, "bare IPv4", [b for v, b in FOUR if v == 4]),
    "raw6": (229, "bare IPv6", [b for v, b in FOUR if v == 6]),
    "null-little": (0, "BSD loopback, written by a little-endian machine (macOS)",
                    each(lambda v, b: struct.pack("<I", {4: 2, 6: 30}[v]) + b)),
    "null-big": (0, "BSD loopback, written by a big-endian machine",
                 each(lambda v, b: struct.pack(">I", {4: 2, 6: 24}[v]) + b)),
    "loop": (108, "OpenBSD loopback", each(lambda v, b: struct.pack(">I", {4: 2, 6: 24}[v]) + b)),
    "ppp": (9, "PPP with address and control", each(ppp)),
    "ppp-compressed": (9, "PPP with both compressions of its header",
                       each(lambda v, b: bytes([PPP[v]]) + b)),
    "ppp-serial": (50, "PPP in HDLC framing", each(ppp)),
    "cisco-hdlc": (50, "Cisco HDLC under the same link type",
                   each(lambda v, b: b"\x0f\0" + be16(TYPE[v]) + b)),
    "radiotap": (127, "802.11 with radiotap, quality of service, timer and flags",
                 each(lambda v, b: radiotap(wifi(v, b), 0, True))),
    "radiotap-padded": (127, "802.11 header padded to four bytes, as radiotap's flags say",
                        each(lambda v, b: radiotap(wifi(v, b, pad=True), 0x20))),
    "wifi": (105, "802.11 without radiotap, from the access point, no quality of service",
             each(lambda v, b: wifi(v, b, False, True, False))),
    "wifi-bridge": (105, "802.11 with four addresses",
                    each(lambda v, b: wifi(v, b, True, True))),
    "wifi-bundle": (105, "802.11 A-MSDU of one", each(bundle)),
    "extensions": (1, "IPv4 options and AH; IPv6 hop-by-hop, destination, routing, AH",
                   each(lambda v, b: ether(TYPE[v], extended(v, b)))),
    "gre": (1, "GRE over IPv4", each(lambda v, b: outer4(47, gre(v, b)))),
    "gre-full": (1, "GRE with checksum, key and sequence number, over IPv6",
                 each(lambda v, b: outer6(47, gre(v, b, True)))),
    "gre-bridged": (1, "Ethernet in GRE",
                    each(lambda v, b: outer4(47, be16(0, 0x6558) + ether(TYPE[v], b)))),
    "pptp": (1, "PPP in GRE version 1", each(lambda v, b: outer4(47, pptp(v, b)))),
    "ip-in-ipv4": (1, "IP-in-IP and 6in4", each(lambda v, b: outer4(NEXT[v], b))),
    "ip-in-ipv6": (1, "4in6 and 6in6", each(lambda v, b: outer6(NEXT[v], b))),
    "vxlan": (1, "VXLAN", each(lambda v, b: outer_udp(
        4789, bytes.fromhex("0800000000002a00") + ether(TYPE[v], b)))),
    "geneve": (1, "GENEVE with an option, Ethernet inside", each(lambda v, b: outer_udp(
        6081, bytes.fromhex("0200655800002a00" "0100800100000007") + ether(TYPE[v], b)))),
    "geneve-ip": (1, "GENEVE, IP inside", each(lambda v, b: outer_udp(
        6081, be16(0, TYPE[v], 0, 0x2a00) + b))),
    "gtp": (1, "GTP-U, shortest header", each(lambda v, b: outer_udp(2152, gtp(b)))),
    "gtp-full": (1, "GTP-U with sequence number and two extension headers",
                 each(lambda v, b: outer_udp(2152, gtp(b, True)))),
    "l2tp": (1, "L2TP, shortest header", each(lambda v, b: outer_udp(1701, l2tp(v, b)))),
    "l2tp-full": (1, "L2TP with length, sequence and offset",
                  each(lambda v, b: outer_udp(1701, l2tp(v, b, True)))),
    "gre-in-gre": (1, "two tunnels deep", each(lambda v, b: outer4(
        47, gre(4, ipv4(47, gre(v, b), bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])))))),
}

BIG = bytes(i & 0xFF for i in range(4000))


def data_segment(src, dst, length):
    head = struct.pack(">HHIIBBHHH", 40001, 443, 1001, 1, 5 << 4, 0x18, 500, 0, 0)
    return head[:16] + be16(pseudo(src, dst, 6, head + BIG[:length])) + head[18:] + BIG[:length]


def v6_fragment(offset, more, body):
    return ipv6(44, struct.pack(">BBHI", 17, 0, offset << 3 | more, 7) + body)


DATAGRAM = udp(40000, 5004, BIG[:1992], SRC4, DST4)
ODD = {
    "super-packets.pcap": ("4000 bytes of payload in one packet: stated length 0 (IPv4, IPv6), then stated",
        pcap(1, [ether(0x0800, ipv4(6, data_segment(SRC4, DST4, 4000), length=0)),
                 ether(0x86DD, ipv6(6, data_segment(SRC6, DST6, 4000), length=0)),
                 ether(0x0800, ipv4(6, data_segment(SRC4, DST4, 4000)))])),
    "fragments.pcap": ("a datagram of 2000 bytes in two IPv4 fragments, then in two IPv6 ones",
        pcap(1, [ether(0x0800, ipv4(17, DATAGRAM[:1480], fragment=0x2000)),
                 ether(0x0800, ipv4(17, DATAGRAM[1480:], fragment=185)),
                 ether(0x86DD, v6_fragment(0, 1, DATAGRAM[:1448])),
                 ether(0x86DD, v6_fragment(181, 0, DATAGRAM[1448:]))])),
    "snapped.pcap": ("a segment of 1440 bytes captured to 1514, 66, 54, 40, 34, 33, 20, 14, 10 and 1 bytes",
        pcap(1, [(ether(0x0800, ipv4(6, data_segment(SRC4, DST4, 1440)))[:n], 1494)
                 for n in (1494, 66, 54, 40, 34, 33, 20, 14, 10, 1)])),
    "not-ip.pcap": ("ARP, spanning tree, PPPoE discovery, PPP LCP, an unknown EtherType, a length of 1501",
        pcap(1, [ether(0x0806, bytes(28)), ether(38, b"\x42\x42\x03" + bytes(35)),
                 ether(0x8863, bytes.fromhex("110900000000")),
                 ether(0x8864, bytes.fromhex("110000070006c02109000000")),
                 ether(0x88CC, bytes(46)), ether(1501, bytes(60))])),
    "tunnels-closed.pcap": ("tunnels that cannot be opened: GRE with an unknown protocol, encrypted PPTP, "
                            "L2TP control, VXLAN's, GENEVE's and GTP's ports with something else, an endless GTP header, "
                            " a fragment of IP-in-IP, garbage in IP-in-IP",
        pcap(1, [outer4(47, be16(0, 0x1234) + bytes(20)),
                 outer4(47, be16(0x3001, 0x880B, 8, 9) + be16(0, 1) + bytes.fromhex("ff0300fd90001234")),
                 outer_udp(1701, be16(0xC802, 12, 0, 0, 0, 0)),
                 outer_udp(4789, b"not VXLAN at all"),
                 outer_udp(6081, b"\xc0not GENEVE"),
                 outer_udp(2152, b"not GTP at all"),
                 outer_udp(2152, bytes.fromhex("34ff00140000002a" "00000001" "00000001") + bytes(12)),
                 ether(0x0800, ipv4(4, UDP4[:32], OUT_SRC4, OUT_DST4, fragment=0x2000)),
                 outer4(4, b"\xff" * 40)])),
    "contradictions.pcap": ("headers that contradict their packet: IPv4 longer than the frame, shorter than its header, "
                            "version 5, TCP header of 16 bytes, beyond the packet, option of length 0, UDP length 4, UDP longer than IP",
        pcap(1, [ether(0x0800, ipv4(17, udp(40000, 5004, PAYLOAD), length=1500)),
                 ether(0x0800, ipv4(17, udp(40000, 5004, PAYLOAD), length=12)),
                 ether(0x0800, b"\x55" + UDP4[1:]),
                 ether(0x0800, TCP4[:32] + b"\x40" + TCP4[33:]),
                 ether(0x0800, TCP4[:32] + b"\xf0" + TCP4[33:]),
                 ether(0x0800, TCP4[:41] + b"\0" + TCP4[42:]),
                 ether(0x0800, UDP4[:24] + be16(4) + UDP4[26:]),
                 ether(0x0800, UDP4[:24] + be16(400) + UDP4[26:])])),
    "four.pcap": ("the four packets, nanosecond stamps", pcap(1, LAYERS["ethernet"][2])),
    "four.pcapng": ("the same as four.pcap", pcapng([(1, 65535)], [(0, f) for f in LAYERS["ethernet"][2]])),
    "two-link-types.pcapng": ("an Ethernet and a raw interface: libpcap refuses",
        pcapng([(1, 65535), (101, 65535)], [(0, LAYERS["ethernet"][2][0]), (1, UDP4)])),
    "two-snap-lengths.pcapng": ("two interfaces, two snapshot lengths: libpcap refuses",
        pcapng([(1, 65535), (1, 262144)], [(0, f) for f in LAYERS["ethernet"][2]])),
    "late-link-type.pcapng": ("a raw interface announced after two Ethernet packets",
        pcapng([(1, 65535)], [(0, f) for f in LAYERS["ethernet"][2][:2]]) +
        block(1, struct.pack("<HHI", 101, 0, 65535))),
    "bad-empty.pcap": ("no byte at all", b""),
    "bad-header-cut.pcap": ("the first four bytes of a capture", pcap(1, [])[:4]),
    "bad-no-packets.pcap": ("a header and no packets: valid", pcap(1, [])),
    "bad-cut.pcap": ("cut in the middle of the third packet", pcap(1, LAYERS["ethernet"][2])[:24 + 2 * 16 + len(LAYERS["ethernet"][2][0]) + len(LAYERS["ethernet"][2][1]) + 30]),
    "bad-cut-header.pcap": ("cut in the middle of the third packet's record header", pcap(1, LAYERS["ethernet"][2])[:24 + 2 * 16 + len(LAYERS["ethernet"][2][0]) + len(LAYERS["ethernet"][2][1]) + 7]),
    "bad-length-2gib.pcap": ("second packet claims 2 GiB captured",
        pcap(1, [UDP4]) + struct.pack("<IIII", START, 0, 0x80000000, 0x80000000) + UDP4),
    "bad-length-10mb.pcap": ("second packet claims 10 MB captured",
        pcap(1, [UDP4]) + struct.pack("<IIII", START, 0, 10000000, 10000000) + UDP4),
    "bad-link-type.pcap": ("link type 9999", pcap(9999, [UDP4])),
    "bad-link-type-named.pcap": ("link type 147, which libpcap knows as USER0", pcap(147, [UDP4])),
    "bad-text.pcap": ("a text file", b"This is not a capture.\n" * 20),
    "wild-time.pcap": ("the third of four packets is stamped 0xffffffff", pcap(1, [
        (f, len(f), 0xFFFFFFFF if i == 2 else START + i, 0) for i, f in enumerate(LAYERS["ethernet"][2])])),
}


def files():
    made = {f"layers-{name}.pcap": (what, pcap(link_type, frames))
            for name, (link_type, what, frames) in LAYERS.items()}
    made.update(ODD)
    return made


# The order of fuzz-decode's link types; 101 in a file is 12 once libpcap has read it.
FUZZ_LINK_TYPES = [1, 113, 276, 101, 228, 229, 0, 108, 9, 50, 51, 127, 105]


def fuzz_seeds():
    """Seeds of tests/fuzz/fuzz-decode: link type's place, bytes cut, frame."""
    return {f"../../fuzz/corpus-decode/{name}":
            bytes([FUZZ_LINK_TYPES.index(link_type), 0]) + frames[-1]
            for name, (link_type, _, frames) in LAYERS.items()}


def readme(made):
    text = ("# Captures of every link type, tunnel and oddity\n\n"
            "Written by `make.py`, byte by byte, no traffic of anybody: addresses are from the ranges for\n"
            "documentation. Licence: as the project (GPL-3.0-or-later). `make.py --check` compares.\n\n"
            "| file | shows | SHA-256 |\n| --- | --- | --- |\n")
    for name, (what, data) in sorted(made.items()):
        text += f"| {name} | {what} | {hashlib.sha256(data).hexdigest()} |\n"
    return text.encode()


def main():
    made = {name: data for name, (_, data) in files().items()}
    made["README.md"] = readme(files())
    made.update(fuzz_seeds())
    if sys.argv[1:] == ["--check"]:
        wrong = [name for name, data in made.items()
                 if not (HERE / name).is_file() or (HERE / name).read_bytes() != data]
        print("\n".join(f"{name} is not what make.py makes" for name in wrong) or "as made")
        return 1 if wrong else 0
    for name, data in made.items():
        (HERE / name).write_bytes(data)
    return 0


sys.exit(main())
