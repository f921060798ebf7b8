#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Several settings as one change: all are in force, and on each radio at once, or
# none is. Observed with iw: channel 13 is allowed in DE and FR, forbidden in US. One who
# does not read the events in time is told that some are missing.
# Usually not on the debug kernel, where fail.sh has such changes fail at each allocation.
# covers: R42 R43
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 8
# needs: iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 3
load regdom country=US
stat()	# NAME: of the module
{
	regdomctl -j stats | jq "$1"
}
for n in 1 2 3; do iw phy "$(phy $n)" info; done >/tmp/before

cat >/tmp/good <<-END
	set DE --reason moved		# a comment

	set FR --phy $(phy 2)
	ceiling US --phy $(phy 3)
	set FR --phy $(phy 3)
END
{ cat /tmp/good; echo "set XX"; } >/tmp/bad
said=$(regdomctl batch /tmp/bad 2>&1)
equal "exit status where one is wrong" $? 2
check "the kernel's words" test "$said" = \
	"regdomctl: batch: the database has no such country (No such file or directory)"
for n in 1 2 3; do iw phy "$(phy $n)" info; done >/tmp/after
check "every radio is as before" cmp /tmp/before /tmp/after
equal "each is recorded, as refused" \
	"$(regdomctl -j audit | jq -c '[.decisions[-5:][] | .error]')" "[2,2,2,2,2]"
echo "load" | regdomctl batch 2>/dev/null
equal "exit status of what cannot be part of it" $? 1

applied=$(stat .applied)
listen_for 3
check "all" regdomctl batch </tmp/good
check "radio 1 is in DE" allows "$(phy 1)" 2472
check "radio 2 in FR" allows "$(phy 2)" 2472
check "radio 3 in FR within US" ! allows "$(phy 3)" 2472
events_came
equal "one event for each" "$(cut -d, -f1 /tmp/events | sort -V | tr '\n' ';')" \
	"domain-changed: global domain: DE;domain-changed: $(phy 2): FR;domain-changed: $(phy 3): FR;"
# one change, and so one generation, whatever it consists of
equal "each of the generation that is in force" \
	"$(sed 's/.* \[\([0-9]*\)\]$/\1/' /tmp/events | uniq)" "$(regdomctl -j info | jq .generation)"
equal "rules were put on each radio once" $(($(stat .applied) - applied)) 3

check "DE is locked" regdomctl lock --phy "$(phy 2)"
printf '%s\n' "set US" "set --global --phy $(phy 2)" | regdomctl batch 2>/dev/null
equal "exit status where a lock keeps one" $? 2
check "so neither is" allows "$(phy 1)" 2472
check "DE, which radio 1 has with all, is locked" regdomctl lock --phy "$(phy 1)"
printf '%s\n' "set US" "set --global --phy $(phy 1)" | regdomctl batch
check "what it has already is no leave to follow" allows "$(phy 1)" 2472
check "DE" regdomctl set DE
check "unlocked" regdomctl unlock --phy "$(phy 1)"
check "as all" regdomctl set --global --phy "$(phy 1)"
check "it may have DE only" regdomctl allow DE --phy "$(phy 1)"
printf '%s\n' "set US" "place indoors --phy $(phy 1)" | regdomctl batch
check "nor is its place" allows "$(phy 1)" 2472
equal "where it is" "$(regdomctl -j get | jq -r '.phys[0].place')" indoors
printf '%s\n' "set DE" "place --global --phy $(phy 1)" | regdomctl batch
check "any country" regdomctl allow --any --phy "$(phy 1)"
check "as all again" regdomctl set --global --phy "$(phy 1)"

listen_for 1
printf '%s\n' "set FR --reason why" "place any" | regdomctl batch
events_came
check "what changes nothing hides no event, nor its reason" \
	grep -q '^domain-changed: global domain: FR.*why' /tmp/events

before=$(regdomctl -j info | jq .generation)
listen_for 4
for country in US DE US FR; do
	regdomctl set $country
done
events_came
equal "countries and generations of the events" \
	"$(sed 's/.*domain: \(..\),.* \[\([0-9]*\)\]$/\1 \2/' /tmp/events | tr '\n' ';')" \
	"US $((before + 1));DE $((before + 2));US $((before + 3));FR $((before + 4));"
equal "the last is what is told of now" "$(regdomctl -j info | jq .generation)" $((before + 4))

limit=$(cat /proc/sys/net/core/rmem_max)
echo 2304 >/proc/sys/net/core/rmem_max
regdomctl -j monitor >/tmp/events &
monitor=$!
listening $monitor
echo "$limit" >/proc/sys/net/core/rmem_max
kill -STOP $monitor
# it may have to wake up for that, and would take an event along
wait_for 5 grep -q '^State:.T' /proc/$monitor/status
for country in US DE US DE US DE US DE; do
	regdomctl set $country
done
kill -CONT $monitor
wait_for 5 grep -q domain-changed /tmp/events
# until it has read all that are left, the next ones are lost too
listening $monitor
check "the database again" regdomctl load
wait_for 5 grep -q database-loaded /tmp/events
kill $monitor
wait $monitor
equal "what a sleeper was told" "$(jq -r .event /tmp/events | uniq | tr '\n' ' ')" \
	"events-lost domain-changed database-loaded "
unload regdom
no_radios
