#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Debian's own QEMU, its interrupt controllers in user space, boots Debian's own
# kernel to user space: that of the host, with one CPU. In long runs each with one and with
# two (of which TCG loses the guest or its host, docs/kvm.md), and on in-tree KVM beside it,
# the exits of both by kind, as QEMU reads them.
# on: qemu
# kernels: 6.1 6.12
# needs: qemu-system-x86_64
# modules: kvm_amd
# files: /usr/share/seabios/bios-256k.bin /usr/share/qemu/linuxboot_dma.bin
# files: /usr/share/qemu/kvmvapic.bin /usr/share/qemu/qboot.rom
# images: 6.1 6.12
# budget: 60
. /trivet/lib.sh
. /trivet/lib-kvm.sh

make_initrd /tmp/initrd
mkfifo /tmp/ask
exec 3<>/tmp/ask

# lost: has the emulator lost the guest (kvm.h, EMULATOR_FAULT)? It has no modules, the
# host's code is one.
lost()
{
	grep -q '^KVM internal error' /tmp/qemu.log && grep -q 'RIP=ffffffffc' /tmp/qemu.log
}

# until_said WORDS: by QEMU; 75 where the guest is lost, 1 where QEMU ends or the guest
# stops for another reason.
until_said()
{
	while ! grep -q "$1" /tmp/said; do
		if grep -q '^KVM internal error' /tmp/qemu.log; then
			# its registers come after that
			wait_for 5 grep -q '^Code=' /tmp/qemu.log
			! lost || return 75
			return 1
		fi
		kill -0 $qemu 2>/dev/null || return 1
		sleep 0.5
	done
}

# whole_life: until the guest resets the machine, which stands still then, and tells what
# it has counted.
whole_life()
{
	until_said '"QMP"' || return
	echo '{ "execute": "qmp_capabilities" }' >&3
	until_said '"SHUTDOWN"' || return
	until_said '"STOP"' || return
	echo '{ "execute": "query-stats", "arguments": { "target": "vcpu" } }' >&3
	until_said '"halt_exits"' || return
	echo '{ "execute": "quit" }' >&3
}

# run_qemu GUEST CPUS: its whole life; 75 where it is lost. (Why two CPUs must neither
# begin in SeaBIOS nor halt: docs/kvm.md.)
run_qemu()
{
	local code guest=$1 words=
	set -- $2
	if [ $1 = 2 ]; then
		set -- 2 -bios /usr/share/qemu/qboot.rom
		words="idle=poll reboot=force"
	fi
	# the next one's is looked at before a shell in the background has got to emptying it
	: >/tmp/said >/tmp/qemu.log
	timeout 170 qemu-system-x86_64 -accel kvm,kernel-irqchip=off -M pc -m 160 -smp "$@" \
		-nodefaults -no-reboot -no-shutdown -display none -serial file:/tmp/console \
		-qmp stdio -kernel /trivet/vmlinuz-$guest -initrd /tmp/initrd \
		-append "console=ttyS0 quiet tsc=reliable panic=-1 nokaslr $words" \
		<&3 >/tmp/said 2>/tmp/qemu.log &
	qemu=$!
	whole_life
	code=$?
	[ $code = 0 ] || kill $qemu 2>/dev/null
	wait $qemu
	return $code
}

# boot GUEST CPUS WHO: what its CPUs have counted is in /tmp/exits.WHO then.
boot()
{
	steady run_qemu $1 $2 ||
		fail "$1 on $3: $(tail -n 3 /tmp/qemu.log /tmp/console)"
	grep -q "^in user space of $1\\..* with $2 CPUs" /tmp/console ||
		fail "$1 is not in user space with $2 CPUs on $3: $(cat /tmp/console)"
	grep '"halt_exits"' /tmp/said | tr '{}' '\n\n' |
		sed -n -e 's/.*"name": "\([a-z0-9_]*\)".*"value": \([0-9]*\).*/\1 \2/p' \
			-e 's/.*"value": \([0-9]*\).*"name": "\([a-z0-9_]*\)".*/\2 \1/p' |
		awk '{ sum[$1] += $2 } END { for (name in sum) print name, sum[name] }' |
		sort >/tmp/exits.$3
	check "it has counted" grep -q '^io_exits [1-9]' /tmp/exits.$3
}

# compare_exits GUEST CPUS: of the kinds that both count, by the same names.
compare_exits()
{
	local name ours theirs
	echo "exits of a boot of $1 with $2 CPUs: ours, in-tree's"
	while read -r name ours; do
		theirs=$(sed -n "s/^$name //p" /tmp/exits.in-tree)
		[ -z "$theirs" ] || printf '    %-20s %8u %8u\n' $name $ours $theirs
	done </tmp/exits.ours
}

# both GUEST CPUS: on ours, then on in-tree KVM
both()
{
	load devkvm
	boot $1 $2 ours
	unload devkvm
	load_in_tree
	boot $1 $2 in-tree
	unload_in_tree
	compare_exits $1 $2
}

if [ -n "$LONG" ]; then
	for guest in 6.1 6.12; do
		both $guest 1
		both $guest 2
	done
else
	load devkvm
	boot $TRIVET_KERNEL 1 ours
	unload devkvm
fi
exec 3>&-
rm -f /tmp/initrd /tmp/ask /tmp/said /tmp/qemu.log /tmp/console /tmp/exits.*
