#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two flows of the library and two of the kernel's CUBIC share a bottleneck of 5 Mbit/s:
# Jain's index is 0.9 or more; in a long run the median of nine, of a minute each.
# covers: N55
# on: time
# kernels: 6.1
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
runs=$(count 1 9)
for i in $(seq "$runs"); do
	tcp_fair "$(count 15 60)" || fail "run $i"
done | tee /tmp/fair
# a low one of one may be chance: the median of three
if [ "$runs" = 1 ] && awk '{ exit !($2 < 0.9) }' /tmp/fair; then
	runs=3
	{ tcp_fair 15 && tcp_fair 15; } | tee -a /tmp/fair
fi
equal "runs" "$(grep -c '^jain' /tmp/fair)" "$runs"
median=$(awk '{ print $2 }' /tmp/fair | sort -n | sed -n "$(((runs + 1) / 2))p")
check "Jain's index is $median" awk "BEGIN { exit !($median >= 0.9) }"
