#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long an access point stays on a channel (13) that a change of country
# forbids, from the request to what iw sees, in ms: `leave`, with regdom and with
# cfg80211 alone.
# on: time
# kernels: 6.1 6.12
# budget: 30
# gate: no
# target: leave cfg80211 0.01
# needs: hostapd iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# with one channel a radio cannot lower its power in Linux 6.12 (power-stop.sh)
radios 1 channels=2
ap=$(wlan 1)
left()	# as seen so often that looking takes little of the time
{
	sleep 0.5
	off_the_air "$ap"
}

stock_country DE
check "an AP on channel 13" start_ap "$ap" 13
start=$(now_cs)
iw reg set US
time_until 9000 left >/dev/null || fail "still there after 90 s"
echo "sample leave ms cfg80211 $((($(now_cs) - start) * 10)) 1"
stop_ap "$ap"
stock_country 00

load regdom
for sample in 1 2 3 4 5; do
	regdomctl set DE
	check "an AP on channel 13" start_ap "$ap" 13
	start=$(now_cs)
	regdomctl set US
	time_until 500 off_the_air "$ap" >/dev/null || fail "still there after 5 s"
	echo "sample leave ms ours $((($(now_cs) - start) * 10)) 1"
	stop_ap "$ap"
done
unload regdom
no_radios
