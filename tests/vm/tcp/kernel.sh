#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's sockets and the kernel's, over a TUN device: both ways, 1 MiB each,
# resets, half-closes, a dead peer, ICMP; then with 1 % of all packets lost.
# Not on the debug kernel: nothing of ours is in it here.
# covers: N52
# kernels: 6.1 6.12
# budget: 6
# needs: ip
# modules: tun
. /trivet/lib.sh
. /trivet/lib-tcp.sh

tun_up tun0
trap 'tun_down tun0' EXIT
check "TCP and UDP beside the kernel's" tcp_kernel tun0 0
check "the same bytes where packets are lost" tcp_kernel tun0 10000
