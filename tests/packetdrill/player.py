# SPDX-License-Identifier: GPL-2.0
"""Plays a script against a stack, event by event, in the stack's time."""
import contextlib
import io
import os
import re
import subprocess
import textwrap
import threading
import time
from dataclasses import dataclass, field

import packet as p
from calls import CallError, Calls
from stack import US

TOLERANCE_US = 4000             # packetdrill's own
SLICE_US = 1000                 # of time, while a call blocks
PORT = 8080                     # to listen at, and to connect to
FIRST_PORT = 40001              # of the peer's

# Which the scripts take for known: Linux makes it by the key that their defaults.sh sets,
# between their usual addresses. A server's cookies are its own matter: ours stands for it.
LINUX_COOKIE = bytes.fromhex("3021b9d889017eeb")
COOKIE_PORT = 40000

CA_STATES = {"TCP_CA_Open": 0, "TCP_CA_Disorder": 1, "TCP_CA_CWR": 2, "TCP_CA_Recovery": 3,
             "TCP_CA_Loss": 4}
STATES = ("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT "
          "LAST_ACK LISTEN CLOSING").split()
OPTIONS = {"TCPI_OPT_TIMESTAMPS": 1, "TCPI_OPT_SACK": 2, "TCPI_OPT_WSCALE": 4,
           "TCPI_OPT_ECN": 8, "TCPI_OPT_ECN_SEEN": 16, "TCPI_OPT_SYN_DATA": 32}


class Failure(Exception):
    """At which line what differs."""

    def __init__(self, line, what):
        super().__init__(f"line {line}: {what}")
        self.line, self.what = line, what


@dataclass
class Flow:
    """One connection: what the script calls its numbers, and what they are."""
    local_port: int
    remote_port: int
    active: bool
    offset: int = None          # real number - the script's, of the stack's bytes
    isn: int = 0                # in a script, what is no SYN counts from there, ...
    peer_isn: int = None        # ... and from there
    stamps: dict = field(default_factory=dict)      # the script's TS val -> the real one
    first_stamp: tuple = None                       # the first of these
    sent: dict = field(default_factory=dict)        # by number: packets that ICMP may quote

    def to_real(self, number):
        return (number + (self.offset or 0)) & p.MASK

    def to_script(self, number):
        return (number - (self.offset or 0)) & p.MASK


class Player:
    def __init__(self, stack, version, local, remote, directory, environment, options=None):
        self.stack, self.version = stack, version
        self.local, self.remote = local, remote
        self.directory, self.environment = directory, environment
        options = options or {}
        self.port = int(options.get("bind_port", PORT))
        self.tolerance_us = int(options.get("tolerance_usecs", TOLERANCE_US))
        self.strict = "strict_segments" in options      # no burst stands for its segments
        self.tick_us = int(options.get("tcp_ts_tick_usecs", 0))
        self.calls = Calls(stack, version, local, remote, PORT, self.port)
        self.flow, self.old_ports = None, set()
        self.listening, self.connecting = False, False
        self.info_fd = None
        self.next_port = FIRST_PORT
        self.cookies = {}       # the script's -> the stack's
        self.blocked = []       # threads of calls
        self.pending = None     # what is left of a packet of the stack's
        self.names = {**CA_STATES, **OPTIONS,
                      **{f"TCP_{s}": i + 1 for i, s in enumerate(STATES)}}
        self.begin_us = stack.now_us()
        self.last_us = 0

    # --- time ---

    def now_us(self):
        return self.stack.now_us() - self.begin_us

    def settle(self):
        """Calls that block either wait in the stack, or have ended and noted when."""
        self.blocked = [b for b in self.blocked if b.is_alive() or self.check_blocked(b)]
        for b in self.blocked:
            if not self.waits(b):
                self.check_blocked(b)
        self.blocked = [b for b in self.blocked if b.is_alive()]

    def waits(self, thread):
        """False when it has ended, True when it will not before time goes on."""
        seen = 0
        while thread.is_alive() and seen < 3:
            seen = seen + 1 if is_asleep(thread.native_id) else 0
            time.sleep(0.0002)
        return thread.is_alive()

    def check_blocked(self, thread):
        if thread.failure:
            raise thread.failure
        return False

    def move_to(self, time_us):
        self.settle()
        while True:
            left_us = time_us - self.now_us()
            if left_us <= 0:
                return
            self.stack.call("usleep", min(left_us, SLICE_US) if self.blocked else left_us)
            self.settle()

    def start_of(self, event):
        t = event.time
        if t.any:
            return self.now_us()
        return t.start_us + (self.last_us if t.relative else 0)

    # --- events ---

    def play(self, events):
        for event in events:
            start_us = self.start_of(event)
            try:
                self.move_to(start_us)
                at_us = getattr(self, event.kind)(event, start_us)
            except CallError as e:
                raise Failure(event.line, f"{event.text}: {e}") from None
            ranged = event.time.any or event.time.end_us is not None
            self.last_us = at_us if ranged and at_us is not None else start_us
        self.finish(events[-1].line if events else 1)

    def finish(self, line):
        self.settle()
        if self.blocked:
            raise Failure(line, "a call still blocks")

    def command(self, event, start_us):
        text = event.what.strip()
        if text.startswith("/tmp/sysctl_restore_"):     # each script has values of its own
            return
        text = re.sub(r"[./\w]*/set_sysctls\.py", "set_sysctls", text)
        # what says to this machine's kernel is no matter of the stack's
        text = re.sub(r">\s*/(sys|proc)/\S+", "> /dev/null", text)
        done = subprocess.run(["/bin/bash", "-c", text], cwd=self.directory, text=True,
                              env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Failure(event.line, f"`{text}`: {done.stdout.strip() or done.returncode}")

    def code(self, event, start_us):
        if self.info_fd in self.calls.fds:
            self.names.update(self.stack.tcp_info(self.calls.fds[self.info_fd]))
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(textwrap.dedent(event.what).strip(), self.names)
        except Exception as e:
            what = type(e).__name__ + (f": {e}" if str(e) else "")
            raise Failure(event.line, f"{event.text}: {what}") from None

    # --- calls ---

    def call(self, event, start_us):
        call = event.what
        if event.time.blocks_until_us is not None:
            base_us = self.last_us if event.time.relative else 0
            self.note_call(call)
            self.begin_blocking(event, base_us + event.time.blocks_until_us)
            return
        self.note_call(call)
        failed = []

        def body():
            try:
                self.calls.run(call)
            except Exception as e:      # of ours, too
                failed.append(e)

        # time stands still: what waits for it would wait for ever
        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        thread.join(0.05)
        if thread.is_alive() and self.waits(thread):
            raise Failure(event.line, f"{event.text}: it blocks")
        if failed:
            raise failed[0]
        self.note_result(call)

    def note_call(self, call):
        if call.name == "listen":
            self.listening = True
        elif call.name in ("connect", "sendto", "sendmsg"):
            self.connecting = True

    def note_result(self, call):
        """TCP_INFO is of the socket that came last."""
        if call.name in ("socket", "accept") and not call.errno:
            self.info_fd = self.calls.value(call.result)
        if call.name == "close" and self.flow and not self.flow.active:
            self.listening = True       # the next SYN is another connection's

    def begin_blocking(self, event, end_us):
        def body():
            try:
                self.calls.run(event.what)
                self.note_result(event.what)
                ended_us = self.now_us()
                if abs(ended_us - end_us) > self.tolerance_us:
                    thread.failure = Failure(
                        event.line, f"{event.text}: it ended at {ended_us / US:.6f}, "
                        f"not {end_us / US:.6f}")
            except Exception as e:      # of ours, too
                thread.failure = Failure(event.line, f"{event.text}: {e!r}")

        thread = threading.Thread(target=body, daemon=True)
        thread.failure = None
        thread.start()
        self.blocked.append(thread)
        self.settle()

    # --- packets to the stack ---

    def inbound(self, event, start_us):
        w = event.what
        if w.icmp:
            return self.inbound_icmp(w)
        if "S" in w.flags and "." not in w.flags and (self.listening or not self.flow):
            self.begin_flow(Flow(self.port, self.next_port, active=False))
            self.next_port += 1
            self.listening = False
        if not self.flow:
            self.flow = Flow(self.port, self.next_port, active=False)
        f = self.flow
        if "S" in w.flags and f.peer_isn is None:
            f.peer_isn = w.seq
        if w.flags == "S" and not f.active and any(o[0] == "FO" for o in w.options or []):
            self.learn_cookie(event)
        seq = w.seq if "S" in w.flags else w.seq + (f.peer_isn or 0) & p.MASK
        ack = w.ack - (f.isn if "S" in w.flags else 0) if w.ack is not None else None
        segment = p.Segment(f.remote_port, f.local_port, seq,
                            f.to_real(ack) if ack is not None else 0, w.flags,
                            w.window or 0, w.urgent,
                            [self.option_to_real(o) for o in w.options or []], w.length)
        data = p.tcp_bytes(segment, self.remote, self.local)
        self.stack.put(p.ip_packet(self.remote, self.local, p.TCP, data,
                                   p.ECN[w.ecn or "noecn"]))
        self.settle()

    def option_to_real(self, option):
        f = self.flow
        if option[0] == "TS":
            return ("TS", option[1], f.stamps.get(option[2], option[2]))
        if option[0] == "sack":
            return ("sack", tuple((f.to_real(a), f.to_real(b)) for a, b in option[1]))
        if option[0] == "FO":
            return ("FO", self.cookies.get(option[1], option[1]))
        return option

    def learn_cookie(self, event):
        """What the stack gives to who asks, for the one that a script knows already."""
        if LINUX_COOKIE in self.cookies:
            return
        self.put_aside("S", 1, [("mss", 1460), ("FO", b""), ("nop",), ("nop",)])
        found = self.stack.next_packet()
        if found:
            source, destination, _, ecn, payload = p.read_ip(found[0])
            segment = p.read_tcp(payload, source, destination, ecn)
            if segment.destination_port != COOKIE_PORT:
                raise Failure(event.line, f"{event.text}: another packet was to be told of")
            for option in segment.options:
                if option[0] == "FO":
                    self.cookies[LINUX_COOKIE] = option[1]
        self.put_aside("R", 2, [])

    def put_aside(self, flags, seq, options):
        """A packet of a connection that the script does not know of."""
        data = p.tcp_bytes(p.Segment(COOKIE_PORT, self.port, seq, 0, flags, 65535,
                                     options=options), self.remote, self.local)
        self.stack.put(p.ip_packet(self.remote, self.local, p.TCP, data))

    def inbound_icmp(self, w):
        code, number, mtu = w.icmp
        f = self.flow
        head = p.tcp_bytes(p.Segment(f.local_port, f.remote_port, f.to_real(w.seq),
                                     flags=".", length=w.length), self.local, self.remote)
        quoted = p.ip_packet(self.local, self.remote, p.TCP, head)
        data = p.icmp_error(code, number, mtu, quoted, self.remote, self.local)
        self.stack.put(p.ip_packet(self.remote, self.local, p.ICMP[self.version], data))
        self.settle()

    # --- packets of the stack's ---

    def begin_flow(self, flow):
        if self.flow:
            self.old_ports.add((self.flow.local_port, self.flow.remote_port))
        self.flow, self.pending = flow, None

    def next_segment(self, event):
        """(segment, when it went), of the connection that the script is about."""
        while True:
            found, self.pending = self.pending, None
            found = found or self.stack.next_packet()
            if not found:
                raise Failure(event.line, f"{event.text}: nothing is sent")
            data, sent_us = found
            if isinstance(data, p.Segment):
                return data, sent_us
            try:
                source, destination, protocol, ecn, payload = p.read_ip(data)
                if protocol != p.TCP:
                    raise p.PacketError(f"protocol {protocol}")
                segment = p.read_tcp(payload, source, destination, ecn)
            except p.PacketError as e:
                raise Failure(event.line, f"{event.text}: {e}") from None
            if (source, destination) != (self.local, self.remote):
                raise Failure(event.line, f"from {source} to {destination}")
            ports = segment.source_port, segment.destination_port
            if self.connecting and segment.flags == "S" and ports not in self.old_ports and \
                    (not self.flow or ports != (self.flow.local_port, self.flow.remote_port)):
                self.begin_flow(Flow(*ports, active=True))
                self.connecting = False
            if ports not in self.old_ports:
                return segment, sent_us

    def outbound(self, event, start_us):
        """One packet; or one that a device would cut, as what it would be cut to."""
        w = event.what
        if w.icmp:
            raise Failure(event.line, f"{event.text}: ICMP that the stack would send")
        covered, sent_us = 0, None
        while True:
            segment, at_us = self.next_segment(event)
            self.check_time(event, start_us, at_us - self.begin_us)
            sent_us = sent_us or at_us - self.begin_us
            cut = not self.strict and (covered or segment.length < w.length)
            self.check_segment(event, segment, covered, cut)
            covered += segment.length
            if covered >= w.length:
                break
        return sent_us

    def check_time(self, event, start_us, sent_us):
        end_us = start_us
        if event.time.any:
            return
        if event.time.end_us is not None:
            end_us = event.time.end_us + (self.last_us if event.time.relative else 0)
        if not start_us - self.tolerance_us <= sent_us <= end_us + self.tolerance_us:
            raise Failure(event.line, f"{event.text}: sent at {sent_us / US:.6f}, "
                          f"not {start_us / US:.6f}")

    def check_segment(self, event, segment, covered, cut):
        w, f = event.what, self.flow
        if "S" in segment.flags and "S" in w.flags:
            f.offset, f.isn = segment.seq, w.seq
        self.take_cookie(segment, w)
        got = self.described(segment, w)
        wanted = self.wanted(w, covered, cut, segment)
        different = [k for k in wanted if got[k] != wanted[k]]
        if different:
            raise Failure(event.line, f"{event.text}: " + ", ".join(
                f"{k} is {got[k]}, not {wanted[k]}" for k in different))
        for option in segment.options:
            if option[0] == "TS":
                for o in w.options or []:
                    if o[0] == "TS":
                        self.check_stamp(event, o[1], option[1])
                        f.stamps[o[1]] = option[1]

    def check_stamp(self, event, scripted, real):
        """With a tick, the stack's time stamps go on as the script's do."""
        f = self.flow
        if not self.tick_us:
            return
        if f.first_stamp is None:
            f.first_stamp = scripted, real
        ticks = (real - f.first_stamp[1]) - (scripted - f.first_stamp[0])
        ticks = (ticks + (1 << 31) & p.MASK) - (1 << 31)
        if abs(ticks) * self.tick_us > self.tolerance_us:
            raise Failure(event.line, f"{event.text}: TS val is {ticks} ticks from it")

    def take_cookie(self, segment, w):
        """The first that a server gives is the one that the script says."""
        said = [o[1] for o in w.options or [] if o[0] == "FO" and o[1]]
        got = [o[1] for o in segment.options if o[0] == "FO" and o[1]]
        if not said or not got or self.flow.active or said[0] in self.cookies:
            return
        if self.cookies.get(LINUX_COOKIE) == got[0]:
            del self.cookies[LINUX_COOKIE]      # this script calls it otherwise
        if got[0] not in self.cookies.values():
            self.cookies[said[0]] = got[0]

    def peer_to_script(self, number):
        return number - (self.flow and self.flow.peer_isn or 0) & p.MASK

    def option_to_script(self, option):
        if option[0] == "TS":
            return ("TS", ANY_STAMP, option[2])
        if option[0] == "sack":
            return ("sack", tuple(tuple(map(self.peer_to_script, block))
                                  for block in option[1]))
        if option[0] == "FO":
            return ("FO", next((s for s, real in self.cookies.items() if real == option[1]),
                               option[1]))
        return option

    def described(self, segment, w):
        f = self.flow
        options = [self.option_to_script(o) for o in segment.options]
        ack = self.peer_to_script(segment.ack) if "." in segment.flags else None
        if ack is not None and "S" in segment.flags:    # as the peer's SYN said it
            ack = segment.ack
        seq = f.to_script(segment.seq) if f else segment.seq
        if "S" in segment.flags and "S" in w.flags:
            seq = seq + w.seq & p.MASK
        return {"flags": segment.flags, "seq": seq,
                "length": segment.length, "ack": ack,
                "window": segment.window, "urgent": segment.urgent, "options": options,
                "ECN": segment.ecn}

    def wanted(self, w, covered, cut, segment):
        flags = "".join(sorted(w.flags, key=p.FLAGS.index))
        wanted = {"flags": flags, "seq": w.seq + covered & p.MASK, "length": w.length}
        if cut:
            # where a burst is cut, and the PSH that Linux marks one with, is a device's;
            # a FIN is with the last of it
            last = covered + segment.length == w.length
            wanted["length"] = segment.length if covered + segment.length <= w.length and \
                segment.length else w.length - covered
            wanted["flags"] = "".join(c for c in flags if c != "P" and (last or c != "F"))
            if "P" in segment.flags:
                wanted["flags"] = wanted["flags"].replace(".", "P.")
        if w.ack is not None or "." in flags:
            wanted["ack"] = w.ack
        if w.window is not None:
            wanted["window"] = w.window
        if w.urgent:
            wanted["urgent"] = w.urgent
        if w.ecn:
            wanted["ECN"] = p.ECN[w.ecn]
        if w.options is not None:
            wanted["options"] = [("TS", ANY_STAMP, o[2]) if o[0] == "TS" else o
                                 for o in w.options]
        return wanted


ANY_STAMP = "..."


def is_asleep(native_id):
    try:
        with open(f"/proc/self/task/{native_id}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "S"
    except OSError:
        return False


def environment(directory, file):
    return {"PATH": directory, "NETCHANNEL_SYSCTL": file, "PACKETDRILL_PID": str(os.getpid())}
