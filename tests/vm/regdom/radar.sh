#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels where radar was seen stay unavailable when the domain changes, ten times,
# within their region (ETSI) and to others, or by way of a country that does not ask
# for radar detection there (PA), and when the machine sleeps or the module is loaded anew:
# iw says so; for half an hour, whatever happens meanwhile. A radio that comes keeps away from
# them too. hostapd, whose country_code is the
# domain's, listens for 60 s before it transmits there, on 80 MHz. The stock kernel, which is
# asked first, forgets at each change; in overlay it is reminded. When the module is unloaded,
# an access point there stays. (On the debug kernel, usually: ours, once.)
# covers: R14 R47
# on: time
# budget: 12
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 1
ap=$(wlan 1) phy=$(phy 1)

# "4 usable": of the four channels from 52 to 64; of the first radio, or another
states()	# [PHY]
{
	iw phy "${1:-$phy}" channels | awk '
		$1 == "*" { here = $2 >= 5260 && $2 <= 5320 }
		here && /DFS state/ { print $3 }' | sort | uniq -c | awk '{ print $1, $2 }'
}

start_with_radar_check()
{
	equal "what is known before" "$(states)" "4 usable"
	ap_config "$ap" 52 country_code=DE ieee80211d=1 ieee80211h=1 ieee80211n=1 ieee80211ac=1 \
		"ht_capab=[HT40+]" vht_oper_chwidth=1 vht_oper_centr_freq_seg0_idx=58 >/tmp/hostapd.conf
	: >/tmp/hostapd.log
	hostapd /tmp/hostapd.conf >/tmp/hostapd.log 2>&1 &
	hostapd=$!
	wait_for 10 grep -q DFS-CAC-START /tmp/hostapd.log
	# 60 s of listening
	sleep 60
	wait_for 20 grep -q AP-ENABLED /tmp/hostapd.log
	check "an AP on channel 52 after listening" \
		grep -q 'DFS-CAC-COMPLETED success=1' /tmp/hostapd.log
	equal "what is known then" "$(states)" "4 available"
}
radar_comes()
{
	echo 1 >"/sys/kernel/debug/ieee80211/$phy/hwsim/dfs_simulate_radar"
}
are()	# STATES [PHY]
{
	[ "$(states $2)" = "$1" ]
}

stock_country DE
if thorough; then
	start_with_radar_check
	# else it would ask for its country again, which is a change
	kill -STOP $hostapd
	stock_country FR
	equal "the stock kernel, in another country of the region: it" "$(states)" "4 usable"
	radar_comes
	wait_for 5 are "4 unavailable"
	check "a second radio comes" regdom-dump new 1
	equal "what the stock kernel knows of it" "$(states "$(phy 2)")" "4 unavailable"
	stock_country DE
	equal "the stock kernel, in another country, after radar: it" "$(states)" "4 usable"
	kill -KILL $hostapd
	wait $hostapd 2>/dev/null
else
	check "a second radio comes" regdom-dump new 1
fi

load regdom country=DE
start_with_radar_check
regdomctl set FR
equal "in another country of the region, it" "$(states)" "4 available"
sleep 1
check "leaves the AP on the air" on_the_air "$ap"
# by way of US, of another region, and back, as there is no memory for the second radio
fails_after_the_first()
{
	check "another radio is cfg80211's" regdomctl ownership overlay --phy "$(phy 2)"
	failures
	short regdom_overlay_apply 1
	check "a ceiling fails there" ! regdomctl ceiling US
	was_short "for want of memory"
	no_failures
	equal "and the first, it" "$(states)" "4 available"
	sleep 1
	check "leaves the AP on the air" on_the_air "$ap"
	check "all are ours" regdomctl ownership authority --phy "$(phy 2)"
}
[ "$TRIVET_KERNEL" != debug ] || fails_after_the_first
if thorough; then
	unload regdom
	equal "when the module is unloaded, it" "$(states)" "4 available"
	# cfg80211 looks after a minute
	sleep 70
	check "leaves the AP on the air" on_the_air "$ap"
	kill $hostapd
	wait $hostapd 2>/dev/null
	load regdom country=DE
	start_with_radar_check
fi

radar_comes
wait_for 5 grep -q DFS-RADAR-DETECTED /tmp/hostapd.log
kill $hostapd
wait $hostapd 2>/dev/null
equal "after radar, it" "$(states)" "4 unavailable"
echo devices >/sys/power/pm_test
echo 0 >/sys/module/suspend/parameters/pm_test_delay
check "suspended, and resumed" sh -c "echo freeze >/sys/power/state"
echo none >/sys/power/pm_test
echo 5 >/sys/module/suspend/parameters/pm_test_delay
equal "after that, it" "$(states)" "4 unavailable"
countries="DE FR US GB JP CA AU US NL DE"
thorough || countries="FR US DE"
for country in $countries; do
	regdomctl set $country
	equal "in $country, it" "$(states)" "4 unavailable"
done
# PA has the channels without radar detection
regdomctl set PA
equal "in PA, it" "$(states)" ""
check "which allows channel 52" allows "$phy" 5260
regdomctl set DE
equal "in DE after PA, it" "$(states)" "4 unavailable"
unload regdom
load regdom country=DE
equal "with the module loaded anew, it" "$(states)" "4 unavailable"
check "a third radio comes" regdom-dump new 1
wait_for 5 are "4 unavailable" "$(phy 3)"
check "the first has a country of its own, of another region" regdomctl set US --phy "$phy"
check "a fourth radio comes" regdom-dump new 1
wait_for 5 are "4 unavailable" "$(phy 4)"
check "and follows again" regdomctl set --global --phy "$phy"

# cfg80211 looks again for channels that may be used when an access point stops: in PA
# there are none that could not, and so it forgets
regdomctl set PA
check "an AP on channel 36" start_ap "$ap" 36
stop_ap "$ap"
regdomctl set DE
equal "after an AP in PA, it" "$(states)" "4 unavailable"
# what is waited for is the same on all kernels
if thorough; then
	sleep 1700
	equal "after 28 minutes, it" "$(states)" "4 unavailable"
	# cfg80211's timer may be two minutes late; ours is after that, and may be as late
	sleep 500
	equal "after 36 minutes, it" "$(states)" "4 usable"
fi
unload regdom
if ! thorough; then
	stock_world
	no_radios
	exit 0
fi
no_radios
radios 1
ap=$(wlan 1) phy=$(phy 1)

# In overlay it is cfg80211 who changes domain, and forgets; at once, as hostapd may ask for
# a country as soon as it hears of radar.
stock_country DE
load regdom ownership=overlay
start_with_radar_check
kill -STOP $hostapd
radar_comes
wait_for 5 are "4 unavailable"
stock_country FR
equal "in overlay, in another country, it" "$(states)" "4 unavailable"
kill -KILL $hostapd
wait $hostapd 2>/dev/null
for country in US JP GB; do
	stock_country $country
	equal "in $country, it" "$(states)" "4 unavailable"
done
stock_country PA
equal "in PA, it" "$(states)" ""
stock_country DE
equal "in DE after PA, it" "$(states)" "4 unavailable"
if [ "$(count 0 1)" = 1 ]; then
	sleep 1700
	equal "after 28 minutes, it" "$(states)" "4 unavailable"
	sleep 500
	equal "after 36 minutes, it" "$(states)" "4 usable"
	sleep 4
	equal "and so it stays:" "$(states)" "4 usable"
fi
unload regdom
stock_world
no_radios
