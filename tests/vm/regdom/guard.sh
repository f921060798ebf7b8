#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A lock keeps the country of all radios, or of one, whoever asks for another;
# a list lets only its countries be set. Observed with iw: channel 13 is allowed
# in DE and FR, forbidden in US.
# Usually not on the debug kernel: it is looked at before a change begins, and fail.sh sets both.
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 10
# needs: iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

country_of()	# RADIO
{
	iw phy "$(phy "$1")" reg get | sed -n 's/^country \(..\):.*/\1/p' | tail -n 1
}
# What both radios are in, or are in again: for a moment after a user's request that does not
# count, iw may see its country on one (medium.c).
stay()	# COUNTRIES
{
	[ "$(country_of 1)$(country_of 2)" = "$1" ]
}
last()	# FILTER
{
	regdomctl -j audit | jq -c ".decisions[-1] | $1"
}
refused()	# WHY COMMAND...
{
	local why=$1
	shift
	"$@" 2>/tmp/why && return 1
	grep -q "$why" /tmp/why
}
locked="the domain is locked"
not_allowed="not on the list"

radios 2
load regdom country=US
one=$(phy 1) two=$(phy 2)
equal "nothing is locked" "$(regdomctl -j get | jq -c '[.locked,.allowed,.phys[0].locked]')" \
	'[false,null,false]'

check "a lock" regdomctl lock --reason "as sold"
equal "is recorded" "$(last '[.cause,.reason,.error]')" '["lock","as sold",0]'
check "is seen" sh -c "regdomctl get | grep -q '^global: US, DFS FCC, locked$'"
check "and by why" sh -c "regdomctl why $one 2412 | grep -q 'the domain is locked'"
check "the country of all" refused "$locked" regdomctl set DE
equal "a refusal is recorded" "$(last '[.cause,.before,.country,.error]')" '["set","US","DE",16]'
check "that of a radio" refused "$locked" regdomctl set DE --phy "$one"
check "a ceiling" refused "$locked" regdomctl ceiling DE
check "what is in force may be set" regdomctl set US
iw reg set DE
wait_for 5 sh -c "regdomctl audit | grep -q 'request: US to DE.*busy'"
check "a user's request changes nothing" wait_for 5 stay USUS
sleep 0.3	# that it stays so
check "nor a moment later" stay USUS
check "nor on the air" ! allows "$one" 2472
check "unlocked" regdomctl unlock
equal "is recorded" "$(last '[.cause,.error]')" '["unlock",0]'
check "it changes" regdomctl set DE
equal "on both" "$(country_of 1)$(country_of 2)" DEDE

check "one radio is locked" regdomctl lock --phy "$one"
check "it cannot be set" refused "$locked" regdomctl set FR --phy "$one"
check "nor bounded" refused "$locked" regdomctl ceiling FR --phy "$one"
check "the others" regdomctl set US
equal "it stays" "$(country_of 1)$(country_of 2)" DEUS
check "on the air" allows "$one" 2472
check "its country is its own" sh -c "regdomctl get | grep -q '^$one: DE.*its own.*locked'"
check "it cannot follow" refused "$locked" regdomctl set --global --phy "$one"
check "unlocked" regdomctl unlock --phy "$one"
check "it can" regdomctl set --global --phy "$one"
equal "both" "$(country_of 1)$(country_of 2)" USUS
check "a lock of no radio" refused "no such radio" regdomctl lock --phy none
equal "is recorded" "$(last '[.cause,.phy,.error]')" '["lock","none",19]'

check "a list without what is in force" refused "is not on the list" regdomctl allow DE FR
equal "is recorded" "$(last '[.cause,.error]')" '["allow",13]'
check "a list" regdomctl allow USA 276 world
equal "in order" "$(regdomctl -j get | jq -c .allowed)" '["00","DE","US"]'
check "another country" refused "$not_allowed" regdomctl set FR
equal "a refusal is recorded" "$(last '[.country,.error]')" '["FR",13]'
check "another, of a radio" refused "$not_allowed" regdomctl set FR --phy "$two"
iw reg set FR
wait_for 5 sh -c "regdomctl audit | grep -q 'request: US to FR.*denied'"
check "a user's request for it" wait_for 5 stay USUS
sleep 0.3
check "nor a moment later" stay USUS
check "one of them" regdomctl set DE
check "a radio's list" regdomctl allow DE --phy "$two"
check "is seen" sh -c "regdomctl get | grep -q '^$two: DE.*allowed: DE$'"
check "the other follows" regdomctl set US
equal "one does" "$(country_of 1)$(country_of 2)" USDE
check "it cannot follow" refused "$not_allowed" regdomctl set --global --phy "$two"
check "any, for the radio" regdomctl allow --any --phy "$two"
check "it can" regdomctl set --global --phy "$two"
check "any" regdomctl allow --any
check "any is" regdomctl set FR
equal "both" "$(country_of 1)$(country_of 2)" FRFR

check "a database is loaded under a lock" sh -c "regdomctl lock && regdomctl load"
unload regdom
no_radios
stock_world
