#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Access points of 320 MHz, which Debian 12's hostapd cannot have, and of 80+80: they start where
# the domain permits all of them; they are refused where a rule ends before or permits less, or a
# flag forbids the width, and why says which; and one that runs is off the air within 200 ms of
# such a change, where a narrower one stays. Observed with nl80211.
# Usually not on the debug kernel, which shows nothing more.
# covers: R7 R8
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 4
# needs: iw ip jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
# with one channel a radio cannot lower its power in Linux 6.12 (power-stop.sh)
radios 1 channels=2
load regdom country=DE sig=off
ap=$(wlan 1) phy=$(phy 1)
iw dev "$ap" set type __ap
ip link set "$ap" up

rules()	# RULE...: Germany's are these
{
	printf '%s\n' 'serial 8' 'country DE: DFS-ETSI' "$@" >/tmp/own.txt
	regdomctl compile /tmp/own.txt -o $db && regdomctl load ||
		fail "not loaded: $*"
}
# refused MHZ WIDTH CENTER1 [CENTER2]: and nothing is on the air
refused()
{
	equal "an access point of $2 MHz" "$(regdom-ap "$ap" "$@")" "Invalid argument"
	check "is not on the air" off_the_air "$ap"
}
starts()
{
	check "an access point of $2 MHz" regdom-ap "$ap" "$@"
	equal "is on the air" "$(regdom-ap "$ap")" "$*"
}
stops()
{
	check "it ends" iw dev "$ap" ap stop
}
verdict()	# ARG...: of an access point; where it is refused, by which rule, if by one
{
	regdomctl -j why "$phy" "$@" | jq -r '.layers[0] | [.reason, .at_khz // empty,
		(.rule // empty | .start_khz, .end_khz, .max_width_khz, .flags[])] | join(" ")'
}
# leaves_for VERDICT RULE...: one of 320 MHz that runs, and none starts again
leaves_for()
{
	local why=$1
	shift
	rules "(5945 - 6265 @ 320), (23)"
	starts 6115 320 6105
	check "which is permitted" regdomctl why "$phy" 6105@320
	rules "$@"
	leaves "$ap"
	check "it was stopped" sh -c "regdomctl audit | tail -n 1 | grep 'stop .*$ap stopped at'"
	refused 6115 320 6105
	equal "why" "$(verdict 6105@320)" "$why"
}

leaves_for "width 5955000 5945000 6265000 320000 NO-320MHZ" "(5945 - 6265 @ 320), (23), NO-320MHZ"
leaves_for "no-rule 5955000" "(5950 - 6270 @ 320), (23)"
leaves_for "width 5955000 5945000 6265000 160000" "(5945 - 6265 @ 160), (23)"
starts 5955 160 6025
rules "(5945 - 6265 @ 320), (23), NO-320MHZ"
sleep 0.7
check "one of 160 MHz may stay" on_the_air "$ap"
stops

# both_halves VERDICT RULE...: one of 80+80 MHz, the same
both_halves()
{
	local why=$1
	shift
	rules "(5490 - 5570 @ 80), (20)" "(5735 - 5815 @ 80), (20)"
	starts 5500 80+80 5530 5775
	check "which is permitted" regdomctl why "$phy" 5530@80 --center2 5775
	rules "$@"
	leaves "$ap"
	refused 5500 80+80 5530 5775
	equal "why" "$(verdict 5530@80 --center2 5775)" "$why"
}
both_halves "no-rule 5745000" "(5490 - 5570 @ 80), (20)" "(5740 - 5820 @ 80), (20)"
both_halves "width 5745000 5735000 5815000 80000 NO-80MHZ" \
	"(5490 - 5570 @ 80), (20)" "(5735 - 5815 @ 80), (20), NO-80MHZ"
starts 5500 80 5530
rules "(5490 - 5570 @ 80), (20)"
sleep 0.7
check "one of the first half may stay" on_the_air "$ap"
stops

cp /tmp/good.db $db
unload regdom
no_radios
