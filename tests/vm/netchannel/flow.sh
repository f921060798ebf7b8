#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Datagrams between channels and kernel sockets, over veth and lo; the kernel
# is silent for the claimed flow, and speaks again after close.
# covers: N1 N14
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 4
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_flow
