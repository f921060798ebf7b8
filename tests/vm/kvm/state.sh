#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# NMIs, events set by user space, machine checks and debug registers: a guest
# and who asks see the same on in-tree KVM, line by line; and the FPU.
# on: qemu bochs
# modules: kvm_amd kvm_intel
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

compare()
{
	load devkvm
	kvm_state >/tmp/ours || fail "ours: $(tail -n 3 /tmp/ours)"
	check "what is ours alone" kvm_state ours
	unload devkvm
	load_in_tree
	kvm_state >/tmp/theirs || fail "in-tree: $(tail -n 3 /tmp/theirs)"
	unload_in_tree
	check "it got to the end" grep -qx end /tmp/ours
	diff /tmp/theirs /tmp/ours
}

# QEMU's VMRUN does not load the shadow of STI: if the host has an interrupt just
# then, an NMI comes one instruction early, with in-tree KVM too. What differs
# each time is no such chance.
tries=1
[ "$TRIVET_BED" != qemu ] || tries=3
until compare; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || fail "in-tree KVM shows something else"
done
echo "ok: $(wc -l </tmp/ours) lines are the same"
rm /tmp/theirs /tmp/ours
