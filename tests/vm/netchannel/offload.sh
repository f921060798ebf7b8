#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The same bytes under every combination of a device's offloads.
# covers: N35
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 7
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_offload
