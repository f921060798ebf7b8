#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What would transmit where the domain does not permit it, or not first, is
# refused: a scan sends no probe where it may not initiate (channel 13 in the
# world domain), but hears who is there, which is no leave to initiate either; nor
# where a change forbids it while it is under way; a
# monitor cannot be tuned to a forbidden channel, and nothing injected leaves it
# where it may not initiate; an access point does not switch to a forbidden
# channel; and why says what is against it. Observed on hwsim0, which has every frame
# on the air, and with iw.
# covers: R3 R4 R5 R6 R24
# budget: 12
# needs: hostapd hostapd_cli iw ip jq tcpdump
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
load regdom
check "DE on one radio" regdomctl set DE --phy "$(phy 1)"
de=$(wlan 1) world=$(wlan 2)
own=$(cat "/sys/class/net/$world/address")
ip link set hwsim0 up

capture()	# FILTER...: from now on
{
	: >/tmp/capture.log
	tcpdump -Z root -U --immediate-mode -i hwsim0 -w /tmp/capture "$@" 2>/tmp/capture.log &
	capture=$!
	wait_for 10 grep -q 'listening on' /tmp/capture.log
}
has_some()
{
	# more than the head of the file
	[ "$(stat -c %s /tmp/capture)" -gt 24 ]
}
captured()	# [some]: how many frames; some: there are to be some, which may be late
{
	# that there are none at all is for the caller to say
	[ "$1" != some ] || (wait_for 5 has_some) >/dev/null
	sleep 0.2
	kill -INT $capture
	wait $capture
	tcpdump -Z root -n -r /tmp/capture 2>/dev/null | wc -l
}
scan()	# MHZ [passive]: what the radio of the world domain hears
{
	timeout 5 iw dev "$world" scan flush freq "$@" >/tmp/heard
}

# Where mac80211 hears a beacon during a scan it probes too: then nobody is there.
probes()	# MHZ [some]: how many a scan sends
{
	capture type mgt subtype probe-req and wlan addr2 "$own"
	wait_for 5 scan "$1"
	captured "$2"
}
ip link set "$world" up
check "where it may initiate, a scan probes" test "$(probes 2412 some)" -ge 1
equal "probes where it may not" "$(probes 2472)" 0
check "an AP on channel 13 in DE" start_ap "$de" 13
hears_it()
{
	scan 2472 passive && grep -q 'SSID: trivet' /tmp/heard
}
wait_for 5 hears_it
echo "ok: it hears the AP"
stop_ap "$de"
equal "probes where it has heard one" "$(probes 2472)" 0
check "channel 13 still is no place to initiate" sh -c \
	"iw phy $(phy 2) info | grep '2472.* MHz' | grep -q 'no IR'"
check "nor to be an AP" ! start_ap "$world" 13
for use in scan ap inject; do
	equal "why it may not ($use)" "$(reason "$(phy 2)" 2472 $use)" no-ir
done


# Channels with radar detection, where it only listens, for 111 ms each, come first.
listening="5260 5280 5300 5320 5500 5520 5540 5560 5580 5600 5620 5640 5660 5680 5700"
# scan_while COUNTRY ACT [some]: has act set it meanwhile; prints how many probes the scan
# sends. Again where the machine was too slow to set it in time.
scan_while()
{
	local start took=150 scan tries=20
	while [ $took -ge 140 ]; do
		[ $tries -gt 0 ] || return 1
		tries=$((tries - 1))
		"$2" DE
		capture type mgt subtype probe-req and wlan addr2 "$own"
		start=$(now_cs)
		timeout 20 iw dev "$world" scan flush freq $listening 2472 >/dev/null &
		scan=$!
		sleep 0.2
		"$2" "$1"
		took=$(($(now_cs) - start))
		wait $scan || took=150
		captured $([ $took -ge 140 ] || echo "$3") >/tmp/probes
	done
	cat /tmp/probes
}
set_there()	# COUNTRY
{
	regdomctl set "$1" --phy "$(phy 2)"
}
bound_there()	# COUNTRY
{
	regdomctl ceiling "$1" --phy "$(phy 2)"
}
# the debug kernel is too slow for it
late="20 scans were over before the country was set"
if [ "$TRIVET_KERNEL" != debug ]; then
	sent=$(scan_while FR set_there some) || fail "$late"
	check "a scan probes last on channel 13" test "$sent" -ge 1
	sent=$(scan_while US set_there) || fail "$late"
	equal "probes if that is forbidden meanwhile" "$sent" 0
	regdomctl set --global --phy "$(phy 2)"
fi

check "US on the other radio" regdomctl set US --phy "$(phy 1)"
# mac80211 warns where the worker that ends a switch is later than the next beacon, which is a
# tenth of a second as a rule: less than a debug kernel on a busy host may need
check "an AP on channel 6" start_ap "$de" 6 ctrl_interface=/tmp/hostapd beacon_int=400
hostapd_cli -p /tmp/hostapd -i "$de" chan_switch 5 2472 >/tmp/switch
check "a switch to channel 13 is refused" grep -q FAIL /tmp/switch
equal "an AP that was to switch to channel 13 is" "$(channel_of "$de")" 2437
equal "why" "$(reason "$(phy 1)" 2472 ap)" no-rule
hostapd_cli -p /tmp/hostapd -i "$de" chan_switch 5 2412 >/tmp/switch
wait_for 5 sh -c "iw dev $de info | grep -q '2412 MHz'"
echo "ok: it switches to one that is permitted"
stop_ap "$de"
# hostapd might have refused it; a mesh is asked of the kernel alone
ip link set "$de" down
iw dev "$de" set type mp
ip link set "$de" up
check "a mesh on channel 6" iw dev "$de" mesh join mesh freq 2437 beacon-interval 400
check "the kernel refuses a switch to channel 13" ! iw dev "$de" switch freq 2472 beacons 5 2>/tmp/switch
check "with EINVAL" grep -q '(-22)' /tmp/switch
equal "the mesh that was to switch is" "$(channel_of "$de")" 2437
check "it takes one that is permitted" iw dev "$de" switch freq 2412 beacons 5
iw dev "$de" mesh leave
ip link set "$de" down
iw dev "$de" set type managed
ip link set "$world" down
iw dev "$world" set type monitor
ip link set "$world" up
injected=02:00:00:00:07:00
inject()	# CHANNEL MHZ [some]: how many of the injected frames are on the air
{
	iw dev "$world" set freq "$2" || fail "not tuned to $2"
	capture type mgt subtype beacon and wlan addr3 $injected
	regdom-beacon "$world" "$1" 300 $injected= || fail "not injected"
	captured "$3"
}
# Linux 6.1 judges what is injected by the channel where the monitor was opened, unless
# the driver has channel contexts (docs/regdom.md): there it is opened anew.
reopen()
{
	ip link set "$world" down
	ip link set "$world" up
}
[ "$TRIVET_KERNEL" = 6.1 ] || reopen() { :; }
check "injected where it may initiate: on the air" test "$(inject 1 2412 some)" -ge 1
iw dev "$world" set freq 2472
reopen
equal "injected where it may not" "$(inject 13 2472)" 0
check "US, which forbids channel 13" regdomctl set US
equal "a monitor that is there stays" "$(channel_of "$world")" 2472
reopen
equal "and sends nothing" "$(capture type mgt subtype beacon and wlan addr3 $injected
	regdom-beacon "$world" 13 300 $injected=; captured)" 0
check "once away it cannot come back" iw dev "$world" set freq 2412
check "channel 13" ! iw dev "$world" set freq 2472
equal "why" "$(reason "$(phy 2)" 2472 listen)" no-rule
unload regdom

is_up()
{
	ip link show "$world" | grep -q '[<,]UP[,>]'
}
check "what is no policy" ! insmod /trivet/modules/regdom.ko monitors=perhaps
load regdom country=DE monitors=close
check "a monitor on channel 13" iw dev "$world" set freq 2472
check "FR, which permits it" regdomctl set FR
sleep 0.3
check "leaves it open" is_up
check "US, which does not, if monitors are to be closed" regdomctl set US
wait_for 3 sh -c "! ip link show $world | grep -q '[<,]UP[,>]'"
check "is recorded" sh -c "regdomctl audit | grep -q 'stop .*$world stopped at 2472.000 MHz'"
unload regdom

if [ "$TRIVET_KERNEL" != debug ]; then
	iw dev "$world" set type managed
	stock_country DE
	load regdom ownership=overlay
	ip link set "$world" up
	sent=$(scan_while FR bound_there some) || fail "$late"
	check "in overlay it probes" test "$sent" -ge 1
	sent=$(scan_while US bound_there) || fail "$late"
	equal "probes if a ceiling forbids the channel meanwhile" "$sent" 0
	ip link set "$world" down
	unload regdom
	stock_world
fi
no_radios
