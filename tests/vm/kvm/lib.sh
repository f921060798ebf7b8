# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests of devkvm, after /trivet/lib.sh.

# steady COMMAND...: again, up to three times, where the emulator has lost the guest
# (kvm.h, EMULATOR_FAULT), which is no fault of ours.
steady()
{
	local left=3 code
	while :; do
		"$@"
		code=$?
		[ $code = 75 ] && [ $left -gt 0 ] || return $code
		left=$((left - 1))
	done
}

# try_kvmctl WORDS...: what it prints, in /tmp/kvmctl.out; 75 where it ends in
# KVM_EXIT_INTERNAL_ERROR, as it does when the emulator has lost the guest.
try_kvmctl()
{
	local code
	command kvmctl "$@" >/tmp/kvmctl.out
	code=$?
	[ $emulator != tcg ] || ! grep -q '^.exit reason 17,' /tmp/kvmctl.out || return 75
	return $code
}

# steady_kvmctl WORDS...: kvmctl, again where that was so.
steady_kvmctl()
{
	local code
	steady try_kvmctl "$@"
	code=$?
	cat /tmp/kvmctl.out
	rm /tmp/kvmctl.out
	return $code
}

# unload_ours: after whatever was tried a fresh guest runs, no machine is left, and the
# module goes.
unload_ours()
{
	check "a fresh guest runs" steady_kvmctl run /trivet/guests/hello.bin
	check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
	unload devkvm
}

# into FILE COMMAND...: what it prints, in FILE.
into()
{
	local file=$1
	shift
	"$@" >$file
}

# Which emulator this is: QEMU's TCG and Bochs each do some of what no processor does.
# Both have SVM (the bed bochs-svm), so that `vendor` below does not tell.
case $TRIVET_BED in
bochs*)	emulator=bochs ;;
*)	emulator=tcg ;;
esac

# The kernel's own back end for this processor. (Posted interrupts do not work in
# Bochs.)
if grep -q '\<svm\>' /proc/cpuinfo; then
	vendor=svm in_tree=kvm_amd in_tree_options=
else
	vendor=vmx in_tree=kvm_intel in_tree_options=enable_apicv=0
fi

# load_in_tree: a test that fails before unload_in_tree unloads it too, or else
# ours would be refused in all tests after it.
load_in_tree()
{
	trap 'rmmod $in_tree kvm' EXIT
	modprobe $in_tree $in_tree_options || fail "modprobe $in_tree"
}

unload_in_tree()
{
	rmmod $in_tree kvm || fail "rmmod $in_tree"
	trap - EXIT
}

# memory_cgroup DIRECTORY: a memory cgroup, DIRECTORY/kvm, until the test ends.
memory_cgroup()
{
	mkdir $1
	mount -t cgroup2 none $1 || fail "no cgroups"
	trap "rmdir $1/kvm; umount $1; rmdir $1" EXIT
	echo +memory >$1/cgroup.subtree_control
	mkdir $1/kvm
}

# on_both PROGRAM: what it prints on ours, in /tmp/ours, and on in-tree KVM, in
# /tmp/theirs; with the word "ours" it asks ours for what in-tree has not.
on_both()
{
	load devkvm
	steady into /tmp/ours $1 || fail "ours: $(tail -n 3 /tmp/ours)"
	check "what is ours alone" steady $1 ours
	unload devkvm
	load_in_tree
	steady into /tmp/theirs $1 || fail "in-tree: $(tail -n 3 /tmp/theirs)"
	unload_in_tree
}

# transcribe SEED SEQUENCES: what the clients of tests/diff see of ours, in
# /tmp/ours, and of in-tree KVM, in /tmp/theirs.
transcribe()
{
	load devkvm
	check "ours, seed $1" steady kvm_diff run /tmp/ours /tmp/leaves $1 $2
	check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
	unload devkvm
	load_in_tree
	check "theirs, seed $1" steady kvm_diff run /tmp/theirs /tmp/leaves $1 $2
	unload_in_tree
	rm /tmp/leaves
}

# compared FLOOR: are the two transcripts the same, in at least so many records? What
# differs is in /tmp/compared.
compared()
{
	kvm_diff compare $TRIVET_KERNEL-$vendor /tmp/theirs /tmp/ours $1 >/tmp/compared
	local ret=$?
	cat /tmp/compared
	return $ret
}

# Both do the same each time, but for a chance of TCG's: it may give a guest an event twice that
# goes in as an interrupt of the host's comes; and once a guest of ours was shut down where it
# was not again, of which the reason is not known (docs/kvm.md). On SVM a difference is one that
# comes twice.
chances="^[^ ]*-svm "

# agree FLOOR SEED SEQUENCES: transcribes, and both are the same in at least FLOOR
# records.
agree()
{
	transcribe $2 $3
	compared $1 && return
	! grep "^$TRIVET_KERNEL-" /tmp/compared | grep -Ev "$chances" >/tmp/differs ||
		fail "in-tree KVM does otherwise: $(head -n 1 /tmp/differs)"
	echo "once more: does it come again?"
	mv /tmp/compared /tmp/before
	transcribe $2 $3
	compared $1 && return
	! grep -Fxf /tmp/before /tmp/compared >/tmp/twice ||
		fail "in-tree KVM does otherwise, twice: $(head -n 1 /tmp/twice)"
	echo "ok: no difference came twice"
}

# make_initrd FILE: of busybox, and an /init that says where it is and resets the machine.
make_initrd()
{
	local root=/tmp/root
	mkdir -p $root/bin $root/proc
	cp /usr/bin/busybox $root/bin
	cat >$root/init <<-'EOF'
	#!/bin/busybox sh
	/bin/busybox mount -t proc none /proc
	echo "in user space of $(/bin/busybox uname -r) with $(/bin/busybox nproc) CPUs"
	/bin/busybox grep -o -w hypervisor /proc/cpuinfo
	/bin/busybox grep -w timer /proc/interrupts
	/bin/busybox reboot -f
	EOF
	chmod 755 $root/init
	(cd $root && find . | cpio -o -H newc) >$1 2>/dev/null || fail "cpio"
	rm -r $root
}

# boot_linux KERNEL [WORDS...]: kvmctl alone boots that of Debian's, with more on its
# command line.
boot_linux()
{
	local kernel=$1
	shift
	make_initrd /tmp/initrd
	steady_kvmctl boot /trivet/vmlinuz-$kernel --initrd /tmp/initrd \
		--cmdline "quiet nokaslr $*" >/tmp/console || fail "$(tail -n 5 /tmp/console)"
	check "$kernel is in user space" grep -q "^in user space of $kernel\\." /tmp/console
	check "by timer interrupts" grep -q 'XT-PIC *timer' /tmp/console
	check "and resets the machine" grep -q 'guest ended with reset' /tmp/console
	tail -n 1 /tmp/console
	rm /tmp/initrd /tmp/console
}

# linux_begins: as far as its decompressor sets up the serial port that the command line
# names (it says nothing there).
linux_begins()
{
	local nine="/trivet/vmlinuz-6.1 --cmdline earlyprintk=serial,0x3f8 --max-exits 9"
	equal "the decompressor began" "$(steady_kvmctl boot $nine)" \
		"[protocol 12: stopped after out, 9 exits, 8 OUT, 1 IN]"
	equal "in JSON" "$(steady_kvmctl -j boot $nine | jq -c '[.abi, .ended, .exits, .out, .in]')" \
		'["12","out",9,8,1]'
}
