#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every allocation and user access of every call fails once; on Bochs usually only where
# VMX has some of its own.
# covers: K21
# on: qemu bochs
# kernels: debug
# budget: 8
. /trivet/lib.sh
. /trivet/lib-kvm.sh

mount -t debugfs none /sys/kernel/debug 2>/dev/null
load devkvm
if [ $vendor = vmx ] && [ -z "$LONG" ]; then
	check "sites of VMX" kvm_failnth vendor
else
	check "every site" steady kvm_failnth
fi
unload_ours
