#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest goes through all modes of the processor, with faults, interrupts and
# breakpoints in each, and tells what it sees: on in-tree KVM the same guest
# sees the same, line by line; so does one whose page tables are as they must not be.
# A guest whose state is read by one process and set by the next goes on as if nothing
# had been. Tasks that hardware switches begin as the manual says, which in-tree KVM
# does not keep.
# covers: K43 K44 K52
# on: qemu bochs
# not-on: bochs/debug
# long-on: bochs-svm bochs
# modules: kvm_amd kvm_intel
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

[ $emulator = tcg ] && on=tcg || on=
load devkvm
steady into /tmp/ours kvm_modes /trivet/guests/modes.bin $on || fail "ours: $(tail -n 3 /tmp/ours)"
steady into /tmp/tables kvm_tables || fail "ours: page tables"
cat /tmp/tables >>/tmp/ours
check "tasks" steady kvm_task $vendor
[ $TRIVET_KERNEL = debug ] && every=$(count 8 1) || every=$(count 2 1)
check "a guest that moves" steady kvm_move /trivet/guests/modes.bin $every $on
unload devkvm
load_in_tree
steady into /tmp/theirs kvm_modes /trivet/guests/modes.bin $on || fail "in-tree: $(tail -n 3 /tmp/theirs)"
steady into /tmp/tables kvm_tables || fail "in-tree: page tables"
cat /tmp/tables >>/tmp/theirs
rm /tmp/tables
unload_in_tree

check "it got through" grep -q '^00000030$' /tmp/ours
diff /tmp/theirs /tmp/ours || fail "the guest saw something else"
echo "ok: $(wc -l </tmp/ours) lines are the same"
