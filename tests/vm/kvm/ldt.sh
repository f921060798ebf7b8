#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An LDT that another thread changes while the guest runs is the one that the
# thread has after the run.
# covers: K14
# on: qemu
# long-on: qemu4 bochs2
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "LDT" steady kvm_ldt
unload devkvm
