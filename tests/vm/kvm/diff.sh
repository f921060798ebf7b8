#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The clients of tests/diff on in-tree KVM and on ours: every ioctl, every exit
# and what is left of the guest are the same, but for what tests/diff/*.txt list.
# covers: K30 K32 K37 K39 K43 K49 K50
# on: qemu
# kernels: 6.1 6.12
# modules: kvm_amd
# budget: 12
. /trivet/lib.sh

where=$TRIVET_KERNEL-svm
seed=${SEED:-1}
sequences=$(count 10 1000)
floor=8000

run()
{
	check "$1, seed $seed" kvm_diff run /tmp/$1 /tmp/leaves $seed $sequences
}

compare()
{
	kvm_diff compare $where /tmp/theirs /tmp/$1 $floor $2
}

load devkvm
run ours
check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
unload devkvm
modprobe kvm_amd || fail "modprobe kvm_amd"
run theirs
rmmod kvm_amd && rmmod kvm || fail "rmmod kvm_amd"

compare ours || fail "in-tree KVM does otherwise"

# Would it be seen?
sed 's/^\(regs-values\/all\.2 .*\) rip=/\1 rip=1/' /tmp/ours >/tmp/changed
check "a value that is not the same" ! compare changed
grep -v '^regs-values/all\.2 ' /tmp/ours >/tmp/changed
check "a record that is missing" ! compare changed
echo '* regs-values/all.2 rip 1 2 it is not so' >/tmp/list
check "a listed difference that is none" ! compare ours /tmp/list
rm /tmp/ours /tmp/theirs /tmp/leaves /tmp/changed /tmp/list
