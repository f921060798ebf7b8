# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests of devkvm, after /trivet/lib.sh.

# steady COMMAND...: once more where the emulator has lost the guest (kvm.h,
# EMULATOR_FAULT), which is no fault of ours.
steady()
{
	"$@"
	case $? in
	0) return 0 ;;
	75) "$@" ;;
	*) return 1 ;;
	esac
}

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

# on_both PROGRAM: what it prints on ours, in /tmp/ours, and on in-tree KVM, in
# /tmp/theirs; with the word "ours" it asks ours for what in-tree has not.
on_both()
{
	load devkvm
	$1 >/tmp/ours || fail "ours: $(tail -n 3 /tmp/ours)"
	check "what is ours alone" $1 ours
	unload devkvm
	load_in_tree
	$1 >/tmp/theirs || fail "in-tree: $(tail -n 3 /tmp/theirs)"
	unload_in_tree
}

# transcribe SEED SEQUENCES: what the clients of tests/diff see of ours, in
# /tmp/ours, and of in-tree KVM, in /tmp/theirs.
transcribe()
{
	load devkvm
	check "ours, seed $1" kvm_diff run /tmp/ours /tmp/leaves $1 $2
	check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
	unload devkvm
	load_in_tree
	check "theirs, seed $1" kvm_diff run /tmp/theirs /tmp/leaves $1 $2
	unload_in_tree
	rm /tmp/leaves
}
