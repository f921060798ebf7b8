#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An access point of two links (MLO): a link on a channel that is forbidden (13, in US) is
# refused, the other starts. When a change forbids the channel of one, all of it stops within
# 200 ms of virtual time, and the event names that one; a change that forbids none leaves both,
# unless it lowers what one of them may transmit with, of which nobody tells: then all of it
# stops as well, once.
# Observed with nl80211.
# That 6.1 has links nobody can say: hwsim has none there, and no other driver of its.
# covers: R10 R13
# on: time
# kernels: 6.12
# long-kernels: debug
# needs: iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 1 mlo=1 channels=2
load regdom country=US
ap=$(wlan 1)
iw dev "$ap" set type __ap
ip link set "$ap" up

are()	# LINKS
{
	[ "$(regdom-mld "$ap")" = "$1" ]
}
equal "channel 13 in US is" "$(regdom-mld "$ap" 5180 2472)" "2472: Invalid argument"
equal "the links on the air" "$(regdom-mld "$ap")" "5180 "
check "DE" regdomctl set DE
equal "of these the first is" "$(regdom-mld "$ap" 5180 2472)" "5180: Operation already in progress"
equal "the links on the air" "$(regdom-mld "$ap")" "5180 2472 "
check "FR, which allows both" regdomctl set FR
sleep 0.7
check "leaves them" are "5180 2472 "
listen_for 2
check "US" regdomctl set US
at_once "the access point is off the air" are ""
events_came
check "for its second link" grep -q "^interface-stopped: $(phy 1): .*$ap stopped at 2472.000 MHz" /tmp/events

check "DE again" regdomctl set DE
equal "none of these is refused" "$(regdom-mld "$ap" 5180 2412)" ""
check "US again" regdomctl set US
sleep 0.7
check "which allows both, channel 1 with more" are "5180 2412 "
listen_for 2
check "DE, with 20 dBm there" regdomctl set DE
at_once "the access point is off the air" are ""
events_came
check "for its power" grep -q "$ap stopped at 2412.000 MHz.*too much power" /tmp/events
equal "it starts again" "$(regdom-mld "$ap" 5180 2412)" ""
check "FR, with as much" regdomctl set FR
sleep 0.7
check "leaves it" are "5180 2412 "
check "US, with 30 dBm on channel 1" regdomctl set US
sleep 0.7
ip link set "$ap" down
check "DE while it is down" regdomctl set DE
ip link set "$ap" up
equal "it starts there" "$(regdom-mld "$ap" 5180 2412)" ""
check "FR, with as much again" regdomctl set FR
sleep 0.7
check "leaves it, too" are "5180 2412 "
equal "so it was stopped once" "$(regdomctl audit | grep -c 'too much power')" 1
ip link set "$ap" down
unload regdom
no_radios
