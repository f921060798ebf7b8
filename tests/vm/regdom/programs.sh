#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Stock hostapd and wpa_supplicant do with regdom what they do without: hostapd
# chooses a channel by itself (ACS), asks for its country, announces it, looks for
# radar before it transmits, goes elsewhere when there is some, and when the
# domain changes and there is time; wpa_supplicant, which asks for a country too,
# stays connected all the while; where the country is locked, or not on a list, hostapd does
# without. Observed with iw, and on hwsim0. In overlay it chooses, asks and moves; in a long run
# all of that.
# Usually not on the debug kernel, which starts each of them in policy.sh and radar.sh.
# covers: R9
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 11
# needs: hostapd hostapd_cli iw ip tcpdump wpa_supplicant
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 2
load regdom sig=off
ap=$(wlan 1) sta=$(wlan 2)

connected()	# MHZ
{
	iw dev "$sta" link | grep -q "freq: $1"
}
# iw shows it in both modes.
iw_shows_de()
{
	iw phy "$(phy 1)" reg get | grep -q 'country DE'
}
# What they do; the command of regdomctl that makes BO forbid channel 36.
programs()	# COMMAND...
{
	ap_config "$ap" 52 country_code=DE ieee80211d=1 ieee80211h=1 "chanlist=36 52" \
		ctrl_interface=/tmp/hostapd >/tmp/hostapd.conf
	hostapd /tmp/hostapd.conf >/tmp/hostapd.log 2>&1 &
	hostapd=$!
	wait_for 10 grep -q DFS-CAC-START /tmp/hostapd.log
	wait_for 5 iw_shows_de
	sleep 60
	wait_for 10 grep -q AP-ENABLED /tmp/hostapd.log
	equal "after a minute it is on the air" "$(channel_of "$ap")" 5260
	ip link set hwsim0 up
	tcpdump -Z root -i hwsim0 -c 1 -w /tmp/beacon type mgt subtype beacon 2>/dev/null
	check "and says where it is" sh -c "tcpdump -Z root -X -r /tmp/beacon 2>/dev/null | grep -q 'DE'"

	printf '%s\n' country=DE 'network={' 'ssid="trivet"' key_mgmt=NONE 'scan_freq=5180 5260' '}' >/tmp/wpa.conf
	wpa_supplicant -i "$sta" -D nl80211 -c /tmp/wpa.conf >/tmp/wpa.log 2>&1 &
	supplicant=$!
	wait_for 10 connected 5260
	echo "ok: wpa_supplicant is connected"

	echo 1 >"/sys/kernel/debug/ieee80211/$(phy 1)/hwsim/dfs_simulate_radar"
	wait_for 10 grep -q AP-CSA-FINISHED /tmp/hostapd.log
	equal "where radar comes hostapd moves" "$(channel_of "$ap")" 5180
	wait_for 10 connected 5180
	echo "ok: wpa_supplicant with it"

	check "5 s of grace" regdomctl grace 5
	check "BO, which forbids channel 36" regdomctl "$@" BO
	check "hostapd is told to move" sh -c "hostapd_cli -p /tmp/hostapd -i $ap chan_switch 5 5745 | grep -q OK"
	sleep 8
	equal "it does" "$(channel_of "$ap")" 5745
	wait_for 10 connected 5745
	echo "ok: wpa_supplicant too"
	grep CTRL-EVENT /tmp/wpa.log
	equal "it never lost the network" "$(grep -c CTRL-EVENT-DISCONNECTED /tmp/wpa.log)" 0
	kill $supplicant $hostapd
	wait $supplicant
	wait $hostapd
	regdomctl grace 0
}
programs set

printf '%s\n' 'serial 8' 'country DE: DFS-ETSI' '(2452 - 2483.5 @ 20), (20)' \
	'country FR: DFS-ETSI' '(2402 - 2483.5 @ 20), (20)' 'country US: DFS-FCC' \
	'(2402 - 2472 @ 20), (20)' 'country 00:' '(2402 - 2472 @ 20), (20)' >/tmp/own.txt
cp /lib/firmware/regulatory.db /tmp/good.db
regdomctl compile /tmp/own.txt -o /lib/firmware/regulatory.db || fail "not compiled"
finds_a_channel()	# COMMAND...: of regdomctl, that leaves channels 11 to 13
{
	check "DE" regdomctl "$@" DE
	check "three channels are left" regdomctl load
	check "hostapd finds a channel" start_ap "$ap" 0 country_code=DE
	chosen=$(channel_of "$ap")
	check "one of them ($chosen MHz)" test "$chosen" -ge 2462
	stop_ap "$ap"
}
finds_a_channel set
# hostapd asks for FR and goes on in DE: once it has waited 5 s for its radio, as without us for a
# country that the database lacks; at once where the stock kernel has been asked for FR before
not_in_france()	# WHY CENTISECONDS
{
	local start took
	start=$(now_cs)
	check "hostapd starts all the same" start_ap "$ap" 13 country_code=FR ieee80211d=1
	took=$(($(now_cs) - start))
	check "in less than ${2}0 ms (${took}0 ms)" test $took -lt "$2"
	equal "there" "$(channel_of "$ap")" 2472
	wait_for 5 sh -c "regdomctl audit | grep -q 'request: DE to FR.*$1'"
	check "in DE" wait_for 5 iw_shows_de
	stop_ap "$ap"
}
check "a lock" regdomctl lock
not_in_france busy 900
check "none" regdomctl unlock
check "a list" regdomctl allow DE
not_in_france denied 400
check "none" regdomctl allow --any
cp /tmp/good.db /lib/firmware/regulatory.db
unload regdom

# where the radio is cfg80211's it is a ceiling that forbids the channel
stock_country US
load regdom sig=off ownership=overlay
regdomctl compile /tmp/own.txt -o /lib/firmware/regulatory.db || fail "not compiled"
finds_a_channel ceiling
cp /tmp/good.db /lib/firmware/regulatory.db
unload regdom
stock_country US
load regdom ownership=overlay
start=$(now_cs)
check "hostapd with a country" start_ap "$ap" 36 country_code=DE ieee80211d=1
check "has no time-out" test $(($(now_cs) - start)) -lt 400
check "DE is cfg80211's" stock_is DE
stop_ap "$ap"
check "an AP on channel 36, in overlay" start_ap "$ap" 36 ctrl_interface=/tmp/hostapd
check "5 s of grace" regdomctl grace 5
check "a ceiling that forbids channel 36" regdomctl ceiling BO
check "hostapd is told to move" sh -c "hostapd_cli -p /tmp/hostapd -i $ap chan_switch 5 5745 | grep -q OK"
sleep 8
equal "in overlay it does as well" "$(channel_of "$ap")" 5745
equal "nobody was stopped" "$(regdomctl audit | grep -c ' stop ')" 0
stop_ap "$ap"
check "no ceiling" regdomctl ceiling --none
if [ -n "$LONG" ]; then
	# which makes cfg80211 forget that there was radar
	stock_country US
	stock_country DE
	programs ceiling
fi
unload regdom
stock_world
no_radios
