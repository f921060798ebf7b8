#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# devkvm: Debian's own QEMU boots Debian's own kernel on it.
# on: qemu
# kernels: 6.12
# needs: qemu-system-x86_64
# files: /usr/share/seabios/bios-256k.bin /usr/share/qemu/linuxboot_dma.bin
# files: /usr/share/qemu/kvmvapic.bin
# images: 6.1
# budget: 60
. /trivet/lib.sh

root=/tmp/root
mkdir -p $root/bin $root/proc
cp /usr/bin/busybox $root/bin
cat >$root/init <<'EOF'
#!/bin/busybox sh
/bin/busybox mount -t proc none /proc
/bin/busybox uname -a
echo "init is the shell of busybox, on $(/bin/busybox nproc) CPU, up for $(/bin/busybox cut -d' ' -f1 /proc/uptime) s"
/bin/busybox reboot -f
EOF
chmod 755 $root/init
(cd $root && find . | cpio -o -H newc) >/tmp/initrd 2>/dev/null || fail "cpio"
trap 'rm -rf $root /tmp/initrd /tmp/console /tmp/warnings' EXIT

load devkvm
start=$(cut -d. -f1 /proc/uptime)
echo "$(qemu-system-x86_64 --version | head -n 1),"
echo "unchanged, with Debian's kernel 6.1 as its guest:"
echo "    qemu-system-x86_64 -accel kvm,kernel-irqchip=off -kernel vmlinuz ..."
echo
timeout 170 qemu-system-x86_64 -accel kvm,kernel-irqchip=off -M pc -m 128 \
	-nodefaults -no-reboot -display none -serial file:/tmp/console \
	-kernel /trivet/vmlinuz-6.1 -initrd /tmp/initrd \
	-append "console=ttyS0 quiet tsc=reliable panic=-1 nokaslr" 2>/tmp/warnings ||
	fail "QEMU ended with $?: $(cat /tmp/warnings)"
echo "The guest's console:"
tr -d '\r' </tmp/console | grep -E '^(Linux|init is)' | sed 's/^/    /' || fail "no user space"
echo
echo "The guest's whole life took $(($(cut -d. -f1 /proc/uptime) - start)) s, emulated."
unload devkvm
