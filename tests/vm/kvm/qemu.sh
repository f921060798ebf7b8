#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Debian's own QEMU, its interrupt controllers in user space, boots Debian's
# own kernel to user space.
# on: qemu
# kernels: 6.1 6.12
# needs: qemu-system-x86_64
# files: /usr/share/seabios/bios-256k.bin /usr/share/qemu/linuxboot_dma.bin
# files: /usr/share/qemu/kvmvapic.bin
# images: 6.1
# budget: 60
. /trivet/lib.sh
. /trivet/lib-kvm.sh

make_initrd /tmp/initrd

# lost: has the emulator lost the guest (kvm.h, EMULATOR_FAULT)? It has no modules, the
# host's code is one.
lost()
{
	grep -q '^KVM internal error' /tmp/qemu.log && grep -q 'RIP=ffffffffc' /tmp/qemu.log
}

# run_qemu NAME OPTION...: until it ends; 75 where the guest is lost
run_qemu()
{
	local name=$1 qemu
	shift
	timeout 170 qemu-system-x86_64 -accel kvm,kernel-irqchip=off -M pc -m 128 \
		-nodefaults -no-reboot -display none -serial file:/tmp/$name "$@" \
		-kernel /trivet/vmlinuz-6.1 -initrd /tmp/initrd \
		-append "console=ttyS0 quiet tsc=reliable panic=-1 nokaslr" >/tmp/qemu.log 2>&1 &
	qemu=$!
	while kill -0 $qemu 2>/dev/null && ! lost; do
		sleep 0.5
	done
	! lost || {
		kill $qemu
		wait $qemu
		return 75
	}
	wait $qemu
}

# boot NAME OPTION...: a whole life of a guest; its console in /tmp/NAME
boot()
{
	local name=$1
	steady run_qemu "$@" ||
		fail "$name: QEMU ended with $?: $(tail -n 3 /tmp/qemu.log /tmp/$name)"
	cat /tmp/qemu.log
	check "$name is in user space" grep -q '^in user space of 6.1' /tmp/$name
}

load devkvm
boot one
unload devkvm
rm /tmp/initrd /tmp/qemu.log /tmp/one
