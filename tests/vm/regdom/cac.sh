#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# While an AP looks for radar (60 s, channel 52), the domain changes. In the same
# region it goes on and then starts; where only clients may be there, or by the
# rules of another region, or somebody else's, it is ended, and nothing hinders the
# next one; so it is where a ceiling asks for 120 s, for which one of 60 s that found
# nothing does not count either. Observed with iw and hostapd.
# Usually not on the debug kernel, where radar.sh changes the domain of such channels.
# covers: R15
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 12
# needs: hostapd iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
radios 1
load regdom country=DE sig=off
ap=$(wlan 1)

look_for_radar()
{
	ap_config "$ap" 52 country_code=DE ieee80211d=1 ieee80211h=1 >/tmp/hostapd.conf
	rm -f /tmp/hostapd.log
	hostapd /tmp/hostapd.conf >/tmp/hostapd.log 2>&1 &
	hostapd=$!
	wait_for 10 grep -q DFS-CAC-START /tmp/hostapd.log
	# it says so before it asks the kernel to
	wait_for 5 on_the_air "$ap"
}
end()
{
	kill $hostapd 2>/dev/null
	wait $hostapd 2>/dev/null
}

look_for_radar
sleep 20
check "FR, of the same region" regdomctl set FR
sleep 30
check "it still looks" ! grep -q AP-ENABLED /tmp/hostapd.log
sleep 15
check "the AP is on the air after 60 s" grep -q AP-ENABLED /tmp/hostapd.log
equal "there" "$(channel_of "$ap")" 5260
end

check "DE" regdomctl set DE
check "US, which forgets that it was free" regdomctl set US
check "DE again" regdomctl set DE
look_for_radar
sleep 20
check "the world, which leaves it to clients" regdomctl set 00
wait_for 3 off_the_air "$ap"
echo "ok: it does not look any more"
check "which is recorded" sh -c "regdomctl audit | tail -n 1 | grep -q '$ap stopped (radar check in vain)'"
sleep 70
check "no AP is enabled" ! grep -q AP-ENABLED /tmp/hostapd.log
end
check "DE" regdomctl set DE
look_for_radar
sleep 20
check "US, of another region" regdomctl set US
wait_for 3 off_the_air "$ap"
echo "ok: it does not look any more"
end
check "DE" regdomctl set DE
look_for_radar
check "cfg80211 is to decide, by the rules of whatever region" \
	regdomctl ownership overlay --phy "$(phy 1)"
wait_for 3 off_the_air "$ap"
echo "ok: it does not look any more"
end
check "ours again" regdomctl ownership authority --phy "$(phy 1)"

# XA asks for twice the time on channel 52
printf '%s\n' 'serial 8' 'country DE: DFS-ETSI' '(5170 - 5250 @ 80), (20)' \
	'(5250 - 5330 @ 80), (20), DFS' 'country XA: DFS-ETSI' '(5170 - 5250 @ 80), (20)' \
	'(5250 - 5270 @ 20), (20), DFS, cac=120' '(5270 - 5330 @ 40), (20), DFS' >/tmp/own.txt
regdomctl compile /tmp/own.txt -o /tmp/own.db || fail "not compiled"
own_database()
{
	cp /tmp/own.db $db
	regdomctl load || fail "not loaded"
}
own_database
state()	# what is known of channel 52
{
	iw phy "$(phy 1)" channels | sed -n '/\* 5260 MHz/,/\* 5280 MHz/s/.*DFS state: \([a-z]*\).*/\1/p'
}
longer()
{
	check "a ceiling under which to look for 120 s" regdomctl ceiling XA
	wait_for 3 off_the_air "$ap"
}
found_free()
{
	sleep 65
	check "an AP looks again, and starts" grep -q AP-ENABLED /tmp/hostapd.log
	equal "there" "$(channel_of "$ap")" 5260
	equal "which is known to be" "$(state)" available
}
look_for_radar
sleep 20
longer
echo "ok: it does not look any more"
check "which is recorded" sh -c "regdomctl audit | tail -n 1 | grep -q '$ap stopped (radar check in vain)'"
end
check "no ceiling" regdomctl ceiling --none
look_for_radar
found_free
longer
echo "ok: it has left"
equal "what is known then" "$(state)" usable
end
look_for_radar
sleep 100
check "for 100 s it looks" ! grep -q AP-ENABLED /tmp/hostapd.log
sleep 25
check "after 120 s it starts" grep -q AP-ENABLED /tmp/hostapd.log
check "no ceiling" regdomctl ceiling --none
equal "which asks for less: what is known" "$(state)" available
sleep 1
check "it stays" on_the_air "$ap"
end
unload regdom
# else it would still be known to be free
stock_country US
stock_country DE
cp /tmp/good.db $db
load regdom country=DE sig=off ownership=overlay
own_database
look_for_radar
found_free
longer
echo "ok: in overlay it has left too"
equal "what is known then" "$(state)" usable
end
unload regdom
cp /tmp/good.db $db
no_radios
stock_world
