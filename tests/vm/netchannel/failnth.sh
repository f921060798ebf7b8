#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every allocation and user access of every call fails once.
# covers: N41
# kernels: debug
# budget: 8
# modules: veth
. /trivet/lib.sh

modprobe veth
mount -t debugfs none /sys/kernel/debug 2>/dev/null
for what in failslab fail_page_alloc fail_usercopy; do
	dir=/sys/kernel/debug/$what
	[ -d $dir ] || fail "the kernel has no $what"
	echo 0 >$dir/verbose
	[ ! -e $dir/ignore-gfp-wait ] || echo N >$dir/ignore-gfp-wait
	[ ! -e $dir/min-order ] || echo 0 >$dir/min-order
done
load netchannel
trap 'remove netchannel veth' EXIT
nc_failnth
