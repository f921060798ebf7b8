#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every allocation and user access of every call fails once, and some of what packets need.
# covers: N41
# kernels: debug
# budget: 14
# modules: veth
. /trivet/lib.sh

modprobe veth
mount -t debugfs none /sys/kernel/debug 2>/dev/null
load netchannel
trap 'remove netchannel veth' EXIT
nc_failnth
