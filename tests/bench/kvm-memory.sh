#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Making machines and vCPUs and their memory, a guest's first writes to its pages, a round of a dirty
# log: in-tree KVM loaded, measured, removed, then ours, in turn.
# on: time bochs
# kernels: 6.1 6.12
# target: create-vcpu kvm-amd 0.5
# target: create-vcpu kvm-intel 0.5
# target: create-vm kvm-amd 0.8
# target: create-vm kvm-intel 0.8
# target: first-touch kvm-amd 1.0
# target: first-touch kvm-intel 1.0
# target: dirty-log kvm-amd 1.0
# target: dirty-log kvm-intel 1.0
# repeat: 3
# gate: no
# cmdline: default
# cmdline: mitigations=off
# modules: kvm_amd kvm_intel
# budget: 40
. /trivet/lib.sh
. /trivet/lib-kvm.sh

cgroup=/sys/fs/cgroup/bench
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir $cgroup
[ -n "$PROFILE" ] && rounds=1 || rounds="1 2"
for round in $rounds; do
	load_in_tree
	symbols
	kvm_memory_bench kvm-${in_tree#kvm_} $cgroup || fail "$in_tree"
	unload_in_tree
	load devkvm
	symbols
	kvm_memory_bench ours $cgroup || fail "ours"
	unload devkvm
done
rmdir $cgroup
