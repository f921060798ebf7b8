#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels whose local address is any of the host's, over IPv4 and IPv6.
# covers: N1 N3 N4
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_any
