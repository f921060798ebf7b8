#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# DONTNEED, fork with copy on write, mprotect, munmap, another mapping in
# place, a slot deleted, all while a guest uses the page: it sees what its
# owner sees.
# covers: K6 K7 K8
# on: qemu bochs
# budget: 5
. /trivet/lib.sh

load devkvm
check "memory" kvm_memory
unload devkvm
