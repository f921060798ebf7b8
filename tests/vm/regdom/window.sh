#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Of many radios that come, each has the domain in force, or the ceiling of those that
# stay cfg80211's, when nl80211 shows it for the first time: somebody who looks all the
# time never sees channel 13 (2472 MHz) allowed, which the hardware and cfg80211 do.
# Usually not on the debug kernel, whose radios are slow to come: they do in hotplug.sh.
# covers: R17
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 8
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

n=$(count 20 100)
allowed=	# how many were seen to allow the channel

# Radios come while somebody looks. One is there before: the next have the next numbers.
come()
{
	local first watcher
	radios 1
	first=$(phy 1)
	regdom-window $((${first#phy} + 1)) $n 2472 >/tmp/allowed &
	watcher=$!
	check "$n radios come" regdom-dump new $n
	wait $watcher
	allowed=$(cat /tmp/allowed)
	no_radios
}

modprobe cfg80211
stock_country DE
come
equal "without the module channel 13 is seen on radios" "$allowed" $n
load regdom country=US
come
equal "and with it, in US, on" "$allowed" 0
unload regdom
load regdom ownership=overlay
regdomctl ceiling US
come
equal "under a ceiling of US, in overlay, on" "$allowed" 0
unload regdom
stock_world
