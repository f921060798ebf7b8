#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The power of a running access point follows the domain within 200 ms of virtual
# time, down and up again to what its user has asked for, as iw sees it, and as another
# radio hears its beacons; loading and unloading, in overlay and in another network
# namespace, too. So does that of a station, and of a mesh.
# covers: R12
# on: time
# budget: 12
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# US allows 30 dBm on channel 6, DE 20 dBm.
power()
{
	iw dev "$wlan" info | sed -n 's/.*txpower \([0-9]*\)\..*/\1/p'
}
has_power()
{
	[ "$(power)" = "$1" ]
}
# What happens is traced, for who has to find out why it did not.
watched()	# PARAMETER...
{
	load regdom "$@"
	for event in decision apply power; do
		echo 1 >/sys/kernel/tracing/events/regdom/regdom_$event/enable
	done
}
becomes()
{
	local after
	if ! after=$(time_until $limit_cs has_power "$1"); then
		grep regdom_ /sys/kernel/tracing/trace
		regdomctl audit
		fail "$2: $(power) dBm, not $1"
	fi
	echo "ok: $2: $1 dBm after $after/100 s"
}

# hears DBM: the other radio its beacons. hwsim loses 50 dB of what each frame is sent with.
hears()
{
	# iw may miss the end of the scan
	timeout 2 iw dev "$other" scan flush freq 2437 passive | grep -q "signal: $(($1 - 50))\.00 dBm"
}
# The debug kernel is too slow for a scan to meet a beacon.
heard()
{
	[ "$TRIVET_KERNEL" != debug ] || return 0
	wait_for 5 hears "$1"
	echo "ok: so it is heard"
}

# with one channel, cfg80211 of 6.12 does not tell what it does (power-stop.sh)
radios 2 channels=2
# on the debug kernel one call of iw alone may take longer
limit_cs=20
[ "$TRIVET_KERNEL" != debug ] || limit_cs=500
wlan=$(wlan 1) phy=$(phy 1) other=$(wlan 2)
ip link set "$other" up
stock_country US
check "an AP on channel 6" start_ap "$wlan" 6
equal "its power" "$(power)" 30
stock_country DE
sleep 1
equal "the stock kernel's answer to DE" "$(power)" 30
stock_country US

# what is asked for is not heard: what is more than the channel allows is as if it were not
watched country=DE power_requests=no
becomes 20 "loaded without power_requests, with DE"
iw dev "$wlan" set txpower limit 2500
regdomctl set US
becomes 30 "US, what was asked for in DE"
iw dev "$wlan" set txpower limit 2500
regdomctl set DE
becomes 20 "DE"
regdomctl set US
becomes 25 "US again, what was asked for in US"
iw dev "$wlan" set txpower auto
# It has had cfg80211 put the world and then US in force (medium.c), and has waited for both,
# however long it takes: the power of the world, 20 dBm, would stay. (A probe, as below.)
if [ "$TRIVET_KERNEL" != debug ]; then
	printf '#!/bin/sh\nsleep 0.5\necho >>/tmp/requests\n' >/tmp/slowly
	chmod +x /tmp/slowly
	: >/tmp/requests
	load regdom_between function=reg_regdb_apply command=/tmp/slowly calls=2
	unload regdom
	equal "when it is unloaded, requests that are carried out" "$(wc -l </tmp/requests)" 2
	check "the stock kernel's domain is US" stock_is US
	rmmod regdom_between
else
	unload regdom
fi
equal "unloaded, the stock kernel's US" "$(power)" 30

watched country=DE
becomes 20 "loaded, with DE"
heard 20
regdomctl set US
becomes 30 "US"
heard 30
iw dev "$wlan" set txpower limit 2500
becomes 25 "the user's limit"
regdomctl set DE
becomes 20 "DE"
regdomctl set US
becomes 25 "US again"
iw dev "$wlan" set txpower limit 1000
regdomctl set DE
becomes 10 "a lower limit, DE"
iw dev "$wlan" set txpower auto
becomes 20 "no limit"
regdomctl set US --phy "$phy"
becomes 30 "US for this radio"
regdomctl set DE --phy "$phy"
# more than the channel allows there and then, of which the power says nothing
iw dev "$wlan" set txpower limit 2500
regdomctl set US --phy "$phy"
becomes 25 "what was asked for in DE"
regdomctl set DE --phy "$phy"
iw dev "$wlan" set txpower limit 2200
regdomctl set US --phy "$phy"
becomes 22 "and another time"
regdomctl set DE --phy "$phy"
iw dev "$wlan" set txpower auto
regdomctl set US --phy "$phy"
becomes 30 "no limit"
regdomctl set DE --phy "$phy"
iw phy "$phy" set txpower limit 2400
regdomctl set US --phy "$phy"
becomes 24 "what was asked for of the whole radio"
iw phy "$phy" set txpower auto
regdomctl set DE --phy "$phy"
becomes 20 "DE for this radio"
regdomctl set --global --phy "$phy"
# A user who asks between what is known of him and what is written for him is not overruled.
# (The debug kernel makes a jump of the probe, and is slow.)
if [ "$TRIVET_KERNEL" != debug ]; then
	printf '#!/bin/sh\niw dev %s set txpower limit 2400\n' "$wlan" >/tmp/ask
	chmod +x /tmp/ask
	load regdom_between function=regdom_nl80211_limit_power command=/tmp/ask
	regdomctl set US
	equal "who asks before the power is written" \
		"$(cat /sys/module/regdom_between/parameters/ended)" 0
	rmmod regdom_between
	becomes 24 "is not overruled"
	iw dev "$wlan" set txpower auto
	regdomctl set DE
	becomes 20 "DE again"
fi
for round in 1 2 3 4 5; do
	regdomctl set US && equal "when the command returns, US" "$(power)" 30
	regdomctl set DE && equal "DE" "$(power)" 20
done
stop_ap "$wlan"

joins()	# TYPE COMMAND...: it is in a network; the command may fail while something else is on
{
	ip link set "$wlan" down
	check "a $1" iw dev "$wlan" set type $1
	ip link set "$wlan" up
	shift
	wait_for 20 "$@"
}
connects()
{
	iw dev "$wlan" link | grep -q '^Connected' || iw dev "$wlan" connect trivet 2437
	iw dev "$wlan" link | grep -q '^Connected'
}
meets()
{
	[ "$(channel_of "$wlan")" = 2437 ] || iw dev "$wlan" mesh join mesh freq 2437
}
follows()	# WHO: whose power is that of DE
{
	becomes 20 "$1 in DE"
	regdomctl set US
	becomes 30 "in US"
	iw dev "$wlan" set txpower limit 2500
	becomes 25 "its user's limit"
	regdomctl set DE
	becomes 20 "in DE"
	regdomctl set US
	becomes 25 "in US again"
	iw dev "$wlan" set txpower auto
	regdomctl set DE
	becomes 20 "in DE again"
}
# usually not on the debug kernel, for its time there
if [ "$TRIVET_KERNEL" != debug ] || [ -n "$LONG" ]; then
	check "an AP on the other radio" start_ap "$other" 6
	joins managed connects
	follows "a station"
	check "which is connected still" connects
	stop_ap "$other"
	joins mp meets
	follows "a mesh"
	ip link set "$wlan" down
	iw dev "$wlan" set type managed
fi

# cfg80211's change is there before we hear of it, and of an access point that is new
unload regdom
load regdom ownership=overlay
check "an AP, in overlay" start_ap "$wlan" 6
iw dev "$wlan" set txpower limit 2500
stock_country DE
becomes 20 "overlay: cfg80211 has DE"
stock_country US
becomes 25 "US, the user's limit"
iw dev "$wlan" set txpower auto
stop_ap "$wlan"
unload regdom
load regdom country=DE

unshare -n sleep 1000 &
elsewhere=$!
wait_for 5 sh -c "[ \$(readlink /proc/$elsewhere/ns/net) != \$(readlink /proc/self/ns/net) ]"
iw phy "$phy" set netns $elsewhere
there()
{
	nsenter -t $elsewhere -n "$@"
}
iw()
{
	there iw "$@"
}
there hostapd -B "/tmp/hostapd.$wlan.conf" -P /tmp/elsewhere.pid >/dev/null || fail "no AP"
becomes 20 "DE in another network namespace"
there regdomctl set US --phy "$phy"
becomes 30 "US there"
unload regdom
becomes 30 "unloaded, the stock kernel's US"
unset -f iw
hostapd=$(cat /tmp/elsewhere.pid)
kill "$hostapd" $elsewhere
wait $elsewhere 2>/dev/null
wait_for 5 sh -c "! grep -q hostapd /proc/$hostapd/cmdline"	# no child of ours
no_radios
stock_world
