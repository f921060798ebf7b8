#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The clients of tests/diff on in-tree KVM and on ours: every ioctl, every exit
# and what is left of the guest are the same, but for what tests/diff/*.txt list.
# covers: K28 K30 K32 K37 K39 K43 K49 K50 K52
# on: qemu
# kernels: 6.1 6.12
# modules: kvm_amd
# budget: 12
. /trivet/lib.sh
. /trivet/lib-kvm.sh

floor=10500

# compare TRANSCRIPT [LIST]: with in-tree KVM's
compare()
{
	kvm_diff compare $TRIVET_KERNEL-svm /tmp/theirs /tmp/$1 $floor $2
}

# The same while the host is interrupted as often as it can be.
if [ -n "$LONG" ]; then
	kvm_ticks 30 &
	agree $floor ${SEED:-1} 10
	kill $!
fi
agree $floor ${SEED:-1} $(count 10 1000)

# Would it be seen?
sed 's/^\(regs-values\/all\.2 .*\) rip=/\1 rip=1/' /tmp/ours >/tmp/changed
check "a value that is not the same" ! compare changed
grep -v '^regs-values/all\.2 ' /tmp/ours >/tmp/changed
check "a record that is missing" ! compare changed
echo '* regs-values/all.2 rip 1 2 it is not so' >/tmp/list
check "a listed difference that is none" ! compare ours /tmp/list
rm /tmp/ours /tmp/theirs /tmp/changed /tmp/list
