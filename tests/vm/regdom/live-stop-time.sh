#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An AP on channel 13 (2472 MHz), which DE allows and US forbids, is off the air within
# 200 ms of virtual time when US comes into force; the stock kernel, which is asked first,
# leaves it there for most of a minute. So it is in overlay, if cfg80211 has US, and if that is
# a ceiling. Observed with iw.
# on: time
# kernels: 6.1 6.12
# long-kernels: debug
# covers: R8
# budget: 3
# needs: hostapd iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# with one channel a radio cannot lower its power in Linux 6.12 (power-stop.sh)
radios 1 channels=2
stock_country DE
check "an AP on channel 13, without regdom" start_ap "$(wlan 1)" 13
stock_country US
sleep 50
check "50 s after iw reg set US it is on the air" on_the_air "$(wlan 1)"
sleep 50
check "and after another 50 s off it" off_the_air "$(wlan 1)"
stop_ap "$(wlan 1)"
stock_world

load regdom country=DE
check "an AP on channel 13" start_ap "$(wlan 1)" 13
check "set US" regdomctl set US
leaves "$(wlan 1)"
stop_ap "$(wlan 1)"
unload regdom

stock_country DE
load regdom ownership=overlay
check "an AP on channel 13, in overlay" start_ap "$(wlan 1)" 13
# not stock_country, which would wait for longer
iw reg set US
leaves "$(wlan 1)"
stop_ap "$(wlan 1)"
stock_country DE
check "another" start_ap "$(wlan 1)" 13
check "a ceiling of US" regdomctl ceiling US
leaves "$(wlan 1)"
stop_ap "$(wlan 1)"
unload regdom
stock_world
no_radios
