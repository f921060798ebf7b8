#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The memory that the kernel keeps for emergencies is not for packets that lie in queues.
# covers: N26
# budget: 2
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
load netchannel_reserve
trap 'remove netchannel_reserve netchannel veth' EXIT
nc_reserve
