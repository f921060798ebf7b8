#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What poll() and epoll see of the library's sockets over a channel: urgent data, a full
# buffer, ends and errors; and a socket that connects again stays in its epoll set.
# covers: N11
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# needs: ip
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
tcp_ready
