#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Where radios are said to be indoors or outdoors, channels for the other place are
# forbidden, and an access point there stops; where nobody says, they are not.
# Observed with iw and hostapd. DE has channel 36 indoors only, 149 anywhere.
# Usually not on the debug kernel: it is set as ceilings are (ceiling.sh).
# covers: R16
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 5
# needs: hostapd iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
load regdom country=DE
one=$(phy 1) two=$(phy 2)
iw phy "$one" info >/tmp/any
check "an AP on channel 36" start_ap "$(wlan 1)" 36
check "outdoors" regdomctl place outdoors --reason "on a roof"
wait_for 3 off_the_air "$(wlan 1)"
echo "ok: the AP has left"
stop_ap "$(wlan 1)"
check "channel 36 is forbidden" ! allows "$one" 5180
check "channel 149 is not" allows "$one" 5745
check "nor is it on the other radio" ! allows "$two" 5180
equal "why" "$(regdomctl -j why "$one" 5180 | jq -r '.layers[0].reason')" indoor
equal "why, if it were indoors" "$(regdomctl -j why "$one" 5180 --place indoors | jq -r '.layers[0].reason')" permitted
equal "it is shown" "$(regdomctl -j get | jq -c '[.place,.phys[0].place,.phys[0].place_own]')" \
	'["outdoors","outdoors",false]'
equal "and recorded" "$(regdomctl -j audit | jq -c '[.decisions[] | select(.cause=="place") | [.place,.reason]]')" \
	'[["outdoors","on a roof"]]'
check "one is indoors" regdomctl place indoors --phy "$two"
check "and has channel 36" allows "$two" 5180
check "the other has not" ! allows "$one" 5180
check "a lock" regdomctl lock
check "keeps it where it is" ! regdomctl place any
check "unlocked" regdomctl unlock
check "as all are" regdomctl place --global --phy "$two"
check "no channel 36" ! allows "$two" 5180
check "nobody knows" regdomctl place any
iw phy "$one" info >/tmp/after
check "as before" cmp /tmp/any /tmp/after
check "no such radio" ! regdomctl place any --phy nosuch
unload regdom
no_radios
