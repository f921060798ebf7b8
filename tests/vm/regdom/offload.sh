#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio whose firmware looks for radar by itself: cfg80211 lets it begin where a rule has
# both no-IR and DFS, as those of the world domain have at 5260 MHz. Under regdom it may not,
# but where the domain lets an access point look for radar it may. Observed with iw, which
# asks nl80211 for an access point, and shows the channels; the stock kernel is asked first.
# Usually not on the debug kernel, which shows nothing more.
# covers: R1
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 2
# needs: iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# management frame, to all, from and of ADDRESS; interval, ESS; SSID, rates
head="80000000ffffffffffff 020000112200 020000112200 0000 0000000000000000 6400 0100
	0006747269766574 01048c98b0e0"

starts()	# MHZ: an access point
{
	iw dev "$ap" ap start trivet "$1" 100 1 head "$(echo $head | tr -d ' ')" &&
		[ "$(channel_of "$ap")" = "$1" ]
}
stops()
{
	iw dev "$ap" ap stop
}
flags()	# of 5260 MHz
{
	channel_line "$phy" 5260 | sed 's/.*dBm) *//'
}

stock_world
radios 1
ap=$(wlan 1) phy=$(phy 1)
iw dev "$ap" set type __ap
ip link set "$ap" up
load regdom_offload dev="$ap"
check "the stock kernel starts one in the world domain" starts 5260
check "which is stopped" stops

load regdom
check "at 2412 MHz it may start" starts 2412
check "which is stopped" stops
check "but not at 5260 MHz" ! starts 5260
equal "which is for clients" "$(flags)" "(no IR)"
check "in DE it looks for radar" regdomctl set DE
equal "so there is" "$(flags)" "(radar detection)"
check "and it starts" starts 5260
check "the world again" regdomctl set 00
wait_for 5 off_the_air "$ap"
echo "ok: it has left"
remove regdom_offload
check "without such a firmware" regdomctl set DE
check "the world again" regdomctl set 00
equal "there is what the rule says" "$(flags)" "(no IR, radar detection)"
load regdom_offload dev="$ap"
unload regdom
equal "given back, it is as the stock kernel has it" "$(flags)" "(no IR, radar detection)"
remove regdom_offload
no_radios
