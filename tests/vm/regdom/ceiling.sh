#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A ceiling bounds the domain of all radios, or of one: channels, widths and
# powers are those that both permit, as iw shows them; an access point that it
# forbids stops. `why` and `channels` name who does not permit something. A ceiling that
# permits all, and none, leave the radio as it was.
# covers: R22 R41
# budget: 10
# needs: hostapd iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
radios 2
load regdom country=US sig=off
one=$(phy 1) two=$(phy 2)
iw phy "$one" info >/tmp/us

layer_says()	# LAYER REASON ARGUMENT...: of why
{
	local layer=$1 reason=$2
	shift 2
	regdomctl -j why "$@" >/tmp/why
	tr -d ' \n' </tmp/why | grep -q "{\"layer\":\"$layer\",[^}]*\"reason\":\"$reason\""
}
dbm()	# PHY MHZ
{
	channel_line "$1" "$2" | sed -n 's/.*(\([0-9.]*\) dBm).*/\1/p'
}

check "US has 5825 MHz" allows "$one" 5825
check "a ceiling of all" regdomctl ceiling DE --reason "sold in Europe"
check "it is shown" sh -c "regdomctl get | head -n 1 | grep -q 'US.*ceiling DE'"
iw reg get >/tmp/reg
check "the country is the one that was set" sh -c "grep -A1 'phy#${one#phy}' /tmp/reg | grep -q 'country US'"
check "what US forbids stays so" ! allows "$one" 2472
equal "dBm, the less of both" "$(dbm "$one" 2412)" 20.0
check "no more than both" ! sh -c "iw phy $one info | grep 'MHz \[' | grep -v disabled | grep -q '30.0 dBm'"

of_rule()	# FIELD: of the rule for 2412 MHz on the radio, in JSON
{
	regdomctl -j show --phy "$one" |
		jq -c ".rules[] | select(.start_khz < 2412000 and .end_khz > 2412000) | .$1"
}
if thorough; then
	equal "who makes its rules: the edges" "$(of_rule 'layers | [.start,.end]')" \
		'[["selected","ceiling"],["selected"]]'
	equal "the power" "$(of_rule layers.power)" '["ceiling"]'
	equal "the width" "$(of_rule layers.width)" '["selected","ceiling"]'
	equal "nothing else" "$(of_rule 'layers | keys')" '["end","power","start","width"]'
	equal "a flag" "$(regdomctl -j show --phy "$one" | jq -c '.rules[] |
		select(.start_khz == 5250000) | .layers | [."NO-OUTDOOR", .DFS]')" \
		'[["ceiling"],["selected","ceiling"]]'
	check "for people" sh -c "regdomctl show --phy $one | grep -q 'power: the ceiling; '"
	equal "who is alone is not named" "$(regdomctl -j show US | jq '[.rules[] | has("layers")] | any')" false
fi

check "all permit" regdomctl why "$one" 5210@80 --use station
check "who does not: the domain" layer_says selected no-rule "$one" 2472
check "but not the ceiling" layer_says ceiling permitted "$one" 2472
check "the power: the ceiling" layer_says ceiling power "$one" 2437 --eirp 27
check "not the domain" layer_says selected permitted "$one" 2437 --eirp 27
check "no such channel: the hardware" layer_says hardware no-rule "$one" 2413
check "for people" sh -c "regdomctl why $one 2437 --eirp 27 | grep -q 'the ceiling (DE): not permitted: more power'"
regdomctl why "$one" 2472 >/dev/null
equal "exit status of what is not permitted" $? 2

of_channel()	# MHZ FIELD: in JSON
{
	jq -c ".channels[] | select(.center_khz == $1000) | .$2" /tmp/channels
}
regdomctl -j channels "$one" >/tmp/channels
if thorough; then
	equal "channels that are permitted, and those that are not" \
		"$(jq -r '.channels[] | select(.center_khz > 2000000) |
			"\(.center_khz / 1000) \(.permitted)"' /tmp/channels)" \
		"$(iw phy "$one" info | sed -n 's/.*\* \([0-9.]*\) MHz \[.*/\1 &/p' |
			awk '$1 > 2000 { print $1 + 0, /disabled/ ? "false" : "true" }')"
	equal "who forbids what only the ceiling has" "$(of_channel 2472 forbidden_by)" '["selected"]'
	equal "what only the domain has" "$(of_channel 5885 forbidden_by)" '["ceiling"]'
	equal "and what neither has" "$(of_channel 2484 forbidden_by)" '["selected","ceiling"]'
	equal "the power of one that is permitted" "$(of_channel 2412 max_power_mbm)" 2000
	equal "its widths, as iw has them" "$(of_channel 5180 widths_mhz | tr -d '[]"')" \
		"$(iw phy "$one" channels | sed -n '/\* 5180 MHz/,/\* /s/.*Channel widths: *//p' | head -n 1 |
			sed 's/MHz\|[A-Z]*HT//g; s/ *$//; s/  */,/g')"
	equal "its flags" "$(of_channel 5260 flags)" '["NO-IR","NO-OUTDOOR"]'
	check "for people" sh -c "regdomctl channels $one | grep -q '2484.000 MHz: forbidden by the domain, the ceiling$'"
fi
check "no such radio" ! regdomctl channels phy4711

check "a ceiling of one radio" regdomctl ceiling JP --phy "$two"
check "Japan has no 5785 MHz" ! allows "$two" 5785
check "its rules are those in force" ! sh -c "regdomctl show --phy $two | grep -q '5850.000'"
check "the other is free of it" sh -c "regdomctl get | grep '$one' | grep -qv JP"
check "own ceilings are named" layer_says phy-ceiling no-rule "$two" 5785
check "none for all" regdomctl ceiling --none
regdomctl -j channels "$one" >/tmp/channels
equal "radar detection" "$(of_channel 5260 'dfs_state') $(of_channel 5260 'flags')" '"usable" ["DFS"]'
check "its own is left" ! allows "$two" 5785
check "none for one" regdomctl ceiling --none --phy "$two"
iw phy "$one" info >/tmp/after
check "as without" cmp /tmp/us /tmp/after

# of an intersection with itself nothing is left out
regdomctl ceiling US
iw phy "$one" info >/tmp/after
check "as without" cmp /tmp/us /tmp/after
check "an AP where the US permits it" start_ap "$(wlan 1)" 149
regdomctl ceiling JP
wait_for 5 off_the_air "$(wlan 1)"
echo "ok: the AP leaves"
stop_ap "$(wlan 1)"

no_radios
radios 1
one=$(phy 1)
check "a radio that appears is bounded as well" ! allows "$one" 5785

# nothing in common
check "a ceiling that the next database has" regdomctl ceiling DE
printf '%s\n' 'serial 1' 'country US: DFS-FCC' '(2402 - 2472 @ 40), (30)' \
	'country DE: DFS-ETSI' '(5170 - 5250 @ 80), (20)' >/tmp/own.txt
regdomctl compile /tmp/own.txt -o $db
check "a database whose countries share nothing" regdomctl load
check "no channel is left" ! sh -c "iw phy $one info | grep -q 'MHz \[.*dBm'"
check "nor a rule" sh -c "! regdomctl show --phy $one | grep -q dBm"
# with a higher serial number: see ext-db.sh
regdomctl compile --serial 2 /tmp/good.db -o $db
check "back" regdomctl load
cp /tmp/good.db $db
check "no such country" ! regdomctl ceiling AQ
unload regdom
no_radios
