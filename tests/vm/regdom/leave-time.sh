#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A station, an ad-hoc network, a mesh and an interface outside of any network (OCB) are
# off the air within 200 ms of virtual time when a change forbids their channel (13), or of a
# station's channel of 80 MHz all but the first 20. Observed with iw. What goes with it: leave.sh.
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# covers: R10 R11
# budget: 3
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
load regdom country=DE
ap=$(wlan 1) one=$(wlan 2)

becomes()	# TYPE
{
	ip link set "$one" down
	iw dev "$one" set type "$1" && ip link set "$one" up || fail "no $1"
}
connects()
{
	iw dev "$one" link | grep -q '^Connected' || iw dev "$one" connect trivet 2472
	iw dev "$one" link | grep -q '^Connected'
}
# joins TYPE COMMAND...: joins on channel 13, and leaves when that is forbidden
joins()
{
	local type=$1
	shift
	becomes "$type"
	wait_for 5 "$@"
	wait_for 5 on_the_air "$one"
	equal "$type is at" "$(channel_of "$one")" 2472
	check "US" regdomctl set US $of_radio
	leaves "$one"
	check "DE again" regdomctl set DE $of_radio
}

# of the station's radio only: it is not its access point that goes
check "an AP on channel 13" start_ap "$ap" 13
of_radio="--phy $(phy 2)"
joins managed connects
check "the AP is on the air" on_the_air "$ap"
stop_ap "$ap"

# SV allows 20 MHz at 5180 MHz
is_wide()
{
	iw dev "$one" info | grep -q 'width: 80 MHz' && return
	iw dev "$one" connect trivet 5180
	sleep 0.5
	iw dev "$one" info | grep -q 'width: 80 MHz'
}
check "an AP of 80 MHz" start_ap "$ap" 36 ieee80211n=1 ieee80211ac=1 \
	'ht_capab=[HT40+]' vht_oper_chwidth=1 vht_oper_centr_freq_seg0_idx=42
wait_for 20 is_wide
echo "ok: its station is as wide"
check "SV" regdomctl set SV $of_radio
at_once "the station has left" sh -c "iw dev $one link | grep -q '^Not connected'"
check "the AP is on the air" on_the_air "$ap"
stop_ap "$ap"
check "as all again" regdomctl set --global $of_radio
of_radio=
joins ibss iw dev "$one" ibss join adhoc 2472 HT20 fixed-freq 02:12:34:56:78:9a
joins mp iw dev "$one" mesh join mesh freq 2472
# hwsim has no rates for 10 MHz: mac80211 warns of each packet in OCB
echo 1 >"/proc/sys/net/ipv6/conf/$one/disable_ipv6"
joins ocb iw dev "$one" ocb join 2472 10MHZ
ip link set "$one" down
unload regdom
no_radios
