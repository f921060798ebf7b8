#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a radio may do from the moment it is registered, before a worker has had its turn:
# no more power than its hardware has; and one whose driver is to say in which country
# it is, nothing, not even the probes of a scan, which asks for no-IR alone. The radio is the
# test's own, and goes. Its driver reads the channel as its registration ends, and iw later.
# Usually not on the debug kernel, which shows nothing more.
# covers: R17
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# needs: iw
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

registered()	# PARAM...: flags and power of 2412 MHz then
{
	load regdom_notifier "$@"
	registered=$(cat /sys/module/regdom_notifier/parameters/registered)
}
# IEEE80211_CHAN_DISABLED is 1, _NO_IR is 2
forbids()
{
	[ $((0x${registered% *} & 3)) = 3 ]
}
has_power()	# DBM
{
	channel_line "$(phy 1)" 2412 | grep -q "($1 dBm)"
}

modprobe cfg80211
load regdom country=US
registered dbm=12
equal "hardware with 12 dBm: the limit" "${registered#* }" 12
check "it may transmit" ! forbids
check "and has no more later" wait_for 5 has_power 12.0
check "nor in another country" regdomctl set DE
check "with 20 dBm" has_power 12.0
remove regdom_notifier
registered dbm=25
equal "hardware with 25 dBm, where 20 are permitted: the limit" "${registered#* }" 20
remove regdom_notifier
registered strict=1
check "one that will ask for its country is forbidden, and silent" forbids
check "until it has not asked" wait_for 10 allows "$(phy 1)" 2412
remove regdom_notifier
unload regdom
