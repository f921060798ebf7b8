#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In a guest VMX, SVM and RSM are undefined, in every mode; a triple fault ends in
# a shutdown from which the owner can start it anew; whatever MSR it writes, the
# host's are as before.
# covers: K37 K40 K49 K50
# on: qemu bochs
# not-on: bochs/debug
# long-on: bochs
# kernels: 6.12 debug
# modules: msr
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
modprobe msr || fail "modprobe msr"
check "what a guest has not" steady kvm_forbidden
check "MSRs" steady kvm_msrs /trivet/guests/msrs.bin $([ -n "$LONG" ] && echo 1 || echo 13)
remove msr
unload_ours
