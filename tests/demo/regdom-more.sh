#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What else a change of the domain means for running access points: their power,
# and the channels where they have seen radar; the stock kernel beside regdom.
# on: time
# kernels: 6.1
# budget: 30
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

power()
{
	iw dev "$ap" info | sed -n 's/.*txpower \([0-9]*\)\..*/\1/p'
}

state_52()
{
	iw phy "$phy" channels | awk '
		$1 == "*" { here = $2 == 5260 }
		here && /DFS state/ { print $3 }'
}

# An AP on channel 52, after its minute of listening for radar; then radar.
# Its log is /tmp/hostapd.log.
see_radar()
{
	local log=/tmp/hostapd.log
	ap_config "$ap" 52 country_code=DE ieee80211d=1 ieee80211h=1 >/tmp/hostapd.conf
	rm -f $log
	hostapd /tmp/hostapd.conf >$log 2>&1 &
	hostapd=$!
	wait_for 100 grep -qs AP-ENABLED $log
	echo 1 >"/sys/kernel/debug/ieee80211/$phy/hwsim/dfs_simulate_radar"
	wait_for 5 grep -q DFS-RADAR-DETECTED $log
}

mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 1 channels=2
ap=$(wlan 1)
echo "Channel 6 (2437 MHz): 30 dBm in the USA, 20 dBm in Germany."
echo
stock_country US
start_ap "$ap" 6 || fail "no AP"
echo "The stock kernel:  US: the access point sends with $(power) dBm"
iw reg set DE
sleep 10
echo "                   iw reg set DE, 10 s later: $(power) dBm"
stop_ap "$ap"
load regdom country=US
start_ap "$ap" 6 || fail "no AP"
echo "With regdom:       US: $(power) dBm"
regdomctl set DE
echo "                   regdomctl set DE, when it returns: $(power) dBm"
stop_ap "$ap"
unload regdom
no_radios

echo
echo "Where radar was seen, nobody may transmit for 30 minutes."
echo
radios 1
ap=$(wlan 1) phy=$(phy 1)
stock_country DE
see_radar
echo "The stock kernel:  DE, radar on channel 52: $(state_52)"
iw reg set FR
sleep 2
echo "                   iw reg set FR, 2 s later: $(state_52)"
kill $hostapd
wait $hostapd
no_radios
iw reg set 00
radios 1
ap=$(wlan 1) phy=$(phy 1)
load regdom country=DE
see_radar
echo "With regdom:       DE, radar on channel 52: $(state_52)"
regdomctl set FR
sleep 2
echo "                   regdomctl set FR, 2 s later: $(state_52)"
kill $hostapd
wait $hostapd
unload regdom
no_radios
