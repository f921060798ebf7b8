#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a driver that manages the limits of its radio itself has asked cfg80211 for, and
# cfg80211 has yet to put there, comes also where ours are put on the radio just then, or
# it is given back. Programs hear of ours as of the driver's; and given back, the radio
# has exactly what cfg80211 made of the driver's rules, whatever they are. Observed with
# iw, and in cfg80211's own channels.
# JP has channel 13, and none at 5745 MHz.
# covers: R17 R20 R25
# budget: 12
# needs: iw
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

self=/sys/module/regdom_self/parameters
lacks()	# MHZ
{
	! allows "$phy" "$1"
}
is_as()	# FILE
{
	cmp -s "$1" $self/channels
}

modprobe cfg80211
load regdom_self companion=1 domain=1
phy=$(phy 2)
wait_for 5 lacks 2472
cat $self/channels >/tmp/narrow
echo 2 >$self/domain
wait_for 5 allows "$phy" 2472
cat $self/channels >/tmp/wide

load regdom country=US
check "US permits 5745 MHz, and so does the driver" allows "$phy" 5745
# The firmware is told of it by its other radio, just before this one gets ours.
echo 1 >$self/answer
check "JP, which the driver answers with a domain" regdomctl set JP
check "it bounds JP" wait_for 5 lacks 2472
echo 2 >$self/answer
check "its next answer" regdomctl set DE
check "bounds DE" wait_for 5 allows "$phy" 2472
echo 1 >$self/answer
unload regdom
check "its answer as it is given back is in force" wait_for 5 is_as /tmp/narrow
echo 0 >$self/answer

load regdom country=US
iw event >/tmp/events &
listener=$!
wait_for 5 grep -q wait_for_more_packets /proc/$listener/wchan
regdomctl set JP
check "programs hear whose it is" wait_for 5 grep -q "set to JP by a driver request on $phy\$" /tmp/events
kill $listener
wait $listener 2>/dev/null
unload regdom

round=0
while [ $round -lt $(count 6 100) ]; do
	seed=$((${SEED:-1} * 1000 + round))
	echo $seed >$self/seed
	echo 5 >$self/domain
	cat $self/channels >/tmp/any
	load regdom country=JP
	unload regdom
	is_as /tmp/any || { diff /tmp/any $self/channels; fail "seed $seed: not given back as it was"; }
	round=$((round + 1))
done
echo "ok: given back as it was $round times"
remove regdom_self
