#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Datagrams for many: groups, those of sources, how they are sent; broadcasts.
# covers: N1 N2
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 4
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_multicast
