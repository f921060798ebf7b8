#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Super-frames of a tunnel of IPv4 in IPv4, damaged datagrams in one of VXLAN. The debug kernel
# has neither.
# covers: N34 N35
# kernels: 6.1 6.12
# budget: 2
# modules: veth ipip vxlan
. /trivet/lib.sh

modprobe veth
modprobe ipip
modprobe vxlan
load netchannel
trap 'remove netchannel veth; modprobe -r ipip vxlan' EXIT
nc_offload tunnel
