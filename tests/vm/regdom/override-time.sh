#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A driver that puts a domain of its own on a radio of ours is set right within 5 ms of
# virtual time; one that is shut out, and goes on 1,000 times a second, has at most 5 %
# of the CPU spent on it.
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# covers: R20
# budget: 6
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# the debug kernel is as much slower as it is
slack_ms=5 cpu_factor=1
[ "$TRIVET_KERNEL" != debug ] || slack_ms=50 cpu_factor=5
radios 1
# the world was requested: limits of medium access are not ours then, and nothing is tried
stock_country US
stock_world
load regdom country=FR
rogue times=8
# the first at once; then not more often than every 20 ms
check "undone each time" test "$slowest_us" -gt 0
check "within $((20 + slack_ms)) ms (the slowest took $slowest_us us)" \
	test "$slowest_us" -le $(((20 + slack_ms) * 1000))
# a radio that is new is looked at now and again, and the next look waits 20 ms
sleep 12
rogue times=1
check "one alone within $slack_ms ms (took $slowest_us us)" \
	test "$slowest_us" -le $((slack_ms * 1000))
# A driver's request for the country in force is repeated 4 s later, of which nothing is
# seen; and what comes long after that is not its answer.
stock_country FR
rogue hint=FR
sleep 10
recorded=$(regdomctl audit | grep -c override)
rogue times=1
check "one that was not our own doing is recorded" \
	test "$(regdomctl audit | grep -c override)" = $((recorded + 1))
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
