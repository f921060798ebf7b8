#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library over a channel and the kernel's TCP, through networks that lose, delay,
# reorder, duplicate and corrupt by a seed: all bytes arrive, both ways, in at most three times
# what two sockets of the kernel take, medians of nine runs. Usually three cells, a part of
# their bytes; in a long run 25, among which each two values of different axes meet, and
# medians of three (on the debug kernel the usual ones). One of IPv6 as well; tcp/virtio has
# one on virtio-net.
# covers: N44
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 10
# needs: ip
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
if [ -n "$LONG" ] && [ "$TRIVET_KERNEL" != debug ]; then
	for i in $(seq 0 14); do
		check "cell $((i * 8))" tcp_matrix $((i * 8)) 1 3
	done
	for i in $(seq 0 9); do
		check "cell $((i * 8 + 3))" tcp_matrix $((i * 8 + 3)) 1 3
	done
	check "cell 112, IPv6" tcp_matrix 112 1 3 6
else
	check "without losses" tcp_matrix 0 100 1
	check "without losses, IPv6" tcp_matrix 0 100 1 6
	check "1 % lost, 10 ms, reordered, duplicated, corrupted" tcp_matrix 112 80 9
	check "5 % lost, 50 ms, reordered, corrupted" tcp_matrix 88 32 9
fi
