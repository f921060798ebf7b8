#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A regulatory.db that is damaged, empty, huge, absent or not a file is
# refused, and the one before stays in force: iw shows the same channels. Not
# for its signature, at which nobody looks here: see signature.sh.
# covers: R30 R31 R33 R34 R36
# budget: 9
# needs: iw
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
radios 1
load regdom country=DE sig=off
regdomctl show >/tmp/rules.before
iw phy "$(phy 1)" info >/tmp/before

if [ -n "$LONG" ]; then
	check "damaged files, each bit of header and index too" regdom-mutate $db 1 index
else
	step=97
	thorough || step=397
	check "damaged files" regdom-mutate $db $step
fi

refused()	# ERROR_TEXT
{
	local said
	said=$(timeout 20 regdomctl load 2>&1) && return 1
	echo "$said" | grep -q "$1" || { echo "it said: $said"; return 1; }
}
: >$db
check "an empty file is refused" ! regdomctl load
truncate -s 64M $db
check "a file of 64 MiB is refused" refused "file too large"
truncate -s 1G $db
check "a file of 1 GiB is refused" refused "file too large"
rm $db
check "no file is refused" refused "No such file"
truncate -s 1G $db.xz
check "a compressed file of 1 GiB is not read" refused "file too large"
rm $db.xz
mkdir $db
check "a directory is refused" refused "not a regular file"
rmdir $db
mkfifo $db
check "a FIFO is refused, and not waited for" refused "not a regular file"
mv $db /tmp/fifo
custom=/sys/module/firmware_class/parameters/path
printf '/tmp/firmware' >$custom
mkdir /tmp/firmware
mv /tmp/fifo /tmp/firmware/regulatory.db
check "so it is in a directory of one's own" refused "not a regular file"
rm -r /tmp/firmware
printf '\000' >$custom

# Of the first country, 00, its first rule: where it is, in bytes, and what it may not say.
quarter()	# OFFSET: the pointer there, which counts in units of 4 bytes
{
	echo $((4 * 0x$(od -An -tx1 -j "$1" -N 2 /tmp/good.db | tr -d ' ')))
}
rule=$(quarter $(($(quarter 10) + 4)))
rule_with()	# OFFSET BYTES
{
	cp /tmp/good.db $db
	printf "$2" | dd of=$db bs=1 seek=$((rule + $1)) conv=notrunc 2>/dev/null
}
rule_with 1 '\200'
check "an unknown flag is refused" refused "unknown rule flag"
rule_with 4 '\0\0\0\0'
check "a rule from 0 Hz is refused" refused "rule starts at 0 Hz"
rule_with 8 '\377\377\377\377'
check "a rule to 4 THz is refused" refused "rule ends above 71 GHz"
rule_with 8 '\0\0\0\1'
check "a rule of no kHz is refused" refused "rule ends before it starts"

printf 'RGDB' >$db
check "four bytes are refused" refused "too short"
sed 's/^RGDB/RGDA/' /tmp/good.db >$db
check "another magic is refused" refused "not a regulatory database"

regdomctl show >/tmp/rules.after
iw phy "$(phy 1)" info >/tmp/after
check "the rules are as before" cmp /tmp/rules.before /tmp/rules.after
check "the radio is as before" cmp /tmp/before /tmp/after
unload regdom

# Loaded without a good file, or without any, the built-in world domain holds.
built_in()	# WHY: what info says of the file
{
	load regdom country=DE sig=off
	check "the built-in domain is in force" sh -c 'regdomctl info | grep -q built-in'
	check "since the file: $1" sh -c "regdomctl info | grep -q '$1'"
	check "it allows channel 1" allows "$(phy 1)" 2412
	check "and does not let an AP on channel 13" sh -c \
		"iw phy $(phy 1) info | grep '2472.* MHz' | grep -q 'no IR'"
	cp /tmp/good.db $db
	check "the good file loads" regdomctl load
	check "and DE can be set" regdomctl set DE
	check "channel 13 is allowed now" sh -c \
		"! iw phy $(phy 1) info | grep '2472.* MHz' | grep -q 'no IR\|disabled'"
	unload regdom
}
built_in "not a regulatory database"
rm $db
built_in "No such file"
no_radios
