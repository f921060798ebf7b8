#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every decision is recorded: who, why, before and after, refused or not, on how many radios it
# has put other rules, of a load which edition of the database has replaced which, and
# what it stopped. What was overwritten is counted exactly, for one who reads
# the record and for one who follows it too slowly.
# covers: R42 R43
# budget: 18
# needs: hostapd iw ip jq setpriv unshare
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

last()	# FILTER
{
	regdomctl -j audit | jq -c ".decisions[-1] | $1"
}
# recorded WHAT FILTER WANTED: of the last decision; for all_recorded to look at, since to start
# jq takes longer than all else here
recorded()
{
	regdomctl -j audit >>/tmp/records || fail "$1: no record"
	filters="$filters${filters:+, }(.[$recorded].decisions[-1] | $2)"
	recorded=$((recorded + 1))
	printf '%s\n' "$1" >>/tmp/subjects
	printf '%s\n' "$3" >>/tmp/wanted
}
all_recorded()
{
	local what wanted got
	jq -sc "$filters" /tmp/records >/tmp/got
	equal "decisions looked at" "$(wc -l </tmp/got)" $recorded
	exec 3</tmp/wanted 4</tmp/got
	while read -r what; do
		read -r wanted <&3
		read -r got <&4
		equal "$what" "$got" "$wanted"
	done </tmp/subjects
	exec 3<&- 4<&-
	recorded=0 filters=
	rm /tmp/records /tmp/subjects /tmp/wanted
}
recorded=0 filters=
radios 1
load regdom country=DE
phy=$(phy 1)
regdomctl audit
equal "the module's start" "$(regdomctl -j audit | jq -c '.decisions[] | [.seq,.cause,.uid,.error]' | tr '\n' ' ')" \
	'[1,"load",0,0] [2,"set",0,0] '
equal "its text" "$(regdomctl audit | sed -n '2s/, by .*//; 2s/^2 [^ ]* //p')" "set: 00 to DE"

decisions_of_each_kind()
{
	sh -c 'echo $$ >/tmp/pid; exec regdomctl set US --reason "for a test"'
	recorded "a change" '[.before,.country,.comm,.pid,.netns,.reason,.error]' \
		"[\"DE\",\"US\",\"regdomctl\",$(cat /tmp/pid),$(stat -L -c %i /proc/self/ns/net),\"for a test\",0]"
	/usr/bin/setpriv --reuid 1000 --inh-caps +net_admin --ambient-caps +net_admin regdomctl set US
	recorded "another user" '[.before,.country,.uid,.error]' '["US","US",1000,0]'
	/usr/bin/setpriv --reuid 1000 --inh-caps +net_admin --ambient-caps +net_admin regdomctl set XX 2>/dev/null
	recorded "who is refused" '[.country,.uid,.error]' '["XX",1000,2]'
	unshare -Ur regdomctl load 2>/dev/null
	equal "the exit status for root of a user namespace" $? 2
	recorded "who is recorded" '[.cause,.reason,.country,.comm,.uid,.error]' \
		'["denied","LOAD_DB",null,"regdomctl",0,1]'
	recorded "when" "(.wall_ns / 1e9 - $(date +%s) | fabs) < 60" true
	regdomctl set XX 2>/dev/null
	recorded "a refusal" '[.before,.country,.error]' '["US","XX",2]'
	regdomctl set DE --phy none 2>/dev/null
	recorded "no such radio" '[.phy,.country,.error]' '["none","DE",19]'
	regdomctl set DE --phy "$phy"
	recorded "a radio" '[.phy,.before,.country,.error]' "[\"$phy\",\"US\",\"DE\",0]"
	regdomctl ceiling FR --reason "sold there"
	recorded "a ceiling" '[.cause,.phy,.before,.country,.reason,.error]' \
		'["ceiling",null,null,"FR","sold there",0]'
	regdomctl ceiling XX 2>/dev/null
	recorded "a ceiling that is refused" '[.cause,.before,.country,.error]' \
		'["ceiling","FR","XX",2]'
	regdomctl ceiling JP --phy none 2>/dev/null
	recorded "a ceiling of no radio" '[.cause,.phy,.before,.country,.error]' \
		'["ceiling","none",null,"JP",19]'
	regdomctl ceiling US --phy "$phy"
	recorded "a radio's ceiling" '[.cause,.phy,.before,.country,.error]' \
		"[\"ceiling\",\"$phy\",null,\"US\",0]"
	regdomctl ceiling --none --phy "$phy"
	equal "its text" "$(regdomctl audit | sed -n '$s/, by .*//; $s/^[^ ]* [^ ]* //p')" \
		"ceiling $phy: US to none"
	regdomctl ceiling --none
	recorded "no ceiling" '[.cause,.before,.country,.error]' '["ceiling","FR","",0]'
	regdomctl policy ignore --reason "guests are here"
	recorded "a policy" '[.cause,.policy,.reason]' '["policy","ignore","guests are here"]'
	regdomctl load --reason "the new edition"
	recorded "a load" '[.cause,.reason,.error]' '["load","the new edition",0]'
	iw reg set FR
	wait_for 5 sh -c "regdomctl audit | grep -q 'request: US to FR, policy ignore'"
	echo "ok: a user's request that is ignored"

	all_recorded
}
! thorough || decisions_of_each_kind

check "an AP on channel 13" start_ap "$(wlan 1)" 13
regdomctl audit -f --from "$(($(last .seq) + 1))" >/tmp/followed &
follower=$!
listening $follower
regdomctl set US --phy "$phy"
wait_for 3 off_the_air "$(wlan 1)"
wait_for 3 grep -q " stop .*stopped at 2472.000 MHz (forbidden channel)" /tmp/followed
check "the change comes before what it stops" test \
	"$(sed -n '1s/.*Z \([a-z]*\) .*/\1/p' /tmp/followed)" = set
kill $follower
wait $follower 2>/dev/null
stop_ap "$(wlan 1)"

# 1024 are kept.
storm=$(count 1100 3000)
before=$(last .seq)
regdomctl -j audit -f --from "$((before + 1))" >/tmp/followed &
follower=$!
listening $follower
regdom-storm US $storm
newest=$(last .seq)
equal "decisions since" "$((newest - before))" $storm
equal "kept, the first, and how many were overwritten" \
	"$(regdomctl -j audit | jq -c '.decisions | [length, .[0].seq, .[0].lost]')" \
	"[1024,$((newest - 1023)),$((newest - 1024))]"
equal "from a number on" "$(regdomctl -j audit --from "$((newest - 2))" |
	jq -c '[.decisions[] | [.seq,.lost]]')" "[[$((newest - 2)),null],[$((newest - 1)),null],[$newest,null]]"
equal "from one to come" "$(regdomctl -j audit --from "$((newest + 1))" | jq -c .decisions)" "[]"
wait_for 20 sh -c "jq .seq /tmp/followed | grep -q '^$newest\$'"
kill $follower
wait $follower 2>/dev/null
equal "a follower's decisions and those that it lost" \
	"$(jq -s 'length + (map(.lost // 0) | add)' /tmp/followed)" $storm
equal "none twice" "$(jq .seq /tmp/followed | sort | uniq -d | wc -l)" 0

echo "who lacks the privilege"
/usr/bin/setpriv --reuid 1000 regdomctl set DE 2>/dev/null
equal "is recorded, also with others long ago" "$(last '[.cause,.reason,.uid,.error]')" \
	'["denied","SET_DOMAIN",1000,1]'
counted=$(regdomctl -j stats | jq .decisions.denied.refused)
/usr/bin/setpriv --reuid 1000 regdom-storm DE 200 1
equal "is counted each time" "$(regdomctl -j stats | jq .decisions.denied.refused)" $((counted + 200))
equal "fills no more of the record" \
	"$(regdomctl -j audit | jq '[.decisions[] | select(.cause == "denied")] | length')" 64
check "stands in the kernel's log beyond" \
	sh -c "dmesg | grep -q 'SET_DOMAIN without the privilege by regdom-storm (process [0-9]*, user 1000)'"
check "where it does not fill that, either" \
	test "$(dmesg | grep -c 'without the privilege by')" -lt 100
unload regdom

loads()
{
	echo "What a load has changed"
	db=/lib/firmware/regulatory.db
	cp $db /tmp/good.db
	# edition SERIAL POWER: the law XA has that power
	edition()
	{
		printf '%s\n' 'country 00:' '(2402 - 2472 @ 20), (20)' \
			'country XA:' "(2402 - 2482 @ 20), ($2)" >/tmp/own.txt
		regdomctl compile --format ext --serial "$1" /tmp/own.txt -o $db || fail "not compiled"
	}
	edition 5 20
	load regdom sig=off country=XA
	loaded='[.source,.signed,.serial_before,.serial,.radios,.error]'
	equal "the first" "$(regdomctl -j audit | jq -c ".decisions[0] | $loaded")" \
		'["regdom.db",false,null,5,0,0]'
	edition 7 17
	check "another edition" regdomctl load
	recorded "is recorded" "$loaded" '["regdom.db",false,5,7,1,0]'
	recorded "its rules are others" '.rules == .rules_before' false
	rules=$(last .rules)
	check "the same again" regdomctl load
	recorded "is recorded" "$loaded" '["regdom.db",false,7,7,0,0]'
	recorded "with the same rules" '[.rules_before,.rules]' "[$rules,$rules]"
	edition 6 20
	check "an old one" ! regdomctl load
	recorded "is recorded" "$loaded" '["regdom.db",false,7,6,null,116]'
	recorded "with the rules that hold on" '[.rules_before,.rules]' "[$rules,null]"
	check "the world" regdomctl set 00
	recorded "a country's rules, and those of another" '[.rules_before,.rules != .rules_before,.radios]' \
		"[$rules,true,1]"
	all_recorded
	unload regdom
	cp /tmp/good.db $db
}
! thorough || loads
no_radios
stock_world
