#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a machine and its vCPUs count is read as from in-tree KVM, by the
# same program, and by another process too; so are the machine's clock and the time
# that the host charges to the guest.
# on: qemu
# long-on: bochs
# kernels: 6.1
# long-kernels: debug
# modules: kvm_amd kvm_intel
# budget: 5
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "what is counted" steady kvm_stats ours
printf '\346\020\353\374' >/tmp/guest.bin	# out %al, $0x10; jmp to it
kvmctl run /tmp/guest.bin >/dev/null &
pid=$!
wait_for 5 sh -c "kvmctl stat $pid | grep -q 'io_exits *[1-9]'"
check "by machine and vCPU" sh -c "kvmctl -j stat $pid | tr -d ' \n' | grep -q '\"id\":\"kvm-$pid/vcpu-0\"'"
check "nobody has that number" ! kvmctl stat 999999
check "and it must be one" ! kvmctl stat init
kill -9 $pid
wait $pid 2>/dev/null
rm /tmp/guest.bin
unload devkvm
load_in_tree
check "in-tree KVM answers the same" steady kvm_stats
unload_in_tree
