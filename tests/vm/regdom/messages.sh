#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Wrong netlink messages, and right ones without the privilege, are refused
# with the errno that the uapi header names, and change nothing: what iw says
# of the radio is the same before and after. What the tool prints for programs, of those
# commands that no other test parses, is JSON, or nothing where it has only set something.
# covers: R37 R44
# budget: 6
# needs: iw jq
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
refused()	# COMMAND...
{
	said=$(regdomctl "$@" 2>&1)
	equal "exit status of a refusal" $? 2
	check "its words" test "$said" = \
		"regdomctl: nosuch: no such radio in this network namespace (No such device)"
}
refused show --phy nosuch
refused why nosuch 5180
regdomctl set 2>/dev/null
equal "exit status of bad usage" $? 1
regdomctl show Utopia 2>/dev/null
equal "exit status of an unknown country" $? 1
equal "countries in JSON" "$(regdomctl -j list | jq '.countries | length')" "$(regdomctl list | wc -l)"
equal "policies in JSON" "$(regdomctl -j policy | jq -c '[.policy, .phys[].phy]')" "[\"follow\",\"$(phy 1)\"]"
equal "channels in JSON" "$(regdomctl -j channels "$(phy 1)" | jq '.channels[] | select(.center_khz == 2472000).permitted')" true
regdomctl -j monitor 1 >/tmp/event &
monitor=$!
listening $monitor
check "US" regdomctl set US
wait $monitor
equal "an event in JSON" "$(jq -r .event /tmp/event)" domain-changed
# Those that set have nothing to tell programs, but by their exit status.
while read -r command; do
	regdomctl -j $command >/tmp/said 2>/tmp/why || fail "$command: $(cat /tmp/why)"
	check "regdomctl -j $command prints nothing" ! test -s /tmp/said
done <<-END
	set DE
	set US --phy $(phy 1)
	set --global --phy $(phy 1)
	ceiling FR
	ceiling --none
	lock
	unlock
	allow DE FR
	allow --any
	grace 0
	place indoors
	place any
	device --class LPI --gain 3
	device any
	policy ignore
	policy follow
	air observe
	air off
	ownership overlay --phy $(phy 1)
	ownership authority --phy $(phy 1)
	load
END
echo "set FR" | regdomctl -j batch >/tmp/said
check "nor does batch" ! test -s /tmp/said
regdomctl -j set XX >/tmp/said 2>/dev/null
equal "exit status of a refusal with -j" $? 2
check "which prints nothing either" ! test -s /tmp/said
unload regdom
said=$(regdomctl get 2>&1)
equal "exit status without the module" $? 2
check "it says so" test "$said" = "regdomctl: regdom: the module is not loaded"
no_radios
