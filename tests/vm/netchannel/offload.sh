#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The same bytes under every combination of a device's offloads.
# covers: N35
# kernels: 6.1 6.12
# budget: 6
# modules: veth ipip
. /trivet/lib.sh

modprobe veth
modprobe ipip
load netchannel
trap 'remove netchannel veth; modprobe -r ipip' EXIT
nc_offload
