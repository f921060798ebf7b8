#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kill -9 reaches a process whose guest never exits by itself, or waits for a vCPU, a page
# or a change of slots, or makes a machine; each time its machine goes with it, and the
# kernel memory that was charged for it.
# covers: K20
# on: qemu bochs
# long-on: qemu4 bochs2
# budget: 3
. /trivet/lib.sh
. /trivet/lib-kvm.sh

directory=/tmp/cgroup

# killed COUNT: in the cgroup
killed()
{
	(echo 0 >$directory/kvm/cgroup.procs && exec kvm_kill $1)
}

kernel_bytes()
{
	sed -n 's/^kernel //p' $directory/kvm/memory.stat
}

# A few pages for each CPU: what is kept for the next who are charged, and the memory
# descriptor that an idle CPU has from who ran there last. A vCPU lost each time is more.
all_is_back()
{
	[ "$(kernel_bytes)" -le $((4096 * (4 * $(nproc) + 4))) ]
}

load devkvm
memory_cgroup $directory
check "killed" steady killed $(count 18 1000)
wait_for 5 sh -c "kvmctl info | grep -q '^0 virtual machines now'"
wait_for 5 all_is_back
echo "ok: $(kernel_bytes) bytes of kernel memory are still charged"
check "a fresh guest runs" kvmctl run /trivet/guests/hello.bin
unload devkvm
