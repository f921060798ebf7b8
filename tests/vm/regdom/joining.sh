#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A station that is joining a network while the domain changes: it leaves if it comes to a
# channel that is forbidden by then, and has no more power than its channel allows now. One
# that has less, as the user wants it or the domain before did, keeps that. Observed with iw.
# The law XA permits 20 dBm at 5 GHz, XB 14, and XC nothing.
# covers: R10 R12
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# needs: iw ip
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# cfg80211 reads the file that there is when it is loaded
modprobe cfg80211
stock_country DE
stock_world
db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
printf '%s\n' 'country 00:' '(2402 - 2472 @ 20), (20)' \
	'country XA:' '(5170 - 5250 @ 20), (20)' \
	'country XB:' '(5170 - 5250 @ 20), (14)' \
	'country XC:' '(2402 - 2472 @ 20), (20)' >/tmp/own.txt
regdomctl compile /tmp/own.txt -o $db || fail "not compiled"
load regdom sig=off country=XA
load regdom_station
slow=/sys/module/regdom_station/parameters/slow
ip link set station0 up

connected()
{
	iw dev station0 link 2>/dev/null | grep -q 'freq: 5180'
}
left()
{
	! connected
}
power_is()
{
	iw dev station0 info | grep -q "txpower $1.00 dBm"
}
# joins BEFORE AFTER: the domain changes while it does.
joins()
{
	check "$1" regdomctl set "$1"
	iw dev station0 disconnect
	echo Y >$slow
	check "it begins" iw dev station0 connect trivet 5180
	check "$2" regdomctl set "$2"
	left || fail "it has joined before it was to"
	echo N >$slow
}

joins XA XC
# of two events at once iw may see the second alone
check "a station is not on a forbidden channel" wait_for 5 left
sleep 1
left || fail "a station has joined on a forbidden channel"
equal "as it was stopped" "$(regdomctl audit | grep -c stopped)" 1
joins XA XB
check "it has joined" wait_for 5 connected
check "a station has the power that is allowed now" wait_for 5 power_is 14
joins XB XA
check "it has joined" wait_for 5 connected
sleep 1
check "nobody raises its power" power_is 14
check "its user wants 10 dBm" iw dev station0 set txpower fixed 1000
joins XA XB
check "it has joined" wait_for 5 connected
sleep 1
check "it has what its user wants" power_is 10
check "XA" regdomctl set XA
sleep 1
check "and keeps it" power_is 10
# one that is to leave soon is looked at again and again, and its user may ask meanwhile
iw dev station0 set txpower auto
check "20 s of grace" regdomctl grace 20
check "XC" regdomctl set XC
sleep 1
check "a station that is to leave is there" connected
check "its user wants 10 dBm" iw dev station0 set txpower fixed 1000
sleep 2
check "it is there still" connected
check "with what its user wants" power_is 10
remove regdom_station
unload regdom
cp /tmp/good.db $db
