#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A radio obeys what the extended format can demand, or may not transmit: as iw
# shows its channels, as hostapd finds, and where a monitor can be tuned to. What it
# is said to be (class, antenna, kind of link) counts. The most that may be in a domain, and
# the least, make no trouble to cfg80211.
# covers: R7 R33 R41 R46
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 14
# needs: hostapd iw ip jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
radios 2
load regdom country=DE sig=off
phy=$(phy 1) wlan=$(wlan 1)

rules()	# RULE...: Germany's are these
{
	printf '%s\n' 'serial 8' 'country DE: DFS-ETSI' "$@" >/tmp/own.txt
	regdomctl compile /tmp/own.txt -o $db && regdomctl load ||
		fail "not loaded: $*"
}
power()	# MHZ: what iw shows
{
	channel_line "$phy" "$1" | sed -n 's/.*(\([0-9.]*\) dBm).*/\1/p'
}
widths()	# MHZ: what iw shows
{
	iw phy "$phy" channels | sed -n "/\* $1 MHz/,/\* /s/.*Channel widths: *//p" | head -n 1
}

rules "(5170 - 5190 @ 20), (20), conducted=15.5" "(5190 - 5210 @ 20), (20), psd=10" \
	"(5210 - 5230 @ 20), (20), ptp=10" "(5230 - 5250 @ 20), (20), gain=6"
equal "dBm at the connector" "$(power 5180)" 15.0
equal "dBm of a density in 5 MHz" "$(power 5200)" 16.0
equal "dBm of a link that may be point to point" "$(power 5220)" 10.0
equal "dBm of an antenna that may comply" "$(power 5240)" 20.0
rules "(5945 - 6425 @ 320), (23), psd=5"
equal "dBm where 20 MHz is the narrowest" "$(power 5955)" 18.0
check "the rule is shown with its density" sh -c "regdomctl show | grep -q 'psd=5'"
check "and to programs" sh -c "regdomctl -j show | grep -q '\"max_psd_mbm\": 500'"

rules "(2400 - 2483.5 @ 40), (20), NO-CCK" "(5170 - 5190 @ 20), (20), PTP-ONLY" \
	"(5190 - 5210 @ 20), (20), duty=10" "(5210 - 5230 @ 20), (-1)" \
	"(5230 - 5250 @ 20), (20), gain=-3" "(5250 - 5270 @ 20), (20), NO-INDOOR, NO-OUTDOOR" \
	"(5270 - 5290 @ 20), (20)"
for mhz in 2412 5180 5200 5220 5240 5260; do
	check "nothing is permitted at $mhz MHz" ! allows "$phy" $mhz
done
check "but elsewhere" allows "$phy" 5280
rules "(5945 - 6425 @ 320), (23), class=LPI"
check "a class" ! allows "$phy" 5955
check "and nothing else either" sh -c "! iw phy $phy info | grep -q 'MHz \[.*dBm'"
rules "(5170 - 5250 @ 80), (20), NO-CCK"
check "at 5 GHz there is no CCK" allows "$phy" 5180

device()	# ARG...: that is what the radios are
{
	regdomctl device "$@" || fail "device $* is refused"
}
reason()	# MHZ: why an access point is not permitted there
{
	regdomctl -j why "$phy" "$1" | jq -r '.layers[0].reason'
}
rules "(2400 - 2483.5 @ 40), (20)" "(5170 - 5250 @ 80), (20), gain=6" \
	"(5735 - 5835 @ 80), (20), conducted=12" \
	"(5945 - 6425 @ 320), (23), class=LPI+CLIENT, psd=5"
device --class LPI --gain 6.01 --reason measured
equal "dBm into an antenna of 6.01 dBi" "$(power 2412)" 13.0
equal "which regdomctl says, too" "$(regdomctl -j channels "$phy" |
	jq '.channels[] | select(.center_khz == 2412000).max_power_mbm')" 1300
equal "dBm where the connector is limited" "$(power 5745)" 12.0
equal "dBm of a density" "$(power 5955)" 12.0
equal "too much gain" "$(reason 5180)" gain
check "is forbidden" ! allows "$phy" 5180
equal "with another antenna" "$(regdomctl -j why "$phy" 5180 --gain 6 | jq -r '.layers[0].reason')" permitted
device --class VLP --phy "$phy"
equal "of another class" "$(reason 5955)" class
check "it is forbidden" ! allows "$phy" 5955
check "on the other radio it is not" allows "$(phy 2)" 5955
equal "it is shown" "$(regdomctl -j get | jq -c '[.class,.gain_mbi,(.phys[]|.class,.gain_mbi,.device_own)]')" \
	'["LPI",601,"VLP",null,true,"LPI",601,false]'
equal "and recorded" "$(regdomctl -j audit | jq -c '[.decisions[] | select(.cause=="device") | [.phy,.class,.gain_mbi,.reason]]')" \
	"[[null,\"LPI\",601,\"measured\"],[\"$phy\",\"VLP\",null,null]]"
check "a lock" regdomctl lock
check "keeps it what it is" ! regdomctl device any
check "unlocked" regdomctl unlock
device --global --phy "$phy"
check "what all are" allows "$phy" 5955
printf '%s\n' "device --class CLIENT" "set DE" | regdomctl batch || fail "batch is refused"
check "a client does not begin" sh -c "iw phy $phy info | grep '5955.* MHz' | grep -q 'no IR'"
rules "(2400 - 2483.5 @ 40), (20), ptp=10, PTP-ONLY" "(5170 - 5250 @ 80), (20), PTMP-ONLY" \
	"(5735 - 5835 @ 80), (20), ptp=10"
device --ptp
equal "dBm, point to point" "$(power 2412)" 10.0
equal "where that may not be" "$(reason 5180)" ptmp
check "nothing is permitted" ! allows "$phy" 5180
check "an access point" start_ap "$wlan" 1
device --ptmp
wait_for 3 off_the_air "$wlan"
echo "ok: it has left"
stop_ap "$wlan"
equal "an ordinary link" "$(reason 2412)" ptp
equal "dBm of it" "$(power 5745)" 20.0
device any
equal "dBm when nothing is said" "$(power 5745)" 10.0

rules "(5170 - 5250 @ 80), (20)"
check "80 MHz" sh -c "echo '$(widths 5180)' | grep -q 80"
rules "(5170 - 5250 @ 80), (20), NO-80MHZ"
check "no 80 MHz" ! sh -c "echo '$(widths 5180)' | grep -q 80"
rules "(5170 - 5250 @ 80), (20), NO-HT40PLUS"
check "no 40 MHz" ! sh -c "echo '$(widths 5180)' | grep -q 'HT40'"

starts()	# MHZ: an access point that wide, from channel 36 up, as iw sees it
{
	local width=$1 is
	set -- ieee80211n=1 "ht_capab=[HT40+]"
	case $width in
	20) set -- ieee80211n=1 ;;
	80) set -- "$@" ieee80211ac=1 vht_oper_chwidth=1 vht_oper_centr_freq_seg0_idx=42 ;;
	160) set -- "$@" ieee80211ac=1 "vht_capab=[VHT160]" vht_oper_chwidth=2 \
		vht_oper_centr_freq_seg0_idx=50 ;;
	esac
	start_ap "$wlan" 36 "$@" || return 1
	is=$(iw dev "$wlan" info | sed -n 's/.*width: \([0-9]*\) MHz.*/\1/p')
	stop_ap "$wlan"
	[ "$is" = "$width" ]
}
# the debug kernel takes its time, and shows nothing more
if [ "$TRIVET_KERNEL" != debug ]; then
	rules "(5170 - 5330 @ 160), (20)"
	check "an access point of 160 MHz" starts 160
	rules "(5170 - 5330 @ 160), (20), NO-160MHZ"
	check "without, one of 80 MHz" starts 80
	check "and none of 160" ! starts 160
	rules "(5170 - 5330 @ 160), (20), NO-80MHZ"
	check "without, one of 40 MHz" starts 40
	check "and none of 80" ! starts 80
	rules "(5170 - 5330 @ 160), (20), NO-HT40PLUS"
	check "without, one of 20 MHz" starts 20
	check "and none of 40" ! starts 40
	rules "(5170 - 5210 @ 40), (20)"
	check "where a rule ends, one of 40 MHz" starts 40
	check "and none of 80" ! starts 80
fi

he="ieee80211n=1 ieee80211ac=1 ieee80211ax=1"
# Again when iw misses the end, which it listens for after it has begun, or when no
# beacon has come. The answer to a probe would have to come within 30 ms, from hostapd.
scan()
{
	timeout 10 iw dev "$(wlan 2)" scan flush freq 5180 passive >/tmp/heard &&
		grep -q 'SSID: trivet' /tmp/heard
}
is_he()	# there is an access point with HE, as the other radio hears it
{
	start_ap "$wlan" 36 $he || return 1
	wait_for 2 scan
	stop_ap "$wlan"
	grep -q 'HE capabilities' /tmp/heard
}
ip link set "$(wlan 2)" up
rules "(5170 - 5250 @ 80), (20)"
check "an access point with HE" is_he
rules "(5170 - 5250 @ 80), (20), NO-HE"
check "none with HE" ! is_he
if [ "$(uname -r | cut -d. -f1,2)" = 6.1 ]; then
	check "6.1 does not ask access points: there is none" ! start_ap "$wlan" 36
else
	check "one without" start_ap "$wlan" 36
	stop_ap "$wlan"
fi

rules "(5490 - 5730 @ 160), (20), DFS, cac=120"
check "radar is to be looked for as long" sh -c \
	"iw phy $phy channels | grep -A9 '5500 MHz' | grep -q 'DFS CAC time: 120000 ms'"
rules "(5490 - 5730 @ 160), (20), DFS, nop=3600"
check "who cannot stay away so long, may not start" sh -c \
	"iw phy $phy info | grep '5500.* MHz' | grep 'no IR' | grep -qv radar"

# Channels on which a monitor may be, up to the edges of a rule.
monitor=$(wlan 2)
ip link set "$monitor" down
iw dev "$monitor" set type monitor
ip link set "$monitor" up
tunable()	# MHZ WIDTHS: those of which that is the lowest part; "MHZ MHZ": of both halves
{
	equal "MHz that may begin at $1" "$(regdom-tune "$monitor" $1 | sed 's/ $//')" "$2"
}
verdict()	# MHZ@WIDTH: on an access point; where it is refused, by which rule, if by one
{
	regdomctl -j why "$phy" "$1" | jq -r '.layers[0] | [.reason, .at_khz // empty,
		(.rule // empty | .start_khz, .end_khz, .max_width_khz, .flags[])] | join(" ")'
}
permits()	# MHZ@WIDTH...
{
	local channel
	for channel; do
		check "$channel is permitted" regdomctl why "$phy" "$channel"
	done
}
rules "(5490 - 5650 @ 160), (20)" "(5735 - 5815 @ 80), (20)" "(5945 - 6265 @ 320), (23)"
permits 5570@160 5610@80 5775@80 6105@320
equal "80 MHz, half of them beyond a rule" "$(verdict 5660@80)" "no-rule 5650000"
equal "320 MHz, 5 of them beyond a rule" "$(verdict 6110@320)" "no-rule 6260000"
equal "160 MHz where a rule permits 80" "$(verdict 5815@160)" "width 5745000 5735000 5815000 80000"
tunable 5500 "20 40 80 160"
tunable 5580 "20 40 80"
tunable 5620 "20 40"
tunable 5640 20
tunable 5660 ""
tunable "5500 5745" 80+80
tunable "5500 5660" ""
tunable 5955 "20 40 80 160 320"
tunable 6115 "20 40 80 160"
rules "(5490 - 5650 @ 160), (20), NO-160MHZ" "(5945 - 6265 @ 320), (23), NO-320MHZ"
permits 5530@80 6025@160
equal "160 MHz" "$(verdict 5570@160)" "width 5500000 5490000 5650000 160000 NO-160MHZ"
equal "320 MHz" "$(verdict 6105@320)" "width 5955000 5945000 6265000 320000 NO-320MHZ"
tunable 5500 "20 40 80"
tunable 5955 "20 40 80 160"
rules "(5490 - 5650 @ 20), (20)" "(5945 - 6265 @ 320), (23), NO-80MHZ"
tunable 5500 20
tunable 5955 "20 40"
ip link set "$monitor" down

# 128 rules, of 1 kHz, of no power, of 14 GHz: the log would have a warning of cfg80211's. (iw
# does not show them: there is no room for so many in the answer of nl80211.)
{
	printf '%s\n' 'serial 8' 'country DE: DFS-ETSI' '(0.001 - 0.002 @ 0.001), (0)'
	seq 0 124 | awk '{ print "(" 5000 + 5 * $1, "-", 5005 + 5 * $1, "@ 5), (" $1 % 2 * 30 ")" }'
	printf '%s\n' '(5945 - 5945.001 @ 0.001), (20)' '(57000 - 71000 @ 14000), (40)'
} >/tmp/own.txt
regdomctl compile /tmp/own.txt -o $db && regdomctl load || fail "the extremes are not loaded"
equal "of 128 rules those in force" "$(regdomctl -j show --phy "$phy" | jq '.rules | length')" 128
check "channels of 20 MHz have no rule" ! allows "$phy" 5180
check "a ceiling of the same" regdomctl ceiling DE
check "and none" regdomctl ceiling --none

cp /tmp/good.db $db
unload regdom
no_radios
