#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# DONTNEED, fork with copy on write, mprotect, munmap, another mapping in
# place, a slot deleted, all while a guest uses the page: it sees what its
# owner sees. Files, memfds, huge pages and /dev/zero are memory too, a page of the
# kernel's is not. And the owner's kernel learns which pages it uses.
# covers: K6 K7 K8 K9
# on: qemu bochs
# long-on: qemu4 bochs2 bochs-svm
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
echo 2 >/proc/sys/vm/nr_hugepages
check "memory" steady kvm_memory $vendor
rounds=$(count 5 500)
[ $emulator = tcg ] || rounds=$(count 3 100)
check "while it runs" steady kvm_disturb $rounds
echo 0 >/proc/sys/vm/nr_hugepages
load trivet_young
check "use" steady kvm_young
unload trivet_young
unload_ours
