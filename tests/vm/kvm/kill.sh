#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kill -9 reaches a process whose guest never exits by itself, or waits for a vCPU, a page
# or a change of slots, or makes a machine; each time its machine goes with it.
# covers: K20
# on: qemu bochs
# long-on: qemu4 bochs2
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "killed" steady kvm_kill $(count 18 1000)
wait_for 5 sh -c "kvmctl info | grep -q '^0 virtual machines now'"
check "a fresh guest runs" kvmctl run /trivet/guests/hello.bin
unload devkvm
