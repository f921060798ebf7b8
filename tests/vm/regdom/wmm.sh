#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The limits of medium access (WMM) that mac80211 has an access point obey are those in
# force here, whatever country a user has requested of cfg80211 since; cfg80211 keeps that
# country, takes the next, and has its last request be the user's again when radios are
# given back. ETSI's countries have at most 2 ms for voice; US has no limit. Observed by
# what mac80211 tells the driver (mac80211_hwsim, which prints it).
# covers: R21 R22 R25
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 11
# needs: hostapd iw ip setpriv
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# in units of 32 us; asked for are 10 ms
limited=62 unlimited=313

# voice RADIO: how long an access point there may have the air for voice
voice()
{
	local wlan=$(wlan "$1") mark="wmm.sh $(cat /proc/uptime)"
	echo "$mark" >/dev/kmsg
	start_ap "$wlan" 36 wmm_enabled=1 tx_queue_data0_burst=10 || return 1
	stop_ap "$wlan"
	dmesg | sed -n "/$mark/,\$s/.*mac80211_hwsim_conf_tx (queue=0 txop=\([0-9]*\) .*/\1/p" |
		tail -n 1
}
# has RADIO UNITS: is so, or comes to be
has()
{
	[ "$(voice "$1")" = "$2" ]
}
obeys()	# WHAT RADIO UNITS
{
	wait_for 5 has "$2" "$3"
	echo "ok: $1"
}
prints()	# hwsim says what it is told
{
	echo 'func mac80211_hwsim_conf_tx +p' >/proc/dynamic_debug/control
}

radios 2
prints
stock_country US
obeys "stock, US" 1 $unlimited
stock_country DE
obeys "stock, DE" 1 $limited

load regdom country=US
obeys "US where DE was requested before" 1 $unlimited
check "DE on the other radio" regdomctl set DE --phy "$(phy 2)"
obeys "is obeyed there" 2 $limited
obeys "and only there" 1 $unlimited
check "requests are ignored" regdomctl policy ignore
stock_country FR
obeys "US where FR is requested" 1 $unlimited
check "DE" regdomctl set DE
obeys "DE where FR was requested" 1 $limited
stock_country US
obeys "DE where US is requested" 1 $limited
check "US, too" regdomctl set US
obeys "US where US was requested" 1 $unlimited
check "a ceiling" regdomctl ceiling DE
obeys "is obeyed where US was requested" 1 $limited
check "no ceiling" regdomctl ceiling --none
obeys "and no more" 1 $unlimited

echo "cfg80211 goes on as it was"
check "its country is the user's" stock_is US
stock_country FR
check "DE" regdomctl set DE
stock_country US
start=$(now_cs)
check "hostapd with a country" start_ap "$(wlan 1)" 36 country_code=JP ieee80211d=1
check "has no time-out" test $(($(now_cs) - start)) -lt 400
stop_ap "$(wlan 1)"
check "JP is cfg80211's" wait_for 5 stock_is JP
obeys "DE where hostapd wants JP" 1 $limited
# also when requests come while ours is under way
for country in US FR JP US DE JP FR US; do
	iw reg set $country
done
wait_for 5 stock_is US
obeys "DE after many requests" 1 $limited
check "the last is in force" stock_is US
# A driver that asks for another country at once makes it a domain of both, as a request
# does that cfg80211 had before ours: the user's is made again.
iw reg set JP
wait_for 5 stock_is JP
load regdom_rogue dev="$(wlan 2)" hint=DE
rmmod regdom_rogue
check "a country is not lost in two" wait_for 5 stock_is JP
obeys "nor the limits" 1 $limited
iw reg set US
wait_for 5 stock_is US
obeys "DE where US is requested again" 1 $limited
# long after any request of ours what drivers make of it is theirs
sleep 6
load regdom_rogue dev="$(wlan 2)" hint=DE
rmmod regdom_rogue
wait_for 5 stock_is 98
sleep 10
check "what two drivers have asked for stays" stock_is 98
stock_country US
obeys "DE where US is requested after that" 1 $limited
iw event >/tmp/events &
events=$!
listening $events
check "of a radio that there is not, cfg80211 is not to decide" \
	! regdomctl ownership overlay --phy nosuch
check "of one that is locked neither" sh -c "regdomctl lock --phy $(phy 1) &&
	! regdomctl ownership overlay --phy $(phy 1) && regdomctl unlock --phy $(phy 1)"
sleep 1
kill $events
wait $events 2>/dev/null
equal "nor has its domain changed" "$(grep -c regulatory /tmp/events)" 0
check "an access point" start_ap "$(wlan 1)" 36
check "cfg80211 is to decide" regdomctl ownership overlay --phy "$(phy 1)"
check "by the user's country" stock_is US
sleep 1	# that it stays
check "the access point goes on" test "$(channel_of "$(wlan 1)")" = 5180
equal "nor was it told to stop" "$(regdomctl audit | grep -c stopped)" 0
stop_ap "$(wlan 1)"
check "ours again" regdomctl ownership authority --phy "$(phy 1)"
obeys "where it is DE" 1 $limited
# of the world none can be requested so: nothing is tried
stock_world
sleep 10	# a radio that is new is looked at now and again
before_us=$(workers_us)
sleep 5
worked_us=$(($(workers_us) - before_us))
check "the world: nothing is done ($worked_us us of work in 5 s)" test $worked_us -lt 2000
stock_country US
equal "drivers' overrides" "$(regdomctl audit | grep -c override)" 0
equal "countries that were set by nobody" "$(regdomctl audit | grep -c 'set: .*kworker')" 0
unload regdom
obeys "stock, US, again" 1 $unlimited
no_radios

echo "a radio whose driver has limits of its own is given back as it was"
# for it cfg80211 asks its own domain after a user's request only
radios 2 regtest=4
prints
stock_country FR
iw phy | grep MHz >/tmp/before
load regdom country=US
wait_for 5 sh -c "iw phy $(phy 1) reg get | grep -q 'country US'"
echo "ok: it is ours"
sleep 1
# by who may unload modules, and nothing else
check "it is unloaded" /usr/bin/setpriv --bounding-set=-net_admin rmmod regdom
iw phy | grep MHz >/tmp/after
check "at the end" cmp /tmp/before /tmp/after
check "FR is cfg80211's" stock_is FR
load regdom country=US
sleep 1
for n in 1 2; do
	check "radio $n is cfg80211's" regdomctl ownership overlay --phy "$(phy $n)"
done
is_as_before()
{
	iw phy | grep MHz >/tmp/after
	cmp /tmp/before /tmp/after
}
wait_for 5 is_as_before
echo "ok: as before"
check "FR is cfg80211's" stock_is FR
unload regdom
no_radios
stock_world
