#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channel 13 (2472 MHz) is allowed in DE and forbidden in US: an AP there
# starts under DE, is taken off the air when US comes into force (in which time:
# live-stop-time.sh), and is refused under US. Observed with iw.
# covers: R1 R8
# budget: 4
# needs: hostapd iw ip
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# with one channel a radio cannot lower its power in Linux 6.12 (power-stop.sh)
radios 2 channels=2
load regdom
check "the world domain does not let an AP on channel 13" ! start_ap "$(wlan 1)" 13
check "set DE" regdomctl set DE
check "an AP on channel 13 starts under DE" start_ap "$(wlan 1)" 13
equal "its frequency" "$(channel_of "$(wlan 1)")" 2472

check "set US" regdomctl set US
wait_for 5 off_the_air "$(wlan 1)"
echo "ok: the AP has left the air"
stop_ap "$(wlan 1)"

check "an AP on channel 13 is refused under US" ! start_ap "$(wlan 1)" 13
check "an AP on channel 6 starts under US" start_ap "$(wlan 1)" 6
check "set DE again" regdomctl set DE
sleep 0.6
check "a change that allows its channel leaves an AP alone" on_the_air "$(wlan 1)"
stop_ap "$(wlan 1)"
unload regdom
no_radios
