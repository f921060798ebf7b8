#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Goodput where 1 % of the packets are lost, by a seed, each way, and a round trip takes 20 ms:
# the library's CUBIC brings 0.95 of what the kernel's does with the same ones lost. Usually
# three transfers of 1 MiB, and five of 4 MiB if these say no; in a long run the median of
# nine of 8 MiB, IPv6 as well (on the debug kernel the usual ones).
# covers: N44
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 6
# needs: ip
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
usual_on_debug
if [ -n "$LONG" ]; then
	check "nine of 8 MiB" tcp_goodput 9 8
	check "nine of 8 MiB, IPv6" tcp_goodput 9 8 6
else
	tcp_goodput 3 1 || check "five of 4 MiB" tcp_goodput 5 4
fi
