# SPDX-License-Identifier: GPL-2.0
"""A script of packetdrill's language: its text, and the events that it is made of.

    TIME > FLAGS SEQ:END(BYTES) [ack N] [win N] [urg N] [<OPTION,...>]    a packet of the stack's
    TIME < ...                                                            a packet to the stack
    TIME NAME(ARGUMENT, ...) = RESULT [ERRNO (text)]                      a system call
    TIME `COMMAND`                                                        a shell's command
    TIME %{ PYTHON }%                                                     what must be true

Before all these, --NAME or --NAME=VALUE are as if packetdrill were called with them.
TIME is seconds from the begin, +seconds from the event before, * for any, A~B for a range,
and A...B for a system call that blocks.
"""
import re
from dataclasses import dataclass, field

US = 1_000_000


class ScriptError(Exception):
    """The text is none that we know."""

    def __init__(self, line, what):
        super().__init__(f"line {line}: {what}")
        self.line = line


class Any_:
    """`...`: whatever it is."""

    def __repr__(self):
        return "..."


ANY = Any_()


@dataclass
class Time:
    relative: bool = False
    any: bool = False
    start_us: int = 0
    end_us: int = None          # of a range
    blocks_until_us: int = None


@dataclass
class Packet:
    flags: str
    seq: int = 0
    length: int = 0
    ack: int = None
    window: int = None
    urgent: int = 0
    options: list = field(default_factory=list)    # None: any
    ecn: str = None
    icmp: tuple = None          # (type, code, mtu), of a message that quotes the packet


@dataclass
class Call:
    name: str
    arguments: list
    result: object
    errno: str = None


@dataclass
class Event:
    line: int
    time: Time
    kind: str                   # outbound, inbound, call, command, code
    what: object
    text: str


@dataclass
class Script:
    options: dict               # of KNOWN_OPTIONS, those that it begins with
    events: list


TOKEN = re.compile(r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*)
  | (?P<code>%\{.*?\}%)
  | (?P<command>`[^`]*`)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<ellipsis>\.\.\.)
  | (?P<number>0x[0-9a-fA-F]+|\d+\.\d+|\.\d+|\d+)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>.)
""", re.VERBOSE | re.DOTALL)


class Tokens:
    def __init__(self, text):
        self.text = text
        self.found = []
        for m in TOKEN.finditer(text):
            if m.lastgroup != "space":
                self.found.append((m.lastgroup, m.group(), m.start(), m.end()))
        self.at = 0

    def line(self, back=0):
        i = min(self.at - back, len(self.found) - 1)
        return self.text.count("\n", 0, self.found[i][2]) + 1 if self.found else 1

    def fail(self, what):
        raise ScriptError(self.line(), what)

    def peek(self, ahead=0):
        i = self.at + ahead
        return self.found[i][:2] if i < len(self.found) else ("end", "")

    def touches(self, ahead=0):
        """The token stands right behind the one before it."""
        i = self.at + ahead
        return 0 < i < len(self.found) and self.found[i][2] == self.found[i - 1][3]

    def next(self):
        token = self.peek()
        self.at += 1
        return token

    def take(self, value):
        if self.peek()[1] != value:
            return False
        self.at += 1
        return True

    def want(self, value):
        if not self.take(value):
            self.fail(f"'{value}' wanted, not '{self.peek()[1]}'")

    def integer(self):
        sign = -1 if self.take("-") else 1
        kind, value = self.next()
        if kind != "number" or "." in value:
            self.fail(f"a number wanted, not '{value}'")
        return sign * int(value, 0)

    def source(self, first):
        """The text from token number `first` on, up to here."""
        start, end = self.found[first][2], self.found[self.at - 1][3]
        return " ".join(self.text[start:end].split())


# --- options ---

# tolerance_percent, which may only forgive more, is taken without a meaning.
KNOWN_OPTIONS = {"bind_port", "ip_version", "local_ip", "remote_ip", "strict_segments",
                 "tcp_ts_tick_usecs", "tolerance_percent", "tolerance_usecs"}


def parse_script_options(t):
    """Lines of --NAME=VALUE, whose values are no tokens."""
    options = {}
    while t.peek()[1] == "-" and t.peek(1)[1] == "-":
        m = re.compile(r"--(\w+)(?:=(\S+))?").match(t.text, t.found[t.at][2])
        if not m or m[1] not in KNOWN_OPTIONS:
            t.fail(f"option '{m[0] if m else '--'}'")
        options[m[1]] = m[2]
        while t.at < len(t.found) and t.found[t.at][2] < m.end():
            t.at += 1
    return options


# --- times ---

def seconds_us(t):
    kind, value = t.next()
    if kind != "number":
        t.fail(f"a time wanted, not '{value}'")
    return round(float(value) * US)


def parse_time(t):
    time = Time()
    if t.take("*"):
        time.any = True
        return time
    time.relative = t.take("+")
    time.start_us = seconds_us(t)
    if t.take("~"):
        t.take("+")
        time.end_us = seconds_us(t)
    elif t.take("..."):
        t.take("+")
        time.blocks_until_us = seconds_us(t)
    return time


# --- packets ---

def hex_bytes(t):
    """Digits of a cookie or a digest, which may look like several tokens."""
    digits = ""
    while t.peek()[0] in ("number", "word") and (not digits or t.touches()):
        digits += t.next()[1]
    try:
        return bytes.fromhex(digits)
    except ValueError:
        t.fail(f"'{digits}' are no bytes")


def parse_option(t):
    kind, name = t.next()
    if kind != "word":
        t.fail(f"an option wanted, not '{name}'")
    if name in ("nop", "eol", "sackOK"):
        return (name,)
    if name in ("mss", "wscale"):
        return (name, t.integer())
    if name == "TS":
        t.want("val")
        value = t.integer()
        t.want("ecr")
        return (name, value, t.integer())
    if name == "sack":
        blocks = []
        while t.peek()[0] == "number":
            first = t.integer()
            t.want(":")
            blocks.append((first, t.integer()))
        return (name, tuple(blocks))
    if name in ("FO", "FOEXP", "md5"):
        return (name, b"" if t.peek()[1] in (",", ">") else hex_bytes(t))
    t.fail(f"option '{name}'")


def parse_options(t):
    if not t.take("<"):
        return []
    if t.take("..."):
        t.want(">")
        return None
    options = [parse_option(t)]
    while t.take(","):
        options.append(parse_option(t))
    t.want(">")
    return options


def parse_flags(t):
    flags = ""
    while t.peek()[1] and set(t.peek()[1]) <= set("FSRPUEWC.") and (not flags or t.touches()):
        flags += t.next()[1]
    if not flags:
        t.fail(f"flags wanted, not '{t.peek()[1]}'")
    return flags


def parse_numbers(t, packet):
    packet.seq = t.integer()
    t.want(":")
    end = t.integer()
    t.want("(")
    packet.length = t.integer()
    t.want(")")
    if (packet.seq + packet.length - end) % (1 << 32):
        t.fail(f"{packet.seq}:{end}({packet.length}) does not add up")


ICMP_CODES = {
    "net_unreachable": 0, "host_unreachable": 1, "protocol_unreachable": 2,
    "port_unreachable": 3, "frag_needed": 4, "source_route_failed": 5,
    "net_unknown": 6, "host_unknown": 7, "packet_too_big": 0,
}


def parse_icmp(t, packet):
    t.want("unreachable") if t.peek()[1] == "unreachable" else t.next()
    code = "net_unreachable" if t.peek()[1] == "[" else t.next()[1]
    if code not in ICMP_CODES:
        t.fail(f"ICMP's '{code}'")
    packet.icmp = (code, ICMP_CODES[code], t.integer() if t.take("mtu") else 0)
    if t.take("["):             # what it quotes may stand here, too
        parse_numbers(t, packet)
        t.want("]")


def parse_packet(t):
    packet = Packet(flags="")
    if t.take("["):
        if t.peek()[0] == "number":
            parse_numbers(t, packet)
        else:
            packet.ecn = t.next()[1]
        t.want("]")
    if t.take("icmp"):
        parse_icmp(t, packet)
        return packet
    packet.flags = parse_flags(t)
    parse_numbers(t, packet)
    if t.take("ack"):
        packet.ack = t.integer()
    if t.take("win"):
        packet.window = t.integer()
    if t.take("urg"):
        packet.urgent = t.integer()
    packet.options = parse_options(t)
    return packet


# --- system calls ---

def parse_struct(t):
    """{a=1, b=...}, or {..., 1000} without names: a dict, by name or by place."""
    found = {}
    while not t.take("}"):
        key = len(found)
        if t.peek()[0] == "word" and t.peek(1)[1] in ("=", "("):
            after = 1
            if t.peek(1)[1] == "(":         # msg_iov(1)=, msg_name(...)=
                after = 4
            if t.peek(after)[1] == "=":
                key = t.next()[1]
                while t.next()[1] != "=":
                    pass
        found[key] = parse_value(t)
        if t.peek()[1] != "}":
            t.want(",")
    return found


def parse_list(t):
    found = []
    while not t.take("]"):
        found.append(parse_value(t))
        if t.peek()[1] != "]":
            t.want(",")
    return found


def parse_word(t):
    name = t.next()[1]
    if not t.take("("):
        return ("name", name)
    arguments = []
    while not t.take(")"):
        arguments.append(parse_value(t))
        t.take(",")
    return ("function", name, arguments)


def parse_value(t):
    value = parse_one_value(t)
    while t.take("|"):
        value = ("or", value, parse_one_value(t))
    return value


def parse_one_value(t):
    kind, value = t.peek()
    if t.take("..."):
        return ANY
    if t.take("["):
        return parse_list(t)
    if t.take("{"):
        return parse_struct(t)
    if kind == "word":
        return parse_word(t)
    if kind == "string":
        return t.next()[1][1:-1].encode().decode("unicode_escape").encode("latin1")
    return t.integer()


def parse_call(t):
    name = t.next()[1]
    t.want("(")
    arguments = []
    while not t.take(")"):
        arguments.append(parse_value(t))
        if t.peek()[1] != ")":
            t.want(",")
    t.want("=")
    call = Call(name, arguments, parse_value(t))
    if t.peek()[0] == "word" and re.fullmatch("E[A-Z0-9]+", t.peek()[1]):
        call.errno = t.next()[1]
    if t.take("("):             # its text, or of flags
        while not t.take(")"):
            t.next()
    return call


# --- events ---

def parse_action(t):
    kind, value = t.peek()
    if t.take("<"):
        return "inbound", parse_packet(t)
    if t.take(">"):
        return "outbound", parse_packet(t)
    if kind == "command":
        return kind, t.next()[1][1:-1]
    if kind == "code":
        return kind, t.next()[1][2:-2]
    if kind == "word":
        return "call", parse_call(t)
    t.fail(f"'{value}' begins nothing that we know")


def parse(text):
    """A Script. Raises ScriptError."""
    t = Tokens(text)
    options, events = parse_script_options(t), []
    while t.peek()[0] != "end":
        first, line = t.at, t.line()
        bare = t.peek()[0] in ("command", "code")      # at the begin or the end, without a time
        time = Time(relative=True) if bare else parse_time(t)
        kind, what = parse_action(t)
        events.append(Event(line, time, kind, what, t.source(first)))
    return Script(options, events)
