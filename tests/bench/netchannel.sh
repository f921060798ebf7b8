#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# One way over veth between namespaces, a packet: channels of type COPY (-copy)
# and RING (-default) in the default mode, and RING in the mode FAST (-fast), beside
# UDP sockets, AF_PACKET and what the kernel alone needs to make, transmit and drop a
# packet (floor); a round trip between two sleeping processes; and the library's TCP, for
# `make check` (beside its peer, it is in tcp.sh). The bed's processor lacks erms and fsrm,
# or each byte of a copy would count as an instruction.
# on: time
# kernels: 6.1 6.12
# repeat: 5
# budget: 20
# modules: veth
# program: nc_bench
# target: udp-22B-default udp-socket 0.60
# target: udp-22B-fast udp-socket 0.33
# target: udp-22B-fast af-packet 0.50
# target: udp-22B-fast floor 1.05
# target: udp-1372B-fast udp-socket 0.36
# target: pingpong udp-socket 0.62
. /trivet/lib.sh

modprobe veth
load netchannel
load netchannel_floor
trap 'remove netchannel_floor netchannel veth' EXIT
# what the kernel still does after booting is not to be measured; waiting is free
sleep 20
symbols
if [ -n "$PROFILE" ]; then
	nc_bench profile
	exit
fi
nc_bench
tcp_bench gate
