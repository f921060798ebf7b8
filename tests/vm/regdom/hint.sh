#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Drivers that ask for a domain, or have limits of their own, in the ways that
# mac80211_hwsim knows (regtest=; four on each kernel, all ten in a long run): under JP
# no radio ever goes beyond JP, and one whose driver is strict not beyond the driver's country
# either (FI or US, which have no channel 14, 2484 MHz). `iw reg set` goes on
# working. JP has no channel 153 (5765 MHz), which FI and US do. In overlay (one; all in a long
# run) a ceiling of JP bounds such radios from the first moment; without it, and after unloading,
# they are as without the module, which is asked first. Observed with iw.
# covers: R17
# Not on the debug kernel, whose cfg80211 is built in: it would remember what
# these drivers have asked for, and not follow the next test's `iw reg set`.
# on: time
# kernels: 6.1 6.12
# budget: 30
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# Looks as fast as it can, until /tmp/stop, for a radio that allows 5765 MHz.
# Once all are there, each 20 ms.
watch_window()
{
	while [ ! -e /tmp/stop ]; do
		iw phy | grep '5765.* MHz \[' | grep -v disabled
		[ ! -e /tmp/there ] || sleep 0.02
	done >/tmp/window 2>&1
}
watch()
{
	rm -f /tmp/stop /tmp/there
	watch_window &
	watcher=$!
}
# Radios are there, and the command succeeds: it has looked all the while.
watched()	# COMMAND...
{
	touch /tmp/there
	wait_for 5 "$@"
	touch /tmp/stop
	wait $watcher
	check "no window" test ! -s /tmp/window
	# until cfg80211 has done what drivers have asked for
	sleep 6
}
# so that what these drivers have asked for is no matter of the next ones
forget()
{
	no_radios
	iw reg set 00
	remove mac80211 cfg80211
}
# regtest MODE STRICT CUSTOM: radios whose drivers are strict, or have limits of
# their own, or their country, that lack channel 13 (2472 MHz), by their numbers
regtest()
{
	local mode=$1 strict=" $2 " custom=" $3 " n
	echo "regtest=$mode"
	load regdom country=JP
	watch
	radios 5 regtest=$mode
	watched sh -c '[ $(regdomctl get | grep -c "^phy.*: JP") = 5 ]'
	for n in 1 2 3 4 5; do
		check "JP on radio $n" sh -c "iw phy $(phy $n) reg get | grep -q 'country JP'"
		case $strict in
		*" $n "*) check "a strict limit, too" ! allows "$(phy $n)" 2484;;
		*) case $mode/$n in
			# the limits of these lack channel 14 as well
			6/2|10/2) ;;
			*) check "channel 14" allows "$(phy $n)" 2484;;
			esac;;
		esac
		case $custom in
		*" $n "*) check "a driver's own limit, too" ! allows "$(phy $n)" 2472;;
		*) check "channel 13" allows "$(phy $n)" 2472;;
		esac
	done
	check "regdomctl rules" regdomctl set US
	check "US on radio 5" ! allows "$(phy 5)" 2472
	iw reg set JP
	wait_for 5 sh -c "iw phy $(phy 5) reg get | grep -q 'country JP'"
	check "cfg80211 follows as well" wait_for 5 stock_is JP
	unload regdom
	forget
}

regtest 1 "" ""
regtest 7 "1" ""
regtest 10 "5" "1 2 5"
case $TRIVET_KERNEL in
6.1) regtest 5 "" "1 2 3 4 5";;
6.12) regtest 8 "1 2 3 4 5" "";;
esac
if [ -n "$LONG" ]; then
	regtest 2 "" ""
	regtest 3 "" ""
	regtest 4 "" "1"
	[ "$TRIVET_KERNEL" = 6.1 ] || regtest 5 "" "1 2 3 4 5"
	regtest 6 "" "1 2"
	[ "$TRIVET_KERNEL" = 6.12 ] || regtest 8 "1 2 3 4 5" ""
	regtest 9 "1" ""
fi

# cfg80211 ignores users after such a request until it is made again: which those who ask
# again and again, as cfg80211 does not listen, do not put off for ever.
asks_again()
{
	iw reg set JP
	iw reg set US
	sleep 1
	stock_is US
}
radios 1
load regdom country=US
stock_country FR
rogue hint=DE
before_us=$(workers_us)
check "who asks each second is listened to" time_until 3000 asks_again
# 25 ms in 9 s; in a loop, all of it
check "nobody waits for that in a loop" test $(($(workers_us) - before_us)) -lt 500000
# Nor does it forget one whose radio has been unplugged since: another stands for it.
hint_and_go()
{
	load regdom_station
	rogue dev=station0 hint=DE
	rmmod regdom_station
}
stock_country FR
hint_and_go
sleep 6
check "users are listened to where the radio is gone" stock_country US
unload regdom
forget

# given_back MODE RADIOS: such radios are as before the module was loaded. One driver (4)
# has a channel of 40 MHz in a range of 20, which cfg80211 lets only a driver say.
given_back()
{
	echo "regtest=$1, given back"
	radios $2 regtest=$1
	# until cfg80211 has done what drivers have asked for
	sleep 6
	iw phy >/tmp/before
	load regdom country=US
	[ $1 != 7 ] || strict_in_finland
	unload regdom
	iw phy >/tmp/after
	check "given back as before" cmp /tmp/before /tmp/after
	forget
}
strict_in_finland()
{
	check "US and FI: no channel 13" ! allows "$(phy 1)" 2472
	regdomctl set JP
	check "JP and FI: channel 13" allows "$(phy 1)" 2472
	check "but not 14" ! allows "$(phy 1)" 2484
}
if [ -n "$LONG" ]; then
	for mode in 1 2 3 4 5 6 7 8 9 10; do
		given_back $mode 5
	done
else
	given_back 7 1
	given_back 4 1
fi

# What cfg80211 has on all radios; without their numbers.
dump()
{
	iw phy | grep -vi '^.\?wiphy'
}
as_stock()
{
	dump >/tmp/now
	diff /tmp/stock /tmp/now >/tmp/diff || { head -n 10 /tmp/diff; return 1; }
}
bounded()
{
	! iw phy | grep '5765.* MHz \[' | grep -qv disabled
}
# in_overlay MODE RADIOS
in_overlay()
{
	echo "regtest=$1, in overlay"
	modprobe cfg80211
	stock_country US
	radios $2 regtest=$1
	sleep 6
	dump >/tmp/stock
	check "without the module 5765 MHz is allowed" ! bounded
	forget
	modprobe cfg80211
	stock_country US
	load regdom ownership=overlay
	check "a ceiling of JP" regdomctl ceiling JP
	watch
	radios $2 regtest=$1
	watched sh -c "[ \$(regdomctl get | grep -c '^phy.*overlay') = $2 ]"
	check "it holds" bounded
	for n in $(seq $2); do
		check "and leaves radio $n what is allowed everywhere" allows "$(phy $n)" 2412
	done
	check "no ceiling" regdomctl ceiling --none
	check "it is as without the module" wait_for 3 as_stock
	check "the ceiling" regdomctl ceiling JP
	check "holds" bounded
	unload regdom
	check "unloaded, it is as without" as_stock
	forget
}
if [ -n "$LONG" ]; then
	for mode in 1 2 3 4 5 6 7 8 9 10; do
		in_overlay $mode 5
	done
elif [ "$TRIVET_KERNEL" = 6.1 ]; then
	in_overlay 1 2
else
	in_overlay 7 2
fi
