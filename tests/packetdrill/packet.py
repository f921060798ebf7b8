# SPDX-License-Identifier: GPL-2.0
"""Packets as bytes: IPv4, IPv6, TCP with its options, and errors of ICMP."""
import ipaddress
import struct
from dataclasses import dataclass, field

TCP = 6
ICMP = {4: 1, 6: 58}
FLAGS = "FSRP.UEW"              # from the lowest bit on
ECN = {"noecn": 0, "nonect": 0, "ect1": 1, "ect01": 1, "ect0": 2, "ce": 3}
KINDS = {"mss": 2, "wscale": 3, "sackOK": 4, "sack": 5, "TS": 8, "md5": 19, "FO": 34}
MASK = (1 << 32) - 1


class PacketError(Exception):
    pass


@dataclass
class Segment:
    source_port: int
    destination_port: int
    seq: int = 0
    ack: int = 0
    flags: str = ""
    window: int = 0
    urgent: int = 0
    options: list = field(default_factory=list)
    length: int = 0             # of the text
    ecn: int = 0


def checksum(*parts):
    data = b"".join(p + b"\0" * (len(p) % 2) for p in parts)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


# --- options ---

def option_bytes(option):
    name, values = option[0], option[1:]
    if name in ("nop", "eol"):
        return b"\x01" if name == "nop" else b"\0"
    body = {
        "mss": lambda: struct.pack("!H", *values),
        "wscale": lambda: struct.pack("!B", *values),
        "sackOK": lambda: b"",
        "sack": lambda: b"".join(struct.pack("!II", a & MASK, b & MASK) for a, b in values[0]),
        "TS": lambda: struct.pack("!II", values[0] & MASK, values[1] & MASK),
        "md5": lambda: values[0],
        "FO": lambda: values[0],
        "FOEXP": lambda: b"\xf9\x89" + values[0],
    }[name]()
    return struct.pack("!BB", KINDS.get(name, 254), 2 + len(body)) + body


def options_bytes(options):
    data = b"".join(map(option_bytes, options))
    return data + b"\0" * (-len(data) % 4)


def read_option(kind, body):
    if kind == 5:
        numbers = struct.unpack(f"!{len(body) // 4}I", body)
        return ("sack", tuple(zip(numbers[::2], numbers[1::2])))
    if kind == 254 and body[:2] == b"\xf9\x89":
        return ("FOEXP", body[2:])
    for name, number in KINDS.items():
        if number == kind:
            form = {"mss": "!H", "wscale": "!B", "TS": "!II", "sackOK": "!"}.get(name)
            return (name, *(struct.unpack(form, body) if form else (body,)))
    return (f"option {kind}", body)


def read_options(data):
    found = []
    while data:
        if data[0] < 2:
            found.append(("nop",) if data[0] else ("eol",))
            data = data[1:]
            continue
        if len(data) < 2 or not 2 <= data[1] <= len(data):
            raise PacketError("options that lead out of the header")
        found.append(read_option(data[0], data[2:data[1]]))
        data = data[data[1]:]
    return found


# --- IP ---

def addresses(source, destination):
    return ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed


def pseudo_header(source, destination, protocol, size):
    return b"".join(addresses(source, destination)) + struct.pack("!II", size, protocol)


def ip_packet(source, destination, protocol, payload, ecn=0):
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28 | ecn << 20, len(payload), protocol, 64) + \
            b"".join(addresses(source, destination)) + payload
    header = struct.pack("!BBHHHBBH", 0x45, ecn, 20 + len(payload), 0, 0, 64, protocol, 0) + \
        b"".join(addresses(source, destination))
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def read_ip(data):
    """(source, destination, protocol, ECN, payload)"""
    version = data[0] >> 4
    if version == 6:
        word, size, protocol = struct.unpack("!IHB", data[:7])
        header, ecn = 40, word >> 20 & 3
        ends = data[8:24], data[24:40]
    elif version == 4:
        header, ecn, protocol = (data[0] & 15) * 4, data[1] & 3, data[9]
        size = struct.unpack("!H", data[2:4])[0] - header
        ends = data[12:16], data[16:20]
        if checksum(data[:header]):
            raise PacketError("a bad checksum of IPv4's header")
    else:
        raise PacketError(f"IP version {version}")
    if len(data) != header + size:
        raise PacketError(f"{len(data)} bytes, and its header says {header + size}")
    source, destination = (str(ipaddress.ip_address(e)) for e in ends)
    return source, destination, protocol, ecn, data[header:]


# --- TCP and ICMP ---

def tcp_bytes(segment, source, destination):
    options = options_bytes(segment.options)
    bits = sum(1 << FLAGS.index(f) for f in segment.flags)
    data = struct.pack("!HHIIHHHH", segment.source_port, segment.destination_port,
                       segment.seq & MASK, segment.ack & MASK,
                       (5 + len(options) // 4) << 12 | bits, segment.window, 0, segment.urgent)
    data += options + b"\0" * segment.length
    total = checksum(pseudo_header(source, destination, TCP, len(data)), data)
    return data[:16] + struct.pack("!H", total) + data[18:]


def read_tcp(data, source, destination, ecn):
    if checksum(pseudo_header(source, destination, TCP, len(data)), data):
        raise PacketError("a bad checksum of TCP")
    sport, dport, seq, ack, word, window, _, urgent = struct.unpack("!HHIIHHHH", data[:20])
    header = (word >> 12) * 4
    flags = "".join(f for i, f in enumerate(FLAGS) if word >> i & 1)
    return Segment(sport, dport, seq, ack, flags, window, urgent, read_options(data[20:header]),
                   len(data) - header, ecn)


def icmp_error(code, number, mtu, quoted, source, destination):
    """A router's error about a packet; source is the router's address."""
    v6 = ":" in source
    if code == "frag_needed" or code == "packet_too_big":
        head = struct.pack("!BBHI", 2, 0, 0, mtu) if v6 else \
            struct.pack("!BBHHH", 3, 4, 0, 0, mtu)
    else:
        head = struct.pack("!BBHI", 1 if v6 else 3, number, 0, 0)
    data = head + quoted[:1200 if v6 else 28]
    over = (pseudo_header(source, destination, 58, len(data)),) if v6 else ()
    return data[:2] + struct.pack("!H", checksum(*over, data)) + data[4:]
