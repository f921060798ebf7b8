#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A country's rules are those that the stock kernel reads from the same file:
# `iw reg get` prints the same for the global domain, which the stock kernel
# keeps, and for a radio of ours. Every 25th country, on each kernel others, and the world's
# (00); all of them in a long run.
# covers: R28
# budget: 7
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 1
load regdom
# what iw asks for is for the stock kernel alone
regdomctl policy ignore
seen=0 nth=0 wanted=8
case $TRIVET_KERNEL in
6.1) rest=0 ;; 6.12) rest=8 ;; *) rest=16 ;;
esac
for country in $(regdomctl list | cut -c1-2); do
	nth=$((nth + 1))
	[ -n "$LONG" ] || [ $((nth % 25)) = $rest ] || [ $country = DE ] || [ $country = 00 ] || continue
	iw reg set $country
	wait_for 5 sh -c "iw reg get | grep -A1 ^global | grep -q 'country $country:'"
	regdomctl set $country || fail "set $country"
	iw reg get >/tmp/both
	sed -n '/^global/,/^$/p' /tmp/both | sed 1d >/tmp/stock
	sed -n '/^phy/,/^$/p' /tmp/both | sed 1d >/tmp/ours
	cmp -s /tmp/stock /tmp/ours || { diff /tmp/stock /tmp/ours; fail "$country differs"; }
	seen=$((seen + 1))
done
[ -z "$LONG" ] || wanted=$nth
check "$seen countries are as the stock kernel has them" test $seen -ge $wanted
equal "countries in the list" "$(regdomctl list | wc -l)" "$nth"
stock_world
unload regdom
no_radios
