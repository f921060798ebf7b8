#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Which rule holds at a frequency, with room for 20 MHz: regdom_lookup(), with
# the reading of the domain in force, beside cfg80211's freq_reg_info(). The
# same rules (US) and the same queries for both, the loop around them taken off:
# `lookup` asks for the centre of each 20 MHz channel of 2.4, 5 and 6 GHz;
# `lookup-60ghz` is our worst case, where the index has one slot for all. CHECKS
# counts queries that both answered alike.
# Whether an access point may be on a channel: regdom_judge(), which gives the
# reason, beside cfg80211_reg_can_beacon(): `verdict` for the same channels of 20
# MHz, `verdict-wide` for those of 40, 80 and 160 MHz, `verdict-two-rules` for those among
# these that lie in two rules, which are two looks: our worst case. `design` is the number
# of instructions that the design allows.
# on: time
# kernels: 6.1 6.12
# budget: 20
# target: lookup freq_reg_info 0.1
# target: lookup-60ghz freq_reg_info 0.1
# target: verdict design 1
# target: verdict-wide design 1
# target: verdict-two-rules design 1
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 1
load regdom country=US
load regdom_bench dev="$(wlan 1)"
for sample in 1 2 3 4 5; do
	cat /sys/module/regdom_bench/parameters/run >/tmp/run || fail "cannot measure"
	while read -r metric ours peer equal queries; do
		[ "$equal" = "$queries" ] || fail "$metric: $equal of $queries answers are equal"
		thousandth() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }
		stock=freq_reg_info
		case $metric in
		verdict*)
			stock=can_beacon
			echo "sample $metric instructions design 150 $equal" ;;
		esac
		echo "sample $metric instructions ours $(thousandth $ours) $equal"
		echo "sample $metric instructions $stock $(thousandth $peer) $equal"
	done </tmp/run
done
unload regdom_bench
unload regdom
no_radios
