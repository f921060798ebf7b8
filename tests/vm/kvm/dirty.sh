#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The dirty log names exactly the pages that a guest writes, and a migration by
# it misses no write of several vCPUs; also where it is cleared by hand, comes while they
# write, or goes with its slot. With one vCPU in-tree KVM passes the same program.
# covers: K11 K22
# on: qemu bochs bochs2
# not-on: bochs/6.12 bochs2/6.1 bochs2/debug bochs/debug
# long-on: qemu4 bochs2 bochs
# modules: kvm_amd kvm_intel
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "the dirty log" steady kvm_dirty ours
unload_ours
load_in_tree
check "the same on $in_tree" steady kvm_dirty
unload_in_tree
