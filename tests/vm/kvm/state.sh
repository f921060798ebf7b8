#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# NMIs, events set by user space, machine checks and debug registers: a guest
# and who asks see the same on in-tree KVM, line by line; and the FPU.
# on: qemu bochs
# modules: kvm_amd kvm_intel
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
kvm_state >/tmp/ours || fail "ours: $(tail -n 3 /tmp/ours)"
check "what is ours alone" kvm_state ours
unload devkvm
load_in_tree
kvm_state >/tmp/theirs || fail "in-tree: $(tail -n 3 /tmp/theirs)"
unload_in_tree
check "it got to the end" grep -qx end /tmp/ours
diff /tmp/theirs /tmp/ours || fail "in-tree KVM shows something else"
echo "ok: $(wc -l </tmp/ours) lines are the same"
rm /tmp/theirs /tmp/ours
