#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library over a channel and the kernel's TCP, through networks that lose, delay,
# reorder, duplicate and corrupt: all bytes arrive, both ways, in at most three times what two
# sockets of the kernel take. Usually three cells, a part of their bytes; in a long run 15,
# among which each two values of different axes meet. One of IPv6 as well.
# covers: N44
# on: time
# kernels: 6.1 6.12
# budget: 7
# needs: ip tc
# modules: veth sch_netem sch_tbf
. /trivet/lib.sh

for module in veth sch_netem sch_tbf; do
	modprobe $module
done
load netchannel
trap 'remove netchannel sch_tbf sch_netem veth' EXIT
if [ -n "$LONG" ]; then
	for i in $(seq 0 14); do
		check "cell $((i * 8))" tcp_matrix $((i * 8)) 1
	done
	check "cell 112, IPv6" tcp_matrix 112 1 6
else
	check "without losses" tcp_matrix 0 100
	check "without losses, IPv6" tcp_matrix 0 100 6
	check "1 % lost, 10 ms, reordered, duplicated, corrupted" tcp_matrix 112 20
	check "5 % lost, 50 ms, reordered, corrupted" tcp_matrix 88 8
fi
