# SPDX-License-Identifier: GPL-2.0
"""System calls of a script: their arguments for C, and what comes back beside the script."""
import ctypes
import errno
import fcntl
import select
import socket
import struct
import termios
from ctypes import c_uint32

from script import ANY
from stack import EpollEvent, IoVector, Message, PollFd


class CallError(Exception):
    """What came back is not what the script says, or it cannot be called."""


# Names that Python's modules lack, or know only with a newer C library.
NAMES = {
    "SOL_TCP": 6, "TCP_CONGESTION": 13, "TCP_INFO": 11, "TCP_MD5SIG": 14, "TCP_REPAIR": 19,
    "TCP_THIN_LINEAR_TIMEOUTS": 16, "TCP_THIN_DUPACK": 17, "TCP_TIMESTAMP": 24,
    "TCP_SAVE_SYN": 27, "TCP_SAVED_SYN": 28, "TCP_ULP": 31, "TCP_FASTOPEN_CONNECT": 30,
    "TCP_FASTOPEN_KEY": 33, "TCP_FASTOPEN_NO_COOKIE": 34, "TCP_ZEROCOPY_RECEIVE": 35,
    "TCP_INQ": 36, "TCP_CM_INQ": 36, "TCP_TX_DELAY": 37, "TCP_CC_INFO": 26,
    "TCP_COOKIE_TRANSACTIONS": 15, "TCP_AO_ADD_KEY": 38,
    "SO_ZEROCOPY": 60, "SO_TIMESTAMPING": 37, "SO_MAX_PACING_RATE": 47, "SO_MEMINFO": 55,
    "SO_TXTIME": 61, "SO_TIMESTAMP": 29, "SO_EE_ORIGIN_ZEROCOPY": 5,
    "SO_EE_CODE_ZEROCOPY_COPIED": 1,
    "MSG_ZEROCOPY": 0x4000000, "MSG_FASTOPEN": 0x20000000, "MSG_EOR": 0x80,
    "MSG_MORE": 0x8000, "SIOCINQ": termios.FIONREAD, "FIONREAD": termios.FIONREAD,
    "SIOCOUTQ": termios.TIOCOUTQ, "SIOCOUTQNSD": 0x894b, "NULL": 0,
    "IP_RECVERR": 11, "IPV6_RECVERR": 25, "IP_MTU_DISCOVER": 10, "IP_MTU": 14,
    "IP_PMTUDISC_DO": 2, "IP_PMTUDISC_DONT": 0, "IP_PMTUDISC_WANT": 1,
    "IP_PMTUDISC_PROBE": 3, "IPV6_MTU_DISCOVER": 23, "SPLICE_F_NONBLOCK": 2,
    "EPOLL_CTL_ADD": 1, "EPOLL_CTL_DEL": 2, "EPOLL_CTL_MOD": 3,
    "IP_BIND_ADDRESS_NO_PORT": 24, "IP_LOCAL_PORT_RANGE": 51, "TCP_NOTSENT_LOWAT": 25,
}
MODULES = (socket, errno, select, fcntl)
FAMILY_NAMES = {
    4: {"CMSG_LEVEL_IP": 0, "CMSG_TYPE_RECVERR": 11},
    6: {"CMSG_LEVEL_IP": 41, "CMSG_TYPE_RECVERR": 25},
}
O_FLAGS = {"O_RDONLY": 0, "O_WRONLY": 1, "O_RDWR": 2, "O_NONBLOCK": 0o4000}


def find_name(name, version):
    for names in (FAMILY_NAMES[version], NAMES, O_FLAGS):
        if name in names:
            return names[name]
    for module in MODULES:
        if isinstance(getattr(module, name, None), int):
            return int(getattr(module, name))
    raise CallError(f"no such name: {name}")


FUNCTIONS = {"htons": socket.htons, "htonl": socket.htonl}


class Calls:
    """The sockets of a script, which knows them by numbers of its own."""

    def __init__(self, stack, version, local, remote, port, bind_port):
        self.stack, self.version = stack, version
        self.port, self.bind_port = port, bind_port
        self.local, self.remote = local, remote
        self.fds = {}

    # --- arguments ---

    def value(self, v):
        if isinstance(v, tuple) and v[0] == "name":
            return find_name(v[1], self.version)
        if isinstance(v, tuple) and v[0] == "or":
            return self.value(v[1]) | self.value(v[2])
        if isinstance(v, tuple):
            if v[1] not in FUNCTIONS:
                raise CallError(f"no such function: {v[1]}")
            return FUNCTIONS[v[1]](*map(self.value, v[2]))
        return v

    def fd(self, v):
        number = self.value(v)
        return self.fds.get(number, number if number < 0 else 1 << 20)

    def address(self, host, port):
        if self.version == 4:
            return struct.pack("<H", socket.AF_INET) + struct.pack("!H", port) + \
                socket.inet_pton(socket.AF_INET, host) + bytes(8)
        return struct.pack("<H", socket.AF_INET6) + struct.pack("!HI", port, 0) + \
            socket.inet_pton(socket.AF_INET6, host) + bytes(4)

    def run(self, call):
        """Calls, and compares; raises CallError."""
        method = getattr(self, f"sys_{call.name}", None)
        if not method:
            raise CallError(f"no call of the table: {call.name}()")
        wanted = self.value(call.result)
        if call.errno:
            result, error = method(*call.arguments, failing=True)
            got = errno.errorcode.get(error, error)
            if result != wanted or got != call.errno:
                raise CallError(f"{call.name}() = {result} {got if result < 0 else ''}, "
                                f"not {wanted} {call.errno}")
            return
        result, error = method(*call.arguments, failing=False)
        if result < 0 and (wanted is ANY or wanted >= 0):
            raise CallError(f"{call.name}() = {result} {errno.errorcode.get(error, error)}, "
                            f"not {wanted}")
        if call.name in ("socket", "accept", "epoll_create"):
            self.fds[wanted] = result
        elif wanted is not ANY and result != wanted:
            raise CallError(f"{call.name}() = {result}, not {wanted}")

    def equal(self, what, got, wanted):
        wanted = self.value(wanted)
        if wanted is not ANY and got != wanted:
            raise CallError(f"{what} is {got}, not {wanted}")

    # --- sockets ---

    def sys_socket(self, domain, kind, protocol, failing):
        family = socket.AF_INET if self.version == 4 else socket.AF_INET6
        return self.stack.call("socket", family if domain is ANY else self.value(domain),
                               self.value(kind), self.value(protocol))

    def given_address(self, address, port_of, otherwise):
        """`...` is the usual one; else only its port can be another."""
        if address is ANY:
            return self.address(otherwise, port_of)
        if address == ("name", "AF_UNSPEC"):
            return bytes(len(self.address(otherwise, port_of)))
        if not isinstance(address, dict):
            raise CallError(f"an address that we do not know: {address}")
        return self.address(otherwise, socket.ntohs(self.value(address["sin_port"])))

    def sys_bind(self, fd, address, size, failing):
        a = self.given_address(address, self.bind_port, self.local)
        return self.stack.call("bind", self.fd(fd), a, len(a))

    def sys_connect(self, fd, address, size, failing):
        a = self.given_address(address, self.port, self.remote)
        return self.stack.call("connect", self.fd(fd), a, len(a))

    def sys_listen(self, fd, backlog, failing):
        return self.stack.call("listen", self.fd(fd), self.value(backlog))

    def sys_accept(self, fd, address, size, failing):
        room, length = ctypes.create_string_buffer(28), c_uint32(28)
        return self.stack.call("accept", self.fd(fd), room, ctypes.byref(length))

    def sys_close(self, fd, failing):
        result = self.stack.call("close", self.fd(fd))
        if result[0] == 0:
            del self.fds[self.value(fd)]
        return result

    def sys_shutdown(self, fd, how, failing):
        return self.stack.call("shutdown", self.fd(fd), self.value(how))

    def sys_fcntl(self, fd, command, argument=0, failing=False):
        result = self.stack.call("fcntl", self.fd(fd), self.value(command),
                                 self.value(argument))
        if self.value(command) == fcntl.F_GETFL and result[0] >= 0:
            return result[0] & (3 | O_FLAGS["O_NONBLOCK"]), result[1]
        return result

    def sys_ioctl(self, fd, request, value, failing):
        room = ctypes.c_int(0)
        result = self.stack.call("ioctl", self.fd(fd), self.value(request), ctypes.byref(room))
        if result[0] >= 0 and not failing:
            self.equal("the value", room.value, value[0])
        return result

    # --- options ---

    def option_bytes(self, v):
        if isinstance(v, bytes):
            return v
        if isinstance(v, list):
            number = self.value(v[0]) if v and v[0] is not ANY else 0
            return struct.pack("<I", number & 0xffffffff)
        if isinstance(v, dict) and "onoff" in v:
            return struct.pack("<ii", self.value(v["onoff"]), self.value(v["linger"]))
        if isinstance(v, dict) and "tv_sec" in v:
            return struct.pack("<qq", self.value(v["tv_sec"]), self.value(v["tv_usec"]))
        raise CallError(f"an option's value that we do not know: {v}")

    def sys_setsockopt(self, fd, level, name, value, size, failing):
        data = self.option_bytes(value)
        return self.stack.call("setsockopt", self.fd(fd), self.value(level), self.value(name),
                               data, self.value(size) if size is not ANY else len(data))

    def sys_getsockopt(self, fd, level, name, value, size, failing):
        room, length = ctypes.create_string_buffer(256), c_uint32(256)
        if isinstance(size, list) and size[0] is not ANY:
            length.value = self.value(size[0])
        result = self.stack.call("getsockopt", self.fd(fd), self.value(level),
                                 self.value(name), room, ctypes.byref(length))
        if result[0] < 0 or failing or value is ANY:
            return result
        wanted = self.option_bytes(value)
        if isinstance(value, bytes):
            self.equal("the value", room.raw[:length.value].rstrip(b"\0"), wanted)
        elif not (isinstance(value, list) and value[0] is ANY):
            self.equal("the value", room.raw[:len(wanted)].hex(), wanted.hex())
        return result

    # --- bytes ---

    def sys_read(self, fd, buffer, size, failing):
        room = ctypes.create_string_buffer(max(1, self.value(size)))
        return self.stack.call("read", self.fd(fd), room, self.value(size))

    def sys_write(self, fd, buffer, size, failing):
        return self.stack.call("write", self.fd(fd), bytes(self.value(size)), self.value(size))

    def sys_recv(self, fd, buffer, size, flags, failing):
        room = ctypes.create_string_buffer(max(1, self.value(size)))
        return self.stack.call("recv", self.fd(fd), room, self.value(size), self.value(flags))

    def sys_recvfrom(self, fd, buffer, size, flags, address, address_size, failing):
        room = ctypes.create_string_buffer(max(1, self.value(size)))
        return self.stack.call("recvfrom", self.fd(fd), room, self.value(size),
                               self.value(flags), None, None)

    def sys_send(self, fd, buffer, size, flags, failing):
        return self.stack.call("send", self.fd(fd), bytes(self.value(size)), self.value(size),
                               self.value(flags))

    def sys_sendto(self, fd, buffer, size, flags, address, address_size, failing):
        a = None if address is not ANY and address == ("name", "NULL") else \
            self.given_address(address, self.port, self.remote)
        return self.stack.call("sendto", self.fd(fd), bytes(self.value(size)),
                               self.value(size), self.value(flags), a, len(a) if a else 0)

    def vectors(self, items):
        sizes = [self.value(item[1]) for item in items]
        rooms = [ctypes.create_string_buffer(max(1, size)) for size in sizes]
        array = (IoVector * len(items))()
        for i, (room, size) in enumerate(zip(rooms, sizes)):
            array[i] = IoVector(ctypes.cast(room, ctypes.c_void_p), size)
        return array, rooms

    def sys_readv(self, fd, items, count, failing):
        array, rooms = self.vectors(items)
        return self.stack.call("readv", self.fd(fd), array, self.value(count))

    def sys_writev(self, fd, items, count, failing):
        array, rooms = self.vectors(items)
        return self.stack.call("writev", self.fd(fd), array, self.value(count))

    def message(self, m):
        array, rooms = self.vectors(m.get("msg_iov", []))
        message = Message(vectors=array, vector_count=len(array))
        message.kept = rooms, array
        return message

    def sys_sendmsg(self, fd, m, flags, failing):
        if m.get("msg_control"):
            raise CallError("sendmsg() with msg_control")
        message = self.message(m)
        return self.stack.call("sendmsg", self.fd(fd), ctypes.byref(message),
                               self.value(flags))

    def sys_recvmsg(self, fd, m, flags, failing):
        message = self.message(m)
        control = ctypes.create_string_buffer(512)
        message.control, message.control_size = ctypes.cast(control, ctypes.c_void_p), 512
        result = self.stack.call("recvmsg", self.fd(fd), ctypes.byref(message),
                                 self.value(flags))
        if result[0] >= 0 and not failing:
            if "msg_flags" in m:
                self.equal("msg_flags", message.flags, m["msg_flags"])
            if "msg_control" in m:
                self.compare_control(control.raw[:message.control_size], m["msg_control"])
        return result

    def compare_control(self, data, wanted):
        found = []
        while len(data) >= 16:
            size, level, kind = struct.unpack("<qii", data[:16])
            found.append((level, kind, data[16:size]))
            data = data[(size + 7) & ~7:]
        self.equal("the number of control messages", len(found), len(wanted))
        for (level, kind, body), w in zip(found, wanted):
            self.equal("cmsg_level", level, w["cmsg_level"])
            self.equal("cmsg_type", kind, w["cmsg_type"])
            if isinstance(w["cmsg_data"], dict):
                self.compare_error(body, w["cmsg_data"])
            else:
                self.equal("cmsg_data", struct.unpack("<i", body[:4])[0], w["cmsg_data"])

    def compare_error(self, body, wanted):
        """struct sock_extended_err, and behind it the room for an address."""
        room = 16 if self.version == 4 else 28
        self.equal("the size of cmsg_data", len(body), 16 + room)
        names = "ee_errno", "ee_origin", "ee_type", "ee_code", "pad", "ee_info", "ee_data"
        found = dict(zip(names, struct.unpack("<IBBBBII", body[:16])))
        for name, value in wanted.items():
            self.equal(name, found[name], value)

    # --- readiness ---

    def sys_poll(self, items, count, timeout_ms, failing):
        fds = (PollFd * len(items))()
        for i, item in enumerate(items):
            fds[i] = PollFd(self.fd(item["fd"]), self.value(item["events"]), 0)
        result = self.stack.call("poll", fds, self.value(count), self.value(timeout_ms))
        for i, item in enumerate(items):
            if "revents" in item:
                self.equal("revents", fds[i].revents, item["revents"])
        return result

    def sys_epoll_create(self, size, failing):
        return self.stack.call("epoll_create", self.value(size))

    def sys_epoll_ctl(self, epoll_fd, op, fd, event, failing):
        e = EpollEvent(self.value(event["events"]) & 0xffffffff, self.fd(fd))
        return self.stack.call("epoll_ctl", self.fd(epoll_fd), self.value(op), self.fd(fd),
                               ctypes.byref(e))

    def sys_epoll_wait(self, epoll_fd, event, count, timeout_ms, failing):
        e = EpollEvent()
        result = self.stack.call("epoll_wait", self.fd(epoll_fd), ctypes.byref(e),
                                 self.value(count), self.value(timeout_ms))
        if result[0] > 0 and event is not ANY:
            self.equal("events", e.events, event["events"])
            if "fd" in event:
                self.equal("fd", e.fd, self.fd(event["fd"]))
        return result

    # --- pipes ---

    def sys_pipe(self, ends, failing):
        fds = (ctypes.c_int * 2)()
        result = self.stack.call("pipe", fds)
        for i, number in enumerate(ends):
            self.fds[self.value(number)] = fds[i]
        return result

    def sys_splice(self, fd_in, offset_in, fd_out, offset_out, size, flags, failing):
        return self.stack.call("splice", self.fd(fd_in), None, self.fd(fd_out), None,
                               self.value(size), self.value(flags))
