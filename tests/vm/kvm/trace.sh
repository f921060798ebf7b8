#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The tracepoints tell what a guest did, by the names and fields of in-tree KVM.
# on: qemu bochs
# kernels: 6.1 6.12
# budget: 5
# modules: kvm_amd kvm_intel
. /trivet/lib.sh
. /trivet/lib-kvm.sh

mount -t tracefs none /sys/kernel/tracing 2>/dev/null
tracing=/sys/kernel/tracing
events="kvm_entry kvm_exit kvm_page_fault kvm_pio kvm_mmio"

# The fields of an event, without where they are.
fields()
{
	sed -n 's/.*field:\([^;]*\);.*/\1/p' $tracing/events/kvm/$1/format | sed 's/.* //'
}

load_in_tree
for event in $events; do
	fields $event >/tmp/theirs.$event
done
unload_in_tree
load devkvm
for event in $events; do
	fields $event >/tmp/ours.$event
	# In-tree has more where it knows more.
	while read -r field; do
		grep -qx -- "$field" /tmp/theirs.$event || fail "$event: $field is not in-tree's"
	done </tmp/ours.$event
done
echo 1 >$tracing/events/kvm/enable
echo >$tracing/trace
kvmctl run /trivet/guests/hello.bin >/tmp/hello
echo 0 >$tracing/events/kvm/enable
cp $tracing/trace /tmp/trace
echo >$tracing/trace
check "entries" grep -q 'kvm_entry: vcpu 0, rip 0x1000' /tmp/trace
check "exits" grep -q "kvm_exit: vcpu 0 reason $vendor" /tmp/trace
check "nested faults" grep -q 'kvm_page_fault: vcpu 0 rip 0x1000 address 0x000000000000[0-9a-f]*' /tmp/trace
letters=$(grep -c 'kvm_pio: pio_write at 0x3f8 size 1 count 1' /tmp/trace)
check "each OUT of hello" [ "$letters" = 22 ]
[ "$(grep -c kvm_entry: /tmp/trace)" -ge "$letters" ] || fail "entries are missing"
unload devkvm
rm -f /tmp/trace /tmp/hello /tmp/ours.* /tmp/theirs.*
