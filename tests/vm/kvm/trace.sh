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
events="kvm_entry kvm_exit kvm_page_fault kvm_pio kvm_mmio kvm_cpuid kvm_msr kvm_cr kvm_inj_virq
	kvm_inj_exception kvm_userspace_exit"

# The fields of an event, without where they are.
fields()
{
	sed -n 's/.*field:\([^;]*\);.*/\1/p' $tracing/events/kvm/$1/format | sed 's/.* //'
}

# traced COMMAND...: what it does, in /tmp/trace; whether it succeeds does not matter.
traced()
{
	echo >$tracing/trace
	echo 1 >$tracing/events/kvm/enable
	steady "$@" >/tmp/said
	echo 0 >$tracing/events/kvm/enable
	cp $tracing/trace /tmp/trace
	echo >$tracing/trace
}

# tells WHAT PATTERN
tells()
{
	check "$1" grep -q "$2" /tmp/trace
}

one_cpu
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
# By both protocols: letters, and HLT.
for abi in 12 2006; do
	traced kvmctl run /trivet/guests/hello.bin --abi $abi
	tells "entries ($abi)" 'kvm_entry: vcpu 0, rip 0x1000'
	tells "exits ($abi)" "kvm_exit: vcpu 0 reason $vendor"
	tells "nested faults ($abi)" 'kvm_page_fault: vcpu 0 rip 0x1000 address 0x000000000000[0-9a-f]*'
	letters=$(grep -c 'kvm_pio: pio_write at 0x3f8 size 1 count 1' /tmp/trace)
	check "each OUT of hello ($abi)" [ "$letters" = 22 ]
	[ "$(grep -c kvm_entry: /tmp/trace)" -ge "$letters" ] || fail "entries are missing"
	exits=$(grep -c 'kvm_userspace_exit: reason 2, errno 0' /tmp/trace)
	check "each exit to user space ($abi)" [ "$exits" = 22 ]
	tells "the last one ($abi)" 'kvm_userspace_exit: reason 5, errno 0'
done
# mov $0xffff, %ax; mov %ax, %ds; mov 0x10, %al; mov %al, 0x11; hlt: from 1 MiB
printf '\270\377\377\216\330\240\020\000\242\021\000\364' >/tmp/mmio.bin
for abi in 12 2006; do
	traced kvmctl run /tmp/mmio.bin --mem 1 --abi $abi
	tells "reads of a device ($abi)" 'kvm_mmio: mmio read len 1 gpa 0x100000 val 0xff$'
	tells "writes to a device ($abi)" 'kvm_mmio: mmio write len 1 gpa 0x100001 val 0xff$'
done

[ $emulator = tcg ] && on=tcg || on=
traced kvm_modes /trivet/guests/modes.bin $on
tells "writes of control registers" 'kvm_cr: cr_write 4 = 0x[0-9a-f]*$'
tells "reads of MSRs" 'kvm_msr: msr_read c0000080 = 0x[0-9a-f]*$'
tells "writes of MSRs" 'kvm_msr: msr_write c0000080 = 0x[0-9a-f]*$'
tells "interrupts" 'kvm_inj_virq: IRQ 0x21$'
tells "exceptions" 'kvm_inj_exception: vector [0-9]'

printf '\017\242\364' >/tmp/cpuid.bin	# cpuid; hlt
traced kvmctl run /tmp/cpuid.bin
tells "CPUID" 'kvm_cpuid: func 0 idx 0 rax [0-9a-f]* .*, cpuid entry found$'

# The kernel reads the guest's counters, on processors that no bed has, by a pointer of ours.
if [ $vendor = vmx ]; then
	echo 'p:counters perf_guest_get_msrs at=%si:x64' >>$tracing/kprobe_events ||
		fail "no probe"
	echo 1 >$tracing/events/kprobes/counters/enable
	kvmctl run /tmp/cpuid.bin
	echo 0 >$tracing/events/kprobes/counters/enable
	cp $tracing/trace /tmp/trace
	echo '-:counters' >>$tracing/kprobe_events
	tells "perf's MSRs are asked for, with the guest's counters" 'counters: .* at=0xf'
	check "never without" ! grep -q 'counters: .* at=0x0$' /tmp/trace
fi
all_cpus
unload devkvm
rm -f /tmp/trace /tmp/said /tmp/cpuid.bin /tmp/mmio.bin /tmp/ours.* /tmp/theirs.*
