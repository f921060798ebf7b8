#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A station, an ad-hoc network, a mesh and an interface outside of any network
# (OCB) leave a channel (13) that a change forbids, only on the radio that changed,
# and events say so. A station leaves one that is too wide (80 MHz) as well, also where
# cfg80211's private records of networks are not gone by. Observed with iw.
# covers: R2 R10 R11 R42
# budget: 10
# needs: hostapd iw ip jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
load regdom country=DE
ap=$(wlan 1) sta=$(wlan 2)

connected()
{
	iw dev "$sta" link | grep -q '^Connected'
}
# Again where hostapd, a busy process, has not answered in time.
connects()
{
	local tick
	iw dev "$sta" connect trivet 2472
	for tick in 1 2 3 4 5 6 7 8 9 10; do
		connected && return
		sleep 0.1
	done
	return 1
}
check "an AP on channel 13" start_ap "$ap" 13
ip link set "$sta" up
wait_for 5 connects
check "a change that allows the channel" regdomctl set FR
sleep 0.7
check "leaves the station connected" connected
listen_for 2
check "US on the station's radio" regdomctl set US --phy "$(phy 2)" --reason "for a test"
wait_for 3 sh -c "iw dev $sta link | grep -q '^Not connected'"
echo "ok: the station is disconnected"
check "the AP is still on the air" on_the_air "$ap"
events_came
check "an event of the change" grep -q "^domain-changed: $(phy 2): US.*for a test" /tmp/events
check "an event of the stop" grep -q "^interface-stopped: $(phy 2): .*$sta stopped at 2472.000 MHz" /tmp/events
check "exactly these, in this order" test "$(cut -d: -f1 /tmp/events | tr '\n' ' ')" = \
	"domain-changed interface-stopped "
check "cfg80211's record of the network is as expected" ! sh -c "dmesg | grep -q 'records of networks'"
stop_ap "$ap"
unload regdom

# From here on without cfg80211's records of networks, by the station's address
load regdom country=DE bss_records=0

wide_ap()
{
	start_ap "$ap" 36 ieee80211n=1 ieee80211ac=1 "ht_capab=[HT40+]" \
		vht_oper_chwidth=1 vht_oper_centr_freq_seg0_idx=42
}
connects_widely()
{
	local tick
	iw dev "$sta" connect trivet 5180
	for tick in 1 2 3 4 5 6 7 8 9 10; do
		connected && iw dev "$sta" info | grep -q 'width: 80 MHz' && return
		sleep 0.1
	done
	return 1
}
check "DE on the station's radio" regdomctl set DE --phy "$(phy 2)"
check "an AP of 80 MHz" wide_ap
wait_for 5 connects_widely
echo "ok: its station is as wide"
check "FR, which allows that" regdomctl set FR --phy "$(phy 2)"
sleep 0.7
check "leaves it connected" connected
check "SV, which allows 20 MHz there" regdomctl set SV --phy "$(phy 2)"
wait_for 5 sh -c "iw dev $sta link | grep -q '^Not connected'"
echo "ok: the station leaves"
equal "once" "$(regdomctl audit | tail -n 5 | grep -c "stopped at 5180.000 MHz")" 1
stop_ap "$ap"

check "DE on the station's radio" regdomctl set DE --phy "$(phy 2)"
ip link set "$sta" down
iw dev "$sta" set type ibss
ip link set "$sta" up
check "an ad-hoc network on channel 13" iw dev "$sta" ibss join adhoc 2472 HT20 fixed-freq 02:12:34:56:78:9a
wait_for 3 on_the_air "$sta"
check "US again" regdomctl set US --phy "$(phy 2)"
wait_for 3 off_the_air "$sta"
echo "ok: the ad-hoc network is left"
check "no ad-hoc network on a forbidden channel" ! iw dev "$sta" ibss join adhoc 2472
equal "why" "$(reason "$(phy 2)" 2472 ibss)" no-rule

check "DE again" regdomctl set DE --phy "$(phy 2)"
ip link set "$sta" down
iw dev "$sta" set type mp
ip link set "$sta" up
check "a mesh on channel 13" iw dev "$sta" mesh join mesh freq 2472
wait_for 3 on_the_air "$sta"
check "US once more" regdomctl set US --phy "$(phy 2)"
wait_for 3 off_the_air "$sta"
echo "ok: the mesh is left"
check "no mesh on a forbidden channel" ! iw dev "$sta" mesh join mesh freq 2472
equal "why" "$(reason "$(phy 2)" 2472 mesh)" no-rule

check "DE for the last time" regdomctl set DE --phy "$(phy 2)"
ip link set "$sta" down
iw dev "$sta" set type ocb
# hwsim has no rates for 10 MHz: mac80211 warns of each packet
echo 1 >"/proc/sys/net/ipv6/conf/$sta/disable_ipv6"
ip link set "$sta" up
check "OCB on channel 13" iw dev "$sta" ocb join 2472 10MHZ
wait_for 3 on_the_air "$sta"
check "and US" regdomctl set US --phy "$(phy 2)"
wait_for 3 off_the_air "$sta"
echo "ok: it is left"
check "no OCB on a forbidden channel" ! iw dev "$sta" ocb join 2472 10MHZ
equal "why" "$(reason "$(phy 2)" 2472 ocb)" no-rule
ip link set "$sta" down
unload regdom
no_radios
