#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An ioctl that is none, an OUT to user space, a CPUID in the kernel: in-tree
# KVM loaded, measured, removed, then ours, in turn.
# on: time bochs
# kernels: 6.1 6.12
# target: out kvm-amd 0.67
# target: out kvm-intel 0.80
# target: cpuid kvm-amd 0.25
# target: cpuid kvm-intel 0.60
# repeat: 3
# cmdline: default
# cmdline: mitigations=off
# modules: kvm_amd kvm_intel
# budget: 40
. /trivet/lib.sh

if grep -q '\<svm\>' /proc/cpuinfo; then
	in_tree=kvm_amd options=
	peer=kvm-amd
else
	in_tree=kvm_intel options=enable_apicv=0
	peer=kvm-intel
fi
grep -H . /sys/devices/system/cpu/vulnerabilities/* | sed 's|.*/||' | grep -v 'Not affected'
for round in 1 2; do
	modprobe $in_tree $options || fail "modprobe $in_tree"
	kvm_bench $peer /tmp/table || fail "$peer"
	rmmod $in_tree kvm
	load devkvm
	kvm_bench ours /tmp/table || fail "ours"
	unload devkvm
done
rm /tmp/table
