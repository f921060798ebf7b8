#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels of type RING: both ways, in batches, waiting, floods, mappings, limits.
# covers: N1 N11 N19 N26 N27 N28 N29
# budget: 6
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_ring
