#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Memory runs out at each allocation of a change in turn: the change fails
# whole, iw sees the radios under the domain before, and nothing is leaked.
# kernels: debug
# budget: 20
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 2
load regdom country=DE
iw phy "$(phy 2)" info >/tmp/before
regdom-fail "$(phy 2)" >/tmp/sites
failed=$?
cat /tmp/sites
equal "exit status of each failure leaving things as they are" $failed 0
check "there were failures of each" test "$(grep -c "[1-9][0-9]* failed" /tmp/sites)" = 9
as_before()
{
	iw phy "$(phy 2)" info >/tmp/after
	cmp /tmp/before /tmp/after
}
# what a failure has left undone is done again twice a second
check "the radio is as before" wait_for 5 as_before
check "no ceiling" regdomctl ceiling --none
check "US can be set" regdomctl set US
check "and is in force" ! allows "$(phy 2)" 2472
unload regdom
no_radios
