#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a change costs, in instructions a radio of hwsim (164 channels), from the
# request of a program to its answer, beside one bare call a radio of cfg80211's
# regulatory_set_wiphy_regd_sync() with the same rules:
# `apply`, another country on 100 radios; `apply-1000`, on 1,000, beside what it
# takes on 100 as well; `reapply`, a database that is loaded again, on radios
# whose domain it does not change: no channel is written (the module counts).
# `load` is a load of the database without radios and signature, in instructions, of which
# `request_firmware` has what the kernel's loader takes for the file;
# `load-signed` is one with it, beside cfg80211's own. `design` is the number of
# instructions that the design allows.
# on: time
# kernels: 6.1 6.12
# budget: 150
# gate: no
# target: apply bare 1.25
# target: apply-1000 bare 1.25
# target: apply-1000 apply 1.05
# target: reapply design 1
# target: load design 1
# needs: iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

bare=/sys/module/regdom_bench/parameters/bare

# sample METRIC WHO TICKS RADIOS [CHECKS]: a sample of ticks a radio.
sample()
{
	echo "sample $1 instructions $2 $(($3 / $4)) ${5:-$4}"
}
applied()
{
	regdomctl -j stats | jq .applied
}
# apply METRIC RADIOS: prints samples; the last one's ticks are in $ours.
apply()
{
	local metric=$1 radios=$2 before country
	for country in DE US FR US; do
		before=$(applied)
		ours=$(regdom_bench set $country)
		[ $(($(applied) - before)) = "$radios" ] || fail "not put on $radios radios"
		[ $country = US ] || continue
		sleep 5
		sample "$metric" ours "$ours" "$radios"
		read -r ticks n <$bare || fail "no bare calls"
		[ "$n" = "$radios" ] || fail "bare calls on $n radios"
		sample "$metric" bare "$ticks" "$n"
		sleep 5
	done
}
# load_ticks: of one that changes nothing.
load_ticks()
{
	local before=$(applied)
	regdom_bench load
	[ "$(applied)" = "$before" ] || fail "channels were written"
}

load regdom country=US sig=off
load regdom_bench
sleep 20
regdom_bench load >/dev/null
for i in 1 2 3; do
	alone=$(load_ticks)
	sample load ours "$alone" 1
	sample load design 300000 1
	ticks=$(cat /sys/module/regdom_bench/parameters/file) || fail "the file is not read"
	sample load request_firmware "$ticks" 1
done

radios 100
sleep 20
apply apply 100
hundred=$ours
for i in 1 2 3; do
	sample reapply ours $(($(load_ticks) - alone)) 100
	sample reapply design 2000 1
done

check "900 radios more" regdom_bench radios 900
sleep 20
apply apply-1000 1000
sample apply-1000 apply "$hundred" 100
unload regdom_bench
unload regdom
no_radios

load regdom country=US
sleep 5
for i in 1 2 3; do
	sample load-signed ours "$(regdom_bench load)" 1
	sample load-signed cfg80211 "$(regdom_bench stock-load)" 1
done
unload regdom
