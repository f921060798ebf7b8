#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading, again and again, with a channel in use between;
# refused while a descriptor is open.
# covers: N21
# budget: 20
# modules: veth
. /trivet/lib.sh

modprobe veth
count=$(reloads)
i=0
while [ $i -lt $count ]; do
	insmod /trivet/modules/netchannel.ko || fail "not loaded"
	# every tenth time with traffic through a channel on lo
	if [ $((i % 10)) -eq 0 ]; then
		netchanctl recv -e 127.0.0.1:7000 >/dev/null &
		wait_for 5 grep -q 127.0.0.1:7000 /proc/net/netchannel
		! rmmod netchannel 2>/dev/null || fail "unloaded under an open descriptor"
		netchanctl send -r 5 127.0.0.1 127.0.0.1:7000 x >/dev/null || fail "no echo"
		wait
	fi
	rmmod netchannel || fail "not unloaded"
	i=$((i + 1))
done
echo "ok: loaded and unloaded $count times"
remove veth
