#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel merges pages of a guest that runs, which goes on with what it has written, and
# has its own pages again where it writes.
# covers: K8
# on: qemu bochs
# not-on: bochs/debug
# budget: 3
. /trivet/lib.sh
. /trivet/lib-kvm.sh

ksm=/sys/kernel/mm/ksm
# All pages in each scan, and one scan after the other.
settings="pages_to_scan=1000 sleep_millisecs=1 smart_scan=0"
before=
for setting in $settings; do
	file=$ksm/${setting%=*}
	[ -e $file ] || continue
	before="$before ${setting%=*}=$(cat $file)"
	echo ${setting#*=} >$file
done
restore()
{
	echo 2 >$ksm/run	# what is merged yet is no more
	echo 0 >$ksm/run
	for setting in $before; do
		echo ${setting#*=} >$ksm/${setting%=*}
	done
}
trap restore EXIT
echo 1 >$ksm/run || fail "no KSM"
load devkvm
check "equal pages" steady kvm_merge /trivet/guests/merge.bin
unload_ours
