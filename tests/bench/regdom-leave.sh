#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long an access point stays on a channel (13) that a change of country
# forbids, from the request to what iw sees, in ms: `leave`, with regdom and with
# cfg80211 alone. `leave-p99` is the 99th of 100 with regdom, `leave-most` the longest;
# `design` what the design allows under emulation.
# on: time
# kernels: 6.1 6.12
# budget: 120
# gate: no
# target: leave cfg80211 0.01
# target: leave-p99 design 1
# target: leave-most design 1
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
n=0
while [ $n -lt 100 ]; do
	regdomctl set DE
	start_ap "$ap" 13 || fail "no AP on channel 13"
	start=$(now_cs)
	regdomctl set US
	time_until 500 off_the_air "$ap" >/dev/null || fail "still there after 5 s"
	echo $((($(now_cs) - start) * 10)) >>/tmp/left
	stop_ap "$ap"
	n=$((n + 1))
done
sed 's/.*/sample leave ms ours & 1/' /tmp/left
sort -n /tmp/left >/tmp/sorted
echo "sample leave-p99 ms ours $(sed -n 99p /tmp/sorted) 100"
echo "sample leave-most ms ours $(sed -n '$p' /tmp/sorted) 100"
for metric in leave-p99 leave-most; do
	echo "sample $metric ms design 200 1"
done
unload regdom
no_radios
