#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loaded and unloaded many times, with radios that come and go: each radio is
# always either ours or as it was (iw), and nothing is left behind.
# covers: R26
# on: time
# budget: 20
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

count=$(reloads)
radios 2

channels()
{
	iw phy "$(phy 1)" info | grep -vi '^wiphy\|wiphy index'
}

# no beacon that an earlier test has sent counts in this domain
stock_country BO
channels >/tmp/before
i=0
while [ $i -lt "$count" ]; do
	insmod /trivet/modules/regdom.ko country=DE || fail "not loaded in round $i"
	case $((i % 10)) in
	3)	no_radios; radios 2;;
	5)	regdomctl set US;;
	7)	allows "$(phy 1)" 2472 || fail "round $i: DE is not in force";;
	esac
	unload regdom
	i=$((i + 1))
done
channels >/tmp/after
check "after $count rounds the radio is as before" sh -c "diff /tmp/before /tmp/after | head -n 20 | tee /tmp/diff; ! test -s /tmp/diff"
stock_world
no_radios
