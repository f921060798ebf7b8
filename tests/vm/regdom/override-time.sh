#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A driver that puts a domain of its own on a radio of ours is set right within 5 ms of
# virtual time, also when it does so again at once, until it is shut out; then, if it goes
# on 1,000 times a second, at most 5 % of the CPU are spent on it. So it is after many changes
# of our own, each of which has the radio looked at, too.
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# covers: R20
# budget: 6
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# the debug kernel is as much slower as it is, above all where locks are taken
slack_ms=5 cpu_factor=1
[ "$TRIVET_KERNEL" != debug ] || slack_ms=50 cpu_factor=8
radios 2
# the world was requested: limits of medium access are not ours then, and nothing is tried
stock_country US
stock_world
load regdom country=FR
is_in_time()	# WHAT
{
	check "$1 is undone" test "$slowest_us" -gt 0
	check "within $slack_ms ms (took $slowest_us us)" test "$slowest_us" -le $((slack_ms * 1000))
}
for change in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	regdomctl set DE && regdomctl set FR || fail "not set"
done
rogue times=1
is_in_time "one after a burst of our own changes"
sleep 12	# no fight, and paid
rogue times=10
is_in_time "each of ten in a row"
sleep 12	# long enough that it is no fight
# Of so many the looks are paid for later; what undoes one is an event, too, but of ours.
rogue times=10
slowest_1=$slowest_us
rogue dev="$(wlan 2)" times=10
is_in_time "each of ten of another radio, after ten of the first ($slowest_1 us)"
sleep 12
# Each has cfg80211's own domain asked for, whose answer has the radio looked at once more.
check "requests are ignored" regdomctl policy ignore
stock_world
sleep 2
requests=
for request in 1 2 3 4 5 6 7 8 9 10 11 12; do
	iw reg set US &
	requests="$requests $!"
	iw reg set 00 || fail "a request"
done
for request in $requests; do
	wait "$request" || fail "a request: $?"
done
rogue times=3
is_in_time "each after a burst of requests"
stock_world
check "requests are followed" regdomctl policy follow
sleep 12
rogue times=1
is_in_time "one alone"
# A driver's request for the country in force is repeated 4 s later, of which nothing is
# seen; and what comes long after that is not its answer.
stock_country FR
rogue hint=FR
sleep 10
recorded=$(regdomctl audit | grep -c override)
rogue times=1
check "one that was not our own doing is recorded" \
	test "$(regdomctl audit | grep -c override)" = $((recorded + 1))
# While the watch waits for cfg80211 to carry out requests, here behind a driver's for a country
# that nobody has, for which cfg80211 waits for 3 s.
check "requests are ignored" regdomctl policy ignore
stock_country US
sleep 5
rogue hint=ZZ
regdomctl ownership overlay --phy "$(phy 1)" 2>/dev/null &
waits=$!
sleep 0.5
rogue times=1
is_in_time "one while cfg80211 is waited for"
wait $waits
check "the radio is ours" regdomctl ownership authority --phy "$(phy 1)"
# A driver that writes back its flags as they were, which nobody is told of: the radio is given
# up all the same, to overlay and at the end; cfg80211 would warn.
sleep 12
rogue yields=1
check "flags written back, then overlay" regdomctl ownership overlay --phy "$(phy 1)"
check "ours again" regdomctl ownership authority --phy "$(phy 1)"
sleep 12
rogue yields=1
unload regdom
check "cfg80211's own limits hold" allows "$(phy 1)" 2412
check "which has nothing to warn of" sh -c '! dmesg | grep -q "WARNING: .*regulatory_set_wiphy_regd"'
# with one radio, as it is measured what one that is shut out takes
no_radios
radios 1
load regdom country=FR
stock_world
sleep 12
rogue times=400 every_us=1000
check "it is shut out" wait_for 5 sh -c "regdomctl get | grep -q '^$(phy 1): shut out'"
before_us=$(workers_us) before_cs=$(now_cs)
rogue times=1000 every_us=1000
took_us=$((($(now_cs) - before_cs) * 10000)) worked_us=$(($(workers_us) - before_us))
check "at most $((5 * cpu_factor)) % of the CPU is spent on it ($worked_us us of $took_us)" \
	test $((worked_us * 20)) -le $((took_us * cpu_factor))
unload regdom
no_radios
stock_world
