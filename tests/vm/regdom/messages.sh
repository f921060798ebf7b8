#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Wrong netlink messages, and right ones without the privilege, are refused
# with the errno that the uapi header names, and change nothing: what iw says
# of the radio is the same before and after.
# covers: R37
# budget: 6
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios 1
load regdom country=DE
iw phy "$(phy 1)" info >/tmp/before
check "wrong messages are refused" regdom-messages "$(phy 1)"
iw phy "$(phy 1)" info >/tmp/after
check "the radio is as before" cmp /tmp/before /tmp/after

# The tool passes on what the kernel says.
said=$(regdomctl set XX 2>&1)
equal "exit status of a refusal" $? 2
check "the kernel's words" test "$said" = \
	"regdomctl: XX: the database has no such country (No such file or directory)"
regdomctl set 2>/dev/null
equal "exit status of bad usage" $? 1
regdomctl show Utopia 2>/dev/null
equal "exit status of an unknown country" $? 1
unload regdom
said=$(regdomctl get 2>&1)
equal "exit status without the module" $? 2
check "it says so" test "$said" = "regdomctl: regdom: the module is not loaded"
no_radios
