#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An ioctl that is none, an OUT and a read of a device to user space, a CPUID in
# the kernel, registers read: in-tree KVM loaded, measured, removed, then ours, in
# turn.
# on: time bochs
# kernels: 6.1 6.12
# target: out kvm-amd 0.67
# target: out kvm-intel 0.80
# target: cpuid kvm-amd 0.25
# target: cpuid kvm-intel 0.60
# target: mmio-read kvm-amd 0.80
# target: mmio-read kvm-intel 0.80
# target: get-regs kvm-amd 0.95
# target: get-regs kvm-intel 0.95
# repeat: 3
# cmdline: default
# cmdline: mitigations=off
# modules: kvm_amd kvm_intel
# budget: 40
. /trivet/lib.sh
. /trivet/lib-kvm.sh

peer=kvm-${in_tree#kvm_}
grep -H . /sys/devices/system/cpu/vulnerabilities/* | sed 's|.*/||' | grep -v 'Not affected'
[ -n "$PROFILE" ] && rounds=1 || rounds="1 2"
for round in $rounds; do
	load_in_tree
	symbols
	kvm_bench $peer /tmp/table || fail "$peer"
	unload_in_tree
	load devkvm
	symbols
	kvm_bench ours /tmp/table || fail "ours"
	unload devkvm
done
rm /tmp/table
