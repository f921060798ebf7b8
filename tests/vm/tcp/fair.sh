#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two flows of the library and two of the kernel's CUBIC share a bottleneck of 5 Mbit/s:
# Jain's index is 0.9 or more; in a long run the median of nine, of a minute each, and of
# three over IPv6. (The debug kernel has neither tbf nor ifb.)
# covers: N55
# on: time
# kernels: 6.1
# long-kernels: 6.12
# budget: 6
# needs: ip tc
# modules: veth ifb sch_netem sch_tbf sch_ingress cls_matchall act_mirred
. /trivet/lib.sh

for module in veth ifb sch_netem sch_tbf sch_ingress cls_matchall act_mirred; do
	modprobe $module
done
load netchannel
trap 'remove netchannel act_mirred cls_matchall sch_ingress sch_tbf sch_netem ifb veth
	rm -f /tmp/fair' EXIT

# is_fair RUNS [OVER]: the median of what /tmp/fair has.
is_fair()
{
	local median
	equal "runs" "$(grep -c '^jain' /tmp/fair)" "$1"
	median=$(awk '{ print $2 }' /tmp/fair | sort -n | sed -n "$((($1 + 1) / 2))p")
	check "Jain's index is $median$2" awk "BEGIN { exit !($median >= 0.9) }"
}

runs=$(count 1 9)
for i in $(seq "$runs"); do
	tcp_fair "$(count 15 60)" || fail "run $i"
done | tee /tmp/fair
# a low one of one may be chance: the median of three
if [ "$runs" = 1 ] && awk '{ exit !($2 < 0.9) }' /tmp/fair; then
	runs=3
	{ tcp_fair 15 && tcp_fair 15; } | tee -a /tmp/fair
fi
is_fair "$runs"
if [ -n "$LONG" ]; then
	for i in 1 2 3; do
		tcp_fair 15 6 || fail "run $i"
	done | tee /tmp/fair
	is_fair 3 ", IPv6"
fi
