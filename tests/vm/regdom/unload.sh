#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module is removed in the midst of work: while many set, load, dump and listen,
# radios come and go, and cfg80211's own domain changes all the time. A dump that has begun
# holds it; else it goes at once, nobody hangs, and the radios are given back.
# covers: R27
# budget: 8
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 3
load regdom country=DE
regdom-dump hold >/tmp/held &
holder=$!
wait_for 5 grep -q begun /tmp/held
check "a dump that has begun holds the module" ! rmmod regdom
check "which works on" regdomctl set US
kill $holder
wait $holder 2>/dev/null

busy()	# COMMAND...: again and again, whether it succeeds or not
{
	while [ ! -e /tmp/enough ]; do
		"$@"
	done >/dev/null 2>&1 &
	pids="$pids $!"
}
given_back()
{
	! iw reg get | grep -q self-managed
}
printf '%s\n' "set JP" "ceiling DE" "place outdoors" \
	"device --class LPI" >/tmp/many
i=0 rounds=$(count 3 50)
while [ $i -lt $rounds ]; do
	[ -e /sys/module/regdom ] || load regdom country=DE
	rm -f /tmp/enough
	pids=
	busy regdom-storm US 50
	busy regdomctl set FR --phy "$(phy 2)"
	busy regdomctl -j get
	busy regdomctl batch /tmp/many
	busy regdomctl load
	busy regdom-dump plug
	busy regdomctl list
	busy regdomctl -j audit
	busy sh -c 'iw reg set JP; iw reg set DE'
	regdomctl monitor >/dev/null &
	monitor=$!
	sleep 0.3
	wait_for 20 rmmod regdom
	check "given back" given_back
	touch /tmp/enough
	kill $monitor
	for pid in $pids $monitor; do
		wait $pid
	done
	i=$((i + 1))
done
echo "ok: removed in the midst of work $rounds times"
stock_world
no_radios
