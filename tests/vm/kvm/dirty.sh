#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The dirty log names exactly the pages that a guest writes, and a migration by
# it misses no write of several vCPUs; also where it is cleared by hand. With one
# vCPU in-tree KVM passes the same program.
# covers: K11
# on: qemu bochs
# modules: kvm_amd kvm_intel
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

if grep -q '\<svm\>' /proc/cpuinfo; then
	in_tree=kvm_amd options=
else
	in_tree=kvm_intel options=enable_apicv=0
fi
load devkvm
check "the dirty log" steady kvm_dirty ours
unload devkvm
modprobe $in_tree $options || fail "modprobe $in_tree"
check "the same on $in_tree" steady kvm_dirty
rmmod $in_tree && rmmod kvm || fail "rmmod $in_tree"
