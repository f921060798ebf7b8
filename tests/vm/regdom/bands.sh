#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# At 5 and at 6 GHz too an access point starts where the domain permits it, is off the
# air as soon as another is in force that does not, is refused there, and why says what
# is against it. So does the owner of a P2P group of wpa_supplicant, on channel 13, and
# its client leaves where only the client's radio is forbidden to be there. Observed with
# iw. DE has channel 36 (5180 MHz) and 5955 MHz, BO neither; in the USA nobody may be
# the first at 6 GHz, nor on channel 13. Where a domain is for one class at 6 GHz, the
# beacon of one that may start there says no other, on hwsim0. Where one country has a law
# for each class, the power of an access point that runs is that of the class that its radio
# is said to be, and why says the same of each; so within the ceiling of another such law.
# The debug kernel would prove no more than it does with live-stop.sh and leave.sh.
# covers: R1 R8 R10 R41 R45
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 10
# needs: hostapd iw ip jq tcpdump wpa_supplicant wpa_cli
# modules: mac80211_hwsim ccm ctr cmac
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# ap_obeys MHZ CHANNEL [LINE...]
ap_obeys()
{
	local mhz=$1
	shift
	check "DE" regdomctl set DE
	check "an AP at $mhz MHz" start_ap "$one" "$@"
	equal "its frequency" "$(channel_of "$one")" "$mhz"
	check "BO" regdomctl set BO
	leaves "$one"
	stop_ap "$one"
	check "an AP there" ! start_ap "$one" "$@"
	equal "why" "$(reason "$(phy 1)" "$mhz" ap)" no-rule
}

# with one channel a radio cannot lower its power in Linux 6.12 (power-stop.sh)
modprobe -a ccm ctr cmac	# mac80211's: there is nobody to load them
radios 2 channels=2 support_p2p_device=0
load regdom sig=off
one=$(wlan 1) two=$(wlan 2)
six_ghz="hw_mode=a op_class=131 ieee80211ax=1 wpa=2 wpa_key_mgmt=OWE rsn_pairwise=CCMP ieee80211w=2"
ap_obeys 5180 36
ap_obeys 5955 1 $six_ghz
check "US" regdomctl set US
check "an AP at 6 GHz" ! start_ap "$one" 1 $six_ghz
equal "why" "$(reason "$(phy 1)" 5955 ap)" no-ir

# elements: those of a beacon on hwsim0, each in hex, on a line of its own
elements()
{
	local hex at bytes
	ip link set hwsim0 up
	tcpdump -Z root -i hwsim0 -c 1 -w /tmp/beacon type mgt subtype beacon 2>/dev/null
	ip link set hwsim0 down
	hex=$(hexdump -v -e '1/1 "%02x"' /tmp/beacon)
	# behind the headers of the file and the packet, radiotap, the frame's and its fixed fields
	at=$((40 + 0x${hex:84:2} + 24 + 12))
	while [ ${#hex} -ge $((2 * at + 4)) ]; do
		bytes=$((2 + 0x${hex:$((2 * at + 2)):2}))
		echo "${hex:$((2 * at)):$((2 * bytes))}"
		at=$((at + bytes))
	done
}
# class_said: by the HE operation element, whose information on 6 GHz ends it: 0 indoor
# (LPI), 1 standard power, 2 very low power
class_said()
{
	local control
	control=$(sed -n 's/^ff..24.*\(..\)......$/\1/p' /tmp/elements)
	echo $((0x$control >> 3 & 7))
}
# envelope: the most that its Transmit Power Envelope lets clients send with in 20 MHz, in
# halves of a dBm; it may be a density (interpretations 1 and 3), of 1 MHz
envelope()
{
	local element half_dbm
	element=$(grep -m 1 ^c3 /tmp/elements)
	half_dbm=$((0x${element:6:2}))
	[ $half_dbm -lt 128 ] || half_dbm=$((half_dbm - 256))
	echo $((half_dbm + 26 * (0x${element:4:2} >> 3 & 1)))
}
db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
cat >/tmp/own.txt <<-'END'
	serial 8
	country DE: DFS-ETSI
		(5925 - 6425 @ 320), (23), class=LPI
		(5925 - 6425 @ 320), (36), class=SP, psd=6
		(5925 - 6425 @ 320), (14), class=VLP, psd=-5
		(5925 - 6425 @ 320), (24), class=CLIENT, psd=-1
	country BO: DFS-FCC
		(5945 - 6425 @ 320), (15), class=LPI+CLIENT
		(5945 - 6425 @ 320), (10.5), class=VLP
END
regdomctl compile /tmp/own.txt -o /tmp/own.db || fail "not compiled"
cp /tmp/own.db $db
check "DE" regdomctl set DE
check "where 6 GHz is for the class LPI" regdomctl load
check "an AP of no class that is known" ! start_ap "$one" 1 $six_ghz
check "one of LPI" regdomctl device --class LPI
check "starts" start_ap "$one" 1 $six_ghz
elements >/tmp/elements

class()	# CLASS: the radios are of that one
{
	regdomctl device --class "$1" || fail "device --class $1 is refused"
}
sends_with()	# DBM: as iw sees the access point
{
	iw dev "$one" info | grep -q "txpower $1 dBm"
}
# judged: of each class, whatever the radio is, what why says that each layer permits it at
# 5955 MHz, in 1/100 dBm, but for the hardware
judged()
{
	local class
	for class in LPI SP VLP CLIENT; do
		regdomctl -j why "$(phy 1)" 5955 --use station --class $class
	done | jq -rs 'map([.layers[0:-1][] | .max_eirp_mbm // .reason] | join(" ")) | join(", ")'
}
wait_for 5 sends_with 23.00
class SP
wait_for 5 sends_with 19.00
class VLP
wait_for 5 sends_with 8.00
check "the access point is on the air" on_the_air "$one"
equal "what each class may" "$(judged)" "2300 2300, 1901 1901, 801 801, 1201 1201"
equal "the rule in force, in 1/100 dBm" \
	"$(regdomctl -j show --phy "$(phy 1)" | jq -c '[.rules[].max_psd_mbm]')" '[-500]'
check "a ceiling that knows classes" regdomctl ceiling BO
equal "what each class may under both" "$(judged)" \
	"1500 2300 1500, class 1901 class, 801 801 1050, 1201 1201 1500"
class LPI
wait_for 5 sends_with 15.00
class SP
leaves "$one"
stop_ap "$one"
check "none" regdomctl ceiling --none
equal "the class that it announces" "$(class_said)" 0
grep ^c3 /tmp/elements
check "what it lets clients send with in 20 MHz, $(envelope)/2 dBm, is no more than they may" \
	test "$(envelope)" -le 46
check "nothing is said" regdomctl device any
cp /tmp/good.db $db
unload regdom
load regdom country=US

p2p()	# INTERFACE WORD...: what wpa_supplicant answers
{
	wpa_cli -p "/tmp/p2p.$1" -i "$@"
}
for interface in "$one" "$two"; do
	printf '%s\n' "ctrl_interface=/tmp/p2p.$interface" p2p_no_group_iface=1 >/tmp/p2p.conf
	wpa_supplicant -i "$interface" -D nl80211 -c /tmp/p2p.conf >"/tmp/wpa.$interface.log" 2>&1 &
	supplicants="$supplicants $!"
	wait_for 5 test -S "/tmp/p2p.$interface/$interface"
done
equal "a group on channel 13 in the USA" "$(p2p "$one" p2p_group_add freq=2472)" FAIL
equal "why" "$(reason "$(phy 1)" 2472 p2p-go)" no-rule
check "DE" regdomctl set DE
founds_group()
{
	[ "$(p2p "$one" p2p_group_add freq=2472)" = OK ]
}
# once wpa_supplicant has heard of Germany
wait_for 5 founds_group
wait_for 5 sh -c "iw dev $one info | grep -q 'type P2P-GO'"
wait_for 5 on_the_air "$one"
equal "its frequency" "$(channel_of "$one")" 2472
p2p "$one" wps_pin any 12345670 >/tmp/pin
equal "its client" "$(p2p "$two" p2p_connect "$(cat "/sys/class/net/$one/address")" 12345670 join)" OK
wait_for 30 sh -c "iw dev $two link | grep -q 'freq: 2472'"
check "it has a client" sh -c "iw dev $two info | grep -q 'type P2P-client'"
check "US for the client" regdomctl set US --phy "$(phy 2)"
leaves "$two"
check "the owner is on the air" on_the_air "$one"
check "US for all" regdomctl set US
leaves "$one"
kill $supplicants
wait $supplicants
unload regdom
no_radios
remove ccm ctr cmac
