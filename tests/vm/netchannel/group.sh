#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Many channels on one ring: members of a group come, receive and go.
# covers: N1 N2 N27
# budget: 4
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_group
