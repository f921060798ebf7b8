#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A CPU goes and comes while guests run, the host has NMIs, is suspended and resumes:
# the guests go on, and new ones run on each CPU.
# covers: K23 K26
# on: qemu bochs2
# not-on: bochs2/6.1 bochs2/debug
# long-on: qemu4 bochs2
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

delay=/sys/module/suspend/parameters/pm_test_delay
load devkvm
echo 0 >$delay
check "guests" steady kvm_cpus $(count 3 50)
echo 5 >$delay
unload_ours
