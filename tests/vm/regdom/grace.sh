#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# With a grace, an AP on a channel that becomes forbidden (13) is told first, and
# is stopped when the time is over, but not if hostapd moves it elsewhere, nor if
# the channel is allowed again. One that has announced, before the change, that it
# will switch to a channel which is forbidden since, is stopped there at once. A mesh and a
# station are told and stopped as well.
# Observed with iw.
# covers: R8 R9
# on: time
# budget: 15
# needs: hostapd hostapd_cli iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
load regdom country=DE
ap=$(wlan 1) phy=$(phy 1)

ap13()
{
	start_ap "$ap" 13 ctrl_interface=/tmp/hostapd
}
decisions()	# of each cause, since the last AP was started
{
	regdomctl -j audit --from "$from" | tr ,{ '\n\n' | sed -n 's/.*"cause": *"\([a-z]*\)".*/\1/p' | tr '\n' ' '
}
mark()
{
	from=$(($(regdomctl audit | sed -n '$s/ .*//p') + 1))
}

equal "nobody has time at first" "$(regdomctl get | grep -c grace)" 0
check "5 s of grace" regdomctl grace 5 --reason "for CSA"
equal "is recorded" "$(regdomctl -j audit | jq -c '.decisions[-1] | [.cause,.grace_s,.reason,.error]')" \
	'["grace",5,"for CSA",0]'
check "is seen" sh -c "regdomctl get | grep -q '^global: DE, .*grace 5 s'"
check "more than 30 s are none" ! regdomctl grace 31
check "an AP on channel 13" ap13
mark
listen_for 3
check "US" regdomctl set US
sleep 4
check "the AP is on the air" on_the_air "$ap"
await off_the_air "$ap"
equal "seconds that it had" "$(regdomctl -j audit --from "$from" |
	jq '[.decisions[] | select(.cause == "notice" or .cause == "stop") | .boot_ns] |
		(.[1] - .[0]) / 1e9 | round')" 5
events_came
check "it was told before" grep -q "^interface-noticed: $phy: .*$ap will be stopped at 2472.000 MHz (forbidden channel) in 5 s" /tmp/events
equal "then stopped" "$(cut -d: -f1 /tmp/events | tr '\n' ' ')" \
	"domain-changed interface-noticed interface-stopped "
equal "recorded" "$(decisions)" "set notice stop "
stop_ap "$ap"
check "an AP that begins there is refused at once" ! ap13

regdomctl set DE
check "an AP on channel 13" ap13
mark
regdomctl set US
sleep 1
check "hostapd moves it" sh -c "hostapd_cli -p /tmp/hostapd -i $ap chan_switch 5 2437 | grep -q OK"
sleep 8
equal "it is on another channel" "$(channel_of "$ap")" 2437
equal "nobody was stopped" "$(decisions)" "set notice "
stop_ap "$ap"

regdomctl set DE
check "an AP on channel 13" ap13
mark
regdomctl set US
sleep 3
regdomctl set DE
sleep 3
check "an AP whose channel is allowed again stays" on_the_air "$ap"
regdomctl set US
sleep 4
check "and has all its time when it is not" on_the_air "$ap"
equal "nobody was stopped" "$(decisions)" "set notice set set notice "
check "no grace" regdomctl grace 0
wait_for 1 off_the_air "$ap"
echo "ok: it leaves at once"
stop_ap "$ap"

# a switch after 100 beacons, 10.2 s
regdomctl set DE
check "an AP on channel 6" start_ap "$ap" 6 ctrl_interface=/tmp/hostapd
mark
check "hostapd has it switch to 13" sh -c "hostapd_cli -p /tmp/hostapd -i $ap chan_switch 100 2472 | grep -q OK"
sleep 2
check "US, before it does" regdomctl set US
sleep 4
equal "it is on its channel yet" "$(channel_of "$ap")" 2437
await off_the_air "$ap"
echo "ok: and on no forbidden one then"
equal "as it was stopped there" "$(regdomctl -j audit --from "$from" |
	jq -c '[.decisions[] | select(.cause == "stop") | .center_khz]')" "[2472000]"
stop_ap "$ap"

# others than access points have as much time
regdomctl grace 5
regdomctl set DE
ip link set "$ap" down
iw dev "$ap" set type mp
ip link set "$ap" up
check "a mesh on channel 13" iw dev "$ap" mesh join mesh freq 2472
wait_for 3 on_the_air "$ap"
mark
listen_for 3
regdomctl set US
sleep 4
check "it is on the air" on_the_air "$ap"
wait_for 3 off_the_air "$ap"
events_came
equal "told, then stopped" "$(cut -d: -f1 /tmp/events | tr '\n' ' ')" \
	"domain-changed interface-noticed interface-stopped "
equal "recorded" "$(decisions)" "set notice stop "
ip link set "$ap" down
iw dev "$ap" set type managed

connects()
{
	iw dev "$ap" link | grep -q '^Connected' || iw dev "$ap" connect trivet 2472
	iw dev "$ap" link | grep -q '^Connected'
}
regdomctl set DE
ip link set "$ap" up
check "another's AP on channel 13" start_ap "$(wlan 2)" 13
wait_for 20 connects
mark
regdomctl set US --phy "$phy"
sleep 4
check "a station is connected still" on_the_air "$ap"
wait_for 3 off_the_air "$ap"
equal "told, then stopped" "$(decisions)" "set notice stop "
check "and not that AP" on_the_air "$(wlan 2)"
stop_ap "$(wlan 2)"
unload regdom
no_radios
