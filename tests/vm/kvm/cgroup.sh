#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What machines cost is charged to their owners' memory cgroup; at its limit they
# are refused or killed, and nothing of theirs is left.
# covers: K6 K20 K21
# on: qemu bochs
# not-on: bochs/debug
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

directory=/tmp/cgroup
memory_cgroup $directory
load devkvm
check "charged and limited" steady kvm_cgroup $directory/kvm
wait_for 3 sh -c "kvmctl info | grep -q '^0 virtual machines now'"
unload_ours
