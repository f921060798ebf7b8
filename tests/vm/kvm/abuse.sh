#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Unknown ioctls, pointers to nowhere, lists without room, impossible slots:
# each answer has the errno that in-tree KVM gives on the same machine. Nor is a
# feature offered that in-tree KVM would not offer there.
# covers: K1 K2 K3 K4 K5 K18 K28 K29 K30 K31
# on: qemu bochs
# modules: kvm_amd kvm_intel
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load_in_tree
kvm_abuse > /tmp/in-tree 2> /tmp/in-tree.err || cat /tmp/in-tree.err
check "what in-tree KVM offers" kvm_cpuid /tmp/features
unload_in_tree
load devkvm
check "what ours offers" kvm_cpuid /tmp/features
kvm_abuse > /tmp/ours || { diff /tmp/in-tree /tmp/ours; fail "an answer is not the documented one"; }
diff /tmp/in-tree /tmp/ours || fail "answers differ from in-tree's"
echo "ok: $(wc -l < /tmp/ours) answers, as in-tree's"
check "answers that are ours alone" kvm_abuse ours
unload_ours
rm /tmp/in-tree /tmp/in-tree.err /tmp/ours /tmp/features
