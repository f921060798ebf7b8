#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The same random calls to the kernel's sockets and to the library's: every result,
# error, byte, address and readiness is the same. Over loopback, IPv4 and IPv6; then over a
# channel, with the kernel's sockets at the other end of both.
# Usually on one kernel: the others' sockets do the same in what is asked. On the debug kernel,
# in long runs, over channels only: loopback has nothing of ours in the kernel.
# kernels: 6.12
# long-kernels: 6.1 debug
# budget: 8
# needs: ip
# modules: veth
. /trivet/lib.sh

usual_on_debug
for seed in 1 2; do
	[ "$TRIVET_KERNEL" != debug ] || break
	DIFF_SEED=$seed COUNT=$(count 1500 20000) tcp_diff || fail "seed $seed"
done
modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
for seed in 1 2; do
	DIFF_SEED=$seed COUNT=$(count 300 20000) tcp_diff channel || fail "seed $seed"
done
