#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An access point that does not lower its power is off the air. In Linux 6.12
# mac80211 reports the new power of a radio with one channel only when that
# channel changes, so such a one cannot prove it.
# covers: R13
# kernels: 6.12 debug
# budget: 5
# needs: hostapd iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

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
check "so does the record" sh -c "regdomctl audit | grep -q 'stop .*$wlan stopped.*too much power'"
kill $monitor
wait $monitor 2>/dev/null
stop_ap "$wlan"
check "it starts again, with what DE allows" start_ap "$wlan" 6
check "with no more than that" sh -c "iw dev $wlan info | grep 'txpower 20'"
stop_ap "$wlan"
unload regdom
no_radios
