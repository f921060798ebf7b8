#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Threads, signals and several vCPUs: counts come out exact, waits end with
# EINTR, descriptors close in any order; in-tree KVM passes the same program.
# covers: K12 K13 K15 K19
# on: qemu qemu4 bochs bochs2
# not-on: qemu4/6.1 qemu4/debug bochs/6.12 bochs2/6.1 bochs2/debug
# long-on: qemu4 bochs2 bochs-svm
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "threads" steady kvm_threads
unload_ours
