#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Debian's own QEMU, its interrupt controllers in user space, boots Debian's own
# kernels to user space: each on its like, 6.12 with two vCPUs; in a long run both
# on both, with one and with two.
# on: qemu
# kernels: 6.1 6.12
# needs: qemu-system-x86_64
# files: /usr/share/seabios/bios-256k.bin /usr/share/qemu/linuxboot_dma.bin
# files: /usr/share/qemu/kvmvapic.bin
# images: 6.1 6.12
# budget: 60
. /trivet/lib.sh
. /trivet/lib-kvm.sh

make_initrd /tmp/initrd

# boot GUEST VCPUS: a whole life of a guest
boot()
{
	local name="$1 with $2 CPUs" console=/tmp/console
	timeout 340 qemu-system-x86_64 -accel kvm,kernel-irqchip=off -M pc -m 128 \
		-nodefaults -no-reboot -display none -serial file:$console -smp $2 \
		-kernel /trivet/vmlinuz-$1 -initrd /tmp/initrd \
		-append "console=ttyS0 quiet tsc=reliable panic=-1 nokaslr" >/tmp/qemu.log 2>&1 ||
		fail "$name: QEMU ended with $?: $(tail -n 3 /tmp/qemu.log $console)"
	cat /tmp/qemu.log
	check "$name is in user space" grep -q "^in user space of $1.* with $2 CPUs" $console
	rm $console
}

load devkvm
if [ -n "$LONG" ]; then
	for guest in 6.1 6.12; do
		boot $guest 1
		boot $guest 2
	done
elif [ $TRIVET_KERNEL = 6.1 ]; then
	boot 6.1 1
else
	boot 6.12 2
fi
unload devkvm
rm /tmp/initrd /tmp/qemu.log
