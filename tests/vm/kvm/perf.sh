#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Debian's own `perf kvm stat` and trace-cmd understand what our tracepoints tell.
# on: qemu
# long-on: bochs
# kernels: 6.1
# long-kernels: 6.12
# needs: perf trace-cmd
# budget: 15
. /trivet/lib.sh
. /trivet/lib-kvm.sh

mount -t tracefs none /sys/kernel/tracing 2>/dev/null
# The byte at 1 MiB, twice; CPUID; an OUT; HLT. (perf counts what is followed by an entry.)
printf '\270\377\377\216\330\240\020\000\240\020\000\017\242\346\020\364' >/tmp/guest.bin
load devkvm
one_cpu
cd /tmp

# reported EVENT NAME COUNT: a line of the report has so many of them.
reported()
{
	perf kvm stat report --event=$1 >/tmp/report 2>&1
	grep -q "^ *$2  *$3 " /tmp/report || { cat /tmp/report; fail "no $3 $2"; }
	echo "ok: $3 of $2"
}

perf kvm stat record kvmctl run /tmp/guest.bin --mem 1 >/tmp/said 2>&1 ||
	{ cat /tmp/said; fail "perf kvm stat record"; }
case $vendor in
svm)	cpuid=cpuid io=io ;;
vmx)	cpuid=CPUID io=IO_INSTRUCTION ;;
esac
reported vmexit $cpuid 1
reported vmexit $io 1
reported ioport 0x10:POUT 1
reported mmio 0x100000:R 2

# (On one CPU a command may end before trace-cmd's recorder has begun.)
trace-cmd record -q -e kvm sh -c 'until [ -e trace.dat.cpu0 ]; do sleep 0.1; done
	exec kvmctl run guest.bin --mem 1' >/tmp/said 2>&1 ||
	{ cat /tmp/said; fail "trace-cmd record"; }
trace-cmd report 2>/tmp/said >/tmp/report || fail "trace-cmd report"
grep -q . /tmp/report || { cat /tmp/said; ls -l /tmp; fail "it reports nothing"; }
for event in kvm_entry kvm_exit kvm_page_fault kvm_pio kvm_mmio kvm_cpuid kvm_userspace_exit; do
	grep -q " $event: " /tmp/report || { head -n 20 /tmp/report; fail "no $event"; }
	echo "ok: trace-cmd shows $event"
done
check "each of its lines" ! grep -q 'FAILED TO PARSE' /tmp/report
rm -f /tmp/perf.data.guest /tmp/trace.dat /tmp/report /tmp/said /tmp/guest.bin
all_cpus
unload devkvm
