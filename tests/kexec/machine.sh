#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Another kernel takes the place of this one while guests run (tests/kexec/run). In it
# devkvm must load, which it does only where VMX or SVM is off, and run a guest.
# budget: 120
. /trivet/lib.sh

next=/tmp/next
mkdir -p $next
# Its initrd is of this one's files, as few as it needs: after a crash there is little room.
(cd / && find bin sbin lib lib64 usr etc trivet \
	! -path 'trivet/[a-z]*/*' ! -name 'vmlinuz-*' -o -name kvmctl -o -name hello.bin -o -name devkvm.ko |
	cpio -o -H newc) >/tmp/initrd 2>/dev/null
cat >$next/init <<'EOF'
#!/bin/busybox sh
. /trivet/lib.sh
mkdir -p /proc /sys /dev /tmp
mount -t proc none /proc
mount -t devtmpfs none /dev
echo "the next kernel"
# By the kernel, which prints a line in one go: the reset may be in the middle of ours.
insmod /trivet/modules/devkvm.ko && kvmctl run /trivet/guests/hello.bin &&
	echo "<1>the next kernel runs a guest" >/dev/kmsg
echo b >/proc/sysrq-trigger
sleep 10
EOF
chmod 755 $next/init
(cd $next && echo init | cpio -o -H newc) >>/tmp/initrd 2>/dev/null
load devkvm
sync
# One CPU: after a crash the others are as they were left; and with more, QEMU's TCG may go on
# with the breakpoint of a static key's patch, which a kernel that boots has many of.
kvm_kexec /trivet/vmlinuz-$TRIVET_KERNEL /tmp/initrd \
	"console=ttyS0 rdinit=/init maxcpus=1 nowatchdog tsc=reliable panic=-1" $HOW
fail "the old kernel is still there"
