#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every allocation and user access of every call fails once.
# kernels: debug
# budget: 12
. /trivet/lib.sh
. /trivet/lib-kvm.sh

mount -t debugfs none /sys/kernel/debug 2>/dev/null
load devkvm
check "every site" steady kvm_failnth
check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
unload devkvm
