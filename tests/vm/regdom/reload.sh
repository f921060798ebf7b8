#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loaded and unloaded many times, with radios that come and go: each radio is
# always either ours or as it was (iw), and nothing is left behind: what the kernel has
# allocated does not become more with each round. (On the debug kernel kmemleak looks, after
# each test.)
# covers: R26
# on: time
# budget: 18
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

count=$(reloads)
radios 2

channels()
{
	iw phy "$(phy 1)" info | grep -vi '^wiphy\|wiphy index'
}

# What the kernel has allocated, "NAME NUMBER": objects of kmalloc(), and pages of vmalloc()
# but stacks, and for each CPU, once all is freed that RCU frees later, and that CPUs keep for themselves.
memory()
{
	local cache
	sleep 30
	for cache in /sys/kernel/slab/kmalloc-*/shrink; do
		echo 1 >"$cache"
	done
	awk '/^kmalloc-/ { print $1, $2 }' /proc/slabinfo
	awk '/^(VmallocUsed|Percpu):/ { kb += $2 } /^KernelStack:/ { kb -= $2 } END { print "pages", kb / 4 }' /proc/meminfo
}
# What has become more from memory.1 to .2 and from .2 to .3, the most of it first: others
# come and go too, but not as many twice.
grown()
{
	awk 'FNR == 1 { file++ }
		file > 1 { more = $2 - before[$1]; if (file == 2 || more < least[$1]) least[$1] = more }
		{ before[$1] = $2 }
		END { for (name in least) print least[name], name }' \
		/tmp/memory.1 /tmp/memory.2 /tmp/memory.3 | sort -nr
}
# most, what: of what there is more of by as many ROUNDS, twice
look()	# ROUNDS
{
	local n i rounds=$1
	memory >/tmp/memory.1
	for n in 2 3; do
		i=0
		while [ $i -lt $rounds ]; do
			insmod /trivet/modules/regdom.ko country=DE || fail "not loaded"
			regdomctl set US
			unload regdom
			i=$((i + 1))
		done
		memory >/tmp/memory.$n
	done
	grown >/tmp/grown
	read -r most what </tmp/grown
	check "looked at" test "$(grep -c . /tmp/grown)" -gt 10
}
leaves_nothing()
{
	local rounds=$((count * 2 / 5)) most what
	# Until 5 minutes after boot IMA keeps each key that is added to a keyring, ours too.
	while [ "$(now_cs)" -lt 31000 ]; do
		sleep 10
	done
	look $rounds
	# what each round leaves is four times as many in as many more, what others have is not
	if [ "${most%.*}" -ge $((rounds / 2)) ]; then
		rounds=$((rounds * 4))
		look $rounds
	fi
	check "$rounds rounds leave nothing (most: $most, $what)" test "${most%.*}" -lt $((rounds / 2))
}

# no beacon that an earlier test has sent counts in this domain
stock_country BO
channels >/tmp/before
i=0
while [ $i -lt "$count" ]; do
	insmod /trivet/modules/regdom.ko country=DE || fail "not loaded in round $i"
	case $((i % 10)) in
	3)	no_radios; radios 2;;
	5)	regdomctl set US;;
	7)	allows "$(phy 1)" 2472 || fail "round $i: DE is not in force";;
	esac
	unload regdom
	i=$((i + 1))
done
channels >/tmp/after
check "after $count rounds the radio is as before" sh -c "diff /tmp/before /tmp/after | head -n 20 | tee /tmp/diff; ! test -s /tmp/diff"
[ "$TRIVET_KERNEL" = debug ] || leaves_nothing
stock_world
no_radios
