#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio that is moved to another network namespace obeys as before: changes of
# all radios, an AP that has to stop, its own domain, which only that namespace
# sees and sets; and it comes back with all of it when the namespace ends.
# covers: R19
# budget: 5
# needs: hostapd iw jq nsenter unshare
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
# a database of our own is to be loaded
load regdom country=DE sig=off
one=$(phy 1) two=$(phy 2) ap=$(wlan 2)
unshare -n sleep 1000 &
elsewhere=$!
wait_for 5 sh -c "! cmp -s /proc/$elsewhere/ns/net /proc/self/ns/net && test \$(readlink /proc/$elsewhere/ns/net) != \$(readlink /proc/self/ns/net)"
there()
{
	nsenter -t $elsewhere -n "$@"
}
there_allows()
{
	there iw phy | grep '\* 2472\(\.0\)\? MHz' | grep -qv disabled
}
there_off_the_air()
{
	! there iw dev "$ap" info | grep -q 'channel '
}

check "moved" iw phy "$two" set netns $elsewhere
equal "this namespace has one radio" "$(regdomctl get | grep -c '^phy')" 1
equal "that has the other" "$(there regdomctl get | grep '^phy' | cut -d: -f1)" "$two"
check "it has its domain" there_allows
check "it cannot be set from here" ! regdomctl set US --phy "$two"
check "nor asked for" ! regdomctl why "$two" 2472
equal "that may ask why" "$(there regdomctl -j why "$two" 2472 | jq .permitted)" true
check "that may lock it" there regdomctl lock --phy "$two"
check "which holds" ! there regdomctl set US --phy "$two"
check "and unlock it" there regdomctl unlock --phy "$two"
check "a user namespace may not set what is global" ! unshare -Urn regdomctl set US
there ip link set lo up 2>/dev/null
ap_config "$ap" 13 >/tmp/there.conf
nsenter -t $elsewhere -n hostapd /tmp/there.conf >/tmp/there.log 2>&1 &
hostapd=$!
wait_for 5 grep -q AP-ENABLED /tmp/there.log
listen_for 2 nsenter -t $elsewhere -n
check "US for all" regdomctl set US
check "is in force there" ! there_allows
wait_for 3 there_off_the_air
echo "ok: its AP is off the air"
events_came
check "that namespace is told that its radio's domain has changed" \
	grep -q "^domain-changed: $two: US, DFS FCC" /tmp/events
check "and what it stops" grep -q "^interface-stopped: $two: US.*$ap stopped" /tmp/events
equal "and the record, read here, names it" \
	"$(regdomctl -j audit | jq -r '.decisions[-1] | .cause + " " + .interface')" "stop $ap"
kill $hostapd
wait $hostapd 2>/dev/null
db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
printf '%s\n' 'country US: DFS-FCC' '(2402 - 2472 @ 40), (20)' >/tmp/own.txt
regdomctl compile /tmp/own.txt -o $db || fail "not compiled"
listen_for 1 nsenter -t $elsewhere -n
check "a database with other rules" regdomctl load
cp /tmp/good.db $db
events_came
check "that namespace is told of its radio's rules" \
	grep -q "^domain-changed: $two: US" /tmp/events
check "the one of before" regdomctl load

check "its own domain, from there" there regdomctl set FR --phy "$two"
check "is in force there" there_allows
check "and not here" ! allows "$one" 2472
kill $elsewhere
wait $elsewhere 2>/dev/null
wait_for 5 sh -c "iw phy | grep -q 'Wiphy $two\$'"
check "it is back, with its domain" sh -c "regdomctl get | grep -q '^$two: FR.*its own'"
check "in force" allows "$two" 2472
check "as all others" regdomctl set --global --phy "$two"
check "is in force" ! allows "$two" 2472
unload regdom
no_radios
