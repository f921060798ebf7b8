#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Guest memory is in large pages where its owner's is, split and brought
# together again as that is, and small under a dirty log.
# covers: K8
# on: qemu bochs
# not-on: bochs/debug
# long-on: qemu4 bochs2 bochs
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

# Where code in large pages can halt the machine there are none, unless that is let pass.
large=0
grep -q "^Not affected" /sys/devices/system/cpu/vulnerabilities/itlb_multihit && large=1
grep -qw mitigations=off /proc/cmdline && large=1
# The kernel's own worker makes large pages anew each 10 s: not meanwhile.
pause=/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
usual=$(cat $pause)
echo 1000000 >$pause
load devkvm
check "large pages ($large)" steady kvm_large $large
check "none is left" sh -c "kvmctl info | grep -q '^0 large pages mapped'"
unload devkvm
echo "$usual" >$pause
