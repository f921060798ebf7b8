#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A database in the extended format, made from regulatory.db, gives a radio the
# same channels, as iw shows them.
# covers: R29
# budget: 6
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
radios 1
load regdom country=DE $(no_signature)
regdomctl show Germany >/tmp/rules.before
iw phy "$(phy 1)" info >/tmp/before

check "compile" regdomctl compile --format ext --serial 7 /tmp/good.db -o $db
check "load" regdomctl load
check "its format is seen" sh -c 'regdomctl info | grep -q regdom.db'
regdomctl show DEU >/tmp/rules.after
iw phy "$(phy 1)" info >/tmp/after
check "the same rules" cmp /tmp/rules.before /tmp/rules.after
check "the same channels" cmp /tmp/before /tmp/after
check "all countries" test "$(regdomctl list | wc -l)" -gt 150

head -c 300 /tmp/good.db >$db
check "a damaged file" ! regdomctl load
iw phy "$(phy 1)" info >/tmp/after
check "the radio is as before" cmp /tmp/before /tmp/after

# what only says where the law is, binds nobody
printf 'serial 9\ncountry DE: DFS-ETSI\n(2400 - 2483.5 @ 40), (10.5), law="a law"\n' >/tmp/own.txt
check "compile a law" regdomctl compile /tmp/own.txt -o $db
check "load it" regdomctl load
check "the power, rounded down" sh -c "iw phy $(phy 1) info | grep -q '2412.* MHz.*(10.0 dBm)'"
check "5 GHz is forbidden" ! allows "$(phy 1)" 5180
cp /tmp/good.db $db
unload regdom
no_radios
