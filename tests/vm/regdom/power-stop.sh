#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Who does not lower his power is off the air: a station whose driver says yes to a new power and
# goes on with the old one; and an access point of 6.12, where mac80211 reports the new power of
# a radio with one channel only when that channel changes, so that such a one cannot prove it.
# In 6.1 it follows (txpower.sh).
# covers: R13
# budget: 5
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

power_is()	# INTERFACE DBM: as iw sees it
{
	iw dev "$1" info | grep -q "txpower $2"
}
recorded()	# INTERFACE: that it was stopped, and why
{
	regdomctl audit | grep -q "stop .*$1 stopped.*too much power"
}

modprobe cfg80211
load regdom country=US
joined()
{
	iw dev station0 link 2>/dev/null | grep -q 'freq: 2412'
}
not_joined()
{
	! joined
}
load regdom_station deaf=1
ip link set station0 up
check "a station joins on channel 1" iw dev station0 connect trivet 2412
check "it has" wait_for 5 joined
check "with all that US allows" power_is station0 30
listen_for 2
check "DE, with 20 dBm there" regdomctl set DE
check "it has left" wait_for 2 not_joined
events_came
check "an event says why" grep -q "station0 stopped.*too much power" /tmp/events
check "so does the record" recorded station0
check "it joins again" iw dev station0 connect trivet 2412
check "it has" wait_for 5 joined
check "with no more than that" power_is station0 20
check "FR, with as much" regdomctl set FR
sleep 0.7
check "leaves it" joined
remove regdom_station
unload regdom
[ "$TRIVET_KERNEL" != 6.1 ] || exit 0

radios 1 channels=1
wlan=$(wlan 1)
load regdom country=US
check "an AP on channel 6" start_ap "$wlan" 6
regdomctl monitor >/tmp/events &
monitor=$!
listening $monitor
iw dev "$wlan" info | grep txpower
# Again where the command was woken so late that the access point was gone.
says_so()
{
	on_the_air "$wlan" || { regdomctl set US; stop_ap "$wlan"; start_ap "$wlan" 6; }
	regdomctl set DE 2>/tmp/warning
	grep -q "has not followed yet" /tmp/warning
}
check "the command says so" wait_for 3 says_so
wait_for 2 off_the_air "$wlan"
wait_for 2 grep -q "$wlan stopped.*too much power" /tmp/events
echo "ok: an event says why"
check "so does the record" recorded "$wlan"
kill $monitor
wait $monitor 2>/dev/null
stop_ap "$wlan"
check "it starts again, with what DE allows" start_ap "$wlan" 6
check "with no more than that" power_is "$wlan" 20
stop_ap "$wlan"
unload regdom
no_radios
