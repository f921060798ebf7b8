#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Random calls on the node, machines and vCPUs by four processes: nothing warns,
# nothing is left, and a guest runs afterwards.
# covers: K36
# on: qemu bochs
# kernels: 6.12 debug
# long-kernels: 6.1
# budget: 5
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "fixed seed" steady kvm_random 1 $(count 300 50000)
seed=${SEED:-2}		# a long run has another each time
seconds=
[ -z "$LONG" ] || [ -n "$COUNT" ] || seconds=1800
check "seed $seed" steady kvm_random $seed $(count 200 50000) $seconds
check "a guest runs" sh -c "kvmctl run /trivet/guests/hello.bin | grep -q '^Hello from real mode'"
check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
unload devkvm
