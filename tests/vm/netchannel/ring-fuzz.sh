#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A hostile owner of a ring: impossible positions and descriptors, racing writes.
# covers: N9 N30 N31 N32
# budget: 8
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_ring_fuzz
nc_clamps
