#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A station of two links (MLO), one of whose channels (13, then 1) a change forbids, or allows
# less power, is stopped as a whole, within 200 ms of virtual time, and the event names that
# channel; a change that does neither leaves it. Observed with nl80211.
# So it is where of a link of 80 MHz only the first 20 MHz stay allowed, also when the station
# joins while that changes, or its driver does not leave at first; a link of 20 MHz stays there.
# Where cfg80211's private records of networks are not gone by, its channels are not known.
# covers: R10 R13
# on: time
# budget: 5
# needs: iw ip
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# of enum nl80211_chan_width
noht_20=0 mhz_80=3
are()	# LINKS
{
	[ "$(regdom-mld station0)" = "$1" ]
}
joins()	# MHZ OF THE SECOND LINK
{
	load regdom_station width=$noht_20 second_mhz="$1"
	ip link set station0 up
	joins_again "$1"
}
joins_again()
{
	check "it joins at 5180 MHz" iw dev station0 connect trivet 5180
	wait_for 5 are "5180 $1 "
	echo "ok: and at $1 MHz"
}
leaves_for()	# COMMAND...
{
	check "$*" "$@"
	at_once "it has left" are ""
}

modprobe cfg80211
load regdom country=DE
joins 2472
check "FR, which allows both" regdomctl set FR
sleep 0.7
check "leaves them" are "5180 2472 "
listen_for 2
leaves_for regdomctl set US
events_came
check "for its second link" grep -q "^interface-stopped: .*station0 stopped at 2472.000 MHz" /tmp/events
remove regdom_station

joins 2412
check "US, with more on channel 1 than DE" regdomctl set US
sleep 0.7
check "leaves them" are "5180 2412 "
listen_for 2
leaves_for regdomctl set DE
events_came
check "for its power" grep -q "station0 stopped at 2412.000 MHz.*too much power" /tmp/events
joins_again 2412
remove regdom_station
unload regdom

load regdom country=DE bss_records=0
joins 2472
check "US, where its channels are not known" regdomctl set US
sleep 0.7
check "leaves it" are "5180 2472 "
remove regdom_station
unload regdom

# The law XW permits 80 MHz at 5180 MHz, XV too (and channel 6), XN 20 MHz.
stock_country DE
stock_world
db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
printf '%s\n' 'country 00:' '(2402 - 2472 @ 20), (20)' \
	'country XW:' '(2402 - 2422 @ 20), (20)' '(5170 - 5250 @ 80), (20)' \
	'country XV:' '(2402 - 2447 @ 20), (20)' '(5170 - 5250 @ 80), (20)' \
	'country XN:' '(2402 - 2422 @ 20), (20)' '(5170 - 5190 @ 20), (20)' >/tmp/own.txt
regdomctl compile /tmp/own.txt -o $db || fail "not compiled"
load regdom sig=off country=XW
joins_wide()	# WIDTH PARAM...
{
	check "XW" regdomctl set XW
	load regdom_station width=$noht_20 second_mhz=5180 second_width="$@"
	ip link set station0 up
	check "it joins at 2412 MHz" iw dev station0 connect trivet 2412
}
joins_wide $mhz_80
wait_for 5 are "2412 5180 "
check "XV, which allows all of both" regdomctl set XV
sleep 0.7
check "leaves them" are "2412 5180 "
listen_for 2
leaves_for regdomctl set XN
events_came
check "for the width of its second link" \
	grep -q "^interface-stopped: .*station0 stopped at 5180.000 MHz" /tmp/events
remove regdom_station

# its driver fails to leave: what is known of it then is asked anew, and it is stopped again
joins_wide $mhz_80 stays=1
wait_for 5 are "2412 5180 "
listen_for 3
check "XN" regdomctl set XN
events_came
equal "stopped twice" "$(grep -c "^interface-stopped: .*station0 stopped at 5180.000 MHz" /tmp/events)" 2
check "as its driver stayed once" [ "$(cat /sys/module/regdom_station/parameters/stays)" = 0 ]
wait_for 5 are ""
remove regdom_station

joins_wide $noht_20
wait_for 5 are "2412 5180 "
check "XN" regdomctl set XN
sleep 0.7
check "leaves one of 20 MHz" are "2412 5180 "
remove regdom_station

joins_wide $mhz_80 slow=1
check "it has not joined yet" are ""
listen_for 2
check "XN, while it joins" regdomctl set XN
echo 0 >/sys/module/regdom_station/parameters/slow
# nobody is stopped before he has joined
events_came
check "it is stopped when it has" \
	grep -q "^interface-stopped: .*station0 stopped at 5180.000 MHz" /tmp/events
wait_for 5 are ""
remove regdom_station
unload regdom
cp /tmp/good.db $db
