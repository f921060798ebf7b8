#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Many packets by one call, empty queues by another, and the call of 2006.
# covers: N10
# budget: 3
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_calls
