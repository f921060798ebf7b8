#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio looks for radar beside other work (background CAC, 60 s, channel 52), which no
# simulated one can: of a driver of the test's own. Where the domain changes within its
# region it goes on, and the channel is known to be free; where the region is another one it
# is aborted, programs are told, nothing is known, and the next one is as good. Observed
# with iw, which shows cfg80211's events.
# covers: R15
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# needs: iw ip
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radio=background0
state()	# what is known of channel 52
{
	iw phy "$phy" channels | sed -n '/\* 5260 MHz/,/\* 5280 MHz/s/.*DFS state: \([a-z]*\).*/\1/p'
}
told()	# WHAT TIMES: how often iw was told of it
{
	[ "$(grep -c "CAC $1" /tmp/radar)" = "$2" ]
}
begins()	# TIMES
{
	check "it looks for radar beside other work" regdom-background $radio 5260
	wait_for 5 told started "$1"
}

load regdom country=DE
load regdom_background
phy=$(basename "$(readlink -f /sys/class/net/$radio/phy80211)")
ip link set $radio up
iw event >/tmp/radar &
events=$!
listening $events
begins 1
sleep 20
check "FR, of the same region" regdomctl set FR
sleep 30
equal "what is known after 50 s" "$(state)" usable
sleep 15
check "after 60 s it is done" wait_for 5 told finished 1
equal "what is known then" "$(state)" available
check "nothing was aborted" told "was aborted" 0

check "US, which forgets it" regdomctl set US
check "DE again" regdomctl set DE
begins 2
sleep 20
check "US, of another region" regdomctl set US
check "it is aborted" wait_for 5 told "was aborted" 1
sleep 60
check "and finds nothing" told finished 1
check "DE again" regdomctl set DE
equal "what is known" "$(state)" usable
begins 3
sleep 65
check "the next one is done" wait_for 5 told finished 2
equal "what is known" "$(state)" available
kill $events
wait $events 2>/dev/null
remove regdom_background
unload regdom
stock_world
