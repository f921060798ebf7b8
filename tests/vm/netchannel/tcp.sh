#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Segments of TCP over channels, with the kernel's own TCP as the peer.
# covers: N1 N3 N4 N5 N9 N14 N20 N27 N34
# budget: 12
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_tcp
