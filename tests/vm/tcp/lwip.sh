#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Beside Debian's lwIP, whose host is behind a TUN device: over a channel there the library and
# lwIP send each other their bytes; and on a path of 20 ms that loses 1 % the library's BBR
# brings three times as much as lwIP and, in a long run, its CUBIC 0.95 of the kernel's. On
# the debug kernel, which has no tbf for that path, they only send each other their bytes.
# covers: N44 N52
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 5
# needs: ip tc
# modules: veth tun sch_netem
# stock-modules: sch_tbf
. /trivet/lib.sh

modprobe -a veth tun
[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
load netchannel
trap 'remove netchannel sch_tbf sch_netem tun veth' EXIT
[ "$TRIVET_KERNEL" != debug ] || { tcp_lwip 0 2; exit; }
modprobe -a sch_netem sch_tbf
tcp_lwip "$(count 3 9)" "$(count 2 8)"
