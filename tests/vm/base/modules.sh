#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The three modules load together, say so, and leave again.
# on: qemu time bochs
# modules: cfg80211 nf_conntrack
. /trivet/lib.sh

for m in regdom netchannel devkvm; do
	load $m
	check "$m is loaded" grep -q "^$m " /proc/modules
done
check "only our own taint" test $(($(cat /proc/sys/kernel/tainted) & ~((1 << 12) | (1 << 13)))) = 0
for m in devkvm netchannel regdom; do
	unload $m
	check "$m is gone" ! grep -q "^$m " /proc/modules
done
