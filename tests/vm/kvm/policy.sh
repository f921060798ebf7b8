#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The owner sees, answers and denies a guest's privileged operations, by kind,
# number, value, CPL and address space; let pass, the guest notices nothing.
# on: qemu bochs bochs-svm
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

[ $emulator = tcg ] && on=tcg || on=
load devkvm
check "rules on privileged operations" steady kvm_policy /trivet/guests/policy.bin $on
check "the top of PAE" steady kvm_pdptes /trivet/guests/pdptes.bin $vendor
check "the tool knows what rules can see" sh -c "kvmctl -j info | grep -q rules_max"
unload_ours
