#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Memory runs out where running interfaces are dealt with, at the first allocations of the
# function that is named: an access point that was to have time has none, a change whose
# interfaces cannot be noted does not happen, and what a worker could not do it does later:
# the power follows, a monitor is closed, a radio that comes is taken, a driver is overruled.
# Who listens sees that there was no memory for an event. Observed with iw.
# kernels: debug
# budget: 8
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

power_is()	# DBM
{
	iw dev "$ap" info | grep -q "txpower $1\.00"
}
is_up()
{
	ip link show "$monitor" | grep -q '[<,]UP[,>]'
}
is_down()
{
	! is_up
}

radios 2 channels=2
load regdom country=US monitors=close
failures
ap=$(wlan 1) monitor=$(wlan 2)
check "an AP on channel 6" start_ap "$ap" 6
check "its power" power_is 30

short regdom_txpower_note 1
regdomctl set DE 2>/tmp/said
check "DE fails" grep -q "Cannot allocate memory" /tmp/said
was_short "for want of memory to note the AP"
check "US is in force" ! allows "$(phy 1)" 2472
check "with the power of it" power_is 30
for times in 1 4; do
	short follow_all $times
	check "DE" regdomctl set DE
	was_short "$times failures of the worker that has the power follow"
	check "it follows" wait_for 5 power_is 20
	check "US" regdomctl set US
	wait_for 5 power_is 30
done
stop_ap "$ap"

check "DE" regdomctl set DE
check "an AP on channel 13" start_ap "$ap" 13
ip link set "$monitor" down
iw dev "$monitor" set type monitor
ip link set "$monitor" up
check "a monitor there" iw dev "$monitor" set freq 2472
check "20 s of grace" regdomctl grace 20
short regdom_notice_of 1
check "US" regdomctl set US
was_short "no memory to give the AP notice"
check "it is stopped" wait_for 5 off_the_air "$ap"
check "as is recorded" sh -c "regdomctl audit | grep -q '$ap stopped at 2472.000 MHz'"
equal "notices that are recorded" "$(regdomctl audit | grep -c notice)" 0
stop_ap "$ap"
check "the monitor is closed" wait_for 5 is_down
check "DE" regdomctl set DE
for times in 1 3; do
	ip link set "$monitor" up
	check "a monitor on channel 13" iw dev "$monitor" set freq 2472
	short monitor_look $times
	check "US" regdomctl set US
	was_short "$times failures of the worker that closes monitors"
	check "it is closed" wait_for 5 is_down
	check "DE" regdomctl set DE
done
listen_for 1
# that of the record, and that of the group "domain"
short event_begin 2
check "FR" regdomctl set FR
was_short "no memory for two events"
check "US" regdomctl set US
events_came
equal "who listens hears" "$(cut -d: -f1 /tmp/events | tr '\n' ' ')" "events-lost domain-changed "
n=2
for times in 1 3; do
	short settle $times
	check "a radio comes" regdom-dump new 1
	was_short "$times failures of the worker that takes it"
	n=$((n + 1))
	wait_for 5 sh -c "[ \$(regdomctl get | grep -c '^phy.*: US') = $n ]"
	echo "ok: $n radios are in US"
	check "it has no channel 13" ! allows "$(phy $n)" 2472
done
# IEEE80211_CHAN_DISABLED is 1
comes_shut()	# FUNCTION PARAM...
{
	local where=$1
	shift
	short $where 1
	load regdom_notifier "$@"
	was_short "no memory in $where for a radio as it is registered"
	check "it may use no channel" [ $((0x$(cut -d ' ' -f 1 $registered) & 1)) = 1 ]
	own=$(phy $((n + 1)))
	wait_for 5 allows "$own" 2437
	echo "ok: until there is some"
	check "it is ours" ! allows "$own" 2472
}
registered=/sys/module/regdom_notifier/parameters/registered
comes_shut regdom_takeover_early
remove regdom_notifier
short add_wiphy 1
load regdom_notifier
was_short "no memory for a radio's record"
equal "it has the power of US at once, not cfg80211's" "$(cut -d ' ' -f 2 $registered)" 30
remove regdom_notifier
# for its driver's domain
comes_shut regdom_driver_create custom=1
check "its driver has a say in it" ! allows "$own" 5180
remove regdom_notifier

echo "A station of two links, of which nobody tells the power"
links_are()
{
	[ "$(regdom-mld station0)" = "$1" ]
}
load regdom_station width=0 second_mhz=2412
ip link set station0 up
check "it joins at 5180 MHz" iw dev station0 connect trivet 5180
wait_for 5 links_are "5180 2412 "
short regdom_iface_stop 1
check "DE, with less power at 2412 MHz" regdomctl set DE
was_short "no memory to stop it"
wait_for 5 links_are ""
echo "ok: it is stopped all the same"
remove regdom_station
check "US" regdomctl set US

echo "One whose driver manages its limits itself, and permits all channels"
self=/sys/module/regdom_self/parameters
short add_wiphy 1
load regdom_self domain=2
was_short "no memory for its record"
check "it may use no channel" [ $(($(cat $self/registered) & 1)) = 1 ]
own=$(phy $((n + 1)))
wait_for 5 allows "$own" 2437
check "until there is some; then what US permits" ! allows "$own" 2472
# more often than it can be tried, each half second
short regdom_driver_create_managed 1000000
echo 1 >$self/grow
newest_is_shut()
{
	[ $((0x$(cat $self/limits) & 1)) = 1 ]
}
wait_for 5 newest_is_shut
echo "ok: while its driver's domain cannot be read, a new channel is shut"
check "which has been tried" [ "$(cat /sys/kernel/debug/failslab/times)" -lt 1000000 ]
slab probability 0
wait_for 5 allows "$own" 5825
echo "ok: until there is some"
remove regdom_self
short watch_look 2
rogue times=1
was_short "2 failures of the worker that looks for overrides"
check "the driver is overruled" sh -c "iw phy $(phy 1) reg get | grep -q 'country US: DFS-FCC'"
no_failures
unload regdom

echo "A radio that was there before"
# one of the kernel's own functions, and the next, where short looks for ours
grep -A 1 ' T class_interface_register$' /proc/kallsyms | sed 's/$/\t/' >/tmp/functions
short class_interface_register 1
load regdom country=US
was_short "no memory for its record"
wait_for 5 sh -c "[ \$(regdomctl get | grep -c '^phy.*: US') = $n ]"
echo "ok: all are in US"
unload regdom
no_failures
no_radios
stock_world
