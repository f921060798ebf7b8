#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Super-frames of a tunnel of IPv4 in IPv4, which the debug kernel has not.
# covers: N35
# kernels: 6.1 6.12
# budget: 2
# modules: veth ipip
. /trivet/lib.sh

modprobe veth
modprobe ipip
load netchannel
trap 'remove netchannel veth; modprobe -r ipip' EXIT
nc_offload tunnel
