#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kill -9 reaches a process whose guest never exits by itself; each time its
# machine goes with it.
# covers: K20
# on: qemu bochs
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "killed" steady kvm_kill $(count 20 200)
wait_for 5 sh -c "kvmctl info | grep -q '^0 virtual machines now'"
check "a fresh guest runs" kvmctl run /trivet/guests/hello.bin
unload devkvm
