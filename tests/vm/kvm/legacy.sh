#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The protocol of 2006 in full: exits as the header of that time has them,
# memory from the kernel, each refusal with its errno, API 12 beside it.
# budget: 2
# covers: K34
# on: qemu bochs bochs-svm
# not-on: bochs-svm/debug bochs/debug
# long-on: bochs
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "the protocol of 2006" steady kvm_legacy $emulator
unload_ours
