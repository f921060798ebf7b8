#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels that listen: every sender gets its own, with all its packets.
# covers: N1 N27
# budget: 4
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_listen
