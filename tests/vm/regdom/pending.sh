#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio whose driver is to ask for a country, and has not yet (2 s of virtual time), has no
# rules of ours; but who locks it, gives it a list or a policy is obeyed: it comes up in the
# country that was in force then, whatever has become the global one since. Observed with iw:
# channel 13 is allowed in JP and FR, forbidden in US. The radio is the test's own, and goes.
# Usually not on the debug kernel, which shows nothing more.
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 10
# needs: iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# Of the second radio; the first is there to hear of users' requests.
state()
{
	regdomctl -j get | jq -r ".phys[] | select(.phy==\"$phy\").state"
}
country_of()	# PHY
{
	iw phy "$1" reg get | sed -n 's/^country \(..\):.*/\1/p' | tail -n 1
}
comes()
{
	check "JP" regdomctl set JP
	load regdom_notifier strict=1
	phy=$(phy 2)
	equal "its state" "$(state)" "not managed yet"
}
# stays GLOBAL OWN: nothing came too late, and its driver has not asked at last
stays()
{
	equal "its state still" "$(state)" "not managed yet"
	sleep 2
	wait_for 5 allows "$phy" 2412
	equal "global, and its own" "$(country_of "$(phy 1)") $(country_of "$phy")" "$1 $2"
}
stays_in_jp()
{
	stays US JP
	check "with channel 13" allows "$phy" 2472
}
goes()
{
	remove regdom_notifier
}

radios 1
load regdom country=JP
comes
check "US, with nothing set" regdomctl set US
stays US US
check "without channel 13" ! allows "$phy" 2472
goes

comes
check "a lock" regdomctl lock --phy "$phy"
check "US" regdomctl set US
stays_in_jp
check "its own" sh -c "regdomctl get | grep -q '^$phy: JP.*its own.*locked'"
goes

comes
check "a list without the country that it will have" ! regdomctl allow US --phy "$phy"
check "a list" regdomctl allow JP --phy "$phy"
check "US" regdomctl set US
stays_in_jp
goes

comes
check "FR, for it alone" regdomctl set FR --phy "$phy"
check "a list without that, for it" ! regdomctl allow JP --phy "$phy"
check "and for all" ! regdomctl allow JP
check "a lock" regdomctl lock --phy "$phy"
check "US" regdomctl set US
stays US FR
goes

comes
check "users are ignored there" regdomctl policy ignore --phy "$phy"
stock_country US
stays_in_jp
goes

check "users are ignored" regdomctl policy ignore
comes
check "but not there" regdomctl policy follow --phy "$phy"
stock_country FR
stays JP FR
goes
unload regdom
no_radios
stock_world
