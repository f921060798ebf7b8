#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What changes while radios are switched off (rfkill), or while the machine is
# suspended and resumes, is in force afterwards; what was in force still is.
# A database that is loaded after a resume is the file that is there then.
# Suspended as far as all devices (pm_test), with an access point, which cfg80211 takes off
# the air then: what comes after that is not of radios, and from a real `freeze` no alarm of
# the clock wakes a machine of QEMU's without KVM.
# covers: R47
# budget: 6
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

switch()	# 0: on, 1: off
{
	local file
	for file in /sys/class/ieee80211/*/rfkill*/soft; do
		echo "$1" >"$file" || return 1
	done
}

radios 1
load regdom country=DE
ap=$(wlan 1) phy=$(phy 1)
check "an AP on channel 13" start_ap "$ap" 13
check "switched off" switch 1
wait_for 3 off_the_air "$ap"
check "a change meanwhile" regdomctl set US
check "is in force" ! allows "$phy" 2472
check "switched on" switch 0
sleep 1
check "the AP does not come back" off_the_air "$ap"
stop_ap "$ap"
check "nor does another" ! start_ap "$ap" 13
check "one elsewhere does" start_ap "$ap" 6
stop_ap "$ap"

check "DE" regdomctl set DE
iw phy "$phy" info >/tmp/before
check "an AP on channel 13" start_ap "$ap" 13
echo 0 >/sys/module/suspend/parameters/pm_test_delay	# s, in which nothing is to be seen
echo devices >/sys/power/pm_test
check "suspended, and resumed" sh -c "echo freeze >/sys/power/state"
echo none >/sys/power/pm_test
echo 5 >/sys/module/suspend/parameters/pm_test_delay
db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
: >$db
check "the file of before is not loaded" ! regdomctl load
cp /tmp/good.db $db
check "the one of now is" regdomctl load
iw phy "$phy" info >/tmp/after
check "the radio is as before" cmp /tmp/before /tmp/after
check "the AP is off the air, as without regdom" off_the_air "$ap"
stop_ap "$ap"
check "an AP on channel 13 after that" start_ap "$ap" 13
check "US" regdomctl set US
wait_for 3 off_the_air "$ap"
echo "ok: the AP leaves"
stop_ap "$ap"
unload regdom
no_radios
