# SPDX-License-Identifier: GPL-2.0
"""libnetchannel-packetdrill.so: its table of calls (libnetchannel/packetdrill/interface.h)."""
import ctypes
import errno
import os
from ctypes import POINTER, c_char_p, c_int, c_long, c_longlong, c_short, c_size_t, c_ssize_t
from ctypes import c_uint, c_uint32, c_uint64, c_uint8, c_ulong, c_void_p

US = 1_000_000


class IoVector(ctypes.Structure):
    _fields_ = [("base", c_void_p), ("size", c_size_t)]


class Message(ctypes.Structure):
    _fields_ = [("name", c_void_p), ("name_size", c_uint32), ("vectors", POINTER(IoVector)),
                ("vector_count", c_size_t), ("control", c_void_p), ("control_size", c_size_t),
                ("flags", c_int)]


class PollFd(ctypes.Structure):
    _fields_ = [("fd", c_int), ("events", c_short), ("revents", c_short)]


class EpollEvent(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("events", c_uint32), ("fd", c_uint64)]


class TimeValue(ctypes.Structure):
    _fields_ = [("seconds", c_long), ("us", c_long)]


def words(names, kind=c_uint32):
    return [(name, kind) for name in names.split()]


class TcpInfo(ctypes.Structure):
    """Linux's struct tcp_info."""
    _fields_ = words("state ca_state retransmits probes backoff options", c_uint8) + [
        ("snd_wscale", c_uint8, 4), ("rcv_wscale", c_uint8, 4),
        ("delivery_rate_app_limited", c_uint8, 1), ("fastopen_client_fail", c_uint8, 2),
    ] + words("rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent "
              "last_ack_sent last_data_recv last_ack_recv pmtu rcv_ssthresh rtt rttvar "
              "snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans") + \
        words("pacing_rate max_pacing_rate bytes_acked bytes_received", c_uint64) + \
        words("segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out") + \
        words("delivery_rate busy_time rwnd_limited sndbuf_limited", c_uint64) + \
        words("delivered delivered_ce") + words("bytes_sent bytes_retrans", c_uint64) + \
        words("dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash")


def entry(name, result, *arguments):
    return name, ctypes.CFUNCTYPE(result, c_void_p, *arguments, use_errno=True)


ADDRESS = (c_void_p, c_uint32)
ADDRESS_OUT = (c_void_p, POINTER(c_uint32))
VECTORS = (POINTER(IoVector), c_int)


class Table(ctypes.Structure):
    _fields_ = [
        ("userdata", c_void_p),
        ("free", ctypes.CFUNCTYPE(None, c_void_p)),
        entry("socket", c_int, c_int, c_int, c_int),
        entry("bind", c_int, c_int, *ADDRESS),
        entry("listen", c_int, c_int, c_int),
        entry("accept", c_int, c_int, *ADDRESS_OUT),
        entry("connect", c_int, c_int, *ADDRESS),
        entry("read", c_ssize_t, c_int, c_void_p, c_size_t),
        entry("readv", c_ssize_t, c_int, *VECTORS),
        entry("recv", c_ssize_t, c_int, c_void_p, c_size_t, c_int),
        entry("recvfrom", c_ssize_t, c_int, c_void_p, c_size_t, c_int, *ADDRESS_OUT),
        entry("recvmsg", c_ssize_t, c_int, POINTER(Message), c_int),
        entry("write", c_ssize_t, c_int, c_void_p, c_size_t),
        entry("writev", c_ssize_t, c_int, *VECTORS),
        entry("send", c_ssize_t, c_int, c_void_p, c_size_t, c_int),
        entry("sendto", c_ssize_t, c_int, c_void_p, c_size_t, c_int, *ADDRESS),
        entry("sendmsg", c_ssize_t, c_int, POINTER(Message), c_int),
        entry("fcntl", c_int, c_int, c_int, c_long),
        entry("ioctl", c_int, c_int, c_ulong, c_void_p),
        entry("close", c_int, c_int),
        entry("shutdown", c_int, c_int, c_int),
        entry("getsockopt", c_int, c_int, c_int, c_int, c_void_p, POINTER(c_uint32)),
        entry("setsockopt", c_int, c_int, c_int, c_int, c_void_p, c_uint32),
        entry("poll", c_int, POINTER(PollFd), c_ulong, c_int),
        entry("netdev_send", c_int, c_char_p, c_size_t),
        entry("netdev_receive", c_int, c_void_p, POINTER(c_size_t), POINTER(c_longlong)),
        entry("usleep", c_int, c_uint),
        entry("gettimeofday", c_int, POINTER(TimeValue), c_void_p),
        entry("epoll_create", c_int, c_int),
        entry("epoll_ctl", c_int, c_int, c_int, c_int, POINTER(EpollEvent)),
        entry("epoll_wait", c_int, c_int, POINTER(EpollEvent), c_int, c_int),
        entry("pipe", c_int, POINTER(c_int)),
        entry("splice", c_ssize_t, c_int, c_void_p, c_int, c_void_p, c_size_t, c_uint),
    ]


class Stack:
    """One stack under test, and its clock."""

    def __init__(self, shared_object, flags):
        self.table = Table()
        init = ctypes.CDLL(os.path.abspath(shared_object)).packetdrill_interface_init
        init(flags.encode(), ctypes.byref(self.table))

    def call(self, name, *arguments):
        """(result, errno)"""
        ctypes.set_errno(0)
        result = getattr(self.table, name)(self.table.userdata, *arguments)
        return result, ctypes.get_errno() if result < 0 else 0

    def now_us(self):
        now = TimeValue()
        self.call("gettimeofday", ctypes.byref(now), None)
        return now.seconds * US + now.us

    def put(self, data):
        self.call("netdev_send", data, len(data))

    def next_packet(self):
        """(bytes, when it went); None after hours in which nothing went."""
        room = ctypes.create_string_buffer(65536)
        size, sent_us = c_size_t(len(room)), c_longlong(0)
        self.call("netdev_receive", room, ctypes.byref(size), ctypes.byref(sent_us))
        return (room.raw[:size.value], sent_us.value) if size.value else None

    def tcp_info(self, fd):
        info = TcpInfo()
        size = c_uint32(ctypes.sizeof(info))
        result, error = self.call("getsockopt", fd, 6, 11, ctypes.byref(info),
                                  ctypes.byref(size))
        if result:
            raise OSError(error, f"TCP_INFO: {errno.errorcode.get(error)}")
        return {f"tcpi_{f[0]}": getattr(info, f[0]) for f in TcpInfo._fields_}
