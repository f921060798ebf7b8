#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Unloading gives every radio back as cfg80211 would have it: what iw prints of
# all channels is what it printed before loading, and so is each field of each, as a
# module of the test's reads it; and when the stock domain has changed meanwhile, they
# are what the stock kernel computes when it sets that domain itself. US has channels
# that straddle two rules.
# covers: R25
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 11
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

dump()
{
	for n in 1 2; do
		iw phy "$(phy $n)" info
		iw phy "$(phy $n)" channels | grep -v "DFS state"
		iw phy "$(phy $n)" reg get
	done >"$1"
	cat /sys/kernel/debug/regdom_channels >>"$1"
}
same()
{
	diff "$1" "$2" >/tmp/diff || { head -n 20 /tmp/diff; return 1; }
}
mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
radios 2
load regdom_channels
equal "channels that are looked at" "$(grep -c orig= /sys/kernel/debug/regdom_channels)" 328
# In the world domain cfg80211 lets beacons that it hears lift limits, and it
# alone knows which it has heard.
for country in US JP BO; do
	stock_country $country
	dump /tmp/never.$country
done
cp /tmp/never.BO /tmp/before
load regdom country=DE
dump /tmp/during
check "loading changes the radios" ! cmp -s /tmp/before /tmp/during
unload regdom
dump /tmp/after
check "as before loading" same /tmp/before /tmp/after

for country in US JP; do
	load regdom country=DE
	regdomctl policy ignore
	stock_country $country
	unload regdom
	dump /tmp/ours
	stock_country BO
	stock_country $country
	dump /tmp/stock
	check "as the stock kernel has $country" same /tmp/ours /tmp/stock
	check "as a kernel that never had the module" same /tmp/ours /tmp/never.$country
done

# And the stock kernel is in command again.
stock_country DE
check "iw reg set DE allows channel 13" allows "$(phy 1)" 2472
stock_country US
check "iw reg set US does not" ! allows "$(phy 1)" 2472
stock_world
unload regdom_channels
no_radios
