#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Guest memory that is swapped out, or thrown away by its owner, while two vCPUs write to
# it: they see what their owner sees.
# covers: K8
# on: qemu bochs
# kernels: 6.1 6.12
# modules: brd
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "pages that are thrown away" steady kvm_reclaim balloon

modprobe brd rd_nr=1 rd_size=4096 || fail "modprobe brd"
mkswap /dev/ram0 >/dev/null && swapon /dev/ram0 || fail "swapon"
trap 'swapoff /dev/ram0; rmmod brd' EXIT
check "pages that are swapped out" steady kvm_reclaim swap
swapoff /dev/ram0
rmmod brd
trap - EXIT
unload_ours
