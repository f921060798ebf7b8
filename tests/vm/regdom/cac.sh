#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# While an AP looks for radar (60 s, channel 52), the domain changes. In the same
# region it goes on and then starts; where only clients may be there, or by the
# rules of another region, or somebody else's, it is ended, and nothing hinders the
# next one. Observed with iw and hostapd.
# Usually not on the debug kernel, where radar.sh changes the domain of such channels.
# covers: R15
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 15
# needs: hostapd iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 1
load regdom country=DE
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
look_for_radar
sleep 65
check "an AP looks again, and starts" grep -q AP-ENABLED /tmp/hostapd.log
equal "there" "$(channel_of "$ap")" 5260
end
unload regdom
no_radios
stock_world
