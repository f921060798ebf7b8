#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A station whose channel is less than 20 MHz wide, below 1 GHz or of 10 MHz, stays through a
# change that permits it there, whether its driver tells the width or, below 1 GHz, does not.
# It leaves where it may not be, or is wider than it may be. Observed with iw.
# The law XB permits 10 MHz at 5 GHz, XA more, and XC neither band.
# covers: R10
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 2
# needs: iw ip
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# cfg80211 reads the file that there is when it is loaded, and would have none of these
modprobe cfg80211
stock_country DE
stock_world
db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
printf '%s\n' 'country 00:' '(2402 - 2472 @ 20), (20)' \
	'country XA:' '(902 - 928 @ 16), (20)' '(5170 - 5250 @ 20), (20)' \
	'country XB:' '(902 - 928 @ 16), (17)' '(5170 - 5250 @ 10), (20)' \
	'country XC:' '(2402 - 2472 @ 20), (20)' >/tmp/own.txt
regdomctl compile /tmp/own.txt -o $db || fail "not compiled"
load regdom sig=off country=XA
load regdom_station
ip link set station0 up

connected()	# MHZ
{
	# of the signal it says that it cannot tell
	iw dev station0 link 2>/dev/null | grep -q "freq: $1"
}
# changed MHZ WIDTH CC: whether one that was there in XA is there in CC.
changed()
{
	check "XA" regdomctl set XA
	iw dev station0 disconnect
	echo "$2" >/sys/module/regdom_station/parameters/width
	check "a network at $1 MHz" iw dev station0 connect trivet "$1"
	wait_for 5 connected "$1"
	check "$3" regdomctl set "$3"
	# stopping takes a moment
	sleep 1
	connected "$1"
}
left()
{
	! changed "$@"
}
# of enum nl80211_chan_width
noht_20=0 mhz_10=7 mhz_2=9 untold=-1

changed 903 $untold XB || fail "one of 2 MHz that was not told is gone"
left 903 $untold XC || fail "it stays where it may not be"
changed 903 $mhz_2 XB || fail "one of 2 MHz is gone"
left 903 $mhz_2 XC || fail "it stays where it may not be"
changed 5180 $mhz_10 XB || fail "one of 10 MHz is gone"
left 5180 $mhz_10 XC || fail "it stays where it may not be"
left 5180 $noht_20 XB || fail "one of 20 MHz stays where 10 MHz are permitted"
# at once: what is known of how wide it was says nothing of how wide it is
echo $mhz_10 >/sys/module/regdom_station/parameters/width
check "it joins again at 10 MHz" iw dev station0 connect trivet 5180
wait_for 5 connected 5180
sleep 1
check "which it may" connected 5180
remove regdom_station
unload regdom
cp /tmp/good.db $db
