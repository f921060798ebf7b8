#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long another country on 100 radios takes by the clock, in ms, from the start of the
# program that asks for it to its end: `apply-wall`. `design` is what the design allows.
# on: qemu
# kernels: 6.1 6.12
# budget: 30
# gate: no
# target: apply-wall design 1
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 100
load regdom country=DE
for sample in 1 2 3 4 5; do
	start=$(now_cs)
	for country in US DE FR US DE FR US DE US DE; do
		regdom_bench set $country >/dev/null || fail "$country is not set"
	done
	# ten of them, in hundredths of a second
	echo "sample apply-wall ms ours $(($(now_cs) - start)) 1000"
	echo "sample apply-wall ms design 50 1"
done
unload regdom
no_radios
