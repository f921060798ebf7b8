#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A driver that manages the limits of its radio itself, and says something else at
# any time: what is in force is what both it and the country permit, and why names
# it; density, medium access and clients of 6 GHz too. While the radio is registered
# no channel is to be seen that only the driver permits. Given back, the radio is as
# its driver last wanted it. Observed with iw, and what cfg80211 itself answers.
# JP has channels 13 and 14, and none at 5745 MHz.
# covers: R17 R20 R25
# budget: 12
# needs: iw jq
# modules: cfg80211
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# cfg80211 puts it there some time after: wait for what differs
driver_says()	# DOMAIN, see tests/modules/regdom_self.c
{
	echo "$1" >/sys/module/regdom_self/parameters/domain
}
lacks()	# MHZ
{
	! allows "$phy" "$1"
}
allows_nothing()
{
	! iw phy "$phy" info | grep 'MHz \[' | grep -qv disabled
}
is_as()	# FILE
{
	iw phy "$phy" info >/tmp/after
	cmp -s "$1" /tmp/after
}
is_shut_out()
{
	regdomctl get | grep -q "^$phy: shut out"
}
has_power()	# MHZ DBM
{
	channel_line "$phy" "$1" | grep -q "($2 dBm)"
}
# Looks as fast as it can, until /tmp/stop, for a radio that allows 5745 MHz.
watch_window()
{
	while [ ! -e /tmp/stop ]; do
		iw phy | grep '5745.* MHz \[' | grep -v disabled
	done >/tmp/window 2>&1
}

modprobe cfg80211
load regdom_self domain=2
phy=$(phy 1)
wait_for 5 allows "$phy" 2472
iw phy "$phy" info >/tmp/wide
driver_says 1
wait_for 5 lacks 2472
iw phy "$phy" info >/tmp/narrow
check "the driver has channel 1, and not channel 13" allows "$phy" 2412

load regdom country=JP
check "the radio is ours" sh -c "regdomctl get | grep -q '^$phy: JP'"
check "JP permits channel 13, the driver does not" ! allows "$phy" 2472
equal "why: the driver" "$(reason_of driver "$phy" 2472)" no-rule
equal "not the country" "$(reason_of selected "$phy" 2472)" permitted
check "JP does not permit 5745 MHz" ! allows "$phy" 5745
equal "radar by two regions' rules is for clients" "$(reason_of effective "$phy" 5260)" dfs-region
check "so no access point starts there" sh -c "iw phy $phy info | grep '5260.* MHz' | grep -q 'no IR'"
driver_says 2
check "the driver permits channel 13 now" wait_for 5 allows "$phy" 2472
check "but not what JP forbids" ! allows "$phy" 5745
check "nor more power" has_power 2412 20.0
check "nor than the hardware has" has_power 2437 12.0
equal "which why says" "$(regdomctl -j why "$phy" 2437 |
	jq '.layers[] | select(.layer=="hardware").max_eirp_mbm')" 1200
equal "that is recorded" "$(regdomctl -j audit | jq -c '.decisions[-1] | [.cause,.phy,.before,.country]')" \
	"[\"override\",\"$phy\",\"99\",\"JP\"]"
check "another country" regdomctl set US
check "is in force" allows "$phy" 5745
check "without channel 13" ! allows "$phy" 2472
driver_says 3
check "a domain that makes no sense permits nothing" wait_for 5 allows_nothing
driver_says 4
if [ "$TRIVET_KERNEL" = 6.1 ]; then
	told="7 6000 0 0" power=23.0
else
	told="7 6000 5 c00000" power=11.0
fi
check "its density holds, over the narrowest channel" wait_for 5 has_power 5180 $power
equal "and what else it limits" "$(cat /sys/module/regdom_self/parameters/told)" "$told"
equal "as programs see" "$(regdomctl -j show --phy "$phy" | jq -c '.rules[] |
	select(.start_khz < 5180000 and .end_khz > 5180000) | .wmm_limits.client.vo')" \
	'{"cw_min":7,"cw_max":31,"aifsn":3,"cot_us":6000}'
driver_says 1
check "one that does, again" wait_for 5 allows "$phy" 2412
unload regdom
check "given back as the driver has it" is_as /tmp/narrow
load regdom country=DE
driver_says 2
unload regdom
check "and as it had it last" wait_for 5 is_as /tmp/wide
remove regdom_self

load regdom country=JP
rm -f /tmp/stop
watch_window &
watcher=$!
load regdom_self domain=2
phy=$(phy 1)
check "one that appears" wait_for 5 allows "$phy" 2472
check "obeys JP" ! allows "$phy" 5745
touch /tmp/stop
wait $watcher
check "from the first moment" test ! -s /tmp/window
equal "and its driver" "$(reason_of driver "$phy" 5745)" permitted
# Eleven within ten seconds, however slow the machine: no program is started between two.
mkfifo /tmp/never
exec 9<>/tmp/never
changes=0
change()	# TIMES
{
	local left=$1 none
	while [ $left -gt 0 ]; do
		driver_says $((changes % 2 + 1))
		changes=$((changes + 1)) left=$((left - 1))
		read -r -t 0.1 none <&9
	done
}
change 10
check "one that cannot make up its mind is not shut out at once" ! is_shut_out
until is_shut_out; do
	[ $changes -lt 200 ] || fail "one that cannot make up its mind is not shut out"
	change 11
done
echo "ok: it is after $changes changes"
exec 9>&-
remove regdom_self
load regdom_self domain=0
phy=$(phy 1)
check "without a domain of its own it has JP's" wait_for 5 allows "$phy" 2484
unload regdom
check "given back with none" allows "$phy" 5745
remove regdom_self
