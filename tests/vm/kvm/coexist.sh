#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Ours and in-tree KVM refuse each other, whichever comes first, and each
# works again when the other is gone. Not on Bochs with the debug kernel, which
# takes half a minute for in-tree KVM's modules: it refuses there as on QEMU.
# covers: K24
# on: qemu bochs
# kernels: 6.1 debug
# not-on: bochs/debug
# modules: kvm_amd kvm_intel
# budget: 8
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load_in_tree
check "ours is refused after in-tree" sh -c \
	"insmod /trivet/modules/devkvm.ko 2>&1 | grep -q 'Device or resource busy'"
check "the reason is in the log" sh -c 'dmesg | grep -q "devkvm: .*\(taken\|another hypervisor\)"'
check "the node is still in-tree's" sh -c "kvmctl info | grep -q 'in-tree kvm'"
check "in-tree still runs a guest" kvmctl run /trivet/guests/hello.bin
unload_in_tree

load devkvm
for m in kvm kvm_intel kvm_amd; do
	check "$m is refused after ours" sh -c "modprobe $m 2>&1 | grep -q 'resource busy'"
	check "$m is not loaded" ! grep -q "^$m " /proc/modules
done
check "the reason is in the log" sh -c 'dmesg | grep -q "devkvm: kvm refused: devkvm is loaded"'
check "the node is still ours" sh -c "kvmctl info | grep -q 'module devkvm'"
check "ours still runs a guest" kvmctl run /trivet/guests/hello.bin
unload devkvm

load_in_tree
check "in-tree runs a guest again" kvmctl run /trivet/guests/hello.bin
unload_in_tree
