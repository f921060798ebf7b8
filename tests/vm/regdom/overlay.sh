#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Radios in overlay stay cfg80211's: what is set here only takes away from what it
# decides, whatever `iw reg set` says, and what nobody bounds any more is as the stock
# kernel has it; so is everything after unloading. Observed with iw and hostapd; what
# iw shows without the module is the oracle.
# On the debug kernel there is usually overlay-driver.sh.
# covers: R20 R25
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 20
# needs: hostapd iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# Without its name and number.
dump()	# RADIO
{
	iw phy "$(phy "$1")" info | grep -vi '^.\?wiphy'
	iw phy "$(phy "$1")" channels | grep -v "DFS state"
}
# same RADIO COUNTRY: it is as without the module.
same()
{
	dump "$1" >/tmp/now
	diff "/tmp/stock.$1.$2" /tmp/now >/tmp/diff || { head -n 10 /tmp/diff; return 1; }
}
# When nobody is connected any more cfg80211 sets its domain anew, a little later, and tells
# nobody.
disconnected()
{
	sleep 3
}
# "2472 20.0 ri": what iw shows of each channel that is allowed: radar, initiation.
channels()
{
	sed -n 's/^.*\* \([0-9.]*\) MHz \[[0-9]*\] (\([0-9.]*\) dBm)\(.*\)/\1 \2 \3/p' |
		awk '{ print $1, $2, (/radar/ ? "r" : "-") (/no IR/ ? "n" : "-") }'
}
# within FILE FILE: the first allows only what the second does: no other channel, no
# more power, and there is radar detection or no initiation where the second wants it.
within()
{
	channels <"$1" >/tmp/inner
	channels <"$2" >/tmp/outer
	awk 'NR == FNR { dbm[$1] = $2; want[$1] = $3; next }
		{ n++ }
		!($1 in dbm) || $2 + 0 > dbm[$1] + 0 ||
		(want[$1] ~ /n/ && $3 !~ /n/) || (want[$1] ~ /r/ && $3 == "--") {
			print "looser: " $0 ", " dbm[$1] " " want[$1]; bad = 1 }
		END { exit bad || !n }' /tmp/outer /tmp/inner
}
none_allowed()	# PHY
{
	iw phy "$1" info | grep ' MHz \[' >/tmp/lines
	[ -s /tmp/lines ] && ! grep -vq disabled /tmp/lines
}
dbm()	# MHZ
{
	channel_line "$(phy 1)" "$1" | sed -n 's/.*(\([0-9.]*\) dBm).*/\1/p'
}
last_decision()
{
	regdomctl -j audit | jq -c ".decisions[-1] | [$1]"
}
module=/trivet/modules/regdom.ko

radios 2
for country in US DE; do
	stock_country $country
	dump 1 >/tmp/stock.1.$country
done
dump 2 >/tmp/stock.2.DE
check "what is no ownership" ! insmod $module ownership=perhaps
load regdom country=JP ownership=overlay
one=$(phy 1) two=$(phy 2) ap=$(wlan 1)

echo "nothing bounds it"
check "radio 1 is as it was" same 1 DE
wait_for 5 sh -c "regdomctl get | grep -q '^$one: DE, .*overlay'"
check "and in nobody's hands" ! sh -c "iw reg get | grep -q self-managed"
stock_country US
check "it follows iw reg set" same 1 US

echo "a ceiling"
stock_country DE
check "an AP on channel 13" start_ap "$ap" 13
check "a ceiling for all" regdomctl ceiling US
wait_for 3 off_the_air "$ap"
stop_ap "$ap"
disconnected
check "it cannot start again" ! start_ap "$ap" 13
dump 1 >/tmp/bounded
check "it has no more than DE" within /tmp/bounded /tmp/stock.1.DE
check "nor than US" within /tmp/bounded /tmp/stock.1.US
stock_country US
dump 1 >/tmp/us
check "nor has US more than US" within /tmp/us /tmp/stock.1.US
equal "dBm, all that US has" "$(dbm 2412)" 30.0
stock_country DE
dump 1 >/tmp/again
check "the ceiling holds after each change" cmp /tmp/bounded /tmp/again
equal "dBm, the less of both" "$(dbm 2412)" 20.0
check "5500 MHz, where two regions want radar detection, is for clients" \
	sh -c "iw phy $one info | grep '\* 5500\(\.0\)\? MHz' | grep -v radar | grep -q 'no IR'"
regdomctl -j why "$one" 2472 >/tmp/why
equal "why" "$(jq -c '[.layers[] | select(.permitted | not) | .layer]' /tmp/why)" \
	'["effective","ceiling","cfg80211"]'
rmmod mac80211_hwsim
radios 2
check "a radio that comes has it from the start" ! allows "$(phy 1)" 2472
one=$(phy 1) two=$(phy 2) ap=$(wlan 1)
check "no ceiling" regdomctl ceiling --none
check "it is as without the module" same 1 DE

echo "hostapd asks for its country"
stock_country US
check "an AP on channel 13, with DE" start_ap "$ap" 13 country_code=DE ieee80211d=1
check "DE is cfg80211's" stock_is DE
stop_ap "$ap"
disconnected

echo "a country of its own, a lock, a list"
check "US for radio 1" regdomctl set US --phy "$one"
check "bounds it" ! allows "$one" 2472
check "and not the other" allows "$two" 2472
check "none" regdomctl set --global --phy "$one"
check "it is allowed again" allows "$one" 2472
check "the domain is locked" regdomctl lock
stock_country US
equal "dBm, as in DE" "$(dbm 2412)" 20.0
check "no channel 13, as in US" ! allows "$one" 2472
equal "recorded" "$(regdomctl -j audit | jq -c '[.decisions[] | select(.cause == "request" and .phy == "'"$one"'")][-1] | [.before,.country,.error]')" \
	'["DE","US",16]'
rmmod mac80211_hwsim
radios 2
one=$(phy 1) two=$(phy 2) ap=$(wlan 1)
equal "dBm of a radio that comes meanwhile" "$(dbm 2412)" 20.0
check "who decides is locked too" ! regdomctl ownership authority --phy "$one"
check "unlocked" regdomctl unlock
wait_for 3 sh -c "iw phy $one info | grep '\* 2412\(\.0\)\? MHz' | grep -q '30.0 dBm'"
echo "ok: all that US allows"
check "a list without it is refused" ! regdomctl allow JP DE
check "a list with it" regdomctl allow JP US
stock_country DE
check "a country that is not on it is bounded" ! allows "$one" 2472
check "every country" regdomctl allow --any
wait_for 3 allows "$one" 2472
echo "ok: it is as cfg80211 has it"

echo "a driver that writes to its channels"
check "a ceiling for radio 1" regdomctl ceiling US --phy "$one"
load regdom_rogue dev="$ap" write=1
rmmod regdom_rogue
wait_for 5 sh -c "iw phy $one info | grep '\* 2472\(\.0\)\? MHz' | grep -q disabled"
echo "ok: it is undone"
equal "recorded" "$(last_decision '.cause,.phy')" "[\"override\",\"$one\"]"

echo "ours and back"
check "radio 2 is to be ours" regdomctl ownership authority --phy "$two" --reason test
equal "recorded" "$(last_decision '.cause,.phy,.ownership,.reason')" \
	"[\"ownership\",\"$two\",\"authority\",\"test\"]"
check "it is" sh -c "iw reg get | grep -q '^phy#${two#phy} (self-managed)'"
check "with the global country" sh -c "regdomctl get | grep -q '^$two: JP' && iw phy $two reg get | grep -q 'country JP'"
check "back" regdomctl ownership overlay --phy "$two"
check "it is as without the module" same 2 DE
check "and in nobody's hands" ! sh -c "iw reg get | grep -q self-managed"

equal "nothing else was looser" "$(regdomctl -j stats | jq .decisions.override.done)" 1

echo "a list of the radio's own"
check "DE for radio 2" regdomctl allow DE --phy "$two"
check "it cannot be ours, with JP" ! regdomctl ownership authority --phy "$two"
equal "refused" "$(last_decision '.cause,.phy,.error')" "[\"ownership\",\"$two\",13]"

echo "a driver that fights"
unload regdom
check "unloaded, radio 2 is as the stock kernel has it" same 2 DE
load regdom country=JP ownership=overlay
check "a ceiling" regdomctl ceiling US
# until it is unloaded, so that a busy machine has time to see enough of it
load regdom_rogue dev="$(wlan 2)" write=1 times=0 every_us=2000
# the next look would be in 2 s, but for this
iw reg set FR
wait_for 5 sh -c "regdomctl -j audit | jq -e '[.decisions[].cause] | index(\"quarantine\")'"
rmmod regdom_rogue
wait_for 3 none_allowed "$two"
stock_country JP
check "it is shut out, whatever country comes" none_allowed "$two"
unload regdom
stock_country DE
check "after unloading all is as the stock kernel has it" same 1 DE
check "of both" same 2 DE
stock_country US
check "which is in command" ! allows "$one" 2472
stock_world
no_radios
