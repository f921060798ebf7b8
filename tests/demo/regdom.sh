#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The regulatory domain changes under a running access point: how long it
# stays on the forbidden channel with the stock kernel, and with regdom.
# on: time
# kernels: 6.12
# budget: 30
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
ap=$(wlan 1)

# Hundredths of a second as seconds.
seconds()
{
	printf '%d.%02d s' $(($1 / 100)) $(($1 % 100))
}
poll_slowly()
{
	sleep 0.5
	off_the_air "$ap"
}

echo "Channel 13 (2472 MHz) is allowed in Germany and forbidden in the USA."
echo
echo "The stock kernel:"
iw reg set DE
wait_for 5 sh -c "iw reg get | grep -q 'country DE'"
start_ap "$ap" 13 || fail "no AP"
echo "  iw reg set DE; hostapd: $ap is an access point at $(channel_of "$ap") MHz"
iw reg set US
wait_for 5 sh -c "iw reg get | grep -q 'country US'"
took=$(time_until 9000 poll_slowly) || fail "still there after 90 s"
echo "  iw reg set US: $ap left the channel after $(seconds "$took")"
stop_ap "$ap"
iw reg set 00

echo
echo "With regdom:"
load regdom country=DE
echo "  $(regdomctl info | grep '^database')"
start_ap "$ap" 13 || fail "no AP"
echo "  country DE; hostapd: $ap is an access point at $(channel_of "$ap") MHz"
regdomctl monitor 2 >/tmp/events &
monitor=$!
sleep 0.5
start=$(now_cs)
regdomctl set US --reason "the plane has landed in New York"
took=$(time_until 500 off_the_air "$ap") || fail "still there after 5 s"
echo "  regdomctl set US: $ap left the channel after $(seconds $(($(now_cs) - start))), tools included"
wait $monitor
sed 's/^/    /' /tmp/events
stop_ap "$ap"
if start_ap "$ap" 13 >/dev/null; then
	fail "an AP on a forbidden channel"
fi
echo "  hostapd on channel 13 again: refused"
regdomctl set DE --phy "$(phy 2)"
echo "  regdomctl set DE --phy $(phy 2), the second radio has a domain of its own:"
regdomctl get | sed 's/^/    /'
start_ap "$(wlan 2)" 13 || fail "no AP"
echo "  hostapd on the second radio: $(wlan 2) is an access point at $(channel_of "$(wlan 2)") MHz"
stop_ap "$(wlan 2)"
unload regdom
no_radios
