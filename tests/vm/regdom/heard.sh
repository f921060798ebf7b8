#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Access points say in which country they are. One is not believed, nor one with
# many addresses, nor what is no country; most of several bound the radio that
# hears them if it is to listen, never loosen it, and are forgotten in the end.
# Observed with iw: in US channel 6 has 30 dBm and channel 13 is forbidden, in
# DE they have 20 dBm.
# Usually not on the debug kernel, for its time there, as beacons.sh.
# covers: R23
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 18
# needs: hostapd iw ip jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# A station that has joined an access point before we come, whose country cfg80211 has taken:
# that stays cfg80211's; here, the access point is one that is heard.
load regdom_station country=DE
ip link set station0 up
check "a network that says DE" iw dev station0 connect trivet 5180
check "cfg80211 has DE" wait_for 5 stock_is DE
load regdom country=US
check "here it is US" sh -c "regdomctl get | grep -q '^$(phy 1): US'"
check "who listens" regdomctl air tighten --quorum 1 --hold 0 --phy "$(phy 1)"
check "has heard DE" sh -c "regdomctl get | grep -q '^$(phy 1): US.*within DE, as heard'"
unload regdom
check "cfg80211 has DE as before" stock_is DE
remove regdom_station
stock_world

radios 3
load regdom country=US
listener=$(wlan 1) sender=$(wlan 2)
phy=$(phy 1)

# heard NETWORK...: they are on the air while the listener scans.
heard()
{
	regdom-beacon "$sender" 6 600 "$@" &
	# it takes less time than they are there; iw may miss its end, if it waits for that
	iw dev "$listener" scan trigger freq 2437 passive >/dev/null || fail "the scan"
	wait $! || fail "the beacons"
}
# networks FILTER: what the module has heard
networks()
{
	regdomctl -j air | jq -c "[.networks[] | $1]"
}
elected()
{
	regdomctl -j air | jq -r "[.phys[] | select(.phy == \"$phy\")][0].elected // \"none\""
}
has_power()	# PHY DBM
{
	channel_line "$1" 2437 | grep -q "($2 dBm)"
}
bounded()
{
	regdomctl get | grep -q "^$phy: US.*within $1, as heard"
}

ip link set "$listener" up
iw dev "$sender" set type monitor
ip link set "$sender" up
iw dev "$sender" set freq 2437
a=02:01:00:00:01:00=DE b=02:01:00:00:02:00=DE c=02:01:00:00:03:00=DE

heard $a $b $c
sleep 5
equal "nobody listens at first" "$(networks .)" "[]"
check "one radio is to listen" regdomctl air observe --hold 1 --phy "$phy" --reason test
equal "which is recorded" "$(regdomctl -j audit | jq -c '.decisions[-1] | [.cause,.phy,.reason]')" \
	"[\"air\",\"$phy\",\"test\"]"
heard $a $b $c
sleep 5
equal "it does" "$(networks '[.phy,.country,.center_khz,.counts]' | jq -c unique)" \
	"[[\"$phy\",\"DE\",2437000,true]]"
equal "DE is elected" "$(elected)" DE
check "and bounds nothing" ! bounded DE
check "on the air" has_power "$phy" 30.0

check "it is to bound" regdomctl air tighten --phy "$phy"
check "it does at once" bounded DE
check "on the air" has_power "$phy" 20.0
check "without loosening" ! allows "$phy" 2472
check "another radio is free" has_power "$(phy 2)" 30.0
equal "the country is as before" "$(iw phy "$phy" reg get | sed -n 's/^country \(..\):.*/\1/p' | tail -n 1)" US
equal "it is recorded" "$(regdomctl -j audit | jq -c '.decisions[-1] | [.cause,.phy,.before,.country,.error]')" \
	"[\"heard\",\"$phy\",null,\"DE\",0]"
equal "and a layer of its own" \
	"$(regdomctl -j why "$phy" 2437 --use ap | jq -c '[.layers[] | select(.layer == "heard")] | .[0] | [.country,.max_eirp_mbm]')" \
	'["DE",2000]'

check "a lock" regdomctl lock
many=
for i in 1 2 3 4 5 6 7 8 9; do
	many="$many 02:02:00:00:01:0$i=JP"
done
heard $many
sleep 5
equal "an access point of nine networks has one vote" "$(elected)" DE
heard $a $b $c 02:03:00:00:01:00=xffff 02:03:00:00:02:00=x44 02:03:00:00:03:00=x4445 \
	02:03:00:00:04:00=xx 02:03:00:00:05:00=x303020010d14 02:03:00:00:06:00=x5a5a20010d14 \
	02:03:00:00:07:00=x6a7020010d14 02:03:00:00:08:00=x4a5020010d1400 02:03:00:00:09:00=
sleep 5
equal "what is no country has none" "$(networks .country | jq -c 'group_by(.) | map([.[0],length])')" \
	'[[null,9],["DE",3],["JP",9]]'
equal "nor a vote" "$(elected)" DE
sleep 500
check "they are remembered" bounded DE
equal "and still counted" "$(networks 'select(.counts) | 1' | jq length)" 21
sleep 710
check "but not for ever" ! bounded DE
check "a lock is no reason to stay" has_power "$phy" 30.0
equal "nobody is elected" "$(elected)" none

check "one is enough, if it is to be" regdomctl air --quorum 1 --phy "$phy"
heard 02:02:00:00:01:01=JP
sleep 5
check "it bounds" bounded JP
heard $a $b $c
sleep 5
check "the most do" bounded DE
check "off" regdomctl air off --phy "$phy"
check "nothing does" ! bounded DE
check "at once" has_power "$phy" 30.0
equal "and nothing is known" "$(networks .)" "[]"

# Drivers that tell no times, and networks that have once answered a probe.
last_heard_ms()
{
	networks 'select(.bssid == "02:01:00:00:01:00") | .ago_ms' | jq max
}
check "on again" regdomctl air observe --quorum 2 --phy "$phy"
export TIMER=0
heard $a $b
sleep 5
sleep 35
heard $a $b
sleep 5
check "heard again, though their time stands" test "$(last_heard_ms)" -lt 15000
unset TIMER
RESPONSE_TO=$(cat "/sys/class/net/$listener/address") heard $a $b
sleep 20
heard $a $b
sleep 5
check "by beacons, after a probe response" test "$(last_heard_ms)" -lt 15000
check "off" regdomctl air off --phy "$phy"

check "unlocked" regdomctl unlock
check "all are to listen" regdomctl air observe --quorum 2 --hold 0
equal "but not this one" "$(regdomctl -j air | jq -c '[.phys[] | .mode]')" '["off","observe","observe"]'
check "it as well" regdomctl air --global --phy "$phy"
check "an AP of our own" start_ap "$(wlan 3)" 6 country_code=US ieee80211d=1
heard $a $b
sleep 5
ours=$(cat "/sys/class/net/$(wlan 3)/address")
check "is heard" sh -c "iw dev $listener scan dump | grep -q '^BSS $ours'"
check "is no witness" ! sh -c "regdomctl air | grep -q $ours"
equal "others are" "$(elected)" DE
stop_ap "$(wlan 3)"
unload regdom
no_radios
stock_world
