#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio whose driver has a notifier, in overlay: its channels are what cfg80211 puts
# there, then its driver, then we, whatever the cause; its firmware is never told of
# more than what holds; and what nobody bounds any more is as without the module, so
# is everything after unloading. The oracle is what the same driver has without the
# module. The radio is the test's own, and goes.
# covers: R25
# budget: 10
# needs: iw
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radio=/sys/module/regdom_notifier/parameters
# Each channel: but for the mark that we make, which is bit 31 of the flags.
channels()
{
	sed 's/ 8\([0-9a-f]\{7\}\) / \1 /; s/ 0*\([0-9a-f]* -\?[0-9]* \)/ \1/' $radio/channels
}
# What the firmware was told last.
told()
{
	cut -d ' ' -f 1,2 $radio/told
}
# told_at_most MHZ: the loosest that it was told since forget_loosest.
told_at_most()
{
	sed -n "s/^$1 .* //p" $radio/told
}
forget_loosest()
{
	echo 1 >$radio/told
}
same()	# COUNTRY
{
	channels | diff "/tmp/channels.$1" - >/tmp/diff && told | diff "/tmp/told.$1" - >/tmp/diff ||
		{ cat /tmp/diff; return 1; }
}
# The same to the bit, mark and all.
same_to_the_bit()
{
	diff "/tmp/raw.$1" $radio/channels >/tmp/diff && same "$1" || { cat /tmp/diff; return 1; }
}
limit_of()	# MHZ: flags, power, power of the domain
{
	channels | sed -n "s/^$1 \(.*\) [0-9]* [0-9-]*$/\1/p"
}

# What the stock kernel and this driver have, in the countries that come up.
oracle()	# PARAM
{
	load regdom_notifier "$@"
	for country in US JP DE; do
		stock_country $country
		channels >/tmp/channels.$country
		told >/tmp/told.$country
		cp $radio/channels /tmp/raw.$country
	done
}

modprobe cfg80211
drivers="custom=0 custom=1"
# each takes 16 seconds there, and more of ours is at work in this one
[ "$TRIVET_KERNEL" != debug ] || [ -n "$LONG" ] || drivers=custom=1
for driver in $drivers; do
	echo "$driver"
	oracle $driver
	calls=$(cat $radio/calls)
	load regdom ownership=overlay
	phy=$(phy 1)
	wait_for 5 sh -c "regdomctl get | grep -q '^$phy: DE, .*overlay'"
	check "loaded, it is as it was" same DE
	equal "and its driver has been told so often" "$(cat $radio/calls)" $calls
	stock_country US
	check "it follows iw reg set" same US

	echo "a ceiling, there and back"
	check "JP" regdomctl ceiling JP
	equal "the power of both" "$(limit_of 2412 | cut -d ' ' -f 2,3)" "20 20"
	check "is what the firmware has been told" grep -q '^2412 a20 ' $radio/told
	forget_loosest
	stock_country DE
	stock_country US
	equal "no more than that, even at first" "$(told_at_most 2412)" a20
	check "none" regdomctl ceiling --none
	check "it is as without the module" same US
	check "a ceiling of the world" regdomctl ceiling 00
	stock_country DE
	check "what the driver forbids stays so" grep -q '^5745 disabled' $radio/channels
	check "what it lifts does not: channel 13 is for who hears somebody" \
		sh -c "iw phy $phy info | grep '\* 2472\(\.0\)\? MHz' | grep -q 'no IR'"
	check "a ceiling that forbids channel 13" regdomctl ceiling US
	stock_country US	# which forbids it too, so that cfg80211 does not write to it
	unload regdom
	check "unloaded under a ceiling, it is as without, to the bit" same_to_the_bit US

	echo "ours and back"
	load regdom country=JP
	check "cfg80211's" regdomctl ownership overlay --phy "$phy"
	wait_for 5 same US
	echo "ok: it is as without the module"
	check "ours" regdomctl ownership authority --phy "$phy"
	check "cfg80211's again" regdomctl ownership overlay --phy "$phy"
	check "it is as without the module" same US
	check "ours" regdomctl ownership authority --phy "$phy"
	unload regdom
	check "unloaded while it was ours, as without" same US

	echo "a radio that comes"
	load regdom ownership=overlay
	check "a ceiling" regdomctl ceiling JP
	rmmod regdom_notifier
	load regdom_notifier $driver
	equal "its firmware is never told more than" "$(told_at_most 2412)" a20
	unload regdom
	check "unloaded, it is as without" same_to_the_bit US
	rmmod regdom_notifier
done
stock_world
