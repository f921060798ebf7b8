#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A channel where radar was seen stays unavailable when the domain changes,
# within its region (ETSI) and to another (FCC), or by way of a country that does
# not ask for radar detection there (PA), and when the machine sleeps: iw says so. hostapd, whose
# country_code is the domain's, listens for 60 s before it transmits there.
# covers: R14 R47
# on: time
# budget: 8
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 1
load regdom country=DE
ap=$(wlan 1) phy=$(phy 1)

state_of()
{
	iw phy "$phy" channels | awk -v mhz="$1" '
		$1 == "*" { here = $2 == mhz }
		here && /DFS state/ { print $3 }'
}

equal "channel 52 before" "$(state_of 5260)" usable
ap_config "$ap" 52 country_code=DE ieee80211d=1 ieee80211h=1 >/tmp/hostapd.conf
hostapd /tmp/hostapd.conf >/tmp/hostapd.log 2>&1 &
hostapd=$!
wait_for 10 grep -q DFS-CAC-START /tmp/hostapd.log
# 60 s of listening
sleep 60
wait_for 20 grep -q AP-ENABLED /tmp/hostapd.log
check "an AP on channel 52 after listening" grep -q 'DFS-CAC-COMPLETED success=1' /tmp/hostapd.log
equal "channel 52 then" "$(state_of 5260)" available
regdomctl set FR
equal "channel 52 in another country of the region" "$(state_of 5260)" available
sleep 1
check "leaves the AP on the air" on_the_air "$ap"

echo 1 >"/sys/kernel/debug/ieee80211/$phy/hwsim/dfs_simulate_radar"
wait_for 5 grep -q DFS-RADAR-DETECTED /tmp/hostapd.log
kill $hostapd
wait $hostapd 2>/dev/null
equal "channel 52 after radar" "$(state_of 5260)" unavailable
echo devices >/sys/power/pm_test
echo 0 >/sys/module/suspend/parameters/pm_test_delay
check "suspended, and resumed" sh -c "echo freeze >/sys/power/state"
echo none >/sys/power/pm_test
equal "channel 52 after that" "$(state_of 5260)" unavailable
for country in DE FR US DE; do
	regdomctl set $country
	equal "channel 52 in $country" "$(state_of 5260)" unavailable
done
# PA has the channel without radar detection
regdomctl set PA
equal "channel 52 in PA" "$(state_of 5260)" ""
check "which allows it" allows "$phy" 5260
regdomctl set DE
equal "channel 52 in DE after PA" "$(state_of 5260)" unavailable
unload regdom
no_radios
