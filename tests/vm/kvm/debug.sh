#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest debugged from outside: single steps, hardware and software
# breakpoints, a watchpoint, exceptions handed back; in-tree KVM finds the same. What
# a guest's debug registers say, no process of the host finds in its own.
# covers: K51
# on: qemu bochs bochs-svm
# not-on: bochs/6.12 bochs-svm/debug bochs/debug
# long-on: bochs
# kernels: 6.1 6.12 debug
# modules: kvm_amd kvm_intel
# budget: 5
. /trivet/lib.sh
. /trivet/lib-kvm.sh

on_both kvm_debug
diff /tmp/theirs /tmp/ours || fail "in-tree KVM finds something else"
# TCG has neither for a guest.
[ $emulator = tcg ] || check "the store and INT3 were met" \
	sh -c 'grep -q "^debug 1 at 100d, dr6 ffff0ff2" /tmp/ours && grep -q "^debug 3 at 1009" /tmp/ours'
echo "ok: $(wc -l </tmp/ours) lines are the same"
rm /tmp/theirs /tmp/ours

load devkvm
[ $emulator = tcg ] || check "a breakpoint where an NMI waits" \
	sh -c 'kvm_debug ours | grep -q "and a breakpoint in it"'
check "another's watchpoint" steady kvm_watchpoint
unload devkvm
