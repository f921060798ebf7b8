#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Registers come back as set; random garbage in the special registers is
# refused or run, never warned about, and the vCPU works afterwards.
# covers: K27 K28
# on: qemu bochs
# not-on: bochs/debug
# long-on: bochs
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "fixed seed" steady kvm_regs 1 $(count 800 20000)
seed=${SEED:-2}		# a long run has another each time
sets=1000000
[ $emulator = bochs ] || sets=100000	# after more TCG often stands still (docs/kvm.md)
check "seed $seed" steady kvm_regs $seed $(count 300 $sets)
unload_ours
