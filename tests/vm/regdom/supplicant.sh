#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wpa_supplicant's country (DE) comes into force, is ignored, is proposed, or is cfg80211's, as
# policy and ownership have it; it is told which one the radio is in, and connects where that
# permits it. In overlay it is off the air while a ceiling forbids the channel, and comes back.
# Observed with iw. The access point is on channel 13, which DE allows and US forbids.
# Usually not on the debug kernel, where policy.sh starts it.
# covers: R21
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 4
# needs: hostapd iw ip wpa_supplicant
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

connected()
{
	iw dev "$sta" link | grep -q 'freq: 2472'
}
not_connected()
{
	iw dev "$sta" link | grep -q 'Not connected'
}
radio_is_in()	# COUNTRY
{
	iw phy "$phy" reg get | grep -q "^country $1:"
}
was_told()	# COUNTRY, at last
{
	grep CTRL-EVENT-REGDOM-CHANGE /tmp/wpa.log | tail -n 1 | grep -q "alpha2=$1"
}
start_supplicant()
{
	rm -f /tmp/wpa.log
	wpa_supplicant -i "$sta" -D nl80211 -c /tmp/wpa.conf >/tmp/wpa.log 2>&1 &
	supplicant=$!
}
stop_supplicant()
{
	kill $supplicant
	wait $supplicant
}

radios 2
sta=$(wlan 2) phy=$(phy 2)
printf '%s\n' country=DE 'network={' 'ssid="trivet"' key_mgmt=NONE scan_freq=2472 '}' >/tmp/wpa.conf
load regdom country=US
check "DE for the access point" regdomctl set DE --phy "$(phy 1)"
check "which is on channel 13" start_ap "$(wlan 1)" 13

start_supplicant
await connected
check "its country is followed: it connects" radio_is_in DE
wait_for 5 was_told DE
stop_supplicant

for policy in ignore propose; do
	check "requests: $policy" regdomctl policy $policy
	check "US" regdomctl set US
	[ $policy = ignore ] || listen_for 1
	start_supplicant
	[ $policy = ignore ] || events_came
	sleep 30
	check "the radio is in US, whatever it has asked for" radio_is_in US
	check "it does not connect" not_connected
	check "DE" regdomctl set DE
	await connected
	wait_for 5 was_told DE
	echo "ok: it connects, and knows why"
	stop_supplicant
done
equal "what was proposed" "$(cut -d: -f1,2 /tmp/events | sed 's/,.*//')" "domain-proposed: DE"

check "cfg80211 decides about the radio" regdomctl ownership overlay --phy "$phy"
start_supplicant
await connected
echo "ok: in overlay it connects"
check "a ceiling, US" regdomctl ceiling US --phy "$phy"
wait_for 2 not_connected
sleep 30
check "it is off the air" not_connected
check "none" regdomctl ceiling --none --phy "$phy"
await connected
echo "ok: it is back"
stop_supplicant
stop_ap "$(wlan 1)"
unload regdom
no_radios
stock_world
