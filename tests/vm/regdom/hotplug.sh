#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio that appears has the domain in force before anyone can use it; each
# radio may have a domain of its own, and access points of two obey each its own. Observed
# with iw and hostapd. JP has channel 13 and not 149, the USA 149 and not 13.
# covers: R18 R22
# budget: 7
# needs: hostapd iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

load regdom country=DE
radios 3
for n in 1 2 3; do
	check "channel 13 is allowed on radio $n" allows "$(phy $n)" 2472
	check "iw sees DE there" sh -c "iw phy $(phy $n) reg get | grep -q 'country DE'"
done
equal "radios that regdomctl lists" "$(regdomctl get | grep -c '^phy.*DE')" 3

check "US on radio 2 alone" regdomctl set US --phy "$(phy 2)" --reason "a test"
check "radio 1 allows channel 13" allows "$(phy 1)" 2472
check "radio 2 does not" ! allows "$(phy 2)" 2472
check "regdomctl says whose" sh -c "regdomctl get | grep -q '^$(phy 2): US.*its own'"

check "JP on radio 1 alone" regdomctl set JP --phy "$(phy 1)"
check "no AP on channel 149 in JP" ! start_ap "$(wlan 1)" 149
check "nor on channel 13 in the USA" ! start_ap "$(wlan 2)" 13
check "an AP on channel 13 in JP" start_ap "$(wlan 1)" 13
check "beside one on 149 in the USA" start_ap "$(wlan 2)" 149
printf '%s\n' "set US --phy $(phy 1)" "set JP --phy $(phy 2)" | regdomctl batch || fail "batch is refused"
wait_for 5 off_the_air "$(wlan 1)"
wait_for 5 off_the_air "$(wlan 2)"
echo "ok: both leave where the countries are exchanged"
stop_ap "$(wlan 1)"
stop_ap "$(wlan 2)"
check "radio 1 follows again" regdomctl set --global --phy "$(phy 1)"
check "US on radio 2" regdomctl set US --phy "$(phy 2)"

check "FR for the others" regdomctl set FR
check "radio 2 still does not" ! allows "$(phy 2)" 2472
check "iw sees FR on radio 3" sh -c "iw phy $(phy 3) reg get | grep -q 'country FR'"
check "radio 2 follows again" regdomctl set --global --phy "$(phy 2)"
check "and allows channel 13" allows "$(phy 2)" 2472

# A radio without a network interface obeys too.
check "remove the interface" iw dev "$(wlan 3)" del
check "US for all" regdomctl set US
check "radio 3 does not allow channel 13" ! allows "$(phy 3)" 2472

# What iw asked for is older than what regdomctl set: a new radio has that.
check "iw reg set DE" iw reg set DE
wait_for 5 allows "$(phy 1)" 2472
check "US for all again" regdomctl set US

no_radios
equal "no radio is left" "$(regdomctl get | grep -c '^phy')" 0
radios 1
check "a new radio has US" ! allows "$(phy 1)" 2472
equal "as do all" "$(regdomctl get | grep -c US)" 2
unload regdom
no_radios
stock_world
