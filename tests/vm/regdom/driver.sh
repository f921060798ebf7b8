#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The domain that a driver made for its radio is a layer of what is in force
# there: why names it, the rules have it, and the country keeps its name, so that
# hostapd starts as ever. The simulated drivers of radios 1 and 2 permit 2402 to
# 2472 MHz with 20 dBm, and have no channel 13; that of radio 3 has no domain.
# budget: 11
# kernels: 6.1 6.12
# long-kernels: debug
# needs: hostapd iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 3 regtest=6
one=$(phy 1) three=$(phy 3)
load regdom country=DE
check "no channel 13" ! allows "$one" 2472
equal "why: the driver" "$(reason_of driver "$one" 2472)" no-rule
equal "not the country" "$(reason_of selected "$one" 2472)" permitted
equal "by the name that it has" "$(regdomctl -j why "$one" 2472 |
	jq -r '.layers[] | select(.layer=="driver") | .country')" 99
equal "it permits" "$(reason_of driver "$one" 2437 --eirp 20)" permitted
equal "no more than" "$(reason_of driver "$one" 2437 --eirp 20.01)" power
equal "all together" "$(reason_of effective "$one" 2472)" no-rule
equal "no layer of radio 3" "$(reason_of driver "$three" 2472)" ""
check "which has channel 13" allows "$three" 2472
check "the rules say so" sh -c "regdomctl -j show --phy $one | jq -e '[.rules[].end_khz] | index(2472000)'"
check "but not of radio 3" ! sh -c "regdomctl -j show --phy $three | jq -e '[.rules[].end_khz] | index(2472000)'"
check "the country has its name" sh -c "iw phy $one reg get | grep -q 'country DE: DFS-ETSI'"
check "another country" regdomctl set US
check "is in force" sh -c "iw phy $one reg get | grep -q 'country US: DFS-FCC'"
equal "US permits 30 dBm" "$(reason_of selected "$one" 2437 --eirp 30)" permitted
equal "the driver does not" "$(reason_of driver "$one" 2437 --eirp 30)" power
check "hostapd with its country" start_ap "$(wlan 1)" 6 country_code=US ieee80211d=1
stop_ap "$(wlan 1)"
check "a ceiling besides" regdomctl ceiling JP --phy "$one"
equal "is one more layer" "$(regdomctl -j why "$one" 2437 | jq -c '[.layers[].layer]')" \
	'["effective","selected","phy-ceiling","driver","hardware"]'
check "loaded again, it stays" sh -c "regdomctl load && regdomctl why $one 2472 | grep -q \"its driver's own domain (99): not permitted\""
unload regdom
no_radios
