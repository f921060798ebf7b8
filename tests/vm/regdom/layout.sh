#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A driver brings more channels when it is told of the domain: those obey it
# too, and until they do they are forbidden.
# covers: R18
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 6
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

# IEEE80211_CHAN_DISABLED is 1
was_disabled()
{
	[ $(($(cat /sys/module/regdom_layout/parameters/first_flags) & 1)) = 1 ]
}

radios 1
check "US is the stock domain" stock_country US
load regdom_layout dev="$(wlan 1)"
equal "the driver hides channel 165" "$(channel_line "$(phy 1)" 5825)" ""
check "JP is loaded" load regdom country=JP
check "the driver shows it now" channel_line "$(phy 1)" 5825
check "JP does not have it" ! allows "$(phy 1)" 5825
regdomctl set US
check "US has it" wait_for 5 allows "$(phy 1)" 5825
unload regdom
remove regdom_layout
no_radios

radios 1
load regdom_layout dev="$(wlan 1)"
check "US is loaded" load regdom country=US
check "the new channels are settled" wait_for 5 allows "$(phy 1)" 5825
unload regdom
remove regdom_layout
no_radios

radios 1
load regdom_layout dev="$(wlan 1)" at=JP
load regdom country=US
regdomctl set JP
check "JP brings channels: forbidden from the first moment" wait_for 5 was_disabled
check "JP does not have 165" ! allows "$(phy 1)" 5825
unload regdom
remove regdom_layout
no_radios
stock_world
