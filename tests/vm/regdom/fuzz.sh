#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Random messages, some of which make sense, are all answered, and leave a radio
# that can be set and be given back as before.
# covers: R38
# budget: 6
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 2
# In the world domain a beacon that cfg80211 has heard before lifts limits.
stock_country BO
iw phy "$(phy 2)" info >/tmp/before
load regdom country=DE
check "random messages are answered" regdom-fuzz "$(phy 1)"
regdomctl unlock
regdomctl unlock --phy "$(phy 1)"
regdomctl allow --any
regdomctl allow --any --phy "$(phy 1)"
regdomctl ceiling --none
check "a country can be set" regdomctl set US
check "and is in force" ! allows "$(phy 2)" 2472
check "another" regdomctl set DE
check "as well" allows "$(phy 2)" 2472
unload regdom
iw phy "$(phy 2)" info >/tmp/after
check "the radio is as before" cmp /tmp/before /tmp/after
stock_world
no_radios
