#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every allocation and user access of every call fails once, each of what packets need in
# softirqs, and those of a load of the module, of which usually one of 61 is tried.
# covers: N41
# kernels: debug
# budget: 20
# modules: veth
. /trivet/lib.sh

modprobe veth
mount -t debugfs none /sys/kernel/debug 2>/dev/null
check "the module is loaded" nc_failload /trivet/modules/netchannel.ko "$(count 61 1)"
load netchannel
trap 'remove netchannel veth' EXIT
nc_failnth
nc_failsoft
