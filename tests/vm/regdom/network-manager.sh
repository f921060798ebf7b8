#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# NetworkManager with wpa_supplicant, as Debian has them, does with regdom what it does
# without: it connects where the domain permits it, in the country that wpa_supplicant
# is told, is off the air where it does not, and comes back when it does again, in overlay
# too. It asks for no country itself, and what others ask for and do not get is nothing
# to it. Observed with iw. The access point is on channel 13, which DE allows and US
# forbids.
# Usually on one stock kernel: what NetworkManager asks of it goes through wpa_supplicant,
# but for a look at the channels when it starts. Not on the debug kernel, which would hold
# only regdom against it: policy.sh has that there.
# on: time
# kernels: 6.12
# long-kernels: 6.1
# budget: 10
# needs: hostapd iw ip wpa_supplicant NetworkManager nmcli dbus-daemon
# modules: mac80211_hwsim ccm ctr
. /trivet/lib.sh
. /trivet/lib-regdom.sh

key=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
connected()
{
	iw dev "$sta" link | grep -q 'freq: 2472'
}
not_connected()
{
	iw dev "$sta" link | grep -q 'Not connected'
}
# state STATE: what NetworkManager says of the interface
state()
{
	nmcli -t -f DEVICE,STATE device | grep -qx "$sta:$1"
}

modprobe -a ccm ctr	# mac80211's: there is nobody to load them
radios 2
load regdom country=DE
ap=$(wlan 1) sta=$(wlan 2)
check "DE for the access point" regdomctl set DE --phy "$(phy 1)"
check "which is on channel 13" start_ap "$ap" 13 wpa=2 wpa_key_mgmt=WPA-PSK \
	rsn_pairwise=CCMP wpa_psk=$key
system_bus
wpa_supplicant -u >/tmp/wpa.log 2>&1 &
supplicant=$!

mkdir -p /etc/NetworkManager/system-connections /var/lib/NetworkManager
printf '%s\n' '[main]' plugins=keyfile dns=none auth-polkit=false \
	'[keyfile]' "unmanaged-devices=except:interface-name:$sta" >/etc/NetworkManager/NetworkManager.conf
network=/etc/NetworkManager/system-connections/trivet.nmconnection
printf '%s\n' '[connection]' id=trivet uuid=c0ffee00-0000-4000-8000-000000000000 type=wifi \
	'[wifi]' ssid=trivet '[wifi-security]' key-mgmt=wpa-psk psk=$key \
	'[ipv4]' method=disabled '[ipv6]' method=disabled >$network
chmod 600 $network
# it looks for udev where it can write to /sys
unshare -m sh -c 'mount -o remount,ro,bind /sys && exec NetworkManager --no-daemon' >/tmp/nm.log 2>&1 &
manager=$!

await connected
echo "ok: it connects"
await state connected
echo "ok: and says so"
wait_for 5 sh -c "nmcli -t -f SSID,CHAN device wifi list ifname $sta | grep -qx trivet:13"
echo "ok: it shows the channel"
check "US" regdomctl set US
wait_for 2 not_connected
echo "ok: off the air"
wait_for 5 grep -q 'CTRL-EVENT-REGDOM-CHANGE .*alpha2=US' /tmp/wpa.log
echo "ok: wpa_supplicant knows why"
await state disconnected
echo "ok: NetworkManager says so"
sleep 60
check "and stays so" not_connected
check "DE again" regdomctl set DE
await connected
echo "ok: it is back"
wait_for 5 sh -c \
	"grep CTRL-EVENT-REGDOM-CHANGE /tmp/wpa.log | tail -n 1 | grep -q alpha2=DE"
echo "ok: and wpa_supplicant knows"
for policy in ignore propose; do
	check "users' requests: $policy" regdomctl policy $policy
	stock_country US
	sleep 5
	check "one for US leaves it connected" connected
	stock_country DE
done

check "cfg80211 decides about the radio" regdomctl ownership overlay --phy "$(phy 2)"
await connected
echo "ok: in overlay it is connected"
check "a ceiling, US" regdomctl ceiling US --phy "$(phy 2)"
wait_for 2 not_connected
echo "ok: off the air"
sleep 60
check "and stays so" not_connected
check "no ceiling" regdomctl ceiling --none --phy "$(phy 2)"
await connected
echo "ok: it is back"

kill $manager
wait $manager
kill $supplicant
wait $supplicant
stop_ap "$ap"
kill $bus
wait $bus
rm -r /etc/NetworkManager /var/lib/NetworkManager
unload regdom
no_radios
stock_world
remove ccm ctr
