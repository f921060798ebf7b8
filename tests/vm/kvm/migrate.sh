#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Thousands of exits of a guest with vector registers in use, while its thread
# moves between CPUs: neither side finds the other's registers in its own, and time
# only goes on. Nor do two guests that take turns, each with XMM registers and protection
# keys, or an XCR0 and wide registers, of its own. A thread with segments of an LDT, a
# breakpoint and protection keys keeps them, and so does one that is stepped.
# covers: K14 K31 K53 K54
# on: qemu bochs bochs2 bochs-svm
# not-on: bochs/6.12 bochs2/6.1 bochs2/debug bochs-svm/debug bochs/debug
# long-on: qemu4 bochs2 bochs
# budget: 6
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "canaries" steady kvm_migrate $(count 2000 200000)
check "the host" steady kvm_host $emulator $(count 500 10000)
check "two machines" steady kvm_turns /trivet/guests/turns.bin $(count 200 20000)
# (In the guests of QEMU 7.2 AVX is undefined.)
[ $emulator = tcg ] ||
	check "extended state" kvm_xsave /trivet/guests/xsave.bin $(count 200 20000)
unload devkvm
