#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# NMIs, events set by user space, machine checks and debug registers: a guest
# and who asks see the same on in-tree KVM, line by line; and the FPU.
# on: qemu bochs
# kernels: 6.1 6.12
# long-kernels: debug
# long-on: bochs-svm
# modules: kvm_amd kvm_intel
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

without_shadows()
{
	sed '/ after a shadow$/,/^debug registers/d' $1 >$1.rest
}

# 1: only what follows a shadow is not the same.
compare()
{
	on_both kvm_state
	check "it got to the end" grep -qx end /tmp/ours
	[ $emulator-$vendor != bochs-svm ] || late_there
	diff /tmp/theirs /tmp/ours && return 0
	without_shadows /tmp/theirs
	without_shadows /tmp/ours
	diff /tmp/theirs.rest /tmp/ours.rest || fail "in-tree KVM shows something else"
	return 1
}

# late_there: an NMI that waits for IRET, or for what is in a shadow, comes right after it,
# as on the other beds with in-tree KVM too. On SVM of Bochs that has it at some later exit
# (docs/kvm.md, "The test beds' own faults"): it is seen in ours alone there.
late_there()
{
	local waits='/^NMIs during/,/^an exception$/ p; /^an NMI after a/,/^exit/ p' who
	equal "NMIs that wait" "$(sed -n -e "$waits" /tmp/ours | sed -n 's/.*back to/to/p' | tr '\n' ' ')" \
		"to 1004 to 1004 to 1004 to 1004 to 1005 "
	for who in theirs ours; do
		sed -i -e '/^NMIs during/,/^an exception$/d' -e '/^an NMI after a/,/^debug registers/d' \
			-e '/^and it runs$/,/^10 says 1$/d' /tmp/$who
	done
}

# QEMU's VMRUN does not load the shadow of STI: if the host has an interrupt just
# then, an NMI comes one instruction early, with in-tree KVM too. What differs
# each time is no such chance.
tries=1
[ "$TRIVET_BED" != qemu ] || tries=3
until compare; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || fail "after a shadow in-tree KVM does something else"
done
echo "ok: $(wc -l </tmp/ours) lines are the same"
rm -f /tmp/theirs /tmp/ours /tmp/theirs.rest /tmp/ours.rest
