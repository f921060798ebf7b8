#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the domain of the world nobody may begin to transmit on channel 36 (no IR). A
# beacon that is heard there changes nothing, unless the policy says so: then as many
# access points as it says, on the radio that hears them, while it does. Observed with
# iw and hostapd.
# Usually not on the debug kernel, for its time there: who listens is set there, by fail.sh.
# covers: R24
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 10
# needs: hostapd iw ip jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
load regdom
listener=$(wlan 1) sender=$(wlan 2)
phy=$(phy 1)
a=02:01:00:00:01:00= b=02:01:00:00:02:00=

# heard MHZ NETWORK...: they are on the air while the listener scans.
heard()
{
	local mhz=$1
	shift
	iw dev "$sender" set freq "$mhz" || fail "$mhz MHz"
	regdom-beacon "$sender" 36 600 "$@" &
	# it takes less time than they are there; iw may miss its end, if it waits for that
	iw dev "$listener" scan trigger freq "$mhz" passive >/dev/null || fail "the scan"
	wait $! || fail "the beacons"
	sleep 3
}
no_ir()	# MHZ
{
	channel_line "$phy" "$1" | grep -q 'no IR'
}

# the sender may send where it wants
regdomctl set US --phy "$(phy 2)"
iw dev "$sender" set type monitor
ip link set "$sender" up
ip link set "$listener" up
check "nobody may begin on channel 36" no_ir 5180
heard 5180 $a $b
check "nor when beacons are heard there" no_ir 5180
check "they are of use to another radio" regdomctl air --beacons 1 --phy "$(phy 2)"
heard 5180 $a $b
check "which is none to this one" no_ir 5180
check "as all again" regdomctl air --global --phy "$(phy 2)"
check "they are of use to this one" regdomctl air --beacons 1 --phy "$phy"
heard 5180 $a
check "and lift it" ! no_ir 5180
check "as all again" regdomctl air --global --phy "$phy"
check "and no more" no_ir 5180
check "they are listened to" regdomctl air observe
heard 5180 $a $b
check "nor then" no_ir 5180
check "an AP is refused" ! start_ap "$listener" 36
ip link set "$listener" up
# what cfg80211 has not heard for 30 s it forgets when somebody asks what there is
sleep 40
iw dev "$listener" scan dump >/dev/null || fail "no scan's results"
check "forgotten" regdomctl air off
check "two may say so" regdomctl air --beacons 2
heard 5180 $a
check "one does not" no_ir 5180
equal "why" "$(regdomctl -j why "$phy" 5180 | jq -c '[.permitted,.ir_lifted]')" '[false,false]'
heard 5180 $a $b
check "two do" ! no_ir 5180
check "not of other channels" no_ir 5200
equal "why" "$(regdomctl -j why "$phy" 5180 | jq -c '[.permitted,.ir_lifted]')" '[true,true]'
equal "not of 40 MHz" "$(regdomctl -j why "$phy" 5190@40 | jq -c '[.permitted,.ir_lifted]')" '[false,false]'
equal "it is recorded" "$(regdomctl -j audit | jq -c '.decisions[-1] | [.cause,.phy,.center_khz,.reason]')" \
	"[\"beacons\",\"$phy\",5180000,\"access points are heard\"]"
check "an AP on channel 36" start_ap "$listener" 36
check "the world as a ceiling" regdomctl ceiling 00
check "is not lifted" no_ir 5180
wait_for 3 off_the_air "$listener"
stop_ap "$listener"
check "without it" regdomctl ceiling --none
check "lifted again" ! no_ir 5180
check "another country" regdomctl set US --phy "$phy"
check "permits it anyhow" ! no_ir 5180
check "the world again" regdomctl set --global --phy "$phy"
check "and what is heard" ! no_ir 5180
check "an AP on channel 36" start_ap "$listener" 36
sleep 560
check "is there for a while" on_the_air "$listener"
sleep 60
check "nobody is heard any more" no_ir 5180
wait_for 3 off_the_air "$listener"
stop_ap "$listener"
check "the record says so" sh -c "regdomctl audit | grep -q 'beacons.*too few access points are heard'"

# PA has no radar detection on channel 52, the world has
regdomctl set PA --phy "$(phy 2)"
ip link set "$listener" up
heard 5260 $a $b
check "where there is radar detection nothing is lifted" no_ir 5260
unload regdom
no_radios
