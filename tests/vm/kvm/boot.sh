#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kvmctl alone boots Debian's own kernel to user space, and until that resets the
# machine; on 6.12 usually no further than its decompressor.
# on: qemu
# kernels: 6.1 6.12
# images: 6.1
# needs: jq
# budget: 15
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
linux_begins
kernel=/trivet/vmlinuz-6.1
check "no kernel" ! kvmctl boot /trivet/guests/hello.elf64
check "no vCPUs but one" ! kvmctl boot $kernel --vcpus 2
check "not by the protocol of 2006" ! kvmctl boot $kernel --abi 2006
check "no such initrd" ! kvmctl boot $kernel --initrd /nowhere
check "too little memory" ! kvmctl boot $kernel --mem 16
# noxsave: as docs/kvm.md says of QEMU's guests.
if [ $TRIVET_KERNEL = 6.1 ] || [ -n "$LONG" ]; then
	boot_linux 6.1 noxsave
fi
unload devkvm
