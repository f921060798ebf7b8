#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Packets of every shape: forged, fragmented, segmented, malformed, long, a flood.
# covers: N9 N26 N27 N28 N34 N36
# budget: 8
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_packets && nc_ipv4 && nc_flood
