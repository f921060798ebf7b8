#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels bound to a device, which is renamed, goes down, moves and goes away.
# covers: N22
# budget: 12
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_device
