#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What has happened is counted, shown in debugfs, and traced.
# budget: 7
# kernels: 6.1 6.12
# long-kernels: debug
# needs: hostapd iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

trace=/sys/kernel/tracing
debug=/sys/kernel/debug/regdom
counts()	# FILTER
{
	regdomctl -j stats | jq -c "$1"
}
radios 2 channels=2
load regdom country=US
one=$(phy 1)
before=$(counts .applied)
one_cpu
for event in decision apply power; do
	echo 1 >$trace/events/regdom/regdom_$event/enable
done
check "an AP on channel 6" start_ap "$(wlan 1)" 6
regdomctl set DE --reason "a
b"
regdomctl set XX 2>/dev/null
regdomctl set DE
equal "set: done and refused" "$(counts '[.decisions.set.done,.decisions.set.refused]')" '[3,1]'
equal "rules put on two radios" "$(($(counts .applied) - before))" 2
equal "nothing failed" "$(counts '[.apply_failed,.events_lost]')" '[0,0]'
power_has_followed()
{
	[ "$(counts .power_followed)" -ge 1 ]
}
wait_for 5 power_has_followed
echo "ok: the power has followed"
equal "as debugfs has it" "$(sed -n 's/^set //p' $debug/stats)" "done 3 refused 1"
check "a radio" grep -q "^$one net=.* country=DE own=- ceiling=- " $debug/phys
check "the record" grep -q 'set phy=- before=US after=DE error=0 .*comm=regdomctl reason=a\\nb$' $debug/audit
equal "a line for each decision" "$(wc -l <$debug/audit)" "$(regdomctl -j audit | jq '.decisions | length')"
check "the database" grep -qx "countries $(regdomctl -j info | jq .database.countries)" $debug/db
for file in db phys audit stats; do
	equal "rights of $file" "$(stat -c %a $debug/$file)" 400
done
cat $trace/trace >/tmp/trace
check "a decision is traced" grep -q 'regdom_decision: .* before=US after=DE' /tmp/trace
check "a refusal" grep -q 'regdom_decision: .* error=-2 .*after=XX' /tmp/trace
equal "rules" "$(grep -c 'regdom_apply: phy=phy[0-9]* country=DE rules=[0-9]* error=0' /tmp/trace)" 2
check "the power" grep -q 'regdom_power: .* limit_mbm=2000 mbm=2000 error=0' /tmp/trace
stop_ap "$(wlan 1)"
for event in decision apply power; do
	echo 0 >$trace/events/regdom/regdom_$event/enable
done
all_cpus
# An open file keeps the module, as debugfs wants it, and no longer than it is open.
while cat $debug/audit; do :; done >/dev/null 2>&1 &
reader=$!
check "unloaded between two readings" wait_for 5 rmmod regdom
wait $reader
check "nothing is left" test ! -e $debug
no_radios
