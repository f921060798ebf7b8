#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# iwd, as Debian has it, does with regdom what it does without: it asks for its country,
# which comes into force, is ignored, is proposed, or is cfg80211's; it learns which one
# the radio is in; it connects where that permits it, is off the air where not, and comes back when
# it does again. Observed with iw. The access point is on channel 13, which DE allows
# and US forbids.
# Usually on one stock kernel, as network-manager.sh. The debug kernel has none of the ciphers
# that iwd takes from the kernel.
# on: time
# kernels: 6.12
# long-kernels: 6.1
# budget: 12
# needs: hostapd iw ip iwd iwctl dbus-daemon
# modules: mac80211_hwsim ccm ctr algif_hash algif_skcipher cmac ecb cbc md4 sha512_generic des_generic
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# mac80211's, and those that iwd takes from the kernel: there is nobody to load them
ciphers="ccm ctr algif_hash algif_skcipher cmac ecb cbc md4 sha512_generic des_generic"
key=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
export CONFIGURATION_DIRECTORY=/tmp/iwd STATE_DIRECTORY=/tmp/iwd
start_iwd()	# COUNTRY
{
	mkdir -p /tmp/iwd
	printf '[General]\nCountry=%s\n' "$1" >/tmp/iwd/main.conf
	printf '[Security]\nPreSharedKey=%s\n' $key >/tmp/iwd/trivet.psk
	iwd --debug --phys "$phy" >/tmp/iwd.log 2>&1 &
	iwd=$!
}
# Until cfg80211 has forgotten the access point: who tries it, in vain, leaves it alone
# for a minute.
stop_iwd()
{
	kill $iwd
	wait $iwd
	sleep 31
}
connected()
{
	iw dev "$(wlan 2)" link | grep -q 'freq: 2472'
}
not_connected()
{
	iw dev "$(wlan 2)" link | grep -q 'Not connected'
}
iwd_is_in()	# COUNTRY: as it was told last
{
	grep "New reg domain country code for $phy" /tmp/iwd.log | tail -n 1 | grep -q "is $1\$"
}
radio_is_in()	# COUNTRY
{
	iw phy "$phy" reg get | grep -q "^country $1:"
}

modprobe -a $ciphers
radios 2
load regdom country=US
phy=$(phy 2)
check "DE for the access point" regdomctl set DE --phy "$(phy 1)"
check "which is on channel 13" start_ap "$(wlan 1)" 13 wpa=2 wpa_key_mgmt=WPA-PSK \
	rsn_pairwise=CCMP wpa_psk=$key
system_bus

start_iwd DE
await connected
echo "ok: iwd's country is followed, and it connects on channel 13"
check "the radio is in DE" radio_is_in DE
wait_for 5 iwd_is_in DE
echo "ok: as iwd knows"
wait_for 5 sh -c "iwctl station $(wlan 2) show | grep -q 'State *connected'"
echo "ok: as it says"
check "US" regdomctl set US
wait_for 2 not_connected
echo "ok: it is off the air"
wait_for 2 iwd_is_in US
sleep 60
check "and stays off" not_connected
check "DE again" regdomctl set DE
await connected
echo "ok: it is back"
stop_iwd

for policy in ignore propose; do
	check "requests: $policy" regdomctl policy $policy
	check "US" regdomctl set US
	start_iwd DE
	wait_for 10 iwd_is_in US
	echo "ok: iwd knows that it is in US, whatever it has asked for"
	sleep 30
	check "it does not connect" not_connected
	check "the radio is in US" radio_is_in US
	check "DE" regdomctl set DE
	await connected
	echo "ok: it connects"
	wait_for 5 iwd_is_in DE
	echo "ok: it knows why"
	stop_iwd
done

check "cfg80211 decides about the radio" regdomctl ownership overlay --phy "$phy"
start_iwd DE
await connected
echo "ok: it connects"
check "a ceiling, US" regdomctl ceiling US --phy "$phy"
wait_for 2 not_connected
echo "ok: it is off the air"
check "none" regdomctl ceiling --none --phy "$phy"
await connected
echo "ok: it is back"
stop_iwd

stop_ap "$(wlan 1)"
kill $bus
wait $bus
unload regdom
no_radios
remove $ciphers af_alg
stock_world
