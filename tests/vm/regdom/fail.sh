#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Memory runs out at each allocation of a command in turn: a change fails whole, iw
# sees the radios under the domain before, a reader gets all or an error, and nothing
# is leaked. So it does while a radio comes, which has the domain soon after, and while
# the module is loaded. Of a command that makes many, as of these two, not at each allocation,
# unless in a long run.
# kernels: debug
# budget: 12
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 2
# In the world domain a beacon that cfg80211 has heard before lifts limits.
stock_country BO
iw phy "$(phy 2)" info >/tmp/stock
load regdom country=DE
iw phy "$(phy 2)" info >/tmp/before
regdom-fail "$(phy 2)" >/tmp/sites
failed=$?
cat /tmp/sites
equal "exit status of each failure leaving things as they are" $failed 0
check "there were failures of each" test "$(grep -c "[1-9][0-9]* failed" /tmp/sites)" = 22
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
check "a radio comes" regdom-plug radio US "$(count 3 1)"
unload regdom
check "the module is loaded" regdom-plug module /trivet/modules/regdom.ko country=US "$(count 61 1)"
as_stock()
{
	iw phy "$(phy 2)" info >/tmp/after
	cmp /tmp/stock /tmp/after
}
check "the radio is as without it" as_stock
stock_world
no_radios
