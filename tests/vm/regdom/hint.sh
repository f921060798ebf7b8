#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A driver asks for a domain (regulatory_hint(), FI) after its radio was taken
# over: the radio has the domain in force all the same, as iw sees it; the
# driver's limits hold beside it when the driver is strict, and the radio is
# given back with them, as when the driver came first.
# covers: R18 R25
# budget: 12
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# What iw says is allowed on channels, without the widths that pairs allow.
limits()
{
	iw phy "$(phy 1)" info | grep -E '^[[:space:]]*\* [0-9.]+ MHz \['
}
country()
{
	iw phy "$(phy 1)" reg get | sed -n 's/^country \(..\):.*/\1/p' | tail -n 1
}
has_country()
{
	[ "$(country)" = "$1" ]
}
same()
{
	diff "$1" "$2" >/tmp/diff || { head -n 20 /tmp/diff; return 1; }
}
stock()
{
	iw reg set 00
	sleep 0.2
}
# 6 GHz above 6425 MHz, and the power of 5745 MHz, are less in FI than in US.
strict=8 lax=2

for regtest in $strict $lax; do
	stock
	radios 1 regtest=$regtest
	wait_for 5 has_country FI
	iw phy "$(phy 1)" reg get | grep -v '^phy' >/tmp/stock-regd
	load regdom country=US
	limits >/tmp/driver-first
	unload regdom
	no_radios
	stock

	load regdom country=US
	radios 1 regtest=$regtest
	# the hint is processed, and noticed
	sleep 2
	check "regtest $regtest: iw sees US" has_country US
	limits >/tmp/regdom-first
	if [ $regtest = $strict ]; then
		check "strict: the order does not matter" same /tmp/driver-first /tmp/regdom-first
		check "strict: FI does not have 6915 MHz" ! allows "$(phy 1)" 6915
	else
		check "not strict: US has 6915 MHz" allows "$(phy 1)" 6915
	fi
	check "DE is set" regdomctl set DE
	check "iw sees DE" has_country DE
	check "US again" regdomctl set US
	limits >/tmp/again
	check "has the same limits" same /tmp/regdom-first /tmp/again
	unload regdom
	iw phy "$(phy 1)" reg get | grep -v '^phy' >/tmp/regd
	check "given back with the driver's domain" same /tmp/stock-regd /tmp/regd
	if [ $regtest = $strict ]; then
		stock_country US
		check "whose limits iw reg set US does not lift" ! allows "$(phy 1)" 6915
	fi
	no_radios
done
stock
