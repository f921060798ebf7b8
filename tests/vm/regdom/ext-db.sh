#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A database in the extended format, made from regulatory.db, gives a radio the
# same channels, as iw shows them. It says which edition it is, and an older one is
# refused. What the module tells of the countries of a file, with all that a rule can have,
# makes the same file again.
# covers: R29 R35 R42
# budget: 6
# needs: iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
radios 1
load regdom country=DE sig=off
regdomctl show Germany >/tmp/rules.before
iw phy "$(phy 1)" info >/tmp/before

check "compile" regdomctl compile --format ext --serial 7 /tmp/good.db -o $db
check "load" regdomctl load
check "its format is seen" sh -c 'regdomctl info | grep -q regdom.db'
regdomctl show DEU >/tmp/rules.after
iw phy "$(phy 1)" info >/tmp/after
check "the same rules" cmp /tmp/rules.before /tmp/rules.after
check "the same channels" cmp /tmp/before /tmp/after
check "all countries" test "$(regdomctl list | wc -l)" -gt 150
# what would change if a file were loaded, and whether it would be taken
would()	# FILE
{
	regdomctl -j diff "$1" | jq -c '[.countries_changed, .would_load, .refusal]'
}
equal "this file would change" "$(would $db)" '[0,true,null]'
equal "the one that it was made of" "$(would /tmp/good.db)" \
	'[0,false,"its serial number is lower than 7, that of the database in force"]'
wmm()	# of a text
{
	sed -n '/^wmmrule WMM0:/,/bk_ap/p'
}
regdomctl decompile $db | wmm >/tmp/wmm
check "limits of medium access are in the file" test "$(wc -l </tmp/wmm)" = 9
equal "and are told" "$(wmm </tmp/rules.after)" "$(cat /tmp/wmm)"
check "for the rules that have them" grep -q '5150.000.*wmmrule=WMM0' /tmp/rules.after
check "and no others" ! grep -q '2400.000.*wmmrule' /tmp/rules.after

head -c 300 /tmp/good.db >$db
check "a damaged file" ! regdomctl load
iw phy "$(phy 1)" info >/tmp/after
check "the radio is as before" cmp /tmp/before /tmp/after

# what only says where the law is, binds nobody
printf 'serial 9\ncountry DE: DFS-ETSI\n(2400 - 2483.5 @ 40), (10.5), law="a law"\n' >/tmp/own.txt
check "compile a law" regdomctl compile /tmp/own.txt -o $db
check "load it" regdomctl load
check "the power, rounded down" sh -c "iw phy $(phy 1) info | grep -q '2412.* MHz.*(10.0 dBm)'"
check "5 GHz is forbidden" ! allows "$(phy 1)" 5180
# the country of a radio in overlay is cfg80211's, which the file need not have
regdomctl policy ignore
stock_country US
check "overlay" regdomctl ownership overlay --phy "$(phy 1)"
wait_for 5 sh -c "regdomctl get | grep -q '^$(phy 1): US, .*overlay'"
equal "with a radio in overlay, this file would change" "$(would $db)" '[0,true,null]'
check "it is taken" regdomctl load
check "ours again" regdomctl ownership authority --phy "$(phy 1)"
stock_world
regdomctl policy follow

# editions
refused()	# REASON
{
	local said
	said=$(regdomctl load 2>&1) && { echo "it was accepted"; return 1; }
	case $said in *"$1 (Stale file handle)"*) ;; *) echo "it said: $said"; return 1;; esac
	[ "$(regdomctl -j audit | jq -c '.decisions[-1] | [.cause, .error]')" = '["load",116]' ] &&
		[ "$(regdomctl -j info | jq .database.serial)" = 9 ]
}
edition()	# LINE...: of the same rules
{
	{ printf '%s\n' "$@"; sed '1d; s/DE:/00, DE:/' /tmp/own.txt; } >/tmp/edition.txt
	regdomctl compile /tmp/edition.txt -o $db || fail "not compiled: $*"
}
edition "serial 8"
check "an older edition" refused "its serial number is lower than that of the database before"
cp /tmp/good.db $db
check "one without a number" refused "it has no serial number, and a database without one is not wanted any more"
sed 's/DE:/US:/; s/10.5/12/' /tmp/own.txt >/tmp/without.txt
regdomctl compile /tmp/without.txt -o /tmp/without.db || fail "not compiled"
equal "one without the country in force" "$(would /tmp/without.db)" \
	'[2,false,"DE, which is in force, is not in it"]'
edition "serial 9"
check "the same once more" regdomctl load
edition "serial 10" "issued 2020-02-29" "expires 2021-02-28" 'issuer "An authority"'
listen_for 1
check "a newer one" regdomctl load
events_came
check "as listeners are told" grep -q "^database-loaded: 2 countries, serial 10 " /tmp/events
equal "which says so" "$(regdomctl info | grep ^edition)" \
	"edition:    serial 10, by An authority, issued 2020-02-29, expires 2021-02-28 (it has)"
equal "and in JSON" "$(regdomctl -j info | jq -c '.database | [.serial,.issuer,.issued,.expires,.expired]')" \
	'[10,"An authority","2020-02-29","2021-02-28",true]'
unload regdom
load regdom country=DE min_serial=11 sig=off
check "min_serial= refuses it" sh -c "regdomctl info | grep -q 'refused: its serial number is lower than min_serial='"
check "the built-in domain is in force" sh -c "regdomctl info | grep -q built-in"
edition "serial 11" "expires 9999-12-31"
check "and takes the next" regdomctl load
equal "which has not expired" "$(regdomctl -j info | jq -c '.database | [.serial,.issuer,.expired]')" '[11,null,false]'

# told_text: what `show` says of each country, as a database
told_text()
{
	echo "serial $1"
	for country in $(regdomctl list | cut -c1-2); do
		{
			regdomctl show $country
			for class in $(regdomctl -j list | jq -r --arg country $country \
					'.countries[] | select(.country == $country).own_classes[]?'); do
				regdomctl show $country --class $class | grep '^ *[0-9]'
			done
		} | awk -v country=$country '
			{ gsub(/WMM/, country) }
			/^wmmrule/ { in_wmm = 1 }
			/^ *[0-9]/ { in_wmm = 0 }
			in_wmm { print; next }
			NR == 1 { $0 = "country " country ":" ($3 == "none" ? "" : " DFS-" $3) }
			!told[$0]++ { rules = rules $0 "\n" }
			END { printf "%s", rules }'
	done | sed 's/^ *\([0-9.]*\) - *\([0-9.]*\) MHz, *\([0-9.]*\) MHz wide, *\([0-9.-]*\) dBm/(\1 - \2 @ \3), (\4)/'
}
tells()	# SERIAL: what makes the file in force
{
	told_text "$1" >/tmp/told.txt
	regdomctl compile --format ext /tmp/told.txt -o /tmp/told.db && cmp /tmp/told.db $db
}
if thorough; then
	cat >/tmp/every.txt <<-'END'
		serial 12
		wmmrule A:
			vo_c: cw_min=3, cw_max=7, aifsn=2, cot=2
			vi_c: cw_min=7, cw_max=15, aifsn=2, cot=4.096
			be_c: cw_min=15, cw_max=1023, aifsn=3, cot=6
			bk_c: cw_min=15, cw_max=1023, aifsn=7, cot=6
			vo_ap: cw_min=3, cw_max=7, aifsn=1, cot=2
			vi_ap: cw_min=7, cw_max=15, aifsn=1, cot=4
			be_ap: cw_min=15, cw_max=63, aifsn=3, cot=6.001
			bk_ap: cw_min=15, cw_max=1023, aifsn=7, cot=6
		country DE: DFS-ETSI
			(2400.001 - 2483.5 @ 40), (20.01), NO-CCK, NO-OFDM, NO-INDOOR, NO-OUTDOOR, PTP-ONLY, PTMP-ONLY, NO-HE, NO-EHT
			(5150 - 5250 @ 80), (23), NO-HT40MINUS, NO-HT40PLUS, NO-80MHZ, NO-160MHZ, NO-320MHZ, AUTO-BW, wmmrule=A
			(5250 - 5350 @ 80), (-1.5), DFS, NO-IR, IR-CONCURRENT, DFS-CONCURRENT, cac=120, nop=3600, wmmrule=A, law="EN 301 893, (4.2)"
			(5725 - 5875 @ 0.125), (36), ptp=-3.25, conducted=30.5, gain=-6.01, psd=17.25, duty=0.01
			(5945 - 6425 @ 320), (23), class=LPI+SP+VLP+CLIENT, psd=10
			(57240 - 65880 @ 2160), (40), law="x"
		country US: DFS-FCC
			(902 - 928 @ 16), (30)
			(5250 - 5350 @ 80), (24), DFS, cac=1.5, wmmrule=A
			(5925 - 6425 @ 320), (30), class=LPI, psd=5
			(5925 - 6425 @ 320), (36), class=SP, psd=23
			(5925 - 7125 @ 320), (14), class=VLP, psd=-5
			(6425 - 6525 @ 80), (30), class=LPI, psd=5
		country 00:
			(2402 - 2472 @ 40), (20), NO-IR
		country JP: DFS-JP
			(5250 - 5350 @ 80), (20), DFS
	END
	check "compile all that there is" regdomctl compile /tmp/every.txt -o $db
	check "load it" regdomctl load
	equal "in the place of which it would change" "$(would $db)" '[0,true,null]'
	check "what is told of it makes the same file" tells 12
	if [ -n "$LONG" ]; then
		regdomctl compile --format ext --serial 13 /tmp/good.db -o $db
		check "regulatory.db, as the extended format" regdomctl load
		check "what is told of that makes it again" tells 13
	fi
fi
cp /tmp/good.db $db
unload regdom
no_radios
