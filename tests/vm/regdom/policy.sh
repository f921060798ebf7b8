#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a user asks for through nl80211 (iw, hostapd, wpa_supplicant) comes into
# force, is ignored or is proposed, as the policy has it, globally and on each
# radio. hostapd with a country_code starts without its time-out of 5 s.
# Observed with iw: channel 13 is allowed in DE and FR, forbidden in US.
# covers: R21
# on: time
# budget: 10
# needs: hostapd iw ip wpa_supplicant
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

country_of()	# RADIO
{
	iw phy "$(phy "$1")" reg get | sed -n 's/^country \(..\):.*/\1/p' | tail -n 1
}
# The stock kernel has carried the request out, so that we have been told of it.
ask()	# COUNTRY
{
	iw reg set "$1"
	wait_for 5 stock_is "$1"
	# for a moment then, iw may see it on a radio that does not follow (medium.c)
	sleep 0.3
}
equal_events()	# WHAT WANTED
{
	events_came
	equal "$1" "$(cut -d: -f1-3 /tmp/events | sed 's/ \[.*//' | tr '\n' ';')" "$2"
}

radios 3
load regdom country=US
equal "the policy" "$(regdomctl policy | head -n 1)" "global: follow"

listen_for 2
ask DE
for n in 1 2 3; do
	check "radio $n follows" allows "$(phy $n)" 2472
done
equal "iw sees" "$(country_of 3)" DE
check "regdomctl has the last word" regdomctl set US
equal_events "one event of each, for three radios" \
	"domain-changed: global domain: DE, DFS ETSI;domain-changed: global domain: US, DFS FCC;"
check "as iw sees" ! allows "$(phy 1)" 2472
iw reg set DE
check "the same request again" wait_for 5 allows "$(phy 1)" 2472
iw reg set XX
sleep 0.5
equal "a country that nobody has" "$(country_of 1)" DE
sleep 3.5	# until cfg80211 no longer waits for its rules
iw reg set 00
wait_for 5 sh -c "iw phy $(phy 1) reg get | grep -q 'country 00'"
echo "ok: the world domain"

check "US" regdomctl set US
check "nobody follows" regdomctl policy ignore
ask DE
sleep 0.3
equal "radio 1 is in" "$(country_of 1)" US

if thorough; then
	check "requests are proposed" regdomctl policy propose
	listen_for 1
	ask FR
	equal_events "the event" "domain-proposed: FR, DFS ETSI;"
	equal "radio 1 is still in" "$(country_of 1)" US
fi

# Policies of radios.
check "radio 2 follows alone" regdomctl policy follow --phy "$(phy 2)"
ask DE
wait_for 5 sh -c "iw phy $(phy 2) reg get | grep -q 'country DE'"
equal "radio 1 is in" "$(country_of 1)" US
check "DE is its own" sh -c "regdomctl get | grep -q '^$(phy 2): DE.*its own'"
check "all follow" regdomctl policy follow
check "but radio 3" regdomctl policy ignore --phy "$(phy 3)"
check "and radio 2 as all" regdomctl policy --global --phy "$(phy 2)"
regdomctl policy >/tmp/policies
check "so it says" grep -q "^$(phy 3): ignore, its own$" /tmp/policies
check "and of radio 2" grep -q "^$(phy 2): follow$" /tmp/policies
ask FR
wait_for 5 sh -c "iw phy $(phy 1) reg get | grep -q 'country FR'"
equal "radio 2 keeps its own" "$(country_of 2)" DE
equal "radio 3 stays in" "$(country_of 3)" US
check "radio 3 proposes" regdomctl policy propose --phy "$(phy 3)"
listen_for 2
ask DE
equal_events "the events" "domain-proposed: $(phy 3): DE, DFS ETSI;domain-changed: global domain: DE, DFS ETSI;"
equal "radio 3 is still in" "$(country_of 3)" US
for n in 2 3; do
	regdomctl policy --global --phy "$(phy $n)"
	regdomctl set --global --phy "$(phy $n)"
done

# hostapd asks for DE, and starts as fast on a channel that all domains allow as
# when it asks for nothing.
start=$(now_cs)
check "hostapd without a country" start_ap "$(wlan 1)" 6
limit=$(($(now_cs) - start + 400))
stop_ap "$(wlan 1)"
starts()	# WHAT COUNTRY
{
	start=$(now_cs)
	check "$1: it starts" start_ap "$(wlan 1)" 6 country_code=DE ieee80211d=1 ieee80211h=1
	took=$(($(now_cs) - start))
	check "without its time-out (${took}0 ms)" test $took -lt $limit
	equal "in force then" "$(country_of 1)" "$2"
	stop_ap "$(wlan 1)"
}
policies="follow ignore propose"
# each takes ten seconds on the debug kernel, and has been there above, but for hostapd's start
[ "$TRIVET_KERNEL" != debug ] || policies=follow
for policy in $policies; do
	ask US
	regdomctl set US
	regdomctl policy $policy
	wanted=US
	[ $policy != follow ] || wanted=DE
	starts "hostapd under $policy" $wanted
	# the stock kernel has that country already, and says nothing: nobody waits for it to
	[ $policy = follow ] || starts "another time" $wanted
	regdomctl policy follow
done
if [ "$TRIVET_KERNEL" != debug ]; then
	check "US, after it asked for DE" regdomctl set US
	starts "hostapd again" DE
fi
if thorough; then
	ask US
	check "an AP on channel 13 starts where DE comes with it" start_ap "$(wlan 1)" 13 \
		country_code=DE ieee80211d=1
	stop_ap "$(wlan 1)"
fi

ask US
printf 'country=DE\n' >/tmp/wpa.conf
wpa_supplicant -i "$(wlan 2)" -D nl80211 -c /tmp/wpa.conf >/tmp/wpa.log 2>&1 &
supplicant=$!
check "wpa_supplicant's country" wait_for 5 allows "$(phy 2)" 2472
kill $supplicant
wait $supplicant
unload regdom
no_radios
stock_world
